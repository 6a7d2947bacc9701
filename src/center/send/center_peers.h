/*
 * Other centers whose log has a new epoch, since their data were restored from a
 * backup: what we relayed to them and they lost is relayed again, so are the
 * withdrawals that they decided, and when all of it is through they are told
 * that nothing more comes (docs/protocol.md 5).
 */
#ifndef CENTER_CENTER_PEERS_H
#define CENTER_CENTER_PEERS_H

#include "base/attr.h"

struct center;
struct center_peers;
struct error;

extern const char center_peers_schema[];

int center_peers_new(struct center *center, struct center_peers **ret_peers,
    struct error *err) MUST_CHECK;
void center_peers_free(struct center_peers *peers);

/* The directory changed, or all is ready. */
void center_peers_look(struct center_peers *peers);

#endif
