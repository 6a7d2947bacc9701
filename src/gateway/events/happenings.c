#include "gateway/events/happenings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "gateway/inbox/inbox_view.h"
#include "http/http_path.h"
#include "role/env.h"
#include "role/spool/spool.h"
#include "store/store.h"
#include "sys/loop.h"

struct waiter {
	struct waiter *next;
	struct happenings *happenings;
	struct peer *peer;
	uint32_t id;
	struct happenings_ask ask;
	struct loop_timer *timer;
};

struct happenings {
	struct spool *spool;
	struct waiter *waiters;
	size_t count;
	int64_t told; /* the newest of which those who wait know */
};

static struct rows *
rows_of(const struct happenings *happenings)
{
	return store_rows(happenings->spool->store);
}

int
happenings_new(struct spool *spool, struct happenings **ret_happenings,
    struct error *err)
{
	struct happenings *happenings = calloc(1, sizeof(*happenings));

	if (happenings == NULL)
		return error_set_memory(err);
	happenings->spool = spool;
	*ret_happenings = happenings;
	return 0;
}

static void
drop(struct waiter *waiter)
{
	struct waiter **at = &waiter->happenings->waiters;

	while (*at != waiter)
		at = &(*at)->next;
	*at = waiter->next;
	waiter->happenings->count--;
	loop_timer_free(waiter->timer);
	free(waiter);
}

void
happenings_free(struct happenings *happenings)
{
	if (happenings == NULL)
		return;
	while (happenings->waiters != NULL)
		drop(happenings->waiters);
	free(happenings);
}

void
happenings_reply(struct peer *peer, uint32_t id,
    const struct happenings_ask *ask, const struct bytes *text, int64_t next)
{
	struct message_response response = { .status = 200,
		.body = blob_of_bytes(text) };
	struct bytes headers = { 0 };
	char number[24];

	text_copy(response.type, sizeof(response.type),
	    ask->is_stream ? "text/event-stream" : "application/json");
	snprintf(number, sizeof(number), "%" PRId64, next);
	bytes_put(&headers, "yizhan-next", sizeof("yizhan-next"));
	bytes_put(&headers, number, strlen(number) + 1);
	if (!headers.failed)
		response.headers = blob_of_bytes(&headers);
	peer_tell(peer, MESSAGE_RESPONSE, id, &response, -1);
	bytes_free(&headers);
}

/*
 * True if it was answered, which `is_over` makes sure of.  What was looked
 * through without a find is not looked through again.
 */
static bool
tell(struct happenings *happenings, struct peer *peer, uint32_t id,
    struct happenings_ask *ask, bool is_over)
{
	struct bytes text = { 0 };
	struct error err = { 0 };
	int64_t next = ask->after;
	bool is_answered = true;
	int count =
	    happenings_read(rows_of(happenings), ask, &text, &next, &err);

	if (count < 0)
		peer_refuse(peer, id, &err);
	else if (count > 0 || is_over)
		happenings_reply(peer, id, ask, &text, next);
	else
		is_answered = false;
	ask->after = next;
	bytes_free(&text);
	return is_answered;
}

static void
on_time_over(void *ctx)
{
	struct waiter *waiter = ctx;

	(void)tell(waiter->happenings, waiter->peer, waiter->id, &waiter->ask,
	    true);
	drop(waiter);
}

void
happenings_wake(struct happenings *happenings)
{
	struct error err = { 0 };
	struct waiter *next;
	int64_t newest;

	if (happenings->waiters == NULL ||
	    happenings_newest(rows_of(happenings), &newest, &err) < 0 ||
	    newest == happenings->told)
		return;
	happenings->told = newest;
	for (struct waiter *waiter = happenings->waiters; waiter != NULL;
	     waiter = next) {
		next = waiter->next;
		if (tell(happenings, waiter->peer, waiter->id, &waiter->ask,
			false))
			drop(waiter);
	}
}

static int
park(struct happenings *happenings, struct peer *peer, uint32_t id,
    const struct happenings_ask *ask, struct error *err)
{
	struct waiter *waiter;

	if (happenings->count >= HAPPENINGS_WAITERS_MAX)
		return error_set(err, ERROR_BUSY, "%d requests wait already",
		    HAPPENINGS_WAITERS_MAX);
	waiter = calloc(1, sizeof(*waiter));
	if (waiter == NULL)
		return error_set_memory(err);
	if (loop_timer_new(happenings->spool->env->loop, on_time_over, waiter,
		&waiter->timer, err) < 0) {
		free(waiter);
		return -1;
	}
	waiter->happenings = happenings;
	waiter->peer = peer;
	waiter->id = id;
	waiter->ask = *ask;
	waiter->next = happenings->waiters;
	happenings->waiters = waiter;
	happenings->count++;
	loop_timer_start(waiter->timer, ask->wait_s * 1000);
	return 0;
}

void
happenings_request(struct happenings *happenings, struct peer *peer,
    uint32_t id, const struct message_request *request)
{
	struct http_target target = { 0 };
	struct inbox_view view = inbox_view_of(request);
	struct happenings_ask ask;
	struct error err = { 0 };

	if (http_target_parse(request->path, strlen(request->path), &target,
		&err) < 0 ||
	    happenings_parse(rows_of(happenings), &target, &view, &ask, &err) <
		0 ||
	    (!tell(happenings, peer, id, &ask, ask.wait_s == 0) &&
		park(happenings, peer, id, &ask, &err) < 0))
		peer_refuse(peer, id, &err);
	http_target_free(&target);
}

void
happenings_cancel(struct happenings *happenings, uint32_t id)
{
	for (struct waiter *waiter = happenings->waiters; waiter != NULL;
	     waiter = waiter->next) {
		if (waiter->id == id) {
			drop(waiter);
			return;
		}
	}
}
