/*
 * Hands up to management the holds that the center's own exchange authority
 * signed and that were taken here first, where they bind at once
 * (docs/protocol.md 6).
 */
#ifndef CENTER_CENTER_HAND_UP_H
#define CENTER_CENTER_HAND_UP_H

#include "base/attr.h"

struct center;
struct center_hand_up;
struct error;

int center_hand_up_new(struct center *center,
    struct center_hand_up **ret_hand_up, struct error *err) MUST_CHECK;

/* The bulletins changed. */
void center_hand_up_look(struct center_hand_up *hand_up);

#endif
