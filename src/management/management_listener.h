/*
 * The listener of a management host: bulletins for the centers, and the local
 * API that publishes them and decides cases (docs/protocol.md 8, docs/api.md).
 */
#ifndef MANAGEMENT_MANAGEMENT_LISTENER_H
#define MANAGEMENT_MANAGEMENT_LISTENER_H

#include "base/attr.h"
#include "role/listener/listener_route.h"

struct error;
struct role_env;

/*
 * What its control socket and its port for people serve; but for pages each
 * needs a rule (management_access.h).
 */
extern const struct listener_route management_control_routes[];
extern const struct listener_route management_people_routes[];

/* The role's whole life, as role_fn. */
int management_listener_start(struct role_env *env,
    struct error *err) MUST_CHECK;

#endif
