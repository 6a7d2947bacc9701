/*
 * The desk that sends: what happens to a letter before it is handed to the
 * outbox.  Which request goes to which file.
 */
#ifndef GATEWAY_SENDING_DESK_H
#define GATEWAY_SENDING_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include "role/message.h"

struct gateway;
struct peer;

/* Take a request of the listener at the spooler; false if it is another one. */
bool sending_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request);

#endif
