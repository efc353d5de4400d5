#include "daemon/metrics_text.h"

#include "daemon/alarm.h"
#include "daemon/cli_text.h"
#include "vrrp/message.h"

#include <stdarg.h>
#include <string.h>

struct writer {
	FILE *out;
	const json_t *status;
	const char *cluster;
	double now;
};

static void
put_label(FILE *out, const char *name, const char *value)
{
	(void)fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			(void)fputc('\\', out);
		if (*value == '\n')
			(void)fputs("\\n", out);
		else
			(void)fputc(*value, out);
	}
	(void)fputc('"', out);
}

static void
family(const struct writer *w, const char *name, const char *type, const char *help)
{
	(void)fprintf(w->out, "# HELP ha_fence_%s %s\n# TYPE ha_fence_%s %s\n", name, help, name, type);
}

static void
labels(const struct writer *w, va_list pairs)
{
	(void)fputc('{', w->out);
	put_label(w->out, "cluster", w->cluster);
	for (const char *label = va_arg(pairs, const char *); label; label = va_arg(pairs, const char *)) {
		(void)fputc(',', w->out);
		put_label(w->out, label, va_arg(pairs, const char *));
	}
	(void)fputc('}', w->out);
}

/* Labels and their values follow in turn; NULL ends them. */
static void __attribute__((sentinel)) sample(const struct writer *w, const char *name, double value, ...)
{
	va_list pairs;

	(void)fprintf(w->out, "ha_fence_%s", name);
	va_start(pairs, value);
	labels(w, pairs);
	va_end(pairs);
	(void)fprintf(w->out, " %.17g\n", value);
}

static const json_t *
part(const json_t *object, const char *key)
{
	return json_object_get(object, key);
}

static void
write_states(const struct writer *w)
{
	const json_t *peer = part(w->status, "peer");
	const char *own = cli_json_string(w->status, "state", "");
	const char *other = cli_json_bool(peer, "heard") ? cli_json_string(peer, "state", "") : "";

	family(w, "node_state", "gauge", "1 for the state a node is in; no state of a node that is silent.");
	for (unsigned i = 0; i < NODE_STATES; i++) {
		const char *name = node_state_name((enum node_state)i);

		sample(w, "node_state", strcmp(name, own) == 0, "node", cli_json_string(w->status, "node", ""), "state",
			name, NULL);
		sample(w, "node_state", strcmp(name, other) == 0, "node", cli_json_string(peer, "name", ""), "state",
			name, NULL);
	}
}

static void
write_vips(const struct writer *w)
{
	const json_t *vip;
	size_t index;

	family(w, "vip_held", "gauge", "1 if this node holds the address.");
	json_array_foreach(part(w->status, "vips"), index, vip)
	{
		sample(w, "vip_held", cli_json_bool(w->status, "holding") && cli_json_bool(vip, "present"), "address",
			cli_json_string(vip, "address", ""), "interface", cli_json_string(vip, "interface", ""), NULL);
	}
}

static void
write_peer(const struct writer *w)
{
	const json_t *peer = part(w->status, "peer"), *link, *setting;
	bool ready = cli_json_bool(peer, "heard") && cli_json_bool(peer, "fit") && !cli_json_bool(peer, "standby") &&
		     cli_json_bool(peer, "can_fence_me");
	size_t index;

	family(w, "protected", "gauge", "1 if the VIP is held and the standby is fit and can fence the holder.");
	sample(w, "protected", strcmp(cli_json_string(w->status, "summary", ""), "PROTECTED") == 0, NULL);
	family(w, "peer_ready", "gauge", "1 if the peer is heard, fit, not in standby, and can fence this node.");
	sample(w, "peer_ready", ready, NULL);
	family(w, "peer_last_message_timestamp_seconds", "gauge", "When the peer was last heard on a link.");
	json_array_foreach(part(peer, "links"), index, link)
	{
		if (!cli_json_is_null(link, "age_ms"))
			sample(w, "peer_last_message_timestamp_seconds",
				w->now - cli_json_number(link, "age_ms", 0) / 1000, "link",
				cli_json_string(link, "address", ""), NULL);
	}
	family(w, "priority", "gauge", "This node's priority.");
	sample(w, "priority", cli_json_number(w->status, "priority", 0), "type", "configured", NULL);
	sample(w, "priority", cli_json_number(w->status, "effective_priority", 0), "type", "effective", NULL);
	family(w, "config_in_sync", "gauge", "1 if both nodes run the same configuration.");
	if (cli_json_bool(peer, "ever"))
		sample(w, "config_in_sync", cli_json_bool(peer, "config_same"), NULL);
	family(w, "config_setting_differs", "gauge", "1 for each setting that differs between the nodes.");
	json_array_foreach(part(peer, "config_settings"), index, setting)
	{
		if (json_is_string(setting))
			sample(w, "config_setting_differs", 1, "setting", json_string_value(setting), NULL);
	}
}

