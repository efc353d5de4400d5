#include "test/sim/fault.h"

#include "test/sim/pair.h"

/* Every fault is two moments: `begin`, and `end` after a while; a and b are what begin() drew. Nothing begins or ends
 * by itself once the world is being repaired. */
struct fault {
	const char *name;
	unsigned weight;
	void (*begin)(struct world *w, unsigned host, uint64_t *ret_b);
	void (*end)(struct world *w, unsigned host, uint64_t b); /* NULL: it is a moment */
};

#define IMM_BOOT_MIN (1500 * HA_MS) /* real ones need minutes; none answers again within a second */

static unsigned
draw(struct world *w, unsigned n)
{
	return sim_below(&w->fault_random, n);
}

/* Power, hosts. */

static void
power_cut(struct world *w, unsigned host, uint64_t *b)
{
	*b = draw(w, 2);
	if (*b) {
		w->imms[host].alive = false; /* no AC: its IMM is gone too */
		w->imms[host].epoch++;
	}
	host_power_off(w, host);
}

static void
power_back(struct world *w, unsigned host, uint64_t b)
{
	if (b) {
		w->imms[host].alive = true;
		imm_reset(w, host, sim_between(&w->fault_random, HA_SEC, 20 * HA_SEC), 0);
	}
	host_power_on(w, host);
}

static void
frozen(struct world *w, unsigned host, uint64_t *b)
{
	*b = w->hosts[host].boot;
	w->hosts[host].deaf = draw(w, 3) == 0;
	host_freeze(w, host, draw(w, 4) == 0);
}

static void
thawed(struct world *w, unsigned host, uint64_t b)
{
	if (w->hosts[host].boot == b)
		host_thaw(w, host);
}

static void
button(struct world *w, unsigned host, uint64_t *b)
{
	(void)b;
	if (w->hosts[host].powered)
		host_power_off(w, host);
	else
		host_power_on(w, host);
}

static void
button_again(struct world *w, unsigned host, uint64_t b)
{
	(void)b;
	host_power_on(w, host);
}

/* Daemons. */

static void
crashed(struct world *w, unsigned host, uint64_t *b)
{
	(void)b;
	daemon_crash(w, host);
}

static void
killed(struct world *w, unsigned host, uint64_t *b)
{
	(void)b;
	daemon_kill(w, host);
	if (draw(w, 4) == 0)
		w->hosts[host].record = (struct node_record){ .state = NODE_RECORD_NONE }; /* /run wiped */
}

static void
started(struct world *w, unsigned host, uint64_t b)
{
	(void)b;
	daemon_start(w, host);
}

static void
stalled(struct world *w, unsigned host, uint64_t *b)
{
	*b = w->hosts[host].daemon.process;
	daemon_stall(w, host);
}

static void
woken(struct world *w, unsigned host, uint64_t b)
{
	if (w->hosts[host].daemon.process == b && !w->hosts[host].frozen)
		daemon_wake(w, host);
}

static void
hiccup(struct world *w, unsigned host, uint64_t *b)
{
	static const ha_time jitters[] = { 20 * HA_MS, 100 * HA_MS, 190 * HA_MS };

	(void)b;
	w->hosts[host].daemon.jitter = jitters[draw(w, 3)];
}

static void
no_hiccup(struct world *w, unsigned host, uint64_t b)
{
	(void)b;
	w->hosts[host].daemon.jitter = HA_MS;
}

static void
trap(struct world *w, unsigned host, uint64_t *b)
{
	static const enum node_action_type before[] = { NODE_SEND, NODE_WRITE_RECORD, NODE_ADD_VIP, NODE_REMOVE_VIP,
		NODE_START_SERVICE, NODE_STOP_SERVICE, NODE_FENCE_ORDER, NODE_REMEMBER, NODE_PROBE, NODE_ANNOUNCE };

	(void)b;
	w->hosts[host].daemon.trap = (struct sim_trap){ .kind = (enum trap_kind)(TRAP_CRASH + draw(w, 4)),
		.before = before[draw(w, 10)],
		.duration = sim_between(&w->fault_random, 50 * HA_MS, 25 * HA_SEC) };
	if (draw(w, 2) == 0) /* something that makes it act */
		daemon_command(w, draw(w, 2), NODE_CMD_SWITCHOVER, 0);
	else if (draw(w, 2) == 0)
		host_freeze(w, 1 - host, false);
}

