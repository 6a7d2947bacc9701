/*
 * A store as another process sees it: read-only, beside the one that writes
 * (role query).  Payload is read frame by frame and checked like in the writer;
 * a payload that was removed meanwhile reads as lost, never as other bytes.
 */
#ifndef STORE_STORE_VIEW_H
#define STORE_STORE_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct error;
struct leaves;
struct rows;
struct store_view;

struct store_view_options {
	const char *dir;
	uint32_t application_id;
	const char *const *migrations; /* the daemon's, as store_open() has */
	size_t migration_count;
};

/*
 * ERROR_NOT_FOUND or ERROR_BUSY while the writer has not made the database
 * yet: try again.
 */
int store_view_open(const struct store_view_options *options,
    struct store_view **ret_view, struct error *err) MUST_CHECK;
void store_view_close(struct store_view *view);

/* Lent until store_view_close(). */
struct rows *store_view_rows(struct store_view *view);

/*
 * All rows that are read from here to store_view_end() are of one moment, which
 * costs less than one for each statement.  Not for longer than one request: the
 * writer cannot begin its log anew meanwhile.
 */
int store_view_begin(struct store_view *view, struct error *err) MUST_CHECK;
void store_view_end(struct store_view *view);

/* As they are now: reads the newest size first. */
int store_view_leaves(struct store_view *view, struct leaves **ret_leaves,
    struct error *err) MUST_CHECK;

/*
 * Copy at most `size` bytes of payload `number` from `offset` on; `*ret_len` is
 * 0 at its end.  ERROR_NOT_FOUND if there is none, ERROR_MALFORMED (E5002) if
 * it is lost.
 */
int store_view_read(struct store_view *view, uint64_t number, uint64_t offset,
    void *to, size_t size, size_t *ret_len, struct error *err) MUST_CHECK;

#endif
