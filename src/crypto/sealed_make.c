#include "crypto/sealed.h"

#include <limits.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/cert.h"
#include "crypto/der.h"
#include "crypto/object.h"
#include "crypto/random.h"
#include "crypto/sealed_internal.h"

static int
fail(struct error *err, const char *what)
{
	return error_set(err, ERROR_SYSTEM, "encrypting a key part: %s", what);
}

static int
wrap_rsa(EVP_PKEY *pkey, const struct secret_key *key,
    struct sealed_fields *fields, struct error *err)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	size_t len = sizeof(fields->wrapped);
	bool good = ctx != NULL && EVP_PKEY_encrypt_init(ctx) == 1 &&
	    sealed_set_oaep(ctx) &&
	    EVP_PKEY_encrypt(ctx, fields->wrapped, &len, key->bytes,
		SECRET_KEY_LEN) == 1;

	EVP_PKEY_CTX_free(ctx);
	fields->wrapped_len = len;
	return good ? 0 : fail(err, "RSA-OAEP");
}

static int
wrap_ec(EVP_PKEY *pkey, const struct secret_key *key,
    struct sealed_fields *fields, struct error *err)
{
	const char *curve =
	    fields->algorithm == SEALED_ECDH_P256 ? "P-256" : "P-384";
	EVP_PKEY *ephemeral = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);
	struct secret_key with;
	bool good = ephemeral != NULL &&
	    EVP_PKEY_get_octet_string_param(ephemeral, OSSL_PKEY_PARAM_PUB_KEY,
		fields->point, sizeof(fields->point),
		&fields->point_len) == 1 &&
	    sealed_agree(ephemeral, pkey, NULL, 0, &with) &&
	    sealed_wrap(&with, key, fields->wrapped);

	fields->wrapped_len = SEALED_WRAP_LEN;
	secret_wipe(&with, sizeof(with));
	EVP_PKEY_free(ephemeral);
	return good ? 0 : fail(err, "ECDH");
}

static int
wrap_key(const struct cert *recipient, const struct secret_key *key,
    struct sealed_fields *fields, struct error *err)
{
	const struct cert_info *info = cert_info(recipient);
	bool is_rsa = info->key == CERT_KEY_RSA;

	if (cert_check_policy(recipient, err) < 0)
		return -1;
	if (info->key == CERT_KEY_ED25519 || info->key_id_len == 0)
		return error_set_id(err, "E3002", ERROR_UNTRUSTED,
		    "certificate of %s cannot receive key parts",
		    info->subject);
	if (cert_check_use(recipient, CERT_USE_SEAL, err) < 0)
		return -1;
	memcpy(fields->key_id, info->key_id, info->key_id_len);
	fields->key_id_len = info->key_id_len;
	fields->algorithm = is_rsa       ? SEALED_RSA_OAEP
	    : info->key == CERT_KEY_P256 ? SEALED_ECDH_P256
					 : SEALED_ECDH_P384;
	return is_rsa ? wrap_rsa(cert_pkey(recipient), key, fields, err)
		      : wrap_ec(cert_pkey(recipient), key, fields, err);
}

/* Append the ciphertext to `to`; the tag goes into the fields. */
static int
encrypt(const struct secret_key *key, struct sealed_fields *fields,
    const void *plain, size_t len, struct bytes *to, struct error *err)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t *out = bytes_extend(to, len);
	int done = 0;
	int rest = 0;
	bool good = cipher != NULL && ctx != NULL && out != NULL &&
	    EVP_EncryptInit_ex2(ctx, cipher, key->bytes, fields->nonce, NULL) ==
		1 &&
	    EVP_EncryptUpdate(ctx, out, &done, plain, (int)len) == 1 &&
	    EVP_EncryptFinal_ex(ctx, out + done, &rest) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SEALED_TAG_LEN,
		fields->tag) == 1;

	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return good ? 0 : fail(err, "AES-256-GCM");
}

static void
put_key_trans(struct bytes *to, const struct sealed_fields *fields)
{
	size_t info = der_begin(to, DER_SEQUENCE);

	der_put_small(to, 2);
	der_put(to, DER_CONTEXT, fields->key_id, fields->key_id_len);
	object_put(to, OBJECT_RSA_OAEP_SHA256);
	der_put(to, DER_OCTET_STRING, fields->wrapped, fields->wrapped_len);
	der_end(to, info);
}

