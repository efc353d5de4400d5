/* test/lab/imm.c -- a module of ipmi_sim: the completion code of Chassis Control and the power restore policy as a test
 * wants them.
 *
 * Loaded with the IMM's folder as option. While FOLDER/knobs/completion holds a code (hexadecimal), Chassis Control
 * (IPMI 2.0 table 28-4) is answered with it and does nothing: 0xD5, "not supported in present state", is what real IMMs
 * say to a host that is off. Without the file the chassis script is called as ipmi_sim itself would. If
 * FOLDER/knobs/policy is there at the start, Get Chassis Status (table 28-3) says the power restore policy that it
 * holds, 0 to 3; ipmi_sim itself knows none. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <OpenIPMI/ipmi_msgbits.h>
#include <OpenIPMI/mcserv.h>
#include <OpenIPMI/msg.h>
#include <OpenIPMI/serv.h>

static char folder[512];

int ipmi_sim_module_print_version(sys_data_t *sys, char *options);
int ipmi_sim_module_init(sys_data_t *sys, const char *options);
int ipmi_sim_module_post_init(sys_data_t *sys);

static void
note(unsigned order, unsigned code)
{
	char path[600];
	snprintf(path, sizeof(path), "%s/calls", folder);
	FILE *calls = fopen(path, "ae");
	if (!calls)
		return;
	fprintf(calls, "refused %u with %02x\n", order, code);
	fclose(calls);
}

static void
chassis_control(lmc_data_t *mc, msg_t *msg, unsigned char *answer, unsigned int *answer_bytes, void *data)
{
	static const char *const orders[] = { "power 0", "power 1", "reset 1", "reset 1", "identify 1", "shutdown 1" };
	unsigned order = msg->len > 0 ? msg->data[0] & 0x0fU : 0x0fU, code = 0;
	char path[600], command[1200];

	(void)mc;
	(void)data;
	*answer_bytes = 1;
	answer[0] = 0;
	snprintf(path, sizeof(path), "%s/knobs/completion", folder);
	FILE *knob = fopen(path, "re");
	if (knob) {
		if (fscanf(knob, "%x", &code) == 1)
			answer[0] = (unsigned char)code;
		fclose(knob);
		note(order, code);
		return;
	}
	if (order >= sizeof(orders) / sizeof(orders[0])) {
		answer[0] = 0xcc; /* invalid data field */
		return;
	}
	snprintf(command, sizeof(command), "sh %s/chassis 0x20 set %s", folder, orders[order]);
	if (system(command) != 0)
		answer[0] = 0xff; /* unspecified error */
}

static void
policy_path(char path[600])
{
	snprintf(path, 600, "%s/knobs/policy", folder);
}

static void
chassis_status(lmc_data_t *mc, msg_t *msg, unsigned char *answer, unsigned int *answer_bytes, void *data)
{
	char path[600], command[1200];
	unsigned policy = 3;
	int on = 0;

	(void)mc;
	(void)msg;
	(void)data;
	policy_path(path);
	FILE *in = fopen(path, "re");
	if (in) {
		(void)!fscanf(in, "%u", &policy);
		fclose(in);
	}
	snprintf(command, sizeof(command), "sh %s/chassis 0x20 get power", folder);
	in = popen(command, "r");
	if (!in || fscanf(in, "power:%d", &on) != 1)
		answer[0] = 0xff;
	else
		answer[0] = 0;
	if (in)
		pclose(in);
	answer[1] = (unsigned char)((policy & 3) << 5 | (on != 0));
	answer[2] = answer[3] = 0;
	*answer_bytes = answer[0] == 0 ? 4 : 1;
}

int
ipmi_sim_module_print_version(sys_data_t *sys, char *options)
{
	(void)sys;
	(void)options;
	puts("imm: for the lab of ha-fenced");
	return 0;
}

int
ipmi_sim_module_init(sys_data_t *sys, const char *options)
{
	(void)sys;
	snprintf(folder, sizeof(folder), "%s", options);
	return 0;
}

int
ipmi_sim_module_post_init(sys_data_t *sys)
{
	char path[600];
	int r;

	(void)sys;
	r = ipmi_emu_register_cmd_handler(IPMI_CHASSIS_NETFN, IPMI_CHASSIS_CONTROL_CMD, chassis_control, NULL);
	policy_path(path);
	if (r == 0 && access(path, R_OK) == 0)
		r = ipmi_emu_register_cmd_handler(
			IPMI_CHASSIS_NETFN, IPMI_GET_CHASSIS_STATUS_CMD, chassis_status, NULL);
	return r;
}
