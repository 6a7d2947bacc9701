/*
 * The first bulletins of the demo network, signed by as many keys as a real
 * network asks for: 3 of 5 for the root, two officers for directory, network
 * and access lists.  Timestamps are the management host's to make.
 */
#ifndef DEMO_DEMO_BULLETINS_H
#define DEMO_DEMO_BULLETINS_H

#include <stdint.h>

#include "base/attr.h"
#include "demo/demo_keys.h"
#include "demo/demo_network.h"

struct digest;
struct error;

enum { DEMO_ROOT_KEYS = 5, DEMO_ROOT_THRESHOLD = 3, DEMO_OFFICERS = 2 };

/* The pairs of one host; those it has not are empty. */
struct demo_host_pairs {
	struct demo_pair tls;
	struct demo_pair log;     /* centers */
	struct demo_pair witness; /* centers and management */
	struct demo_pair module;  /* gateways, as those below */
	struct demo_pair sign;
	struct demo_pair seal;
};

struct demo_pki {
	struct demo_pair anchor;
	struct demo_pair root[DEMO_ROOT_KEYS];
	struct demo_pair officers[DEMO_OFFICERS];
	struct demo_pair timestamp;
	struct demo_pair issuer;   /* of crypto modules */
	struct demo_pair exchange; /* the authority of center-a */
	struct demo_host_pairs hosts[DEMO_HOSTS];
};

/*
 * Write DIR/bulletins/1-root, 2-network, 3-directory, 4-access-center-a ...
 * `ret_root` gets the digest of the root's JSON, which hosts are configured
 * with.
 */
int demo_bulletins_write(const struct demo_pki *pki, const char *folder,
    int64_t now_ms, struct digest *ret_root, struct error *err) MUST_CHECK;

#endif
