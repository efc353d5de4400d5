/* fence/filter.h -- judge a datagram of the IMM before OpenIPMI reads it.
 *
 * Pure. The promise: of what may arrive at our UDP port, OpenIPMI sees only well-formed RMCP from the IMM's address and
 * port: during the handshake nothing but the handshake's replies, afterwards nothing but authenticated and encrypted
 * IPMI messages (S6). Everything else is dropped: OpenIPMI 2.0.33 crashes on some of it and believes some of it. */
#ifndef HA_FENCE_FILTER_H
#define HA_FENCE_FILTER_H

#include "lib/net.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FENCE_DATAGRAM_BYTES 384 /* what OpenIPMI's buffer takes; longer ones are dropped */

/* RMCP+ status codes, IPMI 2.0 table 13-15. */
enum fence_rmcpp_status {
	FENCE_RMCPP_OK = 0x00,
	FENCE_RMCPP_NO_CIPHER_SUITE =
		0x11, /* also noted when the reply proposes other algorithms than cipher suite 3's */
};

/* One for each connection, that is for each socket. */
struct fence_filter {
	struct ha_address address;
	uint16_t port;
	bool established; /* RAKP 4 with status 0 was passed on: from now on only encrypted and authenticated messages
			   */
	bool challenged;  /* RAKP 2 with status 0 was passed on: the rest depends on user, password and Kg */
	bool no_rmcpp;    /* the IMM says that it does not speak RMCP+ (IPMI 2.0 table 22-15) */
	uint8_t status;   /* the first RMCP+ status other than 0 in a reply of the handshake; 0: none */
	unsigned long heard;      /* well-formed datagrams from the IMM, dropped ones included */
	unsigned long in_session; /* passed after `established` */
	unsigned long dropped;
};

void fence_filter_init(struct fence_filter *filter, const struct ha_address *address, uint16_t port);
/* May OpenIPMI read this datagram of `length` bytes (its true length, also if `data` holds less)? Notes what it tells
 * about the handshake even when the answer is no: a refusal of two bytes is dropped by OpenIPMI, too. */
bool fence_filter_pass(struct fence_filter *filter, const struct ha_address *from, uint16_t from_port,
	const uint8_t *data, size_t length);

#endif
