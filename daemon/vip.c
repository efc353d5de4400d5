#include "daemon/daemon.h"

#include "lib/log.h"

#include <assert.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define VIP_SPARE   64 /* requests beyond four per address: stale ones, ones on other interfaces */
#define VIP_ANSWERS 256
#define VIP_STALE   0      /* token of the removals of vip_forget_stale(); those of batches begin with 1 */
#define STALE_RETRY HA_SEC /* a removal that failed is asked again */

static int
compare_addresses(const struct ha_address *a, const struct ha_address *b)
{
	return memcmp(a, b, sizeof(*a));
}

static int
compare_index(const void *a, const void *b, void *userdata)
{
	const struct daemon_vip *vips = userdata;
	return compare_addresses(
		&vips[*(const unsigned *)a].config->address, &vips[*(const unsigned *)b].config->address);
}

static struct daemon_vip *
find_vip(const struct daemon *d, const struct ha_address *address)
{
	unsigned low = 0, high = d->vip_count;
	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		struct daemon_vip *vip = &d->vips[d->vip_index[middle]];
		int order = compare_addresses(address, &vip->config->address);
		if (order == 0)
			return vip;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool
vip_configured(const struct daemon *d, const struct ha_address *address)
{
	return find_vip(d, address) != NULL;
}

static bool
is_stale(const struct daemon *d, const struct ha_address *address)
{
	for (unsigned i = 0; i < d->stale_count; i++)
		if (ha_address_equal(&d->stale[i].address, address))
			return true;
	return false;
}

/* What stays in `batches` until the kernel has answered every request of it: the node's orders are answered in their
 * order. The node has but a few open at a time, and the kernel answers while it is asked. */
static struct daemon_batch *
batch_begin(struct daemon *d, bool add)
{
	assert(d->batch_count < DAEMON_BATCHES);
	struct daemon_batch *batch = &d->batches[(d->batch_first + d->batch_count++) % DAEMON_BATCHES];
	d->batch_token += d->batch_token == UINT32_MAX; /* never VIP_STALE */
	*batch = (struct daemon_batch){ .token = ++d->batch_token, .add = add };
	return batch;
}

static struct daemon_batch *
batch_find(struct daemon *d, uint32_t token)
{
	for (unsigned i = 0; i < d->batch_count; i++) {
		struct daemon_batch *batch = &d->batches[(d->batch_first + i) % DAEMON_BATCHES];
		if (batch->token == token)
			return batch;
	}
	return NULL;
}

static void
batch_count(
	struct daemon *d, struct daemon_batch *batch, int result, const struct ha_address *address, unsigned ifindex)
{
	char text[HA_ADDRESS_TEXT];
	unsigned suppressed;
	if (result >= 0) {
		batch->open++;
		return;
	}
	batch->failed++;
	if (daemon_allowed(&d->vip_limit, &suppressed))
		ha_log(LOG_ERR, "cannot %s %s on interface %u: %s", batch->add ? "add" : "remove",
			ha_address_format(address, text), ifindex, strerror(-result));
}

struct listing {
	struct daemon *d;
	struct daemon_batch *batch; /* NULL: only look */
	unsigned found, configured; /* of all; of those that are no stale ones */
};

static void
on_listed(void *userdata, const struct vrrp_monitor_event *event)
{
	struct listing *listing = userdata;
	struct daemon *d = listing->d;
	if (event->type != VRRP_MONITOR_ADDRESS_APPEARED)
		return;
	const struct vrrp_monitor_address *address = &event->address;
	struct daemon_vip *vip = find_vip(d, &address->address);
	if (vip == NULL && !is_stale(d, &address->address))
		return;
	listing->found++;
	listing->configured += vip != NULL;
	if (vip != NULL && address->ifindex == d->ports[vip->port].ifindex)
		vip->present = true;
	if (listing->batch != NULL) {
		int r = vrrp_address_remove(&d->netlink, &address->address, address->prefix_length, address->ifindex,
			listing->batch->token);
		batch_count(d, listing->batch, r, &address->address, address->ifindex);
	}
}

/* What the kernel shows now. */
static int
look(struct daemon *d, struct daemon_batch *batch, unsigned *ret_found)
{
	struct listing listing = { .d = d, .batch = batch };
	for (unsigned i = 0; i < d->vip_count; i++)
		d->vips[i].present = false;
	int r = vrrp_monitor_list(on_listed, &listing);
	if (ret_found != NULL)
		*ret_found = listing.found;
	return r;
}

bool
vip_any_present(const struct daemon *d)
{
	unsigned found = 0;
	/* What cannot be known may be there. */
	return look((struct daemon *)d, NULL, &found) < 0 || found > 0;
}

bool
vip_resumable(const struct daemon *d)
{
	struct listing listing = { .d = (struct daemon *)d };
	return vrrp_monitor_list(on_listed, &listing) < 0 || listing.configured > 0;
}

static bool
all_present(struct daemon *d)
{
	if (look(d, NULL, NULL) < 0)
		return false;
	for (unsigned i = 0; i < d->vip_count; i++)
		if (!d->vips[i].present)
			return false;
	return true;
}

/* S3: the kernel's answers are one thing, what it shows afterwards is the other; both must say so. */
static void
batch_end(struct daemon *d, const struct daemon_batch *batch)
{
	unsigned found = 0;
	bool ok = batch->failed == 0;
	if (batch->add) {
		ok = ok && all_present(d);
		daemon_event_type(d, NODE_EV_VIP_ADDED, ok);
		return;
	}
	ok = ok && look(d, NULL, &found) == 0 && found == 0;
	if (ok)
		d->stale_count = 0;
	daemon_event_type(d, NODE_EV_VIP_REMOVED, ok);
}

static void
batches_end(struct daemon *d)
{
	while (d->batch_count > 0 && d->batches[d->batch_first].open == 0) {
		struct daemon_batch batch = d->batches[d->batch_first];
		d->batch_first = (d->batch_first + 1) % DAEMON_BATCHES;
		d->batch_count--;
		batch_end(d, &batch);
	}
}

static void
forget(struct daemon *d, unsigned index, const char *how)
{
	char text[HA_ADDRESS_TEXT];
	ha_log(LOG_NOTICE, "%s on %s is not in the configuration any more: %s",
		ha_address_format(&d->stale[index].address, text), d->stale[index].interface, how);
	d->stale[index] = d->stale[--d->stale_count];
}

/* S3: it is gone when the kernel says so, not when it was told. */
static void
stale_answered(struct daemon *d, const struct vrrp_address_answer *answer)
{
	char text[HA_ADDRESS_TEXT], interface[IF_NAMESIZE] = "";
	unsigned suppressed;
	(void)if_indextoname(answer->ifindex, interface);
	for (unsigned i = 0; i < d->stale_count; i++) {
		const struct record_address *stale = &d->stale[i];
		if (!ha_address_equal(&stale->address, &answer->address) || strcmp(stale->interface, interface) != 0)
			continue;
		if (answer->result == 0) {
			forget(d, i, "removed");
			return;
		}
		if (daemon_allowed(&d->vip_limit, &suppressed))
			ha_log(LOG_ERR,
				"cannot remove %s on %s, which is not in the configuration any more: %s; tried again",
				ha_address_format(&stale->address, text), stale->interface, strerror(-answer->result));
		break;
	}
	/* Also of one that cannot be found by its name now. */
	if (answer->result != 0 || interface[0] == '\0')
		d->stale_at = ha_now() + STALE_RETRY;
}

static void
on_answer(void *userdata, const struct vrrp_address_answer *answer)
{
	struct daemon *d = userdata;
	if (answer->token == VIP_STALE) {
		stale_answered(d, answer);
		return;
	}
	struct daemon_batch *batch = batch_find(d, answer->token);
	if (batch == NULL)
		return;
	batch->open--;
	if (answer->result < 0)
		batch_count(d, batch, answer->result, &answer->address, answer->ifindex);
}

void
vip_drain(struct daemon *d)
{
	int r;
	do
		r = vrrp_address_receive(&d->netlink, VIP_ANSWERS, on_answer, d);
	while (r == VIP_ANSWERS);
	if (r < 0) {
		ha_log(LOG_ERR, "netlink: %s", strerror(-r));
		vip_close(d);
		if (vip_open(d) < 0)
			ha_log(LOG_ERR, "netlink cannot be opened again");
	}
	batches_end(d);
}

static int
on_netlink(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct daemon *d = userdata;
	(void)source;
	(void)fd;
	(void)revents;
	daemon_wake(d);
	vip_drain(d);
	return 0;
}

/* Answered "not ok", behind what is under way. */
void
vip_add_refused(struct daemon *d)
{
	batch_begin(d, true)->failed = 1;
	batches_end(d);
}

void
vip_add(struct daemon *d)
{
	struct daemon_batch *batch = batch_begin(d, true);
	d->vips_wanted = true;
	for (unsigned i = 0; i < d->vip_count; i++) {
		const struct config_vip *vip = d->vips[i].config;
		unsigned ifindex = d->ports[d->vips[i].port].ifindex;
		int r = ifindex == 0 ? -ENODEV : vrrp_address_add(&d->netlink, vip, ifindex, batch->token);
		batch_count(d, batch, r, &vip->address, ifindex);
	}
	listen_addresses(d);
	vip_forget_stale(d);
	vip_drain(d);
}

void
vip_remove(struct daemon *d)
{
	struct daemon_batch *batch = batch_begin(d, false);
	d->vips_wanted = false;
	/* Where it belongs, behind an add that the kernel may not have seen yet; and wherever else it stands. */
	for (unsigned i = 0; i < d->vip_count; i++) {
		const struct config_vip *vip = d->vips[i].config;
		unsigned ifindex = d->ports[d->vips[i].port].ifindex;
		if (ifindex != 0)
			batch_count(d, batch,
				vrrp_address_remove(
					&d->netlink, &vip->address, vip->prefix_length, ifindex, batch->token),
				&vip->address, ifindex);
	}
	if (look(d, batch, NULL) < 0)
		batch->failed++;
	vip_drain(d);
}

void
vip_seen(struct daemon *d, const struct vrrp_monitor_address *address, bool present)
{
	struct daemon_vip *vip = find_vip(d, &address->address);
	if (vip == NULL || (address->ifindex != d->ports[vip->port].ifindex && d->vips_wanted))
		return;
	bool was = vip->present;
	vip->present = present;
	/* With a batch under way its end looks at what is there. */
	if (d->batch_count != 0 || !d->node.started)
		return;
	if (was && !present && d->vips_wanted)
		daemon_event_type(d, NODE_EV_VIP_LOST, false);
	if (present && !d->vips_wanted)
		d->vips_suspected = true;
}

void
vip_look(struct daemon *d)
{
	if (d->stale_at != 0 && ha_now() >= d->stale_at && d->batch_count == 0) {
		vip_forget_stale(d);
		vip_drain(d);
	}
	if (!d->vips_suspected || d->batch_count != 0)
		return;
	d->vips_suspected = false;
	/* The news may be old, of an add that has been removed since: what counts is what stands there now. */
	if (!d->vips_wanted && vip_any_present(d))
		daemon_event_type(d, NODE_EV_VIP_SEEN, false);
}

int
vip_record(struct daemon *d, const struct node_record *record)
{
	unsigned count = d->vip_count + d->stale_count;
	struct record_address *addresses = calloc(count + 1, sizeof(*addresses));
	if (addresses == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < d->vip_count; i++) {
		addresses[i].address = d->vips[i].config->address;
		addresses[i].prefix_length = d->vips[i].config->prefix_length;
		memcpy(addresses[i].interface, d->ports[d->vips[i].port].interface, IF_NAMESIZE);
	}
	memcpy(addresses + d->vip_count, d->stale, d->stale_count * sizeof(*addresses));
	int r = record_write(d->runtime_dir, d->boot, record, addresses, count);
	free(addresses);
	return r;
}

/* Of the present configuration, on the very interface? */
static bool
is_current(const struct daemon *d, const struct record_address *address)
{
	const struct daemon_vip *vip = find_vip(d, &address->address);
	return vip != NULL && strcmp(d->ports[vip->port].interface, address->interface) == 0;
}

/* Of what is left in the list the kernel has not confirmed that it is gone: stale_answered() does that. */
void
vip_forget_stale(struct daemon *d)
{
	unsigned kept = 0;
	d->stale_at = HA_NEVER;
	for (unsigned i = 0; i < d->stale_count; i++)
		if (!is_current(d, &d->stale[i]))
			d->stale[kept++] = d->stale[i];
	d->stale_count = kept;
	for (unsigned i = 0; i < d->stale_count;) {
		const struct record_address *stale = &d->stale[i];
		unsigned ifindex = if_nametoindex(stale->interface);
		/* What was on an interface that is gone went with it; without a descriptor to ask with, nobody knows.
		 */
		if (ifindex == 0 && (errno == ENODEV || errno == ENXIO)) {
			forget(d, i, "gone with its interface");
			continue;
		}
		if (ifindex == 0 ||
			vrrp_address_remove(&d->netlink, &stale->address, stale->prefix_length, ifindex, VIP_STALE) < 0)
			d->stale_at = ha_now() + STALE_RETRY;
		i++;
	}
}

static int
find_port(struct daemon *d, const char *interface, unsigned *ret)
{
	for (unsigned i = 0; i < d->port_count; i++) {
		if (strcmp(d->ports[i].interface, interface) == 0) {
			*ret = i;
			return 0;
		}
	}
	if (d->port_count == DAEMON_PORTS)
		return -ENOSPC;
	struct daemon_port *port = &d->ports[d->port_count];
	memset(port, 0, sizeof(*port));
	port->probe.arp_fd = port->probe.nd_fd = -1;
	memcpy(port->interface, interface, IF_NAMESIZE);
	*ret = d->port_count++;
	return 0;
}

static int
keep_stale(struct daemon *d)
{
	struct record_address *stale = reallocarray(d->stale, d->stale_count + d->vip_count + 1, sizeof(*stale));
	if (stale == NULL)
		return -ENOMEM;
	d->stale = stale;
	for (unsigned i = 0; i < d->vip_count; i++) {
		struct record_address *to = &d->stale[d->stale_count++];
		to->address = d->vips[i].config->address;
		to->prefix_length = d->vips[i].config->prefix_length;
		memcpy(to->interface, d->ports[d->vips[i].port].interface, IF_NAMESIZE);
	}
	return 0;
}

/* What is configured again, or is remembered already, is not remembered twice: the record has to stay readable. */
static void
forget_repeated(struct daemon *d)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < d->stale_count; i++) {
		bool repeated = find_vip(d, &d->stale[i].address) != NULL;
		for (unsigned k = 0; k < kept && !repeated; k++)
			repeated = ha_address_equal(&d->stale[k].address, &d->stale[i].address);
		if (!repeated)
			d->stale[kept++] = d->stale[i];
	}
	d->stale_count = kept;
}