static void
put_originator(struct bytes *to, const struct sealed_fields *fields)
{
	size_t originator = der_begin(to, DER_CONTEXT_CONSTRUCTED);
	size_t key = der_begin(to, DER_CONTEXT_CONSTRUCTED | 1);
	size_t bits;

	object_put(to, OBJECT_EC);
	bits = der_begin(to, DER_BIT_STRING);
	bytes_put_u8(to, 0);
	bytes_put(to, fields->point, fields->point_len);
	der_end(to, bits);
	der_end(to, key);
	der_end(to, originator);
}

static void
put_key_agree(struct bytes *to, const struct sealed_fields *fields)
{
	size_t info = der_begin(to, DER_CONTEXT_CONSTRUCTED | 1);
	size_t keys, key, name;

	der_put_small(to, 3);
	put_originator(to, fields);
	object_put(to, OBJECT_ECDH_SHA256_AES256_WRAP);
	keys = der_begin(to, DER_SEQUENCE);
	key = der_begin(to, DER_SEQUENCE);
	name = der_begin(to, DER_CONTEXT_CONSTRUCTED);
	der_put(to, DER_OCTET_STRING, fields->key_id, fields->key_id_len);
	der_end(to, name);
	der_put(to, DER_OCTET_STRING, fields->wrapped, fields->wrapped_len);
	der_end(to, key);
	der_end(to, keys);
	der_end(to, info);
}

static void
put_content(struct bytes *to, const struct sealed_fields *fields)
{
	size_t content = der_begin(to, DER_SEQUENCE);
	size_t algorithm, parameters;

	object_put(to, OBJECT_DATA);
	algorithm = der_begin(to, DER_SEQUENCE);
	object_put(to, OBJECT_AES256_GCM);
	parameters = der_begin(to, DER_SEQUENCE);
	der_put(to, DER_OCTET_STRING, fields->nonce, SEALED_NONCE_LEN);
	der_put_small(to, SEALED_TAG_LEN);
	der_end(to, parameters);
	der_end(to, algorithm);
	der_put(to, DER_CONTEXT, fields->ciphertext, fields->ciphertext_len);
	der_end(to, content);
}

static void
put_sealed(struct bytes *to, const struct sealed_fields *fields)
{
	size_t info = der_begin(to, DER_SEQUENCE);
	size_t wrapped, body, set;

	object_put(to, OBJECT_AUTH_ENVELOPED_DATA);
	wrapped = der_begin(to, DER_CONTEXT_CONSTRUCTED);
	body = der_begin(to, DER_SEQUENCE);
	der_put_small(to, 0);
	set = der_begin(to, DER_SET);
	if (fields->algorithm == SEALED_RSA_OAEP)
		put_key_trans(to, fields);
	else
		put_key_agree(to, fields);
	der_end(to, set);
	put_content(to, fields);
	der_put(to, DER_OCTET_STRING, fields->tag, SEALED_TAG_LEN);
	der_end(to, body);
	der_end(to, wrapped);
	der_end(to, info);
}

int
sealed_make(const struct cert *recipient, const void *plain, size_t len,
    struct bytes *out, struct error *err)
{
	struct sealed_fields fields = { 0 };
	struct secret_key key;
	struct bytes ciphertext = { 0 };
	int rc = -1;

	if (len > SEALED_PLAIN_MAX)
		return fail(err, "too long");
	if (random_fill(&key, sizeof(key), err) < 0 ||
	    random_fill(fields.nonce, sizeof(fields.nonce), err) < 0 ||
	    wrap_key(recipient, &key, &fields, err) < 0 ||
	    encrypt(&key, &fields, plain, len, &ciphertext, err) < 0)
		goto done;
	fields.ciphertext = ciphertext.data;
	fields.ciphertext_len = ciphertext.len;
	put_sealed(out, &fields);
	rc = bytes_failed(out, err);
done:
	secret_wipe(&key, sizeof(key));
	bytes_free(&ciphertext);
	return rc;
}
