/*
 * GET /v1/measures: the holds and suspensions in force (docs/api.md), by whom, on
 * which ground, until when.  In the spooler, which has them all at hand.
 */
#ifndef MANAGEMENT_MEASURES_DESK_H
#define MANAGEMENT_MEASURES_DESK_H

#include <stdbool.h>
#include <stdint.h>

struct message_request;
struct peer;
struct spool;

/* False if it is another request. */
bool measures_desk_answer(const struct spool *spool, struct peer *peer,
    uint32_t id, const struct message_request *request);

#endif
