/* VRRP adverts against packets that others have sent, and every way in which one can be wrong. */
#include "vrrp/packet.h"
#include "test/unit/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct ha_address
ip(const char *text)
{
	struct ha_address address;

	ck_assert_int_eq(ha_address_parse(text, &address), 0);
	return address;
}

static size_t
unhex(const char *text, uint8_t *ret)
{
	size_t digits = 0;

	for (; *text != '\0'; text++) {
		static const char hex[] = "0123456789abcdef";
		const char *at = strchr(hex, *text);

		if (*text == ' ')
			continue;
		ck_assert_ptr_nonnull(at);
		ret[digits / 2] = (uint8_t)(digits % 2 == 0 ? (at - hex) << 4 : ret[digits / 2] | (at - hex));
		digits++;
	}
	return digits / 2;
}

/* VRID 51, advert 1 s, PASS "1111" with v2: the reference pair. */
struct side {
	struct vrrp_addresses addresses;
	struct vrrp_rules rules;
	struct vrrp_packet packet;
	uint8_t data[VRRP_PACKET_BYTES + 1];
};

static void
side_init(struct side *s, uint8_t version, const char *vip, const char *source, const char *destination)
{
	struct ha_address address = ip(vip);

	memset(s, 0, sizeof(*s));
	vrrp_addresses_init(&s->addresses, version, address.family, 1500);
	ck_assert(vrrp_addresses_add(&s->addresses, &address));
	s->rules = (struct vrrp_rules){ .version = version,
		.vrid = 51,
		.advert_interval = HA_SEC,
		.auth = version == 2 ? VRRP_AUTH_PASS : VRRP_AUTH_NONE,
		.auth_pass = "1111",
		.addresses = &s->addresses };
	s->packet = (struct vrrp_packet){
		.source = ip(source), .destination = ip(destination), .ttl = 255, .data = s->data
	};
}

static enum vrrp_verdict
judge(const struct side *s, struct vrrp_advert *ret)
{
	return vrrp_packet_parse(&s->packet, &s->rules, ret);
}

static struct vrrp_advert
advert_of(const struct side *s, uint8_t priority)
{
	struct vrrp_advert advert = { .version = s->rules.version,
		.vrid = s->rules.vrid,
		.priority = priority,
		.advert_interval = s->rules.advert_interval,
		.auth = s->rules.auth,
		.checksum = s->rules.checksum,
		.family = s->addresses.family,
		.address_count = s->addresses.count,
		.addresses = s->addresses.bytes };

	if (advert.auth == VRRP_AUTH_PASS)
		memcpy(advert.auth_pass, s->rules.auth_pass, sizeof(advert.auth_pass));
	return advert;
}

/* Build into the packet that judge() looks at. */
static void
fill(struct side *s, const struct vrrp_advert *advert)
{
	s->packet.length =
		vrrp_packet_build(advert, &s->packet.source, &s->packet.destination, s->data, sizeof(s->data));
	ck_assert_uint_gt(s->packet.length, 0);
}

/* --- golden packets of keepalived --- */

static const struct golden {
	const char *hex;
	uint8_t version;
	const char *vip, *source, *destination;
	uint8_t priority;
	ha_time interval;
	enum vrrp_checksum checksum;
} golden[] = {
	{ "21336401 01010cb7 0a4d0064 31313131 00000000", 2, "10.77.0.100", "10.77.0.1", "224.0.0.18", 100, HA_SEC,
		VRRP_CHECKSUM_NONE },
	{ "21330001 010170b7 0a4d0064 31313131 00000000", 2, "10.77.0.100", "10.77.0.1", "224.0.0.18", 0, HA_SEC,
		VRRP_CHECKSUM_NONE },
	{ "21336401 010154ed c0a801d2 31313131 00000000", 2, "192.168.1.210", "192.168.1.198", "224.0.0.18", 100,
		HA_SEC, VRRP_CHECKSUM_NONE },
	{ "31335a01 00017f3b 0a4d0064", 3, "10.77.0.100", "10.77.0.2", "224.0.0.18", 90, 10 * HA_MS,
		VRRP_CHECKSUM_PSEUDO },
	{ "31335a01 0064549d 0a4d0064", 3, "10.77.0.100", "10.77.0.2", "10.77.0.1", 90, HA_SEC, VRRP_CHECKSUM_PSEUDO },
	{ "31335a01 00647ed8 0a4d0064", 3, "10.77.0.100", "10.77.0.2", "10.77.0.1", 90, HA_SEC, VRRP_CHECKSUM_GROUP },
	{ "31335a01 006469b6 0a4d0064", 3, "10.77.0.100", "10.77.0.2", "10.77.0.1", 90, HA_SEC, VRRP_CHECKSUM_NONE },
};

