#include "crypto/key.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/der.h"
#include "crypto/object.h"
#include "crypto/sha256.h"

struct key {
	EVP_PKEY *pkey;
	enum cert_key kind;
	const struct key_elsewhere *ways; /* NULL: it is in memory */
	void *ctx;
};

static int
wrap_pkey(EVP_PKEY *pkey, enum cert_key kind, struct key **ret_key,
    struct error *err)
{
	struct key *key = calloc(1, sizeof(*key));

	if (key == NULL) {
		EVP_PKEY_free(pkey);
		return error_set_memory(err);
	}
	key->pkey = pkey;
	key->kind = kind;
	*ret_key = key;
	return 0;
}

int
key_generate(enum cert_key kind, struct key **ret_key, struct error *err)
{
	EVP_PKEY *pkey = NULL;

	switch (kind) {
	case CERT_KEY_RSA:
		pkey =
		    EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)KEY_RSA_BITS);
		break;
	case CERT_KEY_P256:
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
		break;
	case CERT_KEY_P384:
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
		break;
	case CERT_KEY_ED25519:
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		break;
	case CERT_KEY_OTHER:
		break;
	}
	if (pkey == NULL)
		return error_set(err, ERROR_SYSTEM, "cannot make a key");
	return wrap_pkey(pkey, kind, ret_key, err);
}

int
key_elsewhere(const struct cert *cert, const struct key_elsewhere *ways,
    void *ctx, struct key **ret_key, struct error *err)
{
	EVP_PKEY *pkey = cert_pkey(cert);

	if (pkey == NULL || EVP_PKEY_up_ref(pkey) != 1) {
		ways->release(ctx);
		return error_set_id(err, "E3002", ERROR_UNTRUSTED,
		    "the certificate has no key of an accepted kind");
	}
	if (wrap_pkey(pkey, cert_info(cert)->key, ret_key, err) < 0) {
		ways->release(ctx);
		return -1;
	}
	(*ret_key)->ways = ways;
	(*ret_key)->ctx = ctx;
	return 0;
}

const struct key_elsewhere *
key_ways(const struct key *key, void **ret_ctx)
{
	*ret_ctx = key->ctx;
	return key->ways;
}

static enum cert_key
kind_of(const EVP_PKEY *pkey)
{
	char group[32];

	if (EVP_PKEY_is_a(pkey, "ED25519"))
		return CERT_KEY_ED25519;
	if (EVP_PKEY_is_a(pkey, "RSA"))
		return EVP_PKEY_get_bits(pkey) >= KEY_RSA_BITS ? CERT_KEY_RSA
							       : CERT_KEY_OTHER;
	if (!EVP_PKEY_is_a(pkey, "EC") ||
	    EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) != 1)
		return CERT_KEY_OTHER;
	if (text_equal(group, "prime256v1"))
		return CERT_KEY_P256;
	return text_equal(group, "secp384r1") ? CERT_KEY_P384 : CERT_KEY_OTHER;
}

int
key_parse(const void *data, size_t len, struct key **ret_key, struct error *err)
{
	const unsigned char *at = data;
	OSSL_DECODER_CTX *ctx;
	EVP_PKEY *pkey = NULL;
	enum cert_key kind;
	int good;

	/* "PrivateKeyInfo" is PKCS #8 without a password. */
	ctx = OSSL_DECODER_CTX_new_for_pkey(&pkey, NULL, "PrivateKeyInfo", NULL,
	    EVP_PKEY_KEYPAIR, NULL, NULL);
	if (ctx == NULL)
		return error_set_memory(err);
	good = OSSL_DECODER_from_data(ctx, &at, &len);
	OSSL_DECODER_CTX_free(ctx);
	ERR_clear_error();
	if (good != 1 || pkey == NULL)
		return error_set(err, ERROR_MALFORMED,
		    "not an unencrypted PKCS #8 private key");
	kind = kind_of(pkey);
	if (kind == CERT_KEY_OTHER) {
		EVP_PKEY_free(pkey);
		return error_set_id(err, "E3002", ERROR_UNTRUSTED,
		    "kind or length of the private key is not acceptable");
	}
	return wrap_pkey(pkey, kind, ret_key, err);
}

void
key_free(struct key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	if (key->ways != NULL)
		key->ways->release(key->ctx);
	free(key);
}

int
key_put_pem(const struct key *key, struct bytes *to, struct error *err)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *text = NULL;
	long len;
	int rc = -1;

	if (bio == NULL)
		return error_set_memory(err);
	if (PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL,
		NULL) != 1) {
		error_set(err, ERROR_SYSTEM, "cannot write a private key");
		goto done;
	}
	len = BIO_get_mem_data(bio, &text);
	bytes_put(to, text, (size_t)len);
	rc = bytes_failed(to, err);
done:
	BIO_free(bio);
	return rc;
}

