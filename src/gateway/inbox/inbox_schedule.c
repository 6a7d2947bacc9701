#include "gateway/inbox/inbox_schedule.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "gateway/inbox/inbox_internal.h"
#include "json/json_write.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	BATCH_MAX = 2000,          /* rows of one change */
	LOOK_AGAIN_MS = 30 * 1000, /* a clock may be set meanwhile */
	DAY_MS = 24 * 3600 * 1000,
	PLACE_SIZE = 48,
};

struct inbox_schedule {
	struct gateway *gateway;
	struct loop_timer *timer;
};

/* Rows whose time has come, or of a scope; batch after batch. */
struct release {
	struct group_op op; /* first: the group hands it back */
	struct inbox_schedule *schedule;
	bool is_asked; /* else the time has come */
	char scope[ORG_TEXT_SIZE];
	struct peer *peer;
	uint32_t id;
	int64_t batch;
	int64_t all;
};

static struct rows *
rows_of(const struct inbox_schedule *schedule)
{
	return store_rows(schedule->gateway->spool.store);
}

static int64_t
now_of(const struct inbox_schedule *schedule)
{
	return spool_now(&schedule->gateway->spool);
}

/* ---- rows --------------------------------------------------------------- */

int
inbox_schedule_hold(struct rows *rows, const struct id *waybill_id,
    const struct org_code *recipient, int64_t now, int64_t fetch_at,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE inbox_letter SET is_due = 0, fetch_at = ?3"
		" WHERE waybill_id = ?1 AND recipient = ?2 AND step = ?4"
		/* One that is told again was let go once. */
		" AND received_at = ?5 AND failures = 0",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, waybill_id);
	query_bind_text(query, 2, recipient->text);
	query_bind_int(query, 3, fetch_at);
	query_bind_int(query, 4, JOB_RECEIVE_CONTENT);
	query_bind_int(query, 5, now);
	return query_finish(query, err);
}

int
inbox_schedule_move(struct rows *rows, const struct org_code *organisation,
    int64_t fetch_at, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE inbox_letter SET fetch_at = ?2, is_due = ?2 = 0"
		" WHERE fetch_at > 0 AND substr(recipient, 1, 10) = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, organisation->text);
	query_bind_int(query, 2, fetch_at);
	return query_finish(query, err);
}

/*
 * A time further off than a day was set by a clock that was wrong.  What is
 * due has nothing to wait for, however often this is repeated.
 */
