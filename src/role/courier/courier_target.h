/*
 * Where a peer is and how to know it: from the directory image, or, until that
 * knows it, from the configuration.
 */
#ifndef ROLE_COURIER_TARGET_H
#define ROLE_COURIER_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "http/http_client.h"
#include "model/digest.h"
#include "sys/net.h"

struct config_peer;
struct directory;
struct error;

/* A host one tier up, as configured; `{ 0 }` when there is none. */
struct courier_upstream {
	const char *name; /* lives as long as the configuration */
	char host[NET_HOST_SIZE];
	uint16_t port;
	bool has_fingerprint;
	struct digest fingerprint;
};

struct courier_target {
	char host[NET_HOST_SIZE];
	uint16_t port;
	struct digest expected[HTTP_EXPECTED_MAX];
	size_t expected_count;
};

/* What is configured: its name must outlive the upstream. */
void courier_upstream_read(const struct config_peer *peer,
    struct courier_upstream *ret_upstream);

/* What courier_target_find() goes by. */
struct courier_sources {
	const struct directory *directory; /* NULL: not known yet */
	struct courier_upstream center;
	struct courier_upstream management;
};

/*
 * The target of "management" or of the center `peer`.  When there are several
 * management hosts, `attempt` goes round among them.  The image alone counts
 * once it knows the peer, for it tells what was revoked.  ERROR_NOT_FOUND
 * (E6302).
 */
int courier_target_find(const struct courier_sources *sources, const char *peer,
    unsigned attempt, struct courier_target *ret_target,
    struct error *err) MUST_CHECK;

/* True if whoever was acceptable for `former` still is. */
bool courier_target_covers(const struct courier_target *target,
    const struct courier_target *former);

#endif
