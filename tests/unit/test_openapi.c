/*
 * The description of the API and the code say the same: each request of the
 * table of routes is described, and no other, with the roles and scopes of
 * policy/access.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "gateway/gateway_listener.h"
#include "json/json_read.h"
#include "policy/access.h"

enum { FILE_MAX = 1 << 20, PATTERN_SIZE = 128 };

static struct json_document *
read_description(void)
{
	char path[512];
	struct bytes text = { 0 };
	struct json_document *document = NULL;
	struct error err = { 0 };
	FILE *file;
	int c;

	snprintf(path, sizeof(path), "%s/data/openapi/v1/openapi.json",
	    getenv("SOURCE_ROOT"));
	file = fopen(path, "rb");
	assert_non_null(file);
	while ((c = fgetc(file)) != EOF)
		bytes_put_u8(&text, (uint8_t)c);
	fclose(file);
	if (json_read(text.data, text.len, FILE_MAX, &document, &err) < 0)
		fail_msg("%s", err.text);
	bytes_free(&text);
	return document;
}

/* "/v1/inbox/{waybill}/{code}:confirm" as routes have it. */
static void
pattern_of(const char *path, char to[PATTERN_SIZE])
{
	size_t len = 0;

	for (; *path != '\0'; path++) {
		assert_true(len + 3 < PATTERN_SIZE);
		to[len++] = *path;
		if (*path != '{')
			continue;
		path = strchr(path, '}');
		assert_non_null(path);
		to[len++] = '}';
	}
	to[len] = '\0';
}

/* But for what only this machine may ask, and the files of pages. */
static bool
is_described(const struct listener_route *route)
{
	return access_find(route->method, route->pattern) != NULL &&
	    !text_equal(route->pattern, "/") &&
	    !text_equal(route->pattern, "/{*}");
}

static const struct listener_route *
find_route(const char *method, const char *pattern)
{
	for (const struct listener_route *route = gateway_routes;
	     route->method != NULL; route++)
		if (text_equal(route->method, method) &&
		    text_equal(route->pattern, pattern))
			return route;
	return NULL;
}

static bool
has_item(const struct json_value *list, const char *name)
{
	for (size_t i = 0; i < json_value_count(list); i++)
		if (text_equal(json_value_text(json_value_item(list, i)), name))
			return true;
	return false;
}

static void
check_rule(const struct access_rule *rule, const struct json_value *operation)
{
	static const char *const classes[] = {
		[ACCESS_LISTED] = "listed",
		[ACCESS_ANYONE] = "anyone",
		[ACCESS_PUBLIC] = "public",
	};
	const struct json_value *roles =
	    json_value_member(operation, "x-roles");
	const struct json_value *scopes =
	    json_value_member(operation, "x-scopes");

	assert_string_equal(json_value_text(
				json_value_member(operation, "x-class")),
	    classes[rule->class]);
	for (int i = 0; i < ACCESS_ROLE_COUNT; i++)
		if (has_item(roles, access_role_name((enum access_role)i)) !=
		    ((rule->roles & (1u << i)) != 0))
			fail_msg("%s %s: %s", rule->method, rule->pattern,
			    access_role_name((enum access_role)i));
	for (int i = 0; i < ACCESS_SCOPE_COUNT; i++)
		if (has_item(scopes, access_scope_name((enum access_scope)i)) !=
		    ((rule->scopes & (1u << i)) != 0))
			fail_msg("%s %s: %s", rule->method, rule->pattern,
			    access_scope_name((enum access_scope)i));
}

struct walk {
	const char *path;
	size_t count;
};

static int
visit_method(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	struct walk *walk = context;
	char pattern[PATTERN_SIZE];
	char method[16] = "";
	const struct access_rule *rule;

	(void)err;
	for (size_t i = 0; key[i] != '\0' && i + 1 < sizeof(method); i++)
		method[i] = (char)(key[i] - 'a' + 'A');
	pattern_of(walk->path, pattern);
	if (find_route(method, pattern) == NULL)
		fail_msg("%s %s is described and not there", method,
		    walk->path);
	rule = access_find(method, pattern);
	if (rule == NULL)
		fail_msg("%s %s has no rule", method, pattern);
	check_rule(rule, value);
	/* Each has an example, which tests/scenario runs. */
	assert_true(
	    json_value_count(json_value_member(value, "x-examples")) > 0);
	walk->count++;
	return 0;
}

static int
visit_path(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	struct walk *walk = context;

	walk->path = key;
	return json_value_each(value, visit_method, walk, err);
}

static void
description_and_routes_are_the_same(void **state)
{
	struct json_document *document = read_description();
	struct walk walk = { 0 };
	struct error err = { 0 };
	size_t routes = 0;

	(void)state;
	assert_int_equal(json_value_each(json_value_member(json_root(document),
					     "paths"),
			     visit_path, &walk, &err),
	    0);
	for (const struct listener_route *route = gateway_routes;
	     route->method != NULL; route++)
		routes += is_described(route);
	assert_int_equal(walk.count, routes);
	json_document_free(document);
}

/* What no rule names can only be asked on the machine itself. */
static void
every_rule_has_a_route(void **state)
{
	(void)state;
	for (const struct access_rule *rule = access_rules;
	     rule->method != NULL; rule++)
		if (find_route(rule->method, rule->pattern) == NULL)
			fail_msg("%s %s is no route", rule->method,
			    rule->pattern);
}

static void
public_routes_are_public_rules(void **state)
{
	(void)state;
	for (const struct listener_route *route = gateway_routes;
	     route->method != NULL; route++) {
		const struct access_rule *rule =
		    access_find(route->method, route->pattern);

		/* Pages that ask the API in the name of who asks for them. */
		if (text_starts(route->pattern, "/plain") ||
		    text_starts(route->pattern, "/en/plain"))
			continue;
		assert_int_equal(route->callers == LISTENER_PUBLIC,
		    rule != NULL && rule->class == ACCESS_PUBLIC);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(description_and_routes_are_the_same),
		cmocka_unit_test(every_rule_has_a_route),
		cmocka_unit_test(public_routes_are_public_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
