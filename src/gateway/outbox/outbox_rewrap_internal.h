/*
 * Key parts for deliveries under way, one after the other: outbox_rewrap.c has
 * the queue and hands in, outbox_rewrap_make.c makes one.
 */
#ifndef GATEWAY_OUTBOX_REWRAP_INTERNAL_H
#define GATEWAY_OUTBOX_REWRAP_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "directory/directory.h"
#include "exchange/retry.h"
#include "gateway/outbox/outbox_internal.h"

struct loop_timer;

struct outbox_rewraps {
	struct group_op op; /* first: the group hands it back */
	struct outbox *outbox;
	struct loop_timer *timer;
	struct retry retry;
	bool is_busy;  /* with what follows */
	bool has_made; /* save all of `rewrap`, not its step alone */
	bool is_ahead; /* it was signed when our clock was wrong */
	struct outbox_rewrap rewrap;
	struct outbox_waybill waybill;
	struct outbox_delivery delivery;
	struct directory_key seal;      /* while it is being made, and ... */
	char center[MESSAGE_HOST_SIZE]; /* at which who receives is */
	struct bytes json;              /* the addendum, to be signed */
};

/*
 * Make key part and addendum of the one that is under way, if the directory
 * names another key than its newest part is for.  In the end it is stored, as
 * what it came to, or put off.
 */
int outbox_rewrap_make(struct outbox_rewraps *rewraps,
    struct error *err) MUST_CHECK;

/* The end of a step: what it came to, by the directory of `tried` ... */
void outbox_rewraps_store(struct outbox_rewraps *rewraps,
    enum outbox_rewrap_step step, uint64_t tried);

/* ... or this one again later, while others go on. */
void outbox_rewraps_put_off(struct outbox_rewraps *rewraps,
    const struct error *why);

/* A line in the log about it; `code` may be NULL. */
void outbox_rewraps_note(const struct outbox_rewraps *rewraps,
    enum log_level level, const char *event, const char *code);

struct spool *outbox_rewraps_spool(const struct outbox_rewraps *rewraps);
struct rows *outbox_rewraps_rows(const struct outbox_rewraps *rewraps);

#endif
