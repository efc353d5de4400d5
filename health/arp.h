/* health/arp.h -- ask by ARP whether an IPv4 address answers on its network (RFC 826).
 *
 * The promise: only an ARP reply that names the asked address, to a question of ours under way, is an answer. */
#ifndef HA_HEALTH_ARP_H
#define HA_HEALTH_ARP_H

#include "health/probe.h"

struct health_arp;

/* Needs CAP_NET_RAW, but only now. 0 or -errno. */
int health_arp_open(struct health_probe *probe, struct health_arp **ret);
/* The interface is the one whose network the address is in. 0 (the answer goes to the probe) or -errno. */
int health_arp_start(struct health_arp *arp);
void health_arp_stop(struct health_arp *arp);
void health_arp_close(struct health_arp *arp); /* NULL is fine */

#endif
