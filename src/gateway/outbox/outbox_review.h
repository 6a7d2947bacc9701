/*
 * The review of the next day (R2.2, art. 7-6): at the latest on the day after
 * sending, somebody looks at what has not arrived, decides what to do, and
 * that is on record: who, when, what.
 */
#ifndef GATEWAY_OUTBOX_REVIEW_H
#define GATEWAY_OUTBOX_REVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "gateway/outbox/outbox.h"

struct bytes;
struct error;
struct json_writer;
struct rows;

/* What the reviewer does about a delivery. */
enum outbox_action {
	OUTBOX_ACTION_WAIT,
	OUTBOX_ACTION_CHASE, /* the recipient was asked */
	OUTBOX_ACTION_RESEND,
	OUTBOX_ACTION_PAPER,
	OUTBOX_ACTION_OTHER,
	OUTBOX_ACTION_COUNT
};

const char *outbox_action_name(enum outbox_action action);
bool outbox_action_parse(const char *name, enum outbox_action *ret_action);

/* Migrations of the gateway's database, one behind the other. */
extern const char outbox_review_schema[];
extern const char outbox_review_at_schema[];

/* What is asked of many rows, for the test of how it is looked up. */
extern const char outbox_review_list_sql[];
extern const char outbox_reviews_sql[];
extern const char outbox_reviewers_sql[];

/* One reviewed delivery (its row), in the store's open group. */
struct outbox_review {
	int64_t delivery;
	int64_t at;
	const char *reviewer;
	bool is_person; /* logged in; else said at this machine */
	enum outbox_action action;
	const char *note;
};
int outbox_review_add(struct rows *rows, const struct outbox_review *review,
    struct error *err) MUST_CHECK;

/*
 * The work list of today as JSON (docs/api.md): deliveries sent before today
 * that have not ended and were not looked at today, and those that ended
 * otherwise than signed for and were not looked at since.  Oldest first.
 */
int outbox_review_read(const struct outbox_reading *reading, const char *cursor,
    unsigned limit, struct json_writer *writer, struct error *err) MUST_CHECK;

/*
 * What was recorded, by whom: GET /v1/reviews, the newest first, with how many
 * each reviewer recorded since; or as a table.  E6204.
 */
struct outbox_reviews_ask {
	const char *reviewer; /* "": of all */
	const char *since;    /* a time, "": the last 30 days */
	const char *cursor;
};
int outbox_reviews_read(const struct outbox_reading *reading,
    const struct outbox_reviews_ask *ask, unsigned limit,
    struct json_writer *writer, struct error *err) MUST_CHECK;
int outbox_reviews_put_csv(const struct outbox_reading *reading,
    const struct outbox_reviews_ask *ask, struct bytes *to,
    struct error *err) MUST_CHECK;

#endif
