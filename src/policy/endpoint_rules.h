/*
 * Which office may use which endpoint of a management host.  What the table
 * does not name is denied.  data/openapi/management.json describes the same
 * endpoints, and a test compares them.  Pure.
 */
#ifndef POLICY_ENDPOINT_RULES_H
#define POLICY_ENDPOINT_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/office.h"

struct endpoint_rule {
	const char *method;  /* NULL ends the table */
	const char *pattern; /* "/v1/cases/{}:move", as listeners have it */
	unsigned offices;    /* bits 1 << OFFICE_CLERK ... */
	/* The caller's organisation decides what of it is seen. */
	bool is_scoped;
};

extern const struct endpoint_rule endpoint_rules[];

/*
 * The rule of a request, by its path without query; NULL when there is none,
 * which is a refusal.
 */
const struct endpoint_rule *endpoint_rule_find(const char *method,
    const char *path);

/* True if one of these offices may. */
bool endpoint_allows(const char *method, const char *path, unsigned offices);

#endif
