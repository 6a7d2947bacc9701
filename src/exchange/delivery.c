#include "exchange/delivery.h"

#include <stddef.h>

#include "base/error.h"
#include "model/times.h"

/*
 * Every move a delivery can make; delivery_move() refuses any other.  Those
 * marked ahead pass over steps: for hosts that follow, to whom the later
 * receipt may come first.
 */
static const struct {
	enum delivery_state from, to;
	bool is_ahead;
} moves[] = {
	{ DELIVERY_QUEUED, DELIVERY_ACCEPTED, false },
	{ DELIVERY_QUEUED, DELIVERY_RELAYED, false }, /* new at the target */
	{ DELIVERY_QUEUED, DELIVERY_REFUSED, false },
	{ DELIVERY_QUEUED, DELIVERY_EXPIRED, false },
	{ DELIVERY_QUEUED, DELIVERY_PAPER, false },
	{ DELIVERY_QUEUED, DELIVERY_FETCHED, true },
	{ DELIVERY_QUEUED, DELIVERY_OPENED, true },
	{ DELIVERY_QUEUED, DELIVERY_CONFIRMED, true },
	{ DELIVERY_QUEUED, DELIVERY_RETURNED, true },
	{ DELIVERY_QUEUED, DELIVERY_WITHDRAWN, true },
	{ DELIVERY_QUEUED, DELIVERY_QUARANTINED, true },
	{ DELIVERY_ACCEPTED, DELIVERY_RELAYED, false },
	{ DELIVERY_ACCEPTED, DELIVERY_FETCHED, false },
	{ DELIVERY_ACCEPTED, DELIVERY_EXPIRED, false },
	{ DELIVERY_ACCEPTED, DELIVERY_WITHDRAWN, false },
	{ DELIVERY_ACCEPTED, DELIVERY_QUARANTINED, false },
	{ DELIVERY_ACCEPTED, DELIVERY_PAPER, false },
	{ DELIVERY_ACCEPTED, DELIVERY_OPENED, true },
	{ DELIVERY_ACCEPTED, DELIVERY_CONFIRMED, true },
	{ DELIVERY_ACCEPTED, DELIVERY_RETURNED, true },
	{ DELIVERY_RELAYED, DELIVERY_FETCHED, false },
	{ DELIVERY_RELAYED, DELIVERY_EXPIRED, false },
	{ DELIVERY_RELAYED, DELIVERY_WITHDRAWN, false },
	{ DELIVERY_RELAYED, DELIVERY_QUARANTINED, false },
	{ DELIVERY_RELAYED, DELIVERY_PAPER, false },
	{ DELIVERY_RELAYED, DELIVERY_OPENED, true },
	{ DELIVERY_RELAYED, DELIVERY_CONFIRMED, true },
	{ DELIVERY_RELAYED, DELIVERY_RETURNED, true },
	{ DELIVERY_FETCHED, DELIVERY_OPENED, false },
	{ DELIVERY_FETCHED, DELIVERY_RETURNED, false }, /* unreadable */
	{ DELIVERY_FETCHED, DELIVERY_EXPIRED, false },
	{ DELIVERY_FETCHED, DELIVERY_QUARANTINED, false },
	{ DELIVERY_FETCHED, DELIVERY_CONFIRMED, true },
	{ DELIVERY_OPENED, DELIVERY_CONFIRMED, false },
	{ DELIVERY_OPENED, DELIVERY_RETURNED, false },
	{ DELIVERY_OPENED, DELIVERY_EXPIRED, false },
	{ DELIVERY_OPENED, DELIVERY_QUARANTINED, false },
	{ DELIVERY_ACCEPTED, DELIVERY_PASSED_ON, false },
	{ DELIVERY_RELAYED, DELIVERY_PASSED_ON, false },
	{ DELIVERY_FETCHED, DELIVERY_PASSED_ON, false },
	{ DELIVERY_OPENED, DELIVERY_PASSED_ON, false },
};

static bool
has_move(enum delivery_state from, enum delivery_state to, bool with_ahead)
{
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		if (moves[i].from == from && moves[i].to == to)
			return with_ahead || !moves[i].is_ahead;
	return false;
}

bool
delivery_may_move(enum delivery_state from, enum delivery_state to)
{
	return has_move(from, to, true);
}

int
delivery_move(enum delivery_state *state, enum delivery_state to,
    struct error *err)
{
	if (!delivery_may_move(*state, to))
		return error_set_id(err, "E4101", ERROR_DENIED,
		    "a delivery cannot go from %s to %s",
		    delivery_state_name(*state), delivery_state_name(to));
	*state = to;
	return 0;
}

