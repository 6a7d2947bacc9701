/*
 * What is judged again, and how often.  With centers and gateways:
 * tests/scenario/78-judged-again.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/measures.h"
#include "harness/scratch.h"
#include "model/digest.h"
#include "role/status/review.h"
#include "role/status/revoked.h"
#include "role/status/status_rows.h"
#include "store/rows.h"

static const int64_t hour = 3600000;

static struct {
	char dir[SCRATCH_PATH_SIZE];
	struct rows *rows;
	struct measure holds[2];
	struct measure suspensions[1];
	struct restoration restorations[1];
	struct measures measures;
	struct revoked revoked;
	struct review_facts facts;
	struct digest module;
	struct digest card;
	struct review_sender sender;
} box;

/* A hold of the unit's organisation from 10 h to 20 h, and of its card. */
static int
set_up(void **state)
{
	static const char *const migrations[] = { review_schema, status_schema,
		revoked_schema };
	char path[SCRATCH_PATH_SIZE + 16];
	struct rows_options options = { .path = path,
		.application_id = 1,
		.migrations = migrations,
		.migration_count = 3,
		.allow_volatile = true };
	struct error err = { 0 };

	(void)state;
	memset(&box, 0, sizeof(box));
	scratch_make(box.dir);
	snprintf(path, sizeof(path), "%s/rows.db", box.dir);
	if (rows_open(&options, &box.rows, &err) < 0)
		fail_msg("%s", err.text);
	box.module = (struct digest){ { 1 } };
	box.card = (struct digest){ { 2 } };
	box.holds[0] = (struct measure){ .id = "H-1",
		.subject = MEASURE_ORGANISATION,
		.name = "376490000A",
		.direction = MEASURE_SENDING,
		.from_ms = 10 * hour,
		.until_ms = 20 * hour };
	box.holds[1] = (struct measure){ .id = "H-2",
		.subject = MEASURE_MODULE,
		.direction = MEASURE_SENDING,
		.from_ms = 40 * hour,
		.until_ms = 50 * hour };
	digest_format(&box.module, box.holds[1].name);
	box.suspensions[0] = (struct measure){ .id = "S-1",
		.subject = MEASURE_CARD,
		.direction = MEASURE_RECEIVING,
		.from_ms = 60 * hour };
	digest_format(&box.card, box.suspensions[0].name);
	box.measures = (struct measures){ .holds = box.holds,
		.hold_count = 2,
		.suspensions = box.suspensions,
		.suspension_count = 1,
		.restorations = box.restorations };
	box.facts = (struct review_facts){ &box.measures, NULL, &box.revoked };
	assert_true(org_code_parse("376490000AU000001", &box.sender.code));
	box.sender.host = "";
	box.sender.module = &box.module;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	revoked_free(&box.revoked);
	rows_close(box.rows);
	scratch_remove(box.dir);
	return 0;
}

static const char *
judge(int64_t at)
{
	return review_judge(&box.facts, &box.sender, at);
}

static void
it_is_judged_as_of_when_it_was_accepted(void **state)
{
	(void)state;
	assert_string_equal(judge(10 * hour - 1), "");
	assert_string_equal(judge(10 * hour), "E3721");
	assert_string_equal(judge(20 * hour - 1), "E3721");
	assert_string_equal(judge(20 * hour), "");
	assert_string_equal(judge(45 * hour), "E3721");
	/* Whose card it was is not seen everywhere. */
	assert_string_equal(judge(70 * hour), "");
	box.sender.card = &box.card;
	assert_string_equal(judge(70 * hour), "E3721");
	assert_string_equal(judge(59 * hour), "");
}

static void
what_is_unknown_is_not_revoked(void **state)
{
	static const struct measures none;

	(void)state;
	box.sender.card = &box.card;
	box.facts.measures = &none;
	assert_string_equal(judge(hour), "");
	assert_false(review_stops_module(&box.facts, &box.sender, hour, hour));
}

static void
a_module_stops_what_came_since_while_it_is_held(void **state)
{
	int64_t now = 45 * hour;

	(void)state;
	assert_true(
	    review_stops_module(&box.facts, &box.sender, 41 * hour, now));
	assert_false(
	    review_stops_module(&box.facts, &box.sender, 39 * hour, now));
	box.holds[1].stops_queued = true;
	assert_true(
	    review_stops_module(&box.facts, &box.sender, 39 * hour, now));
	/* The hold is over. */
	assert_false(
	    review_stops_module(&box.facts, &box.sender, 41 * hour, 51 * hour));
}

