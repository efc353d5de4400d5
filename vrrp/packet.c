/*	VRRPv2, RFC 3768 5.1				VRRPv3, RFC 9568 5.1
 * 0	version 2 | type 1				version 3 | type 1
 * 1	VRID						the same
 * 2	priority					the same
 * 3	count of addresses				the same
 * 4	authentication type				reserved, 4 bits | interval in centiseconds, 12 bits
 * 5	interval in seconds
 * 6	checksum, 2 bytes				the same
 * 8	addresses, 4 bytes each				addresses, 4 or 16 bytes each
 *	authentication data, 8 bytes, always there	-
 */
#include "vrrp/packet.h"

#include "lib/wire.h"

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

#define HEADER_BYTES       8u
#define CHECKSUM_AT        6
#define TYPE_ADVERTISEMENT 1
#define CENTISECOND        (10 * HA_MS)
#define IPV4_HEADER        20u
#define IPV6_HEADER        40u

static size_t
address_bytes(uint8_t family)
{
	return family == AF_INET6 ? 16 : 4;
}

/* RFC 3768 5.3.10: the authentication data follows the addresses whatever the type is. */
static size_t
trailer_bytes(unsigned version)
{
	return version == 2 ? VRRP_PACKET_PASS : 0;
}

static bool
speaks(unsigned version, uint8_t family)
{
	return (version == 2 && family == AF_INET) || (version == 3 && (family == AF_INET || family == AF_INET6));
}

/* --- the addresses of an advert --- */

void
vrrp_addresses_init(struct vrrp_addresses *list, unsigned version, uint8_t family, size_t mtu)
{
	size_t fixed = (family == AF_INET6 ? IPV6_HEADER : IPV4_HEADER) + HEADER_BYTES + trailer_bytes(version);
	size_t fit = mtu > fixed ? (mtu - fixed) / address_bytes(family) : 0;

	*list = (struct vrrp_addresses){ .family = family };
	list->capacity = (uint8_t)(fit < VRRP_PACKET_ADDRESSES ? fit : VRRP_PACKET_ADDRESSES);
}

static bool
contains(const uint8_t *list, size_t count, const uint8_t *address, size_t bytes)
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(list + i * bytes, address, bytes) == 0)
			return true;
	return false;
}

bool
vrrp_addresses_add(struct vrrp_addresses *list, const struct ha_address *address)
{
	size_t bytes = address_bytes(list->family);

	if (address->family != list->family || list->count == list->capacity)
		return false;
	if (contains(list->bytes, list->count, address->bytes, bytes))
		return false;
	memcpy(list->bytes + list->count * bytes, address->bytes, bytes);
	list->count++;
	return true;
}

/* Two nodes seldom write the list in the same order; ours has no address twice, so equal counts make equal sets. */
static bool
same_addresses(const struct vrrp_addresses *mine, const struct vrrp_advert *theirs)
{
	size_t bytes = address_bytes(mine->family);

	if (theirs->family != mine->family || theirs->address_count != mine->count)
		return false;
	if (memcmp(mine->bytes, theirs->addresses, mine->count * bytes) == 0)
		return true;
	for (size_t i = 0; i < mine->count; i++)
		if (!contains(theirs->addresses, theirs->address_count, mine->bytes + i * bytes, bytes))
			return false;
	return true;
}

struct ha_address
vrrp_advert_address(const struct vrrp_advert *advert, unsigned index)
{
	size_t bytes = address_bytes(advert->family);
	struct ha_address address = { .family = advert->family };

	assert(index < advert->address_count);
	memcpy(address.bytes, advert->addresses + index * bytes, bytes);
	return address;
}

/* --- checksum, RFC 1071 --- */

static uint32_t
add_bytes(uint32_t sum, const uint8_t *data, size_t length)
{
	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)data[i] << 8 | data[i + 1];
	if (length % 2 != 0)
		sum += (uint32_t)data[length - 1] << 8;
	return sum;
}

static uint16_t
fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)(sum + (sum >> 16));
}

/* RFC 8200 8.1; over IPv4 the fields of RFC 793 3.1 add up the same way. */
static uint32_t
pseudo_header(const struct ha_address *source, const struct ha_address *destination, size_t length)
{
	size_t bytes = address_bytes(source->family);

	return add_bytes(add_bytes(0, source->bytes, bytes), destination->bytes, bytes) + VRRP_PACKET_PROTOCOL +
	       (uint32_t)length;
}

