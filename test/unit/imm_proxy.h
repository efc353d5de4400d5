/* test/unit/imm_proxy.h -- a UDP proxy before an IMM that can count, alter, drop, hold back and forge datagrams with
 * the right source address: the bad network, and the forger who can use the IMM's address. */
#ifndef HA_TEST_IMM_PROXY_H
#define HA_TEST_IMM_PROXY_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#define PROXY_CLIENTS 32
#define PROXY_HELD    128

struct proxy;
/* May the datagram go on? It may be altered, also in its length (at most 512 bytes). */
typedef bool proxy_judge(struct proxy *proxy, uint8_t *data, size_t *length);

struct proxy_client {
	struct proxy *proxy;
	struct sockaddr_in address;
	int back;
	sd_event_source *source;
};

struct proxy {
	sd_event *event;
	sd_event_source *source;
	int front;
	uint16_t port;
	struct sockaddr_in imm;
	struct proxy_client clients[PROXY_CLIENTS];
	unsigned next;
	struct sockaddr_in last; /* the newest client */
	proxy_judge *to_imm, *from_imm;
	unsigned rakp1s, opens, requests; /* requests: in a session */
	bool hold;                        /* what the IMM says is kept until proxy_release() */
	struct {
		uint8_t data[512];
		size_t length;
		struct sockaddr_in to;
	} held[PROXY_HELD];
	unsigned held_count;
};

/* Port `imm_port` of 127.0.0.1 is the IMM; the proxy's is in `port`. Runs in `event`. */
void proxy_open(struct proxy *proxy, sd_event *event, uint16_t imm_port);
void proxy_close(struct proxy *proxy);

/* A datagram to the newest client from the address that it takes for the IMM's. */
void proxy_forge(struct proxy *proxy, const void *data, size_t length);
/* What was held goes on its way, and nothing is held any more. */
void proxy_release(struct proxy *proxy);

/* A UDP socket on 127.0.0.1. */
int loopback_socket(uint16_t *ret_port);

#endif
