#include "fence/filter.h"

#include <string.h>

/* RMCP header and session header of IPMI 2.0 13.6: version, reserved, sequence, class; auth type, payload type, session
 * id, session sequence, payload length. */
#define AUTH_TYPE          4
#define AUTH_TYPE_NONE     0x00
#define AUTH_TYPE_RMCPP    0x06
#define PAYLOAD_TYPE       5
#define PAYLOAD_PROTECTED  0xc0 /* encrypted and authenticated */
#define PAYLOAD_IPMI       0x00
#define PAYLOAD_OPEN_REPLY 0x11
#define PAYLOAD_RAKP2      0x13
#define PAYLOAD_RAKP4      0x15
#define SESSION_ID         6
#define PAYLOAD_LENGTH     14
#define RMCPP_HEADER       16
#define TAGS               64 /* OpenIPMI's table of outstanding requests */

/* Session header of IPMI 1.5 (IPMI 2.0 table 13-8, authentication type none) and the message in it. */
#define V15_LENGTH             13
#define V15_HEADER             14
#define V15_NETFN              15
#define V15_COMMAND            19
#define V15_COMPLETION         20
#define V15_ERROR_BYTES        8
#define V15_CAPABILITIES_BYTES 16
#define V15_MAX_BYTES          64
#define NETFN_APP_REPLY        (0x07 << 2)
#define COMMAND_CAPABILITIES   0x38
#define CAPABILITIES_EXTENDED  (V15_COMPLETION + 2) /* bit 7: the extended fields count */
#define CAPABILITIES_RMCPP     (V15_COMPLETION + 4) /* bit 1: speaks RMCP+ */

/* Cipher suite 3: RAKP-HMAC-SHA1, HMAC-SHA1-96, AES-CBC-128 (IPMI 2.0 table 22-20). */
#define ALGORITHM_SHA1        1
#define ALGORITHM_SHA1_96     1
#define ALGORITHM_AES_CBC_128 1
#define OPEN_REPLY_BYTES      36
#define RAKP2_BYTES           60 /* 40 and the HMAC-SHA1 */
#define RAKP4_BYTES           20 /* 8 and the HMAC-SHA1-96 */
#define REFUSAL_BYTES         8  /* tag, status, reserved, session id: OpenIPMI reads them all */
#define HANDSHAKE_MAX_BYTES   128
#define AES_BLOCK             16
#define PROTECTED_MAX_BYTES   256
#define TRAILER_BYTES         14 /* pad length, next header, HMAC-SHA1-96 */

void
fence_filter_init(struct fence_filter *filter, const struct ha_address *address, uint16_t port)
{
	memset(filter, 0, sizeof(*filter));
	filter->address = *address;
	filter->port = port;
}

/* The reply to Get Channel Authentication Capabilities (IPMI 2.0 22.13), the one message that OpenIPMI needs outside of
 * RMCP+. */
static bool
pass_capabilities(struct fence_filter *filter, const uint8_t *data, size_t length)
{
	size_t message;

	if (filter->established || length < V15_HEADER + V15_ERROR_BYTES)
		return false;
	for (size_t i = AUTH_TYPE + 1; i < V15_LENGTH; i++)
		if (data[i] != 0) /* session sequence and session id */
			return false;
	message = data[V15_LENGTH];
	if (message < V15_ERROR_BYTES || message > V15_MAX_BYTES || V15_HEADER + message > length)
		return false;
	if ((data[V15_NETFN] & 0xfc) != NETFN_APP_REPLY || data[V15_COMMAND] != COMMAND_CAPABILITIES)
		return false;
	if (data[V15_COMPLETION] != 0 || message < V15_CAPABILITIES_BYTES)
		filter->no_rmcpp = true;
	else if ((data[CAPABILITIES_EXTENDED] & 0x80) == 0 || (data[CAPABILITIES_RMCPP] & 0x02) == 0)
		filter->no_rmcpp = true;
	return true;
}

static void
note_status(struct fence_filter *filter, uint8_t status)
{
	if (filter->status == FENCE_RMCPP_OK)
		filter->status = status;
}

