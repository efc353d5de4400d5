#include "fence/ipmi.h"

#include "fence/ask.h"
#include "fence/os_handler.h"
#include "fence/retry.h"
#include "fence/session.h"
#include "lib/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NETFN_CHASSIS      0x00
#define NETFN_APP          0x06
#define GET_CHASSIS_STATUS 0x01 /* IPMI 2.0 28.2 */
#define CHASSIS_CONTROL    0x02 /* IPMI 2.0 28.3 */
#define CONTROL_DOWN       0x00
#define CONTROL_UP         0x01
#define GET_SYSTEM_GUID    0x37 /* IPMI 2.0 22.14 */

/* A question is asked again after one, three and seven times the patience; a second login starts after three. For a
 * slow IMM all of it stretches with the slowest answer of late; one that is really slow, or has enough to answer, is
 * not asked again at all: it would only queue the questions and answer everything later still. */
#define PATIENCE_MIN (250 * HA_MS)
#define PATIENCE_CAP (8 * HA_SEC)
#define REALLY_SLOW  (1 * HA_SEC)
#define ENOUGH       5             /* transmissions unanswered */
#define LOST_AFTER   (20 * HA_SEC) /* or four times the patience: a session that silent is over at the IMM, too */

#define RETRANSMIT_FIRST (250 * HA_MS) /* of the handshake: 7 messages in 1.75 s */
#define RETRANSMIT_CAP   (1 * HA_SEC)

struct fence_link {
	struct fence_ipmi *ipmi;
	struct fence_session *session; /* NULL: none */
	bool down;
	enum fence_error error; /* why it is down */
	bool guid_answered, guid_known;
	struct ha_guid guid;
	uint64_t number; /* 0: not in use for orders yet */
	ha_time since;
	ha_time silent_since; /* something is unanswered and nothing has come since; HA_NEVER: all is well */
	ha_time probe_at;     /* not before */
	bool spoiled;         /* holds a request whose late repetition or answer is not wanted: to be replaced */
};

struct fence_ipmi {
	struct fence_os *os;
	sd_event *event;
	sd_event_source *work, *timer;
	struct config_imm imm;
	ha_time login_timeout, monitor_interval;
	fence_ipmi_report_handler *handler;
	void *userdata;

	struct fence_link links[2];
	struct fence_link *current, *candidate; /* each one of `links` */
	uint64_t sessions;                      /* counts them */
	struct fence_asks asks;
	uint32_t last_tag;

	enum fence_error error; /* of the newest login, or of the newest use of the session; what DEVICE says */
	ha_time retry_at, retry_delay, retransmit;
	ha_time monitor_at;
	ha_time slowest; /* answer of late */
};

static ha_time
clamp(ha_time value, ha_time low, ha_time high)
{
	return ha_time_min(ha_time_max(value, low), high);
}

static ha_time
patience(const struct fence_ipmi *ipmi)
{
	return clamp(2 * ipmi->slowest, PATIENCE_MIN, PATIENCE_CAP);
}

static ha_time
answer_timeout(const struct fence_ipmi *ipmi)
{
	return clamp(4 * ipmi->slowest, FENCE_ANSWER_TIMEOUT, FENCE_ANSWER_CAP);
}

static bool
has_session(const struct fence_ipmi *ipmi)
{
	return ipmi->current->session != NULL;
}

static void
wake(struct fence_ipmi *ipmi)
{
	(void)sd_event_source_set_enabled(ipmi->work, SD_EVENT_ONESHOT);
}

/* ---- reports ---- */

static struct fence_report
report_on(const struct fence_ipmi *ipmi, const struct fence_link *link)
{
	struct fence_report report = { .power = FENCE_POWER_UNKNOWN };

	if (link && link->session && link->number != 0) {
		report.session = link->number;
		report.session_since = link->since;
		report.guid_known = link->guid_known;
		report.guid = link->guid;
		report.privilege = (uint8_t)ipmi->imm.privilege; /* the login fails if the IMM grants another one */
	}
	return report;
}

static void
report_device(struct fence_ipmi *ipmi, const struct fence_report *reading)
{
	struct fence_report report = reading ? *reading : report_on(ipmi, ipmi->current);

	report.type = FENCE_REPORT_DEVICE;
	report.token = 0;
	if (!reading)
		report.error = ipmi->error;
	if (report.error == FENCE_OK && report.session != 0 && report.privilege < CONFIG_PRIVILEGE_OPERATOR)
		report.error = FENCE_PRIVILEGE;
	ipmi->handler(ipmi->userdata, &report);
}

