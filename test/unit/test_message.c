/* Peer messages: only whole, authentic and fresh ones count. The second half plays packets that arrive late, twice, out
 * of order or again, while daemons on both sides come and go. */
#include "vrrp/message.h"

#include "lib/wire.h"
#include "test/unit/suite.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HEADER       8
#define HMAC_SIZE    32

static struct vrrp_message_keys
one_key(uint8_t fill)
{
	struct vrrp_message_keys keys = { .count = 1 };

	memset(keys.keys[0], fill, VRRP_MESSAGE_KEY);
	return keys;
}

static struct vrrp_message_keys
two_keys(uint8_t first, uint8_t second)
{
	struct vrrp_message_keys keys = one_key(first);

	memset(keys.keys[1], second, VRRP_MESSAGE_KEY);
	keys.count = 2;
	return keys;
}

/* Every field has a value of its own, so that two exchanged ones are seen. */
static struct vrrp_message
sample(void)
{
	struct vrrp_message m = { .version = VRRP_MESSAGE_VERSION,
		.cluster = "tomcat",
		.sender = "NodeA",
		.incarnation = 0x1111111111111111,
		.sequence = 42,
		.echo_incarnation = 0x2222222222222222,
		.echo_sequence = 41,
		.link = 1,
		.links_heard = 3,
		.state = NODE_CLAIMING,
		.proof = NODE_PROOF_OPERATOR,
		.paused_s = 7200,
		.priority = 100,
		.effective_priority = 80,
		.claim = 0x3333333333333333,
		.intent = NODE_INTENT_SWITCHOVER,
		.claim_priority = 81,
		.grant = 0x4444444444444444,
		.denied = 0x5555555555555555,
		.fence_error = 3,
		.peer_power = 2,
		.fence_rtt_us = 8123,
		.alarms = UINT64_C(1) << 40 | 5,
		.storage_probe_age_ms = UINT32_MAX,
		.echo_age_us = 1234567 };

	memset(m.guid.bytes, 0x66, sizeof(m.guid.bytes));
	memset(m.config_digest, 0x77, sizeof(m.config_digest));
	memset(m.vip_digest, 0x88, sizeof(m.vip_digest));
	for (unsigned i = 0; i < VRRP_MESSAGE_GROUPS; i++)
		m.config_groups[i] = (uint16_t)(0x9900 + i);
	return m;
}

static void
assert_same(const struct vrrp_message *a, const struct vrrp_message *b)
{
	ck_assert_uint_eq(a->version, b->version);
	ck_assert_str_eq(a->cluster, b->cluster);
	ck_assert_str_eq(a->sender, b->sender);
	ck_assert(ha_guid_equal(&a->guid, &b->guid));
	ck_assert_uint_eq(a->incarnation, b->incarnation);
	ck_assert_uint_eq(a->sequence, b->sequence);
	ck_assert_uint_eq(a->echo_incarnation, b->echo_incarnation);
	ck_assert_uint_eq(a->echo_sequence, b->echo_sequence);
	ck_assert_uint_eq(a->link, b->link);
	ck_assert_uint_eq(a->links_heard, b->links_heard);
	ck_assert_int_eq(a->state, b->state);
	ck_assert_int_eq(a->proof, b->proof);
	ck_assert_uint_eq(a->paused_s, b->paused_s);
	ck_assert_int_eq(a->holding, b->holding);
	ck_assert_int_eq(a->woke_late, b->woke_late);
	ck_assert_int_eq(a->fit, b->fit);
	ck_assert_int_eq(a->standby, b->standby);
	ck_assert_int_eq(a->leaving, b->leaving);
	ck_assert_int_eq(a->handover, b->handover);
	ck_assert_int_eq(a->dirty, b->dirty);
	ck_assert_int_eq(a->power_down_sent, b->power_down_sent);
	ck_assert_int_eq(a->can_fence, b->can_fence);
	ck_assert_uint_eq(a->priority, b->priority);
	ck_assert_uint_eq(a->effective_priority, b->effective_priority);
	ck_assert_uint_eq(a->claim, b->claim);
	ck_assert_int_eq(a->intent, b->intent);
	ck_assert_uint_eq(a->claim_priority, b->claim_priority);
	ck_assert_uint_eq(a->grant, b->grant);
	ck_assert_uint_eq(a->denied, b->denied);
	ck_assert_uint_eq(a->fence_error, b->fence_error);
	ck_assert_uint_eq(a->peer_power, b->peer_power);
	ck_assert_uint_eq(a->fence_rtt_us, b->fence_rtt_us);
	ck_assert_uint_eq(a->alarms, b->alarms);
	ck_assert_uint_eq(a->storage_probe_age_ms, b->storage_probe_age_ms);
	ck_assert_uint_eq(a->echo_age_us, b->echo_age_us);
	ck_assert_mem_eq(a->config_digest, b->config_digest, sizeof(a->config_digest));
	ck_assert_mem_eq(a->vip_digest, b->vip_digest, sizeof(a->vip_digest));
	ck_assert_mem_eq(a->config_groups, b->config_groups, sizeof(a->config_groups));
}

