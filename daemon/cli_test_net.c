#include "daemon/cli_test.h"

#include "daemon/cli_text.h"
#include "daemon/cli_wire.h"
#include "fence/report.h"
#include "vrrp/monitor.h"
#include "vrrp/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define LISTEN_MAX     (3 * HA_SEC)
#define PACKETS_READ   64
#define FOREIGN_RECENT 60 /* seconds: an older stranger is not held against us */

struct cli_test_net {
	struct cli_test *test;
	struct cli_wire wire;
	bool wire_begun;
	int wire_error;
	bool listening;
	int listen_error;
	struct vrrp_socket socket;
	sd_event_source *packets, *timer;
	unsigned from_peer, foreign;
	struct ha_address stranger;
};

static void
on_wire_done(void *userdata)
{
	cli_test_area_done(userdata);
}

static void
on_packet(void *userdata, const struct vrrp_socket_packet *packet)
{
	struct cli_test_net *net = userdata;

	if (packet->from_peer) {
		net->from_peer++;
		return;
	}
	net->foreign++;
	net->stranger = packet->source;
}

static int
on_packets(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct cli_test_net *net = userdata;

	(void)fd;
	(void)events;
	if (vrrp_socket_receive(&net->socket, PACKETS_READ, on_packet, net) < 0)
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return 0;
}

static int
on_listened(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct cli_test_net *net = userdata;

	(void)source;
	(void)usec;
	cli_test_area_done(net->test);
	return 0;
}

/* Without a daemon somebody has to listen: one and a half adverts, but not for ever. */
static int
begin_listening(struct cli_test_net *net)
{
	const struct config *config = net->test->config;
	const struct config_node *local = config_local(config);
	struct vrrp_socket_config socket = { .source = local->links[0].address,
		.peer = config_peer(config)->links[0].address,
		.unicast = config->vrrp.unicast,
		.vrid = config->vrrp.vrid };
	ha_time length = ha_time_min(config->vrrp.advert_interval * 3 / 2, LISTEN_MAX);
	int r;

	(void)snprintf(socket.interface, sizeof(socket.interface), "%s",
		*local->interface ? local->interface : config->vrrp.interface);
	r = vrrp_socket_open(&net->socket, &socket);
	if (r < 0)
		return r;
	net->listening = true;
	r = sd_event_add_io(net->test->event, &net->packets, net->socket.io.fd, EPOLLIN, on_packets, net);
	if (r >= 0)
		r = sd_event_add_time(
			net->test->event, &net->timer, CLOCK_BOOTTIME, ha_now() + length, 1, on_listened, net);
	if (r < 0)
		return r;
	net->test->waiting++;
	return 0;
}

int
cli_test_net_begin(struct cli_test *test, struct cli_test_net **ret)
{
	struct cli_test_net *net = calloc(1, sizeof(*net));

	if (!net)
		return -ENOMEM;
	net->test = test;
	net->wire_error = cli_wire_begin(&net->wire, test->event, test->config, on_wire_done, test);
	if (!net->wire.done)
		test->waiting++;
	if (!test->daemon)
		net->listen_error = begin_listening(net);
	*ret = net;
	return 0;
}

/* What the peer says of this node's IMM, which it would need. */
static const char *
why_not(const struct cli_test *test, enum fence_error error)
{
	if (error == FENCE_ERRORS)
		return "it says nothing of";
	if (error != FENCE_OK)
		return fence_error_text(error);
	return test->config->fence.action == CONFIG_FENCE_CHECK ? "is only read, with action = \"check\""
								: "is not known there to be this node's (identity)";
}

static void
judge_peer_fencing(const struct cli_test *test)
{
	const json_t *peer = json_object_get(test->daemon, "peer");
	const char *name = cli_test_peer_name(test), *me = config_local(test->config)->name;
	char remedy[160], length[CLI_LENGTH_TEXT];

	(void)snprintf(remedy, sizeof(remedy), "on %s:  ha-fence test     says why and what to do", name);
	if (!test->daemon)
		cli_result_add(test->results, "peer-fencing", CLI_SKIP, CLI_NO_TIME, NULL,
			"no daemon here to ask whether %s can fence %s: run this test there, too", name, me);
	else if (!cli_json_bool(peer, "heard"))
		cli_result_add(test->results, "peer-fencing", CLI_FAIL, CLI_NO_TIME,
			"start ha-fenced there; see the link checks below",
			"%s is silent: nobody knows whether it can fence %s", name, me);
	else if (cli_json_bool(peer, "can_fence_me"))
		cli_result_add(test->results, "peer-fencing", CLI_PASS, CLI_NO_TIME, NULL,
			"%s can fence %s (said %s ago)", name, me,
			cli_length(cli_json_number(peer, "age_ms", 0) / 1000, length));
	else
		cli_result_add(test->results, "peer-fencing", CLI_FAIL, CLI_NO_TIME, remedy,
			"%s can NOT fence %s, whose IMM %s", name, me,
			why_not(test, fence_error_named(cli_json_string(peer, "fence_error", "unknown"))));
}

