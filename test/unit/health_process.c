#include "test/unit/health_process.h"

#include "health/worker.h"
#include "lib/log.h"
#include "lib/worker.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct config_check checks[CHECKS];
pid_t worker, server;
int health_fd = -1;
char folder[64];
static struct config config;
static uint32_t token;

/* --- a web server: what it answers is in the path --- */

static void
say(int connection, const char *status, const char *body, size_t length, bool close_it)
{
	dprintf(connection, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n", status, length,
		close_it ? "Connection: close\r\n" : "");
	for (size_t sent = 0; sent < length;) {
		ssize_t n = write(connection, body + sent, length - sent);

		if (n <= 0)
			return;
		sent += (size_t)n;
	}
}

static bool
serve_one(int connection, const char *request, unsigned number)
{
	static char big[100000];
	char text[256], path[64] = "", method[16] = "";
	const char *host = strcasestr(request, "\r\nHost: ");

	(void)sscanf(request, "%15s %63s", method, path);
	memset(big, 'x', sizeof(big));
	if (strcmp(path, "/slow") == 0)
		return pause() == 0;
	if (strcmp(path, "/503") == 0)
		say(connection, "503 Busy", "no", 2, false);
	else if (strcmp(path, "/204") == 0)
		say(connection, "204 Nothing", "", 0, false);
	else if (strcmp(path, "/big") == 0)
		say(connection, "200 OK", big, sizeof(big), false);
	else if (strcmp(path, "/garbage") == 0)
		return write(connection, "\x16\x03\x01\x02", 4) < 0;
	else {
		snprintf(text, sizeof(text), "<p>method %s host %.*s number %u</p>", method,
			host ? (int)strcspn(host + 8, "\r\n") : 0, host ? host + 8 : "", number);
		say(connection, "200 OK", text, strcmp(method, "HEAD") == 0 ? 0 : strlen(text), false);
	}
	return true;
}

static _Noreturn void
serve(int connection)
{
	char request[4096];
	size_t length = 0;

	for (unsigned number = 1;;) {
		ssize_t n = read(connection, request + length, sizeof(request) - 1 - length);

		if (n <= 0)
			_exit(0);
		length += (size_t)n;
		request[length] = '\0';
		if (!strstr(request, "\r\n\r\n"))
			continue;
		length = 0;
		if (!serve_one(connection, request, number++))
			_exit(0);
	}
}

int
listen_on(uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	ck_assert_int_ge(listener, 0);
	(void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(listener, 600), 0);
	return listener;
}

void
start_server(void)
{
	int listener = listen_on(PORT);

	server = fork();
	if (server == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)signal(SIGCHLD, SIG_IGN);
		(void)close(health_fd);
		for (;;) {
			int connection = accept(listener, NULL, NULL);

			if (connection < 0)
				continue;
			if (fork() == 0) {
				(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
				(void)close(listener);
				serve(connection);
			}
			(void)close(connection);
		}
	}
	(void)close(listener);
}

/* --- the health process --- */

struct config_check *
add(enum config_check_type type, const char *target)
{
	struct config_check *check = &checks[config.check_count++];

	*check = (struct config_check){ .type = type,
		.interval = 3600 * HA_SEC,
		.timeout = 5 * HA_SEC,
		.rise = 1,
		.fall = 1,
		.status_low = 200,
		.status_high = 200,
		.method = "GET",
		.tls_verify = true,
		.keep_alive = true,
		.max_body_bytes = 65536,
		.must_exist = true };
	snprintf(check->name, sizeof(check->name), "check%u", config.check_count);
	snprintf(check->target, sizeof(check->target), "%s", target);
	return check;
}

void
send_order(const struct health_order *order)
{
	uint8_t buffer[HEALTH_ORDER_BYTES];
	size_t length = health_order_encode(order, buffer);

	ck_assert_int_eq(send(health_fd, buffer, length, MSG_NOSIGNAL), (ssize_t)length);
}

struct health_report
next_report(void)
{
	uint8_t buffer[HEALTH_REPORT_BYTES];
	struct health_report report;

	ck_assert(netns_wait(health_fd));
	ssize_t n = recv(health_fd, buffer, sizeof(buffer), 0);
	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(health_report_decode(buffer, (size_t)n, &report), 0);
	return report;
}

void
start(void)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	worker = fork();
	if (worker == 0) {
		struct health_worker *opened;

		(void)close(ends[0]);
		ha_log_open("health", false);
		int r = ha_worker_harden();
		if (r == 0)
			r = health_worker_open(ends[1], &config, &opened);
		if (r == 0)
			r = ha_worker_drop_capabilities();
		if (r == 0)
			r = health_worker_run(opened);
		if (r == 0)
			health_worker_close(opened);
		_exit(r == 0 ? 0 : 1);
	}
	(void)close(ends[1]);
	health_fd = ends[0];
	struct health_report hello = next_report();
	ck_assert_int_eq(hello.type, HEALTH_REPORT_HELLO);
	ck_assert_uint_eq(hello.count, config.check_count);
	ck_assert_mem_eq(hello.digest, config.digest, sizeof(hello.digest));
}

void
order_probe(uint32_t number, unsigned index)
{
	struct health_order order = { .type = HEALTH_ORDER_PROBE, .token = number };

	health_set_add(&order.wanted, index);
	send_order(&order);
}

struct health_report
probe(unsigned index)
{
	ha_time now = ha_now();

	token++;
	order_probe(token, index);
	for (;;) {
		struct health_report report = next_report();

		if (report.token != token)
			continue;
		ck_assert_uint_eq(report.index, index);
		ck_assert_uint_ge(report.asked, now); /* S9: not one that was asked before */
		return report;
	}
}

void
expect(unsigned index, enum health_result result, const char *detail)
{
	struct health_report report = probe(index);

	ck_assert_msg(report.result == result && strstr(report.detail, detail),
		"check %u: %s \"%s\", expected %s \"%s\"", index, health_result_name(report.result), report.detail,
		health_result_name(result), detail);
}

void
end_worker(void)
{
	int status;

	(void)close(health_fd);
	health_fd = -1;
	ck_assert_int_eq(waitpid(worker, &status, 0), worker);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	worker = 0;
}

void
health_setup(void)
{
	netns_setup();
	strcpy(folder, "/tmp/ha-health.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chmod(folder, 0755), 0);
	memset(&config, 0, sizeof(config));
	memset(checks, 0, sizeof(checks));
	strcpy(config.nodes[0].name, "NodeA");
	strcpy(config.notify.script_user, "nobody");
	memset(config.digest, 0xa5, sizeof(config.digest));
	config.checks = checks;
}

void
health_teardown(void)
{
	if (worker > 0)
		end_worker();
	if (server > 0) {
		(void)kill(server, SIGKILL);
		(void)waitpid(server, NULL, 0);
	}
	server = 0;
	/* What hung in it may need a moment to end. */
	netns_run(
		"for i in $(seq 500); do mountpoint -q %s/mnt || break; umount %s/mnt 2>/dev/null || sleep 0.02; done; "
		"rm -rf %s",
		folder, folder, folder);
}
