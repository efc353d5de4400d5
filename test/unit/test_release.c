/* S3: "proven" only for what really ended. Real scripts, real file systems, a real loop; no system bus. */
#include "daemon/release.h"
#include "daemon/units.h"
#include "test/unit/suite.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEADLINE (20 * HA_SEC) /* generous: only the tests of the deadline wait for theirs */

static sd_event *event;
static struct config *config;
static struct release *release;
static char directory[64];
static int answers;
static bool by_turns; /* the test turns the loop itself, and goes on after an answer */
static bool proven;
static char reason[256];

/* The kernel's, unless the path ends in "hangs". */
int
syncfs(int fd)
{
	char name[32], path[256];
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(name, path, sizeof(path) - 1);
	if (n > 5 && memcmp(path + n - 5, "hangs", 5) == 0)
		return alarm(60) == 0 ? pause() : -1; /* not for ever: nobody waits for it */
	return (int)syscall(SYS_syncfs, fd);
}

static void
on_release(void *userdata, bool is_proven, const char *why)
{
	(void)userdata;
	answers++;
	proven = is_proven;
	snprintf(reason, sizeof(reason), "%s", why);
	if (!by_turns)
		sd_event_exit(event, 0);
}

static void
setup(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	strcpy(directory, "/tmp/ha-test-release.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1), 0);
	config = calloc(1, sizeof(*config));
	strcpy(config->vrrp.name, "VI_1");
	strcpy(config->notify.script_user, "root");
	answers = 0;
	ck_assert_int_ge(sd_event_new(&event), 0);
}

static void
teardown(void)
{
	char command[128];
	release_close(release);
	sd_event_unref(event);
	free(config);
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	ck_assert_int_eq(system(command), 0);
}

static void
script(const char *text)
{
	snprintf(config->release.script, sizeof(config->release.script), "%s/script", directory);
	FILE *file = fopen(config->release.script, "w");
	ck_assert_ptr_nonnull(file);
	fprintf(file, "#!/bin/sh\n%s\n", text);
	fclose(file);
	ck_assert_int_eq(chmod(config->release.script, 0755), 0);
}

static void
stop_and_wait(ha_time wait)
{
	ck_assert_int_eq(release_open(event, config, on_release, NULL, &release), 0);
	release_stop(release, ha_now() + wait);
	ck_assert_int_eq(answers, 0); /* never from inside the call */
	ck_assert_int_ge(sd_event_loop(event), 0);
	ck_assert_int_eq(answers, 1);
}

START_TEST(nothing_to_stop)
{
	stop_and_wait(DEADLINE);
	ck_assert(proven);
}
END_TEST

START_TEST(script_ends_well)
{
	char done[128];
	snprintf(done, sizeof(done), "echo \"$@\" >%s/done", directory);
	script(done);
	stop_and_wait(DEADLINE);
	ck_assert_msg(proven, "%s", reason);
	snprintf(done, sizeof(done), "%s/done", directory);
	ck_assert_int_eq(access(done, F_OK), 0);
}
END_TEST

/* The unit gives the daemon a priority, locked memory and an exemption from the OOM killer; a script has none of them.
 */
START_TEST(script_is_not_privileged)
{
	char text[256];
	unsigned priority = 99, locked = 0;
	int score = -1;
	struct rlimit realtime = { 10, 10 }, all = { RLIM_INFINITY, RLIM_INFINITY };
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	/* A container may not give all of it; locked memory it always does. */
	if (setrlimit(RLIMIT_RTPRIO, &realtime) < 0)
		fputs("release: this machine gives no real-time priority: that part is not tested\n", stderr);
	(void)setrlimit(RLIMIT_MEMLOCK, &all);
	if (fd < 0 || write(fd, "-900", 4) != 4)
		fputs("release: this machine gives no OOM score below 0: that part is not tested\n", stderr);
	close(fd);
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), 0); /* as the daemon's */
	snprintf(text, sizeof(text),
		"{ ulimit -r; ulimit -l; cat /proc/self/oom_score_adj; } >%s/limits; chmod 644 %s/limits", directory,
		directory);
	script(text);
	stop_and_wait(DEADLINE);
	ck_assert_msg(proven, "%s", reason);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	snprintf(text, sizeof(text), "%s/limits", directory);
	FILE *file = fopen(text, "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%u %u %d", &priority, &locked, &score), 3);
	fclose(file);
	ck_assert_uint_eq(priority, 0);
	ck_assert_uint_le(locked, 64);
	ck_assert_int_ge(score, 0);
}
END_TEST

