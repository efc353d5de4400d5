/* test/model/judge.c -- the properties, judged from what is truly the case and not from what the nodes believe. */
#include "test/model/world.h"

void
judge_wrong(struct world *w, enum model_fault wrong)
{
	if (w->wrong == MODEL_GOOD)
		w->wrong = wrong;
}

static bool
add_under_way(const struct model_kernel *k)
{
	for (unsigned i = 0; i < k->count; i++) {
		if (k->request[i] == REQUEST_ADD)
			return true;
	}
	return false;
}

/* S3, at its widest: from the record, which is written before the request to add, until it is to be deleted, which is
 * after the proof of the release; and whoever has an address or a writer, with or without a daemon and a record. */
bool
judge_holder(const struct world *w, unsigned host)
{
	const struct model_host *h = &w->hosts[host];

	return h->powered && (h->truth.held || h->vip || h->service || add_under_way(&h->kernel) ||
				     (h->alive && node_holding(&h->node)));
}

void
judge_world(struct world *w)
{
	if (judge_holder(w, A) && judge_holder(w, B))
		judge_wrong(w, MODEL_TWO_HOLDERS);
	if (w->hosts[A].powered && w->hosts[A].service && w->hosts[B].powered && w->hosts[B].service)
		judge_wrong(w, MODEL_TWO_WRITERS);
	for (unsigned host = 0; host < HOSTS; host++) {
		if (!w->hosts[1 - host].powered)
			w->hosts[host].truth.peer_was_off = true;
	}
}

/* A new claim: nothing of an earlier one speaks for it (S1). */
void
judge_step(struct world *w, unsigned host)
{
	struct model_truth *t = &w->hosts[host].truth;
	const struct node *n = &w->hosts[host].node;

	if (n->claim.number != 0 && n->claim.number != t->claim) {
		t->claim = n->claim.number;
		t->granted = t->consented = t->dead = t->operator_saw = t->read_on = t->read_off = false;
		t->peer_was_off = !w->hosts[1 - host].powered;
	}
}

void
judge_add(struct world *w, unsigned host)
{
	const struct model_host *h = &w->hosts[host];
	struct model_truth *t = &w->hosts[host].truth;
	bool proven = false;

	if (h->record.state != NODE_RECORD_HOLDING)
		judge_wrong(w, MODEL_ADD_WITHOUT_RECORD);
	if (t->entitled)
		return;
	if (t->claim == 0 || h->record.claim != t->claim)
		judge_wrong(w, MODEL_ADD_WITHOUT_CLAIM);
	if (t->dead)
		judge_wrong(w, MODEL_ADD_AFTER_GRANT);
	switch (h->record.proof) {
	case NODE_PROOF_CONSENT:
		proven = t->granted;
		break;
	case NODE_PROOF_OFF:
		proven = t->peer_was_off;
		break;
	case NODE_PROOF_OPERATOR:
		proven = t->operator_saw;
		break;
	case NODE_PROOF_NONE:
	case NODE_PROOFS:
		break;
	}
	if (!proven)
		judge_wrong(w, MODEL_ADD_WITHOUT_PROOF);
	t->entitled = true;
}

void
judge_grant(struct world *w, unsigned host, uint64_t claim)
{
	if (judge_holder(w, host))
		judge_wrong(w, MODEL_GRANT_BY_HOLDER);
	w->hosts[host].truth.dead = true;
	if (w->hosts[1 - host].truth.claim == claim)
		w->hosts[1 - host].truth.granted = true;
}

/* S4: the record goes only after the proof of the release. */
void
judge_record(struct world *w, unsigned host, const struct node_record *record)
{
	struct model_host *h = &w->hosts[host];

	if (record->state == NODE_RECORD_NONE) {
		if (h->vip || h->service || add_under_way(&h->kernel))
			judge_wrong(w, MODEL_RECORD_FORGOTTEN);
		h->truth.entitled = h->truth.held = false;
	} else if (record->state == NODE_RECORD_HOLDING) {
		h->truth.held = true; /* dirty: as before. A record that could not be deleted makes no holder */
	}
	if (record->state != NODE_RECORD_HOLDING && h->record.state == NODE_RECORD_HOLDING &&
		h->node.release_reason != NODE_RELEASE_ADD_FAILED)
		h->truth.lost = true;
}

