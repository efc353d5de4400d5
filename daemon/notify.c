/* keepalived(8), NOTIFY: scripts get INSTANCE, name, state and priority as arguments; notify_master and its like
 * get none; the FIFO gets lines `INSTANCE "VI_1" MASTER 100`. */
#include "daemon/notify.h"

#include "daemon/child.h"
#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOTIFY_STOP_WAIT HA_SEC

enum notify_word { NOTIFY_NONE, NOTIFY_MASTER, NOTIFY_BACKUP, NOTIFY_FAULT, NOTIFY_STOP, NOTIFY_WORDS };

static const char *const words[NOTIFY_WORDS] = { "", "MASTER", "BACKUP", "FAULT", "STOP" };

struct notify {
	sd_event *event;
	const struct config *config;
	struct child_user user;
	int user_error;
	enum notify_word word;
	enum node_state state;
	int fifo; /* -1: none */
};

static enum notify_word
word_of(enum node_state state)
{
	switch (state) {
	case NODE_MASTER:
	case NODE_RELEASING:
		return NOTIFY_MASTER;
	case NODE_FAULT:
	case NODE_DIRTY:
		return NOTIFY_FAULT;
	case NODE_BACKUP:
	case NODE_STANDBY:
	case NODE_CLAIMING:
	case NODE_ADDING:
		return NOTIFY_BACKUP;
	case NODE_INIT:
	case NODE_STATES:
		break;
	}
	return NOTIFY_NONE;
}

static const char *
own_script(const struct notify *notify, enum notify_word word)
{
	const struct config_notify *config = &notify->config->notify;
	switch (word) {
	case NOTIFY_MASTER:
		return config->notify_master;
	case NOTIFY_BACKUP:
		return config->notify_backup;
	case NOTIFY_FAULT:
		return config->notify_fault;
	case NOTIFY_STOP:
		return config->notify_stop;
	case NOTIFY_NONE:
	case NOTIFY_WORDS:
		break;
	}
	return "";
}

static int
on_script(sd_event_source *source, const siginfo_t *info, void *userdata)
{
	(void)userdata;
	if (info->si_code != CLD_EXITED || info->si_status != 0)
		ha_log(LOG_WARNING, "notify script %d %s %d", (int)info->si_pid,
			info->si_code == CLD_EXITED ? "ended with status" : "was ended by signal", info->si_status);
	sd_event_source_unref(source);
	return 0;
}

/* The loop has ended: nobody else waits for the script now, and systemd would kill it with us. */
static void
wait_for(pid_t pid)
{
	ha_time until = ha_time_add(ha_now(), NOTIFY_STOP_WAIT);
	while (waitpid(pid, NULL, WNOHANG) == 0 && ha_now() < until)
		nanosleep(&(struct timespec){ .tv_nsec = 5 * 1000 * 1000 }, NULL);
}

static void
run(struct notify *notify, char *const *argv, uint64_t episode, const char *cause)
{
	char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", number[48], why[128];
	char *environment[] = { path, number, why, NULL };
	pid_t pid;
	snprintf(number, sizeof(number), "HA_EPISODE=%" PRIu64, episode);
	snprintf(why, sizeof(why), "HA_CAUSE=%s", cause);
	int r = notify->user_error;
	if (r == 0)
		r = child_run(&notify->user, argv, environment, &pid);
	if (r == 0 && notify->word == NOTIFY_STOP)
		wait_for(pid);
	else if (r == 0)
		r = sd_event_add_child(notify->event, NULL, pid, WEXITED, on_script, notify);
	if (r < 0)
		ha_log(LOG_WARNING, "notify script %s: %s", argv[0], strerror(-r));
}

static void
write_fifo(struct notify *notify, enum notify_word word, uint8_t priority)
{
	char line[128];
	if (notify->fifo < 0)
		return;
	int length = snprintf(
		line, sizeof(line), "INSTANCE \"%s\" %s %u\n", notify->config->vrrp.name, words[word], priority);
	/* Nobody reads it: the pipe is full, the line is lost, the daemon goes on. */
	if (write(notify->fifo, line, (size_t)length) != length)
		ha_log(LOG_DEBUG, "notify_fifo: a line was lost");
}

static void
tell(struct notify *notify, enum notify_word word, uint8_t priority, uint64_t episode, const char *cause)
{
	const struct config *config = notify->config;
	char number[4];
	if (word == NOTIFY_NONE || word == notify->word)
		return;
	notify->word = word;
	write_fifo(notify, word, priority);
	snprintf(number, sizeof(number), "%u", priority);
	if (own_script(notify, word)[0] != '\0')
		run(notify, (char *[]){ (char *)own_script(notify, word), NULL }, episode, cause);
	if (config->notify.notify[0] != '\0')
		run(notify,
			(char *[]){ (char *)config->notify.notify, (char *)"INSTANCE", (char *)config->vrrp.name,
				(char *)words[word], number, NULL },
			episode, cause);
}

void
notify_state(struct notify *notify, enum node_state state, uint8_t priority, uint64_t episode, const char *cause)
{
	/* A release has been undone: what its script has stopped has to run again. */
	if (state == NODE_MASTER && notify->state == NODE_RELEASING)
		notify->word = NOTIFY_NONE;
	notify->state = state;
	tell(notify, word_of(state), priority, episode, cause);
}

void
notify_stop(struct notify *notify, uint8_t priority)
{
	tell(notify, NOTIFY_STOP, priority, 0, "the daemon stops");
}

static void
open_fifo(struct notify *notify)
{
	const char *path = notify->config->notify.notify_fifo;
	struct stat status;
	if (notify->fifo >= 0)
		close(notify->fifo);
	notify->fifo = -1;
	if (path[0] == '\0')
		return;
	int r = mkfifo(path, 0600) < 0 && errno != EEXIST ? -errno : 0;
	/* Read and write: opening does not wait for a reader, and one that goes costs no SIGPIPE. */
	if (r == 0)
		notify->fifo = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (r == 0 && notify->fifo < 0)
		r = -errno;
	if (r == 0 && (fstat(notify->fifo, &status) < 0 || !S_ISFIFO(status.st_mode)))
		r = -EINVAL;
	if (r < 0) {
		ha_log(LOG_WARNING, "notify_fifo %s: %s", path, r == -EINVAL ? "not a FIFO" : strerror(-r));
		if (notify->fifo >= 0)
			close(notify->fifo);
		notify->fifo = -1;
	}
}

static bool
has_scripts(const struct config_notify *config)
{
	return config->notify[0] != '\0' || config->notify_master[0] != '\0' || config->notify_backup[0] != '\0' ||
	       config->notify_fault[0] != '\0' || config->notify_stop[0] != '\0';
}

void
notify_configure(struct notify *notify, const struct config *config)
{
	notify->config = config;
	notify->user_error = child_user_find(config->notify.script_user, &notify->user);
	if (notify->user_error < 0 && has_scripts(&config->notify))
		ha_log(LOG_WARNING, "script_user \"%s\" is not known: no notify script will be run",
			config->notify.script_user);
	open_fifo(notify);
}

int
notify_open(sd_event *event, const struct config *config, struct notify **ret_notify)
{
	struct notify *notify = calloc(1, sizeof(*notify));
	if (notify == NULL)
		return -ENOMEM;
	notify->event = event;
	notify->fifo = -1;
	notify_configure(notify, config);
	*ret_notify = notify;
	return 0;
}

void
notify_close(struct notify *notify)
{
	if (notify == NULL)
		return;
	if (notify->fifo >= 0)
		close(notify->fifo);
	free(notify);
}
