#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "exchange/duplicate.h"
#include "exchange/job.h"
#include "exchange/retry.h"
#include "exchange/routing.h"

static void
waits_double_up_to_the_longest(void **state)
{
	const struct retry_bounds bounds = { 1000, 10000 };
	static const int64_t whole[] = { 1000, 2000, 4000, 8000, 10000, 10000 };

	(void)state;
	for (uint32_t i = 0; i < 6; i++) {
		assert_int_equal(retry_wait_ms(&bounds, i + 1, 0), whole[i]);
		for (uint32_t r = 1; r < 100; r++) {
			int64_t wait =
			    retry_wait_ms(&bounds, i + 1, r * 2654435761u);

			assert_true(wait <= whole[i]);
			assert_true(wait >= whole[i] / 2);
		}
	}
	assert_int_equal(retry_wait_ms(&bounds, UINT32_MAX, 0), 10000);
}

static void
a_success_forgets_the_failures(void **state)
{
	const struct retry_bounds bounds = { 1000, 10000 };
	struct retry retry = { 0 };

	(void)state;
	assert_true(retry_is_due(&retry, 0));
	retry_failed(&retry, &bounds, 100, 0, 0);
	assert_false(retry_is_due(&retry, 1099));
	assert_true(retry_is_due(&retry, 1100));
	retry_failed(&retry, &bounds, 1100, 0, 0);
	assert_int_equal(retry.next_at, 3100);
	retry_succeeded(&retry);
	assert_true(retry_is_due(&retry, 0));
	retry_failed(&retry, &bounds, 0, 0, 0);
	assert_int_equal(retry.next_at, 1000);
}

static void
a_peer_may_ask_for_more_time_but_not_for_ever(void **state)
{
	const struct retry_bounds bounds = { 1000, 10000 };
	struct retry retry = { 0 };

	(void)state;
	retry_failed(&retry, &bounds, 0, 5000, 0);
	assert_int_equal(retry.next_at, 5000);
	retry_failed(&retry, &bounds, 0, INT64_MAX, 0);
	assert_int_equal(retry.next_at, 10000);
}

static void
a_clock_set_back_ends_the_wait(void **state)
{
	const struct retry_bounds bounds = { 1000, 10000 };
	struct retry retry = { 0 };

	(void)state;
	retry_failed(&retry, &bounds, 3600 * 1000, 0, 0);
	assert_false(retry_is_due(&retry, 3600 * 1000));
	assert_true(retry_is_due(&retry, 3600 * 1000 - 1));
	assert_true(retry_is_due(&retry, 0));
}

static void
nothing_is_tried_beyond_its_deadline(void **state)
{
	struct retry retry = { .failures = 9, .next_at = 5000 };

	(void)state;
	assert_int_equal(retry_wake_at(&retry, 4000), 4000);
	assert_int_equal(retry_wake_at(&retry, 6000), 5000);
	assert_false(retry_is_over(4000, 3999));
	assert_true(retry_is_over(4000, 4000));
}

static void
each_center_gets_one_relay(void **state)
{
	static const char *const centers[] = { "center-c", "center-a",
		"center-b", "center-c", "center-a", "center-c" };
	static const size_t c_leaves[] = { 0, 3, 5 };
	struct routing *routing = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(routing_split(centers, 6, "center-a", &routing, &err),
	    0);
	assert_int_equal(routing_count(routing), 3);
	assert_true(routing_at(routing, 0)->is_local);
	assert_string_equal(routing_at(routing, 0)->center, "center-a");
	assert_int_equal(routing_at(routing, 0)->leaf_count, 2);
	assert_string_equal(routing_at(routing, 1)->center, "center-c");
	assert_int_equal(routing_at(routing, 1)->leaf_count, 3);
	assert_memory_equal(routing_at(routing, 1)->leaves, c_leaves,
	    sizeof(c_leaves));
	assert_string_equal(routing_at(routing, 2)->center, "center-b");
	assert_false(routing_at(routing, 2)->is_local);
	routing_free(routing);
}

/* I2 begins here: a leaf in no route would never be delivered. */
static void
every_leaf_is_in_exactly_one_route(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e" };
	const char *centers[500];
	int seen[500] = { 0 };
	struct routing *routing = NULL;
	struct error err = { 0 };
	uint32_t random = 7;

	(void)state;
	for (size_t i = 0; i < 500; i++) {
		random = random * 1664525u + 1013904223u;
		centers[i] = names[(random >> 16) % 5];
	}
	assert_int_equal(routing_split(centers, 500, "z", &routing, &err), 0);
	for (size_t r = 0; r < routing_count(routing); r++) {
		const struct route *route = routing_at(routing, r);

		for (size_t i = 0; i < route->leaf_count; i++) {
			assert_string_equal(centers[route->leaves[i]],
			    route->center);
			seen[route->leaves[i]]++;
		}
	}
	for (size_t i = 0; i < 500; i++)
		assert_int_equal(seen[i], 1);
	routing_free(routing);
}

