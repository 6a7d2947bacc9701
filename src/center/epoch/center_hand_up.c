#include "center/epoch/center_hand_up.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "envelope/bundle.h"
#include "store/query.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum { RETRY_FIRST_MS = 1000, RETRY_MAX_MS = 60 * 1000, TIMEOUT_MS = 10000 };

struct center_hand_up {
	struct center *center;
	struct loop_timer *timer;
	uint64_t handed;  /* serial that management has */
	uint64_t handing; /* that is on its way; 0: none */
	uint64_t retry_ms;
};

static uint64_t
newest(const struct center_hand_up *hand_up)
{
	const struct center *center = hand_up->center;
	struct digest digest;

	return bulletins_serial(center->spool.bulletins, BULLETIN_HOLD,
	    center->name, &digest);
}

static void
retry_later(struct center_hand_up *hand_up)
{
	loop_timer_start(hand_up->timer, hand_up->retry_ms);
	hand_up->retry_ms = hand_up->retry_ms * 2 < RETRY_MAX_MS
	    ? hand_up->retry_ms * 2
	    : RETRY_MAX_MS;
}

static void
on_called(void *ctx, struct ipc_message *message)
{
	struct center_hand_up *hand_up = ctx;
	struct message_called called;
	struct error err = { 0 };
	struct log_line line;

	if (message_read(message, MESSAGE_CALLED, &called, &err) == 0 &&
	    called.status != 200)
		error_set(&err, ERROR_BUSY, "management answers %u",
		    called.status);
	if (err.code == ERROR_NONE) {
		hand_up->handed = hand_up->handing;
		hand_up->retry_ms = RETRY_FIRST_MS;
		log_begin(&line, &hand_up->center->spool.env->log,
		    LOG_LEVEL_NOTICE, "hold.handed_up");
		log_u64(&line, "serial", hand_up->handed);
		log_end(&line);
	} else {
		log_failure(&hand_up->center->spool.env->log, LOG_LEVEL_WARNING,
		    "hold.hand_up", &err);
	}
	hand_up->handing = 0;
	if (err.code != ERROR_NONE)
		retry_later(hand_up);
	else
		center_hand_up_look(hand_up);
}

static int
put_bundle(const struct center_hand_up *hand_up, struct bytes *to,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(store_rows(hand_up->center->spool.store),
		"SELECT cms FROM bulletin WHERE type = ?1 AND name = ?2"
		" ORDER BY place DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, BULLETIN_HOLD);
	query_bind_text(query, 2, hand_up->center->name);
	found = query_next(query, err);
	if (found > 0) {
		size_t len;
		const void *cms = query_data(query, 0, &len);

		bundle_put_magic(to);
		bundle_put(to, BUNDLE_BULLETIN, cms, len);
	}
	query_end(query);
	return found < 0 ? -1 : bytes_failed(to, err);
}

static void
hand_up_now(void *ctx)
{
	struct center_hand_up *hand_up = ctx;
	struct message_call call = { .peer = "management",
		.method = "POST",
		.path = "/v1/bulletins",
		.type = "application/vnd.yizhan.bundle",
		.timeout_ms = TIMEOUT_MS };
	struct bytes body = { 0 };
	struct error err = { 0 };

	if (hand_up->handing != 0 || newest(hand_up) <= hand_up->handed)
		return;
	if (put_bundle(hand_up, &body, &err) == 0) {
		call.body = blob_of_bytes(&body);
		hand_up->handing = newest(hand_up);
		if (peer_ask(hand_up->center->spool.courier, MESSAGE_CALL,
			&call, -1, on_called, hand_up, NULL, &err) == 0) {
			bytes_free(&body);
			return;
		}
		hand_up->handing = 0;
	}
	bytes_free(&body);
	retry_later(hand_up);
}

void
center_hand_up_look(struct center_hand_up *hand_up)
{
	if (hand_up != NULL && hand_up->center->spool.is_ready &&
	    hand_up->handing == 0 && newest(hand_up) > hand_up->handed)
		loop_timer_start(hand_up->timer, 0);
}

int
center_hand_up_new(struct center *center, struct center_hand_up **ret_hand_up,
    struct error *err)
{
	struct center_hand_up *hand_up = calloc(1, sizeof(*hand_up));

	if (hand_up == NULL)
		return error_set_memory(err);
	hand_up->center = center;
	hand_up->retry_ms = RETRY_FIRST_MS;
	if (loop_timer_new(center->spool.env->loop, hand_up_now, hand_up,
		&hand_up->timer, err) < 0) {
		free(hand_up);
		return -1;
	}
	*ret_hand_up = hand_up;
	return 0;
}
