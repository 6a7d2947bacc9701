#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/error.h"
#include "exchange/delivery.h"

static struct delivery
in_state(enum delivery_state state)
{
	struct delivery delivery = { .state = state };

	if (!delivery_state_is_terminal(state))
		delivery.reached = state;
	return delivery;
}

static void
nothing_leaves_a_terminal_state(void **state)
{
	(void)state;
	for (int from = DELIVERY_CONFIRMED; from < DELIVERY_STATE_COUNT; from++)
		for (int to = 0; to < DELIVERY_STATE_COUNT; to++)
			assert_false(
			    delivery_may_move((enum delivery_state)from,
				(enum delivery_state)to));
}

static void
every_state_but_the_first_can_be_reached_and_left(void **state)
{
	(void)state;
	for (int s = 0; s < DELIVERY_STATE_COUNT; s++) {
		int in = 0;
		int out = 0;

		for (int t = 0; t < DELIVERY_STATE_COUNT; t++) {
			in += delivery_may_move((enum delivery_state)t,
			    (enum delivery_state)s);
			out += delivery_may_move((enum delivery_state)s,
			    (enum delivery_state)t);
		}
		assert_true(s == DELIVERY_QUEUED || in > 0);
		assert_true(
		    delivery_state_is_terminal((enum delivery_state)s) ||
		    out > 0);
	}
}

static void
a_move_that_is_not_in_the_table_changes_nothing(void **state)
{
	enum delivery_state now = DELIVERY_CONFIRMED;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(delivery_move(&now, DELIVERY_RETURNED, &err), -1);
	assert_string_equal(err.id, "E4101");
	assert_int_equal(now, DELIVERY_CONFIRMED);
	now = DELIVERY_OPENED;
	assert_int_equal(delivery_move(&now, DELIVERY_RETURNED, &err), 0);
	assert_int_equal(now, DELIVERY_RETURNED);
}

static void
the_deciding_center_wants_the_steps_in_order(void **state)
{
	struct delivery d = in_state(DELIVERY_RELAYED);

	(void)state;
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_OPENED,
			     false),
	    DELIVERY_DENIED);
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_CONFIRMED,
			     false),
	    DELIVERY_DENIED);
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_UNREADABLE,
			     false),
	    DELIVERY_DENIED);
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_FETCHED,
			     false),
	    DELIVERY_MOVED);
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_CONFIRMED,
			     false),
	    DELIVERY_DENIED);
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_OPENED,
			     false),
	    DELIVERY_MOVED);
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_CONFIRMED,
			     false),
	    DELIVERY_MOVED);
	assert_int_equal(d.state, DELIVERY_CONFIRMED);
}

static void
a_repeat_does_not_move_even_after_the_end(void **state)
{
	struct delivery d = in_state(DELIVERY_ACCEPTED);

	(void)state;
	delivery_apply(&d, DELIVERY_LOCAL, EVENT_FETCHED, false);
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_FETCHED,
			     false),
	    DELIVERY_REPEATED);
	delivery_apply(&d, DELIVERY_LOCAL, EVENT_OPENED, false);
	delivery_apply(&d, DELIVERY_LOCAL, EVENT_CONFIRMED, false);
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_FETCHED,
			     false),
	    DELIVERY_REPEATED);
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_CONFIRMED,
			     false),
	    DELIVERY_REPEATED);
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_RETURNED,
			     false),
	    DELIVERY_LATE);
	assert_int_equal(d.state, DELIVERY_CONFIRMED);
}

/* The key part must not be handed out for a delivery that has ended. */
static void
a_first_fetch_after_expiry_is_late_not_a_repeat(void **state)
{
	struct delivery d = in_state(DELIVERY_RELAYED);

	(void)state;
	delivery_apply(&d, DELIVERY_TARGET, EVENT_EXPIRED, false);
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_FETCHED,
			     false),
	    DELIVERY_LATE);
	assert_int_equal(d.state, DELIVERY_EXPIRED);
}

