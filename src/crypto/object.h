/*
 * The object identifiers and algorithm identifiers that we know, as DER.
 * Comparing whole encodings leaves no room for unusual parameters.
 */
#ifndef CRYPTO_OBJECT_H
#define CRYPTO_OBJECT_H

#include <stddef.h>

struct bytes;
struct der_item;

enum object {
	OBJECT_UNKNOWN,
	OBJECT_DATA,
	OBJECT_SIGNED_DATA,
	OBJECT_ENVELOPED_DATA,
	OBJECT_AUTH_ENVELOPED_DATA,
	OBJECT_CONTENT_TYPE,
	OBJECT_MESSAGE_DIGEST,
	OBJECT_SIGNING_TIME,
	OBJECT_SMIME_CAPABILITIES,
	OBJECT_SIGNING_CERTIFICATE_V2,
	OBJECT_AES256_GCM,
	OBJECT_SHA256,
	OBJECT_RSA,
	OBJECT_RSA_SHA256,
	OBJECT_RSA_PSS_SHA256,
	OBJECT_RSA_OAEP_SHA256,
	OBJECT_EC,
	OBJECT_EC_P256,
	OBJECT_EC_P384,
	OBJECT_ECDSA_SHA256,
	OBJECT_ED25519,
	OBJECT_ECDH_SHA256_AES256_WRAP,
	OBJECT_AES256_WRAP,
};

/* Which one these bytes are; OBJECT_UNKNOWN for all others. */
enum object object_of(const struct der_item *item);

/* Append its DER, the form with fewest octets where there are several. */
void object_put(struct bytes *to, enum object object);

#endif
