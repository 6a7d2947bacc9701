#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "model/digest.h"
#include "model/event.h"
#include "model/id.h"
#include "model/org.h"
#include "model/resend.h"
#include "model/times.h"

static void
a_time_is_written_and_read_the_same(void **state)
{
	static const int64_t at[] = { 0, 951782400000, 1709164800123,
		4102444799999, 253402300799999 };
	char text[TIMES_RFC3339_SIZE];
	int64_t back;

	(void)state;
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		times_format(at[i], text);
		assert_true(times_parse(text, &back));
		assert_true(back == at[i]);
	}
	times_format(951782400000, text);
	assert_string_equal(text, "2000-02-29T00:00:00.000Z");
}

static void
no_other_time_is_read(void **state)
{
	static const char *const bad[] = { "2026-11-22T03:04:05Z",
		"2026-11-22T03:04:05.678+08:00", "2026-02-29T00:00:00.000Z",
		"2026-13-01T00:00:00.000Z", "2026-11-22T24:00:00.000Z",
		"2026-11-22 03:04:05.678Z", "" };
	int64_t at;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(times_parse(bad[i], &at));
}

static void
people_may_write_a_time_as_rfc_3339_lets_them(void **state)
{
	static const struct {
		const char *text;
		const char *means;
	} good[] = {
		{ "2026-11-22T03:04:05Z", "2026-11-22T03:04:05.000Z" },
		{ "2026-11-22T03:04:05.6789Z", "2026-11-22T03:04:05.678Z" },
		{ "2026-11-22T03:04:05.6Z", "2026-11-22T03:04:05.600Z" },
		{ "2026-11-22T11:04:05+08:00", "2026-11-22T03:04:05.000Z" },
		{ "2026-11-21T23:34:05.1-03:30", "2026-11-22T03:04:05.100Z" },
		{ "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z" },
	};
	static const char *const bad[] = { "", "2026-11-22",
		"2026-11-22T03:04:05", "2026-11-22T03:04:05.Z",
		"2026-11-22T03:04:05+08", "2026-11-22T03:04:05+0800",
		"2026-11-22T03:04:05+24:00", "2026-11-22T03:04:60Z",
		"2026-02-29T03:04:05Z", "2026-11-22 03:04:05Z",
		"2026-11-22T03:04:05Zx", "1970-01-01T00:00:00+00:01" };
	char text[TIMES_RFC3339_SIZE];
	int64_t at;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(times_read(good[i].text, &at));
		times_format(at, text);
		assert_string_equal(text, good[i].means);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_false(times_read(bad[i], &at));
		assert_false(times_parse(bad[i], &at));
	}
}

/* 次日 is the next civil day in Taipei (protocol.md 5, T-CLK-01). */
static void
the_next_day_begins_at_midnight_in_taipei(void **state)
{
	char text[TIMES_ROC_SIZE];
	int64_t at;

	(void)state;
	assert_true(times_parse("2026-11-22T15:59:59.999Z", &at));
	times_format_roc(at, text);
	assert_string_equal(text, "中華民國115年11月22日 23:59:59");
	assert_true(times_next_day(at) == at + 1);
	times_format_roc(at + 1, text);
	assert_string_equal(text, "中華民國115年11月23日 00:00:00");
	assert_true(times_next_day(at + 1) == at + 1 + 86400000);
}

static void
codes_have_ten_or_seventeen_characters(void **state)
{
	struct org_code code, unit, parent;

	(void)state;
	assert_true(org_code_parse("376490000A", &code));
	assert_false(org_code_is_unit(&code));
	assert_true(org_code_join("A01000000A", "U610000", &unit));
	assert_string_equal(unit.text, "A01000000AU610000");
	parent = org_code_parent(&unit);
	assert_string_equal(parent.text, "A01000000A");
	assert_false(org_code_parse("376490000", &code));
	assert_false(org_code_parse("376490000a", &code));
	assert_false(org_code_parse("37649-000A", &code));
	assert_false(org_code_join("A01000000A", "U61", &unit));
}

static void
ids_are_uuid7_and_sort_by_time(void **state)
{
	static const uint8_t random[ID_RANDOM_LEN] = { 0xff, 0xff, 0xff, 0xff };
	struct id a = id_make(1000, random);
	struct id b = id_make(1001, random);
	struct id back;
	char text[ID_TEXT_SIZE];

	(void)state;
	id_format(&a, text);
	assert_string_equal(text, "00000000-03e8-7fff-bfff-000000000000");
	assert_true(id_parse(text, &back));
	assert_true(id_equal(&a, &back));
	assert_true(id_compare(&a, &b) < 0);
	assert_false(id_parse("00000000-03E8-7fff-bfff-000000000000", &back));
	assert_false(id_parse("00000000003e8-7fff-bfff-000000000000", &back));
}

static void
every_name_is_read_back(void **state)
{
	(void)state;
	for (int i = 1; i < EVENT_COUNT; i++) {
		enum event event;

		assert_true(event_parse(event_name((enum event)i), &event));
		assert_int_equal(event, i);
		assert_true(strlen(event_etsi((enum event)i)) > 0);
	}
	for (int i = 0; i < DELIVERY_STATE_COUNT; i++) {
		enum delivery_state at;

		assert_true(delivery_state_parse(delivery_state_name(
						     (enum delivery_state)i),
		    &at));
		assert_int_equal(at, i);
	}
}

static void
each_message_code_means_what_it_says(void **state)
{
	static const enum resend_effect effects[] = { RESEND_NONE,
		RESEND_REPLACES, RESEND_REPLACES, RESEND_REPLACES,
		RESEND_RETRACTS, RESEND_NONE, RESEND_REPLACES, RESEND_NONE };

	(void)state;
	for (int code = 0; code <= 7; code++) {
		assert_int_equal(resend_effect(code), effects[code]);
		assert_int_equal(resend_names_earlier(code),
		    effects[code] != RESEND_NONE);
	}
	assert_int_equal(resend_effect(-1), RESEND_NONE);
}

static void
a_digest_is_lower_case_hex(void **state)
{
	struct digest digest = { { 0xab, 1 } };
	struct digest back;
	char text[DIGEST_TEXT_SIZE];

	(void)state;
	digest_format(&digest, text);
	assert_true(digest_parse(text, &back));
	assert_true(digest_equal(&digest, &back));
	text[0] = 'A';
	assert_false(digest_parse(text, &back));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_is_written_and_read_the_same),
		cmocka_unit_test(no_other_time_is_read),
		cmocka_unit_test(people_may_write_a_time_as_rfc_3339_lets_them),
		cmocka_unit_test(the_next_day_begins_at_midnight_in_taipei),
		cmocka_unit_test(codes_have_ten_or_seventeen_characters),
		cmocka_unit_test(ids_are_uuid7_and_sort_by_time),
		cmocka_unit_test(every_name_is_read_back),
		cmocka_unit_test(each_message_code_means_what_it_says),
		cmocka_unit_test(a_digest_is_lower_case_hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