static void
what_was_fetched_cannot_be_withdrawn(void **state)
{
	struct delivery d = in_state(DELIVERY_FETCHED);

	(void)state;
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_WITHDRAWN,
			     false),
	    DELIVERY_DENIED);
	assert_false(delivery_change_to_paper(&d));
	assert_true(d.has_paper_copy);
	assert_int_equal(d.state, DELIVERY_FETCHED);
}

static void
a_withdrawal_for_paper_ends_as_paper_at_the_sender(void **state)
{
	struct delivery d = in_state(DELIVERY_RELAYED);

	(void)state;
	assert_true(delivery_change_to_paper(&d));
	assert_int_equal(delivery_apply(&d, DELIVERY_SENDER, EVENT_WITHDRAWN,
			     false),
	    DELIVERY_FOREIGN);
	assert_int_equal(delivery_apply(&d, DELIVERY_SENDER, EVENT_WITHDRAWN,
			     true),
	    DELIVERY_MOVED);
	assert_int_equal(d.state, DELIVERY_PAPER);
}

static void
paper_that_came_too_late_is_a_copy(void **state)
{
	struct delivery d = in_state(DELIVERY_RELAYED);

	(void)state;
	assert_true(delivery_change_to_paper(&d));
	assert_int_equal(delivery_apply(&d, DELIVERY_SENDER, EVENT_FETCHED,
			     true),
	    DELIVERY_MOVED);
	assert_false(d.wants_paper);
	assert_true(d.has_paper_copy);
}

static void
what_is_held_waits_and_its_clock_stands(void **state)
{
	struct delivery d = in_state(DELIVERY_RELAYED);

	(void)state;
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_SUSPENDED,
			     false),
	    DELIVERY_NOTED);
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_SUSPENDED,
			     false),
	    DELIVERY_REPEATED);
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_FETCHED,
			     false),
	    DELIVERY_DENIED);
	assert_false(delivery_has_expired(&d, DELIVERY_TARGET, 10, 20));
	assert_int_equal(d.state, DELIVERY_RELAYED);
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_RESUMED,
			     false),
	    DELIVERY_NOTED);
	assert_true(delivery_has_expired(&d, DELIVERY_TARGET, 10, 20));
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_FETCHED,
			     false),
	    DELIVERY_MOVED);
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_SUSPENDED,
			     false),
	    DELIVERY_LATE);
}

static void
a_suspension_may_come_before_the_relay_that_it_follows(void **state)
{
	struct delivery d = in_state(DELIVERY_ACCEPTED);

	(void)state;
	assert_int_equal(delivery_apply(&d, DELIVERY_SENDER, EVENT_SUSPENDED,
			     true),
	    DELIVERY_NOTED);
	assert_int_equal(delivery_apply(&d, DELIVERY_SENDER, EVENT_RELAYED,
			     true),
	    DELIVERY_MOVED);
	assert_true(d.is_suspended);
	assert_int_equal(delivery_apply(&d, DELIVERY_SENDER, EVENT_FETCHED,
			     true),
	    DELIVERY_MOVED);
	assert_false(d.is_suspended);
}

static void
a_notice_moves_nothing_and_comes_after_the_confirmation(void **state)
{
	struct delivery d = in_state(DELIVERY_OPENED);
	struct delivery at_sender = in_state(DELIVERY_OPENED);

	(void)state;
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_NOTICE,
			     false),
	    DELIVERY_DENIED);
	delivery_apply(&d, DELIVERY_LOCAL, EVENT_CONFIRMED, false);
	assert_int_equal(delivery_apply(&d, DELIVERY_ORIGIN, EVENT_NOTICE,
			     false),
	    DELIVERY_FOREIGN);
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_NOTICE,
			     false),
	    DELIVERY_NOTED);
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_NOTICE,
			     false),
	    DELIVERY_REPEATED);
	assert_int_equal(d.state, DELIVERY_CONFIRMED);
	/* A follower may hear of it first. */
	assert_int_equal(delivery_apply(&at_sender, DELIVERY_SENDER,
			     EVENT_NOTICE, true),
	    DELIVERY_NOTED);
	assert_int_equal(delivery_apply(&at_sender, DELIVERY_SENDER,
			     EVENT_CONFIRMED, true),
	    DELIVERY_MOVED);
	assert_true(at_sender.has_notice);
}

