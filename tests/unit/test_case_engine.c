#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "case/case_engine.h"
#include "case/case_library.h"
#include "model/times.h"
#include "policy/office.h"

enum { DAY = 24 * 3600 * 1000, RANDOM_CASES = 100, RANDOM_STEPS = 60 };

static struct case_library *library;

static int
set_up(void **state)
{
	struct error err = { 0 };

	(void)state;
	return case_library_new(&library, &err);
}

static int
tear_down(void **state)
{
	(void)state;
	case_library_free(library);
	return 0;
}

static int64_t
at(const char *rfc3339)
{
	int64_t ms;

	assert_true(times_parse(rfc3339, &ms));
	return ms;
}

static struct case_step
step_of(enum case_step_kind kind, const char *person, unsigned offices,
    int64_t now)
{
	struct case_step step = { .kind = kind,
		.offices = offices,
		.at_ms = now,
		.is_signed = true,
		.has_note = true,
		.has_code = true };

	text_copy(step.person, sizeof(step.person), person);
	return step;
}

/* Take it if it is good; the id of the refusal otherwise. */
static const char *
take(const struct case_definition *definition, struct case_status *status,
    const struct case_step *step)
{
	static struct error err;

	err = (struct error){ 0 };
	if (case_judge(definition, status, step, &err) < 0)
		return error_message_id(&err);
	case_apply(definition, status, step);
	return "";
}

static const char *
make(const struct case_definition *definition, struct case_status *status,
    const char *move, const char *person, unsigned offices, int64_t now)
{
	struct case_step step = step_of(CASE_STEP_MOVE, person, offices, now);

	step.move = case_find_move(definition, move);
	return take(definition, status, &step);
}

static void
attach(const struct case_definition *definition, struct case_status *status,
    const char *evidence, int64_t now)
{
	struct case_step step =
	    step_of(CASE_STEP_ATTACH, "uid 0", OFFICE_LOCAL, now);

	step.evidence = case_find_evidence(definition, evidence);
	assert_string_equal(take(definition, status, &step), "");
}

static void
open_case(const struct case_definition *definition, struct case_status *status,
    int64_t now)
{
	struct case_step step =
	    step_of(CASE_STEP_OPEN, "uid 0", OFFICE_LOCAL, now);

	assert_string_equal(take(definition, status, &step), "");
}

enum {
	CLERK = 1 << OFFICE_CLERK,
	OFFICER = 1 << OFFICE_OFFICER,
	SYSTEM = 1 << OFFICE_SYSTEM
};

static void
a_change_goes_from_request_to_close(void **state)
{
	const struct case_definition *definition =
	    case_library_find(library, "change-name");
	struct case_status status = { 0 };
	int64_t now = at("2026-11-26T02:00:00.000Z");

	(void)state;
	open_case(definition, &status, now);
	assert_string_equal(make(definition, &status, "check", "uid 0", CLERK,
				now),
	    "E7103");
	attach(definition, &status, "authority", now);
	assert_string_equal(make(definition, &status, "check", "uid 0", OFFICER,
				now),
	    "E7102");
	assert_string_equal(make(definition, &status, "check", "uid 0", CLERK,
				now),
	    "");
	assert_string_equal(make(definition, &status, "publish", "uid 0", CLERK,
				now),
	    "E7101");
	/* Not who checked, not one alone, not twice. */
	assert_string_equal(make(definition, &status, "approve", "uid 0",
				OFFICER, now),
	    "E7106");
	assert_string_equal(make(definition, &status, "approve", "card a",
				OFFICER, now),
	    "");
	assert_int_equal(status.state, case_find_state(definition, "checked"));
	assert_int_equal(case_missing_persons(definition, &status,
			     case_find_move(definition, "approve")),
	    1);
	assert_string_equal(make(definition, &status, "approve", "card a",
				OFFICER, now),
	    "E7106");
	assert_string_equal(make(definition, &status, "approve", "card b",
				OFFICER, now),
	    "");
	assert_int_equal(status.state, case_find_state(definition, "approved"));
	assert_string_equal(make(definition, &status, "publish", "host",
				OFFICER, now),
	    "E7102");
	assert_string_equal(make(definition, &status, "publish", "host", SYSTEM,
				now),
	    "");
	assert_string_equal(make(definition, &status, "tell", "uid 0", CLERK,
				now),
	    "");
	assert_true(case_is_over(definition, &status));
	assert_string_equal(make(definition, &status, "tell", "uid 0", CLERK,
				now),
	    "E7108");
}