static void
untrap(struct world *w, unsigned host, uint64_t b)
{
	(void)b;
	w->hosts[host].daemon.trap.kind = TRAP_NONE;
	host_thaw(w, 1 - host);
}

static void
stopped(struct world *w, unsigned host, uint64_t *b)
{
	(void)b;
	daemon_stop(w, host);
}

static void
reloaded(struct world *w, unsigned host, uint64_t *b)
{
	struct node_config *c = &w->hosts[host].daemon.config;

	(void)b;
	c->preempt_delay = sim_between(&w->fault_random, 0, 5 * HA_SEC);
	if (draw(w, 3) == 0)
		c->priority = (uint8_t)(80 + draw(w, 40));
	daemon_reload(w, host);
}

static void
commanded(struct world *w, unsigned host, uint64_t *b)
{
	static const enum node_command_type commands[] = { NODE_CMD_SWITCHOVER, NODE_CMD_SWITCHOVER, NODE_CMD_STANDBY,
		NODE_CMD_UNSTANDBY, NODE_CMD_PAUSE, NODE_CMD_RESUME };

	(void)b;
	daemon_command(w, host, commands[draw(w, 6)], 20 * HA_SEC);
}

/* confirm-off, truthfully: the operator stands before a machine that is off, and has switched nothing on. */
static void
confirmed(struct world *w, unsigned host, uint64_t *b)
{
	(void)b;
	if (!w->hosts[1 - host].powered)
		daemon_command(w, host, NODE_CMD_CONFIRM_OFF, 0);
}

static void
worker_killed(struct world *w, unsigned host, uint64_t *b)
{
	(void)b;
	worker_restart(w, host);
}

static void
worker_hung(struct world *w, unsigned host, uint64_t *b)
{
	(void)b;
	worker_hang(w, host, true);
}

static void
worker_back(struct world *w, unsigned host, uint64_t b)
{
	(void)b;
	worker_hang(w, host, false);
}

/* Networks. b: bit set of links. */

static uint64_t
some_links(struct world *w)
{
	return 1 + draw(w, (1U << w->config.node[0].link_count) - 1);
}

static void
cable_out(struct world *w, unsigned host, uint64_t *b)
{
	*b = some_links(w);
	for (unsigned link = 0; link < LINKS; link++) {
		if (*b & (1U << link))
			network_cable(w, host, link, false);
	}
}

static void
cable_in(struct world *w, unsigned host, uint64_t b)
{
	for (unsigned link = 0; link < LINKS; link++) {
		if (b & (1U << link))
			network_cable(w, host, link, true);
	}
}

static void
cut(struct world *w, unsigned host, uint64_t *b)
{
	bool both_ways = draw(w, 2) == 0;

	*b = some_links(w);
	for (unsigned link = 0; link < LINKS; link++) {
		if ((*b & (1U << link)) == 0)
			continue;
		w->paths[host][link].cut = true;
		w->paths[1 - host][link].cut = w->paths[1 - host][link].cut || both_ways;
	}
	network_changed(w);
}

static void
split(struct world *w, unsigned host, uint64_t *b)
{
	(void)host;
	*b = (1U << LINKS) - 1;
	for (unsigned link = 0; link < LINKS; link++)
		w->paths[A][link].cut = w->paths[B][link].cut = true;
	network_changed(w);
}

static void
mended(struct world *w, unsigned host, uint64_t b)
{
	(void)host;
	for (unsigned link = 0; link < LINKS; link++) {
		if (b & (1U << link))
			w->paths[A][link] = w->paths[B][link] = (struct sim_path){ .delay = 100, .jitter = 100 };
	}
	network_changed(w);
}

static void
lossy(struct world *w, unsigned host, uint64_t *b)
{
	static const ha_time jitters[] = { HA_MS, 50 * HA_MS, 500 * HA_MS, 2 * HA_SEC };
	unsigned loss = draw(w, 800), duplicate = draw(w, 300);
	ha_time jitter = jitters[draw(w, 4)];

	*b = some_links(w);
	for (unsigned link = 0; link < LINKS; link++) {
		if ((*b & (1U << link)) == 0)
			continue;
		w->paths[host][link].loss = loss;
		w->paths[host][link].duplicate = duplicate;
		w->paths[host][link].jitter = jitter;
		if (draw(w, 2) == 0)
			w->paths[1 - host][link] = w->paths[host][link];
	}
	network_changed(w);
}

