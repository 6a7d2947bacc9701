/*
 * What webhook.c (telling events) and webhook_ask.c (requests) share.
 */
#ifndef GATEWAY_WEBHOOK_INTERNAL_H
#define GATEWAY_WEBHOOK_INTERNAL_H

#include "base/attr.h"
#include "gateway/events/webhook.h"
#include "role/peer.h"

struct bytes;
struct loop_timer;
struct webhook_sending;

struct webhooks {
	struct spool *spool;
	struct webhook_sending *list;
	struct loop_timer *timer; /* for the next retry */
	bool is_waking;
};

/* A webhook is another one than before: forget what is known of it. */
void webhooks_forget(struct webhooks *webhooks, int64_t row);

/*
 * POST `body` under the header webhook-id `id`, signed by `secret`; `fn` gets
 * the courier's answer.  E6413: not an address where events may go.
 */
int webhook_post(struct webhooks *webhooks, const char *url, const char *id,
    const struct bytes *secret, const struct bytes *body, peer_answer_fn fn,
    void *ctx, struct error *err) MUST_CHECK;

/*
 * Tell a webhook an event of type "test" and answer the request with what came
 * of it.  ERROR_NOT_FOUND for one that `scope` may not see.
 */
int webhook_test(struct webhooks *webhooks, struct peer *peer, uint32_t id,
    const char *scope, const char *name, struct error *err) MUST_CHECK;

#endif
