#include "gateway/feed.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/random.h"
#include "exchange/retry.h"
#include "gateway/again.h"
#include "gateway/gateway.h"
#include "gateway/inbox/inbox.h"
#include "gateway/outbox/outbox.h"
#include "json/json_check.h"
#include "json/json_raw.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	WAIT_S = 25,
	POLL_TIMEOUT_MS = 60000,
	RETRY_FIRST_MS = 100,
	RETRY_MAX_MS = 10000,
	ANSWER_MAX = 16 * 1024 * 1024,
	ITEMS_MAX = 1000,
	SPEED_SIZE = 16,
};

const char feed_schema[] =
    "CREATE TABLE feed (center TEXT PRIMARY KEY, through INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;";

/* One item of an answer. */
struct item {
	struct feed *feed;
	uint64_t sequence;
	bool has_failed;     /* temporarily: it must come again */
	struct json_raw raw; /* while they are handed out */
};

struct feed {
	struct group_op op; /* first: the group hands it back */
	struct gateway *gateway;
	uint64_t through; /* up to here all is durable */
	uint64_t newest;  /* of the answer at hand */
	struct item *items;
	size_t item_count;
	size_t open; /* items that are not durable yet, and one for us */
	struct loop_timer *timer;
	struct retry retry;
	uint64_t epoch; /* in which the answer at hand was asked for */
};

static void poll(void *ctx);

static void
poll_later(struct feed *feed, const struct error *why)
{
	static const struct retry_bounds bounds = { RETRY_FIRST_MS,
		RETRY_MAX_MS };
	int64_t now = spool_now(&feed->gateway->spool);
	struct error err = { 0 };
	uint32_t random;

	log_failure(&feed->gateway->spool.env->log, LOG_LEVEL_WARNING,
	    "feed.later", why);
	if (random_fill(&random, sizeof(random), &err) < 0)
		random = 0;
	retry_failed(&feed->retry, &bounds, now, 0, random);
	loop_timer_start(feed->timer, (uint64_t)(feed->retry.next_at - now));
}

/* ---- what is durable is acknowledged --------------------------------- */

/* The next one covers it if this one is lost. */
static void
on_acknowledged(void *ctx, struct ipc_message *message)
{
	struct feed *feed = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) == 0 &&
	    called.status >= 300)
		error_set(&err, ERROR_BUSY, "the center answers %u",
		    called.status);
	if (err.code != ERROR_NONE)
		log_failure(&feed->gateway->spool.env->log, LOG_LEVEL_WARNING,
		    "feed.acknowledge", &err);
}

static void
acknowledge(struct feed *feed)
{
	struct message_call call = { .method = "POST",
		.path = "/v1/feed/acknowledge",
		.type = "application/json",
		.timeout_ms = POLL_TIMEOUT_MS };
	struct bytes body = { 0 };
	struct error err = { 0 };

	bytes_put_format(&body, "{\"through\":%llu,\"epoch\":%llu}",
	    (unsigned long long)feed->through, (unsigned long long)feed->epoch);
	text_copy(call.peer, sizeof(call.peer), feed->gateway->center);
	call.body = blob_of_bytes(&body);
	if (bytes_failed(&body, &err) < 0 ||
	    peer_ask(feed->gateway->spool.courier, MESSAGE_CALL, &call, -1,
		on_acknowledged, feed, NULL, &err) < 0)
		log_failure(&feed->gateway->spool.env->log, LOG_LEVEL_WARNING,
		    "feed.acknowledge", &err);
	bytes_free(&body);
}

/* Up to the first item that failed. */
static uint64_t
through_of(const struct feed *feed, bool *ret_has_failed)
{
	uint64_t through = feed->through;

	*ret_has_failed = false;
	for (size_t i = 0; i < feed->item_count; i++) {
		if (feed->items[i].has_failed) {
			*ret_has_failed = true;
			return through;
		}
		through = feed->items[i].sequence;
	}
	return feed->newest > through ? feed->newest : through;
}

/* A new epoch has begun since the answer was asked for. */
static bool
is_of_before(const struct feed *feed)
{
	return feed->epoch != again_epoch(feed->gateway->again);
}

