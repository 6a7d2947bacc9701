/*
 * Which request goes where: a table of routes, matched strictly.  Pure.
 */
#ifndef ROLE_LISTENER_ROUTE_H
#define ROLE_LISTENER_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "http/http_path.h"

struct error;
struct listener_request;

/* What a request may bring. */
enum listener_body {
	LISTENER_BODY_NONE,   /* nothing */
	LISTENER_BODY_JSON,   /* up to `body_max` bytes, or nothing */
	LISTENER_BODY_WHOLE,  /* up to `body_max` bytes of any type */
	LISTENER_BODY_BUNDLE, /* a stream: the handler gets the pieces */
	LISTENER_BODY_PART,   /* a stream too (listener_part.h), or nothing */
	LISTENER_BODY_WORK,   /* as a bundle, and new work (listener_load.h) */
};

struct listener_route {
	const char *method;
	/*
	 * As for http_path_match(); besides, it may end with an action such
	 * as ":confirm", which the path must end with as well.
	 */
	const char *pattern;
	enum listener_body body;
	size_t body_max;
	/*
	 * Who may ask: at a port for hosts bits 1 << HOST_GATEWAY ...; at one
	 * for people LISTENER_PUBLIC for anybody, else what policy/access.h
	 * says; unused for local ones.
	 */
	unsigned callers;
	/*
	 * Called when the body is there, or, for a bundle, when the headers
	 * are.
	 */
	void (*handle)(struct listener_request *request);
};

enum { LISTENER_PUBLIC = 1 };

bool listener_route_is_stream(const struct listener_route *route);

/* Whether a path (decoded, without query) is of the pattern. */
bool listener_route_matches(const char *pattern, const char *path);

/*
 * The route of a request.  `routes` ends with a NULL method.  Fails with
 * ERROR_NOT_FOUND (E6201) when no route has this path, or ERROR_DENIED (E6202)
 * when those that have it want another method; `*ret_route` is one of them then,
 * or NULL.
 */
int listener_route_find(const struct listener_route *routes, const char *method,
    const char *path, const struct listener_route **ret_route,
    struct http_segments *ret_segments, struct error *err) MUST_CHECK;

#endif
