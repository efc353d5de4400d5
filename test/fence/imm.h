/* test/fence/imm.h -- a real IMM (OpenIPMI's ipmi_sim) on loopback, and a UDP proxy before it that can count, alter,
 * drop, hold back and forge datagrams with the right source address.
 *
 * The promise: the simulator dies with the test that started it, however that ends. For test programs only; included
 * once. The caller removes the directory. */
#ifndef HA_TEST_FENCE_IMM_H
#define HA_TEST_FENCE_IMM_H

#include "lib/time.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#define IMM_SIMULATOR "/usr/bin/ipmi_sim"
#define IMM_USER      "USERID"
#define IMM_PASSWORD  "PASSW0RD"
#define IMM_GUID      "a123456789abcdefa123456789abcde1"

struct imm {
	char dir[64];
	uint16_t port;
	pid_t pid;
	const char *kg;   /* Kg, at most 19 characters; NULL: none is set */
	const char *emu;  /* more commands of ipmi_sim_cmd(5) at its start; NULL: none */
	uint16_t console; /* a TCP port that takes such commands; 0: none */
};

static void
imm_write(const struct imm *imm, const char *name, mode_t mode, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", imm->dir, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, mode), 0);
}

/* What the simulated machine does: its state is the file "power", each call is a line in "calls", "delay" slows it
 * down. */
static void
imm_write_files(const struct imm *imm)
{
	char text[4096], kg[64] = "", console[64] = "";

	if (imm->kg)
		snprintf(kg, sizeof(kg), "    bmc_key \"%s\"\n", imm->kg);
	if (imm->console)
		snprintf(console, sizeof(console), "  console 127.0.0.1 %u\n", imm->console);
	snprintf(text, sizeof(text),
		"#!/bin/sh\n"
		"exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-\n"
		"cd %s || exit 1\n"
		"echo \"$*\" >> calls\n"
		"while [ $# -gt 0 ] && [ \"$1\" != get ] && [ \"$1\" != set ]; do shift; done\n"
		"[ -s delay.$1 ] && sleep \"$(cat delay.$1)\"\n"
		"if [ \"$1\" = get ]; then echo \"power:$(cat power)\"; exit 0; fi\n"
		"[ \"$2\" = power ] && echo \"$3\" > power\n"
		"exit 0\n",
		imm->dir);
	imm_write(imm, "chassis", 0755, text);
	snprintf(text, sizeof(text),
		"name \"imm\"\n"
		"set_working_mc 0x20\n"
		"  startlan 1\n"
		"    addr 127.0.0.1 %u\n"
		"    priv_limit admin\n"
		"    allowed_auths_callback none md2 md5 straight\n"
		"    allowed_auths_user none md2 md5 straight\n"
		"    allowed_auths_operator none md2 md5 straight\n"
		"    allowed_auths_admin none md2 md5 straight\n"
		"    guid " IMM_GUID "\n"
		"%s"
		"  endlan\n"
		"%s"
		"  chassis_control \"%s/chassis\"\n"
		"  user 1 true  \"\" \"\" user 10 none md2 md5 straight\n"
		"  user 2 true  \"" IMM_USER "\" \"" IMM_PASSWORD "\" admin 10 none md2 md5 straight\n",
		imm->port, kg, console, imm->dir);
	imm_write(imm, "lan", 0600, text);
	snprintf(text, sizeof(text),
		"mc_setbmc 0x20\n"
		"mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\n"
		"sel_enable 0x20 1000 0x0a\n"
		"%s"
		"mc_enable 0x20\n",
		imm->emu ? imm->emu : "");
	imm_write(imm, "emu", 0600, text);
	imm_write(imm, "power", 0600, "1\n");
	imm_write(imm, "calls", 0600, "");
}

static uint16_t
free_udp_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	close(fd);
	return ntohs(address.sin_port);
}

static bool
is_udp_port_bound(uint16_t port)
{
	char line[256], wanted[16];
	bool found = false;
	FILE *file = fopen("/proc/net/udp", "r");

	ck_assert_ptr_nonnull(file);
	snprintf(wanted, sizeof(wanted), "0100007F:%04X ", port);
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, wanted) != NULL;
	fclose(file);
	return found;
}

static void
imm_exec(const struct imm *imm, pid_t parent)
{
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || null < 0 || chdir(imm->dir) < 0)
		_exit(1);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	close_range(3, ~0U, 0);
	execl(IMM_SIMULATOR, "ipmi_sim", "-n", "-c", "lan", "-f", "emu", "-s", imm->dir, (char *)NULL);
	_exit(127);
}

/* Also after imm_stop(): the IMM restarts and knows no session any more. */
static void
imm_start(struct imm *imm)
{
	pid_t parent = getpid();

	imm->pid = fork();
	ck_assert_int_ge(imm->pid, 0);
	if (imm->pid == 0)
		imm_exec(imm, parent);
	for (unsigned i = 0; !is_udp_port_bound(imm->port); i++) {
		ck_assert_msg(i < 1000, "ipmi_sim has not opened its port after 10 s");
		usleep(10000);
	}
}

static void
imm_stop(struct imm *imm)
{
	if (imm->pid > 0) {
		kill(imm->pid, SIGKILL);
		waitpid(imm->pid, NULL, 0);
	}
	imm->pid = 0;
}

