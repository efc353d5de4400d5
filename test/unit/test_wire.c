#include "lib/wire.h"
#include "test/unit/suite.h"

#include <check.h>
#include <string.h>

START_TEST(network_order)
{
	static const uint8_t golden[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d,
		0x0e, 0x0f, 0xaa, 0xbb, 0x02, 'h', 'i' };
	uint8_t data[sizeof(golden)], bytes[2];
	struct wire_writer w;
	struct wire_reader r;
	char text[8];

	wire_write_begin(&w, data, sizeof(data));
	wire_write_u8(&w, 0x01);
	wire_write_u16(&w, 0x0203);
	wire_write_u32(&w, 0x04050607);
	wire_write_u64(&w, 0x08090a0b0c0d0e0f);
	wire_write_bytes(&w, "\xaa\xbb", 2);
	wire_write_string(&w, "hi");
	ck_assert(!w.failed);
	ck_assert_uint_eq(w.at, sizeof(golden));
	ck_assert_mem_eq(data, golden, sizeof(golden));

	wire_read_begin(&r, golden, sizeof(golden));
	ck_assert_uint_eq(wire_read_u8(&r), 0x01);
	ck_assert_uint_eq(wire_read_u16(&r), 0x0203);
	ck_assert_uint_eq(wire_read_u32(&r), 0x04050607);
	ck_assert_uint_eq(wire_read_u64(&r), 0x08090a0b0c0d0e0f);
	ck_assert_uint_eq(wire_read_left(&r), 5);
	wire_read_bytes(&r, bytes, 2);
	ck_assert_mem_eq(bytes, "\xaa\xbb", 2);
	wire_read_string(&r, text, sizeof(text));
	ck_assert_str_eq(text, "hi");
	ck_assert_uint_eq(wire_read_left(&r), 0);
	ck_assert(!r.failed);
}
END_TEST

/* A reader that failed stays failed, gives zeros and never touches what is behind its end. */
START_TEST(a_short_read_fails_for_good)
{
	static const uint8_t data[] = { 1, 2, 3, 4 };
	uint8_t bytes[4] = { 9, 9, 9, 9 };
	struct wire_reader r;
	char text[4] = "abc";

	wire_read_begin(&r, data, 3);
	ck_assert_uint_eq(wire_read_u32(&r), 0);
	ck_assert(r.failed);
	ck_assert_uint_eq(wire_read_u8(&r), 0);
	wire_read_bytes(&r, bytes, sizeof(bytes));
	ck_assert_mem_eq(bytes, "\0\0\0\0", 4);
	wire_read_string(&r, text, sizeof(text));
	ck_assert_str_eq(text, "");
	ck_assert_uint_eq(wire_read_left(&r), 0);
	wire_read_begin(&r, data, sizeof(data));
	wire_read_bytes(&r, bytes, sizeof(bytes));
	ck_assert(!r.failed);
	wire_read_u8(&r);
	ck_assert(r.failed);
}
END_TEST

START_TEST(a_full_writer_fails_for_good)
{
	uint8_t data[5] = { 0, 0, 0, 0, 0x77 };
	char longer[257];
	struct wire_writer w;

	wire_write_begin(&w, data, 4);
	wire_write_u16(&w, 0x0102);
	wire_write_u32(&w, 0x03040506);
	ck_assert(w.failed);
	wire_write_u8(&w, 0xff); /* would fit, must not be written */
	ck_assert_uint_eq(w.at, 2);
	ck_assert_mem_eq(data, "\x01\x02\x00\x00\x77", 5);
	wire_write_begin(&w, data, 4);
	wire_write_string(&w, "four");
	ck_assert(w.failed);
	ck_assert_uint_eq(data[4], 0x77);
	memset(longer, 'x', 256);
	longer[256] = '\0';
	wire_write_begin(&w, data, 4);
	wire_write_string(&w, longer);
	ck_assert(w.failed);
	ck_assert_uint_eq(w.at, 0);
}
END_TEST

static const struct {
	const char *data;
	size_t length, size;
	bool good;
} strings[] = {
	{ "\x03"
	  "abc",
		4, 4, true },
	{ "\x00", 1, 1, true },
	{ "\x03"
	  "abc",
		4, 3, false }, /* no room for the NUL */
	{ "\x04"
	  "abc",
		4, 8, false }, /* longer than the data */
	{ "\x03"
	  "a\0c",
		4, 8, false }, /* NUL inside */
	{ "\x03"
	  "a\nc",
		4, 8, false }, /* a control byte could forge a log line */
	{ "\x03"
	  "a\x7f"
	  "c",
		4, 8, false },
	{ "", 0, 8, false },
	{ "\xff", 1, 8, false },
};

START_TEST(read_strings)
{
	struct wire_reader r;
	char text[8] = "zzzzzzz";

	wire_read_begin(&r, strings[_i].data, strings[_i].length);
	wire_read_string(&r, text, strings[_i].size);
	ck_assert(r.failed == !strings[_i].good);
	if (strings[_i].good)
		ck_assert_mem_eq(text, strings[_i].data + 1, strings[_i].length - 1);
	ck_assert_uint_eq(strlen(text), strings[_i].good ? strings[_i].length - 1 : 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("wire");
	TCase *tcase = suite_case(suite, "wire");

	tcase_add_test(tcase, network_order);
	tcase_add_test(tcase, a_short_read_fails_for_good);
	tcase_add_test(tcase, a_full_writer_fails_for_good);
	tcase_add_loop_test(tcase, read_strings, 0, sizeof(strings) / sizeof(*strings));
	return suite_run(suite);
}
