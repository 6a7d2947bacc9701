/*
 * The crypto module of a host as its operator sees it (docs/api.md): GET
 * /v1/module, POST /v1/module:selftest and :zeroise.  The same at every spooler.
 */
#ifndef ROLE_MODULE_REQUESTS_H
#define ROLE_MODULE_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct message_request;
struct peer;
struct spool;

/* Answer it; false if it is another request. */
bool module_requests_answer(struct spool *spool, struct peer *peer, uint32_t id,
    const struct message_request *request);

/*
 * Tell the keeper which programs the release bulletin in force names; after the
 * bulletins changed.
 */
void module_requests_tell_release(struct spool *spool);

#endif
