/*
 * Between the parts of crypto/signed.c, and for crypto/crl.c: the structure of a
 * SignedData taken apart, what the signed attributes say, algorithms and times.
 * All borrows from the input.
 */
#ifndef CRYPTO_SIGNED_INTERNAL_H
#define CRYPTO_SIGNED_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "crypto/cert.h"
#include "crypto/der.h"
#include "crypto/key.h"
#include "crypto/signed.h"

/* A SignerInfo taken apart. */
struct signed_info {
	struct der_item whole;
	struct der_item issuer;
	struct der_item serial;
	struct der_item attributes;
	struct der_item algorithm;
	struct der_item signature;
};

/* A certificate of the message, with what signers name it by. */
struct signed_carried {
	struct der_item whole;
	struct der_item issuer;
	struct der_item serial;
	bool used;
};

struct signed_parts {
	struct der_item content; /* zeros when detached */
	size_t cert_count;
	struct signed_carried certs[SIGNED_SIGNERS_MAX];
	size_t info_count;
	struct signed_info infos[SIGNED_SIGNERS_MAX];
};

/* What the signed attributes of one signer say. */
struct signed_attributes {
	struct digest content;
	struct digest cert;
	int64_t signed_at;
	unsigned seen; /* a bit for each enum object */
};

/* Structure only; E3010, or E3011 for more than `max` signers or none. */
int signed_read_parts(const void *cms, size_t len, size_t max,
    struct signed_parts *parts, struct error *err) MUST_CHECK;

/* The profile's attributes, each of them once; E3012. */
int signed_read_attributes(const struct der_item *set,
    struct signed_attributes *to, struct error *err) MUST_CHECK;

/*
 * The scheme that an AlgorithmIdentifier names, if it goes with the kind of key;
 * ERROR_UNTRUSTED (E3002).
 */
int signed_scheme_of(const struct der_item *algorithm, enum cert_key key,
    enum key_scheme *ret_scheme, struct error *err) MUST_CHECK;

/*
 * A UTCTime "YYMMDDHHMMSSZ", or from 2050 on a GeneralizedTime with four digits
 * (RFC 5652 11.3, RFC 5280 5.1.2.4).
 */
bool signed_parse_time(const struct der_item *item, int64_t *ret_at);

/* Refusals, with their catalogue ids.  Always -1. */
int signed_malformed(struct error *err, const char *what);
int signed_wrong_count(struct error *err, const char *what);
int signed_bad_attributes(struct error *err, const char *what);

#endif
