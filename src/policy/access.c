#include "policy/access.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { NAMES_SIZE = 128 };

static const char *const role_names[ACCESS_ROLE_COUNT] = {
	[ACCESS_CLERK] = "clerk",
	[ACCESS_SUPERVISOR] = "supervisor",
	[ACCESS_OPERATOR] = "operator",
	[ACCESS_AUDITOR] = "auditor",
};

static const char *const scope_names[ACCESS_SCOPE_COUNT] = {
	[ACCESS_READ] = "read",
	[ACCESS_SEND] = "send",
	[ACCESS_RECEIVE] = "receive",
	[ACCESS_EVENTS] = "events",
	[ACCESS_WEBHOOKS] = "webhooks",
	[ACCESS_METRICS] = "metrics",
};

const char *
access_role_name(enum access_role role)
{
	return role_names[role];
}

bool
access_role_parse(const char *name, enum access_role *ret_role)
{
	int found = text_find(role_names, ACCESS_ROLE_COUNT, name);

	if (found >= 0)
		*ret_role = (enum access_role)found;
	return found >= 0;
}

const char *
access_scope_name(enum access_scope scope)
{
	return scope_names[scope];
}

bool
access_scope_parse(const char *name, enum access_scope *ret_scope)
{
	int found = text_find(scope_names, ACCESS_SCOPE_COUNT, name);

	if (found >= 0)
		*ret_scope = (enum access_scope)found;
	return found >= 0;
}

const struct access_rule *
access_find(const char *method, const char *pattern)
{
	for (const struct access_rule *rule = access_rules;
	     rule->method != NULL; rule++)
		if (text_equal(rule->method, method) &&
		    text_equal(rule->pattern, pattern))
			return rule;
	return NULL;
}

/* "a, b" of those in `bits`. */
static void
name_bits(const char *const *names, int count, unsigned bits,
    char to[NAMES_SIZE])
{
	size_t len = 0;

	to[0] = '\0';
	for (int i = 0; i < count; i++) {
		size_t name_len = strlen(names[i]);

		if ((bits & (1u << i)) == 0 || len + name_len + 3 > NAMES_SIZE)
			continue;
		if (len > 0) {
			memcpy(to + len, ", ", 2);
			len += 2;
		}
		memcpy(to + len, names[i], name_len + 1);
		len += name_len;
	}
}

static int
deny(const struct access_rule *rule, bool is_token, struct error *err)
{
	char names[NAMES_SIZE];

	if (is_token)
		name_bits(scope_names, ACCESS_SCOPE_COUNT, rule->scopes, names);
	else
		name_bits(role_names, ACCESS_ROLE_COUNT, rule->roles, names);
	return error_set_id(err, "E6403", ERROR_DENIED, "%s %s is for %s: %s",
	    rule->method, rule->pattern,
	    is_token ? "tokens with a scope of" : "the roles",
	    names[0] != '\0' ? names : "none");
}

int
access_check(const struct access_rule *rule, const struct access_caller *caller,
    struct error *err)
{
	if (rule == NULL)
		return error_set_id(err, "E6403", ERROR_DENIED,
		    "no rule lets anybody ask this");
	if (rule->class != ACCESS_LISTED)
		return 0;
	if (caller->is_token ? (rule->scopes & caller->scopes) != 0
			     : (rule->roles & (1u << caller->role)) != 0)
		return 0;
	return deny(rule, caller->is_token, err);
}
