/*
 * What a policy decides, and why: the entry of the message catalogue that
 * people will read.  Deciding allocates nothing and cannot fail.
 */
#ifndef POLICY_VERDICT_H
#define POLICY_VERDICT_H

#include "base/attr.h"
#include "base/error.h"

enum verdict_kind {
	VERDICT_ALLOW,
	VERDICT_WARN,  /* go on, and tell: `id` says what */
	VERDICT_HOLD,  /* accept, but let it wait: `id` says for what */
	VERDICT_PAPER, /* not by electronic exchange: offer paper */
	VERDICT_REFUSE
};

struct verdict {
	enum verdict_kind kind;
	enum error_code code;   /* reaction, for VERDICT_REFUSE and _PAPER */
	char id[ERROR_ID_SIZE]; /* "" for VERDICT_ALLOW */
	const char *why;        /* in English, static; "" for VERDICT_ALLOW */
};

struct verdict verdict_allow(void);
struct verdict verdict_of(enum verdict_kind kind, const char *id,
    enum error_code code, const char *why);

/* The graver of two; `a` when they are equally grave. */
struct verdict verdict_worse(struct verdict a, struct verdict b);

/*
 * 0 when work may go on (allow, warn, hold); else -1 with the verdict's id,
 * code and text, `about` (a code, a host name; "" for none) after it.
 */
int verdict_check(const struct verdict *verdict, const char *about,
    struct error *err) MUST_CHECK;

#endif
