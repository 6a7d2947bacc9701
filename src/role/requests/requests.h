/*
 * Requests of cases (docs/cases.md, "Over the network"): a gateway or center asks
 * management for a case about an organisation that it serves.  Requests go up
 * from host to host, each durable before it is acknowledged and the same bytes
 * until it is; what becomes of them comes down the same way.  Runs in the
 * spoolers of gateways and centers; management takes them in
 * management/casework_requests.h.
 */
#ifndef ROLE_REQUESTS_REQUESTS_H
#define ROLE_REQUESTS_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct error;
struct message_request;
struct peer;
struct requests;
struct spool;

/* `upstream`: the courier's name of the host above; NULL at management. */
int requests_new(struct spool *spool, const char *upstream,
    struct requests **ret_requests, struct error *err) MUST_CHECK;
void requests_free(struct requests *requests);

/* Store and directory are there: hand up what was not. */
void requests_start(struct requests *requests);

/* The directory changed: were the data of the host above restored? */
void requests_on_directory(struct requests *requests);

/*
 * POST /v1/case-requests of local users and people, and of hosts below.  False
 * if the request is another one, or of management.
 */
bool requests_answer(struct requests *requests, struct peer *peer, uint32_t id,
    const struct message_request *request);

#endif
