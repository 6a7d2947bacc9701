/*
 * Under which name management's log is signed (docs/protocol.md 5): the one of
 * the network bulletin, and after a restore the next one that it announces.
 */
#ifndef MANAGEMENT_MANAGEMENT_EPOCH_H
#define MANAGEMENT_MANAGEMENT_EPOCH_H

#include "base/attr.h"

struct error;
struct management;

/* A migration of management's database. */
extern const char management_epoch_schema[];

/* The end of a log that came out of a backup is gone: others hold it signed. */
int management_epoch_note_restored(struct management *management,
    struct error *err) MUST_CHECK;

/* The directory may name our log, or its next epoch. */
void management_epoch_look(struct management *management);

#endif
