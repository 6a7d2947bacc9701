/*
 * Compares each checkpoint that came with a receipt with one that the log's
 * witnesses cosigned, within the hour (docs/protocol.md 5): so a center cannot
 * show us a log of our own.  Those of other centers' logs come through our
 * center.  One that is not cosigned yet must begin with the newest that is, so a
 * log that is rewritten is noticed at once.  The cosigned one stays, with the proof that it continues ours, for
 * the evidence of a delivery, and so does one that has a time stamp, which
 * takes a day.  What the two cannot both be is kept as proof; what is not
 * cosigned in time is an alarm.
 */
#ifndef GATEWAY_LOG_WATCH_H
#define GATEWAY_LOG_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "role/message.h"

struct digest;
struct error;
struct gateway;
struct log_watch;
struct rows;

/* What makes a later checkpoint worth keeping. */
enum log_watch_kind {
	LOG_WATCH_COSIGNED, /* its witnesses */
	LOG_WATCH_STAMPED,  /* a time-stamping authority that the root names */
	LOG_WATCH_KINDS,
};

/* A migration of the gateway's database. */
extern const char log_watch_schema[];

int log_watch_new(struct gateway *gateway, struct log_watch **ret_watch,
    struct error *err) MUST_CHECK;
void log_watch_free(struct log_watch *watch);

/* The bulletins changed: are there witnesses? */
void log_watch_on_directory(struct log_watch *watch);

/*
 * Remember the checkpoint of a verified receipt, in the open group.  NULL
 * compares nothing.
 */
int log_watch_add(struct log_watch *watch,
    const struct message_receipt *receipt, struct blob json,
    struct error *err) MUST_CHECK;

/*
 * The later checkpoint that continues this one, with its signatures, and the
 * proof (hashes, empty for the same tree) appended: 1, or 0 while there is
 * none.  From rows that may be read-only.
 */
int log_watch_find(struct rows *rows, enum log_watch_kind kind,
    const char *origin, uint64_t size, const struct digest *root,
    struct bytes *note, struct bytes *proof, struct error *err) MUST_CHECK;

/* The tokens over such a checkpoint: `fn` for each, -1 ends it. */
int log_watch_each_stamp(struct rows *rows, const struct bytes *note,
    int (*fn)(void *ctx, const void *token, size_t len, struct error *err),
    void *ctx, struct error *err) MUST_CHECK;

/* A queries_state_fn, from rows that may be read-only. */
int log_watch_state(struct rows *rows, int64_t now_ms, const char **ret_id,
    struct bytes *to, struct error *err) MUST_CHECK;

#endif