static const char *
link_check(unsigned index, char buffer[24])
{
	static const char *const names[] = { "link-service", "link-storage" };

	if (index < sizeof(names) / sizeof(names[0]))
		return names[index];
	(void)snprintf(buffer, 24, "link-%u", index + 1);
	return buffer;
}

static double
round_trip(const struct cli_test *test, unsigned index)
{
	const json_t *messages = json_object_get(test->daemon, "messages"), *entry;
	size_t i;

	json_array_foreach(messages, i, entry)
	{
		if (cli_json_number(entry, "link", -1) == (double)index && cli_json_number(entry, "rtt_us", 0) > 0)
			return cli_json_number(entry, "rtt_us", 0) / 1000;
	}
	return CLI_NO_TIME;
}

static void
judge_link_by_daemon(const struct cli_test *test, unsigned index, const char *check)
{
	const json_t *peer = json_object_get(test->daemon, "peer");
	const json_t *link = json_array_get(json_object_get(peer, "links"), index);
	const char *name = cli_test_peer_name(test), *address = cli_json_string(link, "address", "?");
	double rtt = round_trip(test, index);
	char remedy[256];

	(void)snprintf(remedy, sizeof(remedy),
		"ping %s; let UDP port %u pass both ways (nft list ruleset; firewall-cmd --list-all)", address,
		test->config->port);
	if (!cli_json_bool(link, "heard"))
		cli_result_add(
			test->results, check, CLI_FAIL, CLI_NO_TIME, remedy, "%s is not heard from %s", name, address);
	else if (!cli_json_bool(link, "hears_me"))
		cli_result_add(test->results, check, CLI_FAIL, CLI_NO_TIME, remedy,
			"%s is heard, but does not hear this node: one way only", name);
	else if (rtt >= 0)
		cli_result_add(test->results, check, CLI_PASS, rtt, NULL, "%s heard, round trip", name);
	else
		cli_result_add(
			test->results, check, CLI_PASS, CLI_NO_TIME, NULL, "%s heard, and hears this node", name);
}

static void
judge_link_by_wire(const struct cli_test_net *net, unsigned index, const char *check)
{
	const struct cli_test *test = net->test;
	const struct config_link *mine = &config_local(test->config)->links[index];
	const struct cli_wire_target *target =
		index < net->wire.link_count ? &net->wire.targets[net->wire.vip_count + index] : NULL;
	const char *name = cli_test_peer_name(test);
	struct vrrp_monitor_link link;
	char address[HA_ADDRESS_TEXT], remedy[256];

	(void)ha_address_format(&mine->address, address);
	if (vrrp_monitor_link_by_address(&mine->address, &link) < 0) {
		(void)snprintf(remedy, sizeof(remedy),
			"ip -br addr     configure %s on this node, or correct nodes.%s.links", address,
			config_local(test->config)->name);
		cli_result_add(test->results, check, CLI_FAIL, CLI_NO_TIME, remedy,
			"%s is on no interface of this machine", address);
	} else if (!link.running) {
		(void)snprintf(
			remedy, sizeof(remedy), "ip link set %s up     and look at cable and switch port", link.name);
		cli_result_add(test->results, check, CLI_FAIL, CLI_NO_TIME, remedy, "%s has no carrier", link.name);
	} else if (target && target->answered) {
		cli_result_add(test->results, check, CLI_PASS,
			(double)(target->answered_at - ha_time_min(target->answered_at, target->asked_at)) /
				(double)HA_MS,
			NULL, "%s answers ARP on %s; no daemon here to hear it", name, link.name);
	} else if (!target || target->error < 0) {
		cli_result_add(test->results, check, CLI_SKIP, CLI_NO_TIME,
			target && (target->error == -EPERM || target->error == -EACCES) ? "run it as root" : NULL,
			"%s is up; %s could not be asked", link.name, name);
	} else {
		(void)snprintf(remedy, sizeof(remedy), "ping %s", ha_address_format(&target->address, address));
		cli_result_add(test->results, check, CLI_WARNING, CLI_NO_TIME, remedy,
			"%s does not answer ARP on %s: off, or cut off", name, link.name);
	}
}

