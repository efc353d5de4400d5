/* test/sim/trace.c -- a run as lines for people: time, node, what happened. */
#include "daemon/note.h"
#include "test/sim/world.h"

#include <stdarg.h>
#include <stdio.h>

static void
head(const struct world *w, int host)
{
	printf("%9.3f %s ", (double)w->now / (double)HA_SEC, host < 0 ? "-" : host == 0 ? "A" : "B");
}

void
trace(const struct world *w, int host, const char *format, ...)
{
	va_list arguments;

	if (!w->trace)
		return;
	head(w, host);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

void
trace_note(const struct world *w, unsigned host, const struct node_note *note)
{
	const struct node *node = &w->hosts[host].daemon.node;
	struct note_names names = { .instance = "VI_1",
		.own = node->config.name,
		.peer = node->config.peer,
		.vips = "the VIP",
		.action = node->config.fence.action,
		.proof = node->record.proof };
	char text[NOTE_TEXT];

	head(w, (int)host);
	printf("    %s\n", note_text(note, &names, text));
}

/* Only what is rare: the regular messages would hide the rest. */
void
trace_event(const struct world *w, unsigned host, const struct node_event *e)
{
	const struct vrrp_message *m = &e->message;

	switch (e->type) {
	case NODE_EV_MESSAGE:
		if (w->trace_messages)
			trace(w, (int)host, "link %u: %s %s%s seq %llu echo %llu (%s) claim %llx grant %llx", e->link,
				m->sender, node_state_name(m->state), m->holding ? " holding" : "",
				(unsigned long long)m->sequence, (unsigned long long)m->echo_sequence,
				m->echo_incarnation == w->hosts[host].daemon.node.window.my_incarnation ? "me"
													: "not me",
				(unsigned long long)m->claim, (unsigned long long)m->grant);
		else if (m->grant != 0)
			trace(w, (int)host, "receives grant %llx", (unsigned long long)m->grant);
		break;
	case NODE_EV_LATE:
		trace(w, (int)host, "loop was away %llu ms", (unsigned long long)(e->late / HA_MS));
		break;
	case NODE_EV_HEALTH:
		trace(w, (int)host, "health: %s%s, priority %u", e->health.fit ? "fit" : "UNFIT",
			e->health.storage ? " (storage)" : "", e->health.effective_priority);
		break;
	case NODE_EV_FIT_PROBE:
		trace(w, (int)host, "required checks %s", e->ok ? "answer" : "DO NOT ANSWER");
		break;
	case NODE_EV_STORAGE_PROBE:
		trace(w, (int)host, "storage %s", e->ok ? "answers" : "DOES NOT ANSWER");
		break;
	case NODE_EV_COMMAND:
		trace(w, (int)host, "command %u", e->command.type);
		break;
	case NODE_EV_INVALID:
		if (w->trace_messages)
			trace(w, (int)host, "link %u: an invalid packet", e->link);
		break;
	case NODE_EV_START:
	case NODE_EV_TIMER:
	case NODE_EV_DRAINED:
	case NODE_EV_ADVERT:
	case NODE_EV_LINK:
	case NODE_EV_LINK_HEARD:
	case NODE_EV_FENCE:
	case NODE_EV_PROBE_ANSWER:
	case NODE_EV_PROBE_FAILED:
	case NODE_EV_VIP_SEEN:
	case NODE_EV_VIP_ADDED:
	case NODE_EV_VIP_REMOVED:
	case NODE_EV_VIP_LOST:
	case NODE_EV_SERVICE_STOPPED:
	case NODE_EV_REMEMBERED:
	case NODE_EV_WORKER:
	case NODE_EV_STOP:
	case NODE_EV_RELOAD:
	case NODE_EVENTS:
		break;
	}
}