START_TEST(script_fails)
{
	script("exit 3");
	stop_and_wait(DEADLINE);
	ck_assert(!proven);
	ck_assert_ptr_nonnull(strstr(reason, "status 3"));
}
END_TEST

START_TEST(script_is_not_there)
{
	strcpy(config->release.script, "/nonexistent/script");
	stop_and_wait(DEADLINE);
	ck_assert(!proven);
}
END_TEST

START_TEST(script_user_is_not_known)
{
	script("exit 0");
	strcpy(config->notify.script_user, "no-such-user-here");
	stop_and_wait(DEADLINE);
	ck_assert(!proven); /* and not run as root instead */
}
END_TEST

/* At the deadline the answer comes and the whole process group goes. */
START_TEST(script_hangs)
{
	char text[160], path[128];
	snprintf(text, sizeof(text), "sleep 1000 &\necho $! >%s/child\nwait", directory);
	script(text);
	ha_time began = ha_now();
	stop_and_wait(HA_SEC);
	ck_assert(!proven);
	ck_assert_uint_lt(ha_now() - began, DEADLINE);
	snprintf(path, sizeof(path), "%s/child", directory);
	FILE *file = fopen(path, "r");
	int child = 0;
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%d", &child), 1);
	fclose(file);
	for (int i = 0; i < 1000 && kill(child, 0) == 0; i++) {
		char stat_path[64], state = '?';
		snprintf(stat_path, sizeof(stat_path), "/proc/%d/stat", child);
		FILE *stat_file = fopen(stat_path, "r");
		if (stat_file == NULL || fscanf(stat_file, "%*d %*s %c", &state) != 1 || state == 'Z')
			child = -1; /* dead, only not reaped by whoever inherited it */
		if (stat_file != NULL)
			fclose(stat_file);
		if (child == -1)
			break;
		usleep(10000);
	}
	ck_assert(child == -1 || kill(child, 0) < 0);
}
END_TEST

START_TEST(synced)
{
	strcpy(config->release.nfs_paths[0], directory);
	strcpy(config->release.nfs_paths[1], "/tmp");
	config->release.nfs_path_count = 2;
	stop_and_wait(DEADLINE);
	ck_assert_msg(proven, "%s", reason);
}
END_TEST

/* FAULTS 50: one that hangs concerns its own path, also after a reload has put another in its place. */
START_TEST(sync_hangs)
{
	static const struct {
		const char *path;
		bool proven;
	} rounds[] = { { "hangs", false }, { "well", true }, { "hangs", false } };
	by_turns = true;
	ck_assert_int_eq(release_open(event, config, on_release, NULL, &release), 0);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(config->release.nfs_paths[0], sizeof(config->release.nfs_paths[0]), "%s/%s", directory,
			rounds[i].path);
		config->release.nfs_path_count = 1;
		(void)mkdir(config->release.nfs_paths[0], 0755);
		answers = 0;
		release_stop(release, ha_now() + (rounds[i].proven ? DEADLINE : HA_SEC / 2));
		for (unsigned turn = 0; answers == 0 && turn < 1000; turn++)
			ck_assert_int_ge(sd_event_run(event, 50000), 0);
		ck_assert_int_eq(answers, 1);
		ck_assert_msg(proven == rounds[i].proven, "%s: %s", rounds[i].path, reason);
	}
	ck_assert_ptr_nonnull(strstr(reason, "still hangs"));
}
END_TEST