/* S9, as this side of the screen sees it. */
static void
judge_kill(struct world *w, unsigned host)
{
	const struct model_host *h = &w->hosts[host];
	const struct model_truth *t = &h->truth;
	bool dirty = h->node.peer.ever && h->node.peer.message.dirty;

	if (!t->read_on)
		judge_wrong(w, MODEL_DOWN_NOT_READ);
	if (!t->heard)
		judge_wrong(w, MODEL_DOWN_NOT_HEARD);
	if (!dirty && h->clock < t->heard_at + h->node.config.after)
		judge_wrong(w, MODEL_DOWN_WHILE_HEARD);
	if (t->lost)
		judge_wrong(w, MODEL_DOWN_AFTER_LOSS);
	if (!h->memory.credit_spent)
		judge_wrong(w, MODEL_DOWN_NOT_WRITTEN);
	/* The 60 s of hearing that bring the next permission are longer than any run here. */
	if (t->kills > 0 && !h->node.plan.killed)
		judge_wrong(w, MODEL_DOWN_AGAIN);
}

void
judge_order(struct world *w, unsigned host)
{
	struct model_host *h = &w->hosts[host];

	if (h->truth.consented)
		judge_wrong(w, MODEL_DOWN_AFTER_CONSENT);
	if (!h->link_up)
		judge_wrong(w, MODEL_DOWN_LINK);
	if (!h->node.plan.down_harmless)
		judge_kill(w, host);
	else if (!h->truth.read_off)
		judge_wrong(w, MODEL_DOWN_NOT_READ);
}

void
judge_report(struct world *w, unsigned host, const struct fence_report *report)
{
	struct model_truth *t = &w->hosts[host].truth;

	if (report->type != FENCE_REPORT_ANSWER || report->error != FENCE_OK || report->power == FENCE_POWER_UNKNOWN ||
		report->token != w->hosts[host].node.plan.read_token)
		return;
	t->read_on = t->read_on || report->power == FENCE_POWER_ON;
	t->read_off = report->power == FENCE_POWER_OFF;
}

const char *
judge_text(enum model_fault wrong)
{
	static const char *const texts[MODEL_FAULTS] = {
		[MODEL_GOOD] = "good",
		[MODEL_TWO_HOLDERS] = "two holders (S3)",
		[MODEL_TWO_WRITERS] = "two writers",
		[MODEL_ADD_WITHOUT_RECORD] = "an address is added that is not on record (S4)",
		[MODEL_ADD_WITHOUT_CLAIM] = "an address is added that no claim stands for (S1)",
		[MODEL_ADD_AFTER_GRANT] = "an address is added in a claim that a grant has ended (S2)",
		[MODEL_ADD_WITHOUT_PROOF] = "an address is added without a proof of its claim (S1)",
		[MODEL_GRANT_BY_HOLDER] = "a holder grants (S2, S3)",
		[MODEL_RECORD_FORGOTTEN] = "the record goes before the address or the writer (S4)",
		[MODEL_DOWN_NOT_READ] = "a power-down without a reading of this claim (S6, S9)",
		[MODEL_DOWN_AFTER_CONSENT] = "a power-down of a peer that has consented",
		[MODEL_DOWN_NOT_HEARD] = "a power-down of a peer never heard (S9)",
		[MODEL_DOWN_WHILE_HEARD] = "a power-down of a peer that is heard (S9)",
		[MODEL_DOWN_AFTER_LOSS] = "a power-down by who gave up and has not heard the peer since (S9)",
		[MODEL_DOWN_LINK] = "a power-down without an own service link (S9)",
		[MODEL_DOWN_NOT_WRITTEN] = "a power-down that is not on disk (S9)",
		[MODEL_DOWN_AGAIN] = "a second power-down without a minute of hearing (S9)",
	};

	return texts[wrong];
}
