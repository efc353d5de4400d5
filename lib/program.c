#include "lib/program.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FIRST_USERS_GROUP 1000 /* below: those of the system, whose members its administrator has chosen */

static bool
others_write(const struct stat *st)
{
	return (st->st_mode & S_IWOTH) || ((st->st_mode & S_IWGRP) && st->st_gid >= FIRST_USERS_GROUP);
}

/* The file itself, or the folder that it is in. */
static int
check_one(const char *path, bool folder, char ret_culprit[PATH_MAX])
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	/* Where the sticky bit is set nobody replaces what is another's: /tmp. */
	if (!others_write(&st) || (folder && (st.st_mode & S_ISVTX)))
		return 0;
	(void)snprintf(ret_culprit, PATH_MAX, "%s", path);
	return -EPERM;
}

static int
check_with_folder(const char *path, char ret_culprit[PATH_MAX])
{
	char folder[PATH_MAX];
	int r = check_one(path, false, ret_culprit);

	if (r < 0)
		return r;
	(void)snprintf(folder, sizeof(folder), "%s", path);
	char *slash = strrchr(folder, '/');
	if (!slash)
		return -EINVAL;
	slash[slash == folder] = '\0';
	return check_one(folder, true, ret_culprit);
}

int
program_check(const char *command, char ret_culprit[PATH_MAX])
{
	char path[PATH_MAX], real[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%.*s", (int)strcspn(command, " \t"), command);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	if (path[0] != '/')
		return -EINVAL;
	if (!realpath(path, real))
		return -errno;
	int r = check_with_folder(path, ret_culprit);
	return r < 0 || strcmp(path, real) == 0 ? r : check_with_folder(real, ret_culprit);
}
