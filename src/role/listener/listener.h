/*
 * What the listeners of all tiers share: the ports, the channels to spooler,
 * query and verifier, payload both ways, the directory, and the admission of
 * callers.  A tier adds its tables of routes; role/listener/listener_request.h is what
 * their handlers use.
 *
 * A listener parses TLS, HTTP and the framing of bundles; it opens no file and
 * signs nothing.
 */
#ifndef ROLE_LISTENER_H
#define ROLE_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "role/listener/listener_route.h"
#include "service/log_gate.h"

struct error;
struct filler;
struct http_server;
struct listener_load;
struct loop_timer;
struct peer;
struct puller;
struct role_env;
struct tls;

enum {
	LISTENER_SLOTS = 64,       /* of the upload arena */
	LISTENER_WAIT_MAX_S = 60,  /* of a long poll */
	LISTENER_LIVE_MAX = 20000, /* requests at once */
	LISTENER_CALLER_MAX = 512, /* ... of one host */
};

/* Who comes in by a port, and how they are let in. */
enum listener_callers {
	LISTENER_HOSTS, /* by certificate, address and code */
	LISTENER_LOCAL, /* this machine's: by the socket's mode */
	LISTENER_PEOPLE, /* and document systems: role/listener/listener_people.h */
	LISTENER_OPERATORS, /* the same */
	LISTENER_CALLERS_COUNT,
};

/* One port. */
struct listener_door {
	struct listener *listener;
	const struct listener_route *routes;
	struct http_server *server;
	int listen_fd; /* not ours; -1: none */
	enum listener_callers callers;
	bool is_local; /* only this machine can reach it */
	bool is_drained;
};

/* The routes of each port; NULL: it is not served. */
struct listener_tables {
	const struct listener_route *of[LISTENER_CALLERS_COUNT];
};

/* To be read by handlers, changed by listener*.c alone. */
struct listener {
	struct role_env *env;
	struct peer *spooler;
	struct peer *query;
	struct peer *verifier;
	struct filler *filler;
	struct puller *puller;
	struct directory_view *view;

	struct tls *tls;        /* towards hosts */
	struct tls *people_tls; /* towards all others */
	struct listener_door doors[LISTENER_CALLERS_COUNT];
	struct listener_load *load;
	struct listener_request *requests; /* all that live */
	struct loop_timer *deadline;       /* of draining */
	uint64_t gathered;                 /* bytes that requests hold */
	int64_t skew_told_at;
	struct log_gate refusals; /* of connections */
	struct log_gate busy;     /* of requests, for want of room */
	bool is_open;
	bool is_draining;
};

/*
 * Open what a listener needs, up to role_env_run().  Connections are taken from
 * when the spooler says so.
 */
int listener_open(struct role_env *env, const struct listener_tables *tables,
    struct listener **ret_listener, struct error *err) MUST_CHECK;
void listener_close(struct listener *listener);

/* A whole listener's life: open, run, close. */
int listener_start(struct role_env *env, const struct listener_tables *tables,
    struct error *err) MUST_CHECK;

#endif
