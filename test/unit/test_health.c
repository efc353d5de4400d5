/* The health process with real servers, scripts, mounts and links, in a network namespace of its own. */
#include "health/report.h"
#include "health/worker.h"
#include "lib/log.h"
#include "lib/worker.h"
#include "test/unit/netns.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define CHECKS 500
#define PORT   8080
#ifdef __SANITIZE_ADDRESS__
#define COST_MAX 100.0
#else
#define COST_MAX 10.0 /* per cent of a core: five_hundred */
#endif

static struct config config;
static struct config_check checks[CHECKS];
static pid_t worker, server;
static int fd = -1;
static uint32_t token;
static char folder[64];

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

static int
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

static void
start_server(void)
{
	int listener = listen_on(PORT);

	server = fork();
	if (server == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)signal(SIGCHLD, SIG_IGN);
		(void)close(fd);
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

static struct config_check *
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

static void
send_order(const struct health_order *order)
{
	uint8_t buffer[HEALTH_ORDER_BYTES];
	size_t length = health_order_encode(order, buffer);

	ck_assert_int_eq(send(fd, buffer, length, MSG_NOSIGNAL), (ssize_t)length);
}

static struct health_report
next_report(void)
{
	uint8_t buffer[HEALTH_REPORT_BYTES];
	struct health_report report;

	ck_assert(netns_wait(fd));
	ssize_t n = recv(fd, buffer, sizeof(buffer), 0);
	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(health_report_decode(buffer, (size_t)n, &report), 0);
	return report;
}

static void
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
	fd = ends[0];
	struct health_report hello = next_report();
	ck_assert_int_eq(hello.type, HEALTH_REPORT_HELLO);
	ck_assert_uint_eq(hello.count, config.check_count);
	ck_assert_mem_eq(hello.digest, config.digest, sizeof(hello.digest));
}

static void
order_probe(uint32_t number, unsigned index)
{
	struct health_order order = { .type = HEALTH_ORDER_PROBE, .token = number };

	health_set_add(&order.wanted, index);
	send_order(&order);
}

/* One probe, ordered; results by schedule are not looked at. */
static struct health_report
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

static void
expect(unsigned index, enum health_result result, const char *detail)
{
	struct health_report report = probe(index);

	ck_assert_msg(report.result == result && strstr(report.detail, detail),
		"check %u: %s \"%s\", expected %s \"%s\"", index, health_result_name(report.result), report.detail,
		health_result_name(result), detail);
}

static void
end_worker(void)
{
	int status;

	(void)close(fd);
	fd = -1;
	ck_assert_int_eq(waitpid(worker, &status, 0), worker);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	worker = 0;
}

static void
setup(void)
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

static void
teardown(void)
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

#define URL "http://127.0.0.1:8080"

/* --- http, tcp --- */

