/*
 * Requests of cases over rows: what is handed up, and once more after the host
 * above was restored.  With hosts: tests/scenario/93-case-requests.py and
 * 51-epoch.py and 119-handed-up-again.py.
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
#include "base/text.h"
#include "harness/scratch.h"
#include "role/requests/requests_rows.h"
#include "role/requests/requests_rows_pass.h"
#include "store/query.h"
#include "store/rows.h"

enum { NOW = 1000000 };

static struct {
	char folder[SCRATCH_PATH_SIZE];
	struct rows *rows;
	struct error err;
} box;

static int
set_up(void **state)
{
	static const char *const migrations[] = { requests_schema,
		requests_again_schema };
	char path[SCRATCH_PATH_SIZE + 16];
	struct rows_options options = { .path = path,
		.application_id = 1,
		.migrations = migrations,
		.migration_count = 2,
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

/* A new case, or with `target` something about one. */
static void
keep(uint8_t number, const char *target)
{
	struct case_request request = { .id = { { number } } };
	struct bytes body = { 0 };

	text_copy(request.host, sizeof(request.host), "gateway-1");
	text_copy(request.target, sizeof(request.target), target);
	if (target[0] == '\0')
		text_copy(request.definition, sizeof(request.definition),
		    "change-name");
	bytes_put_format(&body, "body %u", number);
	assert_int_equal(requests_keep(box.rows, &request, &body, "", NOW,
			     &box.err),
	    1);
	bytes_free(&body);
}

static const char *
id_of(uint8_t number)
{
	static char text[ID_TEXT_SIZE];

	id_format(&(struct id){ { number } }, text);
	return text;
}

/* The next one that is due says `body`; NULL: there is none. */
static void
is_due(const char *body)
{
	struct requests_due due = { .failures = 0 };
	int found = requests_find_due(box.rows, NOW, &due, &box.err);

	assert_int_equal(found, body != NULL);
	if (body != NULL) {
		assert_int_equal(due.body.len, strlen(body));
		assert_memory_equal(due.body.data, body, due.body.len);
	}
	bytes_free(&due.body);
}

static void
taken(uint8_t number, bool is_last)
{
	assert_int_equal(requests_save_taken(box.rows, id_of(number), is_last,
			     NOW, &box.err),
	    0);
}

static void
news(uint8_t number, bool is_open, const char *state)
{
	struct requests_news said = { .id = id_of(number),
		.is_taken = true,
		.is_open = is_open,
		.case_id = "CHG-1",
		.case_state = state };

	assert_int_equal(requests_save_news(box.rows, &said, NOW, &box.err), 0);
}

static void
epoch(uint64_t number)
{
	assert_int_equal(requests_begin_epoch(box.rows, number, &box.err), 0);
}

static int64_t
after(void)
{
	int64_t found = -1;

	assert_int_equal(requests_after(box.rows, &found, &box.err), 0);
	return found;
}

static int64_t
one(const char *sql)
{
	struct query *query;
	int64_t value;

	assert_int_equal(query_begin(box.rows, sql, &query, &box.err), 0);
	assert_int_equal(query_next(query, &box.err), 1);
	value = query_int(query, 0);
	query_end(query);
	return value;
}

static void
what_was_handed_up_is_not_due(void **state)
{
	int64_t open;

	(void)state;
	keep(1, "");
	keep(2, "");
	is_due("body 1");
	taken(1, false);
	is_due("body 2");
	taken(2, true);
	is_due(NULL);
	assert_int_equal(requests_count_open(box.rows, &open, &box.err), 0);
	assert_int_equal(open, 2);
}

/* A center that lost it by a restore gets it again, the same bytes. */
static void
another_epoch_hands_up_again_what_has_not_ended(void **state)
{
	(void)state;
	epoch(1);
	for (uint8_t i = 1; i <= 4; i++)
		keep(i, i == 4 ? "CHG-1" : "");
	taken(1, false);
	taken(2, true);
	taken(3, true);
	taken(4, true);
	news(3, false, "closed");
	assert_int_equal(requests_save_after(box.rows, 77, &box.err), 0);
	is_due(NULL);

	epoch(1);
	is_due(NULL);
	assert_int_equal(after(), 77);
	epoch(2);
	assert_int_equal(after(), 0);
	is_due("body 1");
	taken(1, false);
	is_due("body 2");
	taken(2, false);
	/* What ended, or asked for no case of its own, has done its work. */
	is_due(NULL);
	assert_int_equal(one("SELECT count(*) FROM case_request"
			     " WHERE body IS NOT NULL"),
	    2);
}

/* A host that hears of its first epoch has lost nothing. */
static void
the_first_epoch_is_no_loss(void **state)
{
	(void)state;
	keep(1, "");
	taken(1, false);
	epoch(3);
	is_due(NULL);
	epoch(2);
	is_due(NULL);
	epoch(3);
	is_due(NULL);
	epoch(4);
	is_due("body 1");
}

/*
 * A center whose rows are older hears of a case whose request is not here yet:
 * when it is, what was said of it is asked for again.
 */
static void
news_of_what_is_not_here_are_asked_for_again(void **state)
{
	(void)state;
	news(1, true, "checked");
	assert_int_equal(requests_save_after(box.rows, 9, &box.err), 0);
	keep(1, "");
	taken(1, true);
	assert_int_equal(after(), 0);
	news(1, true, "checked");
	assert_int_equal(requests_save_after(box.rows, 9, &box.err), 0);
	keep(2, "");
	taken(2, true);
	assert_int_equal(after(), 9);
}

static void
news_that_say_the_same_are_none(void **state)
{
	static const char sql[] = "SELECT changed FROM case_request_place";
	int64_t before;

	(void)state;
	keep(1, "");
	taken(1, true);
	news(1, true, "checked");
	before = one(sql);
	news(1, true, "checked");
	assert_int_equal(one(sql), before);
	news(1, true, "approved");
	assert_int_equal(one(sql), before + 1);
}

#define WITH_BOX(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BOX(what_was_handed_up_is_not_due),
		WITH_BOX(another_epoch_hands_up_again_what_has_not_ended),
		WITH_BOX(the_first_epoch_is_no_loss),
		WITH_BOX(news_of_what_is_not_here_are_asked_for_again),
		WITH_BOX(news_that_say_the_same_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