bool
delivery_state_of_event(enum event event, enum delivery_state *ret_state)
{
	static const struct {
		bool has_state;
		enum delivery_state state;
	} states[EVENT_COUNT] = {
		[EVENT_ACCEPTED] = { true, DELIVERY_ACCEPTED },
		[EVENT_RELAYED] = { true, DELIVERY_RELAYED },
		[EVENT_FETCHED] = { true, DELIVERY_FETCHED },
		[EVENT_OPENED] = { true, DELIVERY_OPENED },
		[EVENT_CONFIRMED] = { true, DELIVERY_CONFIRMED },
		[EVENT_RETURNED] = { true, DELIVERY_RETURNED },
		[EVENT_EXPIRED] = { true, DELIVERY_EXPIRED },
		[EVENT_WITHDRAWN] = { true, DELIVERY_WITHDRAWN },
		[EVENT_QUARANTINED] = { true, DELIVERY_QUARANTINED },
		[EVENT_TAKEN] = { true, DELIVERY_RELAYED },
	};

	if (!states[event].has_state)
		return false;
	*ret_state = states[event].state;
	return true;
}

bool
delivery_is_decided_here(const struct delivery *delivery,
    enum delivery_role role)
{
	if (role == DELIVERY_LOCAL || role == DELIVERY_TARGET)
		return true;
	return role == DELIVERY_ORIGIN && !delivery->relay_open &&
	    (delivery->state == DELIVERY_QUEUED ||
		delivery->state == DELIVERY_ACCEPTED);
}

/* Steps of the recipient, which only its own center takes from it. */
static bool
is_recipients(enum event event)
{
	return event == EVENT_RELAYED || event == EVENT_FETCHED ||
	    event == EVENT_OPENED || event == EVENT_UNREADABLE ||
	    event == EVENT_CONFIRMED || event == EVENT_RETURNED ||
	    event == EVENT_REWRAP || event == EVENT_REWRAPPED ||
	    event == EVENT_TAKEN;
}

static enum delivery_effect
apply_unreadable(struct delivery *delivery)
{
	if (delivery->is_unreadable)
		return DELIVERY_REPEATED;
	if (delivery_state_is_terminal(delivery->state))
		return DELIVERY_LATE;
	if (delivery->reached == DELIVERY_OPENED)
		return DELIVERY_LATE;
	delivery->is_unreadable = true;
	return DELIVERY_NOTED;
}

/*
 * Held back before it is fetched, and handed out again.  Later there is nothing
 * to hold.
 */
static enum delivery_effect
apply_suspension(struct delivery *delivery, bool suspend)
{
	if (delivery->is_suspended == suspend)
		return DELIVERY_REPEATED;
	if (suspend &&
	    (delivery_state_is_terminal(delivery->state) ||
		delivery->reached >= DELIVERY_FETCHED))
		return DELIVERY_LATE;
	delivery->is_suspended = suspend;
	return DELIVERY_NOTED;
}

/* What its recipient finds out after it confirmed: the end stays what it is. */
static enum delivery_effect
apply_notice(struct delivery *delivery, enum delivery_role role,
    bool is_decided)
{
	if (delivery->has_notice)
		return DELIVERY_REPEATED;
	if (!is_decided && role == DELIVERY_ORIGIN)
		return DELIVERY_FOREIGN;
	if (!is_decided && delivery->state != DELIVERY_CONFIRMED)
		return DELIVERY_DENIED;
	delivery->has_notice = true;
	return DELIVERY_NOTED;
}

/*
 * Whoever decides learns that the sender had been stopped before it accepted.
 * What was not fetched by then is held instead.
 */
static enum delivery_effect
apply_flagged(struct delivery *delivery, enum delivery_role role,
    bool is_decided)
{
	bool decides = role == DELIVERY_LOCAL || role == DELIVERY_TARGET;

	if (delivery->is_flagged)
		return DELIVERY_REPEATED;
	if (!is_decided && (!decides || delivery->reached < DELIVERY_FETCHED))
		return DELIVERY_DENIED;
	delivery->is_flagged = true;
	return DELIVERY_NOTED;
}

/*
 * A new key part is asked for, and comes: neither moves the delivery.  Who
 * opened it needs none, and what was not asked for is not taken.
 */
static enum delivery_effect
apply_rewrap(struct delivery *delivery, enum event event, bool decides)
{
	bool wants = event == EVENT_REWRAP;

	if (delivery_state_is_terminal(delivery->state) ||
	    delivery->reached >= DELIVERY_OPENED)
		return DELIVERY_LATE;
	if (delivery->wants_rewrap == wants)
		return wants || !decides ? DELIVERY_REPEATED : DELIVERY_DENIED;
	delivery->wants_rewrap = wants;
	return DELIVERY_NOTED;
}

/* A step that was passed, or any event after the end. */
static enum delivery_effect
judge_overtaken(const struct delivery *delivery, enum delivery_state to,
    bool decides)
{
	if (to == delivery->state || to == delivery->reached)
		return DELIVERY_REPEATED;
	/*
	 * A decider has seen every step up to the one it reached; a follower
	 * may have passed over some and still needs their receipts.
	 */
	if (decides && to < delivery->reached)
		return DELIVERY_REPEATED;
	return DELIVERY_LATE;
}

