/*
 * Time stamps of RFC 3161: what to send to a time-stamping authority, and
 * whether its token says that a digest existed at a time.  Parsing is the
 * library's; the bytes are hostile.
 */
#ifndef CRYPTO_TIME_TOKEN_H
#define CRYPTO_TIME_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct bytes;
struct cert;
struct error;

/* Bytes of a token or a response; a longer one is malformed. */
enum { TIME_TOKEN_MAX = 32 * 1024 };

/* Append a TimeStampReq that asks for the certificate too. */
int time_token_request(const struct digest *digest, uint64_t nonce,
    struct bytes *to, struct error *err) MUST_CHECK;

/*
 * The token in a TimeStampResp, borrowed from it.  ERROR_MALFORMED (E3601),
 * also when the authority refused.
 */
int time_token_take(const void *response, size_t len, const uint8_t **ret_token,
    size_t *ret_len, struct error *err) MUST_CHECK;

/* What a good token says. */
struct time_token {
	int64_t time;         /* milliseconds; it existed before then */
	struct digest signer; /* the certificate that signed it */
};

/*
 * Check a token (DER, a SignedData over a TSTInfo) by an authority, whose
 * certificate `authority` signed it, or issued, with others in between, the
 * one that did.  ERROR_MALFORMED (E3601); ERROR_UNTRUSTED: another digest or
 * nonce (E3602; a nonce of 0 is not compared), a signature that does not hold,
 * a weak one, or a certificate that does not lead to `authority`, is not for
 * time stamps alone, or was not valid at that time (E3603).
 */
int time_token_check(const void *token, size_t len, const struct digest *digest,
    uint64_t nonce, const struct cert *authority, struct time_token *ret_token,
    struct error *err) MUST_CHECK;

#endif
