/*
 * What browsers get: the files that are inside the executable, and the headers
 * that stand in every answer at the ports for people (security.md 3.5,
 * T-WEB-03..05): no script or style but our own files, no frame around us, no
 * guess at types, no other site.
 */
#ifndef ROLE_LISTENER_WEB_H
#define ROLE_LISTENER_WEB_H

#include "role/listener/listener_local.h"

struct listener_request;

/* GET of any other path: the file there (role/listener/web_files.h). */
void listener_web_file(struct listener_request *request);

/* The same for a host whose own file stands at a path: that of `path`. */
void listener_web_serve(struct listener_request *request, const char *path);

/* GET /healthz: this host answers. */
void listener_web_alive(struct listener_request *request);

/*
 * What goes last in a table of routes: health for who watches over hosts, and
 * the files.
 */
#define LISTENER_WEB_ROUTES                                             \
	{ "GET", "/healthz", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC,    \
		listener_web_alive },                                   \
	    { "GET", "/readyz", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC, \
		    listener_local_handle },                            \
	    { "GET", "/v1/openapi.json", LISTENER_BODY_NONE, 0,         \
		    LISTENER_PUBLIC, listener_web_file },               \
	    { "GET", "/", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC,       \
		    listener_web_file },                                \
	{                                                               \
		"GET", "/{*}", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC,  \
		    listener_web_file                                   \
	}

#endif
