#include "crypto/sealed.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/der.h"
#include "crypto/key.h"
#include "crypto/object.h"
#include "crypto/sealed_internal.h"

enum { POINT_P256_LEN = 65, POINT_P384_LEN = 97, POINT_UNCOMPRESSED = 4 };

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E3020", ERROR_MALFORMED, "key part: %s",
	    what);
}

static int
forbidden(struct error *err, const char *what)
{
	return error_set_id(err, "E3021", ERROR_UNTRUSTED, "key part: %s",
	    what);
}

/* One text for all causes: which one it was helps only an attacker. */
static int
unopened(struct error *err)
{
	ERR_clear_error();
	return error_set_id(err, "E3022", ERROR_UNTRUSTED,
	    "key part cannot be opened");
}

static void
copy_field(struct der *der, const struct der_item *item, uint8_t *to,
    size_t size, size_t *ret_len)
{
	if (item->body_len == 0 || item->body_len > size) {
		der->failed = true;
		return;
	}
	memcpy(to, item->body, item->body_len);
	*ret_len = item->body_len;
}

static void
take_field(struct der *der, int tag, uint8_t *to, size_t size, size_t *ret_len)
{
	struct der_item item = der_take(der, tag);

	copy_field(der, &item, to, size, ret_len);
}

static enum object
take_object(struct der *der, int tag)
{
	struct der_item item = der_take(der, tag);

	return object_of(&item);
}

static int
read_key_trans(struct der *set, struct sealed_fields *to, struct error *err)
{
	struct der info = der_enter(set, DER_SEQUENCE);

	if (der_small(&info) != 2)
		return forbidden(err,
		    "recipient is not named by key identifier");
	take_field(&info, DER_CONTEXT, to->key_id, sizeof(to->key_id),
	    &to->key_id_len);
	if (take_object(&info, DER_SEQUENCE) != OBJECT_RSA_OAEP_SHA256)
		return forbidden(err,
		    "key transport is not RSA-OAEP with SHA-256");
	take_field(&info, DER_OCTET_STRING, to->wrapped, sizeof(to->wrapped),
	    &to->wrapped_len);
	to->algorithm = SEALED_RSA_OAEP;
	der_leave(set, &info);
	return 0;
}

static void
read_originator(struct der *info, struct sealed_fields *to)
{
	struct der originator = der_enter(info, DER_CONTEXT_CONSTRUCTED);
	struct der key = der_enter(&originator, DER_CONTEXT_CONSTRUCTED | 1);
	struct der_item bits;

	if (take_object(&key, DER_SEQUENCE) != OBJECT_EC)
		key.failed = true;
	bits = der_take_bits(&key);
	copy_field(&key, &bits, to->point, sizeof(to->point), &to->point_len);
	if (to->point_len == POINT_P256_LEN)
		to->algorithm = SEALED_ECDH_P256;
	else if (to->point_len == POINT_P384_LEN)
		to->algorithm = SEALED_ECDH_P384;
	else
		key.failed = true;
	if (to->point[0] != POINT_UNCOMPRESSED)
		key.failed = true;
	der_leave(&originator, &key);
	der_leave(info, &originator);
}

static int
read_encrypted_key(struct der *info, struct sealed_fields *to,
    struct error *err)
{
	struct der keys = der_enter(info, DER_SEQUENCE);
	struct der key = der_enter(&keys, DER_SEQUENCE);
	struct der name;

	if (!key.failed && der_peek(&key) != DER_CONTEXT_CONSTRUCTED)
		return forbidden(err,
		    "recipient is not named by key identifier");
	name = der_enter(&key, DER_CONTEXT_CONSTRUCTED);
	take_field(&name, DER_OCTET_STRING, to->key_id, sizeof(to->key_id),
	    &to->key_id_len);
	der_leave(&key, &name);
	take_field(&key, DER_OCTET_STRING, to->wrapped, SEALED_WRAP_LEN,
	    &to->wrapped_len);
	der_leave(&keys, &key);
	if (keys.left > 0)
		return forbidden(err, "more than one recipient");
	der_leave(info, &keys);
	return 0;
}

static int
read_key_agree(struct der *set, struct sealed_fields *to, struct error *err)
{
	struct der info = der_enter(set, DER_CONTEXT_CONSTRUCTED | 1);

	if (der_small(&info) != 3)
		return malformed(err, "KeyAgreeRecipientInfo version");
	read_originator(&info, to);
	if (der_peek(&info) == (DER_CONTEXT_CONSTRUCTED | 1)) {
		struct der ukm = der_enter(&info, DER_CONTEXT_CONSTRUCTED | 1);

		take_field(&ukm, DER_OCTET_STRING, to->ukm, sizeof(to->ukm),
		    &to->ukm_len);
		der_leave(&info, &ukm);
	}
	if (info.failed)
		return malformed(err, "ephemeral key");
	if (take_object(&info, DER_SEQUENCE) != OBJECT_ECDH_SHA256_AES256_WRAP)
		return forbidden(err,
		    "key agreement is not ECDH with SHA-256 and AES-256 wrap");
	if (read_encrypted_key(&info, to, err) < 0)
		return -1;
	der_leave(set, &info);
	return 0;
}

