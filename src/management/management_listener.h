/*
 * The listener of a management host: bulletins for the centers, and the local
 * API that publishes them (docs/protocol.md 8, docs/api.md).
 */
#ifndef MANAGEMENT_MANAGEMENT_LISTENER_H
#define MANAGEMENT_MANAGEMENT_LISTENER_H

#include "base/attr.h"
#include "role/listener/listener_route.h"

struct error;
struct role_env;

/* What its control socket serves; each needs a rule (management_access.h). */
extern const struct listener_route management_control_routes[];

/* The role's whole life, as role_fn. */
int management_listener_start(struct role_env *env,
    struct error *err) MUST_CHECK;

#endif