/* Log and report a change of what is known about the device; the same again is neither. */
static void
note_error(struct fence_ipmi *ipmi, enum fence_error error)
{
	char address[HA_ADDRESS_TEXT];

	if (ipmi->error == error)
		return;
	ha_log(error == FENCE_OK ? LOG_NOTICE : LOG_WARNING, "IMM %s: %s, was %s",
		ha_address_format(&ipmi->imm.address, address), fence_error_text(error), fence_error_name(ipmi->error));
	ipmi->error = error;
	report_device(ipmi, NULL);
}

static void
report_answer(struct fence_ipmi *ipmi, struct fence_ask *ask, const struct fence_report *facts)
{
	struct fence_report report = *facts;

	if (ask->reported)
		return;
	ask->reported = true;
	if (!fence_ask_is_order(ask))
		return;
	report.type = FENCE_REPORT_ANSWER;
	report.token = ask->token;
	ipmi->handler(ipmi->userdata, &report);
}

/* The answer to an order that will not be answered by the IMM. */
static void
report_failure(struct fence_ipmi *ipmi, struct fence_ask *ask, enum fence_error error)
{
	struct fence_report report = report_on(ipmi, ask->link);

	report.error = error;
	report.asked = ask->sends > 0 ? ask->asked[0] : 0;
	report_answer(ipmi, ask, &report);
}

static void
report_sent(struct fence_ipmi *ipmi, const struct fence_ask *ask)
{
	struct fence_report report = report_on(ipmi, ask->link);

	report.type = FENCE_REPORT_SENT;
	report.token = ask->token;
	report.asked = ask->asked[0];
	ipmi->handler(ipmi->userdata, &report);
}

/* ---- questions and answers ---- */

static void
take_answer(struct fence_ipmi *ipmi, struct fence_link *link, struct fence_ask *ask, ha_time asked, const uint8_t *data,
	size_t length)
{
	struct fence_report report = report_on(ipmi, link);

	report.asked = asked;
	report.answered = ha_now();
	if (ask->kind == FENCE_ASK_GUID) {
		link->guid_answered = true;
		link->guid_known = fence_answer_parse_guid(data, length, &link->guid);
	} else if (ask->kind != FENCE_ASK_PROBE) {
		fence_answer_parse(ask->kind, data, length, &report);
		if (!ask->policy)
			report.restore = FENCE_POLICY_UNASKED;
		if (fence_ask_is_reading(ask))
			ipmi->monitor_at = ha_time_add(report.answered, ipmi->monitor_interval);
		if (ask->kind == FENCE_ASK_MONITOR && !ask->reported) {
			ipmi->error = report.error;
			report_device(ipmi, &report);
		} else if (fence_ask_is_reading(ask)) {
			note_error(ipmi, report.error);
		}
		report_answer(ipmi, ask, &report);
	}
	ask->kind = FENCE_ASK_NONE;
}

/* From inside the library. Any answer, also one that nobody waits for any more, shows that the session is alive. */
static void
on_answer(void *userdata, uint32_t tag, const uint8_t *data, size_t length)
{
	struct fence_link *link = userdata;
	struct fence_ipmi *ipmi = link->ipmi;
	ha_time now = ha_now(), asked;
	struct fence_ask *ask = fence_asks_find(&ipmi->asks, link, tag, &asked);

	if (ask) {
		ipmi->slowest = ha_time_max(ha_time_since(now, asked), ipmi->slowest - ipmi->slowest / 8);
		take_answer(ipmi, link, ask, asked, data, length);
	}
	link->silent_since = fence_asks_unanswered(&ipmi->asks, link) > 0 ? now : HA_NEVER;
	wake(ipmi);
}

