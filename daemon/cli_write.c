#include "daemon/cli_write.h"

#include "daemon/cli_options.h"
#include "daemon/cli_text.h"
#include "lib/config.h"

#include <errno.h>
#include <libgen.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static const char *
folder_of(const char *path, char buffer[CONFIG_PATH_MAX])
{
	(void)snprintf(buffer, CONFIG_PATH_MAX, "%s", path);
	return dirname(buffer);
}

static void __attribute__((format(printf, 2, 3))) put(char text[CLI_TEXT], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, CLI_TEXT, format, arguments);
	va_end(arguments);
}

/* The reason without the path, and what to do. */
static void
judge(const char *path, int error, const char *exists, struct cli_problem *ret)
{
	char buffer[CONFIG_PATH_MAX];
	const char *folder = folder_of(path, buffer);

	put(ret->text, "%s", strerror(-error));
	put(ret->remedy, "choose another path");
	switch (-error) {
	case ENOENT:
		if (is_directory(folder))
			break;
		put(ret->text, "there is no directory %s", folder);
		put(ret->remedy, "mkdir -p %s     or choose another path", folder);
		break;
	case EEXIST:
	case EISDIR:
		if (is_directory(path)) {
			put(ret->text, "it is a directory");
			put(ret->remedy, "name a file in it");
		} else {
			put(ret->remedy, "%s", exists);
		}
		break;
	case EACCES:
	case EPERM:
		if (geteuid() != 0)
			put(ret->remedy, "run it as root, or choose another path");
		break;
	case ENOSPC:
	case EDQUOT:
		put(ret->remedy, "df -h %s; make room, or choose another path", folder);
		break;
	}
}

int
cli_write_failed(const char *path, int error, const char *exists)
{
	struct cli_problem why;
	char text[CONFIG_PATH_MAX + CLI_TEXT + 32];

	judge(path, error, exists, &why);
	(void)snprintf(text, sizeof(text), "%s cannot be written: %s", path, why.text);
	cli_error(text, why.remedy);
	return CLI_EXIT_FAILED;
}

int
cli_write_possible(const char *path)
{
	char buffer[CONFIG_PATH_MAX];
	struct stat st;

	if (lstat(path, &st) == 0)
		return -EEXIST;
	if (errno != ENOENT)
		return -errno;
	return access(folder_of(path, buffer), W_OK | X_OK) == 0 ? 0 : -errno;
}
