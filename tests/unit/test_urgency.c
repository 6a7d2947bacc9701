#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "exchange/spread.h"
#include "exchange/urgency.h"

enum { WAITING_MAX = 20000 };

/* A queue that hands out one thing a second, the smallest rank first. */
struct queue {
	int64_t ranks[WAITING_MAX];
	int names[WAITING_MAX];
	size_t count;
};

static void
put(struct queue *queue, int64_t rank, int name)
{
	assert_true(queue->count < WAITING_MAX);
	queue->ranks[queue->count] = rank;
	queue->names[queue->count++] = name;
}

/* Of equals the first that came. */
static int
take(struct queue *queue)
{
	size_t best = 0;
	int name;

	for (size_t i = 1; i < queue->count; i++)
		if (queue->ranks[i] < queue->ranks[best])
			best = i;
	name = queue->names[best];
	queue->count--;
	for (size_t i = best; i < queue->count; i++) {
		queue->ranks[i] = queue->ranks[i + 1];
		queue->names[i] = queue->names[i + 1];
	}
	return name;
}

static void
urgent_ones_go_first(void **state)
{
	(void)state;
	assert_true(urgency_rank(SPEED_FASTEST, 1000, 0) <
	    urgency_rank(SPEED_FAST, 1000, 0));
	assert_true(urgency_rank(SPEED_FAST, 1000, 0) <
	    urgency_rank(SPEED_NORMAL, 1000, 0));
	assert_true(urgency_rank(SPEED_NORMAL, 1000, 0) <
	    urgency_rank(SPEED_NORMAL, 1001, 0));
	assert_int_equal(urgency_rank(SPEED_COUNT, 7, 0), 7);
}

/* Each second another urgent one: the ordinary one waits, but not for ever. */
static void
a_stream_of_urgent_ones_starves_nobody(void **state)
{
	struct queue *queue = calloc(1, sizeof(*queue));
	int64_t second = 0;

	(void)state;
	assert_non_null(queue);
	put(queue, urgency_rank(SPEED_NORMAL, 0, 0), 1);
	do {
		put(queue, urgency_rank(SPEED_FASTEST, second * 1000, 0), 0);
		second++;
	} while (take(queue) != 1);
	assert_true(second > 10);
	assert_true(second <= URGENCY_FASTEST_MS / 1000 + 2);
	free(queue);
}

/*
 * One letter to 5,000 came before; small ones come while it goes.  The longest
 * wait of a small one.
 */
static int64_t
longest_small_wait(bool with_shares)
{
	struct queue *queue = calloc(1, sizeof(*queue));
	int64_t came[200] = { 0 };
	int64_t worst = 0;
	int small = 1;

	assert_non_null(queue);
	for (size_t i = 0; i < 5000; i++)
		put(queue, urgency_rank(SPEED_NORMAL, 0, with_shares ? i : 0),
		    0);
	for (int64_t second = 0; queue->count > 0; second++) {
		int name;

		if (second % 10 == 0 && small < 200) {
			came[small] = second;
			put(queue,
			    urgency_rank(SPEED_NORMAL, second * 1000 + 1, 0),
			    small++);
		}
		name = take(queue);
		if (name > 0 && second - came[name] > worst)
			worst = second - came[name];
	}
	assert_int_equal(small, 200);
	free(queue);
	return worst;
}

static void
one_letter_to_thousands_lets_small_ones_pass(void **state)
{
	(void)state;
	assert_true(longest_small_wait(true) <= 1000);
	/* The control: without shares the first waits for all the others. */
	assert_true(longest_small_wait(false) >= 4990);
}

/* Whatever comes more than the head start and the shares later, goes later. */
static void
every_wait_is_bounded(void **state)
{
	const int64_t longest =
	    URGENCY_FASTEST_MS + (int64_t)URGENCY_SHARE_MAX * URGENCY_SHARE_MS;

	(void)state;
	for (int speed = 0; speed < SPEED_COUNT; speed++)
		for (size_t before = 0; before < 5000; before += 499)
			for (int other = 0; other < SPEED_COUNT; other++)
				assert_true(
				    urgency_rank((enum speed)speed, 0, before) <
				    urgency_rank((enum speed)other, longest + 1,
					0));
}

static void
what_is_spread_is_done_within_its_ticks(void **state)
{
	(void)state;
	for (size_t waiting = 0; waiting < 700; waiting += 23) {
		size_t left = waiting;

		for (size_t ticks = 50; ticks > 0; ticks--) {
			size_t share = spread_share(left, ticks);

			assert_true(share <= left && share <= waiting / 50 + 1);
			left -= share;
		}
		assert_int_equal(left, 0);
	}
	assert_int_equal(spread_share(9, 0), 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urgent_ones_go_first),
		cmocka_unit_test(a_stream_of_urgent_ones_starves_nobody),
		cmocka_unit_test(one_letter_to_thousands_lets_small_ones_pass),
		cmocka_unit_test(every_wait_is_bounded),
		cmocka_unit_test(what_is_spread_is_done_within_its_ticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