/* Puts the HMAC of key `fill` under `length` bytes of header and body, with the length of the body set. */
static size_t
re_sign(uint8_t *data, size_t length, uint8_t fill)
{
	struct vrrp_message_keys keys = one_key(fill);
	unsigned bytes;

	data[6] = (uint8_t)((length - HEADER) >> 8);
	data[7] = (uint8_t)(length - HEADER);
	ck_assert_ptr_nonnull(HMAC(EVP_sha256(), keys.keys[0], VRRP_MESSAGE_KEY, data, length, data + length, &bytes));
	return length + HMAC_SIZE;
}

/* --- codec --- */

START_TEST(round_trip)
{
	struct vrrp_message_keys keys = one_key(1);
	struct vrrp_message message = sample(), got;
	uint8_t buffer[VRRP_MESSAGE_BYTES];
	size_t length = vrrp_message_encode(&message, &keys, buffer);

	ck_assert_uint_gt(length, HEADER + HMAC_SIZE);
	ck_assert_int_eq(vrrp_message_decode(buffer, length, &keys, &got), 0);
	assert_same(&message, &got);
}
END_TEST

/* Each truth value alone, so that no two share a bit. */
START_TEST(truth_values)
{
	static const size_t offsets[] = { offsetof(struct vrrp_message, holding),
		offsetof(struct vrrp_message, woke_late), offsetof(struct vrrp_message, fit),
		offsetof(struct vrrp_message, standby), offsetof(struct vrrp_message, leaving),
		offsetof(struct vrrp_message, handover), offsetof(struct vrrp_message, dirty),
		offsetof(struct vrrp_message, power_down_sent), offsetof(struct vrrp_message, can_fence) };
	struct vrrp_message_keys keys = one_key(1);
	uint8_t buffer[VRRP_MESSAGE_BYTES];

	for (size_t i = 0; i < COUNT(offsets); i++) {
		struct vrrp_message message = sample(), got;

		*(bool *)((char *)&message + offsets[i]) = true;
		ck_assert_int_eq(
			vrrp_message_decode(buffer, vrrp_message_encode(&message, &keys, buffer), &keys, &got), 0);
		assert_same(&message, &got);
	}
}
END_TEST

START_TEST(every_enum_value)
{
	struct vrrp_message_keys keys = one_key(1);
	uint8_t buffer[VRRP_MESSAGE_BYTES];

	for (unsigned i = 0; i < NODE_STATES * NODE_INTENTS * NODE_PROOFS; i++) {
		struct vrrp_message message = sample(), got;

		message.state = (enum node_state)(i % NODE_STATES);
		message.intent = (enum node_intent)(i / NODE_STATES % NODE_INTENTS);
		message.proof = (enum node_proof)(i / NODE_STATES / NODE_INTENTS);
		ck_assert_int_eq(
			vrrp_message_decode(buffer, vrrp_message_encode(&message, &keys, buffer), &keys, &got), 0);
		assert_same(&message, &got);
	}
}
END_TEST

/* The longest names still leave room: the encoder never depends on luck. */
START_TEST(longest_message)
{
	const struct vrrp_settings full = { .total = 255, .first = 247, .count = VRRP_SETTINGS_CHUNK };
	struct vrrp_message_keys keys = one_key(1);
	struct vrrp_message message = sample(), got;
	uint8_t buffer[VRRP_MESSAGE_BYTES];
	size_t length;

	memset(message.cluster, 'c', VRRP_MESSAGE_NAME - 1);
	memset(message.sender, 's', VRRP_MESSAGE_NAME - 1);
	length = vrrp_message_encode_settings(&message, &full, &keys, buffer);
	ck_assert_uint_gt(length, 0);
	ck_assert_uint_lt(length, 512);
	ck_assert_int_eq(vrrp_message_decode(buffer, length, &keys, &got), 0);
	assert_same(&message, &got);
}
END_TEST