static int
transmit(struct fence_ipmi *ipmi, struct fence_ask *ask, struct fence_link *link)
{
	uint8_t control = ask->kind == FENCE_ASK_UP ? CONTROL_UP : CONTROL_DOWN;
	uint32_t tag = ++ipmi->last_tag;
	ha_time now = ha_now(); /* before it leaves: the reading must not be older than `asked` (S6) */
	int r = -EINVAL;

	switch (ask->kind) {
	case FENCE_ASK_GUID:
	case FENCE_ASK_PROBE:
		r = fence_session_ask(link->session, NETFN_APP, GET_SYSTEM_GUID, NULL, 0, on_answer, link, tag);
		break;
	case FENCE_ASK_MONITOR:
	case FENCE_ASK_READ:
		r = fence_session_ask(link->session, NETFN_CHASSIS, GET_CHASSIS_STATUS, NULL, 0, on_answer, link, tag);
		break;
	case FENCE_ASK_DOWN:
	case FENCE_ASK_UP:
		r = fence_session_ask(link->session, NETFN_CHASSIS, CHASSIS_CONTROL, &control, 1, on_answer, link, tag);
		break;
	case FENCE_ASK_NONE:
		break;
	}
	if (r < 0)
		return r;
	fence_ask_sent(ask, link, tag, now);
	if (link->silent_since == HA_NEVER)
		link->silent_since = now;
	return 0;
}

static void
ask_internal(struct fence_ipmi *ipmi, struct fence_link *link, enum fence_ask_kind kind)
{
	struct fence_ask *ask = fence_ask_new(&ipmi->asks, kind);

	if (ask && transmit(ipmi, ask, link) < 0)
		ask->kind = FENCE_ASK_NONE;
}

/* ---- orders ---- */

/* S9: late is not sent; S10: sent in the session that was meant or not at all. */
static void
send_order(struct fence_ipmi *ipmi, struct fence_ask *ask)
{
	if (ha_now() > ask->not_after || transmit(ipmi, ask, ipmi->current) < 0) {
		report_failure(ipmi, ask, FENCE_NOT_SENT);
		ask->kind = FENCE_ASK_NONE;
		return;
	}
	report_sent(ipmi, ask);
	wake(ipmi);
}

static void
cancel(struct fence_ipmi *ipmi, uint32_t token)
{
	for (unsigned i = 0; i < FENCE_ASKS; i++) {
		struct fence_ask *ask = &ipmi->asks.list[i];

		if (!fence_ask_is_order(ask) || ask->reported || (token != 0 && ask->token != token))
			continue;
		report_failure(ipmi, ask, ask->sends > 0 ? FENCE_TIMEOUT : FENCE_NOT_SENT);
		if (ask->sends == 0)
			ask->kind = FENCE_ASK_NONE;
	}
}

static void
refuse(struct fence_ipmi *ipmi, const struct fence_order *order)
{
	struct fence_report report = report_on(ipmi, ipmi->current);

	report.type = FENCE_REPORT_ANSWER;
	report.token = order->token;
	report.error = FENCE_NOT_SENT;
	ipmi->handler(ipmi->userdata, &report);
}

void
fence_ipmi_execute(struct fence_ipmi *ipmi, const struct fence_order *order)
{
	static const enum fence_ask_kind kinds[FENCE_ORDER_TYPES] = {
		[FENCE_ORDER_READ] = FENCE_ASK_READ,
		[FENCE_ORDER_POWER_DOWN] = FENCE_ASK_DOWN,
		[FENCE_ORDER_POWER_UP] = FENCE_ASK_UP,
	};
	bool meant = has_session(ipmi) && order->session == ipmi->current->number;
	struct fence_ask *ask;

	if (order->type == FENCE_ORDER_CANCEL) {
		cancel(ipmi, order->token);
		return;
	}
	if (order->type == FENCE_ORDER_READ && order->session == 0)
		meant = true;
	ask = meant ? fence_ask_new(&ipmi->asks, kinds[order->type]) : NULL;
	if (!ask) {
		refuse(ipmi, order);
		return;
	}
	ask->token = order->token;
	ask->policy = order->policy;
	ask->not_after = order->not_after;
	if (has_session(ipmi))
		send_order(ipmi, ask);
	else
		wake(ipmi); /* a READ: waits for a login, see wait_for_login() */
}

/* ---- life of a session ---- */

static void
on_up(void *userdata)
{
	struct fence_link *link = userdata;

	wake(link->ipmi);
}

static void
on_down(void *userdata, enum fence_error error)
{
	struct fence_link *link = userdata;

	link->down = true;
	link->error = error;
	wake(link->ipmi);
}

static const struct fence_session_handlers session_handlers = { .up = on_up, .down = on_down };

