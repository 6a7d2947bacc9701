#include "policy/deputy_rules.h"

#include "base/error.h"

static const int64_t day_ms = INT64_C(24) * 3600 * 1000;

enum deputy_state
deputy_state(const struct deputy_time *time, int64_t now)
{
	if (time->ended_at != 0 || time->ends_at <= now)
		return DEPUTY_OVER;
	return time->starts_at <= now ? DEPUTY_NOW : DEPUTY_LATER;
}

const char *
deputy_state_name(enum deputy_state state)
{
	static const char *const names[DEPUTY_STATE_COUNT] = {
		[DEPUTY_LATER] = "later",
		[DEPUTY_NOW] = "now",
		[DEPUTY_OVER] = "over",
	};

	return names[state];
}

static bool
works_with_letters(enum access_role role)
{
	return role == ACCESS_CLERK || role == ACCESS_SUPERVISOR;
}

/* Who names one has all the rights that are given away. */
static bool
has_rights(const struct deputy_naming *naming)
{
	if (naming->is_local || naming->by_principal)
		return true;
	return naming->by_role == ACCESS_SUPERVISOR &&
	    works_with_letters(naming->principal_role);
}

static int
deny(struct error *err, const char *why)
{
	return error_set_id(err, "E6714", ERROR_DENIED, "%s", why);
}

static int
bad(struct error *err, const char *why)
{
	return error_set_id(err, "E6715", ERROR_MALFORMED, "%s", why);
}

int
deputy_check_naming(const struct deputy_naming *naming, int64_t now,
    struct error *err)
{
	const struct deputy_time *time = &naming->time;

	if (naming->by_deputy)
		return deny(err, "who acts for another names no deputy");
	if (!naming->is_one_organisation)
		return deny(err, "a deputy is of the same organisation");
	if (!has_rights(naming))
		return deny(err, "nobody gives rights that are another's");
	if (works_with_letters(naming->principal_role) &&
	    naming->deputy_role == ACCESS_OPERATOR)
		return deny(err, "an operator does not work with letters");
	if (naming->is_same)
		return bad(err, "nobody is their own deputy");
	if (time->ends_at <= time->starts_at || time->ends_at <= now)
		return bad(err, "the time ends before it begins, or is over");
	if (time->ends_at - time->starts_at > DEPUTY_DAYS_MAX * day_ms)
		return bad(err, "the time is longer than 366 days");
	return 0;
}
