/*
 * Answers of OCSP responders.  The corpus has one that holds for the card below,
 * made by its authority; whatever holds says the same, since nobody else can
 * sign another.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "crypto/cert.h"
#include "crypto/ocsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#include "fuzz_revocation.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct revocation found;
	struct error err = { 0 };

	read_certificates();
	if (ocsp_check(data, len, card, authority, NULL, 0, &found, &err) < 0) {
		if (err.code != ERROR_MALFORMED && err.code != ERROR_UNTRUSTED)
			abort();
	} else if (found.state != REVOCATION_REVOKED ||
	    found.revoked_at != revoked_at) {
		abort();
	}
	return 0;
}
