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
#include "base/text.h"
#include "case/case_library.h"
#include "harness/scratch.h"
#include "management/casework_rows.h"
#include "policy/office.h"
#include "store/query.h"
#include "store/rows.h"

static const int64_t day = INT64_C(24) * 3600 * 1000;
static const int64_t begun = INT64_C(1795608000000);

struct box {
	char dir[SCRATCH_PATH_SIZE];
	struct rows *rows;
	struct case_library *library;
};

static struct box box;

static int
set_up(void **state)
{
	struct error err = { 0 };

	(void)state;
	memset(&box, 0, sizeof(box));
	scratch_make(box.dir);
	if (case_library_new(&box.library, &err) < 0 ||
	    casework_rows_open(box.dir, true, &box.rows, &err) < 0)
		fail_msg("%s", err.text);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	rows_close(box.rows);
	case_library_free(box.library);
	scratch_remove(box.dir);
	return 0;
}

static void
must(int rc, const struct error *err)
{
	if (rc < 0)
		fail_msg("%s", err->text);
}

static struct casework_step
step_of(enum case_step_kind kind, const char *person, int64_t now)
{
	struct casework_step step = { .note = "note",
		.step = { .kind = kind,
		    .move = CASE_NONE,
		    .evidence = CASE_NONE,
		    .offices = OFFICE_LOCAL | 1 << OFFICE_OFFICER,
		    .is_signed = true,
		    .has_note = true,
		    .has_code = true,
		    .at_ms = now } };

	text_copy(step.step.person, sizeof(step.step.person), person);
	return step;
}

static void
open_case(struct casework_case *file, const char *id, const char *definition)
{
	struct casework_step step = step_of(CASE_STEP_OPEN, "uid 0", begun);
	struct error err = { 0 };

	*file = (struct casework_case){ .opened_ms = begun,
		.fields = text_dup("{\"organisation\":\"376470000A\"}") };
	text_copy(file->id, sizeof(file->id), id);
	text_copy(file->subject, sizeof(file->subject), "376470000A");
	text_copy(file->organisation, sizeof(file->organisation), "376470000A");
	file->definition = case_library_find(box.library, definition);
	must(rows_begin(box.rows, &err), &err);
	must(casework_insert(box.rows, file, id, &err), &err);
	must(casework_add_step(box.rows, file, "demo", &step, &err), &err);
	must(rows_commit(box.rows, &err), &err);
}

static void
move(struct casework_case *file, const char *name, const char *person,
    int64_t now)
{
	struct casework_step step = step_of(CASE_STEP_MOVE, person, now);
	struct error err = { 0 };

	step.step.move = case_find_move(file->definition, name);
	must(rows_begin(box.rows, &err), &err);
	must(casework_add_step(box.rows, file, "demo", &step, &err), &err);
	must(rows_commit(box.rows, &err), &err);
}

/* What is loaded is what the steps make of it. */
static void
a_case_is_loaded_as_its_steps_left_it(void **state)
{
	struct casework_case file, loaded = { .number = 0 };
	char id[CASEWORK_ID_SIZE] = "";
	struct error err = { 0 };

	(void)state;
	open_case(&file, "115-000001-AAAA", "change-name");
	move(&file, "check", "uid 0", begun + 1);
	move(&file, "approve", "card a", begun + 2);
	must(casework_load(box.rows, box.library, file.id, &loaded, &err),
	    &err);
	assert_memory_equal(&loaded.status, &file.status, sizeof(file.status));
	assert_true(digest_equal(&loaded.last, &file.last));
	assert_string_equal(loaded.fields, file.fields);
	assert_int_equal(loaded.status.vote_count, 1);
	assert_int_equal(casework_find_key(box.rows, "115-000001-AAAA", id,
			     &err),
	    1);
	assert_string_equal(id, file.id);
	casework_case_free(&loaded);
	assert_int_equal(casework_load(box.rows, box.library, "115-2", &loaded,
			     &err),
	    -1);
	assert_string_equal(error_message_id(&err), "E7110");
	casework_case_free(&file);
}

