/*
 * An agency's gateway: its spooler sends letters (outbox), receives them
 * (inbox), and keeps one poll parked at its center (feed).  DESIGN.md follows a
 * letter through the files.
 */
#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

#include "role/env.h"
#include "role/log/log_relay.h"
#include "role/spool/spool.h"

struct again;
struct error;
struct feed;
struct inbox;
struct inbox_schedule;
struct happenings;
struct making;
struct log_watch;
struct outbox;
struct reviewer;
struct search_filler;
struct webhooks;
struct signing;
struct status_fetch;
struct status_watch;

enum {
	GATEWAY_APPLICATION_ID = 0x595a4731, /* "YZG1" */
};

/* All that a gateway's database has been, the newest last. */
extern const char *const gateway_migrations[];
extern const size_t gateway_migration_count;

struct gateway {
	struct spool spool; /* first: spool handlers take it for the gateway */
	const char *name;
	const char *environment;
	const char *center; /* the courier's name for our center */
	struct signing *signing;
	struct outbox *outbox;
	struct inbox *inbox;
	struct reviewer *review; /* judges again what came in */
	struct inbox_schedule *schedule;
	struct making *making;
	struct feed *feed;
	struct again *again;
	struct log_watch *log_watch;
	struct log_relay log_relay;  /* asks for the logs of others */
	struct status_watch *status; /* are certificates revoked */
	struct happenings *happenings;
	struct webhooks *webhooks;
	struct search_filler *search;
	struct status_fetch *status_fetch; /* what centers were told */
};

/* The spooler role and the query role of a gateway. */
int gateway_spooler_start(struct role_env *env, struct error *err);
int gateway_query_start(struct role_env *env, struct error *err);

#endif
