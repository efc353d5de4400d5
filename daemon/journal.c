#include "daemon/journal.h"

#include "daemon/history_file.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define STACK      (128 * 1024) /* locked memory is counted: a thread's 8 MiB would be most of ours */
#define MAPPED     (128 * 1024)
#define PAUSE_MIN  HA_SEC /* before the same episode is written again; doubles with each time */
#define PAUSE_MAX  (60 * HA_SEC)
#define AGAIN      (10 * HA_SEC) /* after a failure */
#define CLOSE_WAIT 1             /* seconds */

struct slot {
	bool used;
	ha_time due;
	struct history_episode episode;
};

struct journal {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t idle;
	char *state_dir;
	int fd, wake; /* for the loop: something has changed; for the thread: something was put */
	bool ending, ended;
	struct slot slots[JOURNAL_SLOTS];
	/* Of what was written last. */
	uint64_t number;
	enum history_result result;
	ha_time written, pause, failed;
	int error; /* 0, or why writing fails */
	bool changed;
	struct history_episode writing; /* the thread's own */
};

static ha_time
due_at(const struct journal *journal, const struct history_episode *episode)
{
	ha_time now = ha_now(), at = now;
	if (episode->number == journal->number && episode->result == journal->result)
		at = ha_time_max(now, journal->written + journal->pause);
	return journal->error < 0 ? ha_time_max(at, journal->failed + AGAIN) : at;
}

void
journal_put(struct journal *journal, const struct history_episode *episode)
{
	struct slot *best = NULL;
	pthread_mutex_lock(&journal->mutex);
	for (unsigned i = 0; i < JOURNAL_SLOTS; i++) {
		struct slot *slot = &journal->slots[i];
		if (slot->used && slot->episode.number == episode->number) {
			best = slot;
			break;
		}
		/* A free one, else the oldest. */
		if (best == NULL || (best->used && (!slot->used || slot->episode.number < best->episode.number)))
			best = slot;
	}
	ha_time due = due_at(journal, episode);
	if (best->used && best->episode.number == episode->number && best->episode.result == episode->result)
		due = ha_time_min(due, best->due);
	best->used = true;
	best->due = due;
	best->episode = *episode;
	(void)eventfd_write(journal->wake, 1);
	pthread_mutex_unlock(&journal->mutex);
}

/* The slot that is due first; NULL: none is used. */
static struct slot *
next(struct journal *journal)
{
	struct slot *first = NULL;
	for (unsigned i = 0; i < JOURNAL_SLOTS; i++)
		if (journal->slots[i].used && (first == NULL || journal->slots[i].due < first->due))
			first = &journal->slots[i];
	return first;
}

/* HA_NEVER: until something is put. The wall clock may jump meanwhile. */
static void
wait_until(struct journal *journal, ha_time at)
{
	struct pollfd entry = { .fd = journal->wake, .events = POLLIN };
	ha_time length = ha_time_since(at, ha_now());
	eventfd_t count;
	pthread_mutex_unlock(&journal->mutex);
	if (poll(&entry, 1, length > PAUSE_MAX ? -1 : (int)(length / HA_MS) + 1) > 0)
		(void)eventfd_read(journal->wake, &count);
	pthread_mutex_lock(&journal->mutex);
}

static int
write_episode(const struct journal *journal)
{
	json_t *json = history_episode_json(&journal->writing, true);
	int r = json == NULL ? -ENOMEM : history_file_append(journal->state_dir, json);
	json_decref(json);
	return r;
}

static void
account(struct journal *journal, int result)
{
	const struct history_episode *episode = &journal->writing;
	bool same = episode->number == journal->number && episode->result == journal->result;
	journal->written = ha_now();
	journal->pause = same ? ha_time_min(2 * journal->pause, PAUSE_MAX) : PAUSE_MIN;
	journal->number = episode->number;
	journal->result = episode->result;
	journal->changed |= (result < 0) != (journal->error < 0);
	journal->error = result;
	if (result < 0)
		journal->failed = journal->written;
	if (journal->changed)
		(void)eventfd_write(journal->fd, 1);
}

/* Not written: it waits again, unless something newer of the same has come meanwhile. */
static void
put_back(struct journal *journal)
{
	struct slot *room = NULL;
	for (unsigned i = 0; i < JOURNAL_SLOTS; i++) {
		struct slot *slot = &journal->slots[i];
		if (slot->used && slot->episode.number == journal->writing.number)
			return;
		if (!slot->used)
			room = slot;
	}
	if (room != NULL)
		*room = (struct slot){ .used = true, .due = ha_now() + AGAIN, .episode = journal->writing };
}

