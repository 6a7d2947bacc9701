/*
 * The management tier, first version: takes the bulletins that officers
 * signed, hands them to the centers, and signs a timestamp over the newest of
 * each every minute (R4.1; docs/protocol.md 6).
 */
#ifndef MANAGEMENT_MANAGEMENT_H
#define MANAGEMENT_MANAGEMENT_H

#include "role/env.h"
#include "role/spool.h"

struct error;
struct stamping;

enum { MANAGEMENT_APPLICATION_ID = 0x595a4d31 }; /* "YZM1" */

struct management {
	struct spool spool; /* first: spool handlers take it for us */
	struct stamping *stamping;
	uint64_t stamped; /* bulletins_changes() that a timestamp covers */
};

enum { MANAGEMENT_MIGRATIONS = 1 };
extern const char *const management_migrations[MANAGEMENT_MIGRATIONS];

int management_spooler_start(struct role_env *env, struct error *err);
int management_query_start(struct role_env *env, struct error *err);

#endif
