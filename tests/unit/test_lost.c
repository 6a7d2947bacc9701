/*
 * Letters of which only receipts are left, and what somebody decided about
 * them.  With a gateway: tests/scenario/53-gateway-restored.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "gateway/lost/lost.h"
#include "gateway/lost/lost_decide.h"
#include "gateway/remark.h"
#include "harness/scratch.h"
#include "json/json_write.h"
#include "model/id.h"
#include "model/org.h"
#include "store/rows.h"

static const char ours[] = "376470000A";
static const char others[] = "376490000A";

static struct {
	char folder[SCRATCH_PATH_SIZE];
	struct rows *rows;
	struct id sent, came; /* waybills */
	struct remark remark;
	struct bytes json;
} box;

static void
run(const char *sql)
{
	struct error err = { 0 };

	if (rows_run(box.rows, sql, &err) < 0)
		fail_msg("%s", err.text);
}

/* One that we sent; one that came in for us and for another of this host. */
static int
set_up(void **state)
{
	static const char *const migrations[] = { lost_schema,
		lost_decision_schema };
	char path[SCRATCH_PATH_SIZE + 16];
	struct rows_options options = { .path = path,
		.application_id = 1,
		.migrations = migrations,
		.migration_count = 2,
		.allow_volatile = true };
	struct error err = { 0 };

	(void)state;
	memset(&box, 0, sizeof(box));
	scratch_make(box.folder);
	snprintf(path, sizeof(path), "%s/rows.db", box.folder);
	if (rows_open(&options, &box.rows, &err) < 0)
		fail_msg("%s", err.text);
	run("INSERT INTO lost_letter (id, waybill, recipient, waybill_id,"
	    " sender, seen_at) VALUES"
	    " (1, x'01', '', x'01980000000070008000000000000001',"
	    " '376470000A', 5),"
	    " (2, x'02', '376470000A', x'01980000000070008000000000000002',"
	    " '999999999Z', 5),"
	    " (3, x'02', '376490000A', x'01980000000070008000000000000002',"
	    " '999999999Z', 5)");
	assert_true(
	    id_parse("01980000-0000-7000-8000-000000000001", &box.sent));
	assert_true(
	    id_parse("01980000-0000-7000-8000-000000000002", &box.came));
	box.remark = (struct remark){ .by = "王小明", .note = "查過" };
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	bytes_free(&box.json);
	rows_close(box.rows);
	scratch_remove(box.folder);
	return 0;
}

/* How many letters it was recorded of; 0: refused as not found. */
static int64_t
decide(const struct id *waybill, const char *recipient, const char *scope,
    enum lost_action action)
{
	struct org_code code = { "" };
	struct lost_name name = { .waybill_id = waybill,
		.recipient = recipient != NULL ? &code : NULL,
		.scope = scope };
	struct error err = { 0 };
	int64_t count = 0;

	if (recipient != NULL)
		assert_true(org_code_parse(recipient, &code));
	if (lost_decide(box.rows, &name, action, &box.remark, 7000, &count,
		&err) < 0)
		assert_string_equal(err.id, "E4508");
	return count;
}

static int64_t
open_of(const char *scope)
{
	struct error err = { 0 };
	int64_t count = -1;

	assert_int_equal(lost_count(box.rows, scope, &count, &err), 0);
	return count;
}

static const char *
list(const char *scope, bool only_open)
{
	struct json_writer writer;
	struct error err = { 0 };

	bytes_clear(&box.json);
	writer = json_writer_to(&box.json);
	if (lost_write_list(box.rows, NULL, scope, only_open, &writer, &err) <
		0 ||
	    json_write_done(&writer, &err) < 0)
		fail_msg("%s", err.text);
	bytes_put_u8(&box.json, '\0');
	return (const char *)box.json.data;
}

static void
what_was_decided_is_off_the_list_and_kept(void **state)
{
	(void)state;
	assert_int_equal(open_of(""), 3);
	assert_int_equal(decide(&box.sent, NULL, "", LOST_PAPER), 1);
	assert_int_equal(open_of(""), 2);
	assert_null(strstr(list("", true), "\"sent\""));
	assert_non_null(strstr(list("", false),
	    "\"action\":\"paper\",\"events\":[],\"decisions\":[{\"at\":"
	    "\"1970-01-01T00:00:07.000Z\",\"reviewer\":\"王小明\","
	    "\"logged_in\":false,\"action\":\"paper\",\"note\":\"查過\"}]"));
}

static void
the_last_decision_counts(void **state)
{
	const char *shown;

	(void)state;
	assert_int_equal(decide(&box.sent, NULL, "", LOST_NOT_NEEDED), 1);
	assert_int_equal(decide(&box.sent, NULL, "", LOST_OPEN), 1);
	assert_int_equal(open_of(""), 3);
	assert_int_equal(decide(&box.sent, NULL, "", LOST_RESENT), 1);
	assert_int_equal(open_of(""), 2);
	shown = list("", false);
	assert_non_null(strstr(shown, "\"action\":\"not_needed\""));
	assert_non_null(strstr(shown, "\"action\":\"open\""));
	assert_non_null(strstr(shown, "\"action\":\"resent\""));
}

static void
a_waybill_names_all_its_letters_and_a_code_one_of_them(void **state)
{
	(void)state;
	assert_int_equal(decide(&box.came, ours, "", LOST_PAPER), 1);
	assert_int_equal(open_of(""), 2);
	assert_int_equal(decide(&box.came, NULL, "", LOST_NOT_NEEDED), 2);
	assert_int_equal(open_of(""), 1);
}

/* Of another organisation: as if there were none. */
static void
nobody_decides_about_letters_of_others(void **state)
{
	(void)state;
	assert_int_equal(decide(&box.sent, NULL, others, LOST_PAPER), 0);
	assert_int_equal(decide(&box.came, ours, others, LOST_PAPER), 0);
	assert_int_equal(open_of(""), 3);
	assert_int_equal(open_of(others), 1);
	assert_int_equal(open_of(ours), 2);
	assert_null(strstr(list(others, false), ours));
	assert_int_equal(decide(&box.came, NULL, others, LOST_PAPER), 1);
	assert_int_equal(open_of(ours), 2);
}

static void
a_letter_that_was_not_lost_is_refused(void **state)
{
	struct id none = { { 1 } };

	(void)state;
	assert_int_equal(decide(&none, NULL, "", LOST_PAPER), 0);
	assert_int_equal(decide(&box.sent, ours, "", LOST_PAPER), 0);
	assert_int_equal(open_of(""), 3);
}

#define WITH_BOX(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BOX(what_was_decided_is_off_the_list_and_kept),
		WITH_BOX(the_last_decision_counts),
		WITH_BOX(
		    a_waybill_names_all_its_letters_and_a_code_one_of_them),
		WITH_BOX(nobody_decides_about_letters_of_others),
		WITH_BOX(a_letter_that_was_not_lost_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
