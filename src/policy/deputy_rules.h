/*
 * Deputies (代理人, 文書處理: the duty goes on when a clerk is away): who may
 * name one, for whom, and when one counts.  A deputy has exactly the rights of
 * the person acted for, never those that this one has as a deputy itself, so
 * there is no chain.  Pure.
 */
#ifndef POLICY_DEPUTY_RULES_H
#define POLICY_DEPUTY_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "policy/access.h"

struct error;

enum { DEPUTY_DAYS_MAX = 366 };

struct deputy_time {
	int64_t starts_at;
	int64_t ends_at;  /* it counts until just before */
	int64_t ended_at; /* before its time; 0: not */
};

enum deputy_state { DEPUTY_LATER, DEPUTY_NOW, DEPUTY_OVER, DEPUTY_STATE_COUNT };

enum deputy_state deputy_state(const struct deputy_time *time, int64_t now);

/* "later", "now", "over". */
const char *deputy_state_name(enum deputy_state state);

/* Somebody names a deputy. */
struct deputy_naming {
	bool is_local;            /* by who sits at the machine */
	bool by_deputy;           /* who acts for another at the time */
	bool by_principal;        /* the person that will be acted for */
	bool is_same;             /* deputy and principal are one */
	bool is_one_organisation; /* of all three */
	enum access_role by_role;
	enum access_role principal_role;
	enum access_role deputy_role;
	struct deputy_time time;
};

/*
 * May they?  ERROR_DENIED (E6714): who acts for another, who has not got the
 * rights that would be given, another organisation, an operator for letters;
 * ERROR_MALFORMED (E6715): a time that is over, that does not end, that is too
 * long, or oneself.
 */
int deputy_check_naming(const struct deputy_naming *naming, int64_t now,
    struct error *err) MUST_CHECK;

#endif