static void
filtered(struct world *w, unsigned host, uint64_t *b)
{
	*b = some_links(w);
	for (unsigned link = 0; link < LINKS; link++) {
		if ((*b & (1U << link)) == 0)
			continue;
		w->paths[host][link].no_messages = draw(w, 2) == 0;
		w->paths[host][link].no_adverts = draw(w, 2) == 0;
	}
	network_changed(w);
}

static void
switch_reloads(struct world *w, unsigned host, uint64_t *b)
{
	(void)host;
	*b = some_links(w);
	for (unsigned link = 0; link < LINKS; link++) {
		if (*b & (1U << link))
			network_switch(w, link, false, 0);
	}
}

static void
switch_back(struct world *w, unsigned host, uint64_t b)
{
	ha_time blocked = draw(w, 2) ? 30 * HA_SEC : sim_between(&w->fault_random, 0, 5 * HA_SEC);

	(void)host;
	for (unsigned link = 0; link < LINKS; link++) {
		if (b & (1U << link))
			network_switch(w, link, true, blocked);
	}
}

static void
attacked(struct world *w, unsigned host, uint64_t *b)
{
	(void)b;
	for (unsigned i = 0; i < 12; i++) {
		unsigned link = draw(w, w->config.node[0].link_count);

		switch (draw(w, 4)) {
		case 0:
			network_forge_advert(w, host, draw(w, 2), (uint8_t)(draw(w, 2) * 255));
			break;
		case 1:
			network_invalid(w, host, link);
			break;
		default:
			network_replay(w, host, link);
			break;
		}
	}
}

static void
keys_rotated(struct world *w, unsigned host, uint64_t *b)
{
	(void)host;
	(void)b;
	w->keys_differ = true;
	network_changed(w);
}

static void
keys_same(struct world *w, unsigned host, uint64_t b)
{
	(void)host;
	(void)b;
	w->keys_differ = false;
	network_changed(w);
}

/* IMMs: of `host`. */

static void
imm_unreachable(struct world *w, unsigned host, uint64_t *b)
{
	(void)b;
	w->imms[host].reachable = false;
}

static void
imm_odd(struct world *w, unsigned host, uint64_t *b)
{
	static const uint8_t codes[] = { 0xd5, 0xd5, 0xc3, 0xff, 0xd4 };
	static const enum fence_error logins[] = { FENCE_AUTHENTICATION, FENCE_PRIVILEGE, FENCE_CIPHER,
		FENCE_SESSIONS };
	struct sim_imm *imm = &w->imms[host];

	(void)b;
	switch (draw(w, 11)) {
	case 0:
		imm->delay = sim_between(&w->fault_random, 50 * HA_MS, 5 * HA_SEC);
		break;
	case 1:
		imm->lag = sim_between(&w->fault_random, 100 * HA_MS, 5 * HA_SEC);
		break;
	case 2:
		imm->refuse = codes[draw(w, 5)];
		imm->refuse_executes = (imm->refuse == 0xc3 || imm->refuse == 0xff) && draw(w, 2) == 0;
		break;
	case 3:
		imm->stuck_on = true;
		break;
	case 4:
		imm->late = sim_between(&w->fault_random, 100 * HA_MS, 3 * HA_SEC);
		break;
	case 5:
		imm->late = sim_between(&w->fault_random, 3 * HA_SEC, 120 * HA_SEC);
		break;
	case 6:
		imm->loss = draw(w, 600);
		break;
	case 7:
		imm->garbage = draw(w, 600);
		break;
	case 8:
		imm->login = logins[draw(w, 4)];
		imm->epoch += draw(w, 2);
		break;
	case 9:
		imm->powers_up = false;
		break;
	default:
		imm->guid_known = false;
		break;
	}
}

static void
imm_well(struct world *w, unsigned host, uint64_t b)
{
	struct sim_imm *imm = &w->imms[host], old = *imm;

	(void)b;
	*imm = (struct sim_imm){ .alive = old.alive,
		.reachable = true,
		.guid_known = true,
		.powers_up = true,
		.delay = 2 * HA_MS,
		.epoch = old.epoch,
		.guid = old.guid,
		.booting_until = old.booting_until,
		.lies_until = old.lies_until };
}

static void
imm_restarts(struct world *w, unsigned host, uint64_t *b)
{
	(void)b;
	imm_reset(w, host, sim_between(&w->fault_random, IMM_BOOT_MIN, 15 * HA_SEC),
		sim_between(&w->fault_random, 0, 1500 * HA_MS));
}

