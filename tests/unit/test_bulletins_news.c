/*
 * Which bulletins a host hands down: also one that took the place of another of
 * the same or a higher serial, after a root had disowned who signed that.  With
 * hosts: tests/scenario/44-ceremony.py.
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
#include "harness/scratch.h"
#include "role/bulletins/bulletins.h"
#include "role/bulletins/serials.h"
#include "role/query/queries_bulletins.h"
#include "store/query.h"
#include "store/rows.h"

static struct {
	char folder[SCRATCH_PATH_SIZE];
	struct rows *rows;
	struct error err;
} box;

static int
set_up(void **state)
{
	static const char *const migrations[] = { bulletins_schema };
	char path[SCRATCH_PATH_SIZE + 16];
	struct rows_options options = { .path = path,
		.application_id = 1,
		.migrations = migrations,
		.migration_count = 1,
		.allow_volatile = true };

	(void)state;
	memset(&box, 0, sizeof(box));
	scratch_make(box.folder);
	snprintf(path, sizeof(path), "%s/rows.db", box.folder);
	if (rows_open(&options, &box.rows, &box.err) < 0 ||
	    rows_begin(box.rows, &box.err) < 0)
		fail_msg("%s", box.err.text);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	rows_close(box.rows);
	scratch_remove(box.folder);
	return 0;
}

/* Taken behind all others; its text begins with the first byte of its digest. */
static void
take(enum bulletin_type type, uint64_t serial, const char *text)
{
	struct digest digest = { { (uint8_t)text[0] } };
	struct query *query;

	if (query_begin(box.rows,
		"INSERT INTO bulletin (type, name, serial, issued, expires,"
		" digest, cms, needs, receipt, fresh)"
		" VALUES (?1, '', ?2, 1, 2, ?3, ?4, 0, x'', 0)",
		&query, &box.err) < 0)
		fail_msg("%s", box.err.text);
	query_bind_int(query, 1, type);
	query_bind_int(query, 2, (int64_t)serial);
	query_bind_digest(query, 3, &digest);
	query_bind_data(query, 4, text, strlen(text));
	assert_int_equal(query_finish(query, &box.err), 0);
}

/* Is this one handed to a host that has that? */
static bool
gives(const char *have, const char *text)
{
	struct bytes bundle = { 0 };
	size_t len = strlen(text);
	bool found = false;

	if (queries_put_bulletins(box.rows, have, &bundle, &box.err) < 0)
		fail_msg("%s", box.err.text);
	for (size_t at = 0; at + len <= bundle.len && !found; at++)
		found = memcmp(bundle.data + at, text, len) == 0;
	bytes_free(&bundle);
	return found;
}

static void
the_newest_goes_to_who_has_less(void **state)
{
	(void)state;
	take(BULLETIN_RULES, 2, "a: second");
	take(BULLETIN_RULES, 3, "b: third");
	assert_true(gives("", "b: third"));
	assert_true(gives("rules:2", "b: third"));
	assert_false(gives("rules:2", "a: second"));
	assert_false(gives("rules:3", "b: third"));
	assert_false(gives("rules:4", "b: third"));
}

static void
what_took_the_place_of_a_higher_serial_goes_down(void **state)
{
	(void)state;
	take(BULLETIN_RULES, 9, "a: stolen");
	take(BULLETIN_RULES, 3, "b: good");
	assert_true(gives("rules:9", "b: good"));
	assert_true(gives("rules:9-61000000", "b: good"));
	/* Of what was never here it took no place. */
	assert_false(gives("rules:8", "b: good"));
}

static void
what_took_the_place_of_the_same_serial_goes_down(void **state)
{
	(void)state;
	take(BULLETIN_RULES, 3, "a: stolen");
	assert_false(gives("rules:3-61000000", "a: stolen"));
	take(BULLETIN_RULES, 3, "b: good");
	assert_true(gives("rules:3-61000000", "b: good"));
	/* It has it, be it disowned as well by now; or nobody disowned its. */
	assert_false(gives("rules:3-62000000", "b: good"));
	assert_false(gives("rules:3", "b: good"));
	/* Roots follow one another. */
	take(BULLETIN_ROOT, 1, "c: root");
	assert_false(gives("root:1-61000000", "c: root"));
}

#define WITH_BOX(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BOX(the_newest_goes_to_who_has_less),
		WITH_BOX(what_took_the_place_of_a_higher_serial_goes_down),
		WITH_BOX(what_took_the_place_of_the_same_serial_goes_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
