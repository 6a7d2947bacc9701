#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"
#include "management/management_access.h"
#include "management/management_listener.h"
#include "policy/endpoint_rules.h"
#include "role/listener/listener.h"
#include "role/message.h"

enum {
	TEXT_MAX = 1 << 20,
	PATTERN_SIZE = 128,
};

static struct json_document *
read_description(void)
{
	const char *root = getenv("SOURCE_ROOT");
	struct json_document *document = NULL;
	struct error err = { 0 };
	char path[4096];
	char *text = malloc(TEXT_MAX);
	size_t len;
	FILE *file;

	assert_non_null(root);
	assert_non_null(text);
	snprintf(path, sizeof(path), "%s/data/openapi/management.json", root);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(text, 1, TEXT_MAX, file);
	fclose(file);
	assert_int_equal(json_read(text, len, TEXT_MAX, &document, &err), 0);
	free(text);
	return document;
}

/* "/v1/cases/{id}:move" as "/v1/cases/{}:move". */
static void
to_pattern(const char *path, char to[PATTERN_SIZE])
{
	bool is_inside = false;
	size_t len = 0;

	for (; *path != '\0' && len + 1 < PATTERN_SIZE; path++) {
		is_inside = is_inside && *path != '}';
		if (!is_inside)
			to[len++] = *path;
		is_inside |= *path == '{';
	}
	to[len] = '\0';
}

static const struct endpoint_rule *
find_exact(const char *method, const char *pattern)
{
	for (const struct endpoint_rule *rule = endpoint_rules;
	     rule->method != NULL; rule++)
		if (text_equal(rule->method, method) &&
		    text_equal(rule->pattern, pattern))
			return rule;
	return NULL;
}

struct comparing {
	const char *path;
	size_t count;
};

static int
compare_operation(const char *key, const struct json_value *value,
    void *context, struct error *err)
{
	struct comparing *comparing = context;
	const struct json_value *offices =
	    json_value_member(value, "x-offices");
	const struct endpoint_rule *rule;
	char pattern[PATTERN_SIZE];
	unsigned bits = 0;
	bool is_scoped = false;

	(void)err;
	to_pattern(comparing->path, pattern);
	rule = find_exact(text_equal(key, "get") ? "GET" : "POST", pattern);
	if (rule == NULL)
		fail_msg("%s %s is in no table", key, pattern);
	for (size_t i = 0; i < json_value_count(offices); i++) {
		const char *name = json_value_text(json_value_item(offices, i));
		enum office office;

		assert_true(office_parse(name, &office));
		bits |= 1u << office;
	}
	json_value_bool(json_value_member(value, "x-scoped"), &is_scoped);
	if (bits != rule->offices)
		fail_msg("%s %s: other offices", key, pattern);
	assert_int_equal(is_scoped, rule->is_scoped);
	comparing->count++;
	return 0;
}

static int
compare_path(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	struct comparing *comparing = context;

	comparing->path = key;
	return json_value_each(value, compare_operation, comparing, err);
}

static size_t
count_rules(void)
{
	size_t count = 0;

	while (endpoint_rules[count].method != NULL)
		count++;
	return count;
}

