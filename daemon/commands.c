#include "daemon/daemon.h"

#include "daemon/guid.h"
#include "daemon/node_config.h"
#include "lib/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

static void
node_command(struct daemon *d, uint32_t token, enum node_command_type type, const struct request *request)
{
	struct node_event event = { .type = NODE_EV_COMMAND,
		.command = { .type = type,
			.token = token,
			.duration = request->duration,
			.force = request->force,
			.dry = request->dry,
			.claim = request->claim } };
	daemon_event(d, &event);
}

static void
confirm_off(struct daemon *d, uint32_t token, const struct request *request)
{
	char text[160], remedy[160];
	if (strcmp(request->node, config_peer(d->config)->name) == 0) {
		node_command(d, token, NODE_CMD_CONFIRM_OFF, request);
		return;
	}
	bool own = strcmp(request->node, config_local(d->config)->name) == 0;
	snprintf(text, sizeof(text), own ? "refused: %s is this node" : "there is no node \"%s\"", request->node);
	snprintf(remedy, sizeof(remedy), "the other node is %s: if you have seen it off: ha-fence confirm-off %s",
		config_peer(d->config)->name, config_peer(d->config)->name);
	control_answer(d->control, token, own ? 1 : 2, text, remedy, NULL);
}

static void
version(struct daemon *d, uint32_t token)
{
	control_answer(d->control, token, 0, "ha-fenced " HA_VERSION, NULL,
		json_pack("{s:s, s:i, s:I}", "version", HA_VERSION, "pid", (int)getpid(), "started_us",
			(json_int_t)d->started));
}

void
commands_request(void *userdata, const struct request *request, uint32_t token)
{
	struct daemon *d = userdata;
	daemon_wake(d);
	switch (request->type) {
	case REQUEST_STATUS:
		control_answer(d->control, token, 0, "status", NULL, status_json(d));
		break;
	case REQUEST_HISTORY:
		control_answer(d->control, token, 0, "history", NULL, history_json(&d->history, request->episode));
		break;
	case REQUEST_TEST:
		control_answer(d->control, token, 0, "test", NULL, status_test_json(d));
		break;
	case REQUEST_METRICS:
		control_answer(d->control, token, 0, "metrics", NULL, status_metrics_json(d));
		break;
	case REQUEST_TESTED:
		metrics_tested(&d->metrics, time(NULL), request->episode);
		control_answer(d->control, token, 0, "noted", NULL, NULL);
		break;
	case REQUEST_VERSION:
		version(d, token);
		break;
	case REQUEST_SWITCHOVER:
		node_command(d, token, NODE_CMD_SWITCHOVER, request);
		break;
	case REQUEST_STANDBY:
		node_command(d, token, NODE_CMD_STANDBY, request);
		break;
	case REQUEST_UNSTANDBY:
		node_command(d, token, NODE_CMD_UNSTANDBY, request);
		break;
	case REQUEST_PAUSE:
		node_command(d, token, NODE_CMD_PAUSE, request);
		break;
	case REQUEST_RESUME:
		node_command(d, token, NODE_CMD_RESUME, request);
		break;
	case REQUEST_CONFIRM_OFF:
		confirm_off(d, token, request);
		break;
	case REQUEST_RELOAD:
		commands_reload(d, token);
		break;
	case REQUEST_REEXEC:
		reexec_request(d, token);
		break;
	case REQUEST_TYPES:
		break;
	}
}

/* --- reload --- */

static void
reload_answer(struct daemon *d, uint32_t token, int status, const char *text, const char *remedy)
{
	ha_log(status == 0 ? LOG_NOTICE : LOG_ERR, "reload: %s", text);
	control_answer(d->control, token, status, text, remedy, NULL);
	sd_notify(0, "READY=1");
}

