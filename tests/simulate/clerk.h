/*
 * The clerks and document systems of all agencies: they ask through the local
 * socket of a host, and are the only ones here who are not the product.
 */
#ifndef SIMULATE_CLERK_H
#define SIMULATE_CLERK_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct clerk_request {
	int host;
	const char *method;
	const char *target;
	const char *type;   /* content type; NULL without a body */
	const char *key;    /* Idempotency-Key, or NULL */
	struct bytes *body; /* taken over; NULL for none */
};

/* `status` is 0 when the connection broke: it may have been done or not. */
typedef void (*clerk_fn)(void *ctx, int status, const char *body, size_t len);

/* In a callback of sim.clerks. */
void clerk_ask(const struct clerk_request *request, clerk_fn fn, void *ctx);

#endif