/* What is summed beside the message itself. `how` is not AUTO. */
static uint32_t
checksum_extra(
	enum vrrp_checksum how, const struct ha_address *source, const struct ha_address *destination, size_t length)
{
	static const struct ha_address group = { .family = AF_INET, .bytes = { 224, 0, 0, 18 } };

	switch (how) {
	case VRRP_CHECKSUM_GROUP:
		return pseudo_header(source, &group, length);
	case VRRP_CHECKSUM_NONE:
		return 0;
	case VRRP_CHECKSUM_AUTO:
	case VRRP_CHECKSUM_PSEUDO:
		break;
	}
	return pseudo_header(source, destination, length);
}

/* What the RFCs fix is not for the configuration to choose. */
static enum vrrp_checksum
effective_checksum(enum vrrp_checksum configured, unsigned version, uint8_t family)
{
	if (version == 2)
		return VRRP_CHECKSUM_NONE;
	return family == AF_INET6 ? VRRP_CHECKSUM_PSEUDO : configured;
}

/* True if the message verifies under `configured`; *ret says under which kind. */
static bool
verify_checksum(
	const struct vrrp_packet *packet, unsigned version, enum vrrp_checksum configured, enum vrrp_checksum *ret)
{
	static const enum vrrp_checksum kinds[] = { VRRP_CHECKSUM_PSEUDO, VRRP_CHECKSUM_GROUP, VRRP_CHECKSUM_NONE };
	enum vrrp_checksum wanted = effective_checksum(configured, version, packet->source.family);
	uint32_t sum = add_bytes(0, packet->data, packet->length);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (wanted != VRRP_CHECKSUM_AUTO && wanted != kinds[i])
			continue;
		if (fold(sum + checksum_extra(kinds[i], &packet->source, &packet->destination, packet->length)) ==
			0xffff) {
			*ret = kinds[i];
			return true;
		}
	}
	return false;
}

/* --- build --- */

/* The second word of the header before the checksum; false if the interval cannot be written. */
static bool
write_interval(struct wire_writer *w, const struct vrrp_advert *advert)
{
	ha_time unit = advert->version == 2 ? HA_SEC : CENTISECOND;
	ha_time count = advert->advert_interval / unit;

	if (advert->advert_interval % unit != 0 || count == 0 || count > (advert->version == 2 ? 255 : 4095))
		return false;
	if (advert->version == 2)
		wire_write_u8(w, (uint8_t)advert->auth);
	if (advert->version == 2)
		wire_write_u8(w, (uint8_t)count);
	else
		wire_write_u16(w, (uint16_t)count);
	return true;
}

size_t
vrrp_packet_build(const struct vrrp_advert *advert, const struct ha_address *source,
	const struct ha_address *destination, uint8_t *buffer, size_t size)
{
	static const uint8_t no_pass[VRRP_PACKET_PASS];
	enum vrrp_checksum how = effective_checksum(advert->checksum, advert->version, advert->family);
	struct wire_writer w;
	uint16_t checksum;

	if (!speaks(advert->version, advert->family) || advert->vrid == 0 || advert->address_count == 0)
		return 0;
	if (source->family != advert->family || destination->family != advert->family)
		return 0;
	wire_write_begin(&w, buffer, size);
	wire_write_u8(&w, (uint8_t)(advert->version << 4 | TYPE_ADVERTISEMENT));
	wire_write_u8(&w, advert->vrid);
	wire_write_u8(&w, advert->priority);
	wire_write_u8(&w, advert->address_count);
	if (!write_interval(&w, advert))
		return 0;
	wire_write_u16(&w, 0);
	wire_write_bytes(&w, advert->addresses, advert->address_count * address_bytes(advert->family));
	wire_write_bytes(
		&w, advert->auth == VRRP_AUTH_PASS ? advert->auth_pass : no_pass, trailer_bytes(advert->version));
	if (w.failed)
		return 0;
	checksum = (uint16_t)~fold(add_bytes(0, buffer, w.at) + checksum_extra(how, source, destination, w.at));
	buffer[CHECKSUM_AT] = (uint8_t)(checksum >> 8);
	buffer[CHECKSUM_AT + 1] = (uint8_t)checksum;
	return w.at;
}

/* --- parse --- */

