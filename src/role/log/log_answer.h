/*
 * A host's log as C2SP tlog-tiles has it: checkpoint, tiles, entries
 * (docs/protocol.md 5), for witnesses and auditors.  What centers and management
 * answer alike.
 */
#ifndef ROLE_LOG_ANSWER_H
#define ROLE_LOG_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct error;
struct leaves;
struct message_request;
struct peer;
struct queries;

/* GET of /v1/log/checkpoint, /v1/log/cosigned[?from=], /v1/log/tile/... */
bool log_answer_knows(const struct message_request *request);

/* The media type of what such a path gives. */
const char *log_answer_type(const char *path);

/*
 * Append the answer to such a path.  Without `has_entries` entries are no part of
 * it: hashes alone, which say nothing of what they are of.  ERROR_NOT_FOUND
 * (E4034), ERROR_MALFORMED (E6204), ERROR_BUSY before the store is there.
 */
int log_answer(struct queries *queries, const char *path, bool has_entries,
    struct bytes *to, struct error *err) MUST_CHECK;

/* Send `body`, or with `rc` < 0 the refusal; frees `body`. */
void log_answer_send(struct peer *peer, uint32_t id, const char *type, int rc,
    struct bytes *body, const struct error *err);

/* "?from=" after the path `wanted`; "" without it, NULL for another path. */
const char *log_answer_from(const char *path, const char *wanted);

/*
 * Append proofs between the sizes "12,34" and `size`, from the smaller to the
 * larger, for another kind of note.
 */
int log_answer_proofs(struct leaves *leaves, const char *from, uint64_t size,
    struct bytes *to, struct error *err) MUST_CHECK;

#endif