static void
a_flag_is_set_once_by_who_decides_and_moves_nothing(void **state)
{
	struct delivery d = in_state(DELIVERY_RELAYED);
	struct delivery at_sender = in_state(DELIVERY_ACCEPTED);

	(void)state;
	/* What was not fetched is held instead. */
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_FLAGGED,
			     false),
	    DELIVERY_DENIED);
	d = in_state(DELIVERY_CONFIRMED);
	d.reached = DELIVERY_OPENED;
	assert_int_equal(delivery_apply(&d, DELIVERY_ORIGIN, EVENT_FLAGGED,
			     false),
	    DELIVERY_DENIED);
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_FLAGGED,
			     false),
	    DELIVERY_NOTED);
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_FLAGGED,
			     false),
	    DELIVERY_REPEATED);
	assert_int_equal(d.state, DELIVERY_CONFIRMED);
	assert_true(d.is_flagged);
	assert_false(d.is_suspended);
	assert_int_equal(delivery_apply(&at_sender, DELIVERY_SENDER,
			     EVENT_FLAGGED, true),
	    DELIVERY_NOTED);
	assert_int_equal(at_sender.state, DELIVERY_ACCEPTED);
}

static void
what_is_held_can_still_be_withdrawn(void **state)
{
	struct delivery d = in_state(DELIVERY_ACCEPTED);

	(void)state;
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_SUSPENDED,
			     false),
	    DELIVERY_NOTED);
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_WITHDRAWN,
			     false),
	    DELIVERY_MOVED);
	assert_false(d.is_suspended);
}

static void
after_relay_the_origin_only_asks(void **state)
{
	struct delivery d = in_state(DELIVERY_RELAYED);

	(void)state;
	assert_int_equal(delivery_apply(&d, DELIVERY_ORIGIN, EVENT_EXPIRED,
			     false),
	    DELIVERY_FOREIGN);
	assert_int_equal(delivery_apply(&d, DELIVERY_ORIGIN, EVENT_WITHDRAWN,
			     false),
	    DELIVERY_FOREIGN);
	assert_false(delivery_has_expired(&d, DELIVERY_ORIGIN, 10, 20));
	assert_true(delivery_has_expired(&d, DELIVERY_TARGET, 10, 10));
	assert_false(delivery_has_expired(&d, DELIVERY_TARGET, 10, 9));
}

/* The target may have taken it though its answer was lost. */
static void
an_open_relay_ties_the_origins_hands(void **state)
{
	struct delivery d = in_state(DELIVERY_ACCEPTED);

	(void)state;
	delivery_relay_begun(&d);
	assert_int_equal(delivery_apply(&d, DELIVERY_ORIGIN, EVENT_EXPIRED,
			     false),
	    DELIVERY_FOREIGN);
	assert_false(delivery_has_expired(&d, DELIVERY_ORIGIN, 10, 20));

	delivery_relay_refused(&d);

	assert_true(delivery_has_expired(&d, DELIVERY_ORIGIN, 10, 20));
	assert_int_equal(delivery_apply(&d, DELIVERY_ORIGIN, EVENT_EXPIRED,
			     false),
	    DELIVERY_MOVED);
}

static void
a_follower_takes_receipts_in_any_order(void **state)
{
	struct delivery d = in_state(DELIVERY_ACCEPTED);

	(void)state;
	assert_int_equal(delivery_apply(&d, DELIVERY_SENDER, EVENT_OPENED,
			     true),
	    DELIVERY_MOVED);
	assert_int_equal(delivery_apply(&d, DELIVERY_SENDER, EVENT_FETCHED,
			     true),
	    DELIVERY_LATE);
	assert_int_equal(delivery_apply(&d, DELIVERY_SENDER, EVENT_OPENED,
			     true),
	    DELIVERY_REPEATED);
	assert_int_equal(delivery_apply(&d, DELIVERY_SENDER, EVENT_CONFIRMED,
			     true),
	    DELIVERY_MOVED);
	assert_int_equal(delivery_apply(&d, DELIVERY_SENDER, EVENT_RELAYED,
			     true),
	    DELIVERY_LATE);
	assert_int_equal(d.state, DELIVERY_CONFIRMED);
}

