#include "lib/net.h"
#include "test/unit/suite.h"

#include <check.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static const struct {
	const char *text;
	uint8_t family; /* 0: refused */
	const char *shown;
} addresses[] = {
	{ "192.168.1.98", AF_INET, "192.168.1.98" },
	{ "0.0.0.0", AF_INET, "0.0.0.0" },
	{ "FE80::1", AF_INET6, "fe80::1" },
	{ "fd00:0:0:0::5", AF_INET6, "fd00::5" },
	{ "::ffff:10.0.0.1", AF_INET6, "::ffff:10.0.0.1" },
	{ "192.168.1", 0, NULL },
	{ "192.168.1.256", 0, NULL },
	{ "192.168.1.98/24", 0, NULL },
	{ " 192.168.1.98", 0, NULL },
	{ "fe80::1%eth0", 0, NULL },
	{ "localhost", 0, NULL },
	{ "", 0, NULL },
};

START_TEST(parse)
{
	struct ha_address address = { .family = 99 };
	char text[HA_ADDRESS_TEXT];
	int r = ha_address_parse(addresses[_i].text, &address);

	if (addresses[_i].family == 0) {
		ck_assert_int_eq(r, -EINVAL);
		ck_assert_uint_eq(address.family, 99); /* untouched */
		return;
	}
	ck_assert_int_eq(r, 0);
	ck_assert_uint_eq(address.family, addresses[_i].family);
	ck_assert_uint_eq(ha_address_length(&address), address.family == AF_INET ? 4 : 16);
	ck_assert_str_eq(ha_address_format(&address, text), addresses[_i].shown);
}
END_TEST

START_TEST(compare)
{
	struct ha_address a, b, none = { 0 };
	char text[HA_ADDRESS_TEXT];

	ck_assert_int_eq(ha_address_parse("10.0.0.1", &a), 0);
	ck_assert_int_eq(ha_address_parse("10.0.0.1", &b), 0);
	ck_assert(ha_address_equal(&a, &b));
	ck_assert_int_eq(memcmp(&a, &b, sizeof(a)), 0); /* as the header promises */
	ck_assert_int_eq(ha_address_parse("10.0.0.2", &b), 0);
	ck_assert(!ha_address_equal(&a, &b));
	/* The same leading bytes in another family are another address. */
	ck_assert_int_eq(ha_address_parse("a00:1::", &b), 0);
	ck_assert(!ha_address_equal(&a, &b));
	ck_assert(!ha_address_equal(&a, &none));
	ck_assert_uint_eq(ha_address_length(&none), 0);
	ck_assert_str_eq(ha_address_format(&none, text), "-");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("net");
	TCase *tcase = suite_case(suite, "net");

	tcase_add_loop_test(tcase, parse, 0, sizeof(addresses) / sizeof(*addresses));
	tcase_add_test(tcase, compare);
	return suite_run(suite);
}
