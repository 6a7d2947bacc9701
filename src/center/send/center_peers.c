#include "center/send/center_peers.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/center_rows.h"
#include "center/send/center_send.h"
#include "center/send/center_send_rows.h"
#include "directory/directory.h"
#include "envelope/receipt.h"
#include "envelope/statement.h"
#include "exchange/urgency.h"
#include "log/epoch.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum { LOOK_MS = 1000, CALL_TIMEOUT_MS = 60000 };

const char center_peers_schema[] =
    "CREATE TABLE peer_log ("
    " center TEXT PRIMARY KEY, number INTEGER NOT NULL,"
    " begins INTEGER NOT NULL, send_until INTEGER NOT NULL,"
    " is_told INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

/* Which epoch of another center's log we go by. */
struct peer_log {
	char center[MESSAGE_HOST_SIZE];
	char origin[MESSAGE_ORIGIN_SIZE]; /* of a new one */
	uint64_t number, begins;
	int64_t send_until; /* what is sent again lies before */
	bool is_told;
};

struct center_peers {
	struct group_op op; /* first: the group hands it back */
	struct center *center;
	struct loop_timer *timer;
	bool is_busy;
	struct peer_log log; /* that is worked on */
};

static struct rows *
rows_of(const struct center_peers *peers)
{
	return store_rows(peers->center->spool.store);
}

/* ---- rows ------------------------------------------------------------ */

static int
find_log(struct rows *rows, const char *center, struct peer_log *log,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT number, begins, send_until, is_told FROM peer_log"
		" WHERE center = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, center);
	found = query_next(query, err);
	*log = (struct peer_log){ .is_told = true };
	if (found > 0) {
		log->number = (uint64_t)query_int(query, 0);
		log->begins = (uint64_t)query_int(query, 1);
		log->send_until = query_int(query, 2);
		log->is_told = query_int(query, 3) != 0;
	}
	text_copy(log->center, sizeof(log->center), center);
	query_end(query);
	return found;
}