static void
unreadable_is_a_mark_that_a_return_follows(void **state)
{
	struct delivery d = in_state(DELIVERY_FETCHED);

	(void)state;
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_UNREADABLE,
			     false),
	    DELIVERY_NOTED);
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_UNREADABLE,
			     false),
	    DELIVERY_REPEATED);
	assert_int_equal(d.state, DELIVERY_FETCHED);
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_CONFIRMED,
			     false),
	    DELIVERY_DENIED);
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_RETURNED,
			     false),
	    DELIVERY_MOVED);
}

static void
another_key_part_is_asked_for_and_moves_nothing(void **state)
{
	struct delivery d = in_state(DELIVERY_RELAYED);

	(void)state;
	/* What was not asked for is not taken; the origin decides nothing. */
	assert_int_equal(delivery_apply(&d, DELIVERY_TARGET, EVENT_REWRAPPED,
			     false),
	    DELIVERY_DENIED);
	assert_int_equal(delivery_apply(&d, DELIVERY_ORIGIN, EVENT_REWRAPPED,
			     false),
	    DELIVERY_FOREIGN);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(delivery_apply(&d, DELIVERY_TARGET,
				     EVENT_REWRAP, false),
		    DELIVERY_NOTED);
		assert_int_equal(delivery_apply(&d, DELIVERY_TARGET,
				     EVENT_REWRAP, false),
		    DELIVERY_REPEATED);
		assert_true(d.wants_rewrap);
		assert_int_equal(delivery_apply(&d, DELIVERY_TARGET,
				     EVENT_REWRAPPED, false),
		    DELIVERY_NOTED);
		assert_false(d.wants_rewrap);
	}
	assert_int_equal(d.state, DELIVERY_RELAYED);
	/* A follower may hear of the second first. */
	assert_int_equal(delivery_apply(&d, DELIVERY_SENDER, EVENT_REWRAPPED,
			     true),
	    DELIVERY_REPEATED);
	d = in_state(DELIVERY_FETCHED);
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_REWRAP,
			     false),
	    DELIVERY_NOTED);
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_OPENED,
			     false),
	    DELIVERY_MOVED);
	assert_false(d.wants_rewrap);
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_REWRAP,
			     false),
	    DELIVERY_LATE);
	assert_int_equal(delivery_apply(&d, DELIVERY_LOCAL, EVENT_REWRAPPED,
			     false),
	    DELIVERY_LATE);
}

static void
only_what_waits_for_a_key_part_is_given_up(void **state)
{
	struct delivery d = in_state(DELIVERY_RELAYED);

	(void)state;
	assert_false(delivery_give_up(&d, DELIVERY_TARGET));
	d.wants_rewrap = true;
	assert_false(delivery_give_up(&d, DELIVERY_ORIGIN));
	assert_false(delivery_give_up(&d, DELIVERY_SENDER));
	assert_true(delivery_give_up(&d, DELIVERY_TARGET));
	assert_int_equal(d.state, DELIVERY_RETURNED);
	assert_false(delivery_give_up(&d, DELIVERY_TARGET));
	d = in_state(DELIVERY_OPENED);
	assert_false(delivery_give_up(&d, DELIVERY_TARGET));
}

static void
the_next_day_begins_at_midnight_in_taipei(void **state)
{
	const int64_t sent = INT64_C(1795323600000); /* 13:00 in Taipei */
	const int64_t midnight = sent + 11 * INT64_C(3600000);

	(void)state;
	assert_false(delivery_is_overdue(DELIVERY_OPENED, sent, midnight - 1));
	assert_true(delivery_is_overdue(DELIVERY_OPENED, sent, midnight));
	assert_true(delivery_is_overdue(DELIVERY_ACCEPTED, sent, midnight));
	assert_false(delivery_is_overdue(DELIVERY_CONFIRMED, sent, midnight));
	assert_false(delivery_is_overdue(DELIVERY_QUEUED, sent, midnight));
}

