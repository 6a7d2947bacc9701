/*
 * Rows of requests of cases: what was asked here or by hosts below, and reading
 * it.  What passes between them and the host above: requests_rows_pass.h.
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
