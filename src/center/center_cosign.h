/*
 * Has the center's checkpoints cosigned by the witnesses that the root names
 * (docs/protocol.md 5): each is sent the newest one with a proof that it
 * continues what that witness saw before.
 */
#ifndef CENTER_CENTER_COSIGN_H
#define CENTER_CENTER_COSIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct center;
struct center_cosign;
struct error;
struct json_writer;
struct rows;

/* A migration of the center's database. */
extern const char center_cosign_schema[];

int center_cosign_new(struct center *center, struct center_cosign **ret_cosign,
    struct error *err) MUST_CHECK;

/* A checkpoint is newer: soon. */
void center_cosign_wake(struct center_cosign *cosign);

/* What was cosigned is of an earlier epoch: nothing is, of this one. */
int center_cosign_forget(struct rows *rows, struct error *err) MUST_CHECK;

/* Append the newest note that enough witnesses cosigned: 1, or 0 for none. */
int center_cosign_read(struct rows *rows, uint64_t *ret_size,
    struct bytes *note, struct error *err) MUST_CHECK;

/* In a word for people, such as "unwitnessed"; false is a warning. */
int center_cosign_state(struct rows *rows, long long now_ms, bool *ret_is_good,
    struct bytes *to, struct error *err) MUST_CHECK;

#endif