/* Everything up to the checksum: is it a whole advert for this virtual router? */
static enum vrrp_verdict
check_form(const struct vrrp_packet *packet, const struct vrrp_rules *rules)
{
	const uint8_t *data = packet->data;

	if (packet->length < HEADER_BYTES)
		return VRRP_VERDICT_SHORT;
	if (data[1] != rules->vrid)
		return VRRP_VERDICT_VRID;
	if (packet->ttl != VRRP_PACKET_TTL)
		return VRRP_VERDICT_TTL;
	if (data[0] >> 4 != rules->version || !speaks(rules->version, packet->source.family))
		return VRRP_VERDICT_VERSION;
	if ((data[0] & 0x0f) != TYPE_ADVERTISEMENT)
		return VRRP_VERDICT_TYPE;
	if (data[3] == 0 || packet->length != HEADER_BYTES + data[3] * address_bytes(packet->source.family) +
						      trailer_bytes(rules->version))
		return VRRP_VERDICT_LENGTH;
	return VRRP_VERDICT_OK;
}

/* What the advert says; its form has been checked. */
static struct vrrp_advert
read_advert(const struct vrrp_packet *packet, enum vrrp_checksum checksum)
{
	const uint8_t *data = packet->data;
	struct vrrp_advert advert = { .version = data[0] >> 4,
		.vrid = data[1],
		.priority = data[2],
		.address_count = data[3],
		.checksum = checksum,
		.family = packet->source.family,
		.addresses = data + HEADER_BYTES };

	if (advert.version == 3) {
		/* RFC 9568 5.2.6: the reserved bits are ignored on reception. */
		advert.advert_interval = (ha_time)((data[4] & 0x0f) << 8 | data[5]) * CENTISECOND;
		return advert;
	}
	advert.advert_interval = data[5] * HA_SEC;
	advert.auth = (enum vrrp_auth)data[4];
	if (advert.auth == VRRP_AUTH_PASS)
		memcpy(advert.auth_pass, data + packet->length - VRRP_PACKET_PASS, VRRP_PACKET_PASS);
	return advert;
}

/* An advert that arrived as it was sent: does it fit our settings? */
static enum vrrp_verdict
check_settings(const struct vrrp_advert *advert, const struct vrrp_rules *rules)
{
	if (advert->version == 2) {
		if (advert->auth != rules->auth)
			return VRRP_VERDICT_AUTH_TYPE;
		if (advert->auth == VRRP_AUTH_PASS &&
			memcmp(advert->auth_pass, rules->auth_pass, VRRP_PACKET_PASS) != 0)
			return VRRP_VERDICT_AUTH_PASS;
		if (advert->advert_interval != rules->advert_interval)
			return VRRP_VERDICT_INTERVAL;
	}
	if (advert->advert_interval == 0)
		return VRRP_VERDICT_INTERVAL;
	if (!same_addresses(rules->addresses, advert))
		return VRRP_VERDICT_ADDRESSES;
	return VRRP_VERDICT_OK;
}

enum vrrp_verdict
vrrp_packet_parse(const struct vrrp_packet *packet, const struct vrrp_rules *rules, struct vrrp_advert *ret)
{
	enum vrrp_verdict verdict = check_form(packet, rules);
	enum vrrp_checksum checksum;

	if (verdict != VRRP_VERDICT_OK)
		return verdict;
	if (!verify_checksum(packet, rules->version, rules->checksum, &checksum))
		return VRRP_VERDICT_CHECKSUM;
	*ret = read_advert(packet, checksum);
	return check_settings(ret, rules);
}

const char *
vrrp_verdict_name(enum vrrp_verdict verdict)
{
	static const char *const names[VRRP_VERDICTS] = {
		[VRRP_VERDICT_OK] = "ok",
		[VRRP_VERDICT_SHORT] = "short",
		[VRRP_VERDICT_VRID] = "vrid",
		[VRRP_VERDICT_TTL] = "ttl",
		[VRRP_VERDICT_VERSION] = "version",
		[VRRP_VERDICT_TYPE] = "type",
		[VRRP_VERDICT_LENGTH] = "length",
		[VRRP_VERDICT_CHECKSUM] = "checksum",
		[VRRP_VERDICT_AUTH_TYPE] = "auth-type",
		[VRRP_VERDICT_AUTH_PASS] = "auth-pass",
		[VRRP_VERDICT_INTERVAL] = "interval",
		[VRRP_VERDICT_ADDRESSES] = "addresses",
	};

	assert((unsigned)verdict < VRRP_VERDICTS);
	return names[verdict];
}

const char *
vrrp_checksum_name(enum vrrp_checksum checksum)
{
	switch (checksum) {
	case VRRP_CHECKSUM_AUTO:
		return "auto";
	case VRRP_CHECKSUM_PSEUDO:
		return "pseudo";
	case VRRP_CHECKSUM_GROUP:
		return "group";
	case VRRP_CHECKSUM_NONE:
		return "none";
	}
	return "auto";
}