START_TEST(http)
{
	struct config_check *check;

	start_server();
	add(CONFIG_CHECK_HTTP, URL "/");
	add(CONFIG_CHECK_HTTP, URL "/503");
	check = add(CONFIG_CHECK_HTTP, URL "/204");
	check->status_high = 299;
	check = add(CONFIG_CHECK_HTTP, URL "/");
	strcpy(check->host, "www.example.org");
	strcpy(check->body, "host www.example.org number");
	check = add(CONFIG_CHECK_HTTP, URL "/");
	strcpy(check->body, "no such text");
	check = add(CONFIG_CHECK_HTTP, URL "/");
	strcpy(check->body_regex, "^<p>method GET .* number [0-9]+</p>$");
	check = add(CONFIG_CHECK_HTTP, URL "/");
	strcpy(check->body_regex, "number [a-z]");
	add(CONFIG_CHECK_HTTP, URL "/big");
	check = add(CONFIG_CHECK_HTTP, URL "/big");
	check->max_body_bytes = 100000;
	check = add(CONFIG_CHECK_HTTP, URL "/");
	strcpy(check->method, "OPTIONS");
	strcpy(check->body, "method OPTIONS");
	check = add(CONFIG_CHECK_HTTP, URL "/");
	strcpy(check->method, "HEAD");
	add(CONFIG_CHECK_HTTP, "http://127.0.0.1:1/");
	add(CONFIG_CHECK_HTTP, URL "/garbage");
	check = add(CONFIG_CHECK_HTTP, URL "/slow");
	check->timeout = 300 * HA_MS;
	start();
	expect(0, HEALTH_OK, "status 200");
	expect(1, HEALTH_FAILED, "status 503, expected 200");
	expect(2, HEALTH_OK, "status 204");
	expect(3, HEALTH_OK, "status 200");
	expect(4, HEALTH_FAILED, "no \"no such text\"");
	expect(5, HEALTH_OK, "status 200");
	expect(6, HEALTH_FAILED, "do not match");
	expect(7, HEALTH_FAILED, "longer than 65536");
	expect(8, HEALTH_OK, "status 200");
	expect(9, HEALTH_OK, "status 200");
	expect(10, HEALTH_OK, "status 200");
	expect(11, HEALTH_FAILED, "");
	expect(12, HEALTH_FAILED, "");
	expect(13, HEALTH_TIMEOUT, "no answer within 0.3 s");
}
END_TEST

START_TEST(http_keep_alive)
{
	struct config_check *check;

	start_server();
	check = add(CONFIG_CHECK_HTTP, URL "/");
	strcpy(check->body, "number 1<");
	start();
	(void)next_report(); /* by schedule: the first on its connection */
	expect(0, HEALTH_FAILED, "no \"number 1<\"");
}
END_TEST

START_TEST(http_no_keep_alive)
{
	struct config_check *check;

	start_server();
	check = add(CONFIG_CHECK_HTTP, URL "/");
	check->keep_alive = false;
	strcpy(check->body, "number 1<");
	start();
	for (unsigned i = 0; i < 3; i++)
		expect(0, HEALTH_OK, "status 200");
}
END_TEST

/* A server that comes back answers again: neither an old connection nor an old error sticks. */
START_TEST(http_restarted)
{
	start_server();
	add(CONFIG_CHECK_HTTP, URL "/");
	start();
	expect(0, HEALTH_OK, "status 200");
	(void)kill(server, SIGKILL);
	(void)waitpid(server, NULL, 0);
	server = 0;
	for (unsigned i = 0; i < 500 && probe(0).result == HEALTH_OK; i++)
		(void)usleep(10000);
	expect(0, HEALTH_FAILED, "");
	start_server();
	expect(0, HEALTH_OK, "status 200");
}
END_TEST

START_TEST(http_source)
{
	struct config_check *check;

	start_server();
	check = add(CONFIG_CHECK_HTTP, URL "/");
	check->source = netns_address("127.0.0.9");
	check = add(CONFIG_CHECK_HTTP, URL "/");
	check->source = netns_address("192.0.2.1");
	start();
	expect(0, HEALTH_OK, "status 200");
	expect(1, HEALTH_FAILED, "");
}
END_TEST

/* TLS as configured: an unknown certificate is refused, its own authority accepts it, and so does tls_verify = false.
 */
START_TEST(http_tls)
{
	struct config_check *check;
	char url[] = "https://127.0.0.1:8443/";

	netns_run("cd %s && openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -days 2 -subj /CN=ha "
		  "-addext subjectAltName=IP:127.0.0.1 2>/dev/null",
		folder);
	server = fork();
	if (server == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)!chdir(folder);
		(void)!freopen("/dev/null", "w", stdout);
		(void)!freopen("/dev/null", "w", stderr);
		execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:8443", "-key", "key", "-cert", "cert",
			"-www", NULL);
		_exit(1);
	}
	netns_run("for i in $(seq 200); do ss -Hltn sport = :8443 | grep -q . && exit 0; sleep 0.05; done; exit 1");
	add(CONFIG_CHECK_HTTP, url);
	check = add(CONFIG_CHECK_HTTP, url);
	check->tls_verify = false;
	check->max_body_bytes = 1000000;
	check = add(CONFIG_CHECK_HTTP, url);
	snprintf(check->tls_ca, sizeof(check->tls_ca), "%s/cert", folder);
	start();
	expect(0, HEALTH_FAILED, "certificate");
	expect(1, HEALTH_OK, "status 200");
	expect(2, HEALTH_OK, "status 200");
}
END_TEST

