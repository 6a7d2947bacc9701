/*
 * An invitation: what a new gateway must know of the center that will serve it,
 * as a file of that center, so that nobody types it.  It is believed for nothing
 * but where to ask first: the root in it must have the fingerprint that the
 * person has on paper, and every bulletin proves itself by that root.
 *
 *	{"format":"yizhan-invitation-1","environment":"…","center":"center-a",
 *	 "address":"192.0.2.21","port":7443,"certificate":"<SHA-256>",
 *	 "root":"<the first root bulletin, CMS, base64>"}
 */
#ifndef DIRECTORY_INVITATION_H
#define DIRECTORY_INVITATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "directory/directory_entry.h"
#include "model/digest.h"

struct error;

enum { INVITATION_MAX = 1 << 20, INVITATION_ENVIRONMENT_SIZE = 41 };

/* Start it as `{ 0 }`; release it with invitation_free(). */
struct invitation {
	char environment[INVITATION_ENVIRONMENT_SIZE];
	char center[ENTRY_HOST_SIZE];
	char address[ENTRY_ADDRESS_SIZE]; /* numeric */
	uint16_t port;
	struct digest certificate; /* of the center's TLS key */
	struct bytes root;
};

void invitation_free(struct invitation *invitation);

int invitation_encode(const struct invitation *invitation, struct bytes *to,
    struct error *err) MUST_CHECK;

/* ERROR_MALFORMED E6901. */
int invitation_decode(const void *json, size_t len,
    struct invitation *ret_invitation, struct error *err) MUST_CHECK;

#endif
