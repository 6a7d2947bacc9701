/*
 * The local API (docs/api.md): each request becomes one message to spooler or
 * query, which give the answer.  Files stream into the store beforehand.
 */
#ifndef ROLE_LISTENER_LOCAL_H
#define ROLE_LISTENER_LOCAL_H

#include "base/attr.h"

struct ipc_message;
struct listener_request;

enum {
	LISTENER_LOCAL_JSON_MAX = 65536,
	LISTENER_LOCAL_BULLETINS_MAX = 32 * 1024 * 1024,
	LISTENER_HANDED_UP_MAX = 1280 * 1024, /* a hold is 1 MiB at most */
};

struct error;
struct message_request;

/* The request as a message, with who asks; without its body. */
int listener_local_fill(const struct listener_request *request,
    struct message_request *to, struct error *err) MUST_CHECK;

/*
 * The handler of every local route.  GET goes to query, or, with `wait` or
 * `for` or about other hosts, to the spooler, which can wait; everything else to the spooler.  For a
 * route with LISTENER_BODY_BUNDLE the body is a bundle of kind `files`.
 */
void listener_local_handle(struct listener_request *request);

/* A listener_answer_fn: passes a MESSAGE_RESPONSE on. */
void listener_local_on_response(struct listener_request *request,
    struct ipc_message *message);

/* Rows of a table of routes: a read, and a change that is told as JSON. */
#define LISTENER_GET(path)                                                   \
	{                                                                    \
		"GET", path, LISTENER_BODY_NONE, 0, 0, listener_local_handle \
	}
#define LISTENER_POST(path)                                                   \
	{                                                                     \
		"POST", path, LISTENER_BODY_JSON, LISTENER_LOCAL_JSON_MAX, 0, \
		    listener_local_handle                                     \
	}

/* What others say of their logs, for auditors at a control socket. */
#define LISTENER_LOGS_ROUTE LISTENER_GET("/v1/logs/{}/{*}")

/* The bulletin of a type as it came, and a piece of a file of a release. */
#define LISTENER_RELEASE_ROUTES \
	LISTENER_GET("/v1/bulletins/{}"), LISTENER_GET("/v1/releases/{}")

/* What only who is on the machine may ask, of every host. */
#define LISTENER_MACHINE_ROUTES                                            \
	LISTENER_POST("/v1/module:selftest"),                              \
	    LISTENER_POST("/v1/module:zeroise"),                           \
	    { "POST", "/v1/leases", LISTENER_BODY_NONE, 0, 0,              \
		    listener_local_handle },                               \
	    { "POST", "/v1/leases/{}:renew", LISTENER_BODY_NONE, 0, 0,     \
		    listener_local_handle },                               \
	{                                                                  \
		"POST", "/v1/leases/{}:release", LISTENER_BODY_NONE, 0, 0, \
		    listener_local_handle                                  \
	}

#endif