static void
write_slot(struct journal *journal, struct slot *slot)
{
	journal->writing = slot->episode;
	slot->used = false;
	pthread_mutex_unlock(&journal->mutex);
	int r = write_episode(journal);
	pthread_mutex_lock(&journal->mutex);
	account(journal, r);
	if (r < 0 && !journal->ending)
		put_back(journal);
}

static void *
run(void *argument)
{
	struct journal *journal = argument;
	pthread_mutex_lock(&journal->mutex);
	for (;;) {
		struct slot *slot = next(journal);
		if (slot == NULL && journal->ending)
			break;
		if (slot == NULL)
			wait_until(journal, HA_NEVER);
		else if (journal->ending || slot->due <= ha_now())
			write_slot(journal, slot);
		else
			wait_until(journal, slot->due);
	}
	journal->ended = true;
	pthread_cond_signal(&journal->idle);
	pthread_mutex_unlock(&journal->mutex);
	return NULL;
}

static int
start_thread(struct journal *journal)
{
	pthread_attr_t attributes;
	sigset_t all, old;
	int r = pthread_attr_init(&attributes);
	if (r != 0)
		return -r;
	pthread_attr_setstacksize(&attributes, STACK);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(&journal->thread, &attributes, run, journal);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	return -r;
}

static void
init_locks(struct journal *journal)
{
	pthread_mutexattr_t inherit;
	pthread_cond_init(&journal->idle, NULL);
	/* The daemon runs with real-time priority, the thread does not: who holds the lock must get on. */
	pthread_mutexattr_init(&inherit);
	pthread_mutexattr_setprotocol(&inherit, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(&journal->mutex, &inherit);
	pthread_mutexattr_destroy(&inherit);
}

static void
journal_free(struct journal *journal)
{
	if (journal->fd >= 0)
		close(journal->fd);
	if (journal->wake >= 0)
		close(journal->wake);
	pthread_cond_destroy(&journal->idle);
	pthread_mutex_destroy(&journal->mutex);
	free(journal->state_dir);
	free(journal);
}

int
journal_open(const char *state_dir, struct journal **ret)
{
	/* What is as large as the file is given back when it is freed, also the second time (mallopt(3): dynamic
	 * threshold). */
	(void)mallopt(M_MMAP_THRESHOLD, MAPPED);
	struct journal *journal = calloc(1, sizeof(*journal));
	if (journal == NULL)
		return -ENOMEM;
	init_locks(journal);
	journal->state_dir = strdup(state_dir);
	journal->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	journal->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int r = journal->state_dir == NULL             ? -ENOMEM
		: journal->fd < 0 || journal->wake < 0 ? -errno
						       : start_thread(journal);
	if (r < 0) {
		journal_free(journal);
		return r;
	}
	*ret = journal;
	return 0;
}

void
journal_close(struct journal *journal)
{
	struct timespec until;
	if (journal == NULL)
		return;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += CLOSE_WAIT;
	pthread_mutex_lock(&journal->mutex);
	journal->ending = true;
	(void)eventfd_write(journal->wake, 1);
	while (!journal->ended && pthread_cond_timedwait(&journal->idle, &journal->mutex, &until) == 0)
		;
	bool ended = journal->ended;
	pthread_mutex_unlock(&journal->mutex);
	/* A thread that hangs in the kernel still uses it, until the process ends. */
	if (ended)
		journal_free(journal);
}

int
journal_fd(const struct journal *journal)
{
	return journal->fd;
}

bool
journal_changed(struct journal *journal, int *ret_result)
{
	eventfd_t count;
	(void)eventfd_read(journal->fd, &count);
	pthread_mutex_lock(&journal->mutex);
	bool changed = journal->changed;
	*ret_result = journal->error;
	journal->changed = false;
	pthread_mutex_unlock(&journal->mutex);
	return changed;
}

int
journal_load(const char *state_dir, struct history *history, unsigned *ret_lost)
{
	json_t *episodes, *episode;
	size_t index;
	int r = history_file_read(state_dir, &episodes, ret_lost);
	if (r < 0)
		return r;
	json_array_foreach(episodes, index, episode)
	{
		(void)history_restore(history, episode);
	}
	json_decref(episodes);
	(void)malloc_trim(0); /* before the memory is locked: the JSON was many times what is kept */
	return 0;
}
