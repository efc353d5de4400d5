/* Checks of storage: what is mounted, and what hangs in the kernel. */
#include "test/unit/health_process.h"
#include "test/unit/suite.h"

#include <string.h>
#include <unistd.h>

static struct config_check *
add_mount(const char *fstype)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/mnt", folder);
	struct config_check *check = add(CONFIG_CHECK_NFS, path);
	strcpy(check->fstype, fstype);
	return check;
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

#define MOUNT_IMAGE "mkdir mnt && truncate -s 16M image && mkfs.ext4 -q image && mount -o loop image mnt"

static void
mount_image(void)
{
	netns_run("cd %s && " MOUNT_IMAGE " && chmod 777 mnt", folder);
}

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

static bool
can_mount(void)
{
	return netns_try("d=$(mktemp -d) && cd $d && { " MOUNT_IMAGE
			 "; } >/dev/null 2>&1; r=$?; umount $d/mnt 2>/dev/null; "
			 "cd /; rm -rf $d; exit $r") == 0;
}

int
main(void)
{
	Suite *suite = suite_create("health: storage");
	TCase *tc = suite_case(suite, "health: storage");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, health_setup, health_teardown);
	tcase_add_test(tc, storage_mounts);
	if (can_mount()) {
		tcase_add_test(tc, storage_hangs);
		tcase_add_test(tc, storage_hangs_at_the_end);
	} else {
		fputs("skipped: storage_hangs: no ext4 image can be mounted here\n", stderr);
	}
	return netns_main(suite);
}
