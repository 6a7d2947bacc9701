/*
 * Where the leaves of a waybill go: to our own recipients, and one relay to
 * every other center, not one for every recipient.  Pure.
 */
#ifndef EXCHANGE_ROUTING_H
#define EXCHANGE_ROUTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct error;

enum { ROUTING_CENTER_SIZE = 41 };

/* One destination of a waybill. */
struct route {
	char center[ROUTING_CENTER_SIZE];
	bool is_local;        /* this center serves them */
	const size_t *leaves; /* indices in the roster's order, ascending */
	size_t leaf_count;
};

struct routing; /* owns its routes */

/*
 * Group the `count` leaves, of which `centers[i]` names the center, for the
 * center `own`.  The local route comes first if there is one, the others in the
 * order of their first leaf.  ERROR_MALFORMED for an empty or overlong name.
 */
int routing_split(const char *const *centers, size_t count, const char *own,
    struct routing **ret_routing, struct error *err) MUST_CHECK;
void routing_free(struct routing *routing);

size_t routing_count(const struct routing *routing);

/* Lives as long as `routing`. */
const struct route *routing_at(const struct routing *routing, size_t index);

#endif
