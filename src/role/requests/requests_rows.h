/*
 * Rows of requests of cases: what was asked here or by hosts below, until
 * management has it, and what became of it.
 */
#ifndef ROLE_REQUESTS_REQUESTS_ROWS_H
#define ROLE_REQUESTS_REQUESTS_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "envelope/case_request.h"
#include "model/org.h"

struct error;
struct json_writer;
struct rows;

/* A migration of the database of gateways and centers. */
extern const char requests_schema[];
/* ... and another one behind it. */
extern const char requests_again_schema[];

enum {
	REQUESTS_HOUR_MAX = 60,     /* of one host */
	REQUESTS_WAITING_MAX = 20,  /* of one host, not handed up yet */
	REQUESTS_KEPT_MAX = 20000,  /* beyond it those that ended go */
	REQUESTS_NEWS_MAX = 900000, /* bytes of an answer with news */
	REQUESTS_STATE_MAX = 524288,
};

/* The organisation that the fields name, or "". */
void requests_organisation(const struct case_request *request,
    char to[ORG_TEXT_SIZE]);

/*
 * Keep a request that came in, inside a transaction: 1, 0 when it is here
 * already with the same bytes.  ERROR_EXISTS (E7305), ERROR_BUSY (E7303).
 * `key` is the Idempotency-Key of a local one, or "".
 */
int requests_keep(struct rows *rows, const struct case_request *request,
    const struct bytes *body, const char *key, int64_t now,
    struct error *err) MUST_CHECK;

/* The id that a key was used for: 1, 0 or -1. */
int requests_find_key(struct rows *rows, const char *key, char to[ID_TEXT_SIZE],
    struct error *err) MUST_CHECK;

/*
 * The next one to hand up: 1, 0 or -1.  Its bytes stay here until it has ended,
 * since the host above may lose it by a restore.
 */
struct requests_due {
	char id[ID_TEXT_SIZE];
	struct bytes body;
	uint32_t failures;
};
int requests_find_due(struct rows *rows, int64_t now,
    struct requests_due *ret_due, struct error *err) MUST_CHECK;

/* It was taken; or refused for good (`problem` is JSON); or is tried again. */
int requests_save_taken(struct rows *rows, const char *id, bool is_last,
    int64_t now, struct error *err) MUST_CHECK;
int requests_save_refused(struct rows *rows, const char *id,
    const void *problem, size_t len, int64_t now, struct error *err) MUST_CHECK;
int requests_save_failed(struct rows *rows, const char *id, int64_t due,
    struct error *err) MUST_CHECK;

/*
 * The epoch of the host above that is known here (log/epoch.h), 0 for none; and
 * another one.  Behind the first its data were restored: what has not ended is
 * handed up once more, the same bytes, and news are asked for from the beginning.
 */
int requests_epoch(struct rows *rows, uint64_t *ret_epoch,
    struct error *err) MUST_CHECK;
int requests_begin_epoch(struct rows *rows, uint64_t epoch,
    struct error *err) MUST_CHECK;

/* News of the host above: up to where they are known; whether some are open. */
int requests_after(struct rows *rows, int64_t *ret_after,
    struct error *err) MUST_CHECK;
int requests_save_after(struct rows *rows, int64_t after,
    struct error *err) MUST_CHECK;
int requests_count_open(struct rows *rows, int64_t *ret_count,
    struct error *err) MUST_CHECK;

/* What became of one: as management says it. */
struct requests_news {
	const char *id;
	bool is_taken;
	bool is_open;
	const char *case_id;       /* "" when it has no case of its own */
	const char *case_state;    /* its name, or "" */
	const struct bytes *state; /* JSON; or NULL */
	const struct bytes *refused;
};
/* Of one that is not here (yet, after a restore) they come again later. */
int requests_save_news(struct rows *rows, const struct requests_news *news,
    int64_t now, struct error *err) MUST_CHECK;

/* The organisation of the request of that id, or of that case: 1, 0 or -1. */
int requests_find_target(struct rows *rows, const char *target,
    char to_organisation[ORG_TEXT_SIZE], struct error *err) MUST_CHECK;

/* ---- reading, in the role query ----------------------------------------------- */

/* Members "requests" and "next": of `scope`, the newest first. */
int requests_write_list(struct rows *rows, const char *scope, int64_t before,
    unsigned limit, struct json_writer *writer, struct error *err) MUST_CHECK;

/* One, by its id or that of its case; ERROR_NOT_FOUND (E7304). */
int requests_write_one(struct rows *rows, const char *scope, const char *id,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/* What is new for a host below, after `after`. */
int requests_write_news(struct rows *rows, const char *host, int64_t after,
    struct json_writer *writer, struct error *err) MUST_CHECK;

#endif
