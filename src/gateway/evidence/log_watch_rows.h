/*
 * The rows of log_watch.h: checkpoints that came with receipts, and the later
 * ones that are known to continue them.
 */
#ifndef GATEWAY_LOG_WATCH_ROWS_H
#define GATEWAY_LOG_WATCH_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "gateway/evidence/log_watch.h"
#include "model/digest.h"
#include "role/message.h"

struct error;
struct rows;

enum { LOG_WATCH_HOUR_MS = 60 * 60 * 1000 };

struct log_watch_item {
	uint64_t size;
	struct digest root;
};

/* A log of which checkpoints wait. */
struct log_watch_log {
	char origin[MESSAGE_ORIGIN_SIZE];
	char center[MESSAGE_HOST_SIZE];
};

/* Whether another receipt came with the same checkpoint before. */
int log_watch_row_has(struct rows *rows, const struct message_receipt *receipt,
    struct error *err) MUST_CHECK;

/*
 * A receipt came with this checkpoint, a note as it stands there, and none did
 * before; it waits for later ones of the kinds that are wanted.
 */
int log_watch_row_add(struct rows *rows, const struct message_receipt *receipt,
    struct blob note, const bool *is_wanted, int64_t now_ms,
    struct error *err) MUST_CHECK;

/* Logs of which some wait, the one that waits longest first; at most `max`. */
int log_watch_row_logs(struct rows *rows, enum log_watch_kind kind,
    struct log_watch_log *logs, size_t max, struct error *err) MUST_CHECK;

/*
 * The oldest ones of one log, at most `max`: their number, and the list of
 * struct message_held appended.
 */
int log_watch_row_oldest(struct rows *rows, enum log_watch_kind kind,
    const char *origin, struct log_watch_item *items, size_t max,
    struct bytes *held, struct error *err) MUST_CHECK;

/* Keep a later checkpoint, once: its number. */
int log_watch_row_later(struct rows *rows, const char *origin, uint64_t size,
    const struct digest *root, struct blob note, int64_t *ret_later,
    struct error *err) MUST_CHECK;

/* Keep a token over it, once. */
int log_watch_row_stamp(struct rows *rows, int64_t later, struct blob token,
    struct error *err) MUST_CHECK;

/* It is continued by that one, as the hashes prove; it waits no more. */
int log_watch_row_grown(struct rows *rows, enum log_watch_kind kind,
    const char *origin, const struct log_watch_item *item, int64_t later,
    struct blob proof, struct error *err) MUST_CHECK;

int log_watch_row_remove(struct rows *rows, const char *origin,
    const struct log_watch_item *item, struct error *err) MUST_CHECK;
int log_watch_row_conflict(struct rows *rows, const char *origin,
    struct blob proof, int64_t now_ms, struct error *err) MUST_CHECK;

/* A comparison went through: up to here all that was asked is cosigned. */
int log_watch_row_compared(struct rows *rows, const char *origin, uint64_t size,
    int64_t now_ms, struct error *err) MUST_CHECK;

/* Mark those that wait for more than an hour: how many had not been. */
int64_t log_watch_row_overdue(struct rows *rows, int64_t now_ms,
    struct error *err) MUST_CHECK;

/* Nobody makes later ones of this kind: nothing waits for them. */
int log_watch_row_clear(struct rows *rows, enum log_watch_kind kind,
    struct error *err) MUST_CHECK;

#endif