static int
apply_through(struct group_op *op, struct error *err)
{
	struct feed *feed = (struct feed *)(void *)op;
	struct query *query;
	bool has_failed;

	if (is_of_before(feed))
		return 0;

	if (query_begin(store_rows(feed->gateway->spool.store),
		"INSERT INTO feed (center, through) VALUES (?1, ?2)"
		" ON CONFLICT (center) DO UPDATE SET"
		" through = excluded.through",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, feed->gateway->center);
	query_bind_int(query, 2, (int64_t)through_of(feed, &has_failed));
	return query_finish(query, err);
}

static void
go_on(struct feed *feed, bool has_failed)
{
	struct error err = { 0 };

	free(feed->items);
	feed->items = NULL;
	feed->item_count = 0;
	if (has_failed) {
		error_set(&err, ERROR_BUSY, "an item could not be stored");
		poll_later(feed, &err);
	} else {
		retry_succeeded(&feed->retry);
		loop_timer_start(feed->timer, 0);
	}
}

static void
finish_through(struct group_op *op, const struct error *failure)
{
	struct feed *feed = (struct feed *)(void *)op;
	bool has_failed;
	uint64_t through = through_of(feed, &has_failed);

	if (failure == NULL && !is_of_before(feed)) {
		feed->through = through;
		acknowledge(feed);
	}
	go_on(feed, has_failed || failure != NULL);
}

/* All items were handed out and each has said what came of it. */
static void
end_items(struct feed *feed)
{
	bool has_failed;

	if (through_of(feed, &has_failed) == feed->through) {
		go_on(feed, has_failed);
		return;
	}
	feed->op.apply = apply_through;
	feed->op.finish = finish_through;
	group_add(feed->gateway->spool.group, &feed->op);
}

static void
close_one(struct feed *feed)
{
	if (--feed->open == 0)
		end_items(feed);
}

static void
on_item(void *ctx, const struct error *failure)
{
	struct item *item = ctx;

	item->has_failed = item->has_failed || failure != NULL;
	close_one(item->feed);
}

/* ---- items ----------------------------------------------------------- */

/* What an item may have: a delivery names it, a receipt is there whole. */
enum part {
	PART_SEQUENCE,
	PART_KIND,
	PART_WAYBILL,
	PART_RECIPIENT,
	PART_SPEED,
	PART_RECEIPT,
	PART_REMOTE,
	PART_COUNT
};

static const char *const part_names[PART_COUNT] = {
	[PART_SEQUENCE] = "sequence",
	[PART_KIND] = "kind",
	[PART_WAYBILL] = "waybill_id",
	[PART_RECIPIENT] = "recipient",
	[PART_SPEED] = "speed",
	[PART_RECEIPT] = "receipt",
	[PART_REMOTE] = "remote",
};

/* What nobody can understand would come again for ever: say so, go on. */
static void
skip_item(struct item *item, const char *why)
{
	struct log_line line;

	log_begin(&line, &item->feed->gateway->spool.env->log, LOG_LEVEL_ERROR,
	    "E4316");
	log_u64(&line, "sequence", item->sequence);
	log_text(&line, "text", why);
	log_end(&line);
	close_one(item->feed);
}

static void
give_delivery(struct item *item, const struct json_raw *parts)
{
	char waybill_id[ID_TEXT_SIZE];
	char recipient[ORG_TEXT_SIZE];
	char name[SPEED_SIZE];
	enum speed speed = SPEED_NORMAL;
	struct org_code code;
	struct id id;

	/* It only says whose turn it is: without one it is an ordinary one. */
	if (!json_raw_text(parts[PART_SPEED], name, sizeof(name)) ||
	    !speed_parse(name, &speed))
		speed = SPEED_NORMAL;
	if (!json_raw_text(parts[PART_WAYBILL], waybill_id,
		sizeof(waybill_id)) ||
	    !id_parse(waybill_id, &id) ||
	    !json_raw_text(parts[PART_RECIPIENT], recipient,
		sizeof(recipient)) ||
	    !org_code_parse(recipient, &code))
		skip_item(item, "a delivery without its names");
	else
		inbox_announce(item->feed->gateway->inbox, &id, &code, speed,
		    on_item, item);
}

/*
 * What our center repeats from another one comes with that one's own receipt:
 * evidence has both (docs/evidence.md).
 */
static void
give_receipts(struct item *item, struct json_raw receipt,
    struct json_raw remote)
{
	struct outbox *outbox = item->feed->gateway->outbox;

	if (remote.data != NULL) {
		item->feed->open++;
		outbox_take_receipt(outbox, blob_of(remote.data, remote.len),
		    on_item, item);
	}
	outbox_take_receipt(outbox, blob_of(receipt.data, receipt.len), on_item,
	    item);
}

static void
give_item(struct item *item)
{
	struct json_raw parts[PART_COUNT];

	json_raw_members(item->raw, part_names, PART_COUNT, parts);
	if (json_raw_is_text(parts[PART_KIND], "delivery"))
		give_delivery(item, parts);
	else if (!json_raw_is_text(parts[PART_KIND], "receipt"))
		skip_item(item, "an item of another kind");
	else if (parts[PART_RECEIPT].data == NULL)
		skip_item(item, "a receipt that is none");
	else
		give_receipts(item, parts[PART_RECEIPT], parts[PART_REMOTE]);
}

static int
add_item(struct feed *feed, struct json_raw raw, struct error *err)
{
	struct item *item = &feed->items[feed->item_count];
	struct json_raw sequence;

	if (feed->item_count == ITEMS_MAX)
		return error_set(err, ERROR_MALFORMED,
		    "a feed of more than %d items", ITEMS_MAX);
	*item = (struct item){ .feed = feed, .raw = raw };
	if (!json_raw_member(raw, part_names[PART_SEQUENCE], &sequence) ||
	    !json_raw_number(sequence, INT64_MAX, &item->sequence) ||
	    item->sequence <= feed->newest)
		return error_set(err, ERROR_MALFORMED,
		    "the feed's sequence does not grow");
	feed->newest = item->sequence;
	feed->item_count++;
	return 0;
}

/* Most of an answer is receipts, which the verifier reads: no tree is made. */
static int
take_answer(struct feed *feed, const struct message_called *called,
    struct error *err)
{
	struct json_raw list;
	struct json_raw raw;

	if (json_check(called->body.data, called->body.len, ANSWER_MAX, err) <
	    0)
		return -1;
	if (!json_raw_member(json_raw_of(called->body.data, called->body.len),
		"items", &list) ||
	    list.data[0] != '[')
		return error_set(err, ERROR_MALFORMED, "a feed without items");
	feed->items = calloc(ITEMS_MAX, sizeof(*feed->items));
	if (feed->items == NULL)
		return error_set_memory(err);
	feed->newest = feed->through;
	list = json_raw_items(list);
	while (json_raw_next(&list, &raw))
		if (add_item(feed, raw, err) < 0)
			return -1;
	/* One for us: it must not end while items are still handed out. */
	feed->open = feed->item_count + 1;
	for (size_t i = 0; i < feed->item_count; i++)
		give_item(&feed->items[i]);
	return 0;
}

static void
on_polled(void *ctx, struct ipc_message *message)
{
	struct feed *feed = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) == 0 &&
	    called.status != 200)
		error_set(&err, ERROR_BUSY, "the center answers %u",
		    called.status);
	if (err.code == ERROR_NONE && take_answer(feed, &called, &err) == 0) {
		close_one(feed);
		return;
	}
	free(feed->items);
	feed->items = NULL;
	feed->item_count = 0;
	poll_later(feed, &err);
}

