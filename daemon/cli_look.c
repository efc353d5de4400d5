#include "daemon/cli_look.h"

#include "daemon/cli_control.h"
#include "daemon/cli_wire.h"

#include <errno.h>
#include <string.h>

#define LOOK_TIME (2 * HA_SEC)

static void
end_loop(void *userdata)
{
	(void)sd_event_exit(userdata, 0);
}

static const char *
why_not_asked(int error)
{
	if (error == -EPERM || error == -EACCES)
		return "not asked (needs root)";
	if (error == -ENODEV)
		return "not asked (no such interface)";
	return error == -ENETDOWN ? "not asked (the interface is down)" : "not asked";
}

static json_t *
describe_vips(const struct cli_wire *wire)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < wire->vip_count; i++) {
		const struct cli_wire_target *target = &wire->targets[i];
		char address[HA_ADDRESS_TEXT], mac[18];
		json_t *vip = json_pack("{s:s, s:s, s:b, s:b}", "address", ha_address_format(&target->address, address),
			"interface", target->own ? target->own_interface : target->interface, "present", target->own,
			"asked", target->error == 0);

		if (target->answered)
			(void)json_object_set_new(vip, "answered_by", json_string(cli_wire_mac(target->mac, mac)));
		else
			(void)json_object_set_new(vip, "answered_by", json_null());
		if (target->error < 0)
			(void)json_object_set_new(vip, "not_asked", json_string(why_not_asked(target->error)));
		(void)json_array_append_new(list, vip);
	}
	return list;
}

static json_t *
ask_wire(const struct config *config)
{
	struct cli_wire wire = { .done = true };
	sd_event *event = NULL;
	json_t *vips = json_array();

	if (sd_event_new(&event) < 0)
		return vips;
	if (cli_wire_begin(&wire, event, config, end_loop, event) == 0) {
		(void)sd_event_add_time_relative(event, NULL, CLOCK_BOOTTIME, LOOK_TIME, 1, NULL, NULL);
		(void)sd_event_loop(event);
		json_decref(vips);
		vips = describe_vips(&wire);
	}
	cli_wire_close(&wire);
	sd_event_unref(event);
	return vips;
}

json_t *
cli_look_around(const struct cli_options *options, int control_error)
{
	struct config_problems *problems = NULL;
	struct config *config = NULL;
	struct cli_problem problem;
	json_t *status = json_object();

	cli_control_problem(control_error, options->runtime_dir, &problem);
	(void)json_object_set_new(status, "summary", json_string("DOWN"));
	(void)json_object_set_new(status, "summary_text", json_string(problem.text));
	(void)json_object_set_new(status, "remedy", json_string(problem.remedy));
	if (config_load(options->config_path, options->node, 0, &config, &problems) == 0) {
		(void)json_object_set_new(status, "cluster", json_string(config->cluster));
		(void)json_object_set_new(status, "node", json_string(config_local(config)->name));
		(void)json_object_set_new(status, "vips", ask_wire(config));
		config_free(config);
	} else if (cli_control_no_daemon(control_error)) {
		(void)json_object_set_new(status, "remedy",
			json_string("ha-fence check-config     (the configuration cannot be read or has errors)"));
	}
	config_problems_free(problems);
	return status;
}
