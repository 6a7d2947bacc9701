/*
 * Messages between the roles of one host, over a SOCK_SEQPACKET pair on the
 * loop.  A message is a type, an id that an answer repeats, a body of bounded
 * length, and at most one descriptor.  A body too long for a packet travels as
 * a sealed memory file; small ones that are sent in one turn of the loop share
 * a packet.  Neither side notices.
 *
 * What a body means is role/message.h; here it is bytes.
 */
#ifndef SYS_IPC_H
#define SYS_IPC_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct error;
struct loop;

struct ipc;

enum {
	IPC_PACKET_MAX = 32768,          /* body bytes inside the packet */
	IPC_BODY_MAX = 64 * 1024 * 1024, /* body bytes in all */
	IPC_QUEUE_MAX = 65536,           /* messages waiting to be sent */
};

struct ipc_message {
	uint16_t type;
	uint32_t id;         /* of the request; its answer has the same */
	const uint8_t *body; /* borrowed until the handler returns */
	size_t len;
	int fd; /* -1 for none; closed after the handler unless taken */
};

struct ipc_events {
	/* May close `ipc`; nothing is touched after it then. */
	void (*on_message)(void *ctx, struct ipc *ipc, struct ipc_message *m);
	/* The peer is gone or broke the format.  Called once, at the end. */
	void (*on_closed)(void *ctx, struct ipc *ipc);
};

/*
 * Start talking on `fd`, which is closed with the channel (also when this
 * fails).  `events` and `ctx` must outlive it.
 */
int ipc_open(struct loop *loop, int fd, const struct ipc_events *events,
    void *ctx, struct ipc **ret_ipc, struct error *err) MUST_CHECK;
void ipc_close(struct ipc *ipc);

/*
 * Send, at the end of the turn, or queue behind what waits.  `body` may be NULL.  `fd` (-1 for none)
 * is duplicated and stays the caller's.  Fails with ERROR_BUSY when the queue
 * is full or memory ran out; then nothing was sent.  A message to a peer that
 * is gone is dropped: on_closed tells.
 */
int ipc_send(struct ipc *ipc, uint16_t type, uint32_t id,
    const struct bytes *body, int fd, struct error *err) MUST_CHECK;

/* The message's descriptor, now the caller's; -1 if there is none. */
int ipc_take_fd(struct ipc_message *message);

/* Messages that wait to be sent: what a busy sender looks at. */
size_t ipc_queued(const struct ipc *ipc);

#endif
