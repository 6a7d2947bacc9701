#include "policy/directory_rules.h"

#include "base/text.h"

static struct verdict
deny(const char *why)
{
	return verdict_of(VERDICT_REFUSE, "E3916", ERROR_DENIED, why);
}

/* Is `code` the organisation, or anywhere below it? */
static bool
is_within(const struct org_code *organisation, const struct org_code *code,
    bool after, directory_above_fn above, void *ctx)
{
	struct org_code at = *code;

	for (int level = 0; level < DIRECTORY_LEVELS_MAX; level++) {
		struct org_code parent = org_code_parent(&at);
		struct org_code next;

		if (org_code_equal(&at, organisation))
			return true;
		if (above(ctx, after, &at, &next) && next.text[0] != '\0')
			at = next;
		else if (org_code_is_unit(&at))
			at = parent;
		else
			return false;
	}
	return false;
}

/* Below it by what this side says of who supervises. */
static bool
is_below(const struct org_code *organisation, const struct org_code *code,
    const struct directory_side *side, bool after, directory_above_fn above,
    void *ctx)
{
	struct org_code at = side->supervisor;

	if (at.text[0] == '\0' && org_code_is_unit(code))
		at = org_code_parent(code);
	return at.text[0] != '\0' &&
	    is_within(organisation, &at, after, above, ctx);
}

static struct verdict
judge_supervised(const struct scope *scope, const struct org_code *code,
    const struct directory_side *before, const struct directory_side *after,
    directory_above_fn above, void *ctx)
{
	const struct org_code *organisation = &scope->organisation;

	if (org_code_equal(organisation, code))
		return deny("nobody changes the own entry");
	if ((before->is_there &&
		!is_below(organisation, code, before, false, above, ctx)) ||
	    (after->is_there &&
		!is_below(organisation, code, after, true, above, ctx)))
		return deny("it is not below the signer's organisation");
	if (before->is_there && after->is_there &&
	    !text_equal(before->center, after->center))
		return deny("who supervises does not say who serves");
	return verdict_allow();
}

static struct verdict
judge_served(const struct scope *scope, const struct directory_side *before,
    const struct directory_side *after)
{
	if ((before->is_there && !text_equal(before->center, scope->center)) ||
	    (after->is_there && !text_equal(after->center, scope->center)))
		return deny("it is not served by the signer's center");
	if (before->is_there && after->is_there &&
	    !org_code_equal(&before->supervisor, &after->supervisor))
		return deny("who serves does not say who supervises");
	return verdict_allow();
}

struct verdict
directory_judge_change(const struct scope *scope, const struct org_code *code,
    const struct directory_side *before, const struct directory_side *after,
    directory_above_fn above, void *ctx)
{
	switch (scope->kind) {
	case SCOPE_SUPERVISED:
		return judge_supervised(scope, code, before, after, above, ctx);
	case SCOPE_SERVED:
		return judge_served(scope, before, after);
	case SCOPE_ALL:
		break;
	}
	return verdict_allow();
}