START_TEST(path_is_not_there)
{
	strcpy(config->release.nfs_paths[0], directory);
	strcpy(config->release.nfs_paths[1], "/nonexistent");
	config->release.nfs_path_count = 2;
	stop_and_wait(DEADLINE);
	ck_assert(!proven);
	ck_assert_ptr_nonnull(strstr(reason, "/nonexistent"));
}
END_TEST

START_TEST(no_bus_is_no_proof)
{
	strcpy(config->release.units[0], "tomcat.service");
	config->release.unit_count = 1;
	stop_and_wait(HA_SEC); /* until then the bus is tried again */
	ck_assert(!proven);
	ck_assert_ptr_nonnull(strstr(reason, "tomcat.service"));
}
END_TEST

START_TEST(stop_again_starts_anew)
{
	script("exit 0");
	ck_assert_int_eq(release_open(event, config, on_release, NULL, &release), 0);
	release_stop(release, ha_now() + DEADLINE);
	release_stop(release, ha_now() + DEADLINE);
	ck_assert_int_ge(sd_event_loop(event), 0);
	ck_assert_int_eq(answers, 1);
	ck_assert(proven);
}
END_TEST

static bool
have_cgroups(void)
{
	return access("/sys/fs/cgroup/cgroup.procs", W_OK) == 0 ||
	       access("/sys/fs/cgroup/unified/cgroup.procs", W_OK) == 0;
}

START_TEST(cgroup_empty_and_not)
{
	const char *root =
		access("/sys/fs/cgroup/cgroup.procs", W_OK) == 0 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/unified";
	char name[64], path[128], procs[160], pid[16];
	snprintf(name, sizeof(name), "/ha-test-%d", (int)getpid());
	snprintf(path, sizeof(path), "%s%s", root, name);
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
	ck_assert_int_eq(units_cgroup_populated(name), 0); /* gone is empty */
	ck_assert_int_eq(mkdir(path, 0755), 0);
	ck_assert_int_eq(units_cgroup_populated(name), 0);
	pid_t child = fork();
	if (child == 0)
		for (;;)
			pause();
	int fd = open(procs, O_WRONLY);
	int length = snprintf(pid, sizeof(pid), "%d", (int)child);
	bool moved = fd >= 0 && write(fd, pid, (size_t)length) == length;
	int populated = units_cgroup_populated(name);
	kill(child, SIGKILL);
	for (int i = 0; i < 1000 && units_cgroup_populated(name) == 1; i++)
		usleep(10000);
	int after = units_cgroup_populated(name);
	close(fd);
	for (int i = 0; i < 1000 && rmdir(path) < 0; i++)
		usleep(10000);
	ck_assert(moved);
	ck_assert_int_eq(populated, 1);
	ck_assert_int_eq(after, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("release");
	TCase *tcase = suite_case(suite, "release");
	if (geteuid() != 0) {
		fputs("release: needs root to run scripts as another user\n", stderr);
		return 77;
	}
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, nothing_to_stop);
	tcase_add_test(tcase, script_ends_well);
	tcase_add_test(tcase, script_is_not_privileged);
	tcase_add_test(tcase, script_fails);
	tcase_add_test(tcase, script_is_not_there);
	tcase_add_test(tcase, script_user_is_not_known);
	tcase_add_test(tcase, script_hangs);
	tcase_add_test(tcase, synced);
	tcase_add_test(tcase, sync_hangs);
	tcase_add_test(tcase, path_is_not_there);
	tcase_add_test(tcase, no_bus_is_no_proof);
	tcase_add_test(tcase, stop_again_starts_anew);
	if (have_cgroups())
		tcase_add_test(tcase, cgroup_empty_and_not);
	else
		fputs("release: no writable cgroup2 hierarchy: whether a cgroup is empty is not tested\n", stderr);
	return suite_run(suite);
}