static bool
is_suite_3(const uint8_t *payload)
{
	return payload[16] == ALGORITHM_SHA1 && payload[24] == ALGORITHM_SHA1_96 &&
	       payload[32] == ALGORITHM_AES_CBC_128;
}

/* Replies of IPMI 2.0 13.18, 13.21 and 13.23. */
static bool
pass_handshake(struct fence_filter *filter, uint8_t type, const uint8_t *payload, size_t length)
{
	if (filter->established || length < 2 || length > HANDSHAKE_MAX_BYTES || payload[0] >= TAGS)
		return false;
	if (payload[1] != FENCE_RMCPP_OK) {
		note_status(filter, payload[1]);
		return length >= REFUSAL_BYTES;
	}
	if (type == PAYLOAD_OPEN_REPLY) {
		if (length < OPEN_REPLY_BYTES)
			return false;
		if (!is_suite_3(payload)) {
			note_status(filter, FENCE_RMCPP_NO_CIPHER_SUITE);
			return false;
		}
		return true;
	}
	if (type == PAYLOAD_RAKP2) {
		if (length < RAKP2_BYTES)
			return false;
		filter->challenged = true;
		return true;
	}
	if (length < RAKP4_BYTES || !filter->challenged)
		return false;
	filter->established = true;
	return true;
}

/* S6: an answer counts only if it is authenticated and encrypted. That it is, and by whom, the library verifies. */
static bool
pass_message(struct fence_filter *filter, uint8_t protection, size_t payload, size_t length)
{
	if (!filter->established || protection != PAYLOAD_PROTECTED)
		return false;
	if (payload < 2 * AES_BLOCK || payload % AES_BLOCK != 0 || payload > PROTECTED_MAX_BYTES)
		return false;
	if (length < RMCPP_HEADER + payload + TRAILER_BYTES)
		return false;
	filter->in_session++;
	return true;
}

static bool
pass_rmcpp(struct fence_filter *filter, const uint8_t *data, size_t length)
{
	uint8_t protection = data[PAYLOAD_TYPE] & PAYLOAD_PROTECTED, type = data[PAYLOAD_TYPE] & 0x3f;
	size_t payload;

	if (length < RMCPP_HEADER)
		return false;
	payload = (size_t)data[PAYLOAD_LENGTH] | (size_t)data[PAYLOAD_LENGTH + 1] << 8;
	if (RMCPP_HEADER + payload > length)
		return false;
	if (type == PAYLOAD_IPMI)
		return pass_message(filter, protection, payload, length);
	if (type != PAYLOAD_OPEN_REPLY && type != PAYLOAD_RAKP2 && type != PAYLOAD_RAKP4)
		return false; /* 0x3f and others crash OpenIPMI */
	for (size_t i = SESSION_ID; i < SESSION_ID + 8; i++)
		if (data[i] != 0) /* the handshake is outside of any session */
			return false;
	return protection == 0 && pass_handshake(filter, type, data + RMCPP_HEADER, payload);
}

static bool
judge(struct fence_filter *filter, const struct ha_address *from, uint16_t from_port, const uint8_t *data,
	size_t length)
{
	static const uint8_t rmcp[4] = { 0x06, 0x00, 0xff, 0x07 }; /* version 1.0, no sequence, class IPMI */

	if (!ha_address_equal(from, &filter->address) || from_port != filter->port)
		return false;
	if (length <= PAYLOAD_TYPE || length > FENCE_DATAGRAM_BYTES || memcmp(data, rmcp, sizeof(rmcp)) != 0)
		return false;
	filter->heard++;
	if (data[AUTH_TYPE] == AUTH_TYPE_RMCPP)
		return pass_rmcpp(filter, data, length);
	return data[AUTH_TYPE] == AUTH_TYPE_NONE && pass_capabilities(filter, data, length);
}

bool
fence_filter_pass(struct fence_filter *filter, const struct ha_address *from, uint16_t from_port, const uint8_t *data,
	size_t length)
{
	bool pass = judge(filter, from, from_port, data, length);

	if (!pass)
		filter->dropped++;
	return pass;
}
