#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "policy/directory_rules.h"

/* 教育部 - 某大學 - its unit; 內政部 - 警政署; a circle of two. */
static const struct {
	const char *code, *above;
} levels[] = {
	{ "A09000000E", "" },
	{ "A09010000E", "A09000000E" },
	{ "A09010000EU000001", "A09010000E" },
	{ "A01000000A", "" },
	{ "A01010000A", "A01000000A" },
	{ "999999991Z", "999999992Z" },
	{ "999999992Z", "999999991Z" },
};

static bool
above(void *ctx, bool after, const struct org_code *code,
    struct org_code *ret_above)
{
	(void)ctx;
	(void)after;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (text_equal(levels[i].code, code->text)) {
			text_copy(ret_above->text, sizeof(ret_above->text),
			    levels[i].above);
			return levels[i].above[0] != '\0';
		}
	return false;
}

static struct org_code
code_of(const char *text)
{
	struct org_code code = { "" };

	if (text[0] != '\0')
		assert_true(org_code_parse(text, &code));
	return code;
}

static struct directory_side
side(const char *supervisor, const char *center)
{
	return (struct directory_side){ true, code_of(supervisor), center };
}

static const struct directory_side none = { .center = "" };

static void
check(const struct scope *scope, const char *code, struct directory_side before,
    struct directory_side after, bool wanted)
{
	struct org_code of = code_of(code);
	struct verdict verdict =
	    directory_judge_change(scope, &of, &before, &after, above, NULL);

	if ((verdict.kind == VERDICT_ALLOW) != wanted)
		fail_msg("%s: %s", code, verdict.why);
	if (!wanted)
		assert_string_equal(verdict.id, "E3916");
}

static struct scope
supervised(const char *code)
{
	return (struct scope){ .kind = SCOPE_SUPERVISED,
		.organisation = code_of(code) };
}

static void
who_has_no_scope_may_change_all(void **state)
{
	const struct scope all = { .kind = SCOPE_ALL };

	(void)state;
	check(&all, "A01000000A", side("", "center-a"), none, true);
	check(&all, "A01000000A", none, side("", "center-b"), true);
}

static void
who_supervises_changes_what_is_below(void **state)
{
	const struct scope scope = supervised("A09000000E");

	(void)state;
	check(&scope, "A09010000E", side("A09000000E", "a"),
	    side("A09000000E", "a"), true);
	/* Further down, and what only its code says. */
	check(&scope, "A09010000EU000001", side("A09010000E", "a"),
	    side("A09010000E", "a"), true);
	check(&scope, "A09010000EU000002", none, side("", "a"), true);
	check(&scope, "A09020000E", none, side("A09000000E", "a"), true);
	check(&scope, "A09010000E", side("A09000000E", "a"), none, true);
}

static void
who_supervises_changes_nothing_else(void **state)
{
	const struct scope scope = supervised("A09000000E");

	(void)state;
	/* The own entry, another's, and who is above nobody. */
	check(&scope, "A09000000E", side("", "a"), side("", "a"), false);
	check(&scope, "A01010000A", side("A01000000A", "a"),
	    side("A01000000A", "a"), false);
	check(&scope, "A01000000A", side("", "a"), side("", "a"), false);
	/* Taken from another, given to another, released. */
	check(&scope, "A01010000A", side("A01000000A", "a"),
	    side("A09000000E", "a"), false);
	check(&scope, "A09010000E", side("A09000000E", "a"),
	    side("A01000000A", "a"), false);
	check(&scope, "A09010000E", side("A09000000E", "a"), side("", "a"),
	    false);
	/* Moved to another center. */
	check(&scope, "A09010000E", side("A09000000E", "a"),
	    side("A09000000E", "b"), false);
	/* New, below somebody else; a circle above it. */
	check(&scope, "A01020000A", none, side("A01000000A", "a"), false);
	check(&scope, "999999993Z", side("999999991Z", "a"),
	    side("999999991Z", "a"), false);
}

static void
a_center_changes_its_members(void **state)
{
	const struct scope scope = { .kind = SCOPE_SERVED, .center = "a" };

	(void)state;
	check(&scope, "A09010000E", side("A09000000E", "a"),
	    side("A09000000E", "a"), true);
	check(&scope, "A09010000E", none, side("A09000000E", "a"), true);
	check(&scope, "A09010000E", side("A09000000E", "b"),
	    side("A09000000E", "b"), false);
	/* Taken from a neighbour, or sent to one. */
	check(&scope, "A09010000E", side("A09000000E", "b"),
	    side("A09000000E", "a"), false);
	check(&scope, "A09010000E", side("A09000000E", "a"),
	    side("A09000000E", "b"), false);
	/* Who supervises is not the center's to say. */
	check(&scope, "A09010000E", side("A09000000E", "a"),
	    side("A01000000A", "a"), false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_no_scope_may_change_all),
		cmocka_unit_test(who_supervises_changes_what_is_below),
		cmocka_unit_test(who_supervises_changes_nothing_else),
		cmocka_unit_test(a_center_changes_its_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