START_TEST(tcp)
{
	struct config_check *check;
	int listener = listen_on(9000);

	check = add(CONFIG_CHECK_TCP, "");
	check->address = netns_address("127.0.0.1");
	check->port = 9000;
	check = add(CONFIG_CHECK_TCP, "");
	check->address = netns_address("127.0.0.1");
	check->port = 9001;
	check = add(CONFIG_CHECK_TCP, ""); /* a host that is not there: ARP takes longer than this */
	check->address = netns_address("10.0.0.77");
	check->port = 9000;
	check->timeout = 200 * HA_MS;
	start();
	expect(0, HEALTH_OK, "127.0.0.1 port 9000 accepts");
	expect(1, HEALTH_FAILED, "refused");
	expect(2, HEALTH_TIMEOUT, "no answer within 0.2 s");
	(void)close(listener);
}
END_TEST

/* --- link, ping, file --- */

START_TEST(carrier)
{
	add(CONFIG_CHECK_LINK, "a0");
	add(CONFIG_CHECK_LINK, "nosuch0");
	start();
	expect(0, HEALTH_OK, "a0 has a carrier");
	expect(1, HEALTH_FAILED, "nosuch0: No such device");
	netns_enter(netns_b);
	netns_run("ip link set b0 down");
	netns_enter(netns_a);
	/* The kernel gathers such news for up to a second. */
	for (unsigned i = 0; i < 500 && probe(0).result == HEALTH_OK; i++)
		(void)usleep(10000);
	expect(0, HEALTH_FAILED, "a0 has no carrier");
	netns_run("ip link set a0 down");
	expect(0, HEALTH_FAILED, "a0 is down");
}
END_TEST

/* All but the opening of the socket happens without a capability. */
static void
ping_both(bool arp)
{
	struct config_check *check;

	check = add(CONFIG_CHECK_PING, "");
	check->address = netns_address("10.0.0.2");
	check->arp = arp;
	check = add(CONFIG_CHECK_PING, "");
	check->address = netns_address("10.0.0.77");
	check->timeout = 300 * HA_MS;
	check->arp = arp;
	check = add(CONFIG_CHECK_PING, "");
	check->address = netns_address("203.0.113.1");
	check->arp = arp;
	start();
	for (unsigned i = 0; i < 3; i++) {
		expect(0, HEALTH_OK, arp ? "10.0.0.2 answers by ARP" : "10.0.0.2 answers");
		expect(1, HEALTH_TIMEOUT, "no answer within 0.3 s");
		expect(2, HEALTH_FAILED, "Network is unreachable");
	}
}

START_TEST(ping_raw)
{
	ping_both(false);
}
END_TEST

START_TEST(ping_unprivileged)
{
	netns_run("echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range");
	ping_both(false);
}
END_TEST

START_TEST(ping_arp)
{
	ping_both(true);
}
END_TEST

START_TEST(ping_ipv6)
{
	struct config_check *check = add(CONFIG_CHECK_PING, "");

	netns_ipv6();
	check->address = netns_address("fd00::2");
	check = add(CONFIG_CHECK_PING, "");
	check->address = netns_address("fd00::2");
	check->arp = true;
	start();
	expect(0, HEALTH_OK, "fd00::2 answers");
	expect(1, HEALTH_FAILED, "fd00::2");
}
END_TEST