static void
what_a_move_asks_for_must_be_there(void **state)
{
	const struct case_definition *definition =
	    case_library_find(library, "register-gateway");
	struct case_status status = { 0 };
	struct case_step step = step_of(CASE_STEP_MOVE, "uid 0", CLERK, DAY);

	(void)state;
	open_case(definition, &status, DAY);
	attach(definition, &status, "request", DAY);
	step.move = case_find_move(definition, "receive");
	step.has_code = false;
	assert_string_equal(take(definition, &status, &step), "E7104");
	step.has_code = true;
	assert_string_equal(take(definition, &status, &step), "");
	step.move = case_find_move(definition, "send-back");
	step.has_note = false;
	assert_string_equal(take(definition, &status, &step), "E7107");
	step.move = 99;
	assert_string_equal(take(definition, &status, &step), "E7110");
	attach(definition, &status, "authority", DAY);
	assert_string_equal(make(definition, &status, "check", "uid 0", CLERK,
				DAY),
	    "");
	step = step_of(CASE_STEP_MOVE, "card a", OFFICER, DAY);
	step.move = case_find_move(definition, "approve");
	step.is_signed = false;
	assert_string_equal(take(definition, &status, &step), "E7105");
	step.kind = CASE_STEP_ATTACH;
	step.evidence = 0;
	assert_string_equal(take(definition, &status, &step), "E7101");
	step.person[0] = '\0';
	assert_string_equal(take(definition, &status, &step), "E7102");
}

/* Evidence that came after one agreed was not seen by who agreed. */
static void
new_evidence_undoes_an_agreement(void **state)
{
	const struct case_definition *definition =
	    case_library_find(library, "report-card-lost");
	struct case_status status = { 0 };

	(void)state;
	open_case(definition, &status, DAY);
	make(definition, &status, "confirm", "uid 0", CLERK, DAY);
	make(definition, &status, "held", "host", SYSTEM, DAY);
	assert_string_equal(make(definition, &status, "approve", "card a",
				OFFICER, DAY),
	    "");
	attach(definition, &status, "report", DAY);
	assert_string_equal(make(definition, &status, "approve", "card b",
				OFFICER, DAY),
	    "");
	assert_int_equal(status.state, case_find_state(definition, "held"));
	assert_string_equal(make(definition, &status, "approve", "card a",
				OFFICER, DAY),
	    "");
	assert_int_equal(status.state, case_find_state(definition, "approved"));
}

