/* test/model/talk.c -- a counterexample, readable. */
#include "test/model/world.h"

#include <inttypes.h>
#include <stdio.h>

static const char *
host_name(unsigned host)
{
	return host == A ? "A" : "B";
}

static const char *
move_text(enum model_move kind)
{
	static const char *const texts[MOVE_KINDS] = {
		[MOVE_TIMER] = "a timer runs",
		[MOVE_RUN] = "time passes until something happens",
		[MOVE_MESSAGE] = "hears a message",
		[MOVE_DOUBLE] = "hears a message, which stays UNDER WAY",
		[MOVE_ADVERT] = "hears an advert of the peer, late or not",
		[MOVE_RESIGN] = "hears an advert of priority 0",
		[MOVE_KERNEL] = "the kernel executes and answers",
		[MOVE_ADD_FAILS] = "the kernel fails",
		[MOVE_STOPPED] = "the services have stopped",
		[MOVE_NOT_STOPPED] = "the services DO NOT STOP",
		[MOVE_DISK] = "what is to be remembered is on disk",
		[MOVE_READ] = "reads the peer's power",
		[MOVE_SAMPLE] = "the peer's IMM takes a reading, its answer is late",
		[MOVE_READ_LAG] = "reads the peer's power, which LAGS",
		[MOVE_READ_FAILS] = "cannot reach the peer's IMM",
		[MOVE_ANSWER] = "the IMM's late answer arrives",
		[MOVE_DOWN] = "the power-down is sent, executed and answered",
		[MOVE_SENT] = "the power-down leaves",
		[MOVE_NOT_SENT] = "the power-down is not sent",
		[MOVE_EXECUTED] = "the power-down is executed, its answer is late",
		[MOVE_ACCEPTED] = "the power-down is answered, but NOT YET EXECUTED",
		[MOVE_REFUSED] = "the power-down is REFUSED, its answer is late",
		[MOVE_LOST] = "the power-down is NOT ANSWERED",
		[MOVE_LATE_OFF] = "goes down by a LATE power-down",
		[MOVE_POWER_CUT] = "POWER CUT",
		[MOVE_POWER_ON] = "is powered on",
		[MOVE_START] = "the daemon starts",
		[MOVE_CRASH] = "the daemon CRASHES",
		[MOVE_STALL] = "the daemon STALLED and runs again",
		[MOVE_DRAINED] = "the queues are empty",
		[MOVE_RECORD_LOST] = "the record is LOST",
		[MOVE_RECORD_DIRTY] = "the record is UNREADABLE",
		[MOVE_RECORD_FAILS] = "the record CANNOT BE WRITTEN from now on",
		[MOVE_DISK_SLOW] = "the disk is SLOW from now on",
		[MOVE_LINK_DOWN] = "the service link goes DOWN",
		[MOVE_LINK_UP] = "the service link comes up",
		[MOVE_WIRE] = "the holder answers on the wire",
		[MOVE_WORKER] = "the fence process DIES and is restarted",
		[MOVE_PRIORITY] = "the effective priority changes",
		[MOVE_SWITCHOVER] = "an administrator: switchover",
		[MOVE_STOP] = "SIGTERM",
		[MOVE_CONFIRM] = "an administrator: confirm-off",
	};

	return texts[kind];
}

static void
talk_message(const struct vrrp_message *m)
{
	printf(" (%s%s", node_state_name(m->state), m->holding ? ", holds" : "");
	if (m->claim != 0)
		printf(", claims %" PRIu64 " %s priority %u%s", m->claim, node_intent_name(m->intent),
			m->claim_priority, m->power_down_sent ? ", power-down sent" : "");
	if (m->grant != 0)
		printf(", GRANTS %" PRIu64, m->grant);
	if (m->denied != 0)
		printf(", denies %" PRIu64, m->denied);
	if (m->dirty)
		printf(", dirty: fence me");
	printf("; number %" PRIu64 ")", m->sequence);
}

void
talk_move(const struct world *before, const struct move *move)
{
	printf("- %s: %s", host_name(move->host), move_text((enum model_move)move->kind));
	if (move->kind == MOVE_MESSAGE || move->kind == MOVE_DOUBLE)
		talk_message(&before->to[move->host].messages[move->arg]);
	printf("%s\n", move->cut ? ", and the daemon DIES after the record" : "");
}

void
talk_action(unsigned host, const struct node_action *action)
{
	switch (action->type) {
	case NODE_SEND:
		printf("    %s sends", host_name(host));
		talk_message(&action->message);
		putchar('\n');
		break;
	case NODE_WRITE_RECORD:
		printf("    %s record: %s\n", host_name(host),
			action->record.state == NODE_RECORD_NONE      ? "none"
			: action->record.state == NODE_RECORD_HOLDING ? "holding"
								      : "dirty");
		break;
	case NODE_ADD_VIP:
		printf("    %s asks the kernel to ADD the address\n", host_name(host));
		break;
	case NODE_REMOVE_VIP:
		printf("    %s asks the kernel to remove the address\n", host_name(host));
		break;
	case NODE_START_SERVICE:
		printf("    %s starts services\n", host_name(host));
		break;
	case NODE_STOP_SERVICE:
		printf("    %s stops services\n", host_name(host));
		break;
	case NODE_FENCE_ORDER:
		if (action->order.type == FENCE_ORDER_POWER_DOWN)
			printf("    %s orders a power-down\n", host_name(host));
		break;
	case NODE_EXIT:
		printf("    %s ends\n", host_name(host));
		break;
	case NODE_SEND_ADVERT:
	case NODE_ANNOUNCE:
	case NODE_PROBE:
	case NODE_PROBE_FIT:
	case NODE_PROBE_STORAGE:
	case NODE_REMEMBER:
	case NODE_REPLY_TO:
	case NODE_NOTE:
	case NODE_ACTION_TYPES:
		break;
	}
}

static const char *
record_text(const struct node_record *record)
{
	return record->state == NODE_RECORD_NONE    ? ""
	       : record->state == NODE_RECORD_DIRTY ? " record:dirty"
						    : " record";
}

void
talk_world(const struct world *w)
{
	for (unsigned host = 0; host < HOSTS; host++) {
		const struct model_host *h = &w->hosts[host];

		printf("%s%s: ", host == A ? "    " : "   | ", host_name(host));
		if (!h->powered) {
			printf("off");
			continue;
		}
		printf("%s%s%s%s%s", h->alive ? node_state_name(h->node.state) : "no daemon", h->vip ? " VIP" : "",
			h->service ? " services" : "", record_text(&h->record),
			h->kernel.count > 0 ? " kernel busy" : "");
		if (h->alive && h->node.claim.number != 0)
			printf(" claim %" PRIu64 "%s%s", h->node.claim.number,
				h->node.claim.proof != NODE_PROOF_NONE ? " " : "",
				h->node.claim.proof != NODE_PROOF_NONE ? node_proof_name(h->node.claim.proof) : "");
		if (h->alive && h->node.state == NODE_CLAIMING)
			printf(" plan:%s", fence_plan_phase_name(h->node.plan.phase));
	}
	putchar('\n');
}
