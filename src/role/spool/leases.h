/*
 * Leases on the payload of a spooler's store, for whoever copies it: blocks
 * that are freed while one is held keep their bytes (store/segment.h).  Asked
 * for over the control socket (docs/api.md):
 *
 *	POST /v1/leases              201 {"lease":"...","expires_s":60}
 *	POST /v1/leases/{}:renew     200 {"expires_s":60}, or E5041
 *	POST /v1/leases/{}:release   200 {}, or E5041
 *
 * One that is not renewed ends by itself, so who dies holds nothing.  A restart
 * ends all of them: whoever copied must hear of it, and does at the release.
 */
#ifndef ROLE_LEASES_H
#define ROLE_LEASES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct error;
struct leases;
struct message_request;
struct peer;
struct segments;

enum { LEASES_MAX = 4, LEASES_EXPIRE_S = 60 };

/* `segments` must outlive it. */
int leases_new(struct segments *segments, struct leases **ret_leases,
    struct error *err) MUST_CHECK;
void leases_free(struct leases *leases);

/* Answer a request of the table above; false if it is another one. */
bool leases_answer(struct leases *leases, struct peer *peer, uint32_t id,
    const struct message_request *request, uint64_t now_ms);

/* End those that were not renewed; call it every second. */
void leases_expire(struct leases *leases, uint64_t now_ms);

#endif