static void
imm_wrong(struct world *w, unsigned host, uint64_t *b)
{
	(void)b;
	/* The peer of `host` is configured with a third machine's IMM, which is off or on, or with its own. Who has
	 * opted out of the check gets what he asked for. */
	if (w->config.node[1 - host].fence.guid_none)
		return;
	w->imms[THIRD].third_on = draw(w, 2);
	w->imm_target[1 - host] = draw(w, 2) ? THIRD : 1 - host;
	w->imms[w->imm_target[1 - host]].epoch++;
	worker_restart(w, 1 - host);
}

static void
imm_right(struct world *w, unsigned host, uint64_t b)
{
	(void)b;
	w->imm_target[1 - host] = host;
	worker_restart(w, 1 - host);
}

/* a: which outlet and what */
static void
outlet_odd(struct world *w, unsigned host, uint64_t *b)
{
	unsigned count = w->config.node[1 - host].topology.count;

	*b = draw(w, SIM_OUTLETS) | draw(w, 4) << 8;
	if ((*b & 0xff) >= count)
		return;
	if (*b >> 8 == 0)
		w->pdu.outlets[host][*b & 0xff].stuck_on = true;
	else if (*b >> 8 == 1)
		pdu_switch(w, host, *b & 0xff, false); /* by hand */
	else
		w->pdu.outlets[host][*b & 0xff].reachable = false;
}

static void
outlet_well(struct world *w, unsigned host, uint64_t b)
{
	struct sim_outlet *outlet = &w->pdu.outlets[host][b & 0xff];

	outlet->stuck_on = false;
	outlet->reachable = true;
	if (b >> 8 == 1 && !outlet->on && (b & 0xff) < w->config.node[1 - host].topology.count)
		pdu_switch(w, host, b & 0xff, true);
}

/* Kernels, disks, services, health. */

static void
kernel_odd(struct world *w, unsigned host, uint64_t *b)
{
	struct sim_host *h = &w->hosts[host];

	(void)b;
	switch (draw(w, 6)) {
	case 0:
		h->add_fails[draw(w, VIPS)] = true;
		break;
	case 1:
		h->remove_fails = true;
		break;
	case 2:
		h->record_fails = true;
		break;
	case 3:
		h->memory_fails = true;
		break;
	case 4:
		h->kernel_delay = sim_between(&w->fault_random, 10 * HA_MS, 3 * HA_SEC);
		break;
	default:
		kernel_foreign_removal(w, host);
		break;
	}
	if (draw(w, 2))
		daemon_command(w, host, NODE_CMD_SWITCHOVER, 0);
}

static void
kernel_well(struct world *w, unsigned host, uint64_t b)
{
	struct sim_host *h = &w->hosts[host];

	(void)b;
	h->add_fails[0] = h->add_fails[1] = h->remove_fails = h->record_fails = h->memory_fails = false;
	h->kernel_delay = 2 * HA_MS;
}

/* Services, storage, checks. *b: which. */
static void
unfit(struct world *w, unsigned host, uint64_t *b)
{
	struct sim_host *h = &w->hosts[host];

	*b = draw(w, 7);
	h->gateway_lost = draw(w, 4) == 0;
	switch (*b) {
	case 0:
		h->nfs_hung = true;
		if (draw(w, 2) == 0) /* the server is down for both */
			w->hosts[1 - host].nfs_hung = true;
		break;
	case 1:
		h->unstoppable = h->broken = true;
		break;
	case 2:
		h->loaded = true;
		break;
	case 3:
		h->maintenance = true;
		break;
	case 4:
		h->supply_lost = h->loaded = true;
		break;
	default:
		h->broken = true;
		w->hosts[1 - host].broken = draw(w, 3) == 0;
		break;
	}
}

static void
fit(struct world *w, unsigned host, uint64_t b)
{
	for (unsigned i = 0; i < HOSTS; i++) {
		struct sim_host *h = &w->hosts[i];

		if (i != host && b != 0 && b < 5)
			continue;
		h->nfs_hung = h->unstoppable = h->gateway_lost = h->broken = false;
		h->loaded = h->maintenance = h->supply_lost = false;
	}
}

static void
health_killed(struct world *w, unsigned host, uint64_t *b)
{
	(void)b;
	health_restart(w, host);
}

static void
health_hung(struct world *w, unsigned host, uint64_t *b)
{
	(void)b;
	health_hang(w, host);
}

