/* Which list of measures may follow which. */
#include "base/error.h"
#include "base/text.h"
#include "bulletin/measures_internal.h"

static const int64_t minute_ms = 60 * 1000;
static const int64_t hour_ms = 60 * 60 * 1000;

static const struct measure *
find_measure(const struct measure *list, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal(list[i].id, id))
			return &list[i];
	return NULL;
}

static bool
is_same_measure(const struct measure *a, const struct measure *b)
{
	return a->subject == b->subject && text_equal(a->name, b->name) &&
	    a->direction == b->direction && a->ground == b->ground &&
	    a->stops_queued == b->stops_queued &&
	    text_equal(a->reason, b->reason) && a->from_ms == b->from_ms &&
	    a->until_ms == b->until_ms &&
	    text_equal(a->fallback, b->fallback) &&
	    a->paper_from_ms == b->paper_from_ms;
}

static int
lost(struct error *err, const char *id)
{
	return error_set_id(err, "E7013", ERROR_DENIED,
	    "case %s is left out or altered", id);
}

/* Each of `before` must stand in `after`; holds until they are 72 h old. */
static int
check_kept(const struct measure *before, size_t before_count,
    const struct measure *after, size_t after_count, int64_t old_ms,
    struct error *err)
{
	for (size_t i = 0; i < before_count; i++) {
		const struct measure *kept =
		    find_measure(after, after_count, before[i].id);

		if (kept != NULL ? !is_same_measure(kept, &before[i])
				 : before[i].from_ms > old_ms)
			return lost(err, before[i].id);
	}
	return 0;
}

static int
check_restorations_kept(const struct measures *before,
    const struct measures *after, struct error *err)
{
	for (size_t i = 0; i < before->restoration_count; i++) {
		const struct restoration *was = &before->restorations[i];
		const struct restoration *kept =
		    measures_restoration(after, was->id);

		if (kept == NULL || kept->from_ms != was->from_ms ||
		    !text_equal(kept->reason, was->reason))
			return lost(err, was->id);
	}
	return 0;
}

/* A hold dated back could hide from the count of its hour. */
static int
check_new_holds(const struct measures *before, const struct measures *after,
    int64_t issued_ms, struct error *err)
{
	for (size_t i = 0; i < after->hold_count; i++) {
		const struct measure *hold = &after->holds[i];

		if (find_measure(before->holds, before->hold_count, hold->id) ==
			NULL &&
		    hold->from_ms <
			issued_ms - HOLD_BACKDATED_MAX_MIN * minute_ms)
			return measures_beyond(err, "is dated back", hold->id);
	}
	return 0;
}

int
measures_check_successor(const struct bulletin *before,
    const struct bulletin *after, struct error *err)
{
	const int64_t term_ms = HOLD_TERM_MAX_H * hour_ms;
	struct measures old = { 0 };
	struct measures new = { 0 };
	int rc = -1;

	if (measures_read(&old, before, err) == 0 &&
	    measures_read(&new, after, err) == 0 &&
	    check_kept(old.holds, old.hold_count, new.holds, new.hold_count,
		after->issued_ms - term_ms, err) == 0 &&
	    check_kept(old.suspensions, old.suspension_count, new.suspensions,
		new.suspension_count, INT64_MIN, err) == 0 &&
	    check_restorations_kept(&old, &new, err) == 0)
		rc = check_new_holds(&old, &new, after->issued_ms, err);
	measures_free(&old);
	measures_free(&new);
	return rc;
}