static void
write_device(const struct writer *w)
{
	const json_t *fence = part(w->status, "fence");
	const char *target = cli_json_string(part(w->status, "peer"), "name", "");
	const char *error = cli_json_string(fence, "error", "unknown"),
		   *power = cli_json_string(fence, "power", "unknown");
	bool up = cli_json_bool(fence, "reachable");

	if (!cli_json_bool(fence, "configured"))
		return;
	family(w, "device_up", "gauge", "1 if the target's fence device answers and lets this node in.");
	sample(w, "device_up", up, "target", target, "device", "imm", NULL);
	family(w, "device_error", "gauge", "1 for what is wrong with the target's fence device.");
	if (!up)
		sample(w, "device_error", 1, "target", target, "error", error, NULL);
	family(w, "device_rtt_seconds", "gauge", "How long the newest answer of the target's fence device took.");
	if (up && !cli_json_is_null(fence, "rtt_ms"))
		sample(w, "device_rtt_seconds", cli_json_number(fence, "rtt_ms", 0) / 1000, "target", target, NULL);
	family(w, "chassis_power_on", "gauge", "1 if the target is on, 0 if it is off, by its fence device.");
	if (up && (strcmp(power, "on") == 0 || strcmp(power, "off") == 0))
		sample(w, "chassis_power_on", strcmp(power, "on") == 0, "target", target, NULL);
}

static void
write_checks(const struct writer *w)
{
	const json_t *check;
	size_t index;

	family(w, "check_up", "gauge", "1 if the health check is up.");
	json_array_foreach(part(w->status, "health"), index, check)
	{
		if (!cli_json_is_null(check, "ok"))
			sample(w, "check_up", cli_json_bool(check, "ok"), "check", cli_json_string(check, "name", ""),
				"type", cli_json_string(check, "type", ""), NULL);
	}
	family(w, "check_duration_seconds", "gauge", "How long the newest probe of the check took.");
	json_array_foreach(part(w->status, "health"), index, check)
	{
		if (!cli_json_is_null(check, "ms"))
			sample(w, "check_duration_seconds", cli_json_number(check, "ms", 0) / 1000, "check",
				cli_json_string(check, "name", ""), NULL);
	}
}

static bool
is_raised(const json_t *alarms, const char *name)
{
	const json_t *alarm;
	size_t index;

	json_array_foreach(alarms, index, alarm)
	{
		if (strcmp(cli_json_string(alarm, "name", ""), name) == 0)
			return true;
	}
	return false;
}

static void
write_alarms(const struct writer *w)
{
	const json_t *raised = part(w->status, "alarms");

	family(w, "alarm_active", "gauge", "1 while the alarm is raised.");
	for (unsigned i = 0; i < ALARMS; i++)
		sample(w, "alarm_active", is_raised(raised, alarm_name((enum alarm)i)), "alarm",
			alarm_name((enum alarm)i), "severity", alarm_severity_name(alarm_severity((enum alarm)i)),
			NULL);
	family(w, "config_last_reload_successful", "gauge", "1 if the newest reload was taken.");
	sample(w, "config_last_reload_successful", !is_raised(raised, alarm_name(ALARM_CONFIG_INVALID)), NULL);
}

static void
write_adverts(const struct writer *w)
{
	static const char *const results[][2] = { { "from_peer", "peer" }, { "foreign", "foreign" },
		{ "invalid", "invalid" } };
	const json_t *adverts = part(w->status, "adverts");

	family(w, "advertisements_sent_total", "counter", "VRRP advertisements sent.");
	sample(w, "advertisements_sent_total", cli_json_number(part(w->status, "metrics"), "adverts_sent", 0), NULL);
	family(w, "advertisements_received_total", "counter", "VRRP advertisements received, by whose they were.");
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		sample(w, "advertisements_received_total", cli_json_number(adverts, results[i][0], 0), "result",
			results[i][1], NULL);
}

