/* Who is held or suspended, and what of it is in force as a hold. */
#include "base/text.h"
#include "bulletin/measures_internal.h"

static bool
is_against(const struct measure *measure, enum measure_subject subject,
    const char *name, enum measure_direction direction)
{
	return measure->subject == subject && text_equal(measure->name, name) &&
	    (measure->direction == direction ||
		measure->direction == MEASURE_BOTH ||
		direction == MEASURE_BOTH);
}

static bool
is_restored(const struct measures *measures, const char *id, int64_t now_ms)
{
	const struct restoration *restoration =
	    measures_restoration(measures, id);

	return restoration != NULL && restoration->from_ms <= now_ms;
}

static void
judge(const struct measures *measures, const struct measure *measure,
    enum measure_state state, bool is_over, int64_t now_ms,
    struct measure_standing *standing)
{
	static const int grave[MEASURE_STATE_COUNT] = {
		[MEASURE_FREE] = 0,
		[MEASURE_RESTORED] = 1,
		[MEASURE_HELD] = 2,
		[MEASURE_SUSPENDED] = 3,
	};

	if (measure->from_ms > now_ms)
		return;
	if (is_over || is_restored(measures, measure->id, now_ms))
		state = MEASURE_RESTORED;
	if (grave[state] > grave[standing->state]) {
		standing->state = state;
		standing->measure = measure;
	}
}

struct measure_standing
measures_judge(const struct measures *measures, enum measure_subject subject,
    const char *name, enum measure_direction direction, int64_t now_ms)
{
	struct measure_standing standing = { .state = MEASURE_FREE };

	for (size_t i = 0; i < measures->suspension_count; i++) {
		const struct measure *measure = &measures->suspensions[i];

		if (is_against(measure, subject, name, direction))
			judge(measures, measure, MEASURE_SUSPENDED, false,
			    now_ms, &standing);
	}
	for (size_t i = 0; i < measures->hold_count; i++) {
		const struct measure *measure = &measures->holds[i];

		if (is_against(measure, subject, name, direction))
			judge(measures, measure, MEASURE_HELD,
			    measure->until_ms <= now_ms, now_ms, &standing);
	}
	return standing;
}

bool
measures_stop(const struct measures *measures, enum measure_subject subject,
    const char *name, enum measure_direction direction, int64_t now_ms)
{
	enum measure_state state =
	    measures_judge(measures, subject, name, direction, now_ms).state;

	return state == MEASURE_HELD || state == MEASURE_SUSPENDED;
}

/* ---- as holds ------------------------------------------------------------ */

static bool
scope_of(enum measure_subject subject, enum hold_scope *ret_scope)
{
	switch (subject) {
	case MEASURE_ORGANISATION:
		*ret_scope = HOLD_ORGANISATION;
		return true;
	case MEASURE_UNIT:
		*ret_scope = HOLD_UNIT;
		return true;
	case MEASURE_HOST:
		*ret_scope = HOLD_HOST;
		return true;
	case MEASURE_CARD:
	case MEASURE_MODULE:
	case MEASURE_CENTER:
	case MEASURE_SUBJECT_COUNT:
		break;
	}
	return false;
}

static enum hold_direction
hold_direction_of(enum measure_direction direction)
{
	return direction == MEASURE_SENDING  ? HOLD_SENDING
	    : direction == MEASURE_RECEIVING ? HOLD_RECEIVING
					     : HOLD_BOTH;
}

/*
 * One of them, if it is in force; else `*next_ms` is moved to when it begins,
 * if that is sooner.
 */
static bool
put_hold(const struct measures *measures, const struct measure *measure,
    int64_t until_ms, int64_t now_ms, struct hold *to, int64_t *next_ms)
{
	const struct restoration *restoration =
	    measures_restoration(measures, measure->id);

	if (restoration != NULL && restoration->from_ms < until_ms)
		until_ms = restoration->from_ms;
	*to = (struct hold){ .direction = hold_direction_of(measure->direction),
		.waits = measure->stops_queued,
		.from_ms = measure->from_ms,
		.until_ms = until_ms };
	if (!scope_of(measure->subject, &to->scope) || until_ms <= now_ms ||
	    !text_copy(to->name, sizeof(to->name), measure->name))
		return false;
	if (measure->from_ms > now_ms) {
		if (measure->from_ms < *next_ms)
			*next_ms = measure->from_ms;
		return false;
	}
	return true;
}

size_t
measures_put_holds(const struct measures *measures, int64_t now_ms,
    struct hold *to, int64_t *ret_next_ms)
{
	size_t count = 0;

	*ret_next_ms = INT64_MAX;
	for (size_t i = 0; i < measures->suspension_count; i++)
		count += put_hold(measures, &measures->suspensions[i],
		    INT64_MAX, now_ms, &to[count], ret_next_ms);
	for (size_t i = 0; i < measures->hold_count; i++)
		count += put_hold(measures, &measures->holds[i],
		    measures->holds[i].until_ms, now_ms, &to[count],
		    ret_next_ms);
	return count;
}