/* The history is only added to: the database itself refuses the rest. */
static void
no_step_is_changed_or_removed(void **state)
{
	static const char *const cases[] = {
		"DELETE FROM case_step",
		"UPDATE case_step SET note = 'other'",
		"UPDATE case_step SET person = 'card x'",
		"UPDATE case_step SET at = 1",
		"UPDATE case_step SET record = x'00'",
		"UPDATE case_step SET digest = zeroblob(32)",
		"UPDATE case_step SET consent = x'00'",
		"UPDATE case_step SET move = 'approve', offices = 1, flags = 7",
		"UPDATE case_step SET sequence = sequence + 1",
		"REPLACE INTO case_step (place, case_number, sequence, at,"
		" kind, move, evidence, person, offices, flags, note, record,"
		" digest) SELECT place, case_number, 9, at, kind, move,"
		" evidence, person, offices, flags, note, record, digest"
		" FROM case_step",
	};
	struct casework_case file;

	(void)state;
	open_case(&file, "115-000001-AAAA", "change-name");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		int rc;

		must(rows_begin(box.rows, &err), &err);
		rc = rows_run(box.rows, cases[i], &err);
		rows_rollback(box.rows);
		if (rc == 0)
			fail_msg("%s", cases[i]);
	}
	casework_case_free(&file);
}

static size_t
check_all(const char **ret_why)
{
	static struct error err;
	size_t count = 0;

	err = (struct error){ 0 };
	*ret_why = casework_check(box.rows, box.library, &count, &err) < 0
	    ? err.text
	    : NULL;
	return count;
}

/* A state that no step leads to is found, also when only the list says so. */
static void
a_case_in_another_state_than_its_steps_is_found(void **state)
{
	struct casework_case file;
	struct error err = { 0 };
	const char *why;

	(void)state;
	open_case(&file, "115-000001-AAAA", "change-name");
	move(&file, "check", "uid 0", begun + 1);
	assert_int_equal(check_all(&why), 1);
	assert_null(why);
	must(rows_begin(box.rows, &err), &err);
	must(rows_run(box.rows, "UPDATE case_file SET state = 'approved'",
		 &err),
	    &err);
	must(rows_commit(box.rows, &err), &err);
	check_all(&why);
	assert_non_null(why);
	casework_case_free(&file);
}

struct seen {
	char ids[256];
};

static int
see(void *ctx, const char *id, struct error *err)
{
	struct seen *seen = ctx;
	size_t len = strlen(seen->ids);

	(void)err;
	snprintf(seen->ids + len, sizeof(seen->ids) - len, "%s ", id + 11);
	return 0;
}

/* Only what waits for bulletins, or is due, is looked at. */
static void
what_need_not_be_looked_at_is_not(void **state)
{
	struct casework_case a, b, c;
	struct seen waiting = { "" }, early = { "" }, due = { "" };
	struct error err = { 0 };
	int64_t count = 0;

	(void)state;
	open_case(&a, "115-000001-AAAA", "change-name");
	open_case(&b, "115-000002-BBBB", "register-gateway");
	open_case(&c, "115-000003-CCCC", "change-name");
	move(&c, "check", "uid 0", begun);
	move(&c, "approve", "card a", begun);
	move(&c, "approve", "card b", begun);
	must(casework_each_waiting(box.rows, see, &waiting, &err), &err);
	assert_string_equal(waiting.ids, "CCCC ");
	must(casework_each_due(box.rows, begun + day, see, &early, &err), &err);
	assert_string_equal(early.ids, "");
	must(casework_each_due(box.rows, begun + 4 * day, see, &due, &err),
	    &err);
	assert_string_equal(due.ids, "BBBB ");
	must(casework_count_overdue(box.rows, begun + 20 * day, &count, &err),
	    &err);
	assert_int_equal(count, 3);
	casework_case_free(&a);
	casework_case_free(&b);
	casework_case_free(&c);
}

/* A notice goes out once for each time that a state is entered. */
static void
a_notice_goes_out_once(void **state)
{
	struct casework_case file;
	struct error err = { 0 };
	struct query *query;

	(void)state;
	open_case(&file, "115-000001-AAAA", "change-name");
	must(rows_begin(box.rows, &err), &err);
	for (int i = 0; i < 3; i++)
		must(casework_add_notice(box.rows, &file,
			 &file.definition->notices[0], begun + i, &err),
		    &err);
	must(rows_commit(box.rows, &err), &err);
	must(query_begin(box.rows, "SELECT count(*) FROM case_notice", &query,
		 &err),
	    &err);
	assert_int_equal(query_next(query, &err), 1);
	assert_int_equal(query_int(query, 0), 1);
	query_end(query);
	casework_case_free(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_case_is_loaded_as_its_steps_left_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_step_is_changed_or_removed,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_case_in_another_state_than_its_steps_is_found, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    what_need_not_be_looked_at_is_not, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_notice_goes_out_once, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
