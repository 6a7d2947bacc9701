/*
 * Certificate revocation lists (RFC 5280 5), read in place: one of 10^6 entries
 * costs no memory beside its own bytes.  The bytes are hostile.
 */
#ifndef CRYPTO_CRL_H
#define CRYPTO_CRL_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/revocation.h"

struct cert;
struct error;

enum { CRL_MAX = 16 * 1024 * 1024 /* bytes */ };

/* Borrows the bytes of the list. */
struct crl {
	const uint8_t *entries; /* the elements of revokedCertificates */
	size_t entries_len;
	const uint8_t *point; /* fullName of the distribution point, if any */
	size_t point_len;
	int64_t this_update;
	int64_t next_update;
};

/*
 * Check a list of `issuer` and who signed it.  A delta, a list by others
 * (indirect), or for some reasons only, says too little by itself and is
 * refused.
 *
 * ERROR_MALFORMED E3701; ERROR_UNTRUSTED: of another issuer (E3702), not signed
 * by it, or it may not sign lists (E3703), from the future or over at `at_ms`
 * (E3704; 0 compares no times).
 */
int crl_open(const void *list, size_t len, const struct cert *issuer,
    int64_t at_ms, struct crl *ret_crl, struct error *err) MUST_CHECK;

/*
 * What it says of a certificate.  One part of a partitioned list says nothing of
 * a certificate that does not name that part (E3702).
 */
int crl_find(const struct crl *crl, const struct cert *cert,
    const struct cert *issuer, struct revocation *ret_revocation,
    struct error *err) MUST_CHECK;

#endif
