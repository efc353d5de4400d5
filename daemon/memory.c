/* The file is text, a name and a value on each line, the last line "end". */
#include "daemon/memory.h"

#include "daemon/file.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define MEMORY_STACK (64 * 1024) /* locked memory is counted: a thread's 8 MiB would be most of ours */

struct memory {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake, idle;
	char *state_dir;
	int fd;
	bool ending, busy, ended;
	bool queued;
	struct node_memory value;
	uint32_t token;
	bool has_result;
	uint32_t result_token;
	int result;
};

void
memory_safe_default(struct node_memory *ret)
{
	*ret = (struct node_memory){ .startup_burned = true, .credit_spent = true, .gave_up = true };
}

size_t
memory_format(const struct node_memory *memory, char buffer[MEMORY_BYTES])
{
	char guid[HA_GUID_TEXT] = "-";
	if (ha_guid_is_set(&memory->peer_guid))
		ha_guid_format(&memory->peer_guid, guid);
	char outlets[64] = "";
	if ((memory->outlets_off | memory->outlets_owed) != 0)
		snprintf(outlets, sizeof(outlets), "outlets %x %x %x\n", memory->outlets_off, memory->outlets_owed,
			memory->outlets_group);
	const char *gave_up = memory->gave_up ? "gave-up 1\n" : "";
	int length = snprintf(buffer, MEMORY_BYTES,
		"ha-fenced memory 1\nstandby %d\nstartup-burned %d\ncredit-spent %d\npower-up-tries %u\n"
		"peer-guid %s\nepisode %" PRIu64 "\n%s%send\n",
		(int)memory->standby, (int)memory->startup_burned, (int)memory->credit_spent, memory->power_up_tries,
		guid, memory->episode, gave_up, outlets);
	return (size_t)length;
}

int
memory_parse(const char *text, struct node_memory *ret)
{
	struct node_memory memory = { 0 };
	unsigned group = 0;
	int standby, burned, spent, end = -1;
	char guid[HA_GUID_TEXT];
	if (sscanf(text,
		    "ha-fenced memory 1 standby %d startup-burned %d credit-spent %d power-up-tries %u peer-guid %36s"
		    " episode %" SCNu64 "%n",
		    &standby, &burned, &spent, &memory.power_up_tries, guid, &memory.episode, &end) != 6 ||
		end < 0)
		return -EBADMSG;
	text += end;
	/* The rest only if there is something to say. */
	if (strncmp(text, "\ngave-up 1\n", 11) == 0) {
		memory.gave_up = true;
		text += 10;
	}
	if (sscanf(text, " outlets %x %x %x%n", &memory.outlets_off, &memory.outlets_owed, &group, &end) == 3)
		text += end;
	memory.outlets_group = (uint16_t)group;
	if (strcmp(text, "\nend\n") != 0 || group > UINT16_MAX)
		return -EBADMSG;
	if ((unsigned)standby > 1 || (unsigned)burned > 1 || (unsigned)spent > 1 ||
		memory.power_up_tries > RESTORE_TRIES)
		return -EBADMSG;
	if (strcmp(guid, "-") != 0 && ha_guid_parse(guid, &memory.peer_guid) < 0)
		return -EBADMSG;
	memory.standby = standby == 1;
	memory.startup_burned = burned == 1;
	memory.credit_spent = spent == 1;
	*ret = memory;
	return 0;
}

static void
move_aside(const char *state_dir)
{
	char from[4096], to[4096];
	if (snprintf(from, sizeof(from), "%s/" MEMORY_FILE, state_dir) < (int)sizeof(from) &&
		snprintf(to, sizeof(to), "%s/" MEMORY_FILE ".bad", state_dir) < (int)sizeof(to))
		(void)rename(from, to);
}

int
memory_read(const char *state_dir, struct node_memory *ret)
{
	char *text;
	int r = file_read(state_dir, MEMORY_FILE, MEMORY_BYTES - 1, &text, NULL);
	if (r == -ENOENT) {
		*ret = (struct node_memory){ 0 };
		return 0;
	}
	memory_safe_default(ret);
	if (r < 0)
		return r == -EFBIG ? (move_aside(state_dir), -EBADMSG) : r;
	r = memory_parse(text, ret);
	free(text);
	if (r < 0)
		move_aside(state_dir);
	return r;
}