static void
close_link(struct fence_ipmi *ipmi, struct fence_link *link)
{
	for (unsigned i = 0; i < FENCE_ASKS; i++) {
		struct fence_ask *ask = &ipmi->asks.list[i];

		if (ask->kind == FENCE_ASK_NONE || ask->link != link)
			continue;
		report_failure(ipmi, ask, FENCE_TIMEOUT); /* it was sent: it may have been executed */
		ask->kind = FENCE_ASK_NONE;
	}
	fence_session_close(link->session);
	*link = (struct fence_link){ .ipmi = ipmi, .silent_since = HA_NEVER };
}

static void
start_login(struct fence_ipmi *ipmi)
{
	struct fence_session_config config = {
		.imm = &ipmi->imm,
		.login_timeout = ipmi->login_timeout,
		.retransmit = ipmi->retransmit,
	};
	struct fence_link *link = ipmi->candidate;
	int r;

	r = fence_session_open(ipmi->os, ipmi->event, &config, &session_handlers, link, &link->session);
	if (r < 0) {
		ha_log(LOG_WARNING, "IMM: cannot start a login: %s", strerror(-r));
		link->session = NULL;
		link->down = true;
		link->error = FENCE_UNREACHABLE;
		wake(ipmi);
	}
	link->since = ha_now();
}

static bool
is_silent(const struct fence_ipmi *ipmi, ha_time now, ha_time limit)
{
	const struct fence_link *link = ipmi->current;

	return has_session(ipmi) && link->silent_since != HA_NEVER && ha_time_since(now, link->silent_since) >= limit;
}

static void
login_failed(struct fence_ipmi *ipmi, enum fence_error error)
{
	ha_time now = ha_now();
	bool needed = !has_session(ipmi) || is_silent(ipmi, now, 3 * patience(ipmi));

	close_link(ipmi, ipmi->candidate);
	ipmi->retry_delay = fence_retry_delay(error, ipmi->retry_delay);
	ipmi->retry_at = ha_time_add(now, ipmi->retry_delay);
	if (error == FENCE_TIMEOUT)
		ipmi->retransmit = ha_time_min(2 * ipmi->retransmit, RETRANSMIT_CAP);
	if (!needed)
		return; /* the session at hand goes on */
	note_error(ipmi, error);
	/* Who waits for a reading learns now why there is none. */
	for (unsigned i = 0; i < FENCE_ASKS; i++) {
		struct fence_ask *ask = &ipmi->asks.list[i];

		if (ask->kind != FENCE_ASK_READ || ask->reported)
			continue;
		report_failure(ipmi, ask, error);
		if (ask->sends == 0)
			ask->kind = FENCE_ASK_NONE;
	}
}

/* The candidate has told its GUID: it becomes the session. */
static void
promote(struct fence_ipmi *ipmi)
{
	struct fence_link *old = ipmi->current;

	if (old->session)
		ha_log(LOG_NOTICE, "IMM: session %llu does not answer, replaced", (unsigned long long)old->number);
	close_link(ipmi, old);
	ipmi->current = ipmi->candidate;
	ipmi->candidate = old;
	ipmi->current->number = ++ipmi->sessions;
	ipmi->current->since = ha_now();
	ipmi->retry_delay = 0;
	ipmi->retry_at = 0;
	ipmi->error = FENCE_OK;
	ha_log(LOG_INFO, "IMM: session %llu established", (unsigned long long)ipmi->sessions);
	report_device(ipmi, NULL);
	for (unsigned i = 0; i < FENCE_ASKS; i++)
		if (ipmi->asks.list[i].kind == FENCE_ASK_READ && !ipmi->asks.list[i].link)
			send_order(ipmi, &ipmi->asks.list[i]);
	ask_internal(ipmi, ipmi->current, FENCE_ASK_MONITOR);
}

static bool
wants_login(const struct fence_ipmi *ipmi, ha_time now)
{
	return !has_session(ipmi) || ipmi->current->spoiled || is_silent(ipmi, now, 3 * patience(ipmi));
}

