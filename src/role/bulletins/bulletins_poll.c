#include "base/error.h"
#include "base/text.h"
#include "envelope/bundle.h"
#include "role/bulletins/bulletins_internal.h"
#include "role/env.h"
#include "role/peer.h"
#include "sys/loop.h"

enum { WAIT_S = 30 }; /* how long the host above may park a poll */

static void
poll_later(struct bulletins *bulletins, bool has_failed)
{
	if (!has_failed) {
		bulletins->retry_ms = BULLETINS_RETRY_FIRST_MS;
		loop_timer_start(bulletins->poll, 0);
		return;
	}
	loop_timer_start(bulletins->poll, bulletins->retry_ms);
	bulletins->retry_ms = bulletins->retry_ms * 2 > BULLETINS_RETRY_MAX_MS
	    ? BULLETINS_RETRY_MAX_MS
	    : bulletins->retry_ms * 2;
}

static void
on_polled_one(void *ctx, const struct error *failure)
{
	struct bulletins *bulletins = ctx;

	/* A refused one comes again with every poll: do not ask at once. */
	if (failure != NULL && bulletins->polled_left > 0) {
		bulletins->polled_left = 0;
		poll_later(bulletins, true);
	} else if (bulletins->polled_left > 0 &&
	    --bulletins->polled_left == 0) {
		poll_later(bulletins, false);
	}
}

/* One record; false if it ends in the middle. */
static bool
take_record(struct cursor *cursor, uint8_t *ret_kind, struct blob *ret_data)
{
	size_t len;

	*ret_kind = cursor_u8(cursor);
	len = (size_t)cursor_u64(cursor);
	*ret_data = blob_of(cursor_take(cursor, len), len);
	return ret_data->data != NULL;
}

/* A bulletin with the receipt that may follow it. */
static bool
offer_one(struct bulletins *bulletins, struct cursor *cursor)
{
	struct cursor next;
	struct blob cms, receipt;
	uint8_t kind;

	if (!take_record(cursor, &kind, &cms))
		return false;
	if (kind != BUNDLE_BULLETIN) {
		on_polled_one(bulletins, NULL);
		return true;
	}
	next = *cursor;
	if (next.left == 0 || !take_record(&next, &kind, &receipt) ||
	    kind != BUNDLE_RECEIPT)
		receipt = blob_of(NULL, 0);
	bulletins_offer_shown(bulletins,
	    &(struct bulletins_offered){ cms.data, cms.len, receipt.data,
		receipt.len },
	    on_polled_one, bulletins);
	return true;
}

/* Records of the bundle: kind, length, bytes. */
static void
offer_all(struct bulletins *bulletins, struct blob records)
{
	struct cursor cursor = cursor_of(records.data, records.len);
	struct cursor count = cursor;

	bulletins->polled_left = 0;
	while (count.left > 0 && !count.failed) {
		cursor_u8(&count);
		if (cursor_take(&count, (size_t)cursor_u64(&count)) != NULL)
			bulletins->polled_left++;
	}
	if (bulletins->polled_left == 0) {
		poll_later(bulletins, count.failed);
		return;
	}
	while (cursor.left > 0)
		if (!offer_one(bulletins, &cursor))
			return;
}

static void
on_polled(void *ctx, struct ipc_message *message)
{
	struct bulletins *bulletins = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0 ||
	    called.status != 200) {
		log_failure(&bulletins->options.env->log, LOG_LEVEL_DEBUG,
		    "bulletin.poll", &err);
		poll_later(bulletins, true);
		return;
	}
	offer_all(bulletins, called.body);
}

void
bulletins_poll(void *ctx)
{
	struct bulletins *bulletins = ctx;
	struct message_call call = { .method = "GET",
		.timeout_ms = (WAIT_S + 15) * 1000,
		.is_bundle = true };
	struct bytes path = { 0 };
	struct error err = { 0 };
	bool is_sent = false;

	bytes_put_text(&path, "/v1/bulletins?have=");
	bulletins_put_have(bulletins, &path);
	bytes_put_format(&path, "&wait=%d", WAIT_S);
	bytes_put_u8(&path, '\0');
	if (bytes_failed(&path, &err) == 0 &&
	    text_copy(call.path, sizeof(call.path), (const char *)path.data) &&
	    text_copy(call.peer, sizeof(call.peer),
		bulletins->options.upstream))
		is_sent = peer_ask(bulletins->options.courier, MESSAGE_CALL,
			      &call, -1, on_polled, bulletins, NULL, &err) == 0;
	bytes_free(&path);
	if (!is_sent)
		poll_later(bulletins, true);
}