static int
save_log(struct rows *rows, const struct peer_log *log, struct error *err)
{
	struct query *query;

	/* Behind the newest of what is waiting. */
	if (query_begin(rows,
		"INSERT OR REPLACE INTO peer_log (center, number, begins,"
		" send_until, is_told) SELECT ?1, ?2, ?3,"
		" coalesce(max(id), 0), ?4 FROM send",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, log->center);
	query_bind_int(query, 2, (int64_t)log->number);
	query_bind_int(query, 3, (int64_t)log->begins);
	query_bind_int(query, 4, log->is_told);
	return query_finish(query, err);
}

static int
has_waiting(struct rows *rows, const struct peer_log *log, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT 1 FROM send WHERE center = ?1 AND kind IN (?2, ?3)"
		" AND id <= ?4 LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, log->center);
	query_bind_int(query, 2, CENTER_SEND_RELAY);
	query_bind_int(query, 3, CENTER_SEND_WITHDRAWAL);
	query_bind_int(query, 4, log->send_until);
	found = query_next(query, err);
	query_end(query);
	return found;
}

/* ---- what it lost ---------------------------------------------------- */

/* A `relayed` of the log as it was, behind what was restored? */
static bool
is_lost(const struct peer_log *log, const void *json, size_t len,
    struct id *ret_id, struct digest *ret_waybill)
{
	struct receipt receipt = { 0 };
	struct statement statement = { 0 };
	struct error ignored = { 0 };
	struct note note;
	bool is = receipt_decode(json, len, &receipt, &ignored) == 0 &&
	    receipt.index >= log->begins &&
	    note_parse(receipt.checkpoint, strlen(receipt.checkpoint), &note,
		&ignored) == 0 &&
	    epoch_is_earlier(note.checkpoint.origin, log->origin) &&
	    statement_decode(receipt.statement, strlen(receipt.statement),
		&statement, &ignored) == 0 &&
	    statement.event == EVENT_RELAYED &&
	    text_equal(statement.center, log->center);

	if (is) {
		*ret_id = statement.waybill_id;
		*ret_waybill = statement.waybill;
	}
	statement_free(&statement);
	receipt_free(&receipt);
	return is;
}

static int
add_send(struct center_peers *peers, enum center_send_kind kind, int64_t row,
    uint64_t bytes, struct error *err)
{
	struct center_send send = { .kind = kind,
		.waybill = row,
		.entry = CENTER_SEND_AGAIN,
		.rank = urgency_rank(SPEED_NORMAL,
		    spool_now(&peers->center->spool), 0),
		.bytes = bytes };

	text_copy(send.center, sizeof(send.center), peers->log.center);
	return center_send_add(rows_of(peers), &send, err);
}

/* What it ended as withdrawn must not be handed out when it comes again. */
static int
withdraw_again(void *ctx, struct center_delivery *delivery, struct error *err)
{
	struct center_peers *peers = ctx;
	struct bytes cms = { 0 };
	int found;

	if (delivery->life.state != DELIVERY_WITHDRAWN)
		return 0;
	found =
	    center_withdrawal_find(rows_of(peers), delivery->row, &cms, err);
	bytes_free(&cms);
	return found <= 0
	    ? found
	    : add_send(peers, CENTER_SEND_WITHDRAWAL, delivery->row, 0, err);
}

static int
send_again(struct center_peers *peers, const struct id *waybill_id,
    const struct digest *digest, struct error *err)
{
	struct rows *rows = rows_of(peers);
	struct center_waybill waybill;
	int found =
	    center_waybill_find_named(rows, waybill_id, digest, &waybill, err);

	if (found <= 0 || waybill.payload == 0 ||
	    !text_equal(waybill.origin, peers->center->name))
		return found < 0 ? -1 : 0;
	if (add_send(peers, CENTER_SEND_RELAY, waybill.row, waybill.content_len,
		err) < 0)
		return -1;
	return center_delivery_each(rows, waybill.row, peers->log.center,
	    withdraw_again, peers, err);
}

static int
apply_begin(struct group_op *op, struct error *err)
{
	struct center_peers *peers = (struct center_peers *)(void *)op;
	struct rows *rows = rows_of(peers);
	struct query *query;
	int more;

	if (query_begin(rows, "SELECT json FROM remote ORDER BY entry", &query,
		err) < 0)
		return -1;
	while ((more = query_next(query, err)) > 0) {
		struct digest waybill;
		struct id waybill_id;
		size_t len;
		const void *json = query_data(query, 0, &len);

		if (is_lost(&peers->log, json, len, &waybill_id, &waybill) &&
		    send_again(peers, &waybill_id, &waybill, err) < 0) {
			more = -1;
			break;
		}
	}
	query_end(query);
	return more < 0 ? -1 : save_log(rows, &peers->log, err);
}

static void
finish_begin(struct group_op *op, const struct error *failure)
{
	struct center_peers *peers = (struct center_peers *)(void *)op;
	const struct log *log = &peers->center->spool.env->log;
	struct log_line line;

	peers->is_busy = false;
	if (failure != NULL) {
		log_failure(log, LOG_LEVEL_ERROR, "peer.epoch", failure);
	} else if (peers->log.number > 1) {
		log_begin(&line, log, LOG_LEVEL_NOTICE, "peer.epoch");
		log_text(&line, "origin", peers->log.origin);
		log_end(&line);
		center_sender_wake(peers->center->sender);
	}
	loop_timer_start(peers->timer, failure != NULL ? LOOK_MS : 0);
}

/* ---- that there is no more ------------------------------------------- */

static int
apply_told(struct group_op *op, struct error *err)
{
	struct center_peers *peers = (struct center_peers *)(void *)op;

	peers->log.is_told = true;
	return save_log(rows_of(peers), &peers->log, err);
}

static void
finish_told(struct group_op *op, const struct error *failure)
{
	struct center_peers *peers = (struct center_peers *)(void *)op;

	(void)failure;
	peers->is_busy = false;
	loop_timer_start(peers->timer, LOOK_MS);
}

static void
on_told(void *ctx, struct ipc_message *message)
{
	struct center_peers *peers = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0 ||
	    called.status >= 300) {
		peers->is_busy = false;
		loop_timer_start(peers->timer, LOOK_MS);
		return;
	}
	peers->op.apply = apply_told;
	peers->op.finish = finish_told;
	group_add(peers->center->spool.group, &peers->op);
}