static int
read_recipient(struct der *body, struct sealed_fields *to, struct error *err)
{
	struct der set = der_enter(body, DER_SET);
	int rc;

	if (set.failed)
		return malformed(err, "no recipients");
	if (der_peek(&set) == DER_SEQUENCE)
		rc = read_key_trans(&set, to, err);
	else if (der_peek(&set) == (DER_CONTEXT_CONSTRUCTED | 1))
		rc = read_key_agree(&set, to, err);
	else
		rc = forbidden(err, "kind of recipient is not acceptable");
	if (rc < 0)
		return -1;
	if (!set.failed && set.left > 0)
		return forbidden(err, "more than one recipient");
	der_leave(body, &set);
	return 0;
}

static int
read_content(struct der *body, struct sealed_fields *to, struct error *err)
{
	struct der content = der_enter(body, DER_SEQUENCE);
	struct der algorithm, parameters;
	struct der_item item;
	size_t nonce_len = 0;

	if (take_object(&content, DER_OID) != OBJECT_DATA)
		return malformed(err, "content type");
	algorithm = der_enter(&content, DER_SEQUENCE);
	if (take_object(&algorithm, DER_OID) != OBJECT_AES256_GCM)
		return forbidden(err, "content cipher is not AES-256-GCM");
	parameters = der_enter(&algorithm, DER_SEQUENCE);
	take_field(&parameters, DER_OCTET_STRING, to->nonce, sizeof(to->nonce),
	    &nonce_len);
	if (der_small(&parameters) != SEALED_TAG_LEN ||
	    nonce_len != SEALED_NONCE_LEN)
		return forbidden(err, "length of nonce or tag");
	der_leave(&algorithm, &parameters);
	der_leave(&content, &algorithm);
	item = der_take(&content, DER_CONTEXT);
	if (item.body_len > SEALED_PLAIN_MAX)
		return malformed(err, "content too long");
	to->ciphertext = item.body;
	to->ciphertext_len = item.body_len;
	der_leave(body, &content);
	return 0;
}

static int
read_body(struct der *body, struct sealed_fields *to, struct error *err)
{
	size_t tag_len = 0;

	if (der_small(body) != 0)
		return malformed(err, "version, or not DER");
	/*
	 * Certificates before the recipients and attributes after the content
	 * have no place in the profile: they fail as unexpected elements.
	 */
	if (read_recipient(body, to, err) < 0 ||
	    read_content(body, to, err) < 0)
		return -1;
	take_field(body, DER_OCTET_STRING, to->tag, sizeof(to->tag), &tag_len);
	if (!der_done(body) || tag_len != SEALED_TAG_LEN)
		return malformed(err, "not of the form of the profile");
	return 0;
}

int
sealed_parse(const void *der, size_t len, struct sealed_fields *ret_fields,
    struct error *err)
{
	struct sealed_fields fields = { 0 };
	struct der all = der_of(der, len);
	struct der info = der_enter(&all, DER_SEQUENCE);
	enum object type = take_object(&info, DER_OID);
	struct der wrapped, body;

	if (type == OBJECT_ENVELOPED_DATA)
		return forbidden(err, "EnvelopedData has no authentication");
	if (type != OBJECT_AUTH_ENVELOPED_DATA)
		return malformed(err, "not AuthEnvelopedData in DER");
	wrapped = der_enter(&info, DER_CONTEXT_CONSTRUCTED);
	body = der_enter(&wrapped, DER_SEQUENCE);
	if (read_body(&body, &fields, err) < 0)
		return -1;
	if (!der_leave(&wrapped, &body) || !der_leave(&info, &wrapped) ||
	    !der_leave(&all, &info) || !der_done(&all))
		return malformed(err, "bytes too many or too few");
	*ret_fields = fields;
	return 0;
}

static bool
unwrap_rsa(EVP_PKEY *pkey, const struct sealed_fields *fields,
    struct secret_key *ret_key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	uint8_t plain[SEALED_WRAPPED_MAX];
	size_t len = sizeof(plain);
	bool good = ctx != NULL && EVP_PKEY_decrypt_init(ctx) == 1 &&
	    sealed_set_oaep(ctx) &&
	    EVP_PKEY_decrypt(ctx, plain, &len, fields->wrapped,
		fields->wrapped_len) == 1 &&
	    len == SECRET_KEY_LEN;

	if (good)
		memcpy(ret_key->bytes, plain, SECRET_KEY_LEN);
	secret_wipe(plain, sizeof(plain));
	EVP_PKEY_CTX_free(ctx);
	return good;
}

