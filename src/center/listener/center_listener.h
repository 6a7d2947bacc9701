/*
 * The listener of a center: what gateways and other centers may ask for
 * (docs/protocol.md 8), and the local API of every host (docs/api.md).
 */
#ifndef CENTER_CENTER_LISTENER_H
#define CENTER_CENTER_LISTENER_H

#include "base/attr.h"

struct error;
struct role_env;

/* The role's whole life, as role_fn. */
int center_listener_start(struct role_env *env, struct error *err) MUST_CHECK;

#endif
