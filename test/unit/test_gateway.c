/* The default gateway as the kernel's table has it. */
#include "daemon/gateway.h"
#include "test/unit/suite.h"

#include <check.h>
#include <errno.h>

static const char routes[] = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
			     "eth1\t00000000\t010A0A0A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
			     "enp11s0f0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
			     "enp11s0f0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n"
			     "enp11s0f0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";

static const struct {
	const char *text, *interface, *gateway; /* NULL: none */
} table[] = {
	{ routes, "enp11s0f0", "192.168.1.1" },
	{ routes, "eth1", "10.10.10.1" },
	{ routes, "eth2", NULL },
	{ "", "eth1", NULL },
	{ "eth1\n\n", "eth1", NULL },
	{ "eth1\t00000000\t010A0A0A\t0003\t0\t0\t0\t000000FF\n", "eth1", NULL },
	{ "eth2\t00000001\t010A0A0A\t0003\t0\t0\t0\t00000000", "eth1", NULL },
	{ "eth1\t00000000\t010A0A0A\t0003\t0\t0\t0\t00000000", "eth1", "10.10.10.1" },
	{ "eth1\n00000000\t010A0A0A\t0003\t0\t0\t0\t00000000\n", "eth1", NULL },
};

START_TEST(parsed)
{
	struct ha_address found = { 0 }, expected;
	int r = gateway_parse(table[_i].text, table[_i].interface, &found);
	if (table[_i].gateway == NULL) {
		ck_assert_int_eq(r, -ENOENT);
		return;
	}
	ck_assert_int_eq(r, 0);
	ck_assert_int_eq(ha_address_parse(table[_i].gateway, &expected), 0);
	ck_assert(ha_address_equal(&found, &expected));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("gateway");
	TCase *tcase = suite_case(suite, "gateway");
	tcase_add_loop_test(tcase, parsed, 0, (int)(sizeof(table) / sizeof(table[0])));
	return suite_run(suite);
}