enum delivery_effect
delivery_apply(struct delivery *delivery, enum delivery_role role,
    enum event event, bool is_decided)
{
	bool decides = role == DELIVERY_LOCAL || role == DELIVERY_TARGET;
	bool has_ended = delivery_state_is_terminal(delivery->state);
	enum delivery_state to;

	if (event == EVENT_NOTICE)
		return apply_notice(delivery, role, is_decided);
	if (event == EVENT_FLAGGED)
		return apply_flagged(delivery, role, is_decided);
	if (!is_decided && !has_ended &&
	    (!delivery_is_decided_here(delivery, role) ||
		(role == DELIVERY_ORIGIN && is_recipients(event))))
		return DELIVERY_FOREIGN;
	if (event == EVENT_MOVED)
		return has_ended ? DELIVERY_LATE : DELIVERY_NOTED;
	if (event == EVENT_UNREADABLE) {
		if (decides && delivery->reached < DELIVERY_FETCHED &&
		    !delivery->was_taken)
			return DELIVERY_DENIED;
		return apply_unreadable(delivery);
	}
	if (event_is_note(event))
		return apply_suspension(delivery, event == EVENT_SUSPENDED);
	if (event == EVENT_REWRAP || event == EVENT_REWRAPPED)
		return apply_rewrap(delivery, event, decides);
	if (!delivery_state_of_event(event, &to))
		return DELIVERY_DENIED;
	if (decides && delivery->is_suspended && to == DELIVERY_FETCHED)
		return DELIVERY_DENIED;
	if (has_ended ||
	    (to < DELIVERY_CONFIRMED && to <= delivery->reached &&
		delivery->reached != DELIVERY_QUEUED))
		return judge_overtaken(delivery, to, decides);
	if (!has_move(delivery->state, to,
		(is_decided && !decides) || delivery->was_taken))
		return DELIVERY_DENIED;

	if (to == DELIVERY_WITHDRAWN && role == DELIVERY_SENDER &&
	    delivery->wants_paper)
		to = DELIVERY_PAPER;
	/* Too late to withdraw: the paper goes out as a copy. */
	if (to >= DELIVERY_FETCHED && to <= DELIVERY_RETURNED &&
	    role == DELIVERY_SENDER && delivery->wants_paper) {
		delivery->wants_paper = false;
		delivery->has_paper_copy = true;
	}
	delivery->state = to;
	delivery->relay_open = false;
	/* Followers may hear of a suspension before they hear of the relay. */
	if (to >= DELIVERY_FETCHED)
		delivery->is_suspended = false;
	if (!delivery_state_is_terminal(to))
		delivery->reached = to;
	if (to == DELIVERY_OPENED)
		delivery->is_unreadable = false;
	if (to >= DELIVERY_OPENED)
		delivery->wants_rewrap = false;
	return DELIVERY_MOVED;
}

void
delivery_pass_on(struct delivery *delivery, enum delivery_role role)
{
	if (role == DELIVERY_FORMER &&
	    delivery_may_move(delivery->state, DELIVERY_PASSED_ON))
		delivery->state = DELIVERY_PASSED_ON;
}

void
delivery_take(struct delivery *delivery, enum delivery_state reached)
{
	delivery->state = delivery->reached = reached;
	delivery->relay_open = false;
	delivery->was_taken = true;
}

void
delivery_relay_begun(struct delivery *delivery)
{
	if (delivery->state == DELIVERY_ACCEPTED)
		delivery->relay_open = true;
}

void
delivery_relay_refused(struct delivery *delivery)
{
	delivery->relay_open = false;
}

bool
delivery_change_to_paper(struct delivery *delivery)
{
	if (delivery->state == DELIVERY_QUEUED ||
	    delivery->state == DELIVERY_ACCEPTED ||
	    delivery->state == DELIVERY_RELAYED) {
		delivery->wants_paper = true;
		return true;
	}
	delivery->has_paper_copy = true;
	return false;
}

bool
delivery_has_expired(const struct delivery *delivery, enum delivery_role role,
    int64_t not_after_ms, int64_t now_ms)
{
	return !delivery_state_is_terminal(delivery->state) &&
	    !delivery->is_suspended && delivery->state != DELIVERY_QUEUED &&
	    delivery_is_decided_here(delivery, role) && now_ms >= not_after_ms;
}

bool
delivery_give_up(struct delivery *delivery, enum delivery_role role)
{
	if (!delivery->wants_rewrap ||
	    delivery_state_is_terminal(delivery->state) ||
	    !delivery_is_decided_here(delivery, role))
		return false;
	delivery->state = DELIVERY_RETURNED;
	delivery->wants_rewrap = false;
	return true;
}

bool
delivery_is_overdue(enum delivery_state state, int64_t accepted_ms,
    int64_t now_ms)
{
	return state != DELIVERY_QUEUED && !delivery_state_is_terminal(state) &&
	    now_ms >= times_next_day(accepted_ms);
}