static void
poll(void *ctx)
{
	struct feed *feed = ctx;
	struct message_call call = { .method = "GET",
		.timeout_ms = POLL_TIMEOUT_MS };
	struct bytes path = { 0 };
	struct error err = { 0 };
	int rc = -1;

	feed->epoch = again_epoch(feed->gateway->again);
	bytes_put_format(&path, "/v1/feed?after=%llu&wait=%d&epoch=%llu",
	    (unsigned long long)feed->through, WAIT_S,
	    (unsigned long long)feed->epoch);
	bytes_put_u8(&path, '\0');
	if (bytes_failed(&path, &err) == 0 &&
	    text_copy(call.path, sizeof(call.path), (const char *)path.data) &&
	    text_copy(call.peer, sizeof(call.peer), feed->gateway->center))
		rc = peer_ask(feed->gateway->spool.courier, MESSAGE_CALL, &call,
		    -1, on_polled, feed, NULL, &err);
	bytes_free(&path);
	if (rc < 0)
		poll_later(feed, &err);
}

/* ---- life ------------------------------------------------------------ */

static int
read_through(struct feed *feed, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(store_rows(feed->gateway->spool.store),
		"SELECT through FROM feed WHERE center = ?1", &query, err) < 0)
		return -1;
	query_bind_text(query, 1, feed->gateway->center);
	found = query_next(query, err);
	if (found > 0)
		feed->through = (uint64_t)query_int(query, 0);
	query_end(query);
	return found < 0 ? -1 : 0;
}

int
feed_new(struct gateway *gateway, struct feed **ret_feed, struct error *err)
{
	struct feed *feed = calloc(1, sizeof(*feed));

	if (feed == NULL)
		return error_set_memory(err);
	feed->gateway = gateway;
	if (read_through(feed, err) < 0 ||
	    loop_timer_new(gateway->spool.env->loop, poll, feed, &feed->timer,
		err) < 0) {
		feed_free(feed);
		return -1;
	}
	*ret_feed = feed;
	return 0;
}

void
feed_free(struct feed *feed)
{
	if (feed == NULL)
		return;
	loop_timer_free(feed->timer);
	free(feed->items);
	free(feed);
}

void
feed_begin_anew(struct feed *feed)
{
	feed->through = 0;
}

void
feed_start(struct feed *feed)
{
	loop_timer_start(feed->timer, 0);
}
