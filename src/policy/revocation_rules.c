#include "policy/revocation_rules.h"

#include <stddef.h>

#include "base/attr.h"

static const int64_t day_ms = INT64_C(24) * 3600 * 1000;

enum { LONG_OVER_DAYS = 92 }; /* three months, the longest of them */

enum revocation_grade
revocation_grade(const struct revocation_facts *facts, int64_t now_ms)
{
	const struct revocation *newest = &facts->newest;

	if (newest->state == REVOCATION_REVOKED)
		return REVOCATION_IS_REVOKED;
	if (!facts->is_watched && newest->this_update == 0)
		return REVOCATION_UNWATCHED;
	if (newest->this_update == 0 || newest->state == REVOCATION_UNKNOWN)
		return REVOCATION_UNREACHABLE;
	return now_ms <= newest->next_update ? REVOCATION_IS_GOOD
					     : REVOCATION_STALE;
}

/* Whoever was revoked once stays so, except from a hold. */
static bool
is_final(const struct revocation *answer)
{
	return answer->state == REVOCATION_REVOKED &&
	    answer->reason != REVOCATION_REASON_HOLD;
}

enum revocation_news
revocation_compare(const struct revocation *known,
    const struct revocation *answer)
{
	bool is_other = answer->state != known->state ||
	    answer->revoked_at != known->revoked_at;

	if (known->this_update == 0)
		return REVOCATION_NEWER;
	/* For good at any age: another source may be ahead of its answers. */
	if (is_final(answer) && known->state != REVOCATION_REVOKED)
		return REVOCATION_NEWER;
	if (answer->this_update < known->this_update)
		return REVOCATION_OLDER;
	if (is_final(known) && answer->state != REVOCATION_REVOKED)
		return REVOCATION_CONTRADICTS;
	if (answer->this_update == known->this_update)
		return is_other ? REVOCATION_OLDER : REVOCATION_SAME;
	return REVOCATION_NEWER;
}

struct verdict
revocation_judge(const struct revocation_facts *facts, int64_t at_ms,
    int64_t now_ms)
{
	switch (revocation_grade(facts, now_ms)) {
	case REVOCATION_IS_REVOKED:
		if (at_ms < facts->newest.revoked_at)
			return verdict_of(VERDICT_WARN, "E3706", ERROR_NONE,
			    "the certificate was revoked later");
		return verdict_of(VERDICT_REFUSE, "E3705", ERROR_UNTRUSTED,
		    "the certificate is revoked");
	case REVOCATION_STALE:
	case REVOCATION_UNREACHABLE:
		return verdict_of(VERDICT_WARN, "E3707", ERROR_NONE,
		    "nobody says now whether the certificate is revoked");
	case REVOCATION_UNWATCHED:
	case REVOCATION_IS_GOOD:
	case REVOCATION_GRADE_COUNT:
		break;
	}
	return verdict_allow();
}

int64_t
revocation_days_left(int64_t not_after_ms, int64_t now_ms)
{
	int64_t left = not_after_ms - now_ms;

	return left >= 0 ? left / day_ms : -((-left + day_ms - 1) / day_ms);
}

int
revocation_expiry_step(int64_t not_after_ms, int64_t now_ms)
{
	static const int steps[REVOCATION_STEPS - 1] = { 1, 7, 14, 30, 60, 90 };

	if (now_ms > not_after_ms)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (not_after_ms - now_ms <= steps[i] * day_ms)
			return steps[i];
	return -1;
}

bool
revocation_is_long_over(int64_t not_after_ms, int64_t now_ms)
{
	return now_ms - not_after_ms > LONG_OVER_DAYS * day_ms;
}
