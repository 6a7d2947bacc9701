/*
 * Handing content over to a center, from where it holds none on
 * (docs/protocol.md 8): for who has a waybill with its content to submit or to
 * relay.
 */
#ifndef ROLE_HANDOVER_H
#define ROLE_HANDOVER_H

#include <stdint.h>

#include "base/attr.h"
#include "role/message.h"
#include "role/peer.h"

struct bytes;
struct digest;
struct error;

/*
 * Ask `center` how much it holds of the content of a waybill; `resource` is
 * "waybills" or "relays".  `answer` gets MESSAGE_CALLED.
 */
int handover_ask(struct peer *courier, const char *center, const char *resource,
    const struct digest *waybill, peer_answer_fn answer, void *ctx,
    struct error *err) MUST_CHECK;

/* What it said of content of `len` bytes.  ERROR_BUSY for anything else. */
int handover_read(struct ipc_message *message, uint64_t len,
    uint64_t *ret_offset, struct error *err) MUST_CHECK;

/*
 * Fill in the request that hands over the content from `offset` on: path,
 * payload, and, behind the records in `body`, the head of the content part.
 * `resource` may have parameters of its own.
 */
void handover_put(struct message_call *call, const char *resource,
    uint64_t payload, uint64_t len, uint64_t offset, struct bytes *body);

#endif
