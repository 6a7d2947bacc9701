/*
 * Who may ask what of a gateway at its ports for people: each request of its
 * API with the roles of persons and the scopes of tokens that may make it.
 * What the table does not name is denied (T-ACC-07).  Pure.
 */
#ifndef POLICY_ACCESS_H
#define POLICY_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct error;

/* Of a person, for one organisation. */
enum access_role {
	ACCESS_CLERK,      /* 收發人員: sends, receives, reads */
	ACCESS_SUPERVISOR, /* 主管: the same, and sees who may do what */
	ACCESS_OPERATOR,   /* 維運: persons, tokens, health; no letters */
	ACCESS_AUDITOR,    /* 稽核: reads everything, changes nothing */
	ACCESS_ROLE_COUNT,
};

/* Of a token, each as small as a use has need of. */
enum access_scope {
	ACCESS_READ,     /* letters, receipts, evidence */
	ACCESS_SEND,     /* check, make and send letters, take them back */
	ACCESS_RECEIVE,  /* confirm and return */
	ACCESS_EVENTS,   /* the feed */
	ACCESS_WEBHOOKS, /* where events are told */
	ACCESS_METRICS,  /* health and figures */
	ACCESS_SCOPE_COUNT,
};

enum access_class {
	ACCESS_LISTED, /* the roles and scopes of the rule */
	ACCESS_ANYONE, /* whoever is logged in */
	ACCESS_PUBLIC, /* nobody has to be */
};

struct access_rule {
	const char *method; /* NULL ends the table */
	/* As in the table of routes: "/v1/inbox/{}/{}:confirm". */
	const char *pattern;
	enum access_class class;
	unsigned roles;  /* bits 1 << ACCESS_CLERK ... */
	unsigned scopes; /* bits 1 << ACCESS_READ ..., any of which is enough */
};

/* Of a gateway. */
extern const struct access_rule access_rules[];

/* Who asks. */
struct access_caller {
	bool is_token; /* else a person */
	enum access_role role;
	unsigned scopes;
};

/* The rule of a route; NULL: there is none, and so nobody may. */
const struct access_rule *access_find(const char *method, const char *pattern);

/* May they?  Else ERROR_DENIED (E6403), which says what it takes. */
int access_check(const struct access_rule *rule,
    const struct access_caller *caller, struct error *err) MUST_CHECK;

/* Lower-case names, as in the API. */
const char *access_role_name(enum access_role role);
bool access_role_parse(const char *name, enum access_role *ret_role);
const char *access_scope_name(enum access_scope scope);
bool access_scope_parse(const char *name, enum access_scope *ret_scope);

#endif
