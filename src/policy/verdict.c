#include "policy/verdict.h"

#include "base/text.h"

struct verdict
verdict_allow(void)
{
	struct verdict verdict = { .kind = VERDICT_ALLOW, .why = "" };

	return verdict;
}

struct verdict
verdict_of(enum verdict_kind kind, const char *id, enum error_code code,
    const char *why)
{
	struct verdict verdict = { .kind = kind, .code = code, .why = why };

	text_copy(verdict.id, sizeof(verdict.id), id);
	return verdict;
}

struct verdict
verdict_worse(struct verdict a, struct verdict b)
{
	return b.kind > a.kind ? b : a;
}

int
verdict_check(const struct verdict *verdict, const char *about,
    struct error *err)
{
	if (verdict->kind < VERDICT_PAPER)
		return 0;
	if (about[0] == '\0')
		return error_set_id(err, verdict->id, verdict->code, "%s",
		    verdict->why);
	return error_set_id(err, verdict->id, verdict->code, "%s: %s",
	    verdict->why, about);
}
