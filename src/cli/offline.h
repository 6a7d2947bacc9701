/*
 * Checking evidence without any host: bulletins from a folder, believed from a
 * pinned root on, and receipts checked against them with the verifier's own
 * functions.
 */
#ifndef CLI_OFFLINE_H
#define CLI_OFFLINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "role/message.h"

struct error;
struct offline;

/*
 * Take all files of `folder` in the order of their names.  `root` is the
 * SHA-256 of the first root bulletin's JSON, 64 hex digits.
 */
int offline_open(const char *folder, const char *root, const char *environment,
    int64_t now, struct offline **ret_offline, struct error *err) MUST_CHECK;
void offline_close(struct offline *offline);

/*
 * Check a receipt whole: path, checkpoint, log key, act.  `ret_receipt` says
 * what it proves; it borrows from `offline` until the next check.  Failures:
 * verify_receipt().
 */
int offline_check_receipt(struct offline *offline, const void *json, size_t len,
    struct message_receipt *ret_receipt, struct error *err) MUST_CHECK;

#endif
