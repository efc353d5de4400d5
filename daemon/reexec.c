#include "daemon/reexec.h"

#include "daemon/child.h"
#include "daemon/daemon.h"
#include "daemon/file.h"
#include "lib/log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define REEXEC_PATIENCE (10 * HA_SEC) /* for `ha-fenced -t` */
#define REEXEC_FROM     "HA_FENCED_REEXEC"
#define REEXEC_CHILDREN 4096

int
reexec_remember(struct reexec *reexec, char **argv)
{
	ssize_t n = readlink("/proc/self/exe", reexec->program, sizeof(reexec->program) - 1);
	if (n < 0)
		return -errno;
	reexec->program[n] = '\0';
	reexec->argv = argv;
	return 0;
}

static int
on_orphan(sd_event_source *source, const siginfo_t *info, void *userdata)
{
	(void)info;
	(void)userdata;
	sd_event_source_unref(source);
	return 0;
}

void
reexec_adopt(sd_event *event)
{
	char folder[64], *text, *at;
	const char *from = getenv(REEXEC_FROM);
	if (from == NULL)
		return;
	ha_log(LOG_NOTICE, "%s became " HA_VERSION " in place", from);
	(void)unsetenv(REEXEC_FROM);
	snprintf(folder, sizeof(folder), "/proc/self/task/%d", (int)getpid());
	if (file_read(folder, "children", REEXEC_CHILDREN, &text, NULL) < 0)
		return; /* a kernel without it: they stay zombies, which harms nobody */
	at = text;
	for (long pid = strtol(at, &at, 10); pid > 0; pid = strtol(at, &at, 10)) {
		sd_event_source *source = NULL;
		(void)sd_event_add_child(event, &source, (pid_t)pid, WEXITED, on_orphan, NULL);
	}
	free(text);
}

/* Why not now; NULL: at rest. */
static const char *
not_at_rest(const struct daemon *d)
{
	const struct node *n = &d->node;
	if (n->stopping || n->exiting)
		return "it is stopping";
	if (n->paused_until != 0)
		return "the pair is paused, which a new daemon would not know";
	if (d->reload_config != NULL || d->batch_count > 0 || n->vips_pending)
		return "addresses are just being changed";
	if (n->state != NODE_MASTER && n->state != NODE_BACKUP && n->state != NODE_FAULT && n->state != NODE_STANDBY)
		return "it is not at rest (ha-fence status)";
	if (n->claim.number != 0 || n->stop_out || n->remove_out || n->command_token != 0 || n->handover)
		return "a claim, a release or a command is under way";
	if (n->remember_token != n->remembered_token)
		return n->remember_failed ? "what it must remember cannot be written"
					  : "what it must remember is just being written";
	return NULL;
}

static void
answer(struct daemon *d, int status, const char *text, const char *remedy)
{
	ha_log(status == 0 ? LOG_NOTICE : LOG_ERR, "reexec: %s", text);
	control_answer(d->control, d->reexec.token, status, text, remedy, NULL);
	d->reexec.token = 0;
}

static bool
refuse_unless_at_rest(struct daemon *d)
{
	char text[160], remedy[CONFIG_PATH_MAX + 100] = "repeat it in a moment";
	const struct node *n = &d->node;
	const char *why = not_at_rest(d);
	if (why == NULL)
		return false;
	if (n->paused_until != 0)
		snprintf(remedy, sizeof(remedy), "ha-fence resume, then repeat it");
	else if (n->remember_failed && n->remember_token != n->remembered_token)
		snprintf(remedy, sizeof(remedy), "make room under %s (df), or let it be written, then repeat it",
			d->state_dir);
	snprintf(text, sizeof(text), "refused: %s", why);
	answer(d, 1, text, remedy);
	return true;
}

/* S4: the new program resumes by what stands in the file. Where that is not what this one holds by it would find a
 * record without its VIP, or be another node: such a change is for `reload`, which asks the peer, or for a restart. */