static void
a_leaf_without_center_is_malformed(void **state)
{
	static const char *const empty[] = { "center-a", "" };
	static const char *const overlong[] = {
		"center-a-with-a-name-of-more-than-40-characters"
	};
	struct routing *routing = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(routing_split(empty, 2, "center-a", &routing, &err),
	    -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	assert_int_equal(routing_split(overlong, 1, "center-a", &routing, &err),
	    -1);
	assert_null(routing);
}

static void
the_same_letter_twice_is_one_and_a_changed_one_clashes(void **state)
{
	struct duplicate_letter known = { .sender = { "376490000A" } };
	struct duplicate_letter other = known;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(duplicate_letter(&known, &other), DUPLICATE_SAME);
	assert_int_equal(duplicate_check(DUPLICATE_SAME, &err), 0);
	other.package.bytes[31] = 1;
	assert_int_equal(duplicate_letter(&known, &other), DUPLICATE_CLASH);
	assert_int_equal(duplicate_check(DUPLICATE_CLASH, &err), -1);
	assert_int_equal(err.code, ERROR_EXISTS);
	assert_string_equal(err.id, "E4103");
	other.document_id.bytes[0] = 1;
	assert_int_equal(duplicate_letter(&known, &other), DUPLICATE_NONE);
}

static void
two_senders_may_use_one_waybill_id(void **state)
{
	struct duplicate_waybill known = { .sender = { "376490000A" } };
	struct duplicate_waybill other = known;

	(void)state;
	assert_int_equal(duplicate_waybill(&known, &other), DUPLICATE_SAME);
	other.digest.bytes[0] = 1;
	assert_int_equal(duplicate_waybill(&known, &other), DUPLICATE_CLASH);
	other.sender = (struct org_code){ "379000000A" };
	assert_int_equal(duplicate_waybill(&known, &other), DUPLICATE_NONE);
}

static void
a_letter_that_goes_well_passes_every_step(void **state)
{
	enum job_send send = JOB_SEND_CHECK;
	enum job_receive receive = JOB_RECEIVE_CONTENT;

	(void)state;
	for (int i = 0; i < 7; i++)
		send = job_send_next(send, JOB_OK);
	assert_int_equal(send, JOB_SEND_DONE);
	for (int i = 0; i < 9; i++)
		receive = job_receive_next(receive, JOB_OK);
	assert_int_equal(receive, JOB_RECEIVE_DONE);
}

/* Nothing is encrypted anew under an old waybill id. */
static void
what_may_have_left_is_sent_again_as_it_was(void **state)
{
	(void)state;
	for (int step = JOB_SEND_CHECK; step <= JOB_SEND_WAYBILL; step++)
		assert_int_equal(job_send_restart((enum job_send)step),
		    JOB_AFRESH);
	assert_int_equal(job_send_restart(JOB_SEND_SUBMIT), JOB_RESEND);
	assert_int_equal(job_send_restart(JOB_SEND_FOLLOW), JOB_WAIT);
	assert_int_equal(job_receive_restart(JOB_RECEIVE_KEY), JOB_RESEND);
	assert_int_equal(job_receive_restart(JOB_RECEIVE_ANSWER), JOB_RESEND);
}

static void
a_letter_is_taken_back_only_before_it_may_have_left(void **state)
{
	(void)state;
	assert_true(job_send_may_cancel(JOB_SEND_WAYBILL));
	assert_true(job_send_may_cancel(JOB_SEND_HELD));
	assert_int_equal(job_send_restart(JOB_SEND_HELD), JOB_WAIT);
	assert_int_equal(job_send_next(JOB_SEND_HELD, JOB_OK), JOB_SEND_SUBMIT);
	assert_int_equal(job_send_next(JOB_SEND_HELD, JOB_CANCELLED),
	    JOB_SEND_CANCELLED);
	assert_int_equal(job_send_next(JOB_SEND_HELD, JOB_OVER), JOB_SEND_HELD);
	assert_false(job_send_may_cancel(JOB_SEND_SUBMIT));
	assert_int_equal(job_send_next(JOB_SEND_SUBMIT, JOB_CANCELLED),
	    JOB_SEND_SUBMIT);
	assert_int_equal(job_send_next(JOB_SEND_SIGN, JOB_CANCELLED),
	    JOB_SEND_CANCELLED);
}

static void
temporary_trouble_stays_at_the_step(void **state)
{
	(void)state;
	for (int s = JOB_SEND_CHECK; s <= JOB_SEND_CANCELLED; s++)
		assert_int_equal(job_send_next((enum job_send)s, JOB_LATER), s);
	for (int r = JOB_RECEIVE_CONTENT; r <= JOB_RECEIVE_ENDED; r++)
		assert_int_equal(job_receive_next((enum job_receive)r,
				     JOB_LATER),
		    r);
}

static void
whatever_results_come_a_job_that_ended_stays_ended(void **state)
{
	(void)state;
	for (int result = JOB_OK; result <= JOB_NO_KEY; result++) {
		for (int s = JOB_SEND_CHECK; s <= JOB_SEND_CANCELLED; s++)
			if (job_send_has_ended((enum job_send)s))
				assert_int_equal(job_send_next((enum job_send)s,
						     (enum job_result)result),
				    s);
		for (int r = JOB_RECEIVE_CONTENT; r <= JOB_RECEIVE_ENDED; r++)
			if (job_receive_has_ended((enum job_receive)r))
				assert_int_equal(
				    job_receive_next((enum job_receive)r,
					(enum job_result)result),
				    r);
	}
}

static void
malware_is_reported_and_never_reaches_the_inbox(void **state)
{
	enum job_receive step = JOB_RECEIVE_SCAN;

	(void)state;
	step = job_receive_next(step, JOB_UNUSABLE);
	assert_int_equal(step, JOB_RECEIVE_REPORT);
	step = job_receive_next(step, JOB_OK);
	assert_int_equal(step, JOB_RECEIVE_DONE);
}

static void
a_letter_without_its_key_asks_until_another_key_part_comes(void **state)
{
	enum job_receive step = JOB_RECEIVE_OPEN;

	(void)state;
	step = job_receive_next(step, JOB_NO_KEY);
	assert_int_equal(step, JOB_RECEIVE_REWRAP);
	assert_int_equal(job_receive_restart(step), JOB_RESEND);
	assert_int_equal(job_receive_next(step, JOB_LATER), step);
	assert_int_equal(job_receive_next(step, JOB_REFUSED), step);
	assert_int_equal(job_receive_next(step, JOB_UNUSABLE), step);
	assert_int_equal(job_receive_next(step, JOB_OVER), JOB_RECEIVE_ENDED);
	assert_int_equal(job_receive_next(step, JOB_OK), JOB_RECEIVE_OPEN);
}

static void
step_names_are_read_as_they_are_written(void **state)
{
	enum job_send send;
	enum job_receive receive;

	(void)state;
	for (int s = JOB_SEND_CHECK; s <= JOB_SEND_CANCELLED; s++) {
		assert_true(
		    job_send_parse(job_send_name((enum job_send)s), &send));
		assert_int_equal(send, s);
	}
	for (int r = JOB_RECEIVE_CONTENT; r <= JOB_RECEIVE_ENDED; r++) {
		assert_true(
		    job_receive_parse(job_receive_name((enum job_receive)r),
			&receive));
		assert_int_equal(receive, r);
	}
	assert_false(job_send_parse("inbox", &send));
	assert_false(job_receive_parse("submit", &receive));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_double_up_to_the_longest),
		cmocka_unit_test(a_success_forgets_the_failures),
		cmocka_unit_test(a_peer_may_ask_for_more_time_but_not_for_ever),
		cmocka_unit_test(a_clock_set_back_ends_the_wait),
		cmocka_unit_test(nothing_is_tried_beyond_its_deadline),
		cmocka_unit_test(each_center_gets_one_relay),
		cmocka_unit_test(every_leaf_is_in_exactly_one_route),
		cmocka_unit_test(a_leaf_without_center_is_malformed),
		cmocka_unit_test(
		    the_same_letter_twice_is_one_and_a_changed_one_clashes),
		cmocka_unit_test(two_senders_may_use_one_waybill_id),
		cmocka_unit_test(a_letter_that_goes_well_passes_every_step),
		cmocka_unit_test(what_may_have_left_is_sent_again_as_it_was),
		cmocka_unit_test(
		    a_letter_is_taken_back_only_before_it_may_have_left),
		cmocka_unit_test(temporary_trouble_stays_at_the_step),
		cmocka_unit_test(
		    whatever_results_come_a_job_that_ended_stays_ended),
		cmocka_unit_test(
		    malware_is_reported_and_never_reaches_the_inbox),
		cmocka_unit_test(
		    a_letter_without_its_key_asks_until_another_key_part_comes),
		cmocka_unit_test(step_names_are_read_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