static void
judge_links(const struct cli_test_net *net)
{
	const struct config_node *local = config_local(net->test->config);
	char buffer[24];

	for (unsigned i = 0; i < local->link_count; i++) {
		if (net->test->daemon)
			judge_link_by_daemon(net->test, i, link_check(i, buffer));
		else
			judge_link_by_wire(net, i, link_check(i, buffer));
	}
	if (local->link_count < 2)
		cli_result_add(net->test->results, "links", CLI_WARNING, CLI_NO_TIME,
			"add the storage LAN, or a cable of its own, to links of both nodes",
			"one link only: when it fails the backup has to fence a healthy master");
}

static void
stranger_found(const struct cli_test *test, const char *address)
{
	char remedy[256];

	(void)snprintf(remedy, sizeof(remedy),
		"stop VRRP there (systemctl disable --now keepalived), or choose another virtual_router_id");
	cli_result_add(test->results, "vrrp", CLI_FAIL, CLI_NO_TIME, remedy, "adverts of VRID %u from %s: not our pair",
		test->config->vrrp.vrid, address);
}

static void
judge_vrrp_by_daemon(const struct cli_test *test)
{
	const json_t *adverts = json_object_get(test->daemon, "adverts"), *peer = json_object_get(test->daemon, "peer");
	double foreign = cli_json_number(adverts, "foreign", 0), invalid = cli_json_number(adverts, "invalid", 0);
	double age = cli_json_number(adverts, "last_foreign_s", 0);

	if (foreign > 0 && age < FOREIGN_RECENT)
		stranger_found(test, cli_json_string(adverts, "last_foreign", "another host"));
	else if (invalid > 0 && cli_json_number(adverts, "from_peer", 0) <= 0)
		cli_result_add(test->results, "vrrp", CLI_FAIL, CLI_NO_TIME,
			"the file must be the same on both nodes: ha-fence show-config on each",
			"%s's adverts do not fit this configuration: %s", cli_test_peer_name(test),
			cli_json_string(adverts, "last_verdict", "?"));
	else if (cli_json_bool(peer, "holding") && cli_json_bool(peer, "heard") &&
		 cli_json_number(adverts, "from_peer", 0) <= 0)
		cli_result_add(test->results, "vrrp", CLI_FAIL, CLI_NO_TIME,
			"let IP protocol 112 pass on both nodes (nft list ruleset; firewall-cmd --add-protocol=vrrp)",
			"%s is MASTER, but none of its adverts arrives", cli_test_peer_name(test));
	else
		cli_result_add(test->results, "vrrp", CLI_PASS, CLI_NO_TIME, NULL, "adverts of VRID %u: only ours",
			test->config->vrrp.vrid);
}

static void
judge_vrrp(const struct cli_test_net *net)
{
	const struct cli_test *test = net->test;
	char address[HA_ADDRESS_TEXT];

	if (test->daemon)
		judge_vrrp_by_daemon(test);
	else if (net->listen_error == -EPERM || net->listen_error == -EACCES)
		cli_result_add(test->results, "vrrp", CLI_SKIP, CLI_NO_TIME, "run it as root", "listening needs root");
	else if (net->listen_error < 0)
		cli_result_add(test->results, "vrrp", CLI_FAIL, CLI_NO_TIME,
			"ip -br link     correct vrrp.interface, or interface of this node", "cannot listen on %s: %s",
			net->socket.config.interface, strerror(-net->listen_error));
	else if (net->foreign > 0)
		stranger_found(test, ha_address_format(&net->stranger, address));
	else if (net->from_peer > 0)
		cli_result_add(test->results, "vrrp", CLI_PASS, CLI_NO_TIME, NULL, "adverts of VRID %u: only %s's",
			test->config->vrrp.vrid, cli_test_peer_name(test));
	else
		cli_result_add(test->results, "vrrp", CLI_PASS, CLI_NO_TIME, NULL, "no adverts of VRID %u from anybody",
			test->config->vrrp.vrid);
}

