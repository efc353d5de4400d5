/* The fence process: as a child, and as the program that the daemon starts. */
#include "fence/client.h"
#include "fence/worker.h"
#include "lib/worker.h"
#include "test/unit/ipmi_bed.h"
#include "test/unit/suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fence_report
receive(int fd, enum fence_report_type type, uint32_t token, enum fence_error error)
{
	struct fence_report report;
	int r;

	for (ha_time end = ha_now() + 10 * HA_SEC; ha_now() < end; bed_step()) {
		while ((r = fence_client_receive(fd, &report)) == 0)
			if (report.type == type && report.token == token && report.error == error)
				return report;
		ck_assert_int_eq(r, -EAGAIN);
	}
	ck_abort_msg("no report of the fence process");
}

static void
wait_exit(pid_t pid)
{
	int status;

	for (ha_time end = ha_now() + 5 * HA_SEC; waitpid(pid, &status, WNOHANG) == 0; bed_step())
		ck_assert_msg(ha_now() < end, "it lives on without its socket");
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

START_TEST(worker_process)
{
	struct fence_worker_config config = {
		.usable = true, .imm = bed->config, .login_timeout = LOGIN_TIMEOUT, .monitor_interval = 5 * HA_SEC
	};
	struct fence_order read_order = { .type = FENCE_ORDER_READ, .token = 7, .not_after = ha_now() + 5 * HA_SEC };
	int fds[2];
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		close(fds[0]);
		_exit(ha_worker_harden() == 0 && ha_worker_drop_capabilities() == 0 &&
					fence_worker_run(fds[1], &config) == 0 && config.imm.password[0] == '\0'
				? 0
				: 1);
	}
	close(fds[1]);
	ck_assert_int_eq(send(fds[0], "junk", 4, 0), 4); /* ignored */
	receive(fds[0], FENCE_REPORT_DEVICE, 0, FENCE_OK);
	ck_assert_int_eq(fence_client_send(fds[0], &read_order), 0);
	ck_assert_int_eq(receive(fds[0], FENCE_REPORT_ANSWER, 7, FENCE_OK).power, FENCE_POWER_ON);
	close(fds[0]);
	wait_exit(pid);
}
END_TEST

/* The program itself, as the daemon starts it: with a configuration file, a password file and a socket. */
START_TEST(executable)
{
	struct fence_order read_order = { .type = FENCE_ORDER_READ, .token = 9, .not_after = ha_now() + 5 * HA_SEC };
	char text[1024], path[256], config[128];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 32);
	pid_t pid;
	int fd;

	ck_assert_int_gt(n, 0);
	path[n] = '\0';
	strcpy(strrchr(path, '/'), "/../ha-fenced-fence");
	ck_assert_msg(access(path, X_OK) == 0, "%s is not built", path);
	snprintf(text, sizeof(text),
		"cluster: { name = \"test\"; authkey_file = \"/etc/ha-fenced/authkey\"; };\n"
		"nodes = ( { name = \"A\"; priority = 100; links = ( { address = \"192.0.2.1\"; } );\n"
		"    imm: { address = \"192.0.2.98\"; username = \"x\"; password = \"y\"; }; },\n"
		"  { name = \"B\"; priority = 90; links = ( { address = \"192.0.2.2\"; } );\n"
		"    imm: { address = \"127.0.0.1\"; port = %u; username = \"" IMM_USER "\";\n"
		"      password_file = \"%s/password\"; }; } );\n"
		"vrrp = ( { name = \"VI_1\"; interface = \"lo\"; virtual_router_id = 51;\n"
		"  virtual_ipaddress = ( \"192.0.2.10/24\" ); } );\n",
		bed->proxy.port, bed->imm.dir);
	imm_write(&bed->imm, "ha-fenced.conf", 0600, text);
	imm_write(&bed->imm, "password", 0600, IMM_PASSWORD "\n");
	snprintf(config, sizeof(config), "%s/ha-fenced.conf", bed->imm.dir);
	ck_assert_int_eq(ha_worker_spawn(path, config, "A", NULL, &pid, &fd), 0);
	receive(fd, FENCE_REPORT_DEVICE, 0, FENCE_OK);
	ck_assert_int_eq(fence_client_send(fd, &read_order), 0);
	ck_assert_int_eq(receive(fd, FENCE_REPORT_ANSWER, 9, FENCE_OK).power, FENCE_POWER_ON);
	close(fd);
	wait_exit(pid);

	imm_write(&bed->imm, "password", 0644, IMM_PASSWORD "\n"); /* everybody may read it: refused (S11) */
	ck_assert_int_eq(ha_worker_spawn(path, config, "A", NULL, &pid, &fd), 0);
	receive(fd, FENCE_REPORT_DEVICE, 0, FENCE_CONFIG);
	ck_assert_int_eq(fence_client_send(fd, &read_order), 0);
	receive(fd, FENCE_REPORT_ANSWER, 9, FENCE_CONFIG);
	close(fd);
	wait_exit(pid);
	ck_assert_int_eq(ha_worker_spawn("/nonexistent", config, "A", NULL, &pid, &fd), -ENOENT);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ipmi: worker");
	TCase *tc = suite_case(suite, "ipmi: worker");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_set_timeout(tc, 90);
	tcase_add_test(tc, worker_process);
	tcase_add_test(tc, executable);
	return bed_main(suite);
}
