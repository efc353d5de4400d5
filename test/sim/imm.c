/* test/sim/imm.c -- the IMMs: slow, lagging, refusing, lying after a reset, of somebody else; and they really cut the
 * power. */
#include "test/sim/world.h"

#include <string.h>

void
imm_init(struct world *w)
{
	for (unsigned i = 0; i < IMMS; i++) {
		struct sim_imm *imm = &w->imms[i];

		memset(imm, 0, sizeof(*imm));
		imm->alive = imm->reachable = imm->guid_known = imm->powers_up = true;
		imm->delay = 2 * HA_MS;
		imm->epoch = 1;
		memset(imm->guid.bytes, 0x30 + (int)i, sizeof(imm->guid.bytes));
		if (i < HOSTS)
			imm->guid = w->config.node[i].guid;
	}
	w->imm_target[0] = 1;
	w->imm_target[1] = 0;
}

bool
imm_reachable(const struct world *w, unsigned from)
{
	const struct sim_imm *imm = &w->imms[w->imm_target[from]];

	return imm->alive && imm->reachable && w->now >= imm->booting_until &&
	       (!w->config.imm_on_service[from] || network_port_works(w, from, SERVICE));
}

void
imm_reset(struct world *w, unsigned imm, ha_time booting, ha_time lies)
{
	w->imms[imm].epoch++;
	w->imms[imm].booting_until = w->now + booting;
	w->imms[imm].lies_until = w->now + booting + lies;
}

/* What the machine really is, or what the IMM believes. */
enum fence_power
imm_power(const struct world *w, unsigned imm)
{
	const struct sim_imm *m = &w->imms[imm];
	bool on = imm < HOSTS ? w->hosts[imm].powered : m->third_on;

	if (w->now < m->lies_until)
		return FENCE_POWER_OFF;
	if (imm < HOSTS && w->now - w->hosts[imm].power_since < m->lag)
		on = !on;
	return on ? FENCE_POWER_ON : FENCE_POWER_OFF;
}

/* A request on its way: a is nth, type and id, b the processes at both ends. */
static enum fence_order_type
type_of(const struct sim_event *event)
{
	return (enum fence_order_type)(event->a >> 8 & 0xff);
}

static void
answered(struct world *w, const struct sim_event *event)
{
	struct fence_report answer = { .error = (enum fence_error)(event->b >> 32 & 0xff),
		.completion = (uint8_t)(event->b >> 40),
		.power = (enum fence_power)(event->b >> 48 & 0xff) };

	if (w->hosts[event->host].worker.process == (uint32_t)event->b)
		worker_answer(w, event->host, (uint32_t)(event->a >> 32), event->a & 0xff, &answer);
}

static void
answer(struct world *w, const struct sim_event *request, enum fence_error error, uint8_t completion,
	enum fence_power power)
{
	const struct sim_imm *imm = &w->imms[w->imm_target[request->host]];
	uint64_t b = (uint32_t)request->b | (uint64_t)error << 32 | (uint64_t)completion << 40 | (uint64_t)power << 48;

	if (imm_reachable(w, request->host) && w->hosts[request->host].powered && !sim_chance(&w->random, imm->loss))
		world_push(w, sim_between(&w->random, 50, 500), SIM_HOST, request->host, answered, request->a, b);
}

static void
power_goes(struct world *w, const struct sim_event *event)
{
	if (w->hosts[event->host].powered) {
		w->stats.power_downs++;
		w->late_cut = w->now;
	}
	host_power_off(w, event->host);
}

static void
power_comes(struct world *w, const struct sim_event *event)
{
	if (w->imms[event->host].alive)
		host_power_on(w, event->host);
}

static void
power_down(struct world *w, const struct sim_event *request, unsigned target)
{
	struct sim_imm *imm = &w->imms[target];

	if (imm->refuse == 0 || imm->refuse_executes) {
		if (target == THIRD) {
			imm->third_on = false;
		} else if (!imm->stuck_on && imm->late > 0) {
			world_push(w, imm->late, SIM_FREE, target, power_goes, 0, 0);
		} else if (!imm->stuck_on) {
			if (w->hosts[target].powered) {
				w->stats.power_downs++;
				oracle_killed(w, request->host, target);
			}
			host_power_off(w, target);
		}
	}
	if (imm->lost_answers > 0)
		imm->lost_answers--;
	else if (imm->refuse != 0)
		answer(w, request, FENCE_REFUSED, imm->refuse, FENCE_POWER_UNKNOWN);
	else
		answer(w, request, FENCE_OK, 0, FENCE_POWER_UNKNOWN);
}

static void
serve(struct world *w, const struct sim_event *request)
{
	unsigned target = w->imm_target[request->host];
	struct sim_imm *imm = &w->imms[target];
	bool off = target < HOSTS && !w->hosts[target].powered;

	if (!imm->alive || w->now < imm->booting_until || imm->epoch != request->b >> 32)
		return;
	if (sim_chance(&w->random, imm->garbage)) {
		answer(w, request, FENCE_GARBAGE, 0, FENCE_POWER_UNKNOWN);
		return;
	}
	switch (type_of(request)) {
	case FENCE_ORDER_READ:
		answer(w, request, FENCE_OK, 0, imm_power(w, target));
		break;
	case FENCE_ORDER_POWER_DOWN:
		trace(w, -1, "IMM %u: power-down%s", target, off ? " of a host that is off" : "");
		if (off && w->config.off_when_off != 0)
			answer(w, request, FENCE_REFUSED, w->config.off_when_off, FENCE_POWER_UNKNOWN);
		else
			power_down(w, request, target);
		break;
	case FENCE_ORDER_POWER_UP:
		trace(w, -1, "IMM %u: power-up", target);
		if (imm->powers_up && target < HOSTS)
			world_push(w, sim_between(&w->random, HA_MS, HA_SEC), SIM_FREE, target, power_comes, 0, 0);
		answer(w, request, FENCE_OK, 0, FENCE_POWER_UNKNOWN);
		break;
	case FENCE_ORDER_CANCEL:
	case FENCE_ORDER_ALIVE:
	case FENCE_ORDER_SENSOR:
	case FENCE_ORDER_TYPES:
		break;
	}
}

static void
arrives(struct world *w, const struct sim_event *request)
{
	const struct sim_imm *imm = &w->imms[w->imm_target[request->host]];

	if (imm_reachable(w, request->host) && !sim_chance(&w->random, imm->loss))
		world_push(w, imm->delay, SIM_FREE, request->host, serve, request->a, request->b);
}

void
imm_request(struct world *w, unsigned host, const struct sim_order *order, unsigned nth)
{
	const struct sim_worker *k = &w->hosts[host].worker;

	world_push(w, sim_between(&w->random, 50, 500), SIM_FREE, host, arrives,
		nth | (uint64_t)order->type << 8 | (uint64_t)order->id << 32,
		k->process | (uint64_t)k->imm_epoch << 32);
}
