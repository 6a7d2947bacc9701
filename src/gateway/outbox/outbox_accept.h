/*
 * Warnings that a sender has to accept by name before a letter leaves: which
 * they are is a property of the rule (document/finding.h).  Pure.
 */
#ifndef GATEWAY_OUTBOX_ACCEPT_H
#define GATEWAY_OUTBOX_ACCEPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/error.h"

enum { OUTBOX_ACCEPT_MAX = 16 };

/* Start it as `{ 0 }`: nothing is accepted. */
struct outbox_accept {
	char rules[OUTBOX_ACCEPT_MAX][ERROR_ID_SIZE];
	size_t count;
};

/*
 * Read "E2133,E2134", what the parameter `accept` of a request holds.  E6204
 * for what is no rule, or none that can be accepted.
 */
int outbox_accept_parse(const char *text, struct outbox_accept *ret_accept,
    struct error *err) MUST_CHECK;

bool outbox_accept_has(const struct outbox_accept *accept, const char *rule);

#endif
