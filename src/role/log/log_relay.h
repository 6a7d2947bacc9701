/*
 * What others say of their logs, fetched for whoever asks here: gateways, which
 * talk to nobody but their center, and auditors at a host's control socket.
 * GET /v1/logs/{host}/cosigned, stamps, status, checkpoint and tile are that
 * host's answers to GET /v1/log/...; a host is a center or management.  Whoever
 * asked judges them; nothing is kept here.
 */
#ifndef ROLE_LOG_RELAY_H
#define ROLE_LOG_RELAY_H

#include <stdbool.h>
#include <stdint.h>

struct message_request;
struct peer;
struct spool;

/* Start it as `{ 0 }` but for `spool`, `name` and `upstream`. */
struct log_relay {
	struct spool *spool;  /* not ours */
	const char *name;     /* of this host */
	const char *upstream; /* a gateway's center, which relays; or NULL */
	unsigned under_way;
};

/*
 * Answer such a request by a MESSAGE_RESPONSE; false if it is another one.
 * Refuses with E4034 (no such host, or entries) and, beyond a few at a time,
 * E6301.
 */
bool log_relay_answer(struct log_relay *relay, struct peer *peer, uint32_t id,
    const struct message_request *request);

#endif
