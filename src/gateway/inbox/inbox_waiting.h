/*
 * What waits to be signed for, whatever there is of it: how many of each
 * urgency, and the list with the most urgent first, of these the oldest.
 */
#ifndef GATEWAY_INBOX_WAITING_H
#define GATEWAY_INBOX_WAITING_H

#include "base/attr.h"

struct directory;
struct error;
struct inbox_view;
struct json_writer;
struct rows;

/*
 * The members `received` (by 速別) and `unreadable` of GET /v1/overview; of
 * whom: `view`.
 */
int inbox_waiting_sums(struct rows *rows, const struct inbox_view *view,
    struct json_writer *writer, struct error *err) MUST_CHECK;

struct inbox_waiting_ask {
	const char *cursor;
	const char *speed; /* "": each */
	const struct inbox_view *view;
	unsigned limit;
};

/* The list as JSON, like inbox_read_list(); ERROR_MALFORMED (E4315). */
int inbox_waiting_list(struct rows *rows, const struct directory *directory,
    const struct inbox_waiting_ask *ask, struct json_writer *writer,
    struct error *err) MUST_CHECK;

#endif