START_TEST(golden_packets)
{
	const struct golden *g = &golden[_i];
	struct vrrp_advert advert, mine;
	struct ha_address vip = ip(g->vip), got;
	struct side s;
	uint8_t wanted[64];
	size_t length = unhex(g->hex, wanted);

	side_init(&s, g->version, g->vip, g->source, g->destination);
	memcpy(s.data, wanted, length);
	s.packet.length = length;
	ck_assert_int_eq(judge(&s, &advert), VRRP_VERDICT_OK);
	ck_assert_uint_eq(advert.version, g->version);
	ck_assert_uint_eq(advert.vrid, 51);
	ck_assert_uint_eq(advert.priority, g->priority);
	ck_assert_uint_eq(advert.advert_interval, g->interval);
	ck_assert_int_eq(advert.checksum, g->checksum);
	ck_assert_uint_eq(advert.address_count, 1);
	got = vrrp_advert_address(&advert, 0);
	ck_assert(ha_address_equal(&got, &vip));

	s.rules.advert_interval = g->interval;
	s.rules.checksum = g->checksum;
	mine = advert_of(&s, g->priority);
	memset(s.data, 0xee, sizeof(s.data));
	fill(&s, &mine);
	ck_assert_uint_eq(s.packet.length, length);
	ck_assert_mem_eq(s.data, wanted, length);
}
END_TEST

/* Which kinds of checksum each setting accepts, for the three golden packets of v3 that differ in nothing else. */
START_TEST(checksum_settings)
{
	static const enum vrrp_checksum settings[] = { VRRP_CHECKSUM_AUTO, VRRP_CHECKSUM_PSEUDO, VRRP_CHECKSUM_GROUP,
		VRRP_CHECKSUM_NONE };
	static const enum vrrp_checksum sent[] = { VRRP_CHECKSUM_PSEUDO, VRRP_CHECKSUM_GROUP, VRRP_CHECKSUM_NONE };

	for (size_t i = 0; i < COUNT(settings); i++) {
		for (size_t k = 0; k < COUNT(sent); k++) {
			bool good = settings[i] == VRRP_CHECKSUM_AUTO || settings[i] == sent[k];
			struct vrrp_advert advert;
			struct side s;

			side_init(&s, 3, "10.77.0.100", "10.77.0.2", "10.77.0.1");
			s.packet.length = unhex(golden[4 + k].hex, s.data);
			s.rules.checksum = settings[i];
			ck_assert_int_eq(judge(&s, &advert), good ? VRRP_VERDICT_OK : VRRP_VERDICT_CHECKSUM);
		}
	}
}
END_TEST

