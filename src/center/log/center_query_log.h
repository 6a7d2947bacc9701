/*
 * The log as C2SP tlog-tiles has it: checkpoint, tiles, entries
 * (docs/protocol.md 5), for witnesses and auditors.
 */
#ifndef CENTER_CENTER_QUERY_LOG_H
#define CENTER_CENTER_QUERY_LOG_H

#include <stdbool.h>
#include <stdint.h>

struct message_request;
struct peer;
struct queries;

/* False if the request is for something else. */
bool center_query_log(struct queries *queries, struct peer *peer, uint32_t id,
    const struct message_request *request);

#endif
