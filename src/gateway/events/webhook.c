#include "gateway/events/webhook.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/random.h"
#include "exchange/retry.h"
#include "gateway/events/happenings.h"
#include "gateway/events/webhook_internal.h"
#include "gateway/events/webhook_rows.h"
#include "role/env.h"
#include "role/spool/spool.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/loop.h"

enum {
	NUMBER_SIZE = 24,
};

/* One webhook, while there is something about it to remember. */
struct webhook_sending {
	struct group_op op; /* first: the group hands it back */
	struct webhook_sending *next;
	struct webhooks *webhooks;
	struct webhook webhook;
	int64_t looked; /* no event of its own up to here */
	int64_t number; /* of the event at hand */
	struct bytes body;
	struct bytes secret;
	bool has_secret;
	bool is_busy;
	bool is_stale; /* changed meanwhile: what comes back counts nothing */
	bool is_given_up;
};

static struct rows *
rows_of(const struct webhooks *webhooks)
{
	return store_rows(webhooks->spool->store);
}

static const struct config *
config_of(const struct webhooks *webhooks)
{
	return webhooks->spool->env->config;
}

static void
on_timer(void *ctx)
{
	webhooks_wake(ctx);
}

int
webhooks_new(struct spool *spool, struct webhooks **ret_webhooks,
    struct error *err)
{
	struct webhooks *webhooks = calloc(1, sizeof(*webhooks));

	if (webhooks == NULL)
		return error_set_memory(err);
	webhooks->spool = spool;
	if (loop_timer_new(spool->env->loop, on_timer, webhooks,
		&webhooks->timer, err) < 0) {
		free(webhooks);
		return -1;
	}
	*ret_webhooks = webhooks;
	return 0;
}

static void
free_sending(struct webhook_sending *sending)
{
	bytes_free(&sending->body);
	bytes_wipe(&sending->secret);
	free(sending);
}

void
webhooks_free(struct webhooks *webhooks)
{
	if (webhooks == NULL)
		return;
	while (webhooks->list != NULL) {
		struct webhook_sending *sending = webhooks->list;

		webhooks->list = sending->next;
		free_sending(sending);
	}
	loop_timer_free(webhooks->timer);
	free(webhooks);
}

void
webhooks_forget(struct webhooks *webhooks, int64_t row)
{
	for (struct webhook_sending *sending = webhooks->list; sending != NULL;
	     sending = sending->next) {
		if (sending->webhook.row != row)
			continue;
		sending->looked = 0;
		sending->is_stale = sending->is_busy;
	}
}

/* ---- what came of it --------------------------------------------------------- */

static int
apply(struct group_op *op, struct error *err)
{
	struct webhook_sending *sending = (struct webhook_sending *)(void *)op;
	struct rows *rows = rows_of(sending->webhooks);

	if (sending->is_stale)
		return 0;
	if (sending->is_given_up &&
	    webhook_give_up(rows, &sending->webhook, sending->number,
		spool_now(sending->webhooks->spool), err) < 0)
		return -1;
	return webhook_save(rows, &sending->webhook, err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct webhook_sending *sending = (struct webhook_sending *)(void *)op;
	struct webhooks *webhooks = sending->webhooks;

	if (failure != NULL)
		log_failure(&webhooks->spool->env->log, LOG_LEVEL_WARNING,
		    "webhook", failure);
	sending->is_busy = false;
	sending->is_stale = false;
	webhooks_wake(webhooks);
}

static void
log_dead(const struct webhook_sending *sending)
{
	struct log_line line;

	log_begin(&line, &sending->webhooks->spool->env->log, LOG_LEVEL_WARNING,
	    "webhook.given_up");
	log_i64(&line, "webhook", sending->webhook.row);
	log_i64(&line, "number", sending->number);
	log_text(&line, "url", sending->webhook.url);
	log_text(&line, "why", sending->webhook.why);
	log_end(&line);
}

static void
set_failed(struct webhook_sending *sending)
{
	const struct config *config = config_of(sending->webhooks);
	const struct retry_bounds bounds = {
		.first_ms = config->courier.retry_first_ms,
		.max_ms = config->courier.retry_max_ms,
	};
	struct webhook *webhook = &sending->webhook;
	struct error ignored = { 0 };
	uint32_t random = 0;

	if (random_fill(&random, sizeof(random), &ignored) < 0)
		random = 0;
	webhook->failures++;
	webhook->retry_at = spool_now(sending->webhooks->spool) +
	    retry_wait_ms(&bounds, (uint32_t)webhook->failures, random);
	sending->is_given_up = webhook->failures >= WEBHOOK_TRIES;
	if (!sending->is_given_up)
		return;
	log_dead(sending);
	webhook->after = sending->number;
	webhook->failures = 0;
	webhook->retry_at = 0;
}

/* `status` 0: there was no answer, for `why`. */
static void
set_result(struct webhook_sending *sending, int64_t status, const char *why)
{
	struct webhook *webhook = &sending->webhook;

	sending->is_given_up = false;
	webhook->status = status;
	if (!text_copy_len(webhook->why, sizeof(webhook->why), why,
		strnlen(why, sizeof(webhook->why) - 1)))
		webhook->why[0] = '\0';
	if (status >= 200 && status <= 299) {
		webhook->after = sending->number;
		webhook->failures = 0;
		webhook->retry_at = 0;
		webhook->why[0] = '\0';
	} else {
		set_failed(sending);
	}
	sending->op.apply = apply;
	sending->op.finish = finish;
	group_add(sending->webhooks->spool->group, &sending->op);
}

static void
on_fetched(void *ctx, struct ipc_message *message)
{
	struct webhook_sending *sending = ctx;
	struct message_fetched fetched;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_FETCHED, &fetched, &err) < 0)
		set_result(sending, 0, err.text);
	else
		set_result(sending, fetched.status, "");
}