START_TEST(files)
{
	struct config_check *check;
	char path[128];

	snprintf(path, sizeof(path), "%s/maintenance", folder);
	add(CONFIG_CHECK_FILE, path);
	check = add(CONFIG_CHECK_FILE, path);
	check->must_exist = false;
	start();
	expect(0, HEALTH_FAILED, "does not exist");
	expect(1, HEALTH_OK, "does not exist");
	netns_run("touch %s", path);
	expect(0, HEALTH_OK, "exists");
	expect(1, HEALTH_FAILED, "exists");
}
END_TEST

START_TEST(imm_is_not_ours)
{
	add(CONFIG_CHECK_IMM, "");
	start();
	expect(0, HEALTH_UNKNOWN, "fence process");
}
END_TEST

/* --- scripts --- */

static void
script(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_gt(fprintf(file, "#!/bin/sh\n%s\n", text), 0);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, 0755), 0);
}

static struct config_check *
add_script(const char *name, const char *arguments)
{
	char command[CONFIG_TEXT_MAX];

	snprintf(command, sizeof(command), "%s/%s%s", folder, name, arguments);
	return add(CONFIG_CHECK_SCRIPT, command);
}

START_TEST(scripts)
{
	script("good", "echo 12 threads; exit 0");
	script("bad", "echo no answer >&2; exit 3");
	script("arguments", "[ $# = 2 ] && [ \"$1\" = -w ] && [ \"$2\" = 5 ]");
	script("killed", "kill -SEGV $$");
	script("who", "echo $(id -un) $(grep CapEff /proc/self/status | tr -d '\\t') $(ls /proc/self/fd | wc -l)");
	script("chatter", "yes | head -c 1000000; exit 0");
	add_script("good", "");
	add_script("bad", "");
	add_script("arguments", " -w 5");
	add_script("killed", "");
	add_script("who", "");
	add_script("chatter", "");
	add_script("nosuch", "");
	start();
	expect(0, HEALTH_OK, "status 0: 12 threads");
	expect(1, HEALTH_FAILED, "status 3: no answer");
	expect(2, HEALTH_OK, "status 0");
	expect(3, HEALTH_FAILED, "signal 11");
	/* S11: no privilege, and nothing open but 0, 1, 2 and what ls itself opens. */
	expect(4, HEALTH_OK, "nobody CapEff:0000000000000000 4");
	expect(5, HEALTH_OK, "status 0: y");
	expect(6, HEALTH_FAILED, "could not be run");
}
END_TEST

/* Its whole group ends at the deadline, so nothing of it holds on. */
START_TEST(script_overdue)
{
	struct config_check *check;
	char pids[128];

	script("hang", "trap '' TERM; sleep 1000 & echo $!; wait; sleep 1000");
	check = add_script("hang", "");
	check->timeout = 500 * HA_MS;
	start();
	struct health_report report = probe(0);
	ck_assert_int_eq(report.result, HEALTH_TIMEOUT);
	ck_assert_uint_lt(report.answered - report.asked, 5 * HA_SEC);
	for (unsigned i = 0; i < 2; i++) { /* again and again, never two at once */
		report = probe(0);
		ck_assert_int_eq(report.result, HEALTH_TIMEOUT);
	}
	snprintf(pids, sizeof(pids), "! pgrep -f '^/bin/sh %s/hang' >/dev/null", folder);
	for (unsigned i = 0; i < 500 && netns_try("%s", pids) != 0; i++)
		(void)usleep(10000);
	netns_run("%s", pids);
}
END_TEST

/* --- storage --- */

static struct config_check *
add_mount(const char *fstype)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/mnt", folder);
	struct config_check *check = add(CONFIG_CHECK_NFS, path);
	strcpy(check->fstype, fstype);
	return check;
}

#define MOUNT_IMAGE "mkdir mnt && truncate -s 16M image && mkfs.ext4 -q image && mount -o loop image mnt"

static void
mount_image(void)
{
	netns_run("cd %s && " MOUNT_IMAGE " && chmod 777 mnt", folder);
}

