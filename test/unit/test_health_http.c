/* Checks of a web server and of a TCP port, and what 500 of them cost. */
#include "test/unit/health_process.h"
#include "test/unit/suite.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#define COST_MAX 100.0
#else
#define COST_MAX 10.0 /* per cent of a core: five_hundred */
#endif

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

/* 500 http checks each second: what they cost, and that every one is answered well. The cost is that of the work that
 * was done: on a machine whose processors others use it is the same, only later; the server, too, then answers late, so
 * the timeout is long. */
START_TEST(five_hundred)
{
	const unsigned seconds = 4;
	unsigned results = 0;
	double used, limit = COST_MAX;

	start_server();
	for (unsigned i = 0; i < CHECKS; i++) {
		struct config_check *check = add(CONFIG_CHECK_HTTP, URL "/");

		check->interval = HA_SEC;
		check->timeout = 30 * HA_SEC;
	}
	start();
	while (results < CHECKS) /* the connections are made */
		results += next_report().type == HEALTH_REPORT_RESULT;
	ha_time began = ha_now();
	unsigned long before = cpu_time();
	for (results = 0; results < CHECKS * seconds;) {
		struct health_report report = next_report();

		if (report.type != HEALTH_REPORT_RESULT)
			continue;
		results++;
		ck_assert_msg(report.result == HEALTH_OK, "result %u of check %u: %s after %llu ms", results,
			report.index, report.detail, (unsigned long long)((report.answered - report.asked) / HA_MS));
	}
	used = 100.0 * (double)(cpu_time() - before) / (double)sysconf(_SC_CLK_TCK) / seconds;
	fprintf(stderr, "500 http checks at 1 s: %.1f %% of a core, %u results in %.1f s\n", used, results,
		(double)(ha_now() - began) / HA_SEC);
	ck_assert_msg(used < limit, "%.1f %% of a core", used);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("health: http");
	TCase *tc = suite_case(suite, "health: http");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, health_setup, health_teardown);
	tcase_add_test(tc, http);
	tcase_add_test(tc, http_keep_alive);
	tcase_add_test(tc, http_no_keep_alive);
	tcase_add_test(tc, http_restarted);
	tcase_add_test(tc, http_source);
	tcase_add_test(tc, tcp);
	if (netns_try("command -v openssl >/dev/null") == 0)
		tcase_add_test(tc, http_tls);
	else
		fputs("skipped: http_tls: there is no openssl(1)\n", stderr);
	tcase_add_test(tc, five_hundred);
	return netns_main(suite);
}
