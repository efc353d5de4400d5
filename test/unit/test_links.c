/* The daemon's interfaces and sockets against the real kernel, in a network namespace: what counts as a link that is
 * up. */
#include "daemon/daemon.h"
#include "test/unit/config_pair.h"
#include "test/unit/netns.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

struct bed {
	struct daemon *d;
	struct loaded loaded;
};

/* NodeA of the reference pair, with both links; nothing is started that decides. */
static struct bed
bed_open(void)
{
	struct bed bed = { .d = calloc(1, sizeof(*bed.d)), .loaded = load(reference) };

	expect_good(&bed.loaded);
	netns_run("ip link set a0 down; ip link set a0 name enp11s0f0; ip addr add 192.168.1.198/24 dev enp11s0f0;"
		  "ip link set enp11s0f0 up; ip addr add 10.10.10.11/24 dev a1");
	ck_assert_ptr_nonnull(bed.d);
	bed.d->config = bed.loaded.config;
	ck_assert_int_ge(sd_event_new(&bed.d->event), 0);
	ck_assert_int_eq(links_open(bed.d), 0);
	ck_assert_int_eq(links_configure(bed.d), 0);
	for (ha_time begun = ha_now(); ha_now() - begun < NETNS_TIMEOUT; usleep(10000)) {
		links_refresh(bed.d);
		if (links_up(bed.d, 0) && links_up(bed.d, 1))
			return bed;
	}
	ck_abort_msg("the links do not come up");
}

static void
bed_close(struct bed *bed)
{
	links_close(bed->d);
	sd_event_unref(bed->d->event);
	free(bed->d->vips);
	free(bed->d->vip_index);
	free(bed->d->stale);
	free(bed->d);
	unload(&bed->loaded);
}

/* Another program that takes the port of the peer's messages. */
static int
squatter(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(1112) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&any, sizeof(any)), 0);
	return fd;
}

/* S9, S13: silence on a link on which we cannot hear is not the peer's. */
START_TEST(test_link_without_its_socket_is_not_up)
{
	struct bed bed = bed_open();
	int fd;

	links_deconfigure(bed.d);
	fd = squatter();
	ck_assert_int_eq(links_configure(bed.d), 0);
	links_refresh(bed.d);
	ck_assert(bed.d->links[0].running && bed.d->links[0].addressed);
	ck_assert(!links_up(bed.d, 0));
	ck_assert(!links_up(bed.d, 1));
	ck_assert_uint_ne(bed.d->links_at, HA_NEVER); /* tried again */
	close(fd);
	links_refresh(bed.d);
	ck_assert(links_up(bed.d, 0));
	ck_assert(links_up(bed.d, 1));
	ck_assert_uint_eq(bed.d->links_at, HA_NEVER);
	bed_close(&bed);
}
END_TEST

START_TEST(test_service_link_without_adverts_is_not_up)
{
	struct bed bed = bed_open();

	listen_close(bed.d);
	ck_assert(!links_up(bed.d, 0));
	ck_assert(links_up(bed.d, 1));
	links_refresh(bed.d);
	ck_assert(links_up(bed.d, 0));
	bed_close(&bed);
}
END_TEST

START_TEST(test_socket_that_fails_is_opened_anew)
{
	struct bed bed = bed_open();

	links_socket_failed(bed.d, 1);
	ck_assert(bed.d->links_stale);
	ck_assert(bed.d->links[1].flapped); /* what was in its queue is lost */
	ck_assert(!links_up(bed.d, 1));
	links_look(bed.d);
	ck_assert(links_up(bed.d, 1));
	bed_close(&bed);
}
END_TEST

/* No file descriptor is left, or the usual number is. */
static void
descriptors(struct rlimit *usual, bool none)
{
	struct rlimit limit = *usual;
	int lowest = dup(0);

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	if (none) {
		*usual = limit;
		ck_assert_int_ge(lowest, 0);
		limit.rlim_cur = (rlim_t)lowest;
	} else {
		limit = *usual;
	}
	if (lowest >= 0)
		close(lowest);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* That the kernel could not be asked says nothing of the links: no flap, unless it lasts. */
START_TEST(test_link_stays_up_when_the_kernel_cannot_be_asked)
{
	struct bed bed = bed_open();
	struct rlimit usual = { 0 };
	struct vrrp_monitor_link link;

	descriptors(&usual, true);
	ck_assert_int_eq(vrrp_monitor_link_by_name("a1", &link), -EMFILE);
	for (unsigned i = 0; i < 3; i++) {
		links_refresh(bed.d);
		ck_assert(links_up(bed.d, 0));
		ck_assert(links_up(bed.d, 1));
		ck_assert(bed.d->ports[0].open);
		ck_assert_uint_lt(bed.d->links_at, ha_now() + HA_SEC); /* asked again soon */
	}
	for (ha_time begun = ha_now(); links_up(bed.d, 0) && ha_now() - begun < NETNS_TIMEOUT; usleep(50000))
		links_look(bed.d);
	ck_assert(!links_up(bed.d, 0));
	ck_assert(!links_up(bed.d, 1));
	descriptors(&usual, false);
	links_refresh(bed.d);
	ck_assert(links_up(bed.d, 0));
	ck_assert(links_up(bed.d, 1));
	bed_close(&bed);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("links");
	TCase *tcase = tcase_create("links");

	tcase_add_checked_fixture(tcase, netns_setup, NULL);
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, test_link_without_its_socket_is_not_up);
	tcase_add_test(tcase, test_service_link_without_adverts_is_not_up);
	tcase_add_test(tcase, test_socket_that_fails_is_opened_anew);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, test_link_stays_up_when_the_kernel_cannot_be_asked);
	return netns_main(suite);
}
