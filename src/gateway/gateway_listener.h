/*
 * The listener of a gateway: the local API of document systems and of the
 * command line (docs/api.md).  A gateway is called by no host.
 */
#ifndef GATEWAY_GATEWAY_LISTENER_H
#define GATEWAY_GATEWAY_LISTENER_H

#include "base/attr.h"
#include "role/listener/listener_route.h"

struct error;
struct role_env;

/* The role's whole life, as role_fn. */
/* Its API; ends with a NULL method. */
extern const struct listener_route gateway_routes[];

int gateway_listener_start(struct role_env *env, struct error *err) MUST_CHECK;

#endif
