#include "daemon/history_file.h"

#include "daemon/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGITS        8
#define KEPT_EPISODES 4096 /* more than fit: a record has some 200 bytes at least */

/* CRC-32 of IEEE 802.3, a bit at a time: a record is a few kilobytes. */
static uint32_t
checksum(const char *data, size_t length)
{
	uint32_t crc = UINT32_MAX;
	for (size_t i = 0; i < length; i++) {
		crc ^= (uint8_t)data[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
	}
	return ~crc;
}

char *
history_file_record(const json_t *episode, size_t *ret_length)
{
	char *json = json_dumps(episode, JSON_COMPACT), *record = NULL;
	if (json == NULL)
		return NULL;
	int length = asprintf(&record, "\n%08x %s\n", checksum(json, strlen(json)), json);
	free(json);
	if (length < 0)
		return NULL;
	*ret_length = (size_t)length;
	return record;
}

/* NULL: it is no record. */
static json_t *
parse_line(const char *line, size_t length)
{
	char digits[DIGITS + 1], *end;
	if (length <= DIGITS + 1 || line[DIGITS] != ' ' || strspn(line, "0123456789abcdef") != DIGITS)
		return NULL;
	memcpy(digits, line, DIGITS);
	digits[DIGITS] = '\0';
	line += DIGITS + 1;
	length -= DIGITS + 1;
	if (strtoul(digits, &end, 16) != checksum(line, length))
		return NULL;
	json_t *episode = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(episode) && json_integer_value(json_object_get(episode, "number")) > 0)
		return episode;
	json_decref(episode);
	return NULL;
}

static json_int_t
number_at(const json_t *episodes, size_t index)
{
	return json_integer_value(json_object_get(json_array_get(episodes, index), "number"));
}

/* In its place by number; in place of an earlier record of the same. Mostly that is the end. */
static void
take_episode(json_t *episodes, json_t *episode)
{
	size_t at = json_array_size(episodes);
	json_int_t number = json_integer_value(json_object_get(episode, "number"));
	while (at > 0 && number_at(episodes, at - 1) > number)
		at--;
	if (at > 0 && number_at(episodes, at - 1) == number)
		json_array_set_new(episodes, at - 1, episode);
	else
		json_array_insert_new(episodes, at, episode);
}

json_t *
history_file_parse(const char *data, size_t length, unsigned *ret_lost)
{
	json_t *episodes = json_array();
	*ret_lost = 0;
	while (episodes != NULL && length > 0) {
		const char *end = memchr(data, '\n', length);
		size_t line = end == NULL ? length : (size_t)(end - data);
		/* A record that has no newline after it may be whole, but for a longer number; its checksum tells. */
		json_t *episode = line == 0 ? NULL : parse_line(data, line);
		if (episode != NULL)
			take_episode(episodes, episode);
		else if (line > 0)
			(*ret_lost)++;
		line += end != NULL;
		data += line;
		length -= line;
	}
	return episodes;
}

int
history_file_read(const char *state_dir, json_t **ret, unsigned *ret_lost)
{
	char *data = NULL;
	size_t length = 0;
	int r = file_read(state_dir, HISTORY_FILE, HISTORY_FILE_MAX, &data, &length);
	if (r < 0 && r != -ENOENT)
		return r;
	json_t *episodes = history_file_parse(data == NULL ? "" : data, length, ret_lost);
	free(data);
	if (episodes == NULL)
		return -ENOMEM;
	*ret = episodes;
	return 0;
}

/* What is written anew, filled from its end: the newest record first. */
struct kept {
	char *data;
	size_t at;
	json_int_t numbers[KEPT_EPISODES];
	unsigned count;
};

static bool
is_kept(const struct kept *kept, json_int_t number)
{
	for (unsigned i = kept->count; i > 0; i--)
		if (kept->numbers[i - 1] == number)
			return true;
	return false;
}

/* False: there is no room for it. */
static bool
keep(struct kept *kept, json_int_t number, const char *line, size_t length)
{
	if (kept->count == KEPT_EPISODES || length + 2 > kept->at)
		return false;
	kept->numbers[kept->count++] = number;
	kept->data[--kept->at] = '\n';
	memcpy(kept->data + (kept->at -= length), line, length);
	kept->data[--kept->at] = '\n';
	return true;
}

/* A line at a time: all of them as JSON would be many times the file, in a process whose memory is locked. */
static void
keep_lines(struct kept *kept, const char *data, size_t length)
{
	bool room = true;
	while (room && length > 0) {
		const char *newline = memrchr(data, '\n', length);
		size_t begin = newline == NULL ? 0 : (size_t)(newline - data) + 1;
		json_t *episode = begin == length ? NULL : parse_line(data + begin, length - begin);
		json_int_t number = json_integer_value(json_object_get(episode, "number"));
		if (episode != NULL && !is_kept(kept, number))
			room = keep(kept, number, data + begin, length - begin);
		json_decref(episode);
		length = newline == NULL ? 0 : begin - 1;
	}
}

/* The newest episodes that fit, and `record`, that of `number`. */
static int
replace(const char *state_dir, json_int_t number, const char *record, size_t length)
{
	char *data = NULL;
	size_t size = 0;
	struct kept *kept = calloc(1, sizeof(*kept));
	int r = kept == NULL || (kept->data = malloc(HISTORY_FILE_KEPT)) == NULL ? -ENOMEM : 0;
	if (r == 0)
		r = file_read(state_dir, HISTORY_FILE, HISTORY_FILE_MAX, &data, &size);
	if (r == -ENOENT || r == -EFBIG)
		r = 0; /* none yet, or not ours: it makes room */
	if (r == 0) {
		kept->at = HISTORY_FILE_KEPT;
		if (keep(kept, number, record + 1, length - 2))
			keep_lines(kept, data, size);
		r = file_replace(state_dir, HISTORY_FILE, kept->data + kept->at, HISTORY_FILE_KEPT - kept->at, true);
	}
	free(data);
	if (kept != NULL)
		free(kept->data);
	free(kept);
	return r;
}

static int
write_record(int fd, off_t at, const char *record, size_t length)
{
	int r = 0;
	for (size_t done = 0; r == 0 && done < length;) {
		ssize_t n = pwrite(fd, record + done, length - done, at + (off_t)done);
		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			r = n == 0 ? -ENOSPC : -errno;
	}
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r < 0)
		(void)!ftruncate(fd, at); /* a part of it would only be skipped; its room is of use */
	return r;
}

static int
append(const char *state_dir, const char *record, size_t length)
{
	char path[4096];
	struct stat st;
	if (snprintf(path, sizeof(path), "%s/" HISTORY_FILE, state_dir) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	int r = fstat(fd, &st) < 0 ? -errno : 0;
	if (r == 0)
		r = st.st_size + (off_t)length > HISTORY_FILE_MAX ? -EFBIG
								  : write_record(fd, st.st_size, record, length);
	close(fd);
	return r;
}

int
history_file_append(const char *state_dir, const json_t *episode)
{
	size_t length;
	char *record = history_file_record(episode, &length);
	if (record == NULL)
		return -ENOMEM;
	int r = append(state_dir, record, length);
	/* A new file is made like a replaced one: with its folder's entry on disk. */
	if (r == -EFBIG || r == -ENOENT)
		r = replace(state_dir, json_integer_value(json_object_get(episode, "number")), record, length);
	free(record);
	return r;
}
