#include "lib/secret.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define SERVICE_GROUP "ha-fenced"
#define FILE_MAX      8192

static bool
group_is_trusted(gid_t gid)
{
	struct group group, *found = NULL;
	char buffer[4096];

	if (gid == 0 || gid == getegid())
		return true;
	return getgrnam_r(SERVICE_GROUP, &group, buffer, sizeof(buffer), &found) == 0 && found && found->gr_gid == gid;
}

bool
secret_mode_is_safe(const struct stat *st)
{
	if (st->st_mode & (S_IRWXO | S_IWGRP))
		return false;
	return !(st->st_mode & S_IRGRP) || group_is_trusted(st->st_gid);
}

/* Up to `size` bytes of `path`; looks at the mode of the very file that is read. */
static int
read_secret(const char *path, char *buffer, size_t size, size_t *ret_length)
{
	size_t length = 0;
	struct stat st;
	ssize_t n = 1;
	int r = 0, fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0)
		r = -errno;
	else if (!S_ISREG(st.st_mode))
		r = -EINVAL;
	else if (!secret_mode_is_safe(&st))
		r = -EPERM;
	while (r == 0 && length < size && n > 0) {
		n = read(fd, buffer + length, size - length);
		if (n > 0)
			length += (size_t)n;
		else if (n < 0)
			r = -errno;
	}
	close(fd);
	if (r == 0)
		*ret_length = length;
	else
		explicit_bzero(buffer, size);
	return r;
}

int
secret_read_line(const char *path, char *buffer, size_t size)
{
	char text[FILE_MAX];
	size_t length = 0, end = 0;
	int r = read_secret(path, text, sizeof(text), &length);

	while (r == 0 && end < length && text[end] != '\n')
		end++;
	if (end > 0 && text[end - 1] == '\r')
		end--;
	for (size_t i = 0; r == 0 && i < end; i++) {
		if (iscntrl((unsigned char)text[i]))
			r = -EILSEQ;
	}
	if (r == 0 && end == 0)
		r = -ENODATA;
	if (r == 0 && end >= size)
		r = -EMSGSIZE;
	if (r == 0) {
		memcpy(buffer, text, end);
		buffer[end] = '\0';
	}
	explicit_bzero(text, sizeof(text));
	return r;
}

/* Only what is secret: another option here would pass by the checks of nodes.devices.options. */
static bool
is_secret_option(const char *key, size_t length)
{
	static const char *const names[] = { "password", "passwd", "snmp_priv_passwd", "snmp-priv-passwd",
		"snmp_auth_passwd", "community", "token" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == length && memcmp(names[i], key, length) == 0)
			return true;
	return false;
}

/* One line into `out`; `first`: the password itself. */
static int
add_option(FILE *out, const char *line, size_t length, bool first)
{
	size_t key = 0;

	if (length > 0 && line[length - 1] == '\r')
		length--;
	for (size_t i = 0; i < length; i++)
		if (iscntrl((unsigned char)line[i]))
			return -EILSEQ;
	if (first && length == 0)
		return -ENODATA;
	if (first)
		return fprintf(out, "password=%.*s\n", (int)length, line) < 0 ? -EMSGSIZE : 0;
	if (length == 0 || line[0] == '#')
		return 0;
	while (key < length && (islower((unsigned char)line[key]) || strchr("_-0123456789", line[key])))
		key++;
	if (key == 0 || key == length || line[key] != '=' || !is_secret_option(line, key))
		return -EILSEQ;
	return fprintf(out, "%.*s\n", (int)length, line) < 0 ? -EMSGSIZE : 0;
}

