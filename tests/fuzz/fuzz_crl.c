/*
 * Revocation lists.  The corpus has one that holds, made by the authority below,
 * with its card in it.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "crypto/cert.h"
#include "crypto/crl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#include "fuzz_revocation.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct revocation found;
	struct error err = { 0 };
	struct crl crl = { .entries = NULL };

	read_certificates();
	if (crl_open(data, len, authority, 0, &crl, &err) < 0) {
		if (err.code != ERROR_MALFORMED && err.code != ERROR_UNTRUSTED)
			abort();
		/* Taken apart all the same, as if it were signed. */
		crl = (struct crl){ .entries = data, .entries_len = len };
		err = (struct error){ 0 };
		if (crl_find(&crl, card, authority, &found, &err) < 0 &&
		    err.code != ERROR_MALFORMED && err.code != ERROR_UNTRUSTED)
			abort();
	} else if (crl_find(&crl, card, authority, &found, &err) < 0 ||
	    found.state != REVOCATION_REVOKED ||
	    found.revoked_at != revoked_at) {
		abort();
	}
	return 0;
}
