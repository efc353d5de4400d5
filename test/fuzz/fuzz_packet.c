/* VRRP adverts: one byte chooses the settings, the rest is the packet; once as it is, once with its checksum corrected,
 * so that what lies behind the checksum is reached. What is accepted must be the same when built again. */
#include "vrrp/packet.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool truth)
{
	if (!truth)
		abort();
}

/* With addresses of zeros the pseudo header is only protocol and length. */
static void
correct_checksum(uint8_t *data, size_t length, unsigned version)
{
	uint32_t sum = version == 2 ? 0 : 112 + (uint32_t)length;

	data[6] = data[7] = 0;
	for (size_t i = 0; i < length; i++)
		sum += (uint32_t)data[i] << (i % 2 == 0 ? 8 : 0);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	data[6] = (uint8_t)(~sum >> 8);
	data[7] = (uint8_t)~sum;
}

static void
judge(const struct vrrp_packet *packet, const struct vrrp_rules *rules)
{
	uint8_t buffer[VRRP_PACKET_BYTES];
	struct vrrp_packet again = *packet;
	struct vrrp_advert advert, second;
	enum vrrp_verdict verdict = vrrp_packet_parse(packet, rules, &advert);

	require(vrrp_verdict_name(verdict) != NULL);
	if (verdict != VRRP_VERDICT_OK && verdict <= VRRP_VERDICT_CHECKSUM)
		return;
	for (unsigned i = 0; i < advert.address_count; i++)
		require(vrrp_advert_address(&advert, i).family == packet->source.family);
	if (verdict != VRRP_VERDICT_OK)
		return;
	again.data = buffer;
	again.length = vrrp_packet_build(&advert, &packet->source, &packet->destination, buffer, sizeof(buffer));
	require(again.length == packet->length);
	require(vrrp_packet_parse(&again, rules, &second) == VRRP_VERDICT_OK);
	require(second.priority == advert.priority && second.advert_interval == advert.advert_interval);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vrrp_addresses addresses;
	struct vrrp_packet packet = { .ttl = VRRP_PACKET_TTL };
	struct vrrp_rules rules = {
		.vrid = 51, .advert_interval = HA_SEC, .auth_pass = "1111", .addresses = &addresses
	};
	struct ha_address vip = { .bytes = { 192, 168, 1, 210 } };
	uint8_t *copy;

	if (size == 0)
		return 0;
	rules.version = (data[0] & 1) != 0 ? 3 : 2;
	rules.auth = (data[0] & 2) != 0 ? VRRP_AUTH_PASS : VRRP_AUTH_NONE;
	rules.checksum = (enum vrrp_checksum)(data[0] >> 2 & 3);
	vip.family = packet.source.family = packet.destination.family = (data[0] & 0x10) != 0 ? AF_INET6 : AF_INET;
	vrrp_addresses_init(&addresses, rules.version, vip.family, 1500);
	require(vrrp_addresses_add(&addresses, &vip));
	packet.length = size - 1;
	copy = malloc(size); /* of its own, so that reads past either end are seen */
	memcpy(copy, data + 1, packet.length);
	packet.data = copy;
	judge(&packet, &rules);
	if (packet.length >= 8) {
		correct_checksum(copy, packet.length, rules.version);
		judge(&packet, &rules);
	}
	free(copy);
	return 0;
}
