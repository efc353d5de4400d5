#include "test/unit/imm.h"

#include <arpa/inet.h>
#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

void
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
void
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

uint16_t
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

void
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

void
imm_stop(struct imm *imm)
{
	if (imm->pid > 0) {
		kill(imm->pid, SIGKILL);
		waitpid(imm->pid, NULL, 0);
	}
	imm->pid = 0;
}

void
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

void
remove_tree(const char *path)
{
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

unsigned
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
