/*
 * The log of management (docs/protocol.md 5): every bulletin that is stored and
 * every act of administration is an entry, in the transaction of what it speaks
 * of; there is no second list of them.  Centers cosign its checkpoints, each of
 * which that is asked for ends with a timestamp; what enlarges power is handed
 * out with the receipt that shows it.
 */
#ifndef MANAGEMENT_MANAGEMENT_LOG_H
#define MANAGEMENT_MANAGEMENT_LOG_H

#include <stdint.h>

#include "base/attr.h"

struct bulletins_stored;
struct error;
struct json_writer;
struct management;
struct rows;

/* A migration of management's database. */
extern const char management_log_schema[];

/*
 * An act of administration.  Texts are UTF-8, of the sizes in
 * bulletin/log_entry.h; `detail` may be JSON as text, or "".
 */
struct management_act {
	const char *act;   /* "case.decided" */
	const char *by;    /* "uid 0", or the fingerprint of a person's card */
	const char *about; /* a code, host, case or fingerprint */
	const char *detail;
};

/*
 * Append it to the log in the store's open group (struct group_op.apply), whose
 * checkpoint is signed before anybody is told that the group is durable.
 * `*ret_entry` is its place, for GET /v1/log/acts.  ERROR_MALFORMED E3610 when a
 * text is too long or not UTF-8.
 */
int management_log_act(struct management *management,
    const struct management_act *act, uint64_t *ret_entry,
    struct error *err) MUST_CHECK;

/* Begin; before bulletins are taken. */
int management_log_start(struct management *management,
    struct error *err) MUST_CHECK;

/* For the spooler's tier: role/spool/spool.h and role/spool/group.h. */
int management_log_on_store(void *ctx, const struct bulletins_stored *stored,
    int64_t *ret_entry, struct error *err) MUST_CHECK;
int management_log_seal(void *ctx, struct error *err) MUST_CHECK;
void management_log_attest(void *ctx);
int management_log_keep(void *ctx, struct error *err) MUST_CHECK;

/*
 * Write the object of GET /v1/log/acts: acts of entries above `after`, oldest
 * first, at most 1,000.
 */
int management_log_write_acts(struct rows *rows, uint64_t after,
    struct json_writer *writer, struct error *err) MUST_CHECK;

#endif
