#include "fence/ask.h"

#include <string.h>

#define INSUFFICIENT_PRIVILEGE 0xd4 /* IPMI 2.0 table 5-2 */
#define COMMAND_TIMED_OUT      0xc3
#define STATUS_BYTES           4 /* completion code, power state, last power event, miscellaneous */
#define STATUS_POWER_ON        0x01
#define STATUS_RESTORE_SHIFT   5 /* bits 6:5, power restore policy */
#define STATUS_RESTORE_BITS    3u

struct fence_ask *
fence_ask_new(struct fence_asks *asks, enum fence_ask_kind kind)
{
	for (unsigned i = 0; i < FENCE_ASKS; i++) {
		if (asks->list[i].kind == FENCE_ASK_NONE) {
			asks->list[i] = (struct fence_ask){ .kind = kind, .not_after = HA_NEVER };
			return &asks->list[i];
		}
	}
	return NULL;
}

void
fence_ask_sent(struct fence_ask *ask, struct fence_link *link, uint32_t tag, ha_time now)
{
	ask->link = link;
	ask->tags[ask->sends] = tag;
	ask->asked[ask->sends++] = now;
}

bool
fence_ask_is_order(const struct fence_ask *ask)
{
	return ask->kind == FENCE_ASK_READ || fence_ask_is_command(ask);
}

bool
fence_ask_is_reading(const struct fence_ask *ask)
{
	return ask->kind == FENCE_ASK_READ || ask->kind == FENCE_ASK_MONITOR;
}

bool
fence_ask_is_command(const struct fence_ask *ask)
{
	return ask->kind == FENCE_ASK_DOWN || ask->kind == FENCE_ASK_UP;
}

static enum fence_policy
restore_of(uint8_t power_state)
{
	static const enum fence_policy policies[STATUS_RESTORE_BITS + 1] = { FENCE_POLICY_ALWAYS_OFF,
		FENCE_POLICY_PREVIOUS, FENCE_POLICY_ALWAYS_ON, FENCE_POLICY_UNKNOWN };

	return policies[(unsigned)power_state >> STATUS_RESTORE_SHIFT & STATUS_RESTORE_BITS];
}

bool
fence_asks_waiting(const struct fence_asks *asks, const struct fence_link *link, enum fence_ask_kind kind)
{
	for (unsigned i = 0; i < FENCE_ASKS; i++) {
		const struct fence_ask *ask = &asks->list[i];

		if (ask->kind == kind && ask->link == link && !ask->reported)
			return true;
	}
	return false;
}

unsigned
fence_asks_unanswered(const struct fence_asks *asks, const struct fence_link *link)
{
	unsigned count = 0;

	for (unsigned i = 0; i < FENCE_ASKS; i++)
		if (asks->list[i].kind != FENCE_ASK_NONE && asks->list[i].link == link)
			count += asks->list[i].sends;
	return count;
}

struct fence_ask *
fence_asks_find(struct fence_asks *asks, const struct fence_link *link, uint32_t tag, ha_time *ret_asked)
{
	for (unsigned i = 0; i < FENCE_ASKS; i++) {
		struct fence_ask *ask = &asks->list[i];

		for (unsigned n = 0; ask->kind != FENCE_ASK_NONE && ask->link == link && n < ask->sends; n++) {
			if (ask->tags[n] == tag) {
				*ret_asked = ask->asked[n];
				return ask;
			}
		}
	}
	return NULL;
}

void
fence_answer_parse(enum fence_ask_kind kind, const uint8_t *data, size_t length, struct fence_report *ret)
{
	bool reading = kind == FENCE_ASK_READ || kind == FENCE_ASK_MONITOR;

	ret->error = FENCE_OK;
	ret->completion = 0;
	ret->power = FENCE_POWER_UNKNOWN;
	ret->restore = FENCE_POLICY_UNASKED;
	if (data[0] == INSUFFICIENT_PRIVILEGE) {
		ret->error = FENCE_PRIVILEGE;
	} else if (data[0] == COMMAND_TIMED_OUT) {
		ret->error = FENCE_TIMEOUT; /* executed or not; the library makes it up, too */
	} else if (data[0] != 0) {
		ret->error = FENCE_REFUSED;
		ret->completion = data[0];
	} else if (reading && length < STATUS_BYTES) {
		ret->error = FENCE_GARBAGE;
	} else if (reading) {
		ret->power = (data[1] & STATUS_POWER_ON) != 0 ? FENCE_POWER_ON : FENCE_POWER_OFF;
		ret->restore = restore_of(data[1]);
	}
}

bool
fence_answer_parse_guid(const uint8_t *data, size_t length, struct ha_guid *ret)
{
	if (data[0] != 0 || length < 1 + sizeof(ret->bytes))
		return false;
	memcpy(ret->bytes, data + 1, sizeof(ret->bytes));
	return true;
}