/* ------------------------------------------------------------------ */

/*
 * I2 by simulation: two centers and the sender's gateway, a network that loses,
 * repeats and reorders, and people who do anything at any time.
 */
enum { LOG_MAX = 64 };

struct world {
	uint64_t random;
	struct delivery origin, target, sender;
	bool target_has_it;
	bool expired;            /* not_after has passed */
	enum event log[LOG_MAX]; /* what the decider logged */
	size_t logged;
	size_t ends; /* transitions to a terminal state, of deciders */
};

static uint32_t
draw(struct world *world, uint32_t below)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 7;
	world->random ^= world->random << 17;
	return (uint32_t)(world->random >> 33) % below;
}

/* Something happens at a center that may decide it. */
static void
happen(struct world *world, struct delivery *at, enum delivery_role role,
    enum event event)
{
	enum delivery_state before = at->state;
	enum delivery_effect effect = delivery_apply(at, role, event, false);

	assert_true(effect == DELIVERY_MOVED || at->state == before);
	if (effect == DELIVERY_MOVED || effect == DELIVERY_NOTED) {
		assert_true(world->logged < LOG_MAX);
		world->log[world->logged++] = event;
	}
	if (effect == DELIVERY_MOVED && delivery_state_is_terminal(at->state))
		world->ends++;
}

/* The origin tries the relay; either message may be lost. */
static void
relay(struct world *world, bool lossy)
{
	bool answer_lost = lossy && draw(world, 3) == 0;

	if (delivery_state_is_terminal(world->origin.state) ||
	    world->origin.state > DELIVERY_ACCEPTED)
		return;
	delivery_relay_begun(&world->origin);
	if (lossy && draw(world, 3) == 0)
		return;
	if (!world->target_has_it && !world->expired) {
		world->target_has_it = true;
		happen(world, &world->target, DELIVERY_TARGET, EVENT_RELAYED);
	}
	if (answer_lost)
		return;
	if (world->target_has_it)
		(void)delivery_apply(&world->origin, DELIVERY_ORIGIN,
		    EVENT_RELAYED, true);
	else
		delivery_relay_refused(&world->origin);
}

/* A receipt of the log reaches the followers. */
static void
follow(struct world *world, enum event event)
{
	(void)delivery_apply(&world->origin, DELIVERY_ORIGIN, event, true);
	(void)delivery_apply(&world->sender, DELIVERY_SENDER, event, true);
}

static void
step(struct world *world)
{
	static const enum event acts[] = { EVENT_FETCHED, EVENT_OPENED,
		EVENT_UNREADABLE, EVENT_CONFIRMED, EVENT_RETURNED,
		EVENT_WITHDRAWN, EVENT_QUARANTINED, EVENT_SUSPENDED,
		EVENT_RESUMED };

	switch (draw(world, 8)) {
	case 0:
	case 1:
		relay(world, true);
		break;
	case 2:
	case 3:
	case 4:
		if (world->target_has_it)
			happen(world, &world->target, DELIVERY_TARGET,
			    acts[draw(world, 9)]);
		break;
	case 5:
		happen(world, &world->origin, DELIVERY_ORIGIN,
		    draw(world, 4) == 0 ? EVENT_WITHDRAWN : EVENT_FETCHED);
		break;
	case 6:
		if (world->logged > 0)
			follow(world,
			    world->log[draw(world, (uint32_t)world->logged)]);
		break;
	default:
		world->expired = world->expired || draw(world, 20) == 0;
		if (delivery_has_expired(&world->origin, DELIVERY_ORIGIN, 0,
			world->expired ? 1 : -1))
			happen(world, &world->origin, DELIVERY_ORIGIN,
			    EVENT_EXPIRED);
		break;
	}
}