int
key_put_spki(const struct key *key, struct bytes *to, struct error *err)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key->pkey, &der);

	if (len <= 0)
		return error_set(err, ERROR_SYSTEM,
		    "cannot write a public key");
	bytes_put(to, der, (size_t)len);
	OPENSSL_free(der);
	return bytes_failed(to, err);
}

enum cert_key
key_kind(const struct key *key)
{
	return key->kind;
}

bool
key_matches(const struct key *key, const struct cert *cert)
{
	return cert_pkey(cert) != NULL &&
	    EVP_PKEY_eq(key->pkey, cert_pkey(cert)) == 1;
}

int
key_sign(const struct key *key, const void *data, size_t len,
    struct bytes *signature, struct error *err)
{
	const char *digest = key->kind == CERT_KEY_ED25519 ? NULL : "SHA256";
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t made[KEY_SIGNATURE_MAX];
	size_t made_len = sizeof(made);
	int rc = -1;

	if (key->ways != NULL) {
		EVP_MD_CTX_free(ctx);
		return key->ways->sign(key->ctx, data, len, signature, err);
	}
	if (ctx == NULL)
		return error_set_memory(err);
	if (EVP_DigestSignInit_ex(ctx, NULL, digest, NULL, NULL, key->pkey,
		NULL) != 1 ||
	    EVP_DigestSign(ctx, made, &made_len, data, len) != 1) {
		error_set(err, ERROR_SYSTEM, "signing failed");
		goto done;
	}
	bytes_put(signature, made, made_len);
	rc = bytes_failed(signature, err);
done:
	EVP_MD_CTX_free(ctx);
	return rc;
}

int
key_sign_digest(const struct key *key, const struct digest *digest,
    struct bytes *signature, struct error *err)
{
	EVP_PKEY_CTX *ctx;
	uint8_t made[KEY_SIGNATURE_MAX];
	size_t made_len = sizeof(made);
	int rc = -1;

	if (key->kind == CERT_KEY_ED25519)
		return error_set(err, ERROR_DENIED, "Ed25519 signs no digests");
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	if (ctx == NULL)
		return error_set_memory(err);
	if (EVP_PKEY_sign_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) != 1 ||
	    EVP_PKEY_sign(ctx, made, &made_len, digest->bytes, DIGEST_LEN) !=
		1) {
		error_set(err, ERROR_SYSTEM, "signing failed");
		goto done;
	}
	bytes_put(signature, made, made_len);
	rc = bytes_failed(signature, err);
done:
	EVP_PKEY_CTX_free(ctx);
	return rc;
}

static bool
set_pss(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, DIGEST_LEN) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) == 1;
}

/* Each signer's checks share a context: making one takes a sixth of them. */
static int
holds(const struct cert *cert, const void *data, size_t len,
    const void *signature, size_t signature_len)
{
	EVP_PKEY_CTX *ctx = cert_verifier(cert);
	struct digest digest;

	if (ctx == NULL)
		return -1;
	sha256(data, len, &digest);
	return EVP_PKEY_verify(ctx, signature, signature_len, digest.bytes,
		   sizeof(digest.bytes)) == 1;
}

/* PSS and Ed25519.  -1 without memory. */
static int
holds_once(const struct cert *cert, enum key_scheme scheme, const void *data,
    size_t len, const void *signature, size_t signature_len)
{
	const char *digest =
	    cert_info(cert)->key == CERT_KEY_ED25519 ? NULL : "SHA256";
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pkey_ctx;
	int good;

	if (ctx == NULL)
		return -1;
	good = EVP_DigestVerifyInit_ex(ctx, &pkey_ctx, digest, NULL, NULL,
		   cert_pkey(cert), NULL) == 1 &&
	    (scheme != KEY_SCHEME_PSS || set_pss(pkey_ctx)) &&
	    EVP_DigestVerify(ctx, signature, signature_len, data, len) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

int
key_verify(const struct cert *cert, enum key_scheme scheme, const void *data,
    size_t len, const void *signature, size_t signature_len, struct error *err)
{
	enum cert_key kind = cert_info(cert)->key;
	int good;

	if (cert_check_policy(cert, err) < 0)
		return -1;
	if (scheme == KEY_SCHEME_PSS && kind != CERT_KEY_RSA)
		return error_set_id(err, "E3005", ERROR_UNTRUSTED,
		    "PSS signature by a key that is not RSA");
	good = scheme == KEY_SCHEME_PSS || kind == CERT_KEY_ED25519
	    ? holds_once(cert, scheme, data, len, signature, signature_len)
	    : holds(cert, data, len, signature, signature_len);
	ERR_clear_error();
	if (good < 0)
		return error_set_memory(err);
	if (good == 0)
		return error_set_id(err, "E3005", ERROR_UNTRUSTED,
		    "signature of %s does not hold", cert_info(cert)->subject);
	return 0;
}

EVP_PKEY *
key_pkey(const struct key *key)
{
	return key->pkey;
}
