/*
 * Between the parts of crypto/cert.c.
 */
#ifndef CRYPTO_CERT_INTERNAL_H
#define CRYPTO_CERT_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "crypto/cert.h"
#include "crypto/der.h"

/* Made when first needed, of which no caller can tell: a cert stays const. */
struct cert_kept {
	struct evp_pkey_ctx_st *verifier;
};

struct cert {
	struct cert_info info;
	struct x509_st *x509;
	uint8_t *der;
	size_t der_len;
	struct cert_kept *kept;
	struct der_item subject, issuer, serial, spki; /* into `der` */
};

/* Fill in the spans of `der`, before decoding, and refuse what is not DER. */
int cert_read_spans(struct cert *cert, struct error *err) MUST_CHECK;

/* Fill in `info` from the decoded certificate. */
int cert_read_info(struct cert *cert, struct error *err) MUST_CHECK;

/* E3001.  Always -1. */
int cert_malformed(struct error *err, const char *what);

#endif
