/* daemon/cli_wire.h -- ask the wire who has the VIPs and whether the peer's addresses answer, from the command line.
 *
 * The promise: asks with probes that enter nobody's cache (RFC 5227), a few of them, and reports what answered; adds
 * and announces nothing. */
#ifndef HA_DAEMON_CLI_WIRE_H
#define HA_DAEMON_CLI_WIRE_H

#include "lib/config.h"
#include "vrrp/probe.h"

#include <systemd/sd-event.h>

#define CLI_WIRE_VIPS    64 /* of a longer list the first ones are asked for */
#define CLI_WIRE_DECOYS  3  /* addresses that nobody should have */
#define CLI_WIRE_TARGETS (CLI_WIRE_VIPS + CONFIG_LINKS + CLI_WIRE_DECOYS)
#define CLI_WIRE_PORTS   8
#define CLI_WIRE_TIME    (400 * HA_MS)

struct cli_wire_target {
	struct ha_address address;
	char interface[IF_NAMESIZE]; /* "": no interface is known */
	unsigned port;
	int error; /* 0 if asked; else -errno: -EPERM without CAP_NET_RAW, -ENODEV, -EOPNOTSUPP (no Ethernet) ... */
	bool answered;
	uint8_t mac[VRRP_PROBE_MAC];
	ha_time asked_at, answered_at;
	bool own; /* the address stands in this kernel, on `own_interface` */
	char own_interface[IF_NAMESIZE];
};

struct cli_wire;

struct cli_wire_port {
	struct cli_wire *wire;
	char interface[IF_NAMESIZE];
	int error;
	struct vrrp_probe probe;
	sd_event_source *arp, *nd;
	unsigned targets[CLI_WIRE_TARGETS], target_count;
};

struct cli_wire {
	sd_event *event; /* borrowed */
	struct cli_wire_target targets[CLI_WIRE_TARGETS];
	unsigned vip_count;   /* targets[0 ...]: the VIPs, in the order of the configuration */
	unsigned link_count;  /* targets[vip_count ...]: the peer's link addresses */
	unsigned decoy_count; /* behind these: random addresses of the VIP's network, not configured anywhere here */
	struct cli_wire_port ports[CLI_WIRE_PORTS];
	unsigned port_count;
	unsigned rounds;
	sd_event_source *timer;
	ha_time until;
	bool done;
	void (*on_done)(void *userdata);
	void *userdata;
};

/* Looks into the kernel, opens the probes and asks; `on_done` is called from the event loop after CLI_WIRE_TIME, or
 * never if there is nothing to ask (`done` is set then). 0 or -errno. cli_wire_close() in every case. */
int cli_wire_begin(struct cli_wire *wire, sd_event *event, const struct config *config, void (*on_done)(void *userdata),
	void *userdata);
void cli_wire_close(struct cli_wire *wire);
const char *cli_wire_mac(const uint8_t mac[VRRP_PROBE_MAC], char buffer[18]);

#endif
