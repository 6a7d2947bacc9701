/*
 * Checking evidence without any host: bulletins from a folder, believed from a
 * pinned root on, and receipts checked against them with the verifier's own
 * functions.
 */
#ifndef CLI_OFFLINE_H
#define CLI_OFFLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "bulletin/bulletin.h"
#include "role/message.h"

struct error;
struct offline;
struct root;
struct rows;
struct statement_serials;
struct verify_context;

/*
 * Take all files of `folder` in the order of their names.  `root` is the
 * SHA-256 of the first root bulletin's JSON, 64 hex digits.
 */
int offline_open(const char *folder, const char *root, const char *environment,
    int64_t now, struct offline **ret_offline, struct error *err) MUST_CHECK;

/*
 * The same with bulletins in memory, in the order in which they are to be
 * taken, and then those of `folder` (NULL: none) that are not older.  Choose
 * with offline_select() before checking anything.
 */
struct offline_part {
	const char *name; /* for errors */
	struct blob cms;
};
int offline_open_parts(const struct offline_part *parts, size_t count,
    const char *folder, const char *root, const char *environment, int64_t now,
    struct offline **ret_offline, struct error *err) MUST_CHECK;
void offline_close(struct offline *offline);

/*
 * Take the directory of each serial from the rows of a host's store, where the
 * bulletins say only what they changed.  `rows` must outlive it.
 */
void offline_use_rows(struct offline *offline, struct rows *rows);

/*
 * A page of the directory of that serial, which says only what it changed: used
 * with it instead of all before it.  `json` must outlive the offline.  Whose
 * entries are wanted is said once: then each page that they need must be there.
 */
int offline_add_page(struct offline *offline, uint64_t serial,
    const struct blob *json, struct error *err) MUST_CHECK;
int offline_set_parties(struct offline *offline, const struct org_code *sender,
    const struct org_code *recipient, struct error *err) MUST_CHECK;

/*
 * Judge from now on as of an instant, by the bulletins of these serials; of a
 * serial that is not there by the next one, else by the newest.  A directory
 * that says what it changes needs its pages, or all of those before it, back to one
 * that says all; without, nobody is in it.  Failures: directory_proof_take(), and
 * ERROR_NOT_FOUND E3505 for a page that is missing.
 */
int offline_select(struct offline *offline,
    const struct statement_serials *serials, int64_t at,
    struct error *err) MUST_CHECK;

/* What is judged by, for the functions of role/verifier/verify.h. */
const struct verify_context *offline_context(const struct offline *offline);

/* True if a bulletin of this type and serial (0: any) was taken. */
bool offline_has(const struct offline *offline, enum bulletin_type type,
    uint64_t serial);

/* True if one of this serial or a newer one was taken. */
bool offline_reaches(const struct offline *offline, enum bulletin_type type,
    uint64_t serial);

/* The serial of the newest root; 0 for none. */
uint64_t offline_newest_root(const struct offline *offline);

/*
 * The first root of this serial or a newer one: 1 and what it says (free it
 * with root_free()), or 0.
 */
int offline_root(const struct offline *offline, uint64_t serial,
    struct root *ret_root, struct error *err) MUST_CHECK;

/* The serials of a type that were taken, as they came; at most `max`. */
size_t offline_serials(const struct offline *offline, enum bulletin_type type,
    uint64_t *to, size_t max);

/*
 * Check a receipt whole: path, checkpoint, log key, act; the checkpoint also by a
 * later network bulletin, which may name the epoch of the log after a restore.
 * `ret_receipt` says what it proves; it borrows from `offline` until the next
 * check.  Failures: verify_receipt().
 */
int offline_check_receipt(struct offline *offline, const void *json, size_t len,
    struct message_receipt *ret_receipt, struct error *err) MUST_CHECK;

#endif