/* Is it the peer that answers for the VIP? It is if the same MAC answers for its own address on that interface. */
static bool
is_peers(const struct cli_wire *wire, const struct cli_wire_target *vip)
{
	for (unsigned i = 0; i < wire->link_count; i++) {
		const struct cli_wire_target *link = &wire->targets[wire->vip_count + i];

		if (link->answered && link->port == vip->port && memcmp(link->mac, vip->mac, sizeof(vip->mac)) == 0)
			return true;
	}
	return false;
}

/* True if a result was added: something is wrong with this address. */
static bool
judge_vip(const struct cli_test_net *net, const struct cli_wire_target *vip, unsigned *peers, unsigned *unasked)
{
	const struct cli_test *test = net->test;
	bool i_hold = cli_json_bool(test->daemon, "holding"), peer_may = !i_hold;
	char address[HA_ADDRESS_TEXT], mac[18], remedy[256];

	(void)ha_address_format(&vip->address, address);
	if (test->daemon && cli_json_bool(json_object_get(test->daemon, "peer"), "heard"))
		peer_may = cli_json_bool(json_object_get(test->daemon, "peer"), "holding");
	if (vip->own && test->daemon && !i_hold) {
		cli_result_add(test->results, "vip-elsewhere", CLI_FAIL, CLI_NO_TIME,
			"journalctl -u ha-fenced -n 50; who adds it?",
			"%s is on %s although this node does not hold it", address, vip->own_interface);
		return true;
	}
	if (vip->own && !test->daemon) {
		(void)snprintf(
			remedy, sizeof(remedy), "systemctl start ha-fenced     it resumes, or removes the address");
		cli_result_add(test->results, "vip-elsewhere", CLI_FAIL, CLI_NO_TIME, remedy,
			"%s is on %s, and no daemon looks after it", address, vip->own_interface);
		return true;
	}
	*unasked += vip->error < 0;
	if (!vip->answered)
		return false;
	if (peer_may && is_peers(&net->wire, vip)) {
		(*peers)++;
		return false;
	}
	(void)cli_wire_mac(vip->mac, mac);
	(void)snprintf(remedy, sizeof(remedy),
		"find %s: ip neigh; the switch's MAC table; take the address from that machine", mac);
	cli_result_add(test->results, "vip-elsewhere", CLI_FAIL, CLI_NO_TIME, remedy, "%s is in use by %s, which is %s",
		address, mac, is_peers(&net->wire, vip) ? "the peer, that does not hold it" : "neither node");
	return true;
}

static void
judge_vips(const struct cli_test_net *net)
{
	const struct cli_test *test = net->test;
	unsigned bad = 0, peers = 0, unasked = 0, count = net->wire.vip_count;

	if (net->wire_error < 0) {
		cli_result_add(test->results, "vip-elsewhere", CLI_SKIP, CLI_NO_TIME, NULL,
			"the kernel's addresses cannot be read: %s", strerror(-net->wire_error));
		return;
	}
	for (unsigned i = 0; i < count; i++)
		bad += judge_vip(net, &net->wire.targets[i], &peers, &unasked);
	if (bad > 0)
		return;
	if (unasked > 0) {
		int error = net->wire.targets[0].error;

		cli_result_add(test->results, "vip-elsewhere", CLI_SKIP, CLI_NO_TIME,
			error == -EPERM || error == -EACCES ? "run it as root"
							    : "ip -br link     is the interface of the VIP up?",
			"%u of %u addresses could not be asked for on the wire", unasked, count);
	} else if (peers > 0) {
		cli_result_add(test->results, "vip-elsewhere", CLI_PASS, CLI_NO_TIME, NULL,
			"only %s answers for the VIP", cli_test_peer_name(test));
	} else {
		cli_result_add(test->results, "vip-elsewhere", CLI_PASS, CLI_NO_TIME, NULL,
			"ARP: nobody else answers for %s%s", count == 1 ? "the VIP" : "the VIPs",
			test->config->vrrp.vip_count > count ? " (the first 64 asked)" : "");
	}
}

void
cli_test_net_finish(struct cli_test_net *net, struct cli_test *test)
{
	judge_peer_fencing(test);
	if (!net)
		return;
	judge_links(net);
	judge_vrrp(net);
	judge_vips(net);
	cli_test_lan_wire(test, &net->wire);
	sd_event_source_unref(net->packets);
	sd_event_source_unref(net->timer);
	if (net->listening)
		vrrp_socket_close(&net->socket);
	cli_wire_close(&net->wire);
	free(net);
}