int
secret_read_options(const char *path, char *buffer, size_t size)
{
	char text[FILE_MAX], lines[FILE_MAX + sizeof("password=\n\n")] = "";
	size_t length = 0, at = 0;
	int r = read_secret(path, text, sizeof(text), &length);
	FILE *out = fmemopen(lines, sizeof(lines), "w");

	if (out)
		(void)setvbuf(out, NULL, _IONBF, 0); /* no copy of it in a buffer that nobody wipes */
	else if (r == 0)
		r = -errno;
	for (bool first = true; r == 0 && (first || at < length); first = false) {
		size_t end = at;

		while (end < length && text[end] != '\n')
			end++;
		r = add_option(out, text + at, end - at, first);
		at = end + 1;
	}
	if (out)
		(void)fclose(out);
	if (r == 0 && strlen(lines) >= size)
		r = -EMSGSIZE;
	if (r == 0)
		strcpy(buffer, lines);
	explicit_bzero(text, sizeof(text));
	explicit_bzero(lines, sizeof(lines));
	return r;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
secret_parse_hex(const char *text, size_t length, uint8_t *ret, size_t size)
{
	if (length % 2 != 0 || length / 2 > size)
		return -EINVAL;
	for (size_t i = 0; i < length; i += 2) {
		int high = hex_value(text[i]), low = hex_value(text[i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		ret[i / 2] = (uint8_t)(high << 4 | low);
	}
	return (int)(length / 2);
}

/* One line of a key file. Returns 1 if it holds a key, 0 if it is empty or a comment, -EILSEQ otherwise. */
static int
parse_key(const char *line, size_t length, struct config_key *ret)
{
	const char *comment = memchr(line, '#', length);

	if (comment)
		length = (size_t)(comment - line);
	while (length > 0 && isspace((unsigned char)line[length - 1]))
		length--;
	while (length > 0 && isspace((unsigned char)*line)) {
		line++;
		length--;
	}
	if (length == 0)
		return 0;
	return secret_parse_hex(line, length, ret->bytes, CONFIG_KEY_BYTES) == CONFIG_KEY_BYTES ? 1 : -EILSEQ;
}

static int
parse_keys(
	const char *text, size_t length, struct config_key keys[CONFIG_KEYS], unsigned *ret_count, unsigned *ret_line)
{
	unsigned count = 0, line = 0;
	struct config_key key;
	int r = 0;

	for (size_t at = 0; r == 0 && at < length; line++) {
		const char *end = memchr(text + at, '\n', length - at);
		size_t width = end ? (size_t)(end - text) - at : length - at;
		int found = parse_key(text + at, width, &key);

		if (found < 0) {
			*ret_line = line + 1;
			r = found;
		} else if (found == 1 && count == CONFIG_KEYS) {
			r = -EMSGSIZE;
		} else if (found == 1) {
			keys[count++] = key;
		}
		at += width + 1;
	}
	explicit_bzero(&key, sizeof(key));
	if (r == 0 && count == 0)
		r = -ENODATA;
	if (r == 0)
		*ret_count = count;
	else
		explicit_bzero(keys, CONFIG_KEYS * sizeof(*keys));
	return r;
}

int
secret_read_keys(const char *path, struct config_key keys[CONFIG_KEYS], unsigned *ret_count, unsigned *ret_line)
{
	char text[FILE_MAX];
	size_t length;
	int r = read_secret(path, text, sizeof(text), &length);

	if (r == 0)
		r = parse_keys(text, length, keys, ret_count, ret_line);
	explicit_bzero(text, sizeof(text));
	return r;
}

int
secret_look(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !secret_mode_is_safe(&st) ? -EPERM : 0;
}

static int
write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, data, length);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			data += n;
			length -= (size_t)n;
		}
	}
	return 0;
}

/* In the service's folder a new file has its group already; root's alone would be of no use there. */
static int
share_with_service(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (st.st_gid == 0 || !group_is_trusted(st.st_gid) || st.st_gid == getegid())
		return 0;
	return fchmod(fd, 0640) == 0 ? 0 : -errno;
}

int
config_key_generate(const char *path)
{
	char text[2 * CONFIG_KEY_BYTES + 2];
	struct config_key key;
	int fd, r;

	if (getrandom(key.bytes, sizeof(key.bytes), 0) != (ssize_t)sizeof(key.bytes))
		return -EIO;
	for (unsigned i = 0; i < CONFIG_KEY_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", key.bytes[i]);
	text[2 * CONFIG_KEY_BYTES] = '\n';
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	r = fd < 0 ? -errno : write_all(fd, text, sizeof(text) - 1);
	if (r == 0)
		r = share_with_service(fd);
	if (r == 0 && fsync(fd) != 0)
		r = -errno;
	if (fd >= 0 && close(fd) != 0 && r == 0)
		r = -errno;
	if (fd >= 0 && r < 0)
		unlink(path); /* ours: O_EXCL made it */
	explicit_bzero(&key, sizeof(key));
	explicit_bzero(text, sizeof(text));
	return r;
}