static struct review
begin(void)
{
	struct review review = { 0 };
	struct error err = { 0 };

	if (review_begin(box.rows, &box.facts, 70 * hour, &review, &err) < 0)
		fail_msg("%s", err.text);
	return review;
}

static void
a_host_looks_back_once_for_each(void **state)
{
	struct review review = begin();
	struct error err = { 0 };

	(void)state;
	assert_true(review_has_any(&review));
	assert_int_equal(review.since_ms, 10 * hour);
	assert_int_equal(rows_begin(box.rows, &err), 0);
	assert_int_equal(review_end(box.rows, &review, &err), 0);
	assert_int_equal(rows_commit(box.rows, &err), 0);
	review_free(&review);

	review = begin();
	assert_false(review_has_any(&review));
	/* A suspension that ratifies the hold may have begun before it. */
	text_copy(box.suspensions[0].id, MEASURE_CASE_SIZE, "H-1");
	box.suspensions[0].from_ms = 5 * hour;
	review = begin();
	assert_true(review_has_any(&review));
	assert_int_equal(review.since_ms, 5 * hour);
	review_free(&review);
}

static void
who_may_only_not_receive_has_sent_nothing_wrong(void **state)
{
	struct review review;

	(void)state;
	box.holds[0].direction = MEASURE_RECEIVING;
	assert_string_equal(judge(15 * hour), "");
	review = begin();
	assert_int_equal(review.since_ms, 40 * hour);
	review_free(&review);
}

/* A certificate that is watched, and what its authority says of it. */
static void
answer(const struct digest *certificate, enum revocation_state state,
    int64_t at)
{
	const struct revocation newest = { .state = state,
		.revoked_at = at,
		.this_update = at + 1,
		.next_update = at + hour };
	struct status_row row = { .fingerprint = *certificate };
	struct digest answer = { { 9 } };
	struct error err = { 0 };

	assert_int_equal(rows_begin(box.rows, &err), 0);
	assert_int_equal(status_row_add(box.rows, &row, blob_of("x", 1), 1, 1,
			     &err),
	    0);
	assert_int_equal(status_row_answer(box.rows, certificate, &newest,
			     &answer, at, at, &err),
	    0);
	assert_int_equal(rows_commit(box.rows, &err), 0);
	assert_int_equal(revoked_load(box.rows, &box.revoked, &err), 0);
}

/* T-PKI-03: by OCSP or a list, which no directory and no bulletin says. */
static void
what_an_authority_revoked_is_judged_again(void **state)
{
	static const struct measures none;
	struct review review;
	struct error err = { 0 };
	uint64_t version;

	(void)state;
	box.facts.measures = &none;
	answer(&box.card, REVOCATION_GOOD, 0);
	assert_int_equal(box.revoked.count, 0);
	review = begin();
	assert_false(review_has_any(&review));
	answer(&box.module, REVOCATION_REVOKED, 30 * hour);
	version = box.revoked.version;
	assert_string_equal(judge(30 * hour - 1), "");
	assert_string_equal(judge(30 * hour), "E3722");
	assert_true(
	    review_stops_module(&box.facts, &box.sender, 30 * hour, 70 * hour));
	assert_false(
	    review_stops_module(&box.facts, &box.sender, 29 * hour, 70 * hour));
	review = begin();
	assert_true(review_has_any(&review));
	assert_int_equal(review.since_ms, 30 * hour);
	assert_int_equal(rows_begin(box.rows, &err), 0);
	assert_int_equal(review_end(box.rows, &review, &err), 0);
	assert_int_equal(rows_commit(box.rows, &err), 0);
	review_free(&review);
	review = begin();
	assert_false(review_has_any(&review));
	/* Read again it is what it was; another date is news. */
	assert_int_equal(revoked_load(box.rows, &box.revoked, &err), 0);
	assert_int_equal(box.revoked.version, version);
	answer(&box.module, REVOCATION_REVOKED, 20 * hour);
	assert_int_not_equal(box.revoked.version, version);
	review = begin();
	assert_int_equal(review.since_ms, 20 * hour);
	review_free(&review);
}

#define WITH_BOX(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BOX(it_is_judged_as_of_when_it_was_accepted),
		WITH_BOX(what_is_unknown_is_not_revoked),
		WITH_BOX(a_module_stops_what_came_since_while_it_is_held),
		WITH_BOX(a_host_looks_back_once_for_each),
		WITH_BOX(who_may_only_not_receive_has_sent_nothing_wrong),
		WITH_BOX(what_an_authority_revoked_is_judged_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
