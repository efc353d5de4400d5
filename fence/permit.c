#include "fence/permit.h"

enum fence_permit
fence_permit_harmless(const struct fence_facts *facts)
{
	if (facts->paused)
		return FENCE_WAIT_PAUSED;
	if (!facts->fit)
		return FENCE_WAIT_FIT;
	if (!facts->probes_answered)
		return FENCE_WAIT_PROBES;
	if (!facts->wire_silent)
		return FENCE_WAIT_WIRE;
	return FENCE_PERMITTED;
}

enum fence_permit
fence_permit_kill(const struct fence_facts *facts)
{
	enum fence_permit harmless = fence_permit_harmless(facts);

	/* A peer that is on and holds answers for the VIP: its own answer on the wire does not protect a holder that
	 * hangs. */
	if (harmless != FENCE_PERMITTED && harmless != FENCE_WAIT_WIRE)
		return harmless;
	if (!facts->heard)
		return FENCE_WAIT_HEARD;
	if (facts->maybe_alive)
		return FENCE_WAIT_MAYBE_ALIVE;
	if (!facts->heard_since_loss)
		return FENCE_WAIT_HEARD_SINCE_LOSS;
	if (!facts->credit || facts->used_up)
		return FENCE_WAIT_CREDIT;
	if (!facts->delays_over)
		return FENCE_WAIT_DELAYS;
	if (!facts->remembered)
		return FENCE_WAIT_REMEMBERED;
	return FENCE_PERMITTED;
}

const char *
fence_permit_text(enum fence_permit permit)
{
	switch (permit) {
	case FENCE_PERMITTED:
		return "fit";
	case FENCE_WAIT_PAUSED:
		return "paused by an administrator";
	case FENCE_WAIT_FIT:
		return "the own service link was not up and settled throughout the silence";
	case FENCE_WAIT_PROBES:
		return "a check marked required_to_fence has not answered since the silence began";
	case FENCE_WAIT_WIRE:
		return "the wire is being asked whether somebody holds the VIP";
	case FENCE_WAIT_MAYBE_ALIVE:
		return "packets from the peer that fail validation show that it may be alive";
	case FENCE_WAIT_HEARD:
		return "the peer has not been heard since this daemon started, or was stopped in order";
	case FENCE_WAIT_HEARD_SINCE_LOSS:
		return "this node gave up the VIP without a grant and has not heard the peer since";
	case FENCE_WAIT_CREDIT:
		return "the peer has been heard for less than 60 s since the last power-down";
	case FENCE_WAIT_DELAYS:
		return "the silence, or the time since its device answers, is shorter than it has to be";
	case FENCE_WAIT_REMEMBERED:
		return "what a restart must know is not on disk yet";
	case FENCE_PERMITS:
		break;
	}
	return "unknown";
}
