/* daemon/gateway.h -- somebody on the service LAN who answers when asked (S13).
 *
 * On a quiet LAN nothing is heard after link-up although the switch forwards; the default gateway is asked by ARP, and
 * its answer is as good as any other packet.
 *
 * The promise: the answer is what the kernel's IPv4 routing table says; nothing is guessed. */
#ifndef HA_DAEMON_GATEWAY_H
#define HA_DAEMON_GATEWAY_H

#include "lib/net.h"

/* The default gateway reached through `interface`. 0, -ENOENT if there is none, or -errno. */
int gateway_find(const char *interface, struct ha_address *ret);
/* The same from text as in /proc/net/route (proc(5)); pure, for tests. */
int gateway_parse(const char *text, const char *interface, struct ha_address *ret);

#endif