static void
run_candidate(struct fence_ipmi *ipmi, ha_time now)
{
	struct fence_link *link = ipmi->candidate;

	if (link->down) {
		login_failed(ipmi, link->error);
		return;
	}
	if (!link->session) {
		if (wants_login(ipmi, now) && now >= ipmi->retry_at)
			start_login(ipmi);
		return;
	}
	if (!wants_login(ipmi, now)) {
		close_link(ipmi, link); /* the session was slow, not gone */
		note_error(ipmi, FENCE_OK);
	} else if (link->guid_answered) {
		promote(ipmi);
	} else if (now >= ha_time_add(link->since, ipmi->login_timeout)) {
		login_failed(ipmi, fence_session_heard(link->session) ? FENCE_TIMEOUT : FENCE_UNREACHABLE);
	} else if (fence_session_is_up(link->session) && !fence_asks_waiting(&ipmi->asks, link, FENCE_ASK_GUID)) {
		ask_internal(ipmi, link, FENCE_ASK_GUID);
	}
}

static void
run_current(struct fence_ipmi *ipmi, ha_time now)
{
	struct fence_link *link = ipmi->current;

	if (!has_session(ipmi))
		return;
	if (link->down || is_silent(ipmi, now, ha_time_max(LOST_AFTER, 4 * patience(ipmi)))) {
		ha_log(LOG_NOTICE, "IMM: session %llu lost", (unsigned long long)link->number);
		close_link(ipmi, link);
		if (ipmi->error == FENCE_OK)
			ipmi->error = FENCE_TIMEOUT;
		report_device(ipmi, NULL);
		return;
	}
	/* Is it the session that is silent, or only a command that takes long? */
	if (is_silent(ipmi, now, patience(ipmi)) && now >= link->probe_at &&
		!fence_asks_waiting(&ipmi->asks, link, FENCE_ASK_PROBE)) {
		link->probe_at = ha_time_add(now, patience(ipmi));
		ask_internal(ipmi, link, FENCE_ASK_PROBE);
	}
	if (now >= ipmi->monitor_at && fence_asks_unanswered(&ipmi->asks, link) == 0) {
		ipmi->monitor_at = ha_time_add(now, ipmi->monitor_interval);
		ask_internal(ipmi, link, FENCE_ASK_MONITOR);
	}
}

/* When to send a question again. A command is never sent again. */
static ha_time
repeat_at(const struct fence_ipmi *ipmi, const struct fence_ask *ask)
{
	if (ask->sends == 0 || ask->sends == FENCE_ASK_SENDS || ask->reported || fence_ask_is_command(ask))
		return HA_NEVER;
	if (ask->link->spoiled || ipmi->slowest > REALLY_SLOW ||
		fence_asks_unanswered(&ipmi->asks, ask->link) >= ENOUGH)
		return HA_NEVER;
	return ha_time_add(ask->asked[0], ((1U << ask->sends) - 1) * patience(ipmi));
}

static ha_time
overdue_at(const struct fence_ipmi *ipmi, const struct fence_ask *ask)
{
	return ask->expired ? HA_NEVER : ha_time_add(ask->asked[0], answer_timeout(ipmi));
}

static void
run_ask(struct fence_ipmi *ipmi, struct fence_ask *ask, ha_time now)
{
	if (ask->sends == 0) {
		/* A reading that waits for a login. */
		if (now > ask->not_after || ipmi->error == FENCE_AUTHENTICATION) {
			report_failure(ipmi, ask, ipmi->error == FENCE_OK ? FENCE_NOT_SENT : ipmi->error);
			ask->kind = FENCE_ASK_NONE;
		} else {
			ipmi->retry_at = 0; /* now is when it is needed */
		}
	} else if (now >= overdue_at(ipmi, ask)) {
		/* Its number in the library stays taken, and the library would repeat it some day: time for a new
		 * session. */
		ask->link->spoiled = true;
		ask->expired = true;
		if (ask->kind == FENCE_ASK_MONITOR && !ask->reported)
			note_error(ipmi, FENCE_TIMEOUT);
		report_failure(ipmi, ask, FENCE_TIMEOUT);
	} else if (now >= repeat_at(ipmi, ask)) {
		if (transmit(ipmi, ask, ask->link) < 0)
			ask->link->spoiled = true;
	}
}

