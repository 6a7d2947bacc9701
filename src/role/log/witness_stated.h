/*
 * What a witness remembers of management: the timestamp that its log ended with
 * when it was cosigned last, of whichever epoch.  So nobody gets a cosignature
 * for naming older bulletins than before, or others of one serial.
 */
#ifndef ROLE_WITNESS_STATED_H
#define ROLE_WITNESS_STATED_H

#include "base/attr.h"
#include "bulletin/timestamp.h"

struct bytes;
struct error;
struct message_checkpoint;
struct rows;

/* A migration, beside that of role/log/witness.h. */
extern const char witness_stated_schema[];

/*
 * How the timestamp that comes with the checkpoint stands to the one before.
 * Appends the proof (bulletin/contradiction.h) when it may not follow.
 */
int witness_stated_judge(struct rows *rows,
    const struct message_checkpoint *checkpoint,
    enum timestamp_order *ret_order, struct bytes *proof,
    struct error *err) MUST_CHECK;

/* Remember it; in the open group. */
int witness_stated_save(struct rows *rows,
    const struct message_checkpoint *checkpoint, struct error *err) MUST_CHECK;

#endif
