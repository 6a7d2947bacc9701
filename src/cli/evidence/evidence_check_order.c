/*
 * Whether the events of one delivery make one story: each step after the one
 * that it needs, one end at most, times and places in the logs in order.
 */
#include "base/error.h"
#include "base/text.h"
#include "cli/evidence/evidence_check_internal.h"

enum { SKEW_MS = 5000 }; /* of two hosts' clocks: docs/protocol.md 8 */

/* The step of an event; those of one step exclude each other. */
static int
step_of(enum event event)
{
	switch (event) {
	case EVENT_NONE:
	case EVENT_SUSPENDED: /* notes are beside the steps */
	case EVENT_RESUMED:
	case EVENT_NOTICE:
	case EVENT_COUNT:
	case EVENT_REWRAP: /* between two steps, perhaps more than once */
	case EVENT_REWRAPPED:
	case EVENT_MOVED:
	case EVENT_TAKEN:
	case EVENT_FLAGGED:
		return 0;
	case EVENT_ACCEPTED:
		return 1;
	case EVENT_RELAYED:
		return 2;
	case EVENT_FETCHED:
		return 3;
	case EVENT_OPENED:
	case EVENT_UNREADABLE:
		return 4;
	case EVENT_CONFIRMED:
	case EVENT_RETURNED:
	case EVENT_EXPIRED:
	case EVENT_WITHDRAWN:
	case EVENT_QUARANTINED:
		return 5;
	}
	return 0;
}

static int
contradict(const struct checking *checking, size_t index, const char *why,
    struct error *err)
{
	return error_set_id(err, "E3504", ERROR_UNTRUSTED, "%s: %s",
	    checking->evidence.receipts[index].folder, why);
}

static bool
has(const struct evidence_verdict *verdict, enum event event)
{
	for (size_t i = 0; i < verdict->event_count; i++)
		if (verdict->events[i].event == event)
			return true;
	return false;
}

/* Each step needs the one before it; a person's return one from fetched on. */
static bool
has_what_it_needs(const struct evidence_verdict *verdict,
    const struct evidence_event *stated)
{
	enum event event = stated->event;
	bool is_taken =
	    has(verdict, EVENT_ACCEPTED) || has(verdict, EVENT_RELAYED);

	switch (step_of(event)) {
	case 1:
	case 2:
		return true;
	case 3:
		return is_taken;
	case 4:
		return has(verdict, EVENT_FETCHED);
	default:
		break;
	}
	if (event == EVENT_NOTICE)
		return has(verdict, EVENT_CONFIRMED);
	if (event == EVENT_FLAGGED)
		return has(verdict, EVENT_FETCHED);
	if (event == EVENT_CONFIRMED)
		return has(verdict, EVENT_OPENED);
	/* By a center: only what waited for another key part. */
	if (event == EVENT_RETURNED)
		return has(verdict,
		    stated->signer == STATEMENT_CENTER ? EVENT_REWRAP
						       : EVENT_FETCHED);
	return is_taken;
}

static int
check_pair(const struct checking *checking, size_t a, size_t b,
    struct error *err)
{
	const struct evidence_event *first = &checking->verdict->events[a];
	const struct evidence_event *second = &checking->verdict->events[b];
	bool is_one_log = text_equal(first->center, second->center);
	int step = step_of(first->event);

	if (is_one_log && first->index == second->index)
		return contradict(checking, b, "it is there twice", err);
	if (is_one_log && first->event == second->event && step > 0)
		return contradict(checking, b, "one event was stated twice",
		    err);
	if (step > 0 && step == step_of(second->event) &&
	    first->event != second->event)
		return contradict(checking, b, "an event excludes another one",
		    err);
	if (step > 0 && step < step_of(second->event) &&
	    first->time > second->time + SKEW_MS)
		return contradict(checking, b,
		    "it is earlier than the step before it", err);
	if (is_one_log && first->index < second->index &&
	    first->time > second->time + SKEW_MS)
		return contradict(checking, b, "times run backwards in the log",
		    err);
	/* The one center that decides has the steps in order. */
	if (is_one_log &&
	    text_equal(first->center, checking->verdict->leaf.center) &&
	    step > 0 && step < step_of(second->event) &&
	    first->index > second->index)
		return contradict(checking, b,
		    "the log has it before the step that it needs", err);
	return 0;
}

static bool
repeats_any(const struct checking *checking, size_t index)
{
	for (size_t i = 0; i < checking->verdict->event_count; i++)
		if (digest_equal(&checking->entries[i],
			&checking->remotes[index]))
			return true;
	return false;
}

/* A statement that repeats another one names that one's place in its log. */
static int
check_remote(const struct checking *checking, size_t index, struct error *err)
{
	const struct evidence_verdict *verdict = checking->verdict;
	const struct evidence_event *event = &verdict->events[index];

	/* Of some there may be several, and this one repeats one of them. */
	if (!event->is_repeat ||
	    (step_of(event->event) == 0 && repeats_any(checking, index)))
		return 0;
	for (size_t i = 0; i < verdict->event_count; i++) {
		const struct evidence_event *other = &verdict->events[i];

		if (text_equal(other->center, event->center) ||
		    other->event != event->event)
			continue;
		if (!digest_equal(&checking->entries[i],
			&checking->remotes[index]))
			return contradict(checking, index,
			    "it repeats another statement than the one here",
			    err);
	}
	return 0;
}

static int
check_act_time(const struct checking *checking, size_t index, struct error *err)
{
	const struct evidence_event *event = &checking->verdict->events[index];

	if (event->signer != STATEMENT_CENTER &&
	    event->act_time > event->time + SKEW_MS)
		return contradict(checking, index,
		    "it was stated before it was signed", err);
	if (event->time + SKEW_MS < checking->verdict->waybill.head.created_at)
		return contradict(checking, index,
		    "it is earlier than the waybill", err);
	return 0;
}

int
evidence_check_order(const struct checking *checking, struct error *err)
{
	struct evidence_verdict *verdict = checking->verdict;

	verdict->last = &verdict->events[0];
	for (size_t i = 0; i < verdict->event_count; i++) {
		const struct evidence_event *event = &verdict->events[i];

		if (!has_what_it_needs(verdict, event))
			return contradict(checking, i,
			    "the step before it is missing", err);
		if (check_act_time(checking, i, err) < 0 ||
		    check_remote(checking, i, err) < 0)
			return -1;
		for (size_t k = 0; k < verdict->event_count; k++)
			if (k != i && check_pair(checking, i, k, err) < 0)
				return -1;
		if (step_of(event->event) > step_of(verdict->last->event))
			verdict->last = event;
	}
	return 0;
}