START_TEST(storage_mounts)
{
	struct config_check *check;

	netns_run("mkdir %s/mnt", folder);
	add_mount("tmpfs");
	add_mount("");
	check = add_mount("tmpfs");
	strcpy(check->mount_source, "ha share");
	check = add_mount("tmpfs");
	strcpy(check->mount_source, "10.10.10.13:/srv");
	check = add_mount("tmpfs");
	check->write = true;
	strcat(check->target, "/");
	start();
	expect(0, HEALTH_FAILED, "nothing is mounted at");
	netns_run("mount -t tmpfs -o mode=777 'ha share' %s/mnt", folder);
	expect(0, HEALTH_OK, "/mnt read");
	expect(1, HEALTH_FAILED, "of type tmpfs, not nfs or nfs4");
	expect(2, HEALTH_OK, "/mnt read");
	expect(3, HEALTH_FAILED, "is mounted from ha share");
	expect(4, HEALTH_OK, "read and written");
	netns_run("test -s %s/mnt/.ha-fenced-check-NodeA", folder);
	netns_run("mount -o remount,ro %s/mnt", folder);
	expect(4, HEALTH_FAILED, "write: Read-only file system");
	netns_run("umount %s/mnt", folder);
	expect(0, HEALTH_FAILED, "nothing is mounted at");
}
END_TEST

/* A child in unkillable sleep: failed at its deadline, no second one, no wait; other checks go on; when the storage is
 * back, so is the check. */
START_TEST(storage_hangs)
{
	struct config_check *check;
	struct health_report report;

	mount_image();
	check = add_mount("ext4");
	check->write = true;
	check->timeout = 400 * HA_MS;
	add(CONFIG_CHECK_LINK, "a0");
	start();
	expect(0, HEALTH_OK, "read and written");
	netns_run("fsfreeze -f %s/mnt", folder);
	expect(0, HEALTH_TIMEOUT, "no answer within 0.4 s");
	report = probe(0);
	ck_assert_int_eq(report.result, HEALTH_TIMEOUT);
	ck_assert_ptr_nonnull(strstr(report.detail, "an earlier probe is still in the kernel"));
	ck_assert_uint_lt(report.answered - report.asked, 200 * HA_MS);
	ck_assert_int_eq(netns_try("[ $(pgrep -c -P %d) = 1 ]", (int)worker), 0);
	expect(1, HEALTH_OK, "a0 has a carrier");
	netns_run("fsfreeze -u %s/mnt", folder);
	for (unsigned i = 0; i < 1000 && probe(0).result != HEALTH_OK; i++)
		(void)usleep(10000);
	expect(0, HEALTH_OK, "read and written");
}
END_TEST

/* The process ends although its child cannot. */
START_TEST(storage_hangs_at_the_end)
{
	struct config_check *check;

	mount_image();
	check = add_mount("ext4");
	check->write = true;
	check->timeout = 200 * HA_MS;
	start();
	netns_run("fsfreeze -f %s/mnt", folder);
	expect(0, HEALTH_TIMEOUT, "");
	ha_time before = ha_now();
	end_worker();
	ck_assert_uint_lt(ha_now() - before, 5 * HA_SEC);
	netns_run("fsfreeze -u %s/mnt", folder);
}
END_TEST

/* --- units --- */

START_TEST(units)
{
	add(CONFIG_CHECK_UNIT, "-.mount");
	add(CONFIG_CHECK_UNIT, "no-such-unit.service");
	start();
	expect(0, HEALTH_OK, "-.mount is active");
	expect(1, HEALTH_FAILED, "is inactive");
}
END_TEST

START_TEST(units_without_systemd)
{
	add(CONFIG_CHECK_UNIT, "tomcat.service");
	start();
	for (unsigned i = 0; i < 3; i++)
		expect(0, HEALTH_UNKNOWN, "systemd");
}
END_TEST

/* --- schedule --- */