static void
third_host(struct world *w, unsigned host, uint64_t *b)
{
	(void)host;
	(void)b;
	w->third_has_vip = true;
}

static void
third_gone(struct world *w, unsigned host, uint64_t b)
{
	(void)host;
	(void)b;
	w->third_has_vip = false;
}

static const struct fault faults[] = {
	{ "power cut", 10, power_cut, power_back },
	{ "host frozen", 10, frozen, thawed },
	{ "power button", 3, button, button_again },
	{ "daemon crashed", 6, crashed, NULL },
	{ "daemon killed for good", 8, killed, started },
	{ "daemon stalled", 8, stalled, woken },
	{ "loop slow", 3, hiccup, no_hiccup },
	{ "trap", 12, trap, untrap },
	{ "daemon stopped", 6, stopped, started },
	{ "reload", 2, reloaded, NULL },
	{ "command", 8, commanded, NULL },
	{ "confirm-off", 2, confirmed, NULL },
	{ "fence process killed", 3, worker_killed, NULL },
	{ "fence process hung", 3, worker_hung, worker_back },
	{ "cable out", 6, cable_out, cable_in },
	{ "cut", 8, cut, mended },
	{ "split", 8, split, mended },
	{ "lossy", 8, lossy, mended },
	{ "filtered", 4, filtered, mended },
	{ "switch reloads", 6, switch_reloads, switch_back },
	{ "attacked", 5, attacked, NULL },
	{ "keys differ", 2, keys_rotated, keys_same },
	{ "IMM unreachable", 5, imm_unreachable, imm_well },
	{ "IMM odd", 16, imm_odd, imm_well },
	{ "IMM restarts", 6, imm_restarts, NULL },
	{ "IMM of another", 4, imm_wrong, imm_right },
	{ "outlet odd", 5, outlet_odd, outlet_well },
	{ "kernel odd", 8, kernel_odd, kernel_well },
	{ "unfit", 12, unfit, fit },
	{ "health process killed", 2, health_killed, NULL },
	{ "health process hung", 2, health_hung, NULL },
	{ "third host", 2, third_host, third_gone },
};

#define FAULTS (sizeof(faults) / sizeof(faults[0]))

static unsigned
total_weight(void)
{
	unsigned total = 0;

	for (unsigned k = 0; k < FAULTS; k++)
		total += faults[k].weight;
	return total;
}

static ha_time
draw_duration(struct sim_random *r)
{
	switch (sim_below(r, 3)) {
	case 0:
		return sim_between(r, 10 * HA_MS, HA_SEC);
	case 1:
		return sim_between(r, HA_SEC, 10 * HA_SEC);
	default:
		return sim_between(r, 5 * HA_SEC, 60 * HA_SEC);
	}
}

void
fault_draw(struct sim_random *r, ha_time length, struct fault_plan *ret)
{
	unsigned drawn = sim_below(r, total_weight());

	*ret = (struct fault_plan){ .host = sim_below(r, HOSTS),
		.at = sim_between(r, 0, length),
		.duration = draw_duration(r),
		.seed = sim_random(r) };
	while (drawn >= faults[ret->kind].weight)
		drawn -= faults[ret->kind++].weight;
}

const char *
fault_name(const struct fault_plan *plan)
{
	return faults[plan->kind].name;
}

/* a: number of the plan, b: what begin() drew */
static void
ends(struct world *w, const struct sim_event *event)
{
	const struct fault_plan *plan = &w->plans[event->a];

	if (w->healing)
		return;
	trace(w, (int)event->host, "---- ends: %s", faults[plan->kind].name);
	w->fault_random.state = ~plan->seed;
	faults[plan->kind].end(w, event->host, event->b);
}

static void
begins(struct world *w, const struct sim_event *event)
{
	const struct fault_plan *plan = &w->plans[event->a];
	const struct fault *fault = &faults[plan->kind];
	uint64_t b = 0;

	if (w->healing)
		return;
	trace(w, (int)event->host, "---- fault: %s", fault->name);
	w->fault_random.state = plan->seed;
	fault->begin(w, event->host, &b);
	if (fault->end != NULL)
		world_push(w, plan->duration, SIM_FREE, event->host, ends, event->a, b);
}

void
fault_schedule(struct world *w, const struct fault_plan *plans, unsigned count)
{
	w->plans = plans;
	for (unsigned i = 0; i < count; i++)
		world_push(w, plans[i].at, SIM_FREE, plans[i].host, begins, i, 0);
}