/* The network heals, time goes on, and every receipt arrives. */
static void
heal(struct world *world)
{
	world->expired = true;
	if (world->target.is_suspended)
		happen(world, &world->target, DELIVERY_TARGET, EVENT_RESUMED);
	relay(world, false);
	if (delivery_has_expired(&world->origin, DELIVERY_ORIGIN, 0, 1))
		happen(world, &world->origin, DELIVERY_ORIGIN, EVENT_EXPIRED);
	if (world->target_has_it &&
	    delivery_has_expired(&world->target, DELIVERY_TARGET, 0, 1))
		happen(world, &world->target, DELIVERY_TARGET, EVENT_EXPIRED);
	for (size_t i = world->logged; i-- > 0;)
		follow(world, world->log[i]);
}

static void
every_delivery_ends_once_and_the_same_everywhere(void **state)
{
	size_t ended[DELIVERY_STATE_COUNT] = { 0 };

	(void)state;
	for (uint64_t seed = 1; seed <= 20000; seed++) {
		struct world world = {
			.random = seed * UINT64_C(0x9e3779b97f4a7c15),
			.origin = in_state(DELIVERY_ACCEPTED),
			.target = in_state(DELIVERY_QUEUED),
			.sender = in_state(DELIVERY_ACCEPTED),
		};
		uint32_t steps = draw(&world, 40);

		for (uint32_t i = 0; i < steps; i++)
			step(&world);
		heal(&world);

		assert_int_equal(world.ends, 1);
		assert_true(delivery_state_is_terminal(world.origin.state));
		assert_int_equal(world.origin.state, world.sender.state);
		if (world.target_has_it)
			assert_int_equal(world.origin.state,
			    world.target.state);
		ended[world.origin.state]++;
	}
	/* The simulation is worth something: all ends were seen. */
	assert_true(ended[DELIVERY_CONFIRMED] > 10);
	assert_true(ended[DELIVERY_RETURNED] > 10);
	assert_true(ended[DELIVERY_EXPIRED] > 10);
	assert_true(ended[DELIVERY_WITHDRAWN] > 10);
	assert_true(ended[DELIVERY_QUARANTINED] > 10);
}

/* The right to decide changes hands by `moved` alone: never two, never again. */
static void
a_delivery_moves_to_another_center(void **state)
{
	static const enum event ends[] = { EVENT_FETCHED, EVENT_CONFIRMED,
		EVENT_EXPIRED, EVENT_WITHDRAWN };
	struct delivery former = { .state = DELIVERY_RELAYED,
		.reached = DELIVERY_RELAYED };
	struct delivery next = { 0 };

	(void)state;
	assert_true(delivery_is_decided_here(&former, DELIVERY_TARGET));
	assert_int_equal(delivery_apply(&former, DELIVERY_TARGET, EVENT_MOVED,
			     false),
	    DELIVERY_NOTED);
	/* Whoever had it decides nothing, also while nobody has it. */
	assert_false(delivery_is_decided_here(&former, DELIVERY_FORMER));
	assert_false(delivery_has_expired(&former, DELIVERY_FORMER, 1, 2));
	assert_false(delivery_give_up(&former, DELIVERY_FORMER));
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		assert_int_equal(delivery_apply(&former, DELIVERY_FORMER,
				     ends[i], false),
		    DELIVERY_FOREIGN);
	assert_int_equal(delivery_apply(&former, DELIVERY_FORMER, EVENT_MOVED,
			     false),
	    DELIVERY_FOREIGN);
	delivery_take(&next, DELIVERY_RELAYED);
	assert_true(delivery_is_decided_here(&next, DELIVERY_TARGET));
	delivery_pass_on(&former, DELIVERY_FORMER);
	assert_int_equal(former.state, DELIVERY_PASSED_ON);
	assert_true(delivery_state_is_terminal(former.state));
}

