/*
 * A host as witness of other hosts' logs: cosigns a checkpoint only if it
 * continues the one that it cosigned before, and keeps the proof when a log told
 * two stories (docs/protocol.md 5, T-LOG-09).  Center and management are
 * witnesses alike; whether one is, the root says.
 */
#ifndef ROLE_WITNESS_H
#define ROLE_WITNESS_H

#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct error;
struct ipc_message;
struct json_writer;
struct peer;
struct rows;

/* A migration of the databases of centers and management. */
extern const char witness_schema[];

/*
 * The handler of MESSAGE_WITNESS; `ctx` begins with a struct spool.  Answers
 * MESSAGE_WITNESSED once the checkpoint is durable here and cosigned.  Refuses
 * with E5026 (another host's log), E5028 (we are no witness), E5022 (it does
 * not continue what was cosigned), E3614 and E3615 (management goes back, or
 * contradicts itself): the last three are alarms.
 */
void witness_on_witness(void *ctx, struct peer *peer,
    struct ipc_message *message);

/*
 * Append the newest checkpoint that was cosigned here of the log `origin`, as its
 * host signed it.  ERROR_NOT_FOUND (E4506): none was.
 */
int witness_recall(struct rows *rows, const char *origin, struct bytes *to,
    struct error *err) MUST_CHECK;

/* A queries_state_fn: whether a log told two stories. */
int witness_state(struct rows *rows, int64_t now_ms, const char **ret_id,
    struct bytes *to, struct error *err) MUST_CHECK;

/* Write the array "conflicts" of docs/api.md. */
int witness_write_conflicts(struct rows *rows, struct json_writer *writer,
    struct error *err) MUST_CHECK;

#endif
