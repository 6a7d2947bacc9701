/*
 * Files of releases, handed from tier to tier: management to centers, a center
 * to its gateways, piece by piece (docs/protocol.md 8).  A host hands out what
 * lies in its pool under its digest; whoever gets it compares it with the
 * bulletin.  `yizhan release fetch` asks for pieces at the control socket, and
 * the host asks the one above.
 */
#ifndef ROLE_RELEASE_RELAY_H
#define ROLE_RELEASE_RELAY_H

#include <stdbool.h>
#include <stdint.h>

struct message_request;
struct peer;
struct queries;
struct spool;

/*
 * In a query role: GET /v1/releases/{sha256}?offset=N of a host below.  False
 * if it is another request.  Refuses with E7603 what is not here.
 */
bool release_relay_hand_out(struct queries *queries, struct peer *peer,
    uint32_t id, const struct message_request *request);

/*
 * In a spooler: the same, asked of the host `above` (a peer name); answered
 * when that answers.  False if it is another request.
 */
bool release_relay_ask(struct spool *spool, const char *above,
    struct peer *peer, uint32_t id, const struct message_request *request);

#endif
