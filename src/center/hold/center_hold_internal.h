/*
 * Between center_hold.c and center_hold_request.c.
 */
#ifndef CENTER_CENTER_HOLD_INTERNAL_H
#define CENTER_CENTER_HOLD_INTERNAL_H

#include "policy/hold_rules.h"

struct center_holds;

/* The rows of holds changed, durably: believe them, and sweep. */
void center_holds_reload(struct center_holds *holds);

#endif