static void
imm_create(struct imm *imm, const char *parent)
{
	snprintf(imm->dir, sizeof(imm->dir), "%s/imm-XXXXXX", parent);
	ck_assert_ptr_nonnull(mkdtemp(imm->dir));
	imm->port = free_udp_port();
	imm_write_files(imm);
	imm_start(imm);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void
remove_tree(const char *path)
{
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* How often the machine was told what contains `text` ("set power 0"). */
static unsigned
imm_calls(const struct imm *imm, const char *text)
{
	char path[128], line[256];
	unsigned count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/calls", imm->dir);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file))
		count += strstr(line, text) != NULL;
	fclose(file);
	return count;
}

/* ---- proxy ---- */

#define PROXY_CLIENTS 32
#define PROXY_HELD    128

struct proxy;
/* May the datagram go on? It may be altered, also in its length (at most 512 bytes). */
typedef bool proxy_judge(struct proxy *proxy, uint8_t *data, size_t *length);

struct proxy_client {
	struct proxy *proxy;
	struct sockaddr_in address;
	int back;
	sd_event_source *source;
};

struct proxy {
	sd_event *event;
	sd_event_source *source;
	int front;
	uint16_t port;
	struct sockaddr_in imm;
	struct proxy_client clients[PROXY_CLIENTS];
	unsigned next;
	struct sockaddr_in last; /* the newest client */
	proxy_judge *to_imm, *from_imm;
	unsigned rakp1s, opens, requests; /* requests: in a session */
	bool hold;                        /* what the IMM says is kept until proxy_release() */
	struct {
		uint8_t data[512];
		size_t length;
		struct sockaddr_in to;
	} held[PROXY_HELD];
	unsigned held_count;
};

static int
loopback_socket(uint16_t *ret_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	if (ret_port)
		*ret_port = ntohs(address.sin_port);
	return fd;
}

static int
proxy_from_imm(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct proxy_client *client = userdata;
	struct proxy *proxy = client->proxy;
	uint8_t data[512];
	ssize_t n = recv(fd, data, sizeof(data), 0);
	size_t length = (size_t)n;

	(void)source;
	(void)events;
	if (n < 0)
		return 0; /* ECONNREFUSED while the IMM is down */
	if (proxy->from_imm && !proxy->from_imm(proxy, data, &length))
		return 0;
	if (proxy->hold) {
		ck_assert_uint_lt(proxy->held_count, PROXY_HELD);
		memcpy(proxy->held[proxy->held_count].data, data, length);
		proxy->held[proxy->held_count].length = length;
		proxy->held[proxy->held_count++].to = client->address;
		return 0;
	}
	(void)!sendto(proxy->front, data, length, 0, (struct sockaddr *)&client->address, sizeof(client->address));
	return 0;
}

static struct proxy_client *
proxy_client(struct proxy *proxy, const struct sockaddr_in *address)
{
	struct proxy_client *client;

	for (unsigned i = 0; i < PROXY_CLIENTS; i++)
		if (proxy->clients[i].proxy && memcmp(&proxy->clients[i].address, address, sizeof(*address)) == 0)
			return &proxy->clients[i];
	client = &proxy->clients[proxy->next++ % PROXY_CLIENTS];
	if (client->proxy) {
		sd_event_source_disable_unref(client->source);
		close(client->back);
	}
	client->proxy = proxy;
	client->address = *address;
	client->back = loopback_socket(NULL);
	ck_assert_int_eq(connect(client->back, (struct sockaddr *)&proxy->imm, sizeof(proxy->imm)), 0);
	ck_assert_int_ge(
		sd_event_add_io(proxy->event, &client->source, client->back, EPOLLIN, proxy_from_imm, client), 0);
	return client;
}

static int
proxy_to_imm(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct proxy *proxy = userdata;
	struct sockaddr_in from;
	socklen_t from_length = sizeof(from);
	uint8_t data[512];
	ssize_t n = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &from_length);
	size_t length = (size_t)n;

	(void)source;
	(void)events;
	if (n < 6)
		return 0;
	memset(from.sin_zero, 0, sizeof(from.sin_zero));
	proxy->last = from;
	proxy->opens += data[4] == 6 && data[5] == 0x10;
	proxy->rakp1s += data[4] == 6 && data[5] == 0x12;
	proxy->requests += data[4] == 6 && data[5] == 0xc0;
	if (!proxy->to_imm || proxy->to_imm(proxy, data, &length))
		(void)!send(proxy_client(proxy, &from)->back, data, length, 0);
	return 0;
}

static void
proxy_open(struct proxy *proxy, sd_event *event, uint16_t imm_port)
{
	memset(proxy, 0, sizeof(*proxy));
	proxy->event = event;
	proxy->imm = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(imm_port)
	};
	proxy->front = loopback_socket(&proxy->port);
	ck_assert_int_ge(sd_event_add_io(event, &proxy->source, proxy->front, EPOLLIN, proxy_to_imm, proxy), 0);
}

static void
proxy_close(struct proxy *proxy)
{
	sd_event_source_disable_unref(proxy->source);
	close(proxy->front);
	for (unsigned i = 0; i < PROXY_CLIENTS; i++) {
		if (proxy->clients[i].proxy) {
			sd_event_source_disable_unref(proxy->clients[i].source);
			close(proxy->clients[i].back);
		}
	}
}

/* A datagram to the newest client from the address that it takes for the IMM's. */
__attribute__((unused)) static void
proxy_forge(struct proxy *proxy, const void *data, size_t length)
{
	(void)!sendto(proxy->front, data, length, 0, (struct sockaddr *)&proxy->last, sizeof(proxy->last));
}

__attribute__((unused)) static void
proxy_release(struct proxy *proxy)
{
	proxy->hold = false;
	for (unsigned i = 0; i < proxy->held_count; i++)
		(void)!sendto(proxy->front, proxy->held[i].data, proxy->held[i].length, 0,
			(struct sockaddr *)&proxy->held[i].to, sizeof(proxy->held[i].to));
	proxy->held_count = 0;
}

#endif
