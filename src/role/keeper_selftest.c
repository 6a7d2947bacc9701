#include "role/keeper_selftest.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "crypto/sealed.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "crypto/stream.h"
#include "role/keeper_keys.h"

static const char known_text[] = "known answer";
static const char known_aad[] = "yizhan-known-answer";

/* Of `known_text`: key 00..1f, salt 20..3f, nonce prefix 40..46. */
static const char known_stream[] =
    "28202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
    "4041424344454672a030e733e922a04c7f8074a8cbf8d2e00a21c79ad21014577d293f";

/* FIPS 180-4, the digest of "abc". */
static const char known_digest[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static int
test_sha256(struct error *err)
{
	struct digest digest;
	char text[DIGEST_TEXT_SIZE];

	sha256("abc", 3, &digest);
	digest_format(&digest, text);
	if (!text_equal(text, known_digest))
		return error_set(err, ERROR_SYSTEM, "SHA-256 is wrong");
	return 0;
}

static int
put_plain(void *context, const uint8_t *data, size_t len, struct error *err)
{
	struct bytes *plain = context;

	bytes_put(plain, data, len);
	return bytes_failed(plain, err);
}

static int
decrypt_known(struct stream *stream, const uint8_t *data, size_t len,
    struct bytes *plain, struct error *err)
{
	struct secret_key key;

	for (size_t i = 0; i < sizeof(key.bytes); i++)
		key.bytes[i] = (uint8_t)i;
	if (stream_begin_decrypt(stream, &key, known_aad, sizeof(known_aad) - 1,
		put_plain, plain, err) < 0 ||
	    stream_push(stream, data, len, err) < 0)
		return -1;
	return stream_finish(stream, err);
}

/* The right answer must come, and a wrong tag must be seen. */
static int
test_aes_gcm(struct error *err)
{
	uint8_t data[(sizeof(known_stream) - 1) / 2];
	struct stream *stream = NULL;
	struct error expected = { 0 };
	struct bytes plain = { 0 };
	int rc = -1;

	if (stream_new(NULL, &stream, err) < 0)
		return -1;
	if (!hex_parse(known_stream, data, sizeof(data)) ||
	    decrypt_known(stream, data, sizeof(data), &plain, err) < 0 ||
	    plain.len != sizeof(known_text) - 1 ||
	    memcmp(plain.data, known_text, plain.len) != 0) {
		error_set(err, ERROR_SYSTEM, "AES-256-GCM is wrong");
		goto done;
	}
	data[sizeof(data) - 1] ^= 1;
	if (decrypt_known(stream, data, sizeof(data), &plain, &expected) == 0) {
		error_set(err, ERROR_SYSTEM, "AES-256-GCM takes a wrong tag");
		goto done;
	}
	rc = 0;
done:
	bytes_free(&plain);
	stream_free(stream);
	return rc;
}

static int
test_signing(const struct keeper_key *key, struct error *err)
{
	struct bytes signature = { 0 };
	struct error expected = { 0 };
	int rc = -1;

	if (key_sign(key->key, known_text, sizeof(known_text), &signature,
		err) < 0 ||
	    key_verify(key->cert, KEY_SCHEME_PLAIN, known_text,
		sizeof(known_text), signature.data, signature.len, err) < 0)
		goto done;
	if (key_verify(key->cert, KEY_SCHEME_PLAIN, known_text,
		sizeof(known_text) - 1, signature.data, signature.len,
		&expected) == 0) {
		error_set(err, ERROR_SYSTEM,
		    "its signature holds for other data");
		goto done;
	}
	rc = 0;
done:
	bytes_free(&signature);
	return rc;
}

static int
test_sealing(const struct keeper_key *key, struct error *err)
{
	struct sealed_fields fields;
	struct secret_key secret = { { 0 } };
	struct bytes sealed = { 0 };
	struct bytes plain = { 0 };
	int rc = -1;

	if (sealed_make(key->cert, known_text, sizeof(known_text), &sealed,
		err) < 0 ||
	    sealed_parse(sealed.data, sealed.len, &fields, err) < 0 ||
	    sealed_unwrap(key->key, &fields, &secret, err) < 0 ||
	    sealed_open(&secret, &fields, &plain, err) < 0)
		goto done;
	if (plain.len != sizeof(known_text) ||
	    memcmp(plain.data, known_text, plain.len) != 0) {
		error_set(err, ERROR_SYSTEM, "it opens something else");
		goto done;
	}
	rc = 0;
done:
	secret_wipe(&secret, sizeof(secret));
	bytes_free(&sealed);
	bytes_free(&plain);
	return rc;
}

static int
failed(const char *what, struct error *err)
{
	struct error cause = *err;

	return error_set_id(err, "E3309", ERROR_SYSTEM,
	    "self-test of the crypto module: %s: %s", what, cause.text);
}

int
keeper_selftest(const struct keeper_keys *keys, struct error *err)
{
	if (test_sha256(err) < 0 || test_aes_gcm(err) < 0)
		return failed("known answers", err);
	for (size_t i = 0; i < keys->count; i++) {
		const struct keeper_key *key = &keys->items[i];
		int rc = key->use == KEEPER_USE_SEAL ? test_sealing(key, err)
						     : test_signing(key, err);

		if (rc < 0)
			return failed(key->name, err);
	}
	return 0;
}