static int
release_rows(struct release *release, struct error *err)
{
	struct rows *rows = rows_of(release->schedule);
	int64_t now = now_of(release->schedule);
	struct query *query;

	if (query_begin(rows,
		"UPDATE inbox_letter SET is_due = 1, retry_at = 0,"
		" fetch_at = 0 WHERE id IN (SELECT id FROM inbox_letter"
		" WHERE fetch_at > 0"
		" AND (?1 <> 0 OR fetch_at <= ?2 OR fetch_at > ?3)"
		" AND substr(recipient, 1, length(?4)) = ?4 LIMIT ?5)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, release->is_asked);
	query_bind_int(query, 2, now);
	query_bind_int(query, 3, now + DAY_MS);
	query_bind_text(query, 4, release->scope);
	query_bind_int(query, 5, BATCH_MAX);
	if (query_finish(query, err) < 0)
		return -1;
	release->batch = rows_changed(rows);
	return 0;
}

static int
next_time(struct rows *rows, int64_t *ret_at, struct error *err)
{
	struct query *query;
	int found;

	*ret_at = 0;
	if (query_begin(rows,
		"SELECT fetch_at FROM inbox_letter WHERE fetch_at > 0"
		" ORDER BY fetch_at LIMIT 1",
		&query, err) < 0)
		return -1;
	found = query_next(query, err);
	if (found > 0)
		*ret_at = query_int(query, 0);
	query_end(query);
	return found < 0 ? -1 : 0;
}

/* ---- releasing ---------------------------------------------------------- */

static int
apply(struct group_op *op, struct error *err)
{
	return release_rows((struct release *)(void *)op, err);
}

static void
reply(const struct release *release)
{
	struct message_response response = { .status = 200,
		.type = "application/json" };
	struct bytes json = { 0 };

	bytes_put_format(&json, "{\"fetching\":%" PRId64 "}", release->all);
	response.body = blob_of_bytes(&json);
	peer_tell(release->peer, MESSAGE_RESPONSE, release->id, &response, -1);
	bytes_free(&json);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct release *release = (struct release *)(void *)op;
	struct inbox_schedule *schedule = release->schedule;

	if (failure == NULL) {
		release->all += release->batch;
		inbox_wake(schedule->gateway->inbox);
		if (release->batch == BATCH_MAX) {
			group_add(schedule->gateway->spool.group, op);
			return;
		}
	}
	if (release->is_asked && failure == NULL)
		reply(release);
	else if (release->is_asked)
		peer_refuse(release->peer, release->id, failure);
	free(release);
	inbox_schedule_wake(schedule);
}

static struct release *
new_release(struct inbox_schedule *schedule, struct error *err)
{
	struct release *release = calloc(1, sizeof(*release));

	if (release == NULL) {
		error_set_memory(err);
		return NULL;
	}
	release->schedule = schedule;
	release->op.apply = apply;
	release->op.finish = finish;
	return release;
}

void
inbox_schedule_release(struct inbox_schedule *schedule, const char *scope,
    struct peer *peer, uint32_t id)
{
	struct error err = { 0 };
	struct release *release = new_release(schedule, &err);

	if (release == NULL) {
		peer_refuse(peer, id, &err);
		return;
	}
	release->is_asked = true;
	release->peer = peer;
	release->id = id;
	text_copy(release->scope, sizeof(release->scope), scope);
	group_add(schedule->gateway->spool.group, &release->op);
}

/* ---- time --------------------------------------------------------------- */

static void
on_time(void *ctx)
{
	struct inbox_schedule *schedule = ctx;
	int64_t now = now_of(schedule);
	struct release *release = NULL;
	struct error err = { 0 };
	int64_t at;

	if (next_time(rows_of(schedule), &at, &err) == 0) {
		if (at == 0)
			return;
		if (at > now && at <= now + DAY_MS) {
			loop_timer_start(schedule->timer,
			    at - now < LOOK_AGAIN_MS ? (uint64_t)(at - now)
						     : LOOK_AGAIN_MS);
			return;
		}
		release = new_release(schedule, &err);
	}
	if (release != NULL) {
		group_add(schedule->gateway->spool.group, &release->op);
		return;
	}
	log_failure(&schedule->gateway->spool.env->log, LOG_LEVEL_WARNING,
	    "letter.schedule", &err);
	loop_timer_start(schedule->timer, LOOK_AGAIN_MS);
}

void
inbox_schedule_wake(struct inbox_schedule *schedule)
{
	loop_timer_start(schedule->timer, 0);
}

int
inbox_schedule_new(struct gateway *gateway,
    struct inbox_schedule **ret_schedule, struct error *err)
{
	struct inbox_schedule *schedule = calloc(1, sizeof(*schedule));

	if (schedule == NULL)
		return error_set_memory(err);
	schedule->gateway = gateway;
	if (loop_timer_new(gateway->spool.env->loop, on_time, schedule,
		&schedule->timer, err) < 0) {
		free(schedule);
		return -1;
	}
	*ret_schedule = schedule;
	return 0;
}

void
inbox_schedule_free(struct inbox_schedule *schedule)
{
	if (schedule == NULL)
		return;
	loop_timer_free(schedule->timer);
	free(schedule);
}

/* ---- what waits --------------------------------------------------------- */

static int
count_waiting(struct rows *rows, const char *scope, int64_t *ret_count,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT count(*) FROM inbox_letter WHERE fetch_at > 0"
		" AND substr(recipient, 1, length(?1)) = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, scope);
	found = query_next(query, err);
	*ret_count = found > 0 ? query_int(query, 0) : 0;
	query_end(query);
	return found < 0 ? -1 : 0;
}

static void
write_waiting(struct query *query, struct json_writer *writer)
{
	int64_t speed = query_int(query, 3);
	struct id id;

	query_id(query, 1, &id);
	json_write_begin_object(writer, NULL);
	json_write_id(writer, "waybill_id", &id);
	json_write_text(writer, "recipient", query_text(query, 2));
	json_write_text(writer, "speed",
	    speed >= 0 && speed < SPEED_COUNT ? speed_name((enum speed)speed)
					      : "");
	json_write_time(writer, "announced_at", query_int(query, 4));
	json_write_time(writer, "fetch_at", query_int(query, 5));
	json_write_end(writer);
}

/* "TIME.ROW" of the last one. */
static int
parse_cursor(const char *cursor, int64_t *ret_time, int64_t *ret_row,
    struct error *err)
{
	const char *dot = strchr(cursor, '.');
	char time[PLACE_SIZE];
	uint64_t at = 0;
	uint64_t row = 0;

	if (cursor[0] != '\0' &&
	    (dot == NULL ||
		!text_copy_len(time, sizeof(time), cursor,
		    (size_t)(dot - cursor)) ||
		!text_parse_u64(time, INT64_MAX, &at) ||
		!text_parse_u64(dot + 1, INT64_MAX, &row)))
		return error_set_id(err, "E4315", ERROR_MALFORMED,
		    "cursor %.40s", cursor);
	*ret_time = (int64_t)at;
	*ret_row = (int64_t)row;
	return 0;
}

int
inbox_schedule_write(struct rows *rows, const char *scope, const char *cursor,
    unsigned limit, struct json_writer *writer, struct error *err)
{
	char next[PLACE_SIZE] = "";
	char last[PLACE_SIZE] = "";
	struct query *query;
	unsigned count = 0;
	int64_t all;
	int64_t at;
	int64_t row;
	int more;

	if (parse_cursor(cursor, &at, &row, err) < 0 ||
	    count_waiting(rows, scope, &all, err) < 0 ||
	    query_begin(rows,
		"SELECT id, waybill_id, recipient, speed, received_at,"
		" fetch_at FROM inbox_letter WHERE fetch_at > 0"
		" AND (fetch_at, id) > (?2, ?3)"
		" AND substr(recipient, 1, length(?1)) = ?1"
		" ORDER BY fetch_at, id",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, scope);
	query_bind_int(query, 2, at);
	query_bind_int(query, 3, row);
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "waiting");
	while ((more = query_next(query, err)) > 0 && count++ < limit) {
		snprintf(last, sizeof(last), "%" PRId64 ".%" PRId64,
		    query_int(query, 5), query_int(query, 0));
		write_waiting(query, writer);
	}
	json_write_end(writer);
	query_end(query);
	if (more > 0)
		text_copy(next, sizeof(next), last);
	json_write_int(writer, "count", all);
	json_write_text(writer, "next", next);
	json_write_end(writer);
	return more < 0 ? -1 : 0;
}
