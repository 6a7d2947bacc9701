/*
 * The bulletins that another host does not have yet: GET /v1/bulletins of
 * hosts.
 */
#ifndef ROLE_QUERIES_BULLETINS_H
#define ROLE_QUERIES_BULLETINS_H

#include "base/attr.h"

struct bytes;
struct error;
struct rows;

/*
 * Append those as records of a bundle, each with its receipt if it has one; what
 * the host has is said by `have` (role/bulletins/serials.h).
 */
int queries_put_bulletins(struct rows *rows, const char *have, struct bytes *to,
    struct error *err) MUST_CHECK;

#endif