int
vip_configure(struct daemon *d)
{
	const struct config_vrrp *vrrp = &d->config->vrrp;
	/* Before the first configuration there are none; from then on the old ones are remembered until they are gone.
	 */
	unsigned stale_count = d->stale_count;
	int r = keep_stale(d);
	if (r < 0)
		return r;
	struct daemon_vip *vips = calloc(vrrp->vip_count + 1, sizeof(*vips));
	unsigned *order = calloc(vrrp->vip_count + 1, sizeof(*order));
	if (vips == NULL || order == NULL) {
		free(vips);
		free(order);
		return -ENOMEM;
	}
	free(d->vips);
	free(d->vip_index);
	d->vips = vips;
	d->vip_index = order;
	d->vip_count = vrrp->vip_count;
	d->port_count = 0;
	for (unsigned i = 0; i < vrrp->vip_count; i++) {
		const struct config_vip *vip = &vrrp->vips[i];
		char interface[IF_NAMESIZE] = "";
		strcpy(interface, vip->interface[0] != '\0' ? vip->interface : links_service_interface(d));
		vips[i].config = vip;
		order[i] = i;
		r = find_port(d, interface, &vips[i].port);
		if (r < 0)
			return r;
	}
	qsort_r(order, vrrp->vip_count, sizeof(*order), compare_index, vips);
	forget_repeated(d);
	/* What this has made stale stays until the node adds. */
	if (d->stale_count > stale_count)
		d->stale_at = 0;
	return 0;
}

int
vip_open(struct daemon *d)
{
	int r = vrrp_address_open(&d->netlink, 4 * d->config->vrrp.vip_count + VIP_SPARE);
	if (r < 0)
		return r;
	r = sd_event_add_io(d->event, &d->netlink_source, d->netlink.fd, EPOLLIN, on_netlink, d);
	return r < 0 ? r : 0;
}

void
vip_close(struct daemon *d)
{
	if (d->netlink_source == NULL)
		return;
	d->netlink_source = sd_event_source_unref(d->netlink_source);
	vrrp_address_close(&d->netlink);
	if (d->stale_at == HA_NEVER && d->stale_count > 0)
		d->stale_at = ha_now() + STALE_RETRY;
	/* Whatever was asked is not known to have been done; it is answered so by the next vip_drain(). */
	for (unsigned i = 0; i < d->batch_count; i++) {
		struct daemon_batch *batch = &d->batches[(d->batch_first + i) % DAEMON_BATCHES];
		batch->failed += batch->open;
		batch->open = 0;
	}
}