/* "auto" is not "off": no single changed bit of a packet passes, whatever the setting. */
START_TEST(every_bit_is_checked)
{
	const struct golden *g = &golden[_i];
	struct side s;
	struct vrrp_advert advert;

	side_init(&s, g->version, g->vip, g->source, g->destination);
	s.packet.length = unhex(g->hex, s.data);
	for (size_t bit = 0; bit < 8 * s.packet.length; bit++) {
		s.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert_int_ne(judge(&s, &advert), VRRP_VERDICT_OK);
		s.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	ck_assert_int_eq(judge(&s, &advert), VRRP_VERDICT_OK);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
	const struct golden *g = &golden[_i];
	struct side s;
	struct vrrp_advert advert;
	size_t length;

	side_init(&s, g->version, g->vip, g->source, g->destination);
	length = unhex(g->hex, s.data);
	for (s.packet.length = 0; s.packet.length < length; s.packet.length++) {
		/* A copy of exactly that size, so that the sanitizer sees a read past the end. */
		uint8_t *copy = malloc(s.packet.length + 1);

		memcpy(copy, s.data, s.packet.length);
		s.packet.data = copy;
		ck_assert_int_eq(judge(&s, &advert), s.packet.length < 8 ? VRRP_VERDICT_SHORT : VRRP_VERDICT_LENGTH);
		free(copy);
	}
	s.packet.data = s.data;
	s.packet.length = length + 1;
	ck_assert_int_eq(judge(&s, &advert), VRRP_VERDICT_LENGTH);
}
END_TEST

/* --- captures --- */

static uint32_t
little32(const uint8_t *at)
{
	return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

/* The VRRP packet in an Ethernet frame, if it is one. */
static bool
frame_to_packet(const uint8_t *frame, size_t length, struct vrrp_packet *ret)
{
	const uint8_t *header = frame + 14;

	if (length < 34 || frame[12] != 0x08 || frame[13] != 0x00 || header[9] != VRRP_PACKET_PROTOCOL)
		return false;
	*ret = (struct vrrp_packet){ .source.family = AF_INET, .destination.family = AF_INET };
	ret->ttl = header[8];
	memcpy(ret->source.bytes, header + 12, 4);
	memcpy(ret->destination.bytes, header + 16, 4);
	ret->data = header + 20;
	ret->length = ((size_t)header[2] << 8 | header[3]) - 20;
	ck_assert_uint_le(34 + ret->length, length);
	return true;
}

static const struct capture {
	const char *file;
	uint8_t version;
	const char *expected; /* source:priority of each advert */
} captures[] = {
	{ "test/unit/vectors/vrrp2-pass.pcap", 2, "198:100 198:100 198:100 " },
	{ "test/unit/vectors/vrrp2-prio0-takeover.pcap", 2, "198:100 198:0 199:90 199:90 " },
	{ "test/unit/vectors/vrrp3.pcap", 3, "198:100 198:100 198:100 " },
};

START_TEST(captured_packets)
{
	const struct capture *c = &captures[_i];
	FILE *file = fopen(c->file, "re");
	uint8_t header[24], frame[2048], again[VRRP_PACKET_BYTES];
	char seen[256] = "";

	ck_assert_msg(file != NULL, "cannot open %s: run the test in the project's root", c->file);
	ck_assert_uint_eq(fread(header, 1, 24, file), 24);
	ck_assert_uint_eq(little32(header), 0xa1b2c3d4);
	ck_assert_uint_eq(little32(header + 20), 1); /* LINKTYPE_ETHERNET */
	while (fread(header, 1, 16, file) == 16) {
		struct vrrp_packet packet;
		struct vrrp_advert advert;
		struct side s;
		size_t length = little32(header + 8);

		ck_assert_uint_le(length, sizeof(frame));
		ck_assert_uint_eq(fread(frame, 1, length, file), length);
		if (!frame_to_packet(frame, length, &packet))
			continue;
		side_init(&s, c->version, "192.168.1.210", "192.168.1.199", "224.0.0.18");
		s.packet = packet;
		ck_assert_int_eq(judge(&s, &advert), VRRP_VERDICT_OK);
		snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%u:%u ", packet.source.bytes[3],
			advert.priority);
		ck_assert_uint_eq(vrrp_packet_build(&advert, &packet.source, &packet.destination, again, sizeof(again)),
			packet.length);
		ck_assert_mem_eq(again, packet.data, packet.length);
	}
	fclose(file);
	ck_assert_str_eq(seen, c->expected);
}
END_TEST

/* --- verdicts --- */

enum change {
	NOTHING,
	TTL_254,
	TTL_1,
	OTHER_VRID,
	OTHER_VRID_TTL,
	VERSION_3,
	VERSION_2,
	VERSION_4,
	TYPE_2,
	NO_ADDRESS,
	TWO_COUNTED,
	WRONG_SUM,
	NO_AUTH,
	AUTH_AH,
	OTHER_PASS,
	LONGER_PASS,
	INTERVAL_2,
	INTERVAL_0,
	OTHER_VIP,
	MORE_VIPS,
	MORE_AND_WRONG_SUM
};

static const struct verdict_case {
	uint8_t version;
	enum change change;
	enum vrrp_verdict verdict;
} verdicts[] = {
	{ 2, NOTHING, VRRP_VERDICT_OK },
	{ 2, TTL_254, VRRP_VERDICT_TTL },
	{ 2, TTL_1, VRRP_VERDICT_TTL },
	{ 2, OTHER_VRID, VRRP_VERDICT_VRID },
	{ 2, OTHER_VRID_TTL, VRRP_VERDICT_VRID },
	{ 2, VERSION_3, VRRP_VERDICT_VERSION },
	{ 2, VERSION_4, VRRP_VERDICT_VERSION },
	{ 2, TYPE_2, VRRP_VERDICT_TYPE },
	{ 2, NO_ADDRESS, VRRP_VERDICT_LENGTH },
	{ 2, TWO_COUNTED, VRRP_VERDICT_LENGTH },
	{ 2, WRONG_SUM, VRRP_VERDICT_CHECKSUM },
	{ 2, NO_AUTH, VRRP_VERDICT_AUTH_TYPE },
	{ 2, AUTH_AH, VRRP_VERDICT_AUTH_TYPE },
	{ 2, OTHER_PASS, VRRP_VERDICT_AUTH_PASS },
	{ 2, LONGER_PASS, VRRP_VERDICT_AUTH_PASS },
	{ 2, INTERVAL_2, VRRP_VERDICT_INTERVAL },
	{ 2, OTHER_VIP, VRRP_VERDICT_ADDRESSES },
	{ 2, MORE_VIPS, VRRP_VERDICT_ADDRESSES },
	{ 2, MORE_AND_WRONG_SUM, VRRP_VERDICT_CHECKSUM },
	{ 3, NOTHING, VRRP_VERDICT_OK },
	{ 3, TTL_254, VRRP_VERDICT_TTL },
	{ 3, OTHER_VRID, VRRP_VERDICT_VRID },
	{ 3, VERSION_2, VRRP_VERDICT_VERSION },
	{ 3, TYPE_2, VRRP_VERDICT_TYPE },
	{ 3, NO_ADDRESS, VRRP_VERDICT_LENGTH },
	{ 3, TWO_COUNTED, VRRP_VERDICT_LENGTH },
	{ 3, WRONG_SUM, VRRP_VERDICT_CHECKSUM },
	{ 3, INTERVAL_2, VRRP_VERDICT_OK },
	{ 3, INTERVAL_0, VRRP_VERDICT_INTERVAL },
	{ 3, OTHER_VIP, VRRP_VERDICT_ADDRESSES },
	{ 3, MORE_VIPS, VRRP_VERDICT_ADDRESSES },
};

/* Corrects the checksum after a change, where the builder would refuse to write it. */
static void
resum(struct side *s)
{
	uint32_t sum = 0;

	s->data[6] = s->data[7] = 0;
	for (size_t i = 0; i < s->packet.length; i += 2)
		sum += (uint32_t)s->data[i] << 8 | s->data[i + 1];
	for (size_t i = 0; i < 4 && s->rules.version == 3; i += 2) {
		sum += (uint32_t)s->packet.source.bytes[i] << 8 | s->packet.source.bytes[i + 1];
		sum += (uint32_t)s->packet.destination.bytes[i] << 8 | s->packet.destination.bytes[i + 1];
	}
	if (s->rules.version == 3)
		sum += 112 + (uint32_t)s->packet.length;
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	s->data[6] = (uint8_t)(~sum >> 8);
	s->data[7] = (uint8_t)~sum;
}

static void
apply(struct side *s, struct vrrp_advert *advert, enum change change)
{
	static const uint8_t two[8] = { 192, 168, 1, 210, 192, 168, 1, 211 };

	switch (change) {
	case NO_AUTH:
		advert->auth = VRRP_AUTH_NONE;
		break;
	case OTHER_PASS:
		memcpy(advert->auth_pass, "1112", 4);
		break;
	case LONGER_PASS:
		memcpy(advert->auth_pass, "11111", 5);
		break;
	case INTERVAL_2:
		advert->advert_interval = 2 * HA_SEC;
		break;
	case OTHER_VIP:
		advert->addresses = two + 4;
		break;
	case MORE_VIPS:
	case MORE_AND_WRONG_SUM:
		advert->addresses = two;
		advert->address_count = 2;
		break;
	case NOTHING:
	case TTL_254:
	case TTL_1:
	case OTHER_VRID:
	case OTHER_VRID_TTL:
	case VERSION_3:
	case VERSION_2:
	case VERSION_4:
	case TYPE_2:
	case NO_ADDRESS:
	case TWO_COUNTED:
	case WRONG_SUM:
	case AUTH_AH:
	case INTERVAL_0:
		break;
	}
	fill(s, advert);
	switch (change) {
	case TTL_254:
		s->packet.ttl = 254;
		break;
	case OTHER_VRID_TTL:
		s->packet.ttl = 64;
		s->data[1] = 52;
		break;
	case TTL_1:
		s->packet.ttl = 1;
		break;
	case OTHER_VRID:
		s->data[1] = 52;
		break;
	case VERSION_2:
		s->data[0] = 0x21;
		break;
	case VERSION_3:
		s->data[0] = 0x31;
		break;
	case VERSION_4:
		s->data[0] = 0x41;
		break;
	case TYPE_2:
		s->data[0] = (uint8_t)(s->data[0] + 1);
		break;
	case NO_ADDRESS:
		s->data[3] = 0;
		break;
	case TWO_COUNTED:
		s->data[3] = 2;
		break;
	case AUTH_AH:
		s->data[4] = 2;
		break;
	case INTERVAL_0:
		s->data[5] = 0;
		break;
	case NOTHING:
	case NO_AUTH:
	case OTHER_PASS:
	case LONGER_PASS:
	case INTERVAL_2:
	case OTHER_VIP:
	case MORE_VIPS:
	case WRONG_SUM:
	case MORE_AND_WRONG_SUM:
		break;
	}
	resum(s);
	if (change == WRONG_SUM || change == MORE_AND_WRONG_SUM)
		s->data[7] ^= 1;
}

START_TEST(verdict_table)
{
	const struct verdict_case *c = &verdicts[_i];
	struct vrrp_advert advert, got = { .vrid = 0 };
	struct side s;

	side_init(&s, c->version, "192.168.1.210", "192.168.1.198", "224.0.0.18");
	advert = advert_of(&s, 100);
	apply(&s, &advert, c->change);
	ck_assert_str_eq(vrrp_verdict_name(judge(&s, &got)), vrrp_verdict_name(c->verdict));
	/* From the checksum on the report can say what came; before, nothing is believed. */
	ck_assert_uint_eq(got.vrid, c->verdict == VRRP_VERDICT_OK || c->verdict > VRRP_VERDICT_CHECKSUM ? 51 : 0);
}
END_TEST

START_TEST(v2_without_authentication)
{
	struct vrrp_advert advert, got;
	struct side s;

	side_init(&s, 2, "192.168.1.210", "192.168.1.198", "224.0.0.18");
	s.rules.auth = VRRP_AUTH_NONE;
	advert = advert_of(&s, 254);
	fill(&s, &advert);
	ck_assert_uint_eq(s.packet.length, 20); /* the field is there all the same */
	ck_assert_int_eq(judge(&s, &got), VRRP_VERDICT_OK);
	ck_assert_int_eq(got.auth, VRRP_AUTH_NONE);

	s.rules.auth = VRRP_AUTH_PASS;
	ck_assert_int_eq(judge(&s, &got), VRRP_VERDICT_AUTH_TYPE);
}
END_TEST

START_TEST(v3_ignores_the_reserved_bits)
{
	struct vrrp_advert advert, got;
	struct side s;

	side_init(&s, 3, "192.168.1.210", "192.168.1.198", "224.0.0.18");
	advert = advert_of(&s, 100);
	fill(&s, &advert);
	s.data[4] |= 0xf0;
	resum(&s);
	ck_assert_int_eq(judge(&s, &got), VRRP_VERDICT_OK);
	ck_assert_uint_eq(got.advert_interval, HA_SEC);
}
END_TEST

START_TEST(ipv6)
{
	static const enum vrrp_checksum settings[] = { VRRP_CHECKSUM_AUTO, VRRP_CHECKSUM_PSEUDO, VRRP_CHECKSUM_GROUP,
		VRRP_CHECKSUM_NONE };
	struct ha_address other = ip("fe80::2"), second = ip("2001:db8::5"), got_address;
	struct vrrp_advert advert, got;
	struct side s;

	side_init(&s, 3, "fe80::1", "fe80::a", "ff02::12");
	ck_assert(vrrp_addresses_add(&s.addresses, &second));
	for (size_t i = 0; i < COUNT(settings); i++) {
		/* RFC 8200 8.1: the setting means nothing here, the pseudo header is always in. */
		s.rules.checksum = settings[i];
		advert = advert_of(&s, 100);
		fill(&s, &advert);
		ck_assert_uint_eq(s.packet.length, 8 + 2 * 16);
		ck_assert_int_eq(judge(&s, &got), VRRP_VERDICT_OK);
		ck_assert_int_eq(got.checksum, VRRP_CHECKSUM_PSEUDO);
		got_address = vrrp_advert_address(&got, 1);
		ck_assert(ha_address_equal(&got_address, &second));
		s.packet.source = other;
		ck_assert_int_eq(judge(&s, &got), VRRP_VERDICT_CHECKSUM);
		s.packet.source = ip("fe80::a");
	}

	/* There is no v2 over IPv6. */
	s.rules.version = 2;
	s.data[0] = 0x21;
	ck_assert_int_eq(judge(&s, &got), VRRP_VERDICT_VERSION);
	advert.version = 2;
	ck_assert_uint_eq(
		vrrp_packet_build(&advert, &s.packet.source, &s.packet.destination, s.data, sizeof(s.data)), 0);
}
END_TEST

/* Added up by hand from RFC 8200 8.1: fe80::a to ff02::12, 24 bytes, protocol 112. */
START_TEST(ipv6_bytes)
{
	uint8_t wanted[64];
	struct vrrp_advert advert;
	struct side s;
	size_t length = unhex("31336401 00640000 fe800000 00000000 00000000 00000001", wanted);
	uint32_t sum = 0xfe80 + 0x000a + 0xff02 + 0x0012 + 0x0018 + 0x0070; /* pseudo header */

	sum += 0x3133 + 0x6401 + 0x0064 + 0xfe80 + 0x0001;
	sum = (sum & 0xffff) + (sum >> 16);
	wanted[6] = (uint8_t)(~sum >> 8);
	wanted[7] = (uint8_t)~sum;
	side_init(&s, 3, "fe80::1", "fe80::a", "ff02::12");
	advert = advert_of(&s, 100);
	fill(&s, &advert);
	ck_assert_uint_eq(s.packet.length, length);
	ck_assert_mem_eq(s.data, wanted, length);
}
END_TEST

/* --- many addresses --- */

START_TEST(as_many_as_fit)
{
	static const struct {
		uint8_t version, family;
		size_t mtu;
		uint8_t capacity;
	} cases[] = {
		{ 2, AF_INET, 1500, 255 },
		{ 2, AF_INET, 576, (576 - 20 - 8 - 8) / 4 },
		{ 3, AF_INET, 576, (576 - 20 - 8) / 4 },
		{ 3, AF_INET6, 1500, (1500 - 40 - 8) / 16 },
		{ 3, AF_INET6, 9000, 255 },
		{ 2, AF_INET, 36, 0 },
		{ 2, AF_INET, 40, 1 },
		{ 2, AF_INET, 0, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vrrp_addresses list;
		unsigned added = 0;

		vrrp_addresses_init(&list, cases[i].version, cases[i].family, cases[i].mtu);
		for (unsigned n = 0; n < 4096; n++) {
			struct ha_address address = { .family = cases[i].family };

			address.bytes[2] = (uint8_t)(n >> 8);
			address.bytes[3] = (uint8_t)n;
			added += vrrp_addresses_add(&list, &address);
		}
		ck_assert_uint_eq(added, cases[i].capacity);
		ck_assert_uint_eq(list.count, cases[i].capacity);
	}
}
END_TEST

START_TEST(a_list_takes_its_family_once_each)
{
	struct ha_address a = ip("192.0.2.1"), b = ip("192.0.2.2"), six = ip("2001:db8::1");
	struct vrrp_addresses list;

	vrrp_addresses_init(&list, 3, AF_INET, 1500);
	ck_assert(vrrp_addresses_add(&list, &a));
	ck_assert(!vrrp_addresses_add(&list, &a));
	ck_assert(!vrrp_addresses_add(&list, &six));
	ck_assert(vrrp_addresses_add(&list, &b));
	ck_assert_uint_eq(list.count, 2);
}
END_TEST

/* 255 addresses, in the other order: the same set. One exchanged, or one twice: not. */
START_TEST(a_set_has_no_order)
{
	struct vrrp_advert advert, got;
	struct side s;
	uint8_t reversed[255 * 4];

	side_init(&s, 2, "10.0.0.0", "192.168.1.198", "224.0.0.18");
	for (unsigned n = 1; n < 255; n++) {
		struct ha_address address = ip("10.0.0.0");

		address.bytes[3] = (uint8_t)n;
		ck_assert(vrrp_addresses_add(&s.addresses, &address));
	}
	for (unsigned n = 0; n < 255; n++)
		memcpy(reversed + 4 * n, s.addresses.bytes + 4 * (254 - n), 4);
	advert = advert_of(&s, 100);
	advert.addresses = reversed;
	fill(&s, &advert);
	ck_assert_uint_eq(s.packet.length, 8 + 255 * 4 + 8);
	ck_assert_int_eq(judge(&s, &got), VRRP_VERDICT_OK);
	ck_assert_uint_eq(vrrp_advert_address(&got, 254).bytes[3], 0);

	memcpy(reversed + 400, reversed + 404, 4);
	fill(&s, &advert);
	ck_assert_int_eq(judge(&s, &got), VRRP_VERDICT_ADDRESSES);
	reversed[400] = 11;
	fill(&s, &advert);
	ck_assert_int_eq(judge(&s, &got), VRRP_VERDICT_ADDRESSES);
}
END_TEST

START_TEST(what_cannot_be_written)
{
	struct side two, three;
	struct vrrp_advert good2, good3, a;
	uint8_t buffer[64];

	side_init(&two, 2, "192.168.1.210", "192.168.1.198", "224.0.0.18");
	side_init(&three, 3, "192.168.1.210", "192.168.1.198", "224.0.0.18");
	good2 = advert_of(&two, 100);
	good3 = advert_of(&three, 100);
#define REFUSED(good, field, value)                                                                                    \
	a = good;                                                                                                      \
	a.field = value;                                                                                               \
	ck_assert_uint_eq(vrrp_packet_build(&a, &two.packet.source, &two.packet.destination, buffer, 64), 0)
	REFUSED(good2, version, 4);
	REFUSED(good2, vrid, 0);
	REFUSED(good2, address_count, 0);
	REFUSED(good2, family, AF_INET6);
	REFUSED(good2, advert_interval, 0);
	REFUSED(good2, advert_interval, 256 * HA_SEC);
	REFUSED(good2, advert_interval, 1500 * HA_MS);
	REFUSED(good3, advert_interval, 0);
	REFUSED(good3, advert_interval, 40960 * HA_MS);
	REFUSED(good3, advert_interval, 15 * HA_MS);
#undef REFUSED
	ck_assert_uint_eq(vrrp_packet_build(&good2, &two.packet.source, &two.packet.destination, buffer, 19), 0);
	ck_assert_uint_eq(vrrp_packet_build(&good2, &two.packet.source, &two.packet.destination, buffer, 20), 20);
	good3.advert_interval = 40950 * HA_MS;
	ck_assert_uint_eq(vrrp_packet_build(&good3, &two.packet.source, &two.packet.destination, buffer, 12), 12);
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(vrrp_verdict_name(VRRP_VERDICT_OK), "ok");
	ck_assert_str_eq(vrrp_verdict_name(VRRP_VERDICT_ADDRESSES), "addresses");
	ck_assert_str_eq(vrrp_checksum_name(VRRP_CHECKSUM_AUTO), "auto");
	ck_assert_str_eq(vrrp_checksum_name(VRRP_CHECKSUM_NONE), "none");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vrrp/packet");
	TCase *tc = suite_case(suite, "packet");

	tcase_add_loop_test(tc, golden_packets, 0, (int)COUNT(golden));
	tcase_add_loop_test(tc, every_bit_is_checked, 0, (int)COUNT(golden));
	tcase_add_loop_test(tc, every_truncation_is_refused, 0, (int)COUNT(golden));
	tcase_add_loop_test(tc, captured_packets, 0, (int)COUNT(captures));
	tcase_add_loop_test(tc, verdict_table, 0, (int)COUNT(verdicts));
	tcase_add_test(tc, checksum_settings);
	tcase_add_test(tc, v2_without_authentication);
	tcase_add_test(tc, v3_ignores_the_reserved_bits);
	tcase_add_test(tc, ipv6);
	tcase_add_test(tc, ipv6_bytes);
	tcase_add_test(tc, as_many_as_fit);
	tcase_add_test(tc, a_list_takes_its_family_once_each);
	tcase_add_test(tc, a_set_has_no_order);
	tcase_add_test(tc, what_cannot_be_written);
	tcase_add_test(tc, names);
	return suite_run(suite);
}
