/*
 * The table of who may ask what (T-ACC-07): every rule is asked with every role
 * and every scope, and only what is written here may pass.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/error.h"
#include "base/text.h"
#include "policy/access.h"

static bool
may(const struct access_rule *rule, bool is_token, unsigned which)
{
	const struct access_caller caller = { .is_token = is_token,
		.role = is_token ? ACCESS_CLERK : (enum access_role)which,
		.scopes = is_token ? 1u << which : 0 };
	struct error err = { 0 };
	bool is_allowed = access_check(rule, &caller, &err) == 0;

	if (!is_allowed) {
		assert_int_equal(err.code, ERROR_DENIED);
		assert_string_equal(err.id, "E6403");
	}
	return is_allowed;
}

static void
what_has_no_rule_is_denied(void **state)
{
	(void)state;
	assert_null(access_find("DELETE", "/v1/inbox"));
	assert_null(access_find("POST", "/v1/leases"));
	assert_null(access_find("GET", "/v1/outbox/"));
	for (unsigned i = 0; i < ACCESS_ROLE_COUNT; i++)
		assert_false(may(NULL, false, i));
	for (unsigned i = 0; i < ACCESS_SCOPE_COUNT; i++)
		assert_false(may(NULL, true, i));
}

/* The auditor changes nothing, the operator sees no letter. */
static void
roles_have_no_more_than_they_need(void **state)
{
	(void)state;
	for (const struct access_rule *rule = access_rules;
	     rule->method != NULL; rule++) {
		bool is_change = !text_equal(rule->method, "GET");
		bool is_letter = text_starts(rule->pattern, "/v1/inbox") ||
		    text_starts(rule->pattern, "/v1/outbox") ||
		    text_starts(rule->pattern, "/v1/documents") ||
		    text_starts(rule->pattern, "/v1/drafts") ||
		    text_starts(rule->pattern, "/v1/series") ||
		    text_starts(rule->pattern, "/v1/board") ||
		    text_starts(rule->pattern, "/v1/groups") ||
		    text_starts(rule->pattern, "/v1/recipient") ||
		    text_starts(rule->pattern, "/v1/review") ||
		    text_starts(rule->pattern, "/v1/series") ||
		    text_starts(rule->pattern, "/v1/lost") ||
		    text_starts(rule->pattern, "/v1/registers") ||
		    text_starts(rule->pattern, "/v1/statistics") ||
		    text_starts(rule->pattern, "/v1/waiting");
		/* Everybody gives away their own rights alone, and says
		 * what their own letters begin with. */
		bool is_own = text_starts(rule->pattern, "/v1/deputies") ||
		    text_equal(rule->pattern, "/v1/letterhead:own");

		if (rule->class != ACCESS_LISTED)
			continue;
		if (is_change)
			assert_false(may(rule, false, ACCESS_AUDITOR));
		if (is_letter)
			assert_false(may(rule, false, ACCESS_OPERATOR));
		if (is_change && !is_letter && !is_own)
			assert_false(may(rule, false, ACCESS_CLERK));
		/* No program makes persons or tokens. */
		if (text_starts(rule->pattern, "/v1/persons") ||
		    text_starts(rule->pattern, "/v1/tokens"))
			for (unsigned i = 0; i < ACCESS_SCOPE_COUNT; i++)
				assert_false(may(rule, true, i));
	}
}

static void
scopes_are_apart(void **state)
{
	(void)state;
	for (const struct access_rule *rule = access_rules;
	     rule->method != NULL; rule++) {
		if (rule->class != ACCESS_LISTED)
			continue;
		if (!text_equal(rule->method, "GET"))
			assert_false(may(rule, true, ACCESS_READ));
		if (!text_starts(rule->pattern, "/v1/inbox"))
			assert_false(may(rule, true, ACCESS_RECEIVE));
		if (text_starts(rule->pattern, "/v1/inbox"))
			assert_false(may(rule, true, ACCESS_SEND));
	}
}

static void
nothing_that_changes_is_public_but_logging_in(void **state)
{
	(void)state;
	for (const struct access_rule *rule = access_rules;
	     rule->method != NULL; rule++)
		if (rule->class == ACCESS_PUBLIC &&
		    !text_equal(rule->method, "GET"))
			assert_string_equal(rule->pattern, "/v1/session");
}

static void
each_request_has_one_rule(void **state)
{
	(void)state;
	for (const struct access_rule *rule = access_rules;
	     rule->method != NULL; rule++)
		assert_ptr_equal(access_find(rule->method, rule->pattern),
		    rule);
}

static void
names_are_read_as_they_are_written(void **state)
{
	enum access_role role;
	enum access_scope scope;

	(void)state;
	for (int i = 0; i < ACCESS_ROLE_COUNT; i++) {
		assert_true(
		    access_role_parse(access_role_name((enum access_role)i),
			&role));
		assert_int_equal(role, i);
	}
	for (int i = 0; i < ACCESS_SCOPE_COUNT; i++) {
		assert_true(
		    access_scope_parse(access_scope_name((enum access_scope)i),
			&scope));
		assert_int_equal(scope, i);
	}
	assert_false(access_role_parse("Clerk", &role));
	assert_false(access_scope_parse("", &scope));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_no_rule_is_denied),
		cmocka_unit_test(roles_have_no_more_than_they_need),
		cmocka_unit_test(scopes_are_apart),
		cmocka_unit_test(nothing_that_changes_is_public_but_logging_in),
		cmocka_unit_test(each_request_has_one_rule),
		cmocka_unit_test(names_are_read_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
