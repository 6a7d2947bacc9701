/*
 * A body that goes on with a partial of the spooler (role/spool/partials.h):
 * PATCH with Upload-Offset.  The spooler gives a ticket for that offset, the
 * body streams under it, and the same request, with what came as its one file,
 * ends it.  What comes before the link is cut stays.
 */
#ifndef ROLE_LISTENER_PART_H
#define ROLE_LISTENER_PART_H

struct listener_request;

/* The media type of such a body. */
extern const char listener_part_type[];

/* A handler of a route with LISTENER_BODY_PART. */
void listener_part(struct listener_request *request);

#endif
