/* The helper processes as the daemon sees them, with the real programs: one that hangs, one that must not be blamed,
 * one that cannot be watched, and more orders and reports at once than a socket holds. */
#include "daemon/health.h"
#include "daemon/process.h"
#include "daemon/workers.h"
#include "health/report.h"
#include "test/unit/suite.h"

#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHECKS 512

static char folder[32], path[64];
static sd_event *event;
static unsigned starts, ends, packets, planned_ends, planned_starts;
static bool unwatchable; /* the next child cannot be watched */

/* libsystemd's, unless a test wants it to fail once: nothing a test can do to the kernel makes just this call fail. */
int
sd_event_add_child(
	sd_event *on, sd_event_source **ret, pid_t pid, int options, sd_event_child_handler_t handler, void *userdata)
{
	static int (*real)(sd_event *, sd_event_source **, pid_t, int, sd_event_child_handler_t, void *);

	if (unwatchable) {
		unwatchable = false;
		return -EMFILE;
	}
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "sd_event_add_child");
	return real(on, ret, pid, options, handler, userdata);
}

static bool
on_packet(void *userdata, const uint8_t *data, size_t length)
{
	(void)userdata;
	(void)data;
	(void)length;
	packets++;
	return true;
}

static void
on_state(void *userdata, bool running, bool planned)
{
	(void)userdata;
	if (running)
		starts++;
	else
		ends++;
	planned_ends += !running && planned;
	planned_starts += running && planned;
}

/* True: `value` is at least `wanted` in time. */
static bool
run_until(const unsigned *value, unsigned wanted, ha_time limit)
{
	ha_time end = ha_now() + limit;

	while (*value < wanted && ha_now() < end)
		ck_assert_int_ge(sd_event_run(event, 50000), 0);
	return *value >= wanted;
}

static void
run_for(ha_time time)
{
	unsigned never = 0;

	(void)run_until(&never, 1, time);
}

/* Of the children that are not reaped the one with such a state, 0: none. */
static pid_t
child_in_state(const char *states)
{
	char file[64], text[256];
	FILE *list = fopen("/proc/thread-self/children", "re");
	pid_t found = 0, pid;

	ck_assert_ptr_nonnull(list);
	while (found == 0 && fscanf(list, "%d", &pid) == 1) {
		char state = 0;

		snprintf(file, sizeof(file), "/proc/%d/stat", (int)pid);
		FILE *stat = fopen(file, "re");
		if (!stat)
			continue;
		if (fgets(text, sizeof(text), stat) && sscanf(text, "%*d (%*[^)]) %c", &state) == 1 &&
			strchr(states, state))
			found = pid;
		fclose(stat);
	}
	fclose(list);
	return found;
}

static void
write_config(unsigned checks)
{
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	fputs("cluster: { name = \"test\"; authkey_file = \"/etc/ha-fenced/authkey\"; };\n"
	      "nodes = ( { name = \"A\"; priority = 100; links = ( { address = \"192.0.2.1\"; } );\n"
	      "    imm: { address = \"127.0.0.2\"; username = \"x\"; password = \"y\"; }; },\n"
	      "  { name = \"B\"; priority = 90; links = ( { address = \"192.0.2.2\"; } );\n"
	      "    imm: { address = \"127.0.0.3\"; username = \"x\"; password = \"y\"; }; } );\n"
	      "vrrp = ( { name = \"VI_1\"; interface = \"lo\"; virtual_router_id = 51;\n"
	      "  virtual_ipaddress = ( \"192.0.2.10/24\" ); } );\n"
	      "health: { checks = (\n",
		file);
	for (unsigned i = 0; i < checks; i++)
		fprintf(file,
			"  { name = \"c%u\"; type = \"link\"; interface = \"lo\"; interval = 3600.0; required_to_fence "
			"= "
			"true; }%s\n",
			i, i + 1 < checks ? "," : "");
	fputs(" ); };\n", file);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, 0600), 0);
}

