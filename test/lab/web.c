/* test/lab/web.c -- a web server for checks: web PORT answers every request at once and keeps connections; PORT + 1
 * takes requests and never answers; PORT + 2 answers with a body that never ends.
 *
 * One process, so that what is measured beside it is the checks' cost and not that of many servers. */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define KINDS       3
#define CONNECTIONS 4096 /* by descriptor */

enum kind { GOOD, HANGS, FLOODS };

static int listeners[KINDS], waiting;
static enum kind kinds[CONNECTIONS];

static int
listen_on(unsigned port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
		bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 1024) < 0) {
		perror("web");
		exit(1);
	}
	return fd;
}

static void
watch(int fd, uint32_t events, int operation)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (epoll_ctl(waiting, operation, fd, &event) < 0) {
		perror("web");
		exit(1);
	}
}

static void
take(enum kind kind)
{
	int fd = accept4(listeners[kind], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= CONNECTIONS)
		close(fd);
	else if (fd >= 0) {
		kinds[fd] = kind;
		watch(fd, EPOLLIN, EPOLL_CTL_ADD);
	}
}

static void
serve(int fd, uint32_t events)
{
	static const char good[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n",
			  flood[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";
	static char request[16384], body[65536];
	ssize_t n = read(fd, request, sizeof(request));

	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		close(fd);
	} else if (n > 0 && kinds[fd] == GOOD) {
		(void)!write(fd, good, sizeof(good) - 1);
	} else if (n > 0 && kinds[fd] == FLOODS) {
		(void)!write(fd, flood, sizeof(flood) - 1);
		watch(fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
	} else if ((events & EPOLLOUT) && write(fd, body, sizeof(body)) < 0 && errno != EAGAIN) {
		close(fd);
	}
}

int
main(int argc, char **argv)
{
	unsigned port = argc == 2 ? (unsigned)atoi(argv[1]) : 0;
	struct epoll_event events[64];

	if (port == 0) {
		fprintf(stderr, "usage: web PORT\n");
		return 2;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	waiting = epoll_create1(EPOLL_CLOEXEC);
	for (unsigned i = 0; i < KINDS; i++) {
		listeners[i] = listen_on(port + i);
		watch(listeners[i], EPOLLIN, EPOLL_CTL_ADD);
	}
	for (;;) {
		int count = epoll_wait(waiting, events, 64, -1);

		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;
			unsigned kind = 0;

			while (kind < KINDS && listeners[kind] != fd)
				kind++;
			if (kind < KINDS)
				take((enum kind)kind);
			else
				serve(fd, events[i].events);
		}
	}
}
