/*
 * One answer to many letters: each is signed and becomes durable by itself, and
 * says what came of it.  What was done once is done: the same request again
 * has the same results.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "gateway/inbox/inbox_answer.h"
#include "gateway/inbox/inbox_internal.h"
#include "gateway/inbox/inbox_letters.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/problem.h"
#include "sys/ipc.h"

enum { BODY_MAX = 65536 };

struct bulk_item {
	struct bulk *bulk;
	struct inbox_letter_name name;
	struct bytes result; /* JSON */
};

struct bulk {
	struct inbox *inbox;
	struct peer *peer;
	uint32_t id;
	char language[MESSAGE_LANGUAGE_SIZE];
	size_t open; /* that have no result yet, and one for the giver */
	size_t done;
	size_t count;
	struct bulk_item items[];
};

static void
end_bulk(struct bulk *bulk)
{
	struct message_response response = { .status = 200,
		.type = "application/json" };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	json_write_begin_object(&writer, NULL);
	json_write_int(&writer, "done", (int64_t)bulk->done);
	json_write_int(&writer, "failed", (int64_t)(bulk->count - bulk->done));
	json_write_begin_array(&writer, "results");
	for (size_t i = 0; i < bulk->count; i++) {
		json_write_raw(&writer, NULL, bulk->items[i].result.data,
		    bulk->items[i].result.len);
		bytes_free(&bulk->items[i].result);
	}
	json_write_end(&writer);
	json_write_end(&writer);
	response.body = blob_of_bytes(&json);
	if (json_write_done(&writer, &err) < 0)
		peer_refuse(bulk->peer, bulk->id, &err);
	else
		peer_tell(bulk->peer, MESSAGE_RESPONSE, bulk->id, &response,
		    -1);
	bytes_free(&json);
	free(bulk);
}

static void
close_one(struct bulk *bulk)
{
	if (--bulk->open == 0)
		end_bulk(bulk);
}

static void
on_answered(void *ctx, const struct inbox_row *row, const struct error *failure)
{
	struct bulk_item *item = ctx;
	struct bulk *bulk = item->bulk;

	inbox_letter_result(&item->name, row, failure, bulk->language,
	    &item->result);
	bulk->done += failure == NULL;
	close_one(bulk);
}

static struct bulk *
new_bulk(struct inbox *inbox, struct peer *peer, uint32_t id,
    const struct message_request *request, const struct json_value *list,
    struct error *err)
{
	size_t count = json_value_count(list);
	struct bulk *bulk;

	if (inbox_letters_check(list, err) < 0)
		return NULL;
	bulk = calloc(1, sizeof(*bulk) + count * sizeof(bulk->items[0]));
	if (bulk == NULL) {
		error_set_memory(err);
		return NULL;
	}
	bulk->inbox = inbox;
	bulk->peer = peer;
	bulk->id = id;
	text_copy(bulk->language, sizeof(bulk->language), request->language);
	bulk->count = count;
	bulk->open = 1;
	for (size_t i = 0; i < count; i++) {
		bulk->items[i].bulk = bulk;
		inbox_letter_name(list, i, &bulk->items[i].name);
	}
	return bulk;
}

/* All letters are asked for before any answer can end the whole. */
static void
give_all(struct bulk *bulk, struct inbox_answer *answer)
{
	for (size_t i = 0; i < bulk->count; i++) {
		answer->waybill_id = bulk->items[i].name.waybill_id;
		answer->recipient = bulk->items[i].name.recipient;
		bulk->open++;
		inbox_answer_give(bulk->inbox, answer, on_answered,
		    &bulk->items[i]);
	}
	close_one(bulk);
}

static int
begin(struct inbox *inbox, struct peer *peer, uint32_t id,
    const struct message_request *request, struct inbox_answer *answer,
    struct error *err)
{
	struct json_document *document = NULL;
	const struct json_value *root;
	struct bulk *bulk = NULL;

	if (json_read(request->body.data, request->body.len, BODY_MAX,
		&document, err) < 0)
		return -1;
	root = json_root(document);
	if (answer->event == EVENT_CONFIRMED ||
	    inbox_answer_reason(json_value_text(
				    json_value_member(root, "reason")),
		&answer->reason, err) == 0)
		bulk = new_bulk(inbox, peer, id, request,
		    json_value_member(root, "letters"), err);
	answer->words = json_value_text(json_value_member(root, "words"));
	if (bulk != NULL)
		give_all(bulk, answer);
	/* The words are in it. */
	json_document_free(document);
	return bulk != NULL ? 0 : -1;
}

void
inbox_bulk_request(struct inbox *inbox, struct peer *peer, uint32_t id,
    enum event event, const struct message_request *request)
{
	struct inbox_answer answer = { .event = event,
		.view = inbox_view_of(request),
		.actor = inbox_actor_of(request) };
	struct error err = { 0 };

	if (begin(inbox, peer, id, request, &answer, &err) < 0)
		peer_refuse(peer, id, &err);
}
