/*
 * Letters of which only receipts are left, after this gateway's data were
 * restored from a backup (docs/backup.md): those that it sent after the backup,
 * and those that it received and whose content its center has removed.  The
 * center tells of them once more, and nothing here knows them; so they are listed
 * with their receipts, for a person to compare with what the document systems
 * have and to decide about.  Nothing of them is sent, or stated, again.
 */
#ifndef GATEWAY_LOST_H
#define GATEWAY_LOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "role/codec.h"

struct directory;
struct error;
struct id;
struct json_writer;
struct message_receipt;
struct rows;
struct store_restored;

/* A migration of a gateway's database. */
extern const char lost_schema[];

/* In the open group: our data were restored, and the center was told so. */
int lost_restored(struct rows *rows, const struct store_restored *restored,
    struct error *err) MUST_CHECK;

/*
 * In the open group: a verified receipt of a waybill that is not in the outbox.
 * 1 if it is of a letter that was lost, or that the inbox has; else 0, as when
 * our data were never restored, or it is about nobody whom `host` serves.
 */
int lost_take(struct rows *rows, const struct directory *directory,
    const char *host, const struct message_receipt *receipt, struct blob json,
    int64_t now_ms, struct error *err) MUST_CHECK;

/*
 * GET /v1/lost: the newest 500 that `scope` may see ("": all), those that nobody
 * has decided about (lost_decide.h) first, or alone; with the names of
 * `directory`, or "" while it is NULL.
 */
int lost_write_list(struct rows *rows, const struct directory *directory,
    const char *scope, bool only_open, struct json_writer *writer,
    struct error *err) MUST_CHECK;

/* GET /v1/lost/{waybill id}/receipts; ERROR_NOT_FOUND E4508. */
int lost_write_receipts(struct rows *rows, const struct id *waybill_id,
    const char *scope, struct json_writer *writer,
    struct error *err) MUST_CHECK;

/* How many nobody has decided about. */
int lost_count(struct rows *rows, const char *scope, int64_t *ret_count,
    struct error *err) MUST_CHECK;

#endif
