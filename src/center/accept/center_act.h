/*
 * What happens to a delivery after acceptance: acts of its recipient, and what
 * other centers state of deliveries that end with them.
 */
#ifndef CENTER_CENTER_ACT_H
#define CENTER_CENTER_ACT_H

#include <stddef.h>
#include <stdint.h>

#include "role/message.h"

struct center;
struct ipc_message;
struct peer;

/* Message act_submit of the listener. */
void center_act_on_submit(void *ctx, struct peer *peer,
    struct ipc_message *message);

/* Message receipt_submit of the listener. */
void center_remote_on_submit(void *ctx, struct peer *peer,
    struct ipc_message *message);

/*
 * Take a receipt that another center answered to our relay; `send` is the row
 * to remove with it.  `done` is called with NULL when all is durable.
 */
typedef void (*center_remote_fn)(void *ctx, const struct error *failure);
void center_remote_take(struct center *center, const char *from,
    const struct message_receipt *receipt, const void *json, size_t len,
    int64_t send, center_remote_fn done, void *ctx);

struct center;
struct message_act_submit;

/*
 * Have the center that the act names judge it and answer the request.  False,
 * with nothing done, when it names none that there is, or too many are under
 * way.
 */
bool center_act_relay(struct center *center, struct peer *peer, uint32_t id,
    const struct message_act_submit *submit);

#endif