static void
tell(struct center_peers *peers)
{
	struct message_call call = { .method = "POST",
		.path = "/v1/feed/acknowledge",
		.type = "application/json",
		.timeout_ms = CALL_TIMEOUT_MS };
	struct bytes body = { 0 };
	struct error err = { 0 };

	bytes_put_format(&body,
	    "{\"through\":0,\"epoch\":%llu,\"caught_up\":true}",
	    (unsigned long long)peers->log.number);
	text_copy(call.peer, sizeof(call.peer), peers->log.center);
	call.body = blob_of_bytes(&body);
	peers->is_busy = true;
	if (bytes_failed(&body, &err) < 0 ||
	    peer_ask(peers->center->spool.courier, MESSAGE_CALL, &call, -1,
		on_told, peers, NULL, &err) < 0) {
		peers->is_busy = false;
		loop_timer_start(peers->timer, LOOK_MS);
	}
	bytes_free(&body);
}

/* ---- looking --------------------------------------------------------- */

static bool
is_news(const struct peer_log *log, const struct directory_center *other)
{
	uint64_t number = epoch_number(other->origin);

	return number > log->number ||
	    (number == log->number && number > 1 &&
		other->begins != log->begins);
}

static void
begin(struct center_peers *peers, const struct directory_center *other)
{
	peers->log.number = epoch_number(other->origin);
	peers->log.begins = other->begins;
	peers->log.is_told = peers->log.number <= 1;
	text_copy(peers->log.origin, sizeof(peers->log.origin), other->origin);
	peers->is_busy = true;
	peers->op.apply = apply_begin;
	peers->op.finish = finish_begin;
	group_add(peers->center->spool.group, &peers->op);
}

/* True when something was begun. */
static bool
look_at(struct center_peers *peers, const struct directory_center *other,
    bool *ret_is_waiting, struct error *err)
{
	int waiting;

	if (find_log(rows_of(peers), other->name, &peers->log, err) < 0)
		return false;
	if (is_news(&peers->log, other)) {
		begin(peers, other);
		return true;
	}
	if (peers->log.is_told)
		return false;
	*ret_is_waiting = true;
	waiting = has_waiting(rows_of(peers), &peers->log, err);
	if (waiting == 0)
		tell(peers);
	return waiting == 0;
}

void
center_peers_look(struct center_peers *peers)
{
	const struct center *center;
	const struct directory *directory;
	bool is_waiting = false;
	struct error err = { 0 };

	if (peers == NULL || peers->is_busy || !peers->center->spool.is_ready)
		return;
	center = peers->center;
	directory = spool_directory(&center->spool);
	if (directory == NULL)
		return;
	for (uint32_t i = 0; i < directory_center_count(directory); i++) {
		struct directory_center other =
		    directory_center_at(directory, i);

		if (!text_equal(other.name, center->name) &&
		    look_at(peers, &other, &is_waiting, &err))
			return;
	}
	if (err.code != ERROR_NONE)
		log_failure(&center->spool.env->log, LOG_LEVEL_ERROR,
		    "peer.epoch", &err);
	if (is_waiting || err.code != ERROR_NONE)
		loop_timer_start(peers->timer, LOOK_MS);
}

/* ---- life ------------------------------------------------------------ */

static void
on_timer(void *ctx)
{
	center_peers_look(ctx);
}

int
center_peers_new(struct center *center, struct center_peers **ret_peers,
    struct error *err)
{
	struct center_peers *peers = calloc(1, sizeof(*peers));

	if (peers == NULL)
		return error_set_memory(err);
	peers->center = center;
	if (loop_timer_new(center->spool.env->loop, on_timer, peers,
		&peers->timer, err) < 0) {
		free(peers);
		return -1;
	}
	*ret_peers = peers;
	return 0;
}

void
center_peers_free(struct center_peers *peers)
{
	if (peers == NULL)
		return;
	loop_timer_free(peers->timer);
	free(peers);
}
