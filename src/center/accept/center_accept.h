/*
 * Accepting waybills: from our gateways (accepted) and from other centers
 * (relayed).  A repeat gets the first receipt, another letter under the same
 * id is refused with an alarm (T-PROTO-01).
 */
#ifndef CENTER_CENTER_ACCEPT_H
#define CENTER_CENTER_ACCEPT_H

struct ipc_message;
struct peer;

/* Message submit of the listener. */
void center_accept_on_submit(void *ctx, struct peer *peer,
    struct ipc_message *message);

/* Message offset_read of the listener. */
void center_accept_on_offset_read(void *ctx, struct peer *peer,
    struct ipc_message *message);

#endif
