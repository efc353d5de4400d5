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

#define DIGITS 8

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

/* The newest episodes that fit, and `episode`. */
static int
replace(const char *state_dir, const json_t *episode)
{
	json_t *episodes = NULL;
	unsigned lost;
	char *data = malloc(HISTORY_FILE_MAX);
	size_t at = HISTORY_FILE_KEPT; /* filled from its end */
	int r = data == NULL ? -ENOMEM : history_file_read(state_dir, &episodes, &lost);
	if (r == -EFBIG)
		r = (episodes = json_array()) == NULL ? -ENOMEM : 0; /* not ours; it makes room */
	if (r == 0)
		take_episode(episodes, json_incref((json_t *)(uintptr_t)episode));
	for (size_t i = json_array_size(episodes); r == 0 && i > 0; i--) {
		size_t length;
		char *record = history_file_record(json_array_get(episodes, i - 1), &length);
		bool fits = record != NULL && length <= at;
		if (fits)
			memcpy(data + (at -= length), record, length);
		free(record);
		if (!fits)
			break;
	}
	if (r == 0)
		r = file_replace(state_dir, HISTORY_FILE, data + at, HISTORY_FILE_KEPT - at, true);
	free(data);
	json_decref(episodes);
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
	free(record);
	/* A new file is made like a replaced one: with its folder's entry on disk. */
	return r == -EFBIG || r == -ENOENT ? replace(state_dir, episode) : r;
}
