/*
 * GET /v1/outbox/{id} with `wait`: parked until the deliveries are where the
 * asker wants them, or the time is over.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "gateway/outbox/outbox_internal.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "store/store.h"
#include "sys/loop.h"

enum { WAITS_MAX = 1024, WAIT_MAX_S = 3600 };

struct outbox_wait {
	struct outbox_wait *next;
	struct outbox *outbox;
	struct peer *peer;
	uint32_t id;
	struct id document_id;
	int64_t document; /* its row */
	enum delivery_state state;
	struct outbox_mark place; /* of the first that is not there */
	struct loop_timer *timer;
};

static struct rows *
rows_of(const struct outbox *outbox)
{
	return store_rows(outbox->gateway->spool.store);
}

struct outbox_reading
outbox_reading_of(const struct spool *spool)
{
	return (struct outbox_reading){ .rows = store_rows(spool->store),
		.directory = spool_directory(spool),
		.now = spool_now(spool) };
}

void
outbox_answer_one(struct outbox *outbox, struct peer *peer, uint32_t id,
    const struct id *document_id)
{
	struct message_response response = { .status = 200,
		.type = "application/json" };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	const struct outbox_reading reading =
	    outbox_reading_of(&outbox->gateway->spool);
	struct error err = { 0 };

	if (outbox_read_one(&reading, document_id, &writer, &err) < 0 ||
	    json_write_done(&writer, &err) < 0) {
		peer_refuse(peer, id, &err);
	} else {
		response.body = blob_of_bytes(&json);
		peer_tell(peer, MESSAGE_RESPONSE, id, &response, -1);
	}
	bytes_free(&json);
}

/* ---- parked ones ----------------------------------------------------- */

static void
remove_wait(struct outbox_wait **at)
{
	struct outbox_wait *wait = *at;

	*at = wait->next;
	loop_timer_free(wait->timer);
	free(wait);
}

static void
end_wait(struct outbox_wait **at)
{
	struct outbox_wait *wait = *at;

	outbox_answer_one(wait->outbox, wait->peer, wait->id,
	    &wait->document_id);
	remove_wait(at);
}

static void
on_timer(void *ctx)
{
	struct outbox_wait *wait = ctx;
	struct outbox_wait **at = &wait->outbox->waits;

	while (*at != wait)
		at = &(*at)->next;
	end_wait(at);
}

void
outbox_wait_wake(struct outbox *outbox, int64_t document)
{
	struct outbox_wait **at = &outbox->waits;
	struct error err = { 0 };

	while (*at != NULL) {
		struct outbox_wait *wait = *at;

		if (wait->document == document &&
		    outbox_outstanding(rows_of(outbox), document, wait->state,
			&wait->place, &err) == 0)
			end_wait(at);
		else
			at = &wait->next;
	}
}

bool
outbox_wait_cancel(struct outbox *outbox, uint32_t id)
{
	struct outbox_wait **at = &outbox->waits;

	while (*at != NULL && (*at)->id != id)
		at = &(*at)->next;
	if (*at == NULL)
		return false;
	remove_wait(at);
	return true;
}

void
outbox_wait_free_all(struct outbox *outbox)
{
	while (outbox->waits != NULL)
		remove_wait(&outbox->waits);
}

static size_t
count_waits(const struct outbox *outbox)
{
	size_t count = 0;

	for (const struct outbox_wait *wait = outbox->waits; wait != NULL;
	     wait = wait->next)
		count++;
	return count;
}

static int
park(struct outbox *outbox, const struct outbox_wait *wanted, uint64_t wait_s,
    struct error *err)
{
	struct outbox_wait *wait;

	if (count_waits(outbox) >= WAITS_MAX)
		return error_set_id(err, "E4204", ERROR_BUSY,
		    "%d requests wait already", WAITS_MAX);
	wait = calloc(1, sizeof(*wait));
	if (wait == NULL)
		return error_set_memory(err);
	*wait = *wanted;
	if (loop_timer_new(outbox->gateway->spool.env->loop, on_timer, wait,
		&wait->timer, err) < 0) {
		free(wait);
		return -1;
	}
	wait->next = outbox->waits;
	outbox->waits = wait;
	loop_timer_start(wait->timer, wait_s * 1000);
	return 0;
}

/* ---- the request ----------------------------------------------------- */

static int
read_wanted(const struct http_target *target, struct outbox_wait *wanted,
    uint64_t *ret_wait_s, struct error *err)
{
	const char *state = http_target_param(target, "for");
	const char *wait = http_target_param(target, "wait");
	struct http_segments segments;

	*ret_wait_s = 0;
	if (!http_path_match("/v1/outbox/{}", target->path, &segments) ||
	    !id_parse(segments.text[0], &wanted->document_id))
		return error_set_id(err, "E4208", ERROR_NOT_FOUND,
		    "nothing at %s", target->path);
	if (state == NULL || wait == NULL)
		return 0;
	if (!delivery_state_parse(state, &wanted->state))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "for=%s is no state of a delivery", state);
	if (!text_parse_u64(wait, WAIT_MAX_S, ret_wait_s))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "wait must be a number up to %d", WAIT_MAX_S);
	return 0;
}

/* 1 when it has to wait, 0 when it can be answered. */
static int
must_wait(struct outbox *outbox, struct outbox_wait *wanted, struct error *err)
{
	struct outbox_document document;
	int found = outbox_document_find(rows_of(outbox), &wanted->document_id,
	    &document, err);

	if (found < 0)
		return -1;
	if (found == 0 || document.is_draft)
		return error_set_id(err, "E4208", ERROR_NOT_FOUND,
		    "no such letter was sent here");
	wanted->document = document.row;
	return outbox_outstanding(rows_of(outbox), document.row, wanted->state,
	    &wanted->place, err);
}

void
outbox_wait_request(struct outbox *outbox, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct outbox_wait wanted = { .outbox = outbox,
		.peer = peer,
		.id = id,
		.state = DELIVERY_QUEUED };
	struct http_target target = { 0 };
	struct error err = { 0 };
	uint64_t wait_s = 0;
	int waits = -1;

	if (http_target_parse(request->path, strlen(request->path), &target,
		&err) == 0 &&
	    read_wanted(&target, &wanted, &wait_s, &err) == 0)
		waits = must_wait(outbox, &wanted, &err);
	if (waits > 0 && wait_s > 0)
		waits = park(outbox, &wanted, wait_s, &err) < 0 ? -1 : 1;
	else if (waits > 0)
		waits = 0;
	if (waits < 0)
		peer_refuse(peer, id, &err);
	else if (waits == 0)
		outbox_answer_one(outbox, peer, id, &wanted.document_id);
	http_target_free(&target);
}
