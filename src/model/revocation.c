#include "model/revocation.h"

#include "base/attr.h"
#include "base/text.h"

static const char *const reason_names[REVOCATION_REASON_MAX + 1] = {
	[0] = "unspecified",
	[1] = "key_compromise",
	[2] = "ca_compromise",
	[3] = "affiliation_changed",
	[4] = "superseded",
	[5] = "cessation",
	[REVOCATION_REASON_HOLD] = "hold",
	[8] = "remove_from_crl",
	[9] = "privilege_withdrawn",
	[10] = "aa_compromise",
};

static const char *const grade_names[REVOCATION_GRADE_COUNT] = {
	[REVOCATION_UNWATCHED] = "unwatched",
	[REVOCATION_IS_GOOD] = "good",
	[REVOCATION_STALE] = "stale",
	[REVOCATION_UNREACHABLE] = "unknown",
	[REVOCATION_IS_REVOKED] = "revoked",
};

const char *
revocation_reason_name(int reason)
{
	if (reason < 0 || reason > REVOCATION_REASON_MAX ||
	    reason_names[reason] == NULL)
		reason = 0;
	return reason_names[reason];
}

bool
revocation_reason_parse(const char *name, int *ret_reason)
{
	for (int i = 0; i <= REVOCATION_REASON_MAX; i++) {
		if (reason_names[i] != NULL &&
		    text_equal(reason_names[i], name)) {
			*ret_reason = i;
			return true;
		}
	}
	return false;
}

const char *
revocation_grade_name(enum revocation_grade grade)
{
	return grade_names[grade];
}
