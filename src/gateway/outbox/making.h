/*
 * Making the files of a letter from its JSON form: the question to the reader
 * and the answer to whoever asked.  Nothing is stored.
 */
#ifndef GATEWAY_MAKING_H
#define GATEWAY_MAKING_H

#include <stdint.h>

#include "base/attr.h"

struct error;
struct gateway;
struct making;
struct message_request;
struct peer;

enum { MAKING_MAX = 4 }; /* with the reader at once */

/* `gateway` must outlive it. */
int making_new(struct gateway *gateway, struct making **ret_making,
    struct error *err) MUST_CHECK;

/*
 * POST /v1/documents:make: 200 and a bundle of files, or the problem E4209
 * with what is wrong; E2293 when too many are being made.
 */
void making_request(struct making *making, struct peer *peer, uint32_t id,
    const struct message_request *request);

/* The asker of `id` is gone. */
void making_cancel(struct making *making, uint32_t id);

#endif