static void
write_messages(const struct writer *w)
{
	static const char *const kinds[][3] = { { "sent", "out", "ok" }, { "send_failed", "out", "failed" },
		{ "received", "in", "ok" }, { "rejected", "in", "rejected" } };
	const json_t *link;
	size_t index;

	family(w, "peer_messages_total", "counter", "Messages to and from the peer.");
	json_array_foreach(part(w->status, "messages"), index, link)
	{
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			sample(w, "peer_messages_total", cli_json_number(link, kinds[i][0], 0), "link",
				cli_json_string(link, "address", ""), "direction", kinds[i][1], "result", kinds[i][2],
				NULL);
	}
}

static void
write_histogram(const struct writer *w, const char *name, const char *key, const char *help)
{
	const json_t *histogram = part(part(w->status, "metrics"), key), *bucket;
	char full[64], bound[32];
	size_t index;

	family(w, name, "histogram", help);
	(void)snprintf(full, sizeof(full), "%s_bucket", name);
	json_array_foreach(part(histogram, "buckets"), index, bucket)
	{
		(void)snprintf(bound, sizeof(bound), "%g", json_number_value(json_array_get(bucket, 0)));
		sample(w, full, json_number_value(json_array_get(bucket, 1)), "le", bound, NULL);
	}
	sample(w, full, cli_json_number(histogram, "count", 0), "le", "+Inf", NULL);
	(void)snprintf(full, sizeof(full), "%s_sum", name);
	sample(w, full, cli_json_number(histogram, "sum", 0), NULL);
	(void)snprintf(full, sizeof(full), "%s_count", name);
	sample(w, full, cli_json_number(histogram, "count", 0), NULL);
}

static void
write_fencing(const struct writer *w)
{
	const json_t *metrics = part(w->status, "metrics"), *entry;
	const char *target = cli_json_string(part(w->status, "peer"), "name", "");
	size_t index;

	family(w, "fence_actions_total", "counter",
		"Power commands to the target's fence device, by what came of them.");
	json_array_foreach(part(metrics, "fence_actions"), index, entry)
	{
		sample(w, "fence_actions_total", cli_json_number(entry, "count", 0), "target", target, "action",
			cli_json_string(entry, "action", ""), "result", cli_json_string(entry, "result", ""), NULL);
	}
	family(w, "failovers_total", "counter", "How often this node has taken the VIP, by its proof.");
	json_array_foreach(part(metrics, "failovers"), index, entry)
	{
		sample(w, "failovers_total", cli_json_number(entry, "count", 0), "proof",
			cli_json_string(entry, "proof", ""), NULL);
	}
	write_histogram(w, "fence_duration_seconds", "fence_duration", "From the order to power down to the proof.");
	write_histogram(w, "outage_seconds", "outage", "How long nobody served before this node took the VIP.");
	write_histogram(
		w, "advert_lateness_seconds", "advert_lateness", "By how much an advertisement was sent too late.");
}

static void
write_rest(const struct writer *w)
{
	const json_t *metrics = part(w->status, "metrics"), *worker;
	const char *name;

	family(w, "worker_restarts_total", "counter", "Restarts of a helper process.");
	json_object_foreach((json_t *)(uintptr_t)part(w->status, "workers"), name, worker)
	{
		sample(w, "worker_restarts_total", cli_json_number(worker, "restarts", 0), "worker", name, NULL);
	}
	family(w, "last_test_timestamp_seconds", "gauge", "When ha-fence test ran last.");
	if (!cli_json_is_null(metrics, "last_test"))
		sample(w, "last_test_timestamp_seconds", cli_json_number(metrics, "last_test", 0), NULL);
	family(w, "last_test_failures", "gauge", "How many checks of it failed.");
	if (!cli_json_is_null(metrics, "last_test"))
		sample(w, "last_test_failures", cli_json_number(metrics, "last_test_failures", 0), NULL);
	family(w, "build_info", "gauge", "1; the version that runs.");
	sample(w, "build_info", 1, "version", cli_json_string(w->status, "version", ""), NULL);
}

void
metrics_text_write(FILE *out, const json_t *status, double now)
{
	const struct writer w = {
		.out = out, .status = status, .cluster = cli_json_string(status, "cluster", ""), .now = now
	};

	write_states(&w);
	write_vips(&w);
	write_peer(&w);
	write_device(&w);
	write_checks(&w);
	write_alarms(&w);
	write_adverts(&w);
	write_messages(&w);
	write_fencing(&w);
	write_rest(&w);
}
