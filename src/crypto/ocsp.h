/*
 * OCSP (RFC 6960): what to ask a responder about a certificate, and what its
 * answer says.  Parsing is the library's; the bytes are hostile.
 */
#ifndef CRYPTO_OCSP_H
#define CRYPTO_OCSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"
#include "model/revocation.h"

struct bytes;
struct cert;
struct error;

enum {
	OCSP_ANSWER_MAX = 64 * 1024,  /* bytes; a longer one is malformed */
	OCSP_SKEW_MS = 5 * 60 * 1000, /* of the responder's clock */
	/* How long an answer without nextUpdate is fresh. */
	OCSP_NO_NEXT_MS = 60 * 60 * 1000,
};

/* Append an OCSPRequest about one certificate of `issuer`, with a nonce. */
int ocsp_request(const struct cert *cert, const struct cert *issuer,
    const struct digest *nonce, struct bytes *to, struct error *err) MUST_CHECK;

/* True for what looks like an OCSPResponse, not a CRL: by its first element. */
bool ocsp_is_answer(const void *answer, size_t len);

/*
 * What an OCSPResponse says of a certificate at `at_ms`.  It must be signed by
 * `issuer` itself, or by a certificate that `issuer` made for OCSP signing and
 * that is valid then.  A nonce is compared when the answer has one (responders
 * that prepare answers ahead leave it out); NULL compares none.
 *
 * ERROR_MALFORMED E3701: none of RFC 6960, or the responder refused.
 * ERROR_UNTRUSTED: about other certificates, or another nonce (E3702); signed by
 * nobody who may, or weakly (E3703); from the future, or over by then (E3704).
 * With `at_ms` of 0 times are not compared, and the signer is judged as of the
 * answer's own time: evidence tells what was known then.
 */
int ocsp_check(const void *response, size_t len, const struct cert *cert,
    const struct cert *issuer, const struct digest *nonce, int64_t at_ms,
    struct revocation *ret_revocation, struct error *err) MUST_CHECK;

#endif
