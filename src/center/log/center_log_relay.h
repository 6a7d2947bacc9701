/*
 * What others said of another center's log, fetched for our gateways, which
 * talk to nobody but us: GET /v1/logs/{center}/cosigned and stamps are that
 * center's answers to GET /v1/log/cosigned and stamps.  Whoever asked judges
 * them; nothing is kept here.
 */
#ifndef CENTER_CENTER_LOG_RELAY_H
#define CENTER_CENTER_LOG_RELAY_H

#include <stdbool.h>
#include <stdint.h>

struct center;
struct message_request;
struct peer;

/*
 * Answer such a request by a MESSAGE_RESPONSE; false if it is another one.
 * Refuses with E4034 (no such center) and, beyond a few at a time, E6301.
 */
bool center_log_relay_answer(struct center *center, struct peer *peer,
    uint32_t id, const struct message_request *request);

#endif
