/* What is mounted where, in tables as the kernel writes them and as others' mounts may make them. */
#include "health/mountinfo.h"

#include "test/unit/suite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NAS "40 35 0:30 / /srv/data rw,relatime shared:1 master:2 - nfs4 nas:/export rw,vers=4.2\n"

static const struct {
	const char *text, *path, *type, *source; /* no type: nothing is found */
} table[] = {
	{ NAS, "/srv/data", "nfs4", "nas:/export" },
	{ NAS, "/srv/data//", "nfs4", "nas:/export" },
	{ NAS, "/srv", NULL, NULL },
	{ NAS, "/srv/data2", NULL, NULL },
	{ "41 35 0:31 / /srv/data rw - tmpfs tmpfs rw\n" NAS, "/srv/data", "nfs4", "nas:/export" },
	{ NAS "41 35 0:31 / /srv/data rw - tmpfs tmpfs rw\n", "/srv/data", "tmpfs", "tmpfs" },
	{ NAS "41 35 0:31 / /srv/data\\040rw - tmpfs tmpfs rw\n", "/srv/data", "nfs4", "nas:/export" },
	{ NAS "41 35 0:31 / /srv/data\\040rw - tmpfs a\\134b rw\n", "/srv/data rw", "tmpfs", "a\\b" },
	/* A name that would look like another line, and one like the mark before the type. */
	{ NAS "41 35 0:31 / /mnt/x\\01242\\0401\\0400:1\\040/\\040/srv/data\\040-\\040nfs4\\040evil:/ rw - fuse f rw\n",
		"/srv/data", "nfs4", "nas:/export" },
	/* Malformed, and without an end. */
	{ "40 35 0:30 / /srv/data rw nfs4 nas:/export rw\n", "/srv/data", NULL, NULL },
	{ "40 35 0:30 / - nfs4 nas:/export rw\n", "/srv/data", NULL, NULL },
	{ "40 35 0:30 / /srv/data rw -", "/srv/data", NULL, NULL },
	{ "40 35 0:30 / /srv/data rw - \n", "/srv/data", "", "" },
	{ "\n\n" NAS "\n", "/srv/data", "nfs4", "nas:/export" },
	{ "", "/srv/data", NULL, NULL },
};

static struct health_mount
find(const char *text, const char *path)
{
	struct health_mount mount;
	int fd = memfd_create("mountinfo", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	memset(&mount, 1, sizeof(mount));
	health_mountinfo_find(fd, path, &mount);
	ck_assert_int_eq(close(fd), 0);
	return mount;
}

START_TEST(found)
{
	struct health_mount mount = find(table[_i].text, table[_i].path);

	ck_assert_int_eq(mount.found, table[_i].type != NULL);
	ck_assert_str_eq(mount.type, table[_i].type ? table[_i].type : "");
	ck_assert_str_eq(mount.source, table[_i].source ? table[_i].source : "");
}
END_TEST

/* Lines longer than any buffer, before and behind: only what is too long itself is cut. */
START_TEST(long_lines)
{
	static const char begin[] = "39 35 0:29 / /mnt/",
			  overlay[] = "41 35 0:31 / /srv/over rw - overlay over lowerdir=/";
	const size_t sizes[] = { 4000, 4095, 4096, 4097, 8192, 20000 };

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *text = calloc(1, 2 * sizes[i] + 1024), *end = stpcpy(text, begin);

		ck_assert_ptr_nonnull(text);
		end = stpcpy(((char *)memset(end, 'x', sizes[i]) + sizes[i]), " rw - fuse f rw\n" NAS);
		end = stpcpy(end, overlay);
		(void)stpcpy(((char *)memset(end, 'y', sizes[i]) + sizes[i]), "\n");
		ck_assert_str_eq(find(text, "/srv/data").source, "nas:/export");
		ck_assert_str_eq(find(text, "/srv/over").type, "overlay");
		ck_assert_str_eq(find(text, "/srv/over").source, "over");
		free(text);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("mountinfo");
	TCase *tc = suite_case(suite, "mountinfo");

	tcase_add_loop_test(tc, found, 0, sizeof(table) / sizeof(table[0]));
	tcase_add_test(tc, long_lines);
	return suite_run(suite);
}
