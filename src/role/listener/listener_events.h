/*
 * GET /v1/events for who asks for text/event-stream: an answer that goes on,
 * asked of the spooler piece after piece, each admitted anew.  Everybody else
 * gets the JSON of the same request.
 */
#ifndef ROLE_LISTENER_EVENTS_H
#define ROLE_LISTENER_EVENTS_H

struct listener_request;

void listener_events(struct listener_request *request);

#endif