static void
the_description_says_what_the_table_says(void **state)
{
	struct json_document *document = read_description();
	struct comparing comparing = { .count = 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(json_value_each(json_value_member(json_root(document),
					     "paths"),
			     compare_path, &comparing, &err),
	    0);
	assert_int_equal(comparing.count, count_rules());
	json_document_free(document);
}

static bool
is_served(const struct listener_route *routes, const struct endpoint_rule *rule)
{
	for (; routes->method != NULL; routes++)
		if (text_equal(routes->method, rule->method) &&
		    text_equal(routes->pattern, rule->pattern))
			return true;
	return false;
}

/* Files and signs of life are for anybody; all else has a rule. */
static void
check_routes(const struct listener_route *route)
{
	for (; route->method != NULL; route++)
		if ((route->callers != LISTENER_PUBLIC ||
			text_equal(route->method, "POST")) &&
		    find_exact(route->method, route->pattern) == NULL)
			fail_msg("%s %s has no rule", route->method,
			    route->pattern);
}

/* Whatever a listener serves has a rule, and every rule is served. */
static void
every_route_has_a_rule(void **state)
{
	(void)state;
	check_routes(management_control_routes);
	check_routes(management_people_routes);
	for (const struct endpoint_rule *rule = endpoint_rules;
	     rule->method != NULL; rule++)
		if (!is_served(management_control_routes, rule) &&
		    !is_served(management_people_routes, rule))
			fail_msg("%s %s is not served", rule->method,
			    rule->pattern);
}

static void
what_is_not_listed_is_denied(void **state)
{
	static const struct {
		const char *method, *path;
		bool is_known;
	} cases[] = {
		{ "GET", "/v1/cases", true },
		{ "GET", "/v1/cases/", false },
		{ "GET", "/v1/cases/115-1", true },
		{ "GET", "/v1/cases/115-1/attachments/0", true },
		{ "GET", "/v1/cases/115-1/attachments", false },
		{ "GET", "/v1/cases/115-1/attachments/0/0", false },
		{ "POST", "/v1/cases/115-1:move", true },
		{ "POST", "/v1/cases/115-1:code", true },
		{ "POST", "/v1/cases/:move", false },
		{ "POST", "/v1/cases/115-1:erase", false },
		{ "POST", "/v1/cases/115-1", false },
		{ "POST", "/v1/cases/115-1:move/x", false },
		{ "DELETE", "/v1/cases", false },
		{ "GET", "/v1/people", true },
		{ "GET", "/v1/peoples", false },
		{ "GET", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct endpoint_rule *rule =
		    endpoint_rule_find(cases[i].method, cases[i].path);

		assert_int_equal(rule != NULL, cases[i].is_known);
		assert_int_equal(endpoint_allows(cases[i].method, cases[i].path,
				     ~0u),
		    cases[i].is_known);
		assert_false(
		    endpoint_allows(cases[i].method, cases[i].path, 0));
	}
}

static int
admit(const char *method, const char *path, const char *office,
    struct management_caller *caller)
{
	struct message_request request = { .uid = 7, .door = LISTENER_LOCAL };
	struct error err = { 0 };
	int rc;

	text_copy(request.method, sizeof(request.method), method);
	text_copy(request.path, sizeof(request.path), path);
	text_copy(request.office, sizeof(request.office), office);
	rc = management_admit(NULL, &request, caller, NULL, &err);
	if (rc < 0)
		assert_string_equal(error_message_id(&err), "E7117");
	return rc;
}

static void
the_socket_gives_what_staff_has_and_a_word_makes_it_less(void **state)
{
	struct management_caller caller;

	(void)state;
	assert_int_equal(admit("POST", "/v1/cases", "", &caller), 0);
	assert_string_equal(caller.person, "uid 7");
	assert_int_equal(caller.offices, OFFICE_LOCAL);
	assert_int_equal(admit("GET", "/v1/cases?open=1&x=/y", "auditor",
			     &caller),
	    0);
	assert_int_equal(caller.offices, 1 << OFFICE_AUDITOR);
	assert_int_equal(admit("POST", "/v1/cases", "auditor", &caller), -1);
	assert_int_equal(admit("GET", "/v1/cases", "king", &caller), -1);
	assert_int_equal(admit("GET", "/v1/cases", "system", &caller), -1);
	assert_int_equal(admit("GET", "/v1/moon", "", &caller), -1);
}

/* An applicant sees its own; without a code, nothing. */
static void
who_is_scoped_sees_no_more(void **state)
{
	struct management_caller staff = { .offices = OFFICE_LOCAL };
	struct management_caller own = { .offices = 1 << OFFICE_APPLICANT };

	(void)state;
	assert_true(management_may_see(&staff, NULL, "376490000A"));
	assert_false(management_may_see(&own, NULL, "376490000A"));
	assert_false(management_may_see(&own, NULL, ""));
	assert_true(org_code_parse("376490000A", &own.organisation));
	assert_true(management_may_see(&own, NULL, "376490000A"));
	assert_false(management_may_see(&own, NULL, "376470000A"));
	own.offices = 1 << OFFICE_SUPERVISOR;
	assert_false(management_may_see(&own, NULL, "376470000A"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_description_says_what_the_table_says),
		cmocka_unit_test(every_route_has_a_rule),
		cmocka_unit_test(what_is_not_listed_is_denied),
		cmocka_unit_test(
		    the_socket_gives_what_staff_has_and_a_word_makes_it_less),
		cmocka_unit_test(who_is_scoped_sees_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