static bool
refuse_changed_file(struct daemon *d)
{
	struct config_problems *problems = NULL;
	struct config *file = NULL;
	int r = config_load(d->options.config, d->options.node, CONFIG_AUTHKEYS, &file, &problems);
	config_problems_free(problems);
	if (r < 0) {
		answer(d, 1, "refused: the configuration has settings that the running version cannot read",
			"reexec first and change the configuration then; or systemctl restart ha-fenced");
		return true;
	}
	bool same = file->local == d->config->local && strcmp(file->cluster, d->config->cluster) == 0 &&
		    memcmp(file->vip_digest, d->config->vip_digest, CONFIG_DIGEST) == 0;
	for (unsigned i = 0; i < 2; i++)
		same = same && strcmp(file->nodes[i].name, d->config->nodes[i].name) == 0;
	config_free(file);
	if (!same)
		answer(d, 1, "refused: addresses, VRID or names in the configuration are not those in force",
			"ha-fence reload, then repeat it");
	return !same;
}

void
reexec_close(struct reexec *reexec)
{
	reexec->timer = sd_event_source_unref(reexec->timer);
	reexec->child = sd_event_source_unref(reexec->child);
	if (reexec->pid != 0)
		kill(reexec->pid, SIGKILL);
	reexec->pid = 0;
}

static int
on_checked(sd_event_source *source, const siginfo_t *info, void *userdata)
{
	struct daemon *d = userdata;
	char text[PATH_MAX + 100];
	(void)source;
	d->reexec.pid = 0;
	reexec_close(&d->reexec);
	if (info->si_code != CLD_EXITED || info->si_status != 0) {
		snprintf(text, sizeof(text), "refused: %s %s; nothing has changed", d->reexec.program,
			info->si_code == CLD_EXITED && info->si_status == 2 ? "does not accept the configuration"
									    : "does not run");
		answer(d, 1, text, "ha-fence check-config; its own words are in journalctl -u ha-fenced -n 20");
		return 0;
	}
	if (refuse_changed_file(d) || refuse_unless_at_rest(d))
		return 0;
	answer(d, 0, "the installed program takes over", NULL);
	d->reexec.due = true;
	return sd_event_exit(d->event, 0);
}

static int
on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *d = userdata;
	(void)source;
	(void)usec;
	/* Its end follows and is answered there. */
	kill(d->reexec.pid, SIGKILL);
	return 0;
}

/* The installed program looks at the file with our own eyes: same user, same environment. */
static int
check(struct daemon *d)
{
	struct reexec *reexec = &d->reexec;
	const struct daemon_options *options = &d->options;
	char *argv[] = { reexec->program, (char *)"-t", (char *)"-c", (char *)options->config,
		options->node != NULL ? (char *)"--node" : NULL, (char *)options->node, NULL };
	pid_t pid;
	int r = child_run(&(struct child_user){ 0 }, argv, environ, &pid);
	if (r < 0)
		return r;
	reexec->pid = pid;
	r = sd_event_add_child(d->event, &reexec->child, pid, WEXITED, on_checked, d);
	if (r >= 0)
		r = sd_event_add_time_relative(
			d->event, &reexec->timer, CLOCK_BOOTTIME, REEXEC_PATIENCE, HA_SEC, on_patience, d);
	if (r < 0)
		reexec_close(reexec);
	return r;
}

void
reexec_request(struct daemon *d, uint32_t token)
{
	if (d->reexec.pid != 0) {
		control_answer(d->control, token, 1, "refused: it is being done already", "ha-fence version", NULL);
		return;
	}
	d->reexec.token = token;
	if (refuse_unless_at_rest(d))
		return;
	int r = check(d);
	if (r < 0)
		answer(d, 1, strerror(-r), "repeat it; or systemctl restart ha-fenced");
}

int
reexec_now(const struct reexec *reexec)
{
	/* For the log line of the next one; it takes it away. */
	(void)setenv(REEXEC_FROM, HA_VERSION, 1);
	/* Nothing of ours goes over, the lock (closed already) least of all. */
	(void)close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	execv(reexec->program, reexec->argv);
	return -errno;
}
