/* magic "HAf1" | version | readable | body length (2) | body | HMAC-SHA256 of all before it (32)
 *
 * `version` is the sender's, `readable` the lowest version whose reader understands the body. A later release only
 * appends fields to the body, so `readable` stays 1 until a field has to change its meaning. What stands in the header
 * and where the HMAC is found never changes. An existing field never gains a value: what it cannot say is a new field.
 */
#include "vrrp/message.h"

#include "lib/wire.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define MAGIC        UINT32_C(0x48416631)
#define READABLE     1
#define HEADER_BYTES 8
#define HMAC_BYTES   32

/* The truth values of the body, one bit each. */
enum flag {
	FLAG_HOLDING = 1 << 0,
	FLAG_WOKE_LATE = 1 << 1,
	FLAG_FIT = 1 << 2,
	FLAG_STANDBY = 1 << 3,
	FLAG_LEAVING = 1 << 4,
	FLAG_HANDOVER = 1 << 5,
	FLAG_DIRTY = 1 << 6,
	FLAG_POWER_DOWN_SENT = 1 << 7,
	FLAG_CAN_FENCE = 1 << 8,
	FLAGS_ALL = (1 << 9) - 1
};

static unsigned
flags_of(const struct vrrp_message *m)
{
	return (m->holding ? FLAG_HOLDING : 0u) | (m->woke_late ? FLAG_WOKE_LATE : 0u) | (m->fit ? FLAG_FIT : 0u) |
	       (m->standby ? FLAG_STANDBY : 0u) | (m->leaving ? FLAG_LEAVING : 0u) |
	       (m->handover ? FLAG_HANDOVER : 0u) | (m->dirty ? FLAG_DIRTY : 0u) |
	       (m->power_down_sent ? FLAG_POWER_DOWN_SENT : 0u) | (m->can_fence ? FLAG_CAN_FENCE : 0u);
}

static void
set_flags(struct vrrp_message *m, unsigned flags)
{
	m->holding = (flags & FLAG_HOLDING) != 0;
	m->woke_late = (flags & FLAG_WOKE_LATE) != 0;
	m->fit = (flags & FLAG_FIT) != 0;
	m->standby = (flags & FLAG_STANDBY) != 0;
	m->leaving = (flags & FLAG_LEAVING) != 0;
	m->handover = (flags & FLAG_HANDOVER) != 0;
	m->dirty = (flags & FLAG_DIRTY) != 0;
	m->power_down_sent = (flags & FLAG_POWER_DOWN_SENT) != 0;
	m->can_fence = (flags & FLAG_CAN_FENCE) != 0;
}

/* Terminated, not empty, printable. */
static bool
name_in_range(const char name[VRRP_MESSAGE_NAME])
{
	size_t length = strnlen(name, VRRP_MESSAGE_NAME);

	for (size_t i = 0; i < length; i++)
		if ((uint8_t)name[i] < 0x20 || name[i] == 0x7f)
			return false;
	return length > 0 && length < VRRP_MESSAGE_NAME;
}

/* The same rules for what we send and for what we believe. */
static bool
in_range(const struct vrrp_message *m)
{
	return name_in_range(m->cluster) && name_in_range(m->sender) && m->incarnation != 0 && m->sequence != 0 &&
	       (m->echo_incarnation == 0) == (m->echo_sequence == 0) && m->link < VRRP_WINDOW_LINKS &&
	       (unsigned)m->state < NODE_STATES && (unsigned)m->intent < NODE_INTENTS &&
	       (unsigned)m->proof < NODE_PROOFS;
}

static bool
settings_in_range(const struct vrrp_settings *settings)
{
	return settings->count <= VRRP_SETTINGS_CHUNK && settings->first + settings->count <= settings->total;
}

