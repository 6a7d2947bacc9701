/*
 * Webhooks: events (gateway/events/happenings.h) told to document systems, in order,
 * one at a time, signed as Standard Webhooks has it: HMAC-SHA256 of the fields
 * webhook-id, webhook-timestamp and the body.
 *
 * What is told is durable before the next one is: after a restart the last one
 * may be told again, under the same id.  Who does not answer with 2xx is tried
 * again with waits that double; after WEBHOOK_TRIES the event goes to the list
 * of dead letters, and the next one follows.
 */
#ifndef GATEWAY_WEBHOOK_H
#define GATEWAY_WEBHOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "role/message.h"

struct error;
struct peer;
struct spool;

enum { WEBHOOK_TRIES = 12 };

struct webhooks;

int webhooks_new(struct spool *spool, struct webhooks **ret_webhooks,
    struct error *err) MUST_CHECK;
void webhooks_free(struct webhooks *webhooks);

/* Something happened, or keeper and courier are there. */
void webhooks_wake(struct webhooks *webhooks);

/* POST /v1/webhooks and below; false if it is another request. */
bool webhooks_answer(struct webhooks *webhooks, struct peer *peer, uint32_t id,
    const struct message_request *request);

#endif
