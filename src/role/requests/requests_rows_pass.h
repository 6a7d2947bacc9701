/*
 * Rows of requests of cases (requests_rows.h), as they pass between this host and
 * the one above: what is to be handed up, until management has it, and the news
 * that come down of what became of it.
 */
#ifndef ROLE_REQUESTS_REQUESTS_ROWS_PASS_H
#define ROLE_REQUESTS_REQUESTS_ROWS_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "model/id.h"

struct error;
struct rows;

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

#endif