START_TEST(interval)
{
	ha_time first = 0;

	add(CONFIG_CHECK_LINK, "a0");
	checks[0].interval = 100 * HA_MS;
	start();
	for (unsigned i = 0; i < 21; i++) {
		struct health_report report = next_report();

		ck_assert_uint_eq(report.token, 0);
		if (i == 1)
			first = report.asked;
	}
	/* Twenty intervals later; lateness does not add up. */
	ha_time passed = next_report().asked - first;
	ck_assert_msg(passed >= 1950 * HA_MS && passed < 4 * HA_SEC, "20 intervals of 0.1 s took %llu us",
		(unsigned long long)passed);
}
END_TEST

START_TEST(on_the_master_only)
{
	struct health_report report;

	add(CONFIG_CHECK_LINK, "a0");
	add(CONFIG_CHECK_LINK, "a1");
	checks[0].when_master = true;
	checks[0].interval = checks[1].interval = 100 * HA_MS;
	start();
	for (unsigned i = 0; i < 5; i++)
		ck_assert_uint_eq(next_report().index, 1);
	send_order(&(struct health_order){ .type = HEALTH_ORDER_MODE, .master = true });
	do
		report = next_report();
	while (report.index == 1);
	expect(0, HEALTH_OK, "a0");
	send_order(&(struct health_order){ .type = HEALTH_ORDER_MODE, .master = false });
	/* An order runs it on a backup, too: ha-fence test. */
	expect(0, HEALTH_OK, "a0");
	for (unsigned i = 0; i < 5; i++)
		ck_assert_uint_eq(next_report().index, 1);
}
END_TEST

START_TEST(alive)
{
	add(CONFIG_CHECK_FILE, "/");
	start();
	ck_assert_uint_eq(next_report().type, HEALTH_REPORT_RESULT);
	send_order(&(struct health_order){ .type = HEALTH_ORDER_HELLO });
	ck_assert_uint_eq(next_report().type, HEALTH_REPORT_HELLO);
	/* Nonsense is no reason to end. */
	ck_assert_int_eq(send(fd, "nonsense", 8, MSG_NOSIGNAL), 8);
	expect(0, HEALTH_OK, "exists");
	order_probe(5, 1); /* there is none */
	expect(0, HEALTH_OK, "exists");
	end_worker();
}
END_TEST

/* An order that comes while a run by schedule ends at its deadline is answered by a run of its own. */
START_TEST(script_overdue_and_ordered)
{
	char command[160], flag[96];
	struct config_check *check;

	snprintf(flag, sizeof(flag), "%s/flag", folder);
	snprintf(command, sizeof(command), "[ -e %s ] && exit 0; exec sleep 100", flag);
	script("late", command);
	check = add_script("late", "");
	check->timeout = HA_SEC;
	start();
	usleep(500000); /* by schedule it has begun by now, and hangs */
	FILE *file = fopen(flag, "we");
	ck_assert_ptr_nonnull(file);
	(void)fclose(file);
	expect(0, HEALTH_OK, "");
	end_worker();
}
END_TEST

/* A daemon that does not read for a while finds every answer afterwards. */
START_TEST(unread)
{
	bool answered[CHECKS] = { false };
	unsigned missing = CHECKS, reports = 0;
	struct health_order order = { .type = HEALTH_ORDER_PROBE };

	for (unsigned i = 0; i < CHECKS; i++) {
		add(CONFIG_CHECK_LINK, "lo");
		health_set_add(&order.wanted, i);
	}
	start();
	for (order.token = 1; order.token <= 3; order.token++) {
		send_order(&order);
		usleep(100000);
	}
	order.token--;
	while (missing > 0) {
		struct health_report report = next_report();

		ck_assert_msg(reports++ < 4 * CHECKS, "%u of %d are not answered", missing, CHECKS);
		if (report.type != HEALTH_REPORT_RESULT || report.token != order.token)
			continue;
		ck_assert(!answered[report.index]);
		answered[report.index] = true;
		missing--;
	}
	send_order(&(struct health_order){ .type = HEALTH_ORDER_HELLO });
	while (next_report().type != HEALTH_REPORT_HELLO)
		;
	end_worker();
}
END_TEST