static void
write_body(struct wire_writer *w, const struct vrrp_message *m)
{
	wire_write_string(w, m->cluster);
	wire_write_string(w, m->sender);
	wire_write_bytes(w, m->guid.bytes, sizeof(m->guid.bytes));
	wire_write_u64(w, m->incarnation);
	wire_write_u64(w, m->sequence);
	wire_write_u64(w, m->echo_incarnation);
	wire_write_u64(w, m->echo_sequence);
	wire_write_u8(w, m->link);
	wire_write_u8(w, m->links_heard);
	wire_write_u8(w, (uint8_t)m->state);
	wire_write_u8(w, (uint8_t)m->proof);
	wire_write_u16(w, (uint16_t)flags_of(m));
	wire_write_u32(w, m->paused_s);
	wire_write_u32(w, m->pause_generation);
	wire_write_u8(w, m->priority);
	wire_write_u8(w, m->effective_priority);
	wire_write_u64(w, m->claim);
	wire_write_u8(w, (uint8_t)m->intent);
	wire_write_u8(w, m->claim_priority);
	wire_write_u64(w, m->grant);
	wire_write_u64(w, m->denied);
	wire_write_u8(w, m->fence_error);
	wire_write_u8(w, m->peer_power);
	wire_write_u32(w, m->fence_rtt_us);
	wire_write_u64(w, m->alarms);
	wire_write_u32(w, m->storage_probe_age_ms);
	wire_write_bytes(w, m->config_digest, sizeof(m->config_digest));
	wire_write_bytes(w, m->vip_digest, sizeof(m->vip_digest));
	for (unsigned i = 0; i < VRRP_MESSAGE_GROUPS; i++)
		wire_write_u16(w, m->config_groups[i]);
	wire_write_u32(w, m->echo_age_us);
}

static void
write_settings(struct wire_writer *w, const struct vrrp_settings *settings)
{
	wire_write_u8(w, settings->total);
	wire_write_u8(w, settings->first);
	wire_write_u8(w, settings->count);
	for (unsigned i = 0; i < settings->count; i++) {
		wire_write_u16(w, settings->list[i].id);
		wire_write_u16(w, settings->list[i].value);
	}
}

/* Version 2. */
static bool
read_settings(struct wire_reader *r, struct vrrp_settings *settings)
{
	settings->total = wire_read_u8(r);
	settings->first = wire_read_u8(r);
	settings->count = wire_read_u8(r);
	if (r->failed || !settings_in_range(settings))
		return false;
	for (unsigned i = 0; i < settings->count; i++) {
		settings->list[i].id = wire_read_u16(r);
		settings->list[i].value = wire_read_u16(r);
	}
	return !r->failed;
}

/* Fields of a version after 1 are read here only if the sender's version has them; else they keep the default that
 * stands for "an earlier release". Returns false if a field is malformed. */
static bool
read_body(struct wire_reader *r, struct vrrp_message *m)
{
	unsigned flags;

	wire_read_string(r, m->cluster, sizeof(m->cluster));
	wire_read_string(r, m->sender, sizeof(m->sender));
	wire_read_bytes(r, m->guid.bytes, sizeof(m->guid.bytes));
	m->incarnation = wire_read_u64(r);
	m->sequence = wire_read_u64(r);
	m->echo_incarnation = wire_read_u64(r);
	m->echo_sequence = wire_read_u64(r);
	m->link = wire_read_u8(r);
	m->links_heard = wire_read_u8(r);
	m->state = (enum node_state)wire_read_u8(r);
	m->proof = (enum node_proof)wire_read_u8(r);
	flags = wire_read_u16(r);
	set_flags(m, flags);
	m->paused_s = wire_read_u32(r);
	m->pause_generation = wire_read_u32(r);
	m->priority = wire_read_u8(r);
	m->effective_priority = wire_read_u8(r);
	m->claim = wire_read_u64(r);
	m->intent = (enum node_intent)wire_read_u8(r);
	m->claim_priority = wire_read_u8(r);
	m->grant = wire_read_u64(r);
	m->denied = wire_read_u64(r);
	m->fence_error = wire_read_u8(r);
	m->peer_power = wire_read_u8(r);
	m->fence_rtt_us = wire_read_u32(r);
	m->alarms = wire_read_u64(r);
	m->storage_probe_age_ms = wire_read_u32(r);
	wire_read_bytes(r, m->config_digest, sizeof(m->config_digest));
	wire_read_bytes(r, m->vip_digest, sizeof(m->vip_digest));
	for (unsigned i = 0; i < VRRP_MESSAGE_GROUPS; i++)
		m->config_groups[i] = wire_read_u16(r);
	m->echo_age_us = wire_read_u32(r);
	return !r->failed && (flags & ~(unsigned)FLAGS_ALL) == 0;
}