static ha_time
next_deadline(const struct fence_ipmi *ipmi)
{
	const struct fence_link *link = ipmi->current;
	ha_time next = HA_NEVER, p = patience(ipmi);

	for (unsigned i = 0; i < FENCE_ASKS; i++) {
		const struct fence_ask *ask = &ipmi->asks.list[i];

		if (ask->kind == FENCE_ASK_NONE)
			continue;
		next = ha_time_min(next, ask->sends == 0 ? ha_time_add(ask->not_after, 1) : overdue_at(ipmi, ask));
		next = ha_time_min(next, repeat_at(ipmi, ask));
	}
	if (ipmi->candidate->session)
		next = ha_time_min(next, ha_time_add(ipmi->candidate->since, ipmi->login_timeout));
	else if (!has_session(ipmi) || link->spoiled)
		next = ha_time_min(next, ipmi->retry_at);
	if (!has_session(ipmi))
		return next;
	if (fence_asks_unanswered(&ipmi->asks, link) == 0)
		next = ha_time_min(next, ipmi->monitor_at);
	if (link->silent_since == HA_NEVER)
		return next;
	if (!fence_asks_waiting(&ipmi->asks, link, FENCE_ASK_PROBE))
		next = ha_time_min(next, ha_time_max(link->probe_at, ha_time_add(link->silent_since, p)));
	if (!ipmi->candidate->session)
		next = ha_time_min(next, ha_time_max(ipmi->retry_at, ha_time_add(link->silent_since, 3 * p)));
	return ha_time_min(next, ha_time_add(link->silent_since, ha_time_max(LOST_AFTER, 4 * p)));
}

static int
run(struct fence_ipmi *ipmi)
{
	int r;

	run_current(ipmi, ha_now());
	for (unsigned i = 0; i < FENCE_ASKS; i++)
		if (ipmi->asks.list[i].kind != FENCE_ASK_NONE)
			run_ask(ipmi, &ipmi->asks.list[i], ha_now());
	run_candidate(ipmi, ha_now());
	r = sd_event_source_set_time(ipmi->timer, next_deadline(ipmi));
	return r < 0 ? r : sd_event_source_set_enabled(ipmi->timer, SD_EVENT_ONESHOT);
}

static int
on_work(sd_event_source *source, void *userdata)
{
	(void)source;
	return run(userdata);
}

static int
on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	return run(userdata);
}

static int
add_sources(struct fence_ipmi *ipmi)
{
	int r;

	r = sd_event_add_defer(ipmi->event, &ipmi->work, on_work, ipmi);
	if (r < 0)
		return r;
	r = sd_event_source_set_exit_on_failure(ipmi->work, true);
	if (r < 0)
		return r;
	r = sd_event_add_time(ipmi->event, &ipmi->timer, CLOCK_BOOTTIME, HA_NEVER, 1, on_timer, ipmi);
	if (r < 0)
		return r;
	return sd_event_source_set_exit_on_failure(ipmi->timer, true);
}

int
fence_ipmi_open(sd_event *event, const struct fence_ipmi_config *config, fence_ipmi_report_handler *handler,
	void *userdata, struct fence_ipmi **ret)
{
	struct fence_ipmi *ipmi = calloc(1, sizeof(*ipmi));
	int r;

	if (!ipmi)
		return -ENOMEM;
	ipmi->event = sd_event_ref(event);
	ipmi->imm = *config->imm;
	ipmi->login_timeout = config->login_timeout;
	ipmi->monitor_interval = config->monitor_interval;
	ipmi->handler = handler;
	ipmi->userdata = userdata;
	ipmi->retransmit = RETRANSMIT_FIRST;
	for (unsigned i = 0; i < 2; i++)
		ipmi->links[i] = (struct fence_link){ .ipmi = ipmi, .silent_since = HA_NEVER };
	ipmi->current = &ipmi->links[0];
	ipmi->candidate = &ipmi->links[1];
	r = fence_os_open(event, &ipmi->os);
	if (r == 0)
		r = add_sources(ipmi);
	if (r < 0) {
		fence_ipmi_close(ipmi);
		return r;
	}
	*ret = ipmi;
	return 0;
}

void
fence_ipmi_close(struct fence_ipmi *ipmi)
{
	if (!ipmi)
		return;
	fence_session_close(ipmi->links[0].session);
	fence_session_close(ipmi->links[1].session);
	fence_os_close(ipmi->os);
	sd_event_source_disable_unref(ipmi->work);
	sd_event_source_disable_unref(ipmi->timer);
	sd_event_unref(ipmi->event);
	explicit_bzero(&ipmi->imm, sizeof(ipmi->imm));
	free(ipmi);
}
