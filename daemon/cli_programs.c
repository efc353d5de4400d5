#include "daemon/cli_programs.h"

#include "fence/agent.h"
#include "lib/program.h"

#include <errno.h>
#include <stdio.h>

#define SETTING_TEXT 256

struct look {
	cli_programs_handler *handler;
	void *userdata;
	unsigned found;
};

static void
judge(struct look *look, int result, const char *setting, const char *culprit)
{
	if (result != -EPERM)
		return;
	look->handler(look->userdata, setting, culprit);
	look->found++;
}

static void
look_at(struct look *look, const char *setting, const char *command)
{
	char culprit[PATH_MAX] = "";

	if (*command)
		judge(look, program_check(command, culprit), setting, culprit);
}

static void
look_at_agents(struct look *look, const struct config_node *node)
{
	char setting[SETTING_TEXT], path[PATH_MAX], culprit[PATH_MAX] = "";

	for (unsigned i = 0; i < node->device_count; i++) {
		(void)snprintf(setting, sizeof(setting), "nodes.devices.agent of %s", node->devices[i].name);
		judge(look, fence_agent_find(&node->devices[i], path, culprit), setting, culprit);
	}
}

unsigned
cli_programs_unsafe(const struct config *config, cli_programs_handler *handler, void *userdata)
{
	const struct config_notify *notify = &config->notify;
	struct look look = { .handler = handler, .userdata = userdata };
	char setting[SETTING_TEXT];

	for (unsigned i = 0; i < 2; i++)
		look_at_agents(&look, &config->nodes[i]);
	for (unsigned i = 0; i < config->check_count; i++) {
		if (config->checks[i].type != CONFIG_CHECK_SCRIPT)
			continue;
		(void)snprintf(setting, sizeof(setting), "health.checks.script of %s", config->checks[i].name);
		look_at(&look, setting, config->checks[i].target);
	}
	look_at(&look, "release.script", config->release.script);
	look_at(&look, "notify.notify", notify->notify);
	look_at(&look, "notify.notify_master", notify->notify_master);
	look_at(&look, "notify.notify_backup", notify->notify_backup);
	look_at(&look, "notify.notify_fault", notify->notify_fault);
	look_at(&look, "notify.notify_stop", notify->notify_stop);
	return look.found;
}