static void
setup(void)
{
	sigset_t set;

	strcpy(folder, "/tmp/ha-process-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/conf", folder);
	write_config(1);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	ck_assert_int_eq(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	ck_assert_int_eq(sd_event_new(&event), 0);
	starts = ends = packets = planned_ends = planned_starts = 0;
}

static void
teardown(void)
{
	/* Whoever is left is reaped, by its source. */
	for (unsigned i = 0; i < 600 && child_in_state("RSDTtZ") != 0; i++)
		run_for(50 * HA_MS);
	ck_assert_int_eq(child_in_state("RSDTtZ"), 0);
	sd_event_unref(event);
	unlink(path);
	rmdir(folder);
}

static struct process *
start_one(bool farewell)
{
	static uint8_t alive[HEALTH_ORDER_BYTES];
	struct process *process;
	struct process_config config = { .program = "../ha-fenced-health",
		.what = "test process",
		.config = path,
		.node = "A",
		.alive = alive,
		.alive_length = health_order_encode(&(struct health_order){ .type = HEALTH_ORDER_HELLO }, alive),
		.farewell = farewell };
	struct process_handler handler = { .packet = on_packet, .state = on_state };

	ck_assert_int_ge(process_open(event, &config, &handler, &process), 0);
	ck_assert(run_until(&packets, 1, 20 * HA_SEC));
	ck_assert_uint_eq(starts, 1);
	return process;
}

static struct process *
start(void)
{
	return start_one(false);
}

/* FAULTS 56. One that is heard every second lives; one that hangs is replaced after 3 s. */
START_TEST(hangs)
{
	struct process *process = start();
	unsigned before;

	run_for(1500 * HA_MS);
	before = packets;
	ck_assert_msg(run_until(&packets, before + 2, 20 * HA_SEC), "not asked whether it lives");
	ck_assert_uint_eq(ends, 0);

	pid_t pid = child_in_state("RSD");
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(kill(pid, SIGSTOP), 0);
	ha_time stopped = ha_now();
	ck_assert(run_until(&ends, 1, 20 * HA_SEC));
	ck_assert_uint_ge(ha_now() - stopped, HA_SEC);
	ck_assert_msg(ha_now() - stopped < 4 * HA_SEC, "noticed after %.1f s", (double)(ha_now() - stopped) / 1e6);
	ck_assert(run_until(&starts, 2, 20 * HA_SEC));
	ck_assert_uint_eq(planned_ends, 0);
	before = packets;
	ck_assert(run_until(&packets, before + 1, 20 * HA_SEC));
	process_close(process);
}
END_TEST

/* The whole host stood still (FAULTS 2, 46): what was silent meanwhile is asked again before it is judged. */
START_TEST(not_blamed)
{
	const struct timespec while_away = { .tv_sec = 4 };
	struct process *process = start();
	pid_t pid = child_in_state("RSD");

	ck_assert_int_eq(kill(pid, SIGSTOP), 0);
	run_for(1200 * HA_MS); /* it has been asked by now, and has not answered */
	nanosleep(&while_away, NULL);
	ck_assert_int_eq(kill(pid, SIGCONT), 0);
	run_for(1500 * HA_MS);
	ck_assert_uint_eq(ends, 0);
	process_close(process);
}
END_TEST

START_TEST(restarted)
{
	struct process *process = start();

	process_restart(process);
	ck_assert_uint_eq(planned_ends, 1);
	ck_assert(run_until(&starts, 2, 20 * HA_SEC));
	ck_assert_uint_eq(planned_starts, 1);
	ck_assert(run_until(&packets, 2, 20 * HA_SEC));
	/* One that does not go is made to. */
	ck_assert_int_eq(kill(child_in_state("RSD"), SIGSTOP), 0);
	process_restart(process);
	ck_assert(run_until(&starts, 3, 20 * HA_SEC));
	for (unsigned i = 0; i < 100 && child_in_state("TZ") != 0; i++)
		run_for(50 * HA_MS);
	ck_assert_int_eq(child_in_state("TZ"), 0);
	process_close(process);
}
END_TEST

/* Closed while one leaves, and leaving itself: both are reaped (teardown() looks). */
START_TEST(closed_while_it_leaves)
{
	struct process *process = start_one(true);

	/* It hangs, and so does not go by itself. */
	ck_assert_int_eq(kill(child_in_state("RSD"), SIGSTOP), 0);
	process_restart(process);
	ck_assert(run_until(&starts, 2, 20 * HA_SEC));
	process_close(process);
}
END_TEST

/* No source can be had for it: it is killed, and reaped all the same. */
START_TEST(not_watched)
{
	struct process *process;

	unwatchable = true;
	struct process_config config = { .program = "../ha-fenced-health", .what = "test process", .config = path };
	struct process_handler handler = { .packet = on_packet, .state = on_state };
	ck_assert_int_ge(process_open(event, &config, &handler, &process), 0);
	run_for(500 * HA_MS);
	ck_assert(!unwatchable);
	ck_assert_uint_eq(starts, 0);
	ck_assert(run_until(&starts, 1, 20 * HA_SEC));
	ck_assert_int_eq(child_in_state("Z"), 0);
	process_close(process);
}
END_TEST

static void
count_node_event(void *userdata, const struct node_event *got)
{
	struct node_event *last = userdata;

	if (got->type == NODE_EV_FIT_PROBE) {
		*last = *got;
		packets++;
	}
}

/* As many checks as there can be, all needed for a power-down. */
START_TEST(many_at_once)
{
	struct config_problems *problems = NULL;
	struct daemon_health *health;
	struct config *config;
	struct node_event last = { .token = 0 };
	struct daemon_health_handler handler = { .userdata = &last, .event = count_node_event };
	char own[PATH_MAX], link[PATH_MAX + 32];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);

	ck_assert_int_gt(n, 0);
	own[n] = '\0';
	*strrchr(own, '/') = '\0';
	snprintf(link, sizeof(link), "%s/ha-fenced-health", own);
	ck_assert(symlink("../ha-fenced-health", link) == 0 || errno == EEXIST);
	write_config(CHECKS);
	ck_assert_int_eq(config_load(path, "A", 0, &config, &problems), 0);
	config_problems_free(problems);
	ck_assert_int_eq(daemon_health_open(event, config, &(struct ha_guid){ 0 }, &handler, &health), 0);
	/* "No" until it has read the same file; then each has to answer. */
	for (unsigned i = 1; i <= 100 && !last.ok; i++) {
		daemon_health_probe_fit(health, i);
		ck_assert(run_until(&packets, i, 20 * HA_SEC));
		ck_assert_uint_eq(last.token, i);
		run_for(100 * HA_MS);
	}
	ck_assert_msg(last.ok, "%d checks that are up, asked at once, do not make this node fit", CHECKS);
	daemon_health_close(health);
	config_free(config);
}
END_TEST

