/* Peer messages: once as they come, which the HMAC stops, and once signed by us, so that the parser behind it is
 * reached. What is accepted must be the same when encoded again. */
#include "vrrp/message.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#define HEADER    8
#define HMAC_SIZE 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct vrrp_message_keys keys = { .keys = { { 0x6b } }, .count = 1 };

static void
require(bool truth)
{
	if (!truth)
		abort();
}

static void
check_accepted(const struct vrrp_message *message, const struct vrrp_settings *settings)
{
	uint8_t buffer[VRRP_MESSAGE_BYTES], second[VRRP_MESSAGE_BYTES];
	struct vrrp_message again;
	struct vrrp_settings settings_again;
	struct vrrp_window window;
	size_t length = vrrp_message_encode_settings(message, settings, &keys, buffer);

	require(length != 0 && node_state_name(message->state) != NULL && node_intent_name(message->intent) != NULL &&
		node_proof_name(message->proof) != NULL);
	require(vrrp_message_decode_settings(buffer, length, &keys, &again, &settings_again) == 0);
	require(vrrp_message_encode_settings(&again, &settings_again, &keys, second) == length &&
		memcmp(buffer, second, length) == 0);

	vrrp_window_init(&window, message->echo_incarnation);
	if (message->echo_incarnation != 0)
		require(vrrp_window_check(&window, message, message->link) == VRRP_FRESH);
	if (message->echo_incarnation != 0)
		require(vrrp_window_check(&window, message, message->link) == VRRP_OLD);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + HMAC_SIZE + 1);
	struct vrrp_message message;
	struct vrrp_settings settings;
	unsigned bytes;

	memcpy(copy, data, size);
	if (vrrp_message_decode_settings(data, size, &keys, &message, &settings) == 0)
		check_accepted(&message, &settings);
	/* The input stands for header and body; length and HMAC are made to fit. */
	if (size >= HEADER && size <= HEADER + 0xffff) {
		copy[6] = (uint8_t)((size - HEADER) >> 8);
		copy[7] = (uint8_t)(size - HEADER);
		require(HMAC(EVP_sha256(), keys.keys[0], VRRP_MESSAGE_KEY, copy, size, copy + size, &bytes) != NULL);
		if (vrrp_message_decode_settings(copy, size + HMAC_SIZE, &keys, &message, &settings) == 0)
			check_accepted(&message, &settings);
	}
	free(copy);
	return 0;
}