/* Of the health process, in ticks. */
static unsigned long
cpu_time(void)
{
	unsigned long user = 0, system_time = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)worker);
	FILE *file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	int n = fscanf(file, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system_time);
	(void)fclose(file);
	ck_assert_int_eq(n, 2);
	return user + system_time;
}

/* 500 http checks each second: what they cost, and that not one comes late. */
START_TEST(five_hundred)
{
	unsigned results = 0, bad = 0;
	const unsigned seconds = 4;
	double used, limit = COST_MAX;

	start_server();
	for (unsigned i = 0; i < CHECKS; i++)
		add(CONFIG_CHECK_HTTP, URL "/")->interval = HA_SEC;
	start();
	while (results < CHECKS) /* the connections are made */
		results += next_report().type == HEALTH_REPORT_RESULT;
	results = 0;
	ha_time until = ha_now() + seconds * HA_SEC;
	unsigned long before = cpu_time();
	while (ha_now() < until) {
		struct health_report report = next_report();

		results++;
		bad += report.result != HEALTH_OK;
	}
	used = 100.0 * (double)(cpu_time() - before) / (double)sysconf(_SC_CLK_TCK) / seconds;
	fprintf(stderr, "500 http checks at 1 s: %.1f %% of a core, %u results, %u bad\n", used, results, bad);
	ck_assert_uint_eq(bad, 0);
	ck_assert_uint_ge(results, CHECKS * seconds * 9 / 10);
	ck_assert_msg(used < limit, "%.1f %% of a core", used);
}
END_TEST

static void
skipped(const char *what, const char *why)
{
	fprintf(stderr, "skipped: %s: %s\n", what, why);
}

static bool
can_mount(void)
{
	return netns_try("d=$(mktemp -d) && cd $d && { " MOUNT_IMAGE
			 "; } >/dev/null 2>&1; r=$?; umount $d/mnt 2>/dev/null; "
			 "cd /; rm -rf $d; exit $r") == 0;
}

static void
add_what_can_run(TCase *tc)
{
	if (netns_try("command -v openssl >/dev/null") == 0)
		tcase_add_test(tc, http_tls);
	else
		skipped("http_tls", "there is no openssl(1)");
	if (can_mount()) {
		tcase_add_test(tc, storage_hangs);
		tcase_add_test(tc, storage_hangs_at_the_end);
	} else {
		skipped("storage_hangs", "no ext4 image can be mounted here");
	}
	if (access("/run/systemd/system", F_OK) == 0) {
		tcase_add_test(tc, units);
	} else {
		tcase_add_test(tc, units_without_systemd);
		skipped("units", "systemd does not run this machine");
	}
}

int
main(void)
{
	Suite *suite = suite_create("health");
	TCase *tc = tcase_create("checks");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, http);
	tcase_add_test(tc, http_keep_alive);
	tcase_add_test(tc, http_no_keep_alive);
	tcase_add_test(tc, http_restarted);
	tcase_add_test(tc, http_source);
	tcase_add_test(tc, tcp);
	tcase_add_test(tc, carrier);
	tcase_add_test(tc, ping_raw);
	tcase_add_test(tc, ping_unprivileged);
	tcase_add_test(tc, ping_arp);
	netns_add_ipv6_test(tc, ping_ipv6);
	tcase_add_test(tc, files);
	tcase_add_test(tc, imm_is_not_ours);
	tcase_add_test(tc, scripts);
	tcase_add_test(tc, script_overdue);
	tcase_add_test(tc, script_overdue_and_ordered);
	tcase_add_test(tc, unread);
	tcase_add_test(tc, storage_mounts);
	tcase_add_test(tc, interval);
	tcase_add_test(tc, on_the_master_only);
	tcase_add_test(tc, alive);
	tcase_add_test(tc, five_hundred);
	add_what_can_run(tc);
	suite_add_tcase(suite, tc);
	return netns_main(suite);
}