static void
write_queued(struct memory *memory)
{
	char text[MEMORY_BYTES];
	uint32_t token = memory->token;
	size_t length = memory_format(&memory->value, text);
	memory->queued = false;
	memory->busy = true;
	pthread_mutex_unlock(&memory->mutex);
	int r = file_replace(memory->state_dir, MEMORY_FILE, text, length, true);
	pthread_mutex_lock(&memory->mutex);
	memory->busy = false;
	memory->has_result = true;
	memory->result_token = token;
	memory->result = r;
	(void)eventfd_write(memory->fd, 1);
}

static void *
run(void *argument)
{
	struct memory *memory = argument;
	pthread_mutex_lock(&memory->mutex);
	for (;;) {
		if (memory->queued)
			write_queued(memory);
		else if (memory->ending)
			break;
		else
			pthread_cond_wait(&memory->wake, &memory->mutex);
	}
	memory->ended = true;
	pthread_cond_signal(&memory->idle);
	pthread_mutex_unlock(&memory->mutex);
	return NULL;
}

static int
start_thread(struct memory *memory)
{
	pthread_attr_t attributes;
	sigset_t all, old;
	int r = pthread_attr_init(&attributes);
	if (r != 0)
		return -r;
	pthread_attr_setstacksize(&attributes, MEMORY_STACK);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(&memory->thread, &attributes, run, memory);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	return -r;
}

static void
memory_free(struct memory *memory)
{
	if (memory->fd >= 0)
		close(memory->fd);
	pthread_cond_destroy(&memory->idle);
	pthread_cond_destroy(&memory->wake);
	pthread_mutex_destroy(&memory->mutex);
	free(memory->state_dir);
	free(memory);
}

int
memory_open(const char *state_dir, struct memory **ret_memory)
{
	struct memory *memory = calloc(1, sizeof(*memory));
	if (memory == NULL)
		return -ENOMEM;
	pthread_mutex_init(&memory->mutex, NULL);
	pthread_cond_init(&memory->wake, NULL);
	pthread_cond_init(&memory->idle, NULL);
	memory->state_dir = strdup(state_dir);
	memory->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int r = memory->state_dir == NULL ? -ENOMEM : memory->fd < 0 ? -errno : start_thread(memory);
	if (r < 0) {
		memory_free(memory);
		return r;
	}
	*ret_memory = memory;
	return 0;
}

void
memory_close(struct memory *memory)
{
	struct timespec until;
	if (memory == NULL)
		return;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	pthread_mutex_lock(&memory->mutex);
	memory->ending = true;
	pthread_cond_signal(&memory->wake);
	while (!memory->ended && pthread_cond_timedwait(&memory->idle, &memory->mutex, &until) == 0)
		;
	bool ended = memory->ended;
	pthread_mutex_unlock(&memory->mutex);
	/* A thread that hangs in the kernel still uses it, until the process ends. */
	if (ended)
		memory_free(memory);
}

int
memory_fd(const struct memory *memory)
{
	return memory->fd;
}

void
memory_write(struct memory *memory, const struct node_memory *value, uint32_t token)
{
	pthread_mutex_lock(&memory->mutex);
	memory->value = *value;
	memory->token = token;
	memory->queued = true;
	pthread_cond_signal(&memory->wake);
	pthread_mutex_unlock(&memory->mutex);
}

bool
memory_result(struct memory *memory, uint32_t *ret_token, int *ret_result)
{
	eventfd_t count;
	(void)eventfd_read(memory->fd, &count);
	pthread_mutex_lock(&memory->mutex);
	bool has = memory->has_result;
	if (has) {
		*ret_token = memory->result_token;
		*ret_result = memory->result;
	}
	memory->has_result = false;
	pthread_mutex_unlock(&memory->mutex);
	return has;
}
