#include "crypto/ed25519.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "base/error.h"

struct ed25519_key {
	EVP_PKEY *pkey;
};

void
ed25519_key_free(struct ed25519_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

int
ed25519_key_new(const uint8_t seed[ED25519_SEED_LEN],
    struct ed25519_key **ret_key, struct error *err)
{
	struct ed25519_key *key = calloc(1, sizeof(*key));

	if (key == NULL)
		return error_set_memory(err);
	key->pkey = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed,
	    ED25519_SEED_LEN);
	if (key->pkey == NULL) {
		ed25519_key_free(key);
		return error_set(err, ERROR_SYSTEM,
		    "cannot make an Ed25519 key");
	}
	*ret_key = key;
	return 0;
}

int
ed25519_key_public(const struct ed25519_key *key,
    uint8_t to[ED25519_PUBLIC_LEN], struct error *err)
{
	size_t len = ED25519_PUBLIC_LEN;

	if (EVP_PKEY_get_raw_public_key(key->pkey, to, &len) != 1 ||
	    len != ED25519_PUBLIC_LEN)
		return error_set(err, ERROR_SYSTEM,
		    "cannot get the public key");
	return 0;
}

int
ed25519_sign(const struct ed25519_key *key, const void *data, size_t len,
    uint8_t to[ED25519_SIGNATURE_LEN], struct error *err)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t to_len = ED25519_SIGNATURE_LEN;
	int rc = 0;

	if (ctx == NULL)
		return error_set_memory(err);
	if (EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key->pkey,
		NULL) != 1 ||
	    EVP_DigestSign(ctx, to, &to_len, data, len) != 1 ||
	    to_len != ED25519_SIGNATURE_LEN)
		rc = error_set(err, ERROR_SYSTEM, "Ed25519 signing failed");
	EVP_MD_CTX_free(ctx);
	return rc;
}

int
ed25519_verify(const uint8_t public_key[ED25519_PUBLIC_LEN], const void *data,
    size_t len, const uint8_t signature[ED25519_SIGNATURE_LEN],
    struct error *err)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL,
	    public_key, ED25519_PUBLIC_LEN);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc = 0;

	if (pkey == NULL || ctx == NULL)
		rc = error_set_memory(err);
	else if (EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, pkey,
		     NULL) != 1)
		rc = error_set(err, ERROR_SYSTEM, "Ed25519 is not available");
	else if (EVP_DigestVerify(ctx, signature, ED25519_SIGNATURE_LEN, data,
		     len) != 1)
		rc = error_set(err, ERROR_UNTRUSTED,
		    "Ed25519 signature is wrong");
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return rc;
}
