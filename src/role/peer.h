/*
 * One role's view of another: requests with their answers, and what comes
 * unasked.  On every channel only one of the two asks, so a message whose id
 * is not 0 is either a request (to the one) or an answer (to the other).
 */
#ifndef ROLE_PEER_H
#define ROLE_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "role/message.h"

struct error;
struct ipc_message;
struct log;
struct loop;

struct peer;

/* The answer, of the kind asked for or message_failed: see message_read(). */
typedef void (*peer_answer_fn)(void *ctx, struct ipc_message *message);

/* Handles one type of message that is no answer. */
struct peer_handler {
	enum message_type type;
	void (
	    *handle)(void *ctx, struct peer *peer, struct ipc_message *message);
};

/*
 * Talk on `fd` (closed with the peer).  `handlers` ends with MESSAGE_NONE and
 * must outlive the peer; a message that has none is logged and, if it is a
 * request, refused.  `on_gone` is called when the other role is gone; if it is
 * NULL, the loop stops.
 */
int peer_open(struct loop *loop, int fd, const char *name,
    const struct peer_handler *handlers, void *ctx, void (*on_gone)(void *ctx),
    const struct log *log, struct peer **ret_peer,
    struct error *err) MUST_CHECK;
void peer_close(struct peer *peer);

/*
 * Ask.  `answer` is called exactly once, unless the request is forgotten or
 * the peer goes.  `ret_id` may be NULL.  Fails with ERROR_BUSY; then `answer`
 * is never called.
 */
int peer_ask(struct peer *peer, enum message_type type, const void *body,
    int fd, peer_answer_fn answer, void *ctx, uint32_t *ret_id,
    struct error *err) MUST_CHECK;
void peer_forget(struct peer *peer, uint32_t id);

/*
 * Send what needs no answer (`id` 0), or the answer to request `id`.  A
 * failure is logged, not returned: the other role is in trouble, and the
 * request will be asked again or the channel will close.
 */
void peer_tell(struct peer *peer, enum message_type type, uint32_t id,
    const void *body, int fd);

/* Answer request `id` with a failure. */
void peer_refuse(struct peer *peer, uint32_t id, const struct error *error);

/* Requests without an answer yet. */
size_t peer_pending(const struct peer *peer);

const char *peer_name(const struct peer *peer);

#endif
