/*
 * Recipients before a letter is sent: POST /v1/recipients:check (docs/api.md)
 * says of each by which way it is reached and what it takes, and of the files to
 * be which of them somebody would not take.
 */
#ifndef GATEWAY_SENDING_RECIPIENTS_H
#define GATEWAY_SENDING_RECIPIENTS_H

#include <stdint.h>

#include "role/message.h"

struct gateway;
struct peer;

void recipients_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request);

#endif
