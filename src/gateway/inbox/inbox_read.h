/*
 * Reading the inbox beyond gateway/inbox/inbox.h: one letter for those who show it,
 * and what is new since a place, for those who wait.
 */
#ifndef GATEWAY_INBOX_READ_H
#define GATEWAY_INBOX_READ_H

#include <stdint.h>

#include "base/attr.h"
#include "gateway/inbox/inbox_rows.h"
#include "gateway/inbox/inbox_view.h"

struct directory;
struct error;
struct http_target;
struct id;
struct json_writer;
struct org_code;
struct rows;

enum { INBOX_LIST_DEFAULT = 50, INBOX_LIST_MAX = 200, INBOX_WAIT_MAX_S = 300 };

/*
 * The letter by its names; `ret_has` is the row with its package: this one, or
 * the first entry of a repeat.  ERROR_NOT_FOUND (E4314, or E4312 while it has
 * not been opened or could not be).
 */
int inbox_find_letter(struct rows *rows, const struct id *waybill_id,
    const struct org_code *recipient, struct inbox_row *ret_row,
    struct inbox_row *ret_has, struct error *err) MUST_CHECK;

/* One entry of a list: the row `entry` of the inbox, which is there. */
int inbox_read_entry(struct rows *rows, const struct directory *directory,
    int64_t entry, struct json_writer *writer, struct error *err) MUST_CHECK;

struct inbox_news {
	int64_t after; /* a place */
	enum inbox_state state;
	unsigned limit;
	struct inbox_view view;
};

/*
 * The parameters wait, after, state and limit.  Without `after` only what comes
 * from now on is new.  ERROR_MALFORMED (E4315).
 */
int inbox_news_parse(struct rows *rows, const struct http_target *target,
    struct inbox_news *ret_news, uint64_t *ret_wait_s,
    struct error *err) MUST_CHECK;

/*
 * Write what is new, as it came; `next` is the place to go on after.  Returns
 * how many there are.
 */
int inbox_read_news(struct rows *rows, const struct directory *directory,
    const struct inbox_news *news, struct json_writer *writer,
    struct error *err) MUST_CHECK;

#endif
