/*
 * Signatures as CMS SignedData in the one profile of docs/protocol.md 1: DER,
 * SHA-256, signers by issuer and serial, fixed signed attributes, nothing
 * more.  Who the signer is, is returned; whether to trust it is for the caller
 * to decide by comparing fingerprints.
 */
#ifndef CRYPTO_SIGNED_H
#define CRYPTO_SIGNED_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct bytes;
struct cert;
struct cert_cache;
struct error;
struct key;

enum { SIGNED_SIGNERS_MAX = 16 };

/*
 * Append the signature over `data` to `signature`; made with the private key of
 * the signer's certificate as key_sign() does.
 */
typedef int (*signer_sign_fn)(void *context, const void *data, size_t len,
    struct bytes *signature, struct error *err);

struct signer {
	const struct cert *cert;
	signer_sign_fn sign;
	void *context;
};

/* A signer with a key in memory, which must outlive it. */
struct signer signer_of(const struct cert *cert, const struct key *key);

/*
 * Append the SignedData of `signers` over `content`, which it contains, or over
 * the content whose digest is given, which it does not.  The signers must
 * differ.  `now_ms` becomes the signing time (whole seconds).  After a failure
 * what `out` holds is worthless.
 */
int signed_make(const struct signer *signers, size_t count, const void *content,
    size_t len, int64_t now_ms, struct bytes *out,
    struct error *err) MUST_CHECK;
int signed_make_detached(const struct signer *signers, size_t count,
    const struct digest *content, int64_t now_ms, struct bytes *out,
    struct error *err) MUST_CHECK;

/* A detached signature over what others sign too. */
struct signed_part {
	const void *data;
	size_t len;
};

/*
 * Append the SignedData that contains `content` and the signers of all parts,
 * each of which must hold over it.  Fails as signed_verify_detached() does, and
 * with E3011 when a signer stands in two of them.
 */
int signed_join(struct cert_cache *cache, const struct signed_part *parts,
    size_t count, const void *content, size_t len, struct bytes *out,
    struct error *err) MUST_CHECK;

struct signed_by {
	struct digest fingerprint;
	const uint8_t *cert; /* DER, borrowed from the input */
	size_t cert_len;
	int64_t signed_at; /* the signer's word, nothing else vouches for it */
};

/* What was checked; borrows from the input. */
struct signed_object {
	const uint8_t *content; /* NULL when detached */
	size_t content_len;
	size_t count;
	struct signed_by by[SIGNED_SIGNERS_MAX];
};

/*
 * Check form and signatures of a SignedData with at most `signers_max` signers
 * (1 but for bulletins).  All signatures must hold.  Fails with
 * ERROR_MALFORMED (E3010), or ERROR_UNTRUSTED: E3002 key or algorithm, E3711
 * a key for something else, E3005 signature, E3011 number of signers, E3012
 * attributes.  T-CRY-05, T-CRY-06.
 */
int signed_verify(struct cert_cache *cache, const void *cms, size_t len,
    size_t signers_max, struct signed_object *ret_object,
    struct error *err) MUST_CHECK;

/* The same for a detached one over content with this digest. */
int signed_verify_detached(struct cert_cache *cache, const void *cms,
    size_t len, const struct digest *content, size_t signers_max,
    struct signed_object *ret_object, struct error *err) MUST_CHECK;

#endif
