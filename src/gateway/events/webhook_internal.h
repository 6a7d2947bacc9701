/*
 * What webhook.c (telling events) and webhook_ask.c (requests) share.
 */
#ifndef GATEWAY_WEBHOOK_INTERNAL_H
#define GATEWAY_WEBHOOK_INTERNAL_H

#include "gateway/events/webhook.h"

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

#endif
