/*
 * Receipts that came before the bulletins by which they were stated: a center
 * may know a new organisation, module or center a while before this gateway
 * does.  They wait here, the feed goes on, and when other bulletins are in force
 * they are judged again.  One that waits for what never comes is given up.
 */
#ifndef GATEWAY_OUTBOX_EARLY_H
#define GATEWAY_OUTBOX_EARLY_H

#include <stdint.h>

#include "base/attr.h"
#include "role/codec.h"

struct error;
struct outbox;
struct outbox_early;
struct rows;

enum {
	OUTBOX_EARLY_MAX = 10000, /* more stay at the center */
	OUTBOX_EARLY_DAYS = 30,
};

/* Says that a receipt is early: ERROR_BUSY with this id. */
extern const char outbox_early_id[];

/* A migration of the gateway's database. */
extern const char outbox_early_schema[];

int outbox_early_new(struct outbox *outbox, struct outbox_early **ret_early,
    struct error *err) MUST_CHECK;
void outbox_early_free(struct outbox_early *early);

/* Bulletins may have changed, or the host has started. */
void outbox_early_look(struct outbox_early *early);

/*
 * Within a group: keep one; a repeat is the same.  ERROR_BUSY when there are
 * OUTBOX_EARLY_MAX.
 */
int outbox_early_add(struct rows *rows, struct blob receipt, int64_t now_ms,
    struct error *err) MUST_CHECK;

/* How many there are, and since when. */
int outbox_early_count(struct rows *rows, int64_t *ret_count,
    int64_t *ret_oldest_at, struct error *err) MUST_CHECK;

#endif
