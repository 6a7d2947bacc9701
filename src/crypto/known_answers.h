/*
 * Known answers of every algorithm that the crypto module uses, by the same
 * library calls (docs/crypto-module.md): what a module proves of itself before
 * it serves, and whenever it is asked to.
 */
#ifndef CRYPTO_KNOWN_ANSWERS_H
#define CRYPTO_KNOWN_ANSWERS_H

#include <stdbool.h>

#include "base/attr.h"

struct error;

enum known_answer {
	KNOWN_SHA256,
	KNOWN_HMAC,     /* HMAC-SHA-256 */
	KNOWN_HKDF,     /* HKDF-SHA-256 */
	KNOWN_AES_GCM,  /* AES-256-GCM, both ways, and a wrong tag */
	KNOWN_AES_WRAP, /* AES-256 key wrap, both ways */
	KNOWN_RSA_2048, /* RSASSA-PKCS1-v1_5 with SHA-256, both ways */
	KNOWN_RSA_3072,
	KNOWN_RSA_OAEP,   /* with SHA-256, decryption */
	KNOWN_ECDSA_P256, /* verification, and of a signature of its own */
	KNOWN_ECDH_P256,
	KNOWN_KDF_X963, /* the key of a key part out of a shared secret */
	KNOWN_ED25519,  /* both ways */
	KNOWN_DRBG, /* CTR_DRBG with AES-256, and that the one in use works */
	KNOWN_ANSWER_COUNT
};

/* "hmac-sha256", as in configuration, logs and `yizhan module show`. */
const char *known_answer_name(enum known_answer which);
bool known_answer_parse(const char *name, enum known_answer *ret_which);

/*
 * Compute it anew and compare: ERROR_SYSTEM (E3620) names what is wrong.  With
 * `is_wrong` the answer that is expected is another one, so that the test must
 * fail: for tests of what happens then.
 */
int known_answer_test(enum known_answer which, bool is_wrong,
    struct error *err) MUST_CHECK;

#endif