/* ---- telling one ---------------------------------------------------------------- */

static void
post(struct webhook_sending *sending)
{
	char id[NUMBER_SIZE + 8];
	struct error err = { 0 };

	snprintf(id, sizeof(id), "evt_%" PRId64, sending->number);
	if (webhook_post(sending->webhooks, sending->webhook.url, id,
		&sending->secret, &sending->body, on_fetched, sending,
		&err) < 0)
		set_result(sending, 0, err.text);
}

static void
on_opened(void *ctx, struct ipc_message *message)
{
	struct webhook_sending *sending = ctx;
	struct message_kept kept;
	struct error err = { 0 };

	bytes_clear(&sending->secret);
	if (message_read(message, MESSAGE_KEPT, &kept, &err) == 0) {
		bytes_put(&sending->secret, kept.secret.data, kept.secret.len);
		sending->has_secret = bytes_failed(&sending->secret, &err) == 0;
	}
	if (sending->has_secret)
		post(sending);
	else
		set_result(sending, 0, err.text);
}

static void
open_secret(struct webhook_sending *sending)
{
	struct webhooks *webhooks = sending->webhooks;
	struct message_keep ask = { .is_open = true };
	struct bytes sealed = { 0 };
	struct error err = { 0 };
	int rc = webhook_secret(rows_of(webhooks), sending->webhook.row,
	    &sealed, &err);

	ask.secret = blob_of_bytes(&sealed);
	if (rc == 0)
		rc = peer_ask(webhooks->spool->keeper, MESSAGE_KEEP, &ask, -1,
		    on_opened, sending, NULL, &err);
	bytes_free(&sealed);
	if (rc < 0)
		set_result(sending, 0, err.text);
}

/* The next event of its organisation; false when there is none. */
static bool
take_event(struct webhook_sending *sending)
{
	struct webhook *webhook = &sending->webhook;
	struct happenings_ask ask = { .limit = 1 };
	struct error err = { 0 };
	int count;

	ask.after =
	    webhook->after > sending->looked ? webhook->after : sending->looked;
	text_copy(ask.scope, sizeof(ask.scope), webhook->organisation.text);
	bytes_clear(&sending->body);
	count = happenings_read(rows_of(sending->webhooks), &ask,
	    &sending->body, &sending->number, &err);
	if (count > 0)
		return true;
	if (count == 0)
		sending->looked = sending->number;
	/* What was not told is kept no more: from now on. */
	if (count < 0 &&
	    (!text_equal(err.id, "E6419") ||
		happenings_newest(rows_of(sending->webhooks), &sending->looked,
		    &err) < 0))
		log_failure(&sending->webhooks->spool->env->log,
		    LOG_LEVEL_WARNING, "webhook", &err);
	return false;
}

static struct webhook_sending *
sending_of(struct webhooks *webhooks, const struct webhook *webhook)
{
	struct webhook_sending *sending = webhooks->list;

	while (sending != NULL && sending->webhook.row != webhook->row)
		sending = sending->next;
	if (sending == NULL) {
		sending = calloc(1, sizeof(*sending));
		if (sending == NULL)
			return NULL;
		sending->webhooks = webhooks;
		sending->webhook = *webhook;
		sending->next = webhooks->list;
		webhooks->list = sending;
	}
	if (!sending->is_busy)
		sending->webhook = *webhook;
	return sending;
}

/* Returns when to look at it again; 0: when something happens. */
static int64_t
look_at(struct webhooks *webhooks, const struct webhook *webhook)
{
	struct webhook_sending *sending = sending_of(webhooks, webhook);

	if (sending == NULL || sending->is_busy)
		return 0;
	if (webhook->failures > 0 &&
	    webhook->retry_at > spool_now(webhooks->spool))
		return webhook->retry_at;
	if (!take_event(sending))
		return 0;
	sending->is_busy = true;
	if (sending->has_secret)
		post(sending);
	else
		open_secret(sending);
	return 0;
}

void
webhooks_wake(struct webhooks *webhooks)
{
	int64_t soonest = 0;
	struct webhook webhook = { .row = 0 };
	struct error err = { 0 };

	/* What is looked at may be told at once, which wakes. */
	if (webhooks->is_waking || webhooks->spool->courier == NULL)
		return;
	webhooks->is_waking = true;
	while (
	    webhook_next(rows_of(webhooks), webhook.row, &webhook, &err) > 0) {
		int64_t again = look_at(webhooks, &webhook);

		if (again != 0 && (soonest == 0 || again < soonest))
			soonest = again;
	}
	webhooks->is_waking = false;
	if (soonest != 0) {
		int64_t now = spool_now(webhooks->spool);

		loop_timer_start(webhooks->timer,
		    soonest > now ? (uint64_t)(soonest - now) : 1);
	}
}
