/*
 * Between the three parts of a request's life: how it begins
 * (listener_begin.c), what it asks (listener_request.c), and how it is answered
 * (listener_answer.c).
 */
#ifndef ROLE_LISTENER_REQUEST_INTERNAL_H
#define ROLE_LISTENER_REQUEST_INTERNAL_H

#include "role/listener/listener_request.h"

/* Forget questions, timer, body and the handler's state. */
void listener_request_settle(struct listener_request *request);

/* The stream is over. */
void listener_request_free(struct listener_request *request);

#endif
