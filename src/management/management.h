/*
 * The management tier: takes the bulletins that officers signed, logs them,
 * hands them to the centers once witnesses have cosigned, and signs a timestamp
 * over the newest of each every minute (R4.1; docs/protocol.md 5, 6).
 */
#ifndef MANAGEMENT_MANAGEMENT_H
#define MANAGEMENT_MANAGEMENT_H

#include "bulletin/log_entry.h"
#include "role/env.h"
#include "role/log/host_log.h"
#include "role/spool/spool.h"

struct cosign;
struct casework;
struct error;
struct stamping;

enum { MANAGEMENT_APPLICATION_ID = 0x595a4d31 }; /* "YZM1" */

struct management {
	struct spool spool; /* first: spool handlers take it for us */
	struct stamping *stamping;
	struct casework *casework;
	uint64_t stamped; /* bulletins_changes() that a timestamp covers */
	struct host_log log;
	struct cosign *cosign; /* the witnesses of the log */
	/* A timestamp is stored in the open group; its entry comes last. */
	struct log_entry_published timestamp;
	bool has_timestamp;
	bool is_opening; /* an epoch of the log */
};

/* All that management's database has been, the newest last. */
extern const char *const management_migrations[];
extern const size_t management_migration_count;

int management_spooler_start(struct role_env *env, struct error *err);
int management_query_start(struct role_env *env, struct error *err);

#endif