/* Civil days of Taiwan: what begins at 00:30 there has that day as its first. */
static void
deadlines_are_civil_days_of_taiwan(void **state)
{
	const struct case_definition *definition =
	    case_library_find(library, "register-gateway");
	static const struct {
		const char *since, *due;
	} cases[] = {
		{ "2026-11-25T16:30:00.000Z", "2026-11-29T16:00:00.000Z" },
		{ "2026-11-26T15:59:59.999Z", "2026-11-29T16:00:00.000Z" },
		{ "2026-11-26T16:00:00.000Z", "2026-11-30T16:00:00.000Z" },
		{ "2028-02-27T04:00:00.000Z", "2028-03-01T16:00:00.000Z" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct case_status status = { 0 };
		int64_t due = at(cases[i].due);

		open_case(definition, &status, at(cases[i].since));
		assert_int_equal(case_due_ms(definition, &status), due);
		assert_false(case_is_overdue(definition, &status, due - 1));
		assert_true(case_is_overdue(definition, &status, due));
		assert_string_equal(make(definition, &status, "lapse", "host",
					SYSTEM, due - 1),
		    "E7101");
		assert_string_equal(make(definition, &status, "lapse", "host",
					SYSTEM, due),
		    "");
		assert_true(case_is_over(definition, &status));
		assert_int_equal(case_due_ms(definition, &status), INT64_MAX);
	}
}

static void
a_notice_goes_out_before_the_deadline(void **state)
{
	const struct case_definition *definition =
	    case_library_find(library, "register-gateway");
	struct case_status status = { 0 };

	(void)state;
	open_case(definition, &status, at("2026-11-26T02:00:00.000Z"));
	for (int i = 0; i < definition->notice_count; i++) {
		const struct case_notice *notice = &definition->notices[i];
		int64_t when = case_notice_ms(definition, &status, notice);

		if (notice->state == status.state)
			assert_int_equal(when, at("2026-11-28T16:00:00.000Z"));
		else
			assert_int_equal(when, INT64_MAX);
	}
}

/* Looked at for its notices one by one, and for the move that it is due. */
static void
a_case_is_looked_at_when_something_is_due(void **state)
{
	const struct case_definition *gateway =
	    case_library_find(library, "register-gateway");
	const struct case_definition *name =
	    case_library_find(library, "change-name");
	struct case_status status = { 0 }, other = { 0 };
	int64_t now = at("2026-11-26T02:00:00.000Z");
	int64_t notice = at("2026-11-28T16:00:00.000Z");

	(void)state;
	open_case(gateway, &status, now);
	assert_int_equal(case_next_look_ms(gateway, &status, now), notice);
	assert_int_equal(case_next_look_ms(gateway, &status, notice),
	    notice + DAY);
	open_case(name, &other, now);
	assert_int_equal(case_next_look_ms(name, &other, now),
	    at("2026-12-02T16:00:00.000Z"));
	/* Nothing is made by itself here; being late is in the lists. */
	assert_int_equal(case_next_look_ms(name, &other,
			     at("2026-12-02T16:00:00.000Z")),
	    INT64_MAX);
}

/* ---- properties ----------------------------------------------------------- */

static uint32_t
next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

static struct case_step
random_step(const struct case_definition *definition, uint64_t *seed,
    int64_t now)
{
	static const char *const persons[] = { "uid 0", "card a", "card b",
		"host", "" };
	struct case_step step =
	    step_of((enum case_step_kind)(next_random(seed) % 5 >= 3
			    ? CASE_STEP_MOVE
			    : next_random(seed) % CASE_STEP_COUNT),
		persons[next_random(seed) % ARRAY_LEN(persons)],
		next_random(seed) % (1u << OFFICE_COUNT), now);

	step.move =
	    (int)(next_random(seed) % (unsigned)(definition->move_count + 1));
	step.evidence = (int)(next_random(seed) %
	    (unsigned)(definition->evidence_count + 1));
	step.is_signed = next_random(seed) % 4 > 0;
	step.has_code = next_random(seed) % 4 > 0;
	step.has_note = next_random(seed) % 4 > 0;
	return step;
}

/* What must hold after each accepted step, whatever it was. */
static void
check_step(const struct case_definition *definition,
    const struct case_status *before, const struct case_status *after,
    const struct case_step *step)
{
	const struct case_move *move = &definition->moves[step->move];

	assert_in_range(after->state, 0, definition->state_count - 1);
	assert_int_equal(after->evidence & before->evidence, before->evidence);
	assert_false(case_is_over(definition, before));
	if (after->state == before->state || step->kind != CASE_STEP_MOVE)
		return;
	assert_true((move->from >> before->state & 1) != 0);
	assert_int_equal(after->state, move->to);
	assert_true((move->offices & step->offices) != 0);
	assert_int_equal(move->needs & ~before->evidence, 0);
	if (move->persons == 2) {
		assert_int_equal(before->votes[0].move, step->move);
		assert_string_not_equal(before->votes[0].person, step->person);
	}
	for (int i = 0; i < definition->move_count; i++)
		if ((move->apart_from >> i & 1) != 0)
			assert_string_not_equal(before->made_by[i],
			    step->person);
}

static void
run_random(const struct case_definition *definition, uint64_t seed)
{
	struct case_step history[RANDOM_STEPS];
	struct case_status status = { 0 };
	struct case_status again = { 0 };
	int64_t now = DAY;
	size_t count = 0;

	for (int i = 0; i < RANDOM_STEPS; i++) {
		struct case_step step = random_step(definition, &seed, now);
		struct case_status before = status;

		now += next_random(&seed) % (2 * DAY);
		if (text_equal(take(definition, &status, &step), "")) {
			if (step.kind != CASE_STEP_OPEN)
				check_step(definition, &before, &status, &step);
			history[count++] = step;
		} else {
			assert_memory_equal(&before, &status, sizeof(status));
		}
		assert_int_equal(status.step_count, count);
	}
	for (size_t i = 0; i < count; i++)
		case_apply(definition, &again, &history[i]);
	assert_memory_equal(&again, &status, sizeof(status));
}

/* Random steps never leave the definition; the same steps, the same status. */
static void
random_steps_keep_to_the_definition(void **state)
{
	(void)state;
	for (size_t i = 0; i < case_library_count(library); i++)
		for (uint64_t seed = 1; seed <= RANDOM_CASES; seed++)
			run_random(case_library_at(library, i), seed * 7919);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_goes_from_request_to_close),
		cmocka_unit_test(what_a_move_asks_for_must_be_there),
		cmocka_unit_test(new_evidence_undoes_an_agreement),
		cmocka_unit_test(deadlines_are_civil_days_of_taiwan),
		cmocka_unit_test(a_notice_goes_out_before_the_deadline),
		cmocka_unit_test(a_case_is_looked_at_when_something_is_due),
		cmocka_unit_test(random_steps_keep_to_the_definition),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