/* What the lock, the names and the keys of this run hang on needs a restart, which does not move the VIP (S4). */
static const char *
needs_restart(const struct config *old, const struct config *new)
{
	if (old->vrrp.vrid != new->vrrp.vrid)
		return "virtual_router_id";
	if (strcmp(config_local(old)->name, config_local(new)->name) != 0 || old->local != new->local)
		return "the local node's name";
	if (strcmp(old->cluster, new->cluster) != 0)
		return "cluster.name";
	if (strcmp(config_peer(old)->name, config_peer(new)->name) != 0)
		return "the peer's name";
	return NULL;
}

static int
load(struct daemon *d, struct config **ret, char text[256])
{
	struct config_problems *problems = NULL;
	int r = config_load(d->options.config, d->options.node, CONFIG_AUTHKEYS, ret, &problems);
	if (r < 0) {
		const char *first = problems == NULL ? NULL : config_problems_text(problems, 0);
		snprintf(text, 256, "refused, the running configuration stays in force: %.150s",
			first != NULL ? first : strerror(-r));
		text[strcspn(text, "\n")] = '\0';
	}
	config_problems_free(problems);
	return r;
}

void
commands_reload(struct daemon *d, uint32_t token)
{
	struct config *config;
	struct node_config node_config;
	char text[256];
	if (d->reload_config != NULL || d->batch_count > 0) {
		reload_answer(d, token, 1, "refused: addresses are just being changed", "repeat it");
		return;
	}
	sd_notify(0, "RELOADING=1");
	int r = load(d, &config, text);
	d->config_invalid = r < 0;
	if (r < 0) {
		reload_answer(d, token, 2, text, "ha-fence check-config");
		daemon_alarms(d);
		return;
	}
	const char *restart = needs_restart(d->config, config);
	if (restart != NULL) {
		snprintf(text, sizeof(text), "refused: %s was changed, which needs a restart", restart);
		config_free(config);
		reload_answer(d, token, 1, text, "systemctl restart ha-fenced");
		return;
	}
	(void)daemon_guid(&config_local(config)->guid, DAEMON_GUID_FILE, &d->guid);
	node_config_from(config, &d->guid, &node_config);
	struct node_event event = { .type = NODE_EV_RELOAD, .token = token, .config = &node_config };
	d->reload_config = config;
	d->reload_token = token;
	daemon_event(d, &event);
}

/* The node has taken it: sockets, addresses and helpers follow. Addresses in the kernel stay until the node adds. */
static void
reload_taken(struct daemon *d)
{
	struct config *old = d->config;
	uint32_t token = d->reload_token;
	links_deconfigure(d);
	d->config = d->reload_config;
	d->reload_config = NULL;
	d->config_invalid = false;
	int r = daemon_configure(d);
	if (r < 0)
		ha_log(LOG_ERR, "reload: %s", strerror(-r));
	vip_close(d);
	if (r >= 0)
		r = vip_open(d);
	release_configure(d->release, d->config);
	notify_configure(d->notify, d->config);
	links_refresh(d);
	(void)vip_any_present(d); /* from now on their loss is seen */
	workers_restart(d->workers);
	if (daemon_health_configure(d->health, d->config) < 0)
		ha_log(LOG_ERR, "reload: the health checks cannot be run");
	config_free(old);
	reload_answer(d, token, r < 0 ? 1 : 0, r < 0 ? strerror(-r) : "the new configuration is in force", NULL);
}

void
commands_reply(struct daemon *d, uint32_t token, enum node_reply reply)
{
	char text[ADVICE_TEXT], remedy[ADVICE_TEXT];
	struct advice_names names;
	if (d->reload_config != NULL && token == d->reload_token) {
		if (reply == NODE_REPLY_DONE) {
			reload_taken(d);
			return;
		}
		config_free(d->reload_config);
		d->reload_config = NULL;
	}
	daemon_advice_names(d, &names);
	control_answer(d->control, token, reply == NODE_REPLY_DONE || reply == NODE_REPLY_NOTHING ? 0 : 1,
		advice_reply(reply, &names, text), advice_reply_remedy(reply, &names, remedy), NULL);
}
