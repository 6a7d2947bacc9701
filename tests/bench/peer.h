/*
 * What a protocol of a measured peer is to the load generator: a publisher
 * sends messages of which it wants each acknowledged, a consumer takes them
 * and acknowledges.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stdbool.h>

#include "bench/peer_link.h"

struct peer {
	struct peer_link link;
	struct peer_files files;
	uint16_t port;
	unsigned index;   /* of the connection */
	uint64_t channel; /* AMQP: acknowledged through; NATS: unused */
	size_t frame_max;
};

/* Message `number` of this connection, from 0, is safe at the peer. */
typedef void (*peer_acknowledged_fn)(void *ctx, uint64_t number);

enum { PEER_STAMP_LEN = 8 }; /* a message begins with the time it was sent */

struct peer_protocol {
	const char *name;
	bool can_consume;
	/* Once, before all connections: what must be there; may be NULL. */
	void (*set_up)(struct peer *peer);
	void (*open)(struct peer *peer, bool is_consumer);
	/* May gather; leaves at the latest when awaiting. */
	void (*send)(struct peer *peer, uint64_t number, const uint8_t *body,
	    size_t len);
	/* Wait for at least one acknowledgement. */
	void (*await)(struct peer *peer, peer_acknowledged_fn fn, void *ctx);
	/* Wait for a message, acknowledge it; its beginning. */
	void (*consume)(struct peer *peer, uint8_t stamp[PEER_STAMP_LEN]);
};

extern const struct peer_protocol peer_amqp, peer_nats, peer_smtp;

/* Of each kind of peer: how many queues the messages are spread over. */
enum { PEER_QUEUES = 4 };

#endif
