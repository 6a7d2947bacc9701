/*
 * The processes of a host: which roles its tiers need, who talks to whom, and
 * what each role's sandbox leaves it (architecture.md 4).  The one table in
 * code; docs/processes.md shows the same and scripts/check-docs compares.
 */
#ifndef SERVICE_ROLES_H
#define SERVICE_ROLES_H

#include <stdbool.h>
#include <stdint.h>

#include "sys/sandbox.h"

enum role {
	ROLE_PARENT,
	ROLE_LISTENER,
	ROLE_SPOOLER,
	ROLE_QUERY,
	ROLE_KEEPER,
	ROLE_VERIFIER,
	ROLE_COURIER,
	ROLE_READER,
	ROLE_PRINTER,
	ROLE_COUNT
};

const char *role_name(enum role role);
bool role_parse(const char *name, enum role *ret_role);

/* True if a host of these kinds (bits of config.h) runs the role. */
bool role_is_needed(enum role role, int64_t host_kinds);

/* True if the two share a channel.  Every role talks to the parent. */
bool role_talks_to(enum role a, enum role b);

/* What the role may do; `folder` and `user` are for the caller to fill in. */
struct sandbox role_sandbox(enum role role);

#endif
