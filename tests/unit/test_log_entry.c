#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "bulletin/log_entry.h"

static void
a_published_bulletin_reads_as_it_was_written(void **state)
{
	struct log_entry_published written = { .environment = "demo",
		.type = BULLETIN_ACCESS,
		.name = "center-a",
		.serial = 7,
		.sha256 = { { 1, 2, 3 } },
		.time_ms = 1764000000123 };
	struct log_entry_published read;
	struct bytes json = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(log_entry_put_published(&written, &json, &err), 0);
	assert_int_equal(log_entry_read_published(json.data, json.len, &read,
			     &err),
	    0);
	assert_string_equal(read.environment, "demo");
	assert_int_equal(read.type, BULLETIN_ACCESS);
	assert_string_equal(read.name, "center-a");
	assert_int_equal(read.serial, 7);
	assert_memory_equal(&read.sha256, &written.sha256, DIGEST_LEN);
	assert_int_equal(read.time_ms, 1764000000123);
	bytes_free(&json);
}

static void
an_act_reads_as_it_was_written(void **state)
{
	struct log_entry_act written = { .environment = "demo",
		.host = "management",
		.act = "case.decided",
		.by = "uid 0",
		.about = "376490000A",
		.detail = "{\"state\":\"同意\"}",
		.time_ms = 1 };
	struct log_entry_act read;
	struct bytes json = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(log_entry_put_act(&written, &json, &err), 0);
	assert_int_equal(log_entry_read_act(json.data, json.len, &read, &err),
	    0);
	assert_string_equal(read.host, "management");
	assert_string_equal(read.act, "case.decided");
	assert_string_equal(read.by, "uid 0");
	assert_string_equal(read.about, "376490000A");
	assert_string_equal(read.detail, "{\"state\":\"同意\"}");
	bytes_free(&json);
}

/* Else an act could be shown as the proof that a bulletin was published. */
static void
one_kind_is_never_read_as_the_other(void **state)
{
	struct log_entry_act act = { .environment = "demo" };
	struct log_entry_published published = { .environment = "demo",
		.serial = 1 };
	struct bytes of_act = { 0 };
	struct bytes of_published = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(log_entry_put_act(&act, &of_act, &err), 0);
	assert_int_equal(log_entry_put_published(&published, &of_published,
			     &err),
	    0);
	assert_int_equal(log_entry_read_published(of_act.data, of_act.len,
			     &published, &err),
	    -1);
	assert_string_equal(err.id, "E3610");
	assert_int_equal(log_entry_read_act(of_published.data, of_published.len,
			     &act, &err),
	    -1);
	bytes_free(&of_act);
	bytes_free(&of_published);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_published_bulletin_reads_as_it_was_written),
		cmocka_unit_test(an_act_reads_as_it_was_written),
		cmocka_unit_test(one_kind_is_never_read_as_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