static struct fence_report answers[4];
static unsigned answered;

static void
on_report(void *userdata, const struct fence_report *report)
{
	(void)userdata;
	if (report->type == FENCE_REPORT_ANSWER && answered < 4)
		answers[answered++] = *report;
}

/* S6, S9: an order in the hands of a fence process that hangs is answered once, "nobody can know", and the next process
 * knows nothing of it. */
START_TEST(hangs_with_an_order)
{
	struct workers *workers;
	struct workers_config config = { .config = path, .node = "A", .answer = 60 * HA_SEC };
	struct workers_handler handler = { .report = on_report, .state = on_state };
	struct fence_order down = {
		.type = FENCE_ORDER_POWER_DOWN, .token = 7, .session = 1, .not_after = ha_now() + HA_SEC
	};
	char own[PATH_MAX], link[PATH_MAX + 32];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);

	ck_assert_int_gt(n, 0);
	own[n] = '\0';
	*strrchr(own, '/') = '\0';
	snprintf(link, sizeof(link), "%s/ha-fenced-fence", own);
	ck_assert(symlink("../ha-fenced-fence", link) == 0 || errno == EEXIST);
	ck_assert_int_ge(workers_open(event, &config, &handler, &workers), 0);
	ck_assert(run_until(&starts, 1, 20 * HA_SEC));
	/* It has begun when it has answered something. */
	workers_order(workers, &(struct fence_order){ .type = FENCE_ORDER_READ, .token = 1, .not_after = 1 });
	ck_assert(run_until(&answered, 1, 20 * HA_SEC));
	pid_t pid = child_in_state("RSD");
	ck_assert_int_eq(kill(pid, SIGSTOP), 0);
	ha_time stopped = ha_now();
	down.not_after = stopped + HA_SEC;
	workers_order(workers, &down);
	ck_assert(run_until(&ends, 1, 20 * HA_SEC));
	ck_assert_msg(ha_now() - stopped < 4 * HA_SEC, "noticed after %.1f s", (double)(ha_now() - stopped) / 1e6);
	ck_assert(run_until(&answered, 2, 20 * HA_SEC));
	ck_assert_uint_eq(answers[1].token, 7);
	ck_assert_int_eq(answers[1].error, FENCE_WORKER);
	ck_assert(run_until(&starts, 2, 20 * HA_SEC));
	run_for(HA_SEC);
	ck_assert_uint_eq(answered, 2);
	workers_close(workers);
	/* Nobody watches it any more. */
	for (unsigned i = 0; i < 100 && waitpid(-1, NULL, WNOHANG) == 0; i++)
		run_for(50 * HA_MS);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("process");
	TCase *tc = suite_case(suite, "process");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, hangs);
	tcase_add_test(tc, not_blamed);
	tcase_add_test(tc, restarted);
	tcase_add_test(tc, closed_while_it_leaves);
	tcase_add_test(tc, not_watched);
	tcase_add_test(tc, many_at_once);
	tcase_add_test(tc, hangs_with_an_order);
	return suite_run(suite);
}
