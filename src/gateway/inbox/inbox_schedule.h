/*
 * Scheduled receiving (定時收文): letters that are announced and wait at the
 * center for a time of the day, or until somebody asks for them.  Only the
 * fetching waits: what was fetched goes on, and its receipts leave, at once.
 */
#ifndef GATEWAY_INBOX_SCHEDULE_H
#define GATEWAY_INBOX_SCHEDULE_H

#include <stdint.h>

#include "base/attr.h"
#include "model/id.h"
#include "model/org.h"

struct error;
struct gateway;
struct inbox_schedule;
struct json_writer;
struct peer;
struct rows;

int inbox_schedule_new(struct gateway *gateway,
    struct inbox_schedule **ret_schedule, struct error *err) MUST_CHECK;
void inbox_schedule_free(struct inbox_schedule *schedule);

/* Rows of before a restart; and another one waits. */
void inbox_schedule_wake(struct inbox_schedule *schedule);

/*
 * In the open group: a letter that was new at `now` waits until `fetch_at`; all that wait, of an
 * organisation and its units, wait until then; 0: no longer.
 */
int inbox_schedule_hold(struct rows *rows, const struct id *waybill_id,
    const struct org_code *recipient, int64_t now, int64_t fetch_at,
    struct error *err) MUST_CHECK;
int inbox_schedule_move(struct rows *rows, const struct org_code *organisation,
    int64_t fetch_at, struct error *err) MUST_CHECK;

/*
 * Fetch what waits of `scope` ("": of all) now, and answer {"fetching":N} when
 * that is durable.
 */
void inbox_schedule_release(struct inbox_schedule *schedule, const char *scope,
    struct peer *peer, uint32_t id);

/*
 * {"waiting":[{"waybill_id","recipient","speed","announced_at","fetch_at"}],
 * "count","next"} of a scope, those first that are fetched first; `cursor` is a
 * "next".
 */
int inbox_schedule_write(struct rows *rows, const char *scope,
    const char *cursor, unsigned limit, struct json_writer *writer,
    struct error *err) MUST_CHECK;

#endif
