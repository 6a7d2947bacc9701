#include "role/bulletins/publishing.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "envelope/bundle.h"
#include "json/json_write.h"
#include "role/bulletins/bulletins.h"
#include "role/peer.h"
#include "role/query/queries.h"

/*
 * One POST /v1/bulletins: its bulletins are taken one after another; the first
 * that is refused ends it.
 */
struct publishing {
	struct bulletins *bulletins;
	struct peer *peer;
	uint32_t id;
	struct bytes body;
	size_t at; /* of the record that comes next */
	size_t taken;
};

static void
answer(struct publishing *publishing, const struct error *failure)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);

	if (failure != NULL) {
		peer_refuse(publishing->peer, publishing->id, failure);
	} else {
		json_write_begin_object(&writer, NULL);
		json_write_int(&writer, "accepted", (int64_t)publishing->taken);
		json_write_end(&writer);
		queries_reply(publishing->peer, publishing->id, 200, &json);
	}
	bytes_free(&publishing->body);
	free(publishing);
}

static void on_taken(void *ctx, const struct error *failure);

static void
take_next(struct publishing *publishing)
{
	const struct bytes *body = &publishing->body;
	struct cursor cursor =
	    cursor_of(body->data + publishing->at, body->len - publishing->at);
	const uint8_t *cms;
	size_t len;

	if (cursor.left == 0) {
		answer(publishing, NULL);
		return;
	}
	cursor_u8(&cursor);
	len = (size_t)cursor_u64(&cursor);
	cms = cursor_take(&cursor, len);
	publishing->at = body->len - cursor.left;
	bulletins_offer(publishing->bulletins, cms, len, on_taken, publishing);
}

static void
on_taken(void *ctx, const struct error *failure)
{
	struct publishing *publishing = ctx;

	if (failure != NULL) {
		answer(publishing, failure);
		return;
	}
	publishing->taken++;
	take_next(publishing);
}

/* The records must all be bulletins, and there must be one. */
static int
check_records(struct blob body, struct error *err)
{
	struct cursor cursor = cursor_of(body.data, body.len);
	size_t count = 0;

	while (cursor.left > 0 && !cursor.failed) {
		count++;
		if (cursor_u8(&cursor) != BUNDLE_BULLETIN)
			return error_set(err, ERROR_MALFORMED,
			    "record %zu is no bulletin", count);
		cursor_take(&cursor, (size_t)cursor_u64(&cursor));
	}
	if (cursor.failed || count == 0)
		return error_set(err, ERROR_MALFORMED,
		    "the bundle of bulletins ends in the middle");
	return 0;
}

int
publishing_begin(struct bulletins *bulletins, struct peer *peer, uint32_t id,
    struct blob body, struct error *err)
{
	struct publishing *publishing;

	if (body.len >= BUNDLE_MAGIC_LEN &&
	    memcmp(body.data, "YZBNDL1\n", BUNDLE_MAGIC_LEN) == 0)
		body = blob_of(body.data + BUNDLE_MAGIC_LEN,
		    body.len - BUNDLE_MAGIC_LEN);
	if (check_records(body, err) < 0)
		return -1;
	publishing = calloc(1, sizeof(*publishing));
	if (publishing == NULL)
		return error_set_memory(err);
	bytes_put(&publishing->body, body.data, body.len);
	if (bytes_failed(&publishing->body, err) < 0) {
		bytes_free(&publishing->body);
		free(publishing);
		return -1;
	}
	publishing->bulletins = bulletins;
	publishing->peer = peer;
	publishing->id = id;
	take_next(publishing);
	return 0;
}
