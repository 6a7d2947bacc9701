/*
 * What browsers get: the files that are inside the executable, and the headers
 * that stand in every answer at the ports for people (security.md 3.5,
 * T-WEB-03..05): no script or style but our own files, no frame around us, no
 * guess at types, no other site.
 */
#ifndef ROLE_LISTENER_WEB_H
#define ROLE_LISTENER_WEB_H

struct listener_request;

/* GET of any other path: the file there (role/web_files.h). */
void listener_web_file(struct listener_request *request);

/* The pattern that goes last in a table of routes, and "/" before it. */
#define LISTENER_WEB_ROUTES                                            \
	{ "GET", "/", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC,          \
		listener_web_file },                                   \
	{                                                              \
		"GET", "/{*}", LISTENER_BODY_NONE, 0, LISTENER_PUBLIC, \
		    listener_web_file                                  \
	}

#endif
