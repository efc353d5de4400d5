/* daemon/process.h -- a helper process: started, watched, started again with a growing pause.
 *
 * The promise: nothing here waits; one that has answered and then says nothing for 3 s, although it was asked whether
 * it lives, is killed and replaced, and reaped whenever it ends; one that runs while our own loop is away is not
 * blamed. */
#ifndef HA_DAEMON_PROCESS_H
#define HA_DAEMON_PROCESS_H

#include "lib/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#define PROCESS_PACKET 1024 /* longer ones are nonsense */

struct process;

struct process_config {
	const char *program; /* "ha-fenced-health"; must stay alive, as the next */
	const char *option;  /* "--own"; NULL: none */
	const char *what;    /* "health process", for the log */
	const void *alive;   /* the order that it answers at once, with anything; must stay alive, too */
	size_t alive_length;
	bool farewell;      /* process_close() lets it end by itself, for a while */
	const char *config; /* path of the configuration; copied, as `node` */
	const char *node;   /* the local node's name */
};

struct process_handler {
	void *userdata;
	bool (*packet)(void *userdata, const uint8_t *data, size_t length); /* false: nonsense; it is replaced */
	/* Started; or it ended, and is started again in a while. Planned: because of process_restart(). */
	void (*state)(void *userdata, bool running, bool planned);
};

/* 0 or -errno; a process that cannot be started is no error: it is tried again. */
int process_open(sd_event *event, const struct process_config *config, const struct process_handler *handler,
	struct process **ret);
void process_close(struct process *process); /* NULL is fine */
/* 0, -ENOTCONN (it does not run), -EAGAIN (it takes nothing any more) or -errno. */
int process_send(struct process *process, const void *data, size_t length);
/* Kill it, for the reason `why` ("does not answer"), and start another. */
void process_replace(struct process *process, const char *why);
/* Start it anew: it is asked to end, and made to if it does not. */
void process_restart(struct process *process);
/* Hand over what is waiting (S13: before a timer is looked at). */
int process_fd(const struct process *process); /* readable: packets wait; -1: no process */
void process_drain(struct process *process);
bool process_running(const struct process *process);
unsigned process_restarts(const struct process *process);

#endif
