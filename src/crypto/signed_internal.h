/*
 * Between the parts of crypto/signed.c: the structure of a SignedData taken
 * apart, and what the signed attributes say.  All borrows from the input.
 */
#ifndef CRYPTO_SIGNED_INTERNAL_H
#define CRYPTO_SIGNED_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "crypto/der.h"
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

/* Refusals, with their catalogue ids.  Always -1. */
int signed_malformed(struct error *err, const char *what);
int signed_wrong_count(struct error *err, const char *what);
int signed_bad_attributes(struct error *err, const char *what);

#endif