/* --- authentication --- */

static bool
sign(const uint8_t key[VRRP_MESSAGE_KEY], const uint8_t *data, size_t length, uint8_t ret[HMAC_BYTES])
{
	unsigned bytes = 0;

	return HMAC(EVP_sha256(), key, VRRP_MESSAGE_KEY, data, length, ret, &bytes) != NULL && bytes == HMAC_BYTES;
}

/* Compared in constant time: how long a refusal takes tells nothing about the right value (RFC 2104, RFC 4868).
 * *ret_key: which one it is. */
static bool
verify(const struct vrrp_message_keys *keys, const uint8_t *data, size_t length, const uint8_t hmac[HMAC_BYTES],
	uint8_t *ret_key)
{
	uint8_t expected[HMAC_BYTES];
	bool good = false;

	for (unsigned i = 0; i < keys->count && !good; i++) {
		good = sign(keys->keys[i], data, length, expected) && CRYPTO_memcmp(expected, hmac, HMAC_BYTES) == 0;
		*ret_key = (uint8_t)i;
	}
	return good;
}

size_t
vrrp_message_encode_settings(const struct vrrp_message *message, const struct vrrp_settings *settings,
	const struct vrrp_message_keys *keys, uint8_t buffer[VRRP_MESSAGE_BYTES])
{
	struct wire_writer w;
	size_t body;

	assert(keys->count <= sizeof(keys->keys) / sizeof(keys->keys[0]));
	if (!in_range(message) || !settings_in_range(settings) || keys->count == 0)
		return 0;
	wire_write_begin(&w, buffer, VRRP_MESSAGE_BYTES - HMAC_BYTES);
	wire_write_u32(&w, MAGIC);
	wire_write_u8(&w, VRRP_MESSAGE_VERSION);
	wire_write_u8(&w, READABLE);
	wire_write_u16(&w, 0);
	write_body(&w, message);
	write_settings(&w, settings);
	assert(!w.failed);
	body = w.at - HEADER_BYTES;
	buffer[HEADER_BYTES - 2] = (uint8_t)(body >> 8);
	buffer[HEADER_BYTES - 1] = (uint8_t)body;
	return sign(keys->keys[0], buffer, w.at, buffer + w.at) ? w.at + HMAC_BYTES : 0;
}

size_t
vrrp_message_encode(
	const struct vrrp_message *message, const struct vrrp_message_keys *keys, uint8_t buffer[VRRP_MESSAGE_BYTES])
{
	return vrrp_message_encode_settings(message, &(const struct vrrp_settings){ 0 }, keys, buffer);
}

int
vrrp_message_decode_settings(const uint8_t *data, size_t length, const struct vrrp_message_keys *keys,
	struct vrrp_message *ret, struct vrrp_settings *ret_settings)
{
	struct vrrp_message message = { 0 };
	struct vrrp_settings settings = { 0 };
	struct wire_reader r;
	uint32_t magic;
	uint8_t readable;
	size_t body;

	assert(keys->count <= sizeof(keys->keys) / sizeof(keys->keys[0]));
	wire_read_begin(&r, data, length);
	magic = wire_read_u32(&r);
	message.version = wire_read_u8(&r);
	readable = wire_read_u8(&r);
	body = wire_read_u16(&r);
	if (r.failed || magic != MAGIC || length != HEADER_BYTES + body + HMAC_BYTES)
		return -EBADMSG;
	if (!verify(keys, data, HEADER_BYTES + body, data + HEADER_BYTES + body, &settings.key))
		return -EKEYREJECTED;
	if (readable > VRRP_MESSAGE_VERSION)
		return -EPROTONOSUPPORT;
	wire_read_begin(&r, data + HEADER_BYTES, body);
	if (readable == 0 || readable > message.version || !read_body(&r, &message) || !in_range(&message))
		return -EBADMSG;
	if (message.version >= 2 && !read_settings(&r, &settings))
		return -EBADMSG;
	/* Only a later version may go on. */
	if (message.version <= VRRP_MESSAGE_VERSION && wire_read_left(&r) != 0)
		return -EBADMSG;
	*ret = message;
	*ret_settings = settings;
	return 0;
}

