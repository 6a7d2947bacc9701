/*
 * POST /v1/witness/add-checkpoint (docs/protocol.md 5): the same at every host
 * that is a witness.
 */
#ifndef ROLE_LISTENER_WITNESS_H
#define ROLE_LISTENER_WITNESS_H

struct listener_request;

enum {
	LISTENER_WITNESS_MAX = 8192,
	LISTENER_WITNESS_STATED_MAX = 131072, /* of management's log */
};

void listener_witness(struct listener_request *request);

#endif