/* Steps may stand in the log of the center before. */
static void
a_taken_delivery_goes_on_where_it_was(void **state)
{
	struct delivery ahead = { 0 };
	struct delivery fetched = { 0 };

	(void)state;
	delivery_take(&ahead, DELIVERY_RELAYED);
	assert_int_equal(delivery_apply(&ahead, DELIVERY_TARGET, EVENT_OPENED,
			     false),
	    DELIVERY_MOVED);
	delivery_take(&fetched, DELIVERY_FETCHED);
	/* What was fetched before is not withdrawn after. */
	assert_int_equal(delivery_apply(&fetched, DELIVERY_TARGET,
			     EVENT_WITHDRAWN, false),
	    DELIVERY_DENIED);
	assert_int_equal(delivery_apply(&fetched, DELIVERY_TARGET,
			     EVENT_FETCHED, false),
	    DELIVERY_REPEATED);
	assert_int_equal(delivery_apply(&fetched, DELIVERY_TARGET,
			     EVENT_CONFIRMED, false),
	    DELIVERY_MOVED);
}

/* The origin gives its own away as the recipient's center does. */
static void
followers_hear_of_a_move(void **state)
{
	struct delivery origin = { .state = DELIVERY_ACCEPTED,
		.reached = DELIVERY_ACCEPTED };
	struct delivery sender = origin;

	(void)state;
	assert_int_equal(delivery_apply(&origin, DELIVERY_ORIGIN, EVENT_MOVED,
			     false),
	    DELIVERY_NOTED);
	delivery_relay_begun(&origin);
	assert_false(delivery_is_decided_here(&origin, DELIVERY_ORIGIN));
	assert_int_equal(delivery_apply(&origin, DELIVERY_ORIGIN, EVENT_TAKEN,
			     true),
	    DELIVERY_MOVED);
	assert_int_equal(origin.state, DELIVERY_RELAYED);
	assert_int_equal(delivery_apply(&sender, DELIVERY_SENDER, EVENT_MOVED,
			     true),
	    DELIVERY_NOTED);
	assert_int_equal(sender.state, DELIVERY_ACCEPTED);
	assert_int_equal(delivery_apply(&sender, DELIVERY_SENDER,
			     EVENT_CONFIRMED, true),
	    DELIVERY_MOVED);
	assert_int_equal(delivery_apply(&sender, DELIVERY_SENDER, EVENT_MOVED,
			     true),
	    DELIVERY_LATE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_delivery_moves_to_another_center),
		cmocka_unit_test(a_taken_delivery_goes_on_where_it_was),
		cmocka_unit_test(followers_hear_of_a_move),
		cmocka_unit_test(nothing_leaves_a_terminal_state),
		cmocka_unit_test(
		    every_state_but_the_first_can_be_reached_and_left),
		cmocka_unit_test(
		    a_move_that_is_not_in_the_table_changes_nothing),
		cmocka_unit_test(the_deciding_center_wants_the_steps_in_order),
		cmocka_unit_test(a_repeat_does_not_move_even_after_the_end),
		cmocka_unit_test(
		    a_first_fetch_after_expiry_is_late_not_a_repeat),
		cmocka_unit_test(what_was_fetched_cannot_be_withdrawn),
		cmocka_unit_test(
		    a_withdrawal_for_paper_ends_as_paper_at_the_sender),
		cmocka_unit_test(paper_that_came_too_late_is_a_copy),
		cmocka_unit_test(what_is_held_waits_and_its_clock_stands),
		cmocka_unit_test(
		    a_flag_is_set_once_by_who_decides_and_moves_nothing),
		cmocka_unit_test(what_is_held_can_still_be_withdrawn),
		cmocka_unit_test(
		    a_suspension_may_come_before_the_relay_that_it_follows),
		cmocka_unit_test(
		    a_notice_moves_nothing_and_comes_after_the_confirmation),
		cmocka_unit_test(after_relay_the_origin_only_asks),
		cmocka_unit_test(an_open_relay_ties_the_origins_hands),
		cmocka_unit_test(a_follower_takes_receipts_in_any_order),
		cmocka_unit_test(unreadable_is_a_mark_that_a_return_follows),
		cmocka_unit_test(
		    another_key_part_is_asked_for_and_moves_nothing),
		cmocka_unit_test(only_what_waits_for_a_key_part_is_given_up),
		cmocka_unit_test(the_next_day_begins_at_midnight_in_taipei),
		cmocka_unit_test(
		    every_delivery_ends_once_and_the_same_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