int
vrrp_message_decode(const uint8_t *data, size_t length, const struct vrrp_message_keys *keys, struct vrrp_message *ret)
{
	struct vrrp_settings ignored;

	return vrrp_message_decode_settings(data, length, keys, ret, &ignored);
}

/* --- freshness --- */

void
vrrp_window_init(struct vrrp_window *window, uint64_t my_incarnation)
{
	*window = (struct vrrp_window){ .my_incarnation = my_incarnation };
}

void
vrrp_window_sent(struct vrrp_window *window, uint64_t sequence)
{
	window->my_sequence = sequence;
}

static uint64_t
larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The current incarnation speaks. It has heard mine once, and its own sequence orders all it says after that. */
static enum vrrp_freshness
check_current(struct vrrp_window *window, const struct vrrp_message *message, unsigned link)
{
	bool newer_here = message->sequence > window->link_sequence[link];

	if (newer_here)
		window->link_sequence[link] = message->sequence;
	if (message->sequence <= window->sequence)
		return newer_here ? VRRP_DUPLICATE : VRRP_OLD;
	window->sequence = message->sequence;
	if (message->echo_incarnation == window->my_incarnation)
		window->echo_sequence = larger(window->echo_sequence, message->echo_sequence);
	return VRRP_FRESH;
}

enum vrrp_freshness
vrrp_window_check(struct vrrp_window *window, const struct vrrp_message *message, unsigned link)
{
	assert(link < VRRP_WINDOW_LINKS);
	if (message->link != link)
		return VRRP_OLD;
	if (message->incarnation == window->incarnation)
		return check_current(window, message, link);
	if (message->echo_incarnation != window->my_incarnation)
		return VRRP_UNPROVEN;
	if (message->echo_sequence <= window->echo_sequence)
		return VRRP_OLD;

	/* A daemon that has taken another's place can hear only what I send from now on or what is under way to it; one
	 * that is gone can have heard only what I have sent so far. So it takes an echo of something still to be sent
	 * to replace this incarnation, and no delayed packet of a dead one can. */
	window->incarnation = message->incarnation;
	window->sequence = message->sequence;
	window->echo_sequence = larger(message->echo_sequence, window->my_sequence);
	memset(window->link_sequence, 0, sizeof(window->link_sequence));
	window->link_sequence[link] = message->sequence;
	return VRRP_FRESH;
}

const char *
node_state_name(enum node_state state)
{
	static const char *const names[NODE_STATES] = {
		[NODE_INIT] = "INIT",
		[NODE_BACKUP] = "BACKUP",
		[NODE_FAULT] = "FAULT",
		[NODE_STANDBY] = "STANDBY",
		[NODE_CLAIMING] = "CLAIMING",
		[NODE_ADDING] = "ADDING",
		[NODE_MASTER] = "MASTER",
		[NODE_RELEASING] = "RELEASING",
		[NODE_DIRTY] = "DIRTY",
	};

	assert((unsigned)state < NODE_STATES);
	return names[state];
}

const char *
node_intent_name(enum node_intent intent)
{
	static const char *const names[NODE_INTENTS] = {
		[NODE_INTENT_SUSPECT] = "suspect",
		[NODE_INTENT_PREEMPT] = "preempt",
		[NODE_INTENT_SWITCHOVER] = "switchover",
	};

	assert((unsigned)intent < NODE_INTENTS);
	return names[intent];
}

const char *
node_proof_name(enum node_proof proof)
{
	static const char *const names[NODE_PROOFS] = {
		[NODE_PROOF_NONE] = "NONE",
		[NODE_PROOF_CONSENT] = "CONSENT",
		[NODE_PROOF_OFF] = "OFF",
		[NODE_PROOF_OPERATOR] = "OPERATOR",
	};

	assert((unsigned)proof < NODE_PROOFS);
	return names[proof];
}
