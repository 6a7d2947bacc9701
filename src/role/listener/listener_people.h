/*
 * Requests at the ports for people and operators: what they show of who they
 * are, and the question to query whether they may (role/people/people_admit.h), before
 * a handler or a body is looked at.
 *
 * A session is a cookie, which a browser also sends when another site makes it
 * ask.  So what changes something must come from a page of ours: by its Origin,
 * by Sec-Fetch-Site, and by a value that only our pages can know (T-WEB-03).  A
 * token is sent by nobody unasked and needs none of that.
 */
#ifndef ROLE_LISTENER_PEOPLE_H
#define ROLE_LISTENER_PEOPLE_H

#include "base/attr.h"

struct error;
struct listener_request;

/* The cookie of a session; the prefix ties it to our host and TLS. */
#define LISTENER_COOKIE "__Host-yizhan"

/* The field by which a page shows that it is ours. */
#define LISTENER_GUARD "x-yizhan-csrf"

/* Read what the request shows; ERROR_MALFORMED (E6204), ERROR_DENIED (E6404). */
int listener_people_read(struct listener_request *request,
    struct error *err) MUST_CHECK;

/*
 * Ask query whether they may, and call `go_on` if so; else the request is
 * refused.
 */
void listener_people_ask(struct listener_request *request,
    void (*go_on)(struct listener_request *request));

#endif