/* The sender's point as a key; the library checks that it is on the curve. */
static EVP_PKEY *
peer_of(const struct sealed_fields *fields)
{
	char p256[] = "P-256";
	char p384[] = "P-384";
	uint8_t point[SEALED_POINT_MAX];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM params[3];

	memcpy(point, fields->point, sizeof(point));
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
	    fields->algorithm == SEALED_ECDH_P256 ? p256 : p384, 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
	    point, fields->point_len);
	params[2] = OSSL_PARAM_construct_end();
	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static bool
unwrap_ec(EVP_PKEY *pkey, const struct sealed_fields *fields,
    struct secret_key *ret_key)
{
	EVP_PKEY *peer = peer_of(fields);
	struct secret_key with = { 0 };
	bool good = peer != NULL && fields->wrapped_len == SEALED_WRAP_LEN &&
	    sealed_agree(pkey, peer, fields->ukm, fields->ukm_len, &with) &&
	    sealed_wrap_open(&with, fields->wrapped, ret_key);

	secret_wipe(&with, sizeof(with));
	EVP_PKEY_free(peer);
	return good;
}

/* By a key that is elsewhere: what it gives is checked as the fields are. */
static int
unwrap_elsewhere(const struct key *key, const struct sealed_fields *fields,
    struct secret_key *ret_key, struct error *err)
{
	void *ctx;
	const struct key_elsewhere *ways = key_ways(key, &ctx);
	size_t wanted = fields->algorithm == SEALED_RSA_OAEP ? SECRET_KEY_LEN
	    : fields->algorithm == SEALED_ECDH_P256          ? 32
							     : 48;
	uint8_t plain[SEALED_WRAPPED_MAX];
	struct secret_key with = { 0 };
	size_t len = 0;
	int rc;
	bool good;

	rc = fields->algorithm == SEALED_RSA_OAEP
	    ? ways->decrypt(ctx, fields->wrapped, fields->wrapped_len, plain,
		  sizeof(plain), &len, err)
	    : ways->agree(ctx, fields->point, fields->point_len, plain,
		  sizeof(plain), &len, err);
	if (rc < 0)
		return -1;
	good = len == wanted;
	if (good && fields->algorithm == SEALED_RSA_OAEP)
		memcpy(ret_key->bytes, plain, SECRET_KEY_LEN);
	else
		good = good && fields->wrapped_len == SEALED_WRAP_LEN &&
		    sealed_derive(plain, len, fields->ukm, fields->ukm_len,
			&with) &&
		    sealed_wrap_open(&with, fields->wrapped, ret_key);
	secret_wipe(plain, sizeof(plain));
	secret_wipe(&with, sizeof(with));
	return good ? 0 : unopened(err);
}

int
sealed_unwrap(const struct key *key, const struct sealed_fields *fields,
    struct secret_key *ret_key, struct error *err)
{
	static const enum cert_key kinds[] = {
		[SEALED_RSA_OAEP] = CERT_KEY_RSA,
		[SEALED_ECDH_P256] = CERT_KEY_P256,
		[SEALED_ECDH_P384] = CERT_KEY_P384,
	};
	void *ctx;
	bool good;

	/* The fields come from another process: nothing is taken for granted. */
	if ((size_t)fields->algorithm >= ARRAY_LEN(kinds) ||
	    kinds[fields->algorithm] != key_kind(key) ||
	    fields->wrapped_len > sizeof(fields->wrapped) ||
	    fields->point_len > sizeof(fields->point) ||
	    fields->ukm_len > sizeof(fields->ukm))
		return unopened(err);
	if (key_ways(key, &ctx) != NULL)
		return unwrap_elsewhere(key, fields, ret_key, err);
	good = fields->algorithm == SEALED_RSA_OAEP
	    ? unwrap_rsa(key_pkey(key), fields, ret_key)
	    : unwrap_ec(key_pkey(key), fields, ret_key);
	return good ? 0 : unopened(err);
}

int
sealed_open(const struct secret_key *key, const struct sealed_fields *fields,
    struct bytes *plain, struct error *err)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t out[SEALED_PLAIN_MAX];
	uint8_t tag[SEALED_TAG_LEN];
	int len = 0;
	int rest = 0;
	bool good;

	memcpy(tag, fields->tag, sizeof(tag));
	good = cipher != NULL && ctx != NULL &&
	    fields->ciphertext_len <= sizeof(out) &&
	    EVP_DecryptInit_ex2(ctx, cipher, key->bytes, fields->nonce, NULL) ==
		1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) ==
		1 &&
	    EVP_DecryptUpdate(ctx, out, &len, fields->ciphertext,
		(int)fields->ciphertext_len) == 1 &&
	    EVP_DecryptFinal_ex(ctx, out + len, &rest) == 1;
	if (good)
		bytes_put(plain, out, (size_t)len);
	secret_wipe(out, sizeof(out));
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return good ? bytes_failed(plain, err) : unopened(err);
}
