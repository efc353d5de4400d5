/* Where the lines go. The two ways that could block the caller are avoided: sd_journal_sendv() waits when journald is
 * stuck (its socket is a blocking one, systemd 252 src/libsystemd/sd-journal/journal-send.c), so the datagram of
 * journald's native protocol is sent here with MSG_DONTWAIT; and stderr is opened a second time as non-blocking,
 * because O_NONBLOCK set on the inherited one would hit every process that shares it. */
#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define FIELDS_MAX     16
#define MESSAGE_BYTES  2048

static struct {
	const char *identifier;
	bool debug;
	bool to_journal; /* stderr is journald's stream */
	bool is_socket;  /* stderr is a socket */
	int journal;     /* datagram socket to journald, -1 if there is none */
	int error;       /* own description of stderr, -1 to use fd 2 */
	unsigned long dropped;
} log_state = { .identifier = "ha", .journal = -1, .error = -1 };

/* sd-journal's rule: JOURNAL_STREAM names the device and inode of the stream that systemd connected to stderr. */
static bool
stderr_is_journal(const struct stat *st)
{
	const char *text = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;

	if (!text || sscanf(text, "%llu:%llu", &device, &inode) != 2)
		return false;
	return device == (unsigned long long)st->st_dev && inode == (unsigned long long)st->st_ino;
}

void
ha_log_open(const char *identifier, bool debug)
{
	struct stat st;

	ha_log_close();
	log_state.identifier = identifier;
	log_state.debug = debug;
	tzset(); /* reads the time zone now, not at the first line */
	if (fstat(STDERR_FILENO, &st) != 0)
		return;
	log_state.is_socket = S_ISSOCK(st.st_mode);
	log_state.to_journal = stderr_is_journal(&st);
	if (log_state.to_journal)
		log_state.journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (!log_state.is_socket)
		log_state.error = open("/proc/self/fd/2", O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void
ha_log_close(void)
{
	if (log_state.journal >= 0)
		close(log_state.journal);
	if (log_state.error >= 0)
		close(log_state.error);
	log_state.journal = log_state.error = -1;
	log_state.to_journal = log_state.is_socket = false;
}

/* One datagram of "KEY=value" lines (systemd's JOURNAL_NATIVE_PROTOCOL; values hold no newline here). */
static bool
send_journal(int priority, const char *const *fields, char *message)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET };
	struct iovec parts[3 + 2 * FIELDS_MAX];
	struct msghdr datagram = {
		.msg_name = &address, .msg_namelen = sizeof(address), .msg_iov = parts, .msg_iovlen = 3
	};
	char head[128];
	int length = snprintf(head, sizeof(head), "PRIORITY=%d\nSYSLOG_IDENTIFIER=%s\nMESSAGE=", priority & LOG_PRIMASK,
		log_state.identifier);

	if (length < 0 || (size_t)length >= sizeof(head))
		return false;
	parts[0] = (struct iovec){ head, (size_t)length };
	parts[1] = (struct iovec){ message, strlen(message) };
	parts[2] = (struct iovec){ (char *)"\n", 1 };
	for (unsigned i = 0; fields && fields[i] && i < FIELDS_MAX; i++) {
		if (strchr(fields[i], '\n'))
			continue;
		parts[datagram.msg_iovlen++] = (struct iovec){ (char *)(uintptr_t)fields[i], strlen(fields[i]) };
		parts[datagram.msg_iovlen++] = (struct iovec){ (char *)"\n", 1 };
	}
	return sendmsg(log_state.journal, &datagram, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static bool
send_stderr(const char *line, size_t length)
{
	struct pollfd ready = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (log_state.is_socket)
		return send(STDERR_FILENO, line, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length;
	if (log_state.error >= 0)
		return write(log_state.error, line, length) == (ssize_t)length;
	/* A pipe of another user cannot be opened again. One that polls as writable takes a line below PIPE_BUF. */
	return poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT) &&
	       write(STDERR_FILENO, line, length) == (ssize_t)length;
}

/* Returns the length written to `buffer`: what stands before the message. */
static size_t
line_head(int priority, char *buffer, size_t size)
{
	struct timespec now;
	struct tm local;
	int length;

	if (log_state.to_journal) {
		length = snprintf(buffer, size, "<%d>", priority & LOG_PRIMASK);
	} else {
		clock_gettime(CLOCK_REALTIME, &now);
		localtime_r(&now.tv_sec, &local);
		length = snprintf(buffer, size, "%02d:%02d:%02d.%03ld %s[%ld]: ", local.tm_hour, local.tm_min,
			local.tm_sec, now.tv_nsec / 1000000, log_state.identifier, (long)getpid());
	}
	return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}

static void write_log(int priority, const char *const *fields, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

static void
write_log(int priority, const char *const *fields, const char *format, va_list arguments)
{
	char line[MESSAGE_BYTES];
	int error = errno;
	size_t head;

	if (priority >= LOG_DEBUG && !log_state.debug)
		return;
	head = line_head(priority, line, sizeof(line) / 2);
	if (vsnprintf(line + head, sizeof(line) - head - 1, format, arguments) < 0)
		line[head] = '\0';
	for (char *c = line + head; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' '; /* one line; what came from the network cannot forge another or move the cursor */
	}
	if (log_state.journal < 0 || !send_journal(priority, fields, line + head)) {
		size_t length = strlen(line);

		line[length++] = '\n';
		if (!send_stderr(line, length))
			log_state.dropped++;
	}
	errno = error;
}

void
ha_log(int priority, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_log(priority, NULL, format, arguments);
	va_end(arguments);
}

void
ha_log_fields(int priority, const char *const *fields, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_log(priority, fields, format, arguments);
	va_end(arguments);
}

unsigned long
ha_log_dropped(void)
{
	return log_state.dropped;
}