START_TEST(every_truncation)
{
	struct vrrp_message_keys keys = one_key(1);
	struct vrrp_message message = sample(), got = { .sequence = 99 };
	uint8_t buffer[VRRP_MESSAGE_BYTES];
	size_t whole = vrrp_message_encode(&message, &keys, buffer);

	for (size_t length = 0; length < whole; length++) {
		uint8_t *copy = malloc(length + 1); /* of that size: the sanitizer sees a read past the end */

		memcpy(copy, buffer, length);
		ck_assert_int_eq(vrrp_message_decode(copy, length, &keys, &got), -EBADMSG);
		free(copy);
	}
	ck_assert_int_eq(vrrp_message_decode(buffer, whole + 1, &keys, &got), -EBADMSG);
	ck_assert_uint_eq(got.sequence, 99);
}
END_TEST

START_TEST(every_single_bit)
{
	struct vrrp_message_keys keys = one_key(1);
	struct vrrp_message message = sample(), got = { .sequence = 99 };
	uint8_t buffer[VRRP_MESSAGE_BYTES];
	size_t length = vrrp_message_encode(&message, &keys, buffer);

	for (size_t bit = 0; bit < 8 * length; bit++) {
		buffer[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert_int_lt(vrrp_message_decode(buffer, length, &keys, &got), 0);
		/* What could be told from a message of ours only by its key is reported as such. */
		if (bit >= 8 * HEADER)
			ck_assert_int_eq(vrrp_message_decode(buffer, length, &keys, &got), -EKEYREJECTED);
		buffer[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	ck_assert_uint_eq(got.sequence, 99);
	ck_assert_int_eq(vrrp_message_decode(buffer, length, &keys, &got), 0);
}
END_TEST

/* A body cut short or continued, but signed: the parser behind the HMAC. */
START_TEST(signed_but_of_wrong_length)
{
	struct vrrp_message_keys keys = one_key(1);
	struct vrrp_message message = sample(), got;
	uint8_t buffer[VRRP_MESSAGE_BYTES], copy[VRRP_MESSAGE_BYTES];
	size_t whole = vrrp_message_encode(&message, &keys, buffer) - HMAC_SIZE;

	for (size_t length = HEADER; length <= whole + 16; length++) {
		memset(copy, 0, sizeof(copy));
		memcpy(copy, buffer, length < whole ? length : whole);
		ck_assert_int_eq(vrrp_message_decode(copy, re_sign(copy, length, 1), &keys, &got),
			length == whole ? 0 : -EBADMSG);
	}
}
END_TEST

/* Where the fields behind the two names begin: each name has its length in front. */
static size_t
after_names(const struct vrrp_message *m)
{
	return HEADER + 1 + strlen(m->cluster) + 1 + strlen(m->sender);
}

START_TEST(signed_but_out_of_range)
{
	struct vrrp_message_keys keys = one_key(1);
	struct vrrp_message message = sample(), got;
	size_t at = after_names(&message);
	const struct {
		const char *what;
		size_t offset, bytes;
		uint8_t value;
	} cases[] = {
		{ "no incarnation", at + 16, 8, 0 },
		{ "no sequence", at + 24, 8, 0 },
		{ "echo without incarnation", at + 32, 8, 0 },
		{ "echo without sequence", at + 40, 8, 0 },
		{ "link", at + 48, 1, VRRP_WINDOW_LINKS },
		{ "state", at + 50, 1, NODE_STATES },
		{ "state", at + 50, 1, 0xff },
		{ "proof", at + 51, 1, NODE_PROOFS },
		{ "flags", at + 52, 1, 0x80 },
		{ "intent", at + 72, 1, NODE_INTENTS },
		{ "control character in the cluster's name", HEADER + 2, 1, '\n' },
		{ "NUL in the cluster's name", HEADER + 2, 1, 0 },
		{ "DEL in the sender's name", at - 1, 1, 0x7f },
		{ "no cluster name", HEADER, 1, 0 },
		{ "name too long", HEADER, 1, 64 },
		{ "name beyond the body", HEADER, 1, 255 },
		{ "readable 0", 5, 1, 0 },
		{ "version 0", 4, 1, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint8_t buffer[VRRP_MESSAGE_BYTES];
		size_t length = vrrp_message_encode(&message, &keys, buffer) - HMAC_SIZE;
		int r;

		memset(buffer + cases[i].offset, cases[i].value, cases[i].bytes);
		r = vrrp_message_decode(buffer, re_sign(buffer, length, 1), &keys, &got);
		ck_assert_msg(r == -EBADMSG, "%s: %d", cases[i].what, r);
	}
}
END_TEST

/* The offsets above are right: the smallest change back is accepted. */
START_TEST(signed_and_in_range)
{
	struct vrrp_message_keys keys = one_key(1);
	struct vrrp_message message = sample(), got;
	uint8_t buffer[VRRP_MESSAGE_BYTES];
	size_t at = after_names(&message), length = vrrp_message_encode(&message, &keys, buffer) - HMAC_SIZE;

	buffer[at + 48] = VRRP_WINDOW_LINKS - 1;
	buffer[at + 50] = NODE_DIRTY;
	buffer[at + 51] = NODE_PROOF_OFF;
	buffer[at + 72] = NODE_INTENT_PREEMPT;
	memset(buffer + at + 32, 0, 16);
	ck_assert_int_eq(vrrp_message_decode(buffer, re_sign(buffer, length, 1), &keys, &got), 0);
	message.link = VRRP_WINDOW_LINKS - 1;
	message.state = NODE_DIRTY;
	message.proof = NODE_PROOF_OFF;
	message.intent = NODE_INTENT_PREEMPT;
	message.echo_incarnation = message.echo_sequence = 0;
	assert_same(&message, &got);
}
END_TEST

START_TEST(what_is_not_sent)
{
	struct vrrp_message_keys keys = one_key(1), none = { .count = 0 };
	struct vrrp_message good = sample();
	uint8_t buffer[VRRP_MESSAGE_BYTES];

#define REFUSED(change)                                                                                                \
	do {                                                                                                           \
		struct vrrp_message m = good;                                                                          \
		change;                                                                                                \
		ck_assert_uint_eq(vrrp_message_encode(&m, &keys, buffer), 0);                                          \
	} while (0)
	REFUSED(memset(m.cluster, 'x', sizeof(m.cluster)));
	REFUSED(memset(m.sender, 'x', sizeof(m.sender)));
	REFUSED(m.sender[0] = '\0');
	REFUSED(m.sender[1] = '\t');
	REFUSED(m.incarnation = 0);
	REFUSED(m.sequence = 0);
	REFUSED(m.echo_sequence = 0);
	REFUSED(m.link = VRRP_WINDOW_LINKS);
	REFUSED(m.state = NODE_STATES);
	REFUSED(m.intent = NODE_INTENTS);
	REFUSED(m.proof = NODE_PROOFS);
#undef REFUSED
	ck_assert_uint_eq(vrrp_message_encode(&good, &none, buffer), 0);
}
END_TEST

START_TEST(keys_rotate)
{
	struct vrrp_message_keys old = one_key(1), both = two_keys(2, 1), fresh = one_key(2), other = one_key(3);
	struct vrrp_message_keys none = { .count = 0 };
	const struct {
		const struct vrrp_message_keys *sender, *receiver;
		int result;
	} cases[] = {
		/* FAULTS 74: the new key goes to both as the second, then becomes the first, then the old one goes. */
		{ &old, &both, 0 },
		{ &both, &fresh, 0 }, /* the first signs */
		{ &both, &old, -EKEYREJECTED },
		{ &both, &both, 0 },
		{ &fresh, &both, 0 },
		{ &old, &fresh, -EKEYREJECTED },
		{ &other, &both, -EKEYREJECTED },
		{ &old, &none, -EKEYREJECTED },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vrrp_message message = sample(), got;
		uint8_t buffer[VRRP_MESSAGE_BYTES];
		size_t length = vrrp_message_encode(&message, cases[i].sender, buffer);

		ck_assert_int_eq(vrrp_message_decode(buffer, length, cases[i].receiver, &got), cases[i].result);
	}
}
END_TEST

/* A later release has appended fields: what this one knows is read, the rest is ignored. */
START_TEST(later_release)
{
	struct vrrp_message_keys keys = one_key(1);
	struct vrrp_message message = sample(), got;
	uint8_t buffer[VRRP_MESSAGE_BYTES];
	size_t length = vrrp_message_encode(&message, &keys, buffer) - HMAC_SIZE;

	buffer[4] = VRRP_MESSAGE_VERSION + 1;
	memset(buffer + length, 0xab, 100);
	ck_assert_int_eq(vrrp_message_decode(buffer, re_sign(buffer, length + 100, 1), &keys, &got), 0);
	message.version = VRRP_MESSAGE_VERSION + 1;
	assert_same(&message, &got);

	/* One that says it cannot be read by us: told apart from a forgery and from nonsense. */
	buffer[5] = VRRP_MESSAGE_VERSION + 1;
	ck_assert_int_eq(vrrp_message_decode(buffer, re_sign(buffer, length + 100, 1), &keys, &got), -EPROTONOSUPPORT);
	ck_assert_int_eq(vrrp_message_decode(buffer, re_sign(buffer, length + 100, 9), &keys, &got), -EKEYREJECTED);
}
END_TEST

/* An earlier release: a body that ends where version 1 did, and not elsewhere. */
START_TEST(earlier_release)
{
	struct vrrp_message_keys keys = one_key(1);
	struct vrrp_message message = sample(), got;
	struct vrrp_settings settings = { .total = 9 };
	uint8_t buffer[VRRP_MESSAGE_BYTES];
	size_t length = vrrp_message_encode(&message, &keys, buffer) - HMAC_SIZE - 3;

	buffer[4] = 1;
	ck_assert_int_eq(vrrp_message_decode_settings(buffer, re_sign(buffer, length, 1), &keys, &got, &settings), 0);
	message.version = 1;
	assert_same(&message, &got);
	ck_assert_uint_eq(settings.total, 0);
	ck_assert_uint_eq(settings.count, 0);
	buffer[length] = 0;
	ck_assert_int_eq(vrrp_message_decode(buffer, re_sign(buffer, length + 1, 1), &keys, &got), -EBADMSG);
	ck_assert_int_eq(vrrp_message_decode(buffer, re_sign(buffer, length - 1, 1), &keys, &got), -EBADMSG);
}
END_TEST

static struct vrrp_settings
some_settings(void)
{
	struct vrrp_settings settings = { .total = 91, .first = 80, .count = VRRP_SETTINGS_CHUNK };

	for (unsigned i = 0; i < VRRP_SETTINGS_CHUNK; i++)
		settings.list[i] = (struct vrrp_setting){ (uint16_t)(0xa100 + i), (uint16_t)(0xb200 + i) };
	return settings;
}

/* What is told of settings: whole, in range, and with the key under which values compare. */
START_TEST(settings_told)
{
	static const uint8_t bytes[] = { 91, 80, 8, 0xa1, 0x00, 0xb2, 0x00, 0xa1, 0x01, 0xb2, 0x01 };
	static const struct {
		uint8_t total, first, count;
		bool good;
	} cases[] = { { 0, 0, 0, true }, { 1, 0, 1, true }, { 91, 83, 8, true }, { 255, 247, 8, true },
		{ 91, 84, 8, false }, { 255, 255, 8, false }, { 91, 0, 9, false }, { 0, 0, 1, false },
		{ 0, 1, 0, false }, { 91, 0, 255, false } };
	struct vrrp_message_keys sender = one_key(1), receiver = two_keys(9, 1);
	struct vrrp_settings settings = some_settings(), got_settings;
	struct vrrp_message message = sample(), got;
	uint8_t buffer[VRRP_MESSAGE_BYTES], copy[VRRP_MESSAGE_BYTES];
	size_t length = vrrp_message_encode_settings(&message, &settings, &sender, buffer);
	size_t body = length - HMAC_SIZE, at = body - 3 - 4 * VRRP_SETTINGS_CHUNK;

	ck_assert_mem_eq(buffer + at, bytes, sizeof(bytes));
	ck_assert_int_eq(vrrp_message_decode_settings(buffer, length, &receiver, &got, &got_settings), 0);
	assert_same(&message, &got);
	ck_assert_uint_eq(got_settings.total, 91);
	ck_assert_uint_eq(got_settings.first, 80);
	ck_assert_uint_eq(got_settings.count, VRRP_SETTINGS_CHUNK);
	ck_assert_mem_eq(got_settings.list, settings.list, sizeof(settings.list));
	ck_assert_uint_eq(got_settings.key, 1);
	for (size_t cut = at; cut < body; cut++) {
		memcpy(copy, buffer, cut);
		ck_assert_int_eq(
			vrrp_message_decode_settings(copy, re_sign(copy, cut, 1), &sender, &got, &got_settings),
			-EBADMSG);
	}
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint8_t count = cases[i].count <= VRRP_SETTINGS_CHUNK ? cases[i].count : VRRP_SETTINGS_CHUNK;
		int r;

		settings.total = cases[i].total;
		settings.first = cases[i].first;
		settings.count = cases[i].count;
		ck_assert((vrrp_message_encode_settings(&message, &settings, &sender, copy) != 0) == cases[i].good);
		memcpy(copy, buffer, body);
		copy[at] = cases[i].total;
		copy[at + 1] = cases[i].first;
		copy[at + 2] = cases[i].count;
		r = vrrp_message_decode_settings(
			copy, re_sign(copy, at + 3 + 4u * count, 1), &sender, &got, &got_settings);
		ck_assert_msg(r == (cases[i].good ? 0 : -EBADMSG), "case %zu: %d", i, r);
	}
}
END_TEST

/* The HMAC is HMAC-SHA256 over all before it, and these bytes are what every later release must read. */
START_TEST(wire_bytes)
{
	static const uint8_t begin[] = { 'H', 'A', 'f', '1', 2, 1 };
	struct vrrp_message_keys keys = one_key(1);
	struct vrrp_message message = sample();
	uint8_t buffer[VRRP_MESSAGE_BYTES], again[VRRP_MESSAGE_BYTES];
	size_t length = vrrp_message_encode(&message, &keys, buffer);

	ck_assert_mem_eq(buffer, begin, sizeof(begin));
	ck_assert_uint_eq((size_t)buffer[6] << 8 | buffer[7], length - HEADER - HMAC_SIZE);
	ck_assert_uint_eq(length, HEADER + 7 + 6 + 160 + 3 + HMAC_SIZE);
	ck_assert_mem_eq(buffer + HEADER, "\x06tomcat\x05NodeA", 13);
	ck_assert_mem_eq(buffer + length - HMAC_SIZE - 7, "\x00\x12\xd6\x87\x00\x00\x00", 7);
	memcpy(again, buffer, length);
	re_sign(again, length - HMAC_SIZE, 1);
	ck_assert_mem_eq(again, buffer, length);
}
END_TEST

/* --- freshness --- */

enum { ME = 1000, ME_BEFORE = 999 };

struct step {
	uint64_t sent;     /* before this step I have sent up to here; 0: as before */
	unsigned received; /* link of arrival */
	unsigned link;     /* link it was sent on */
	uint64_t incarnation, sequence, echo_incarnation, echo_sequence;
	enum vrrp_freshness expected;
};

static void
play(const struct step *steps, size_t count)
{
	struct vrrp_window window;

	vrrp_window_init(&window, ME);
	for (size_t i = 0; i < count; i++) {
		const struct step *s = &steps[i];
		struct vrrp_message message = sample();
		enum vrrp_freshness got;

		if (s->sent != 0)
			vrrp_window_sent(&window, s->sent);
		message.link = (uint8_t)s->link;
		message.incarnation = s->incarnation;
		message.sequence = s->sequence;
		message.echo_incarnation = s->echo_incarnation;
		message.echo_sequence = s->echo_sequence;
		got = vrrp_window_check(&window, &message, s->received);
		ck_assert_msg(got == s->expected, "step %zu: %d instead of %d", i, (int)got, (int)s->expected);
	}
}
#define PLAY(...) play((const struct step[]){ __VA_ARGS__ }, COUNT(((const struct step[]){ __VA_ARGS__ })))

START_TEST(first_contact)
{
	PLAY(/* Its first message knows nothing of me: authentic, but it may be years old. */
		{ 1, 0, 0, 5, 1, 0, 0, VRRP_UNPROVEN }, { 2, 0, 0, 5, 2, ME, 1, VRRP_FRESH },
		{ 3, 0, 0, 5, 3, ME, 2, VRRP_FRESH });
}
END_TEST

START_TEST(both_links_and_any_order)
{
	PLAY({ 9, 0, 0, 5, 1, ME, 9, VRRP_FRESH }, { 0, 1, 1, 5, 1, ME, 9, VRRP_DUPLICATE },
		/* the network duplicates: nothing new on that link */
		{ 0, 1, 1, 5, 1, ME, 9, VRRP_OLD }, { 0, 0, 0, 5, 1, ME, 9, VRRP_OLD },
		/* link 1 is faster, link 0 reorders */
		{ 0, 1, 1, 5, 4, ME, 9, VRRP_FRESH }, { 0, 0, 0, 5, 3, ME, 9, VRRP_DUPLICATE },
		{ 0, 0, 0, 5, 2, ME, 9, VRRP_OLD }, { 0, 0, 0, 5, 4, ME, 9, VRRP_DUPLICATE },
		{ 0, 1, 1, 5, 2, ME, 9, VRRP_OLD }, { 0, 0, 0, 5, 5, ME, 9, VRRP_FRESH });
}
END_TEST

/* FAULTS 80: a copy of link 0's packet on link 1 does not make link 1 look alive, nor is it believed. */
START_TEST(links_stay_apart)
{
	PLAY({ 9, 0, 0, 5, 1, ME, 9, VRRP_FRESH }, { 0, 1, 0, 5, 1, ME, 9, VRRP_OLD },
		{ 0, 1, 0, 5, 2, ME, 9, VRRP_OLD }, { 0, 0, 0, 5, 2, ME, 9, VRRP_FRESH });
}
END_TEST

START_TEST(the_peer_restarts)
{
	PLAY({ 9, 0, 0, 5, 70, ME, 8, VRRP_FRESH }, { 9, 1, 1, 5, 70, ME, 8, VRRP_DUPLICATE },
		{ 10, 0, 0, 5, 71, ME, 10, VRRP_FRESH },
		/* the new daemon has not heard me, then has heard only what the old one may have heard too */
		{ 10, 0, 0, 6, 1, 0, 0, VRRP_UNPROVEN }, { 10, 0, 0, 6, 2, ME, 10, VRRP_OLD },
		{ 11, 0, 0, 6, 3, ME, 11, VRRP_FRESH },
		/* the links of the new one are judged anew */
		{ 11, 1, 1, 6, 3, ME, 11, VRRP_DUPLICATE }, { 11, 0, 0, 6, 4, ME, 11, VRRP_FRESH });
}
END_TEST

/* All that the old daemon has said comes again, on every link, while the new one is current. */
START_TEST(an_old_incarnation_returns)
{
	PLAY({ 9, 0, 0, 5, 70, ME, 9, VRRP_FRESH }, { 10, 0, 0, 5, 71, ME, 10, VRRP_FRESH },
		{ 12, 0, 0, 6, 1, ME, 11, VRRP_FRESH }, { 0, 0, 0, 5, 71, ME, 10, VRRP_OLD },
		{ 0, 1, 1, 5, 72, ME, 11, VRRP_OLD }, { 0, 0, 0, 5, 1, 0, 0, VRRP_UNPROVEN },
		{ 0, 0, 0, 6, 2, ME, 12, VRRP_FRESH });
}
END_TEST

/* The hard case: the dead daemon had heard more of me (100) than the new one has (97, a late copy), and its last word
 * is still under way. It must not take the place of the new one, and later restarts must not be locked out. */
START_TEST(the_last_word_of_a_dead_daemon)
{
	PLAY({ 95, 0, 0, 5, 70, ME, 95, VRRP_FRESH }, { 100, 0, 0, 6, 1, ME, 97, VRRP_FRESH },
		{ 0, 0, 0, 5, 71, ME, 100, VRRP_OLD }, { 0, 1, 1, 5, 71, ME, 100, VRRP_OLD },
		{ 101, 0, 0, 6, 2, ME, 100, VRRP_FRESH }, { 102, 0, 0, 7, 1, ME, 101, VRRP_FRESH });
}
END_TEST

/* A daemon of the peer that I never heard in its life is no better. */
START_TEST(the_word_of_an_unknown_dead_daemon)
{
	PLAY({ 50, 0, 0, 6, 1, ME, 40, VRRP_FRESH }, { 0, 0, 0, 4, 9, ME, 45, VRRP_OLD },
		{ 60, 0, 0, 4, 9, ME, 50, VRRP_OLD });
}
END_TEST

/* I have restarted: what the peer said to my previous daemon proves nothing, however new it looks. */
START_TEST(i_restart)
{
	PLAY({ 1, 0, 0, 5, 500, ME_BEFORE, 900, VRRP_UNPROVEN }, { 0, 0, 0, 5, 501, ME_BEFORE, 901, VRRP_UNPROVEN },
		{ 2, 0, 0, 5, 502, ME, 1, VRRP_FRESH }, { 0, 0, 0, 5, 501, ME_BEFORE, 901, VRRP_OLD },
		{ 0, 0, 0, 5, 502, ME, 1, VRRP_OLD });
}
END_TEST

/* Somebody replays my own previous daemon to the peer, so that it echoes that for a while: what it says is still its
 * newest word, in an incarnation that has heard me. But that echo is not taken for one of mine. */
START_TEST(the_peer_echoes_a_replay)
{
	PLAY({ 5, 0, 0, 5, 10, ME, 5, VRRP_FRESH }, { 6, 0, 0, 5, 11, ME_BEFORE, 9000, VRRP_FRESH },
		{ 7, 0, 0, 6, 1, ME, 6, VRRP_FRESH });
}
END_TEST

/* The peer runs, dies and runs again, packets are held back and played in any order: what is FRESH never goes back in
 * time. Every message is numbered by when it was made. */
START_TEST(time_never_runs_backward)
{
	uint64_t random = 0x9e3779b97f4a7c15u + (uint64_t)_i;

	for (unsigned run = 0; run < 200; run++) {
		struct {
			uint64_t incarnation, sequence, echo, made;
			unsigned link;
		} sent[256];
		struct vrrp_window window;
		uint64_t mine = 0, incarnation = 1, sequence = 0, echo = 0, newest = 0;
		unsigned count = 0, fresh = 0;

		vrrp_window_init(&window, ME);
		for (unsigned t = 1; t <= 400; t++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			unsigned dice = (unsigned)(random >> 33) % 100, pick = (unsigned)(random >> 40);

			if (dice < 30) {
				vrrp_window_sent(&window, ++mine);
			} else if (dice < 34) {
				incarnation++; /* dies and starts: it has heard nothing yet */
				sequence = echo = 0;
			} else if (dice < 50 && mine != 0) {
				/* It hears one of mine, perhaps a late copy; its window lets echoes only grow. */
				uint64_t heard = 1 + pick % mine;

				echo = heard > echo ? heard : echo;
			} else if (dice < 75 && count < COUNT(sent)) {
				sent[count].incarnation = incarnation;
				sent[count].sequence = ++sequence;
				sent[count].echo = echo;
				sent[count].link = pick % 2;
				sent[count++].made = t;
			} else if (count != 0) {
				struct vrrp_message message = sample();
				unsigned n = pick % count;

				message.link = (uint8_t)sent[n].link;
				message.incarnation = sent[n].incarnation;
				message.sequence = sent[n].sequence;
				message.echo_incarnation = sent[n].echo == 0 ? 0 : ME;
				message.echo_sequence = sent[n].echo;
				if (vrrp_window_check(&window, &message, sent[n].link) != VRRP_FRESH)
					continue;
				ck_assert_uint_gt(sent[n].made, newest);
				newest = sent[n].made;
				fresh++;
			}
		}
		ck_assert_uint_gt(fresh, 0);
	}
}
END_TEST

START_TEST(names)
{
	static const char *const states[] = { "INIT", "BACKUP", "FAULT", "STANDBY", "CLAIMING", "ADDING", "MASTER",
		"RELEASING", "DIRTY" };
	static const char *const intents[] = { "suspect", "preempt", "switchover" };
	static const char *const proofs[] = { "NONE", "CONSENT", "OFF", "OPERATOR" };

	ck_assert_uint_eq(COUNT(states), NODE_STATES);
	ck_assert_uint_eq(COUNT(intents), NODE_INTENTS);
	ck_assert_uint_eq(COUNT(proofs), NODE_PROOFS);
	for (unsigned i = 0; i < NODE_STATES; i++)
		ck_assert_str_eq(node_state_name((enum node_state)i), states[i]);
	for (unsigned i = 0; i < NODE_INTENTS; i++)
		ck_assert_str_eq(node_intent_name((enum node_intent)i), intents[i]);
	for (unsigned i = 0; i < NODE_PROOFS; i++)
		ck_assert_str_eq(node_proof_name((enum node_proof)i), proofs[i]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vrrp/message");
	TCase *codec = suite_case(suite, "codec"), *window = suite_case(suite, "window");

	tcase_add_test(codec, round_trip);
	tcase_add_test(codec, truth_values);
	tcase_add_test(codec, every_enum_value);
	tcase_add_test(codec, longest_message);
	tcase_add_test(codec, every_truncation);
	tcase_add_test(codec, every_single_bit);
	tcase_add_test(codec, signed_but_of_wrong_length);
	tcase_add_test(codec, signed_but_out_of_range);
	tcase_add_test(codec, signed_and_in_range);
	tcase_add_test(codec, what_is_not_sent);
	tcase_add_test(codec, keys_rotate);
	tcase_add_test(codec, later_release);
	tcase_add_test(codec, earlier_release);
	tcase_add_test(codec, settings_told);
	tcase_add_test(codec, wire_bytes);
	tcase_add_test(codec, names);
	tcase_add_test(window, first_contact);
	tcase_add_test(window, both_links_and_any_order);
	tcase_add_test(window, links_stay_apart);
	tcase_add_test(window, the_peer_restarts);
	tcase_add_test(window, an_old_incarnation_returns);
	tcase_add_test(window, the_last_word_of_a_dead_daemon);
	tcase_add_test(window, the_word_of_an_unknown_dead_daemon);
	tcase_add_test(window, i_restart);
	tcase_add_test(window, the_peer_echoes_a_replay);
	tcase_add_loop_test(window, time_never_runs_backward, 0, 8);
	return suite_run(suite);
}
