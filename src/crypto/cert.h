/*
 * X.509 certificates: decoded once, then only asked.  Who may be trusted is
 * the business of crypto/trust.h and of the bulletins; here stands what a
 * certificate says and whether its key and signature are of a kind we accept.
 */
#ifndef CRYPTO_CERT_H
#define CRYPTO_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct bytes;
struct error;
struct evp_pkey_st;
struct x509_st;

struct cert;

enum {
	CERT_DER_MAX = 16384,
	CERT_NAME_SIZE = 512,
	CERT_SERIAL_SIZE = 64,
	CERT_KEY_ID_MAX = 32,
};

enum cert_key {
	CERT_KEY_OTHER, /* not acceptable */
	CERT_KEY_RSA,   /* 2048 to 4096 bits, odd exponent from 65537 */
	CERT_KEY_P256,
	CERT_KEY_P384,
	CERT_KEY_ED25519,
};

/* Bits of the key usage extension; all of them when there is none. */
enum {
	CERT_USAGE_SIGNATURE = 1,
	CERT_USAGE_NON_REPUDIATION = 2,
	CERT_USAGE_KEY_ENCIPHERMENT = 4,
	CERT_USAGE_KEY_AGREEMENT = 8,
	CERT_USAGE_CERT_SIGN = 16,
	CERT_USAGE_CRL_SIGN = 32,
};

struct cert_info {
	struct digest fingerprint;    /* SHA-256 of the DER */
	char subject[CERT_NAME_SIZE]; /* RFC 2253, UTF-8 */
	char issuer[CERT_NAME_SIZE];
	char serial[CERT_SERIAL_SIZE];   /* hex, lower case */
	uint8_t key_id[CERT_KEY_ID_MAX]; /* subject key identifier, as in the
	                                    extension */
	size_t key_id_len;               /* 0: none */
	enum cert_key key;
	int key_bits;
	unsigned usage;
	bool is_ca;
	int64_t not_before_at; /* milliseconds; valid through not_after */
	int64_t not_after_at;
};

/*
 * Decode exactly one certificate; bytes after it are refused, and so is what
 * is not DER.  Fails with ERROR_MALFORMED (E3001).
 */
int cert_parse(const void *der, size_t len, struct cert **ret_cert,
    struct error *err) MUST_CHECK;

/* The same from one PEM block "CERTIFICATE"; nothing else may be there. */
int cert_parse_pem(const char *pem, size_t len, struct cert **ret_cert,
    struct error *err) MUST_CHECK;

/* Another one over the same bytes, which the caller frees. */
int cert_copy(const struct cert *cert, struct cert **ret_cert,
    struct error *err) MUST_CHECK;
void cert_free(struct cert *cert);

/* These live as long as `cert`. */
const struct cert_info *cert_info(const struct cert *cert);
const struct digest *cert_fingerprint(const struct cert *cert);
const uint8_t *cert_der(const struct cert *cert, size_t *ret_len);

/* DER of the names, the serial number (INTEGER) and the key, borrowed. */
const uint8_t *cert_subject_der(const struct cert *cert, size_t *ret_len);
const uint8_t *cert_issuer_der(const struct cert *cert, size_t *ret_len);
const uint8_t *cert_serial_der(const struct cert *cert, size_t *ret_len);
const uint8_t *cert_spki_der(const struct cert *cert, size_t *ret_len);

/* The 32 bytes of an Ed25519 key, as crypto/ed25519.h wants; else false. */
bool cert_ed25519(const struct cert *cert, uint8_t to[32]);

/* Append as PEM. */
void cert_put_pem(const struct cert *cert, struct bytes *to);

/*
 * Whether key and signature algorithm are acceptable: RSA from 2048 bits, named
 * curves P-256 and P-384, Ed25519; no MD5, no SHA-1.  ERROR_UNTRUSTED (E3002);
 * T-CRY-06.
 */
int cert_check_policy(const struct cert *cert, struct error *err) MUST_CHECK;

/* What a certificate is to be used for. */
enum cert_use { CERT_USE_SIGN, CERT_USE_SEAL };

/*
 * Whether key usage and extended key usage allow it (RFC 5280 4.2.1.3 and
 * 4.2.1.12); without these extensions they do.  Signing letters is neither time
 * stamping nor OCSP, nor the code or server of somebody.  ERROR_UNTRUSTED
 * (E3711).
 */
int cert_check_use(const struct cert *cert, enum cert_use use,
    struct error *err) MUST_CHECK;

/* Whether `at_ms` lies in its validity; ERROR_UNTRUSTED (E3003). */
int cert_check_dates(const struct cert *cert, int64_t at_ms,
    struct error *err) MUST_CHECK;

/* The library's objects, borrowed, for TLS and the rest of crypto. */
struct x509_st *cert_x509(const struct cert *cert);
struct evp_pkey_st *cert_pkey(const struct cert *cert);

/* Of an RSA or P-256 key: checks SHA-256 digests.  NULL without memory. */
struct evp_pkey_ctx_st *cert_verifier(const struct cert *cert);

#endif
