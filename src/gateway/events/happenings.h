/*
 * What happens to letters, as one sequence that nobody misses (docs/api.md,
 * GET /v1/events): every change of a delivery that was sent here, every
 * letter that came in, with each change of it and of whom it is assigned to, each
 * letter that is held for its sender to undo it, with what came of that, every
 * change to the record of an organisation here, and what becomes of cases that
 * it asked for.
 *
 * Triggers of the database write it, in the transaction of the change itself,
 * so no path of code can forget it; and the one writer commits in the order of
 * the numbers, so who has read up to one has read all before it.
 */
#ifndef GATEWAY_HAPPENINGS_H
#define GATEWAY_HAPPENINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "model/org.h"
#include "role/message.h"

struct error;
struct http_target;
struct inbox_view;
struct peer;
struct rows;
struct spool;

enum {
	HAPPENINGS_LIST_MAX = 500,
	HAPPENINGS_WAIT_MAX_S = 60,
	HAPPENINGS_WAITERS_MAX = 1024,
	HAPPENINGS_KEPT = 1000000, /* then the oldest go */
};

/* A migration of the gateway's database. */
extern const char happenings_schema[];
extern const char happenings_letter_schema[];

/* What is asked for. */
struct happenings_ask {
	int64_t after; /* the newest that is known */
	unsigned limit;
	uint64_t wait_s;
	bool is_stream;            /* as text/event-stream; else JSON */
	char scope[ORG_TEXT_SIZE]; /* of whom; "": of all */
	/* Of received letters only what is assigned so (inbox_view.h). */
	bool is_limited;
	char unit[MESSAGE_UNIT_SIZE];
	int64_t person;
};

/*
 * The parameters after, limit, wait and as.  Without `after`: what comes from
 * now on.  ERROR_MALFORMED (E6204).
 */
int happenings_parse(struct rows *rows, const struct http_target *target,
    const struct inbox_view *view, struct happenings_ask *ret_ask,
    struct error *err) MUST_CHECK;

/*
 * Append what happened after `ask->after`, in order, and where to go on.
 * Returns how many; ERROR_NOT_FOUND (E6419) when those that follow are kept no
 * more.
 */
int happenings_read(struct rows *rows, const struct happenings_ask *ask,
    struct bytes *to, int64_t *ret_next, struct error *err) MUST_CHECK;

/* The newest number. */
int happenings_newest(struct rows *rows, int64_t *ret_newest,
    struct error *err) MUST_CHECK;

/* ---- waiting, at the spooler ------------------------------------------- */

struct happenings;

int happenings_new(struct spool *spool, struct happenings **ret_happenings,
    struct error *err) MUST_CHECK;
void happenings_free(struct happenings *happenings);

/* Answer GET /v1/events, now or when something happens. */
void happenings_request(struct happenings *happenings, struct peer *peer,
    uint32_t id, const struct message_request *request);

/* The asker of request `id` is gone. */
void happenings_cancel(struct happenings *happenings, uint32_t id);

/* Changes are durable: who waits may have something. */
void happenings_wake(struct happenings *happenings);

/* The answer to such a request; `text` as happenings_read() left it. */
void happenings_reply(struct peer *peer, uint32_t id,
    const struct happenings_ask *ask, const struct bytes *text, int64_t next);

#endif
