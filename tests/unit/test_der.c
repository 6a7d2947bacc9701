#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/der.h"

static void
elements_are_read_and_left(void **state)
{
	static const uint8_t text[] = { 0x30, 0x07, 0x02, 0x01, 0x05, 0x04,
		0x02, 'h', 'i' };
	struct der der = der_of(text, sizeof(text));
	struct der inner = der_enter(&der, DER_SEQUENCE);
	struct der_item item;

	(void)state;
	assert_int_equal(der_small(&inner), 5);
	item = der_take(&inner, DER_OCTET_STRING);
	assert_int_equal(item.body_len, 2);
	assert_memory_equal(item.body, "hi", 2);
	assert_true(der_leave(&der, &inner));
	assert_true(der_done(&der));
}

static void
refused(const void *text, size_t len)
{
	struct der der = der_of(text, len);

	der_take_any(&der);
	assert_true(der.failed);
}

static void
what_only_ber_allows_is_refused(void **state)
{
	(void)state;
	refused("\x30\x80\x00\x00", 4);     /* indefinite */
	refused("\x04\x81\x01\x41", 4);     /* length longer than needed */
	refused("\x04\x82\x00\x01\x41", 5); /* leading zero */
	refused("\x04\x85\x01\x00\x00\x00\x00", 7); /* five octets */
	refused("\x04\x02\x41", 3);                 /* beyond the end */
	refused("\x1f\x81\x01\x00", 4);             /* long tag */
	refused("\x04", 1);
	refused("", 0);
}

static void
integers_have_one_spelling(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		int value; /* -1: refused */
	} cases[] = {
		{ "\x02\x01\x00", 3, 0 },
		{ "\x02\x01\x7f", 3, 127 },
		{ "\x02\x02\x00\x80", 4, 128 },
		{ "\x02\x04\x7f\xff\xff\xff", 6, INT32_MAX },
		{ "\x02\x02\x00\x7f", 4, -1 },
		{ "\x02\x01\x80", 3, -1 },
		{ "\x02\x00", 2, -1 },
		{ "\x02\x05\x01\x00\x00\x00\x00", 7, -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct der der = der_of(cases[i].text, cases[i].len);
		struct bytes out = { 0 };
		int value = der_small(&der);

		if (cases[i].value < 0) {
			assert_true(der.failed);
			continue;
		}
		assert_int_equal(value, cases[i].value);
		der_put_small(&out, value);
		assert_int_equal(out.len, cases[i].len);
		assert_memory_equal(out.data, cases[i].text, out.len);
		bytes_free(&out);
	}
}

static void
lengths_are_written_as_they_are_read(void **state)
{
	static const size_t lengths[] = { 0, 1, 127, 128, 255, 256, 65535,
		65536, 200000 };
	static uint8_t body[200000];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct bytes out = { 0 };
		struct der der;
		struct der_item item;
		size_t began = der_begin(&out, DER_SEQUENCE);

		der_put(&out, DER_OCTET_STRING, body, lengths[i]);
		der_end(&out, began);
		der = der_of(out.data, out.len);
		item = der_take(&der, DER_SEQUENCE);
		assert_true(der_done(&der));
		der = der_of(item.body, item.body_len);
		item = der_take(&der, DER_OCTET_STRING);
		assert_true(der_done(&der));
		assert_int_equal(item.body_len, lengths[i]);
		bytes_free(&out);
	}
}

static void
sets_are_sorted_and_hold_nothing_twice(void **state)
{
	struct der_span spans[] = {
		{ (const uint8_t *)"\x02\x01\x02", 3 },
		{ (const uint8_t *)"\x02\x01\x01", 3 },
	};
	struct bytes out = { 0 };
	struct der der, set;
	struct der_item item = { 0 };

	(void)state;
	der_put_set_of(&out, DER_SET, spans, 2);
	assert_memory_equal(out.data, "\x31\x06\x02\x01\x01\x02\x01\x02", 8);
	der = der_of(out.data, out.len);
	set = der_enter(&der, DER_SET);
	item = der_take_of_set(&set, &item);
	item = der_take_of_set(&set, &item);
	assert_true(der_done(&set));

	out.data[4] = 2;
	der = der_of(out.data, out.len);
	set = der_enter(&der, DER_SET);
	item = (struct der_item){ 0 };
	item = der_take_of_set(&set, &item);
	der_take_of_set(&set, &item);
	assert_true(set.failed);
	bytes_free(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_are_read_and_left),
		cmocka_unit_test(what_only_ber_allows_is_refused),
		cmocka_unit_test(integers_have_one_spelling),
		cmocka_unit_test(lengths_are_written_as_they_are_read),
		cmocka_unit_test(sets_are_sorted_and_hold_nothing_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
