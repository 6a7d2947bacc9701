/*
 * Make certificates: for the demo, for tests, and for the modules that the
 * management tier issues (R5.2.8).
 */
#ifndef CRYPTO_ISSUE_H
#define CRYPTO_ISSUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct cert;
struct error;
struct key;

/* What the certificate is for; decides its extensions. */
enum issue_kind {
	ISSUE_ROOT_CA,
	ISSUE_SUB_CA,
	ISSUE_SIGN, /* signatures: organisation, module, log, role, person */
	ISSUE_SEAL, /* opening key parts */
	ISSUE_TLS,  /* server and client */
};

enum { ISSUE_SERIAL_MAX = 20 };

struct issue_request {
	enum issue_kind kind;
	const char *country; /* "TW"; NULL: left out, as all below */
	const char *organization;
	const char *unit;
	const char *common_name;      /* must be there */
	const char *serial_name;      /* the subject's serialNumber attribute */
	const char *const *addresses; /* IP, for subjectAltName */
	size_t address_count;
	const char *const *hosts; /* DNS names, for subjectAltName */
	size_t host_count;
	const char *directory_oid;  /* subjectDirectoryAttributes: one ... */
	const char *directory_text; /* ... attribute with a UTF8String */
	uint8_t serial[ISSUE_SERIAL_MAX];
	size_t serial_len; /* 0: random */
	int64_t not_before_at;
	int64_t not_after_at;
	const char *digest; /* "SHA256" if NULL; tests make bad ones */
};

/*
 * Certify the public key `spki` (DER).  `issuer` is NULL for a root, which
 * `issuer_key` signs itself.  Fails with ERROR_MALFORMED if the request cannot
 * be written.
 */
int issue_cert(const struct issue_request *request, const void *spki,
    size_t spki_len, const struct cert *issuer, const struct key *issuer_key,
    struct cert **ret_cert, struct error *err) MUST_CHECK;

/*
 * Append the certificate request (PKCS #10, PEM) with which an authority is
 * asked for such a certificate of `key`; dates and serial are the authority's.
 */
int issue_put_request(const struct issue_request *request,
    const struct key *key, struct bytes *pem, struct error *err) MUST_CHECK;

#endif
