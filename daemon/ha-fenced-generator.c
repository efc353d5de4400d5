/* ha-fenced-generator -- systemd runs it at boot and at each daemon-reload (systemd.generator(7)).
 *
 * It orders each unit of release.units after ha-fenced.service, so that a shutdown stops them while the daemon is there
 * to see it; it lists them in ha-fenced.units, which the polkit rule reads; and it lets the service write where an nfs
 * check is to write, as everything else is read-only for it, and stop as long as release_timeout asks for. A
 * configuration that cannot be used gives none of these: the daemon does not start with it either. */
#include "lib/config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_CONFIG "/etc/ha-fenced/ha-fenced.conf"
#define STOP_LEAST     60u /* seconds: what the unit says */
#define STOP_MARGIN    15u /* seconds beside release_timeout: "released" is repeated for 3 s, workers end */

static const char drop_in[] = "# By ha-fenced-generator, because release.units of ha-fenced.conf names this unit.\n"
			      "[Unit]\nAfter=ha-fenced.service\n";

static int
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return -errno;
	if (fputs(text, file) < 0) {
		(void)fclose(file);
		return -EIO;
	}
	return fclose(file) == 0 ? 0 : -errno;
}

/* NAME.d/50-ha-fenced.conf of a unit, in *ret. */
static int
drop_in_path(const char *directory, const char *unit, char ret[PATH_MAX])
{
	int length = snprintf(ret, PATH_MAX, "%s/%s.d", directory, unit);

	if (length < 0 || (size_t)length + sizeof("/50-ha-fenced.conf") > PATH_MAX)
		return -ENAMETOOLONG;
	if (mkdir(ret, 0755) < 0 && errno != EEXIST)
		return -errno;
	strcpy(ret + length, "/50-ha-fenced.conf");
	return 0;
}

static int
order(const char *directory, const char *unit)
{
	char path[PATH_MAX];
	int r = drop_in_path(directory, unit, path);

	return r < 0 ? r : write_file(path, drop_in);
}

static bool
is_written(const struct config_check *check)
{
	return check->type == CONFIG_CHECK_NFS && check->write && !strpbrk(check->target, " \"'\\%");
}

/* What of the service depends on the configuration. "-": what is not there yet is left out. */
static int
adapt_service(const char *directory, const struct config *config)
{
	unsigned stop = (unsigned)((config->release.release_timeout + HA_SEC - 1) / HA_SEC) + STOP_MARGIN;
	char path[PATH_MAX];
	FILE *file;
	int r = drop_in_path(directory, "ha-fenced.service", path);

	if (r < 0)
		return r;
	file = fopen(path, "we");
	if (!file)
		return -errno;
	fprintf(file,
		"# By ha-fenced-generator, from release_timeout and nfs checks with write = true.\n"
		"[Service]\nTimeoutStopSec=%us\n",
		stop > STOP_LEAST ? stop : STOP_LEAST);
	for (unsigned i = 0; i < config->check_count; i++)
		if (is_written(&config->checks[i]))
			fprintf(file, "ReadWritePaths=-%s\n", config->checks[i].target);
	return fclose(file) == 0 ? 0 : -errno;
}

static int
list(const char *directory, const struct config_release *release)
{
	char path[PATH_MAX], text[CONFIG_UNITS * (CONFIG_NAME_MAX + 1) + 1] = "";
	size_t at = 0;

	for (unsigned i = 0; i < release->unit_count; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s\n", release->units[i]);
	if (snprintf(path, sizeof(path), "%s/ha-fenced.units", directory) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return write_file(path, text);
}

int
main(int argc, char **argv)
{
	struct config_problems *problems = NULL;
	struct config *config = NULL;
	int r;

	if (argc != 4 || strchr(argv[1], '/') != argv[1]) {
		fputs("usage: ha-fenced-generator DIR DIR DIR\n(run by systemd)\n", stderr);
		return 2;
	}
	r = access(DEFAULT_CONFIG, F_OK) < 0 ? -ENOENT
					     : config_load(DEFAULT_CONFIG, NULL, CONFIG_NO_LOCAL, &config, &problems);
	config_problems_free(problems);
	if (r == -ENOENT)
		return 0; /* installed, not configured */
	if (r < 0) {
		fputs("ha-fenced-generator: " DEFAULT_CONFIG " is not usable; see ha-fence check-config\n", stderr);
		return 0;
	}
	r = list(argv[1], &config->release);
	if (r >= 0)
		r = adapt_service(argv[1], config);
	for (unsigned i = 0; r >= 0 && i < config->release.unit_count; i++)
		r = order(argv[1], config->release.units[i]);
	if (r < 0)
		fprintf(stderr, "ha-fenced-generator: %s: %s\n", argv[1], strerror(-r));
	config_free(config);
	return r < 0 ? 1 : 0;
}
