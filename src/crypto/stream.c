#include "crypto/stream.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "base/error.h"
#include "crypto/random.h"

enum {
	SALT_LEN = 32,
	PREFIX_LEN = 7,
	NONCE_LEN = 12,
	AAD_MAX = 64,
};

enum mode { IDLE, ENCRYPT, DECRYPT };

/*
 * While in use:
 * 1. `buffer` holds the input of segment number `segment`, `filled` bytes;
 * 2. a full buffer waits for more input or the end, since only then it is
 *    known whether it is the last.
 */
struct stream {
	EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *ctx;
	EVP_KDF *kdf;
	uint8_t *buffer;
	bool owns_buffer;
	enum mode mode;
	stream_sink_fn sink;
	void *context; /* not ours */
	uint8_t header[STREAM_HEADER_LEN];
	size_t header_filled;
	struct secret_key key; /* until the salt is known */
	uint8_t aad[AAD_MAX];
	size_t aad_len;
	uint32_t segment;
	size_t filled;
};

int
stream_new(uint8_t *buffer, struct stream **ret_stream, struct error *err)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (stream == NULL)
		return error_set_memory(err);
	stream->owns_buffer = buffer == NULL;
	stream->buffer = buffer != NULL ? buffer : malloc(STREAM_BUFFER_LEN);
	stream->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	stream->ctx = EVP_CIPHER_CTX_new();
	stream->kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	if (stream->buffer == NULL || stream->cipher == NULL ||
	    stream->ctx == NULL || stream->kdf == NULL) {
		stream_free(stream);
		return error_set_memory(err);
	}
	*ret_stream = stream;
	return 0;
}

void
stream_free(struct stream *stream)
{
	if (stream == NULL)
		return;
	secret_wipe(&stream->key, sizeof(stream->key));
	if (stream->owns_buffer)
		free(stream->buffer);
	EVP_CIPHER_CTX_free(stream->ctx);
	EVP_CIPHER_free(stream->cipher);
	EVP_KDF_free(stream->kdf);
	free(stream);
}

/* Bytes of plain text that segment number `segment` takes. */
static size_t
plain_room(uint32_t segment)
{
	size_t room = STREAM_SEGMENT_LEN - STREAM_TAG_LEN;

	return segment == 0 ? room - STREAM_HEADER_LEN : room;
}

uint64_t
stream_length(uint64_t plain_len)
{
	uint64_t segments = 1;

	if (plain_len > plain_room(0))
		segments += (plain_len - plain_room(0) + plain_room(1) - 1) /
		    plain_room(1);
	return STREAM_HEADER_LEN + plain_len + segments * STREAM_TAG_LEN;
}

static int
fail(struct stream *stream, struct error *err, const char *what)
{
	stream->mode = IDLE;
	return error_set(err, ERROR_SYSTEM, "content part: %s", what);
}

static int
refuse(struct stream *stream, struct error *err, const char *what)
{
	stream->mode = IDLE;
	ERR_clear_error();
	return error_set_id(err, "E3030", ERROR_UNTRUSTED, "content part: %s",
	    what);
}

/* HKDF-SHA256(key, salt of the header, associated data). */
static bool
derive(struct stream *stream, uint8_t to[SECRET_KEY_LEN])
{
	char digest[] = "SHA256";
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(stream->kdf);
	OSSL_PARAM params[5];
	bool good;

	params[0] =
	    OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
	    stream->key.bytes, SECRET_KEY_LEN);
	params[2] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT,
	    stream->header + 1, SALT_LEN);
	params[3] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
	    stream->aad, stream->aad_len);
	params[4] = OSSL_PARAM_construct_end();
	good =
	    ctx != NULL && EVP_KDF_derive(ctx, to, SECRET_KEY_LEN, params) == 1;
	EVP_KDF_CTX_free(ctx);
	return good;
}

/* Load the key of this stream into the cipher. */
static int
start_cipher(struct stream *stream, struct error *err)
{
	uint8_t key[SECRET_KEY_LEN];
	bool good = derive(stream, key) &&
	    EVP_CipherInit_ex2(stream->ctx, stream->cipher, key, NULL,
		stream->mode == ENCRYPT, NULL) == 1;

	secret_wipe(key, sizeof(key));
	secret_wipe(&stream->key, sizeof(stream->key));
	return good ? 0 : fail(stream, err, "key derivation failed");
}

static int
begin(struct stream *stream, enum mode mode, const struct secret_key *key,
    const void *aad, size_t aad_len, stream_sink_fn sink, void *context,
    struct error *err)
{
	if (aad_len > AAD_MAX)
		return fail(stream, err, "associated data too long");
	EVP_CIPHER_CTX_reset(stream->ctx);
	stream->mode = mode;
	stream->key = *key;
	memcpy(stream->aad, aad, aad_len);
	stream->aad_len = aad_len;
	stream->sink = sink;
	stream->context = context;
	stream->header_filled = 0;
	stream->segment = 0;
	stream->filled = 0;
	return 0;
}

int
stream_begin_encrypt(struct stream *stream, const struct secret_key *key,
    const void *aad, size_t aad_len, stream_sink_fn sink, void *context,
    struct error *err)
{
	if (begin(stream, ENCRYPT, key, aad, aad_len, sink, context, err) < 0)
		return -1;
	stream->header[0] = STREAM_HEADER_LEN;
	if (random_fill(stream->header + 1, SALT_LEN + PREFIX_LEN, err) < 0 ||
	    start_cipher(stream, err) < 0 ||
	    sink(context, stream->header, STREAM_HEADER_LEN, err) < 0) {
		stream->mode = IDLE;
		return -1;
	}
	stream->header_filled = STREAM_HEADER_LEN;
	return 0;
}

int
stream_begin_decrypt(struct stream *stream, const struct secret_key *key,
    const void *aad, size_t aad_len, stream_sink_fn sink, void *context,
    struct error *err)
{
	return begin(stream, DECRYPT, key, aad, aad_len, sink, context, err);
}

static bool
set_nonce(struct stream *stream, bool last)
{
	uint8_t nonce[NONCE_LEN];

	memcpy(nonce, stream->header + 1 + SALT_LEN, PREFIX_LEN);
	for (size_t i = 0; i < 4; i++)
		nonce[PREFIX_LEN + i] =
		    (uint8_t)(stream->segment >> (24 - 8 * i));
	nonce[NONCE_LEN - 1] = last;
	return EVP_CipherInit_ex2(stream->ctx, NULL, NULL, nonce,
		   stream->mode == ENCRYPT, NULL) == 1;
}

static int
encrypt_segment(struct stream *stream, bool last, struct error *err)
{
	uint8_t *buffer = stream->buffer;
	int len = 0;
	int rest = 0;

	if (!set_nonce(stream, last) ||
	    EVP_EncryptUpdate(stream->ctx, buffer, &len, buffer,
		(int)stream->filled) != 1 ||
	    EVP_EncryptFinal_ex(stream->ctx, buffer + len, &rest) != 1 ||
	    EVP_CIPHER_CTX_ctrl(stream->ctx, EVP_CTRL_AEAD_GET_TAG,
		STREAM_TAG_LEN, buffer + stream->filled) != 1)
		return fail(stream, err, "encryption failed");
	return stream->sink(stream->context, buffer,
	    stream->filled + STREAM_TAG_LEN, err);
}

static int
decrypt_segment(struct stream *stream, bool last, struct error *err)
{
	uint8_t *buffer = stream->buffer;
	size_t plain_len;
	int len = 0;
	int rest = 0;

	/* Only an empty package has an empty segment. */
	if (stream->filled < STREAM_TAG_LEN ||
	    (stream->filled == STREAM_TAG_LEN && stream->segment > 0))
		return refuse(stream, err, "cut short");
	plain_len = stream->filled - STREAM_TAG_LEN;
	if (!set_nonce(stream, last) ||
	    EVP_CIPHER_CTX_ctrl(stream->ctx, EVP_CTRL_AEAD_SET_TAG,
		STREAM_TAG_LEN, buffer + plain_len) != 1)
		return fail(stream, err, "decryption failed");
	if (EVP_DecryptUpdate(stream->ctx, buffer, &len, buffer,
		(int)plain_len) != 1 ||
	    EVP_DecryptFinal_ex(stream->ctx, buffer + len, &rest) != 1) {
		secret_wipe(buffer, plain_len);
		return refuse(stream, err,
		    "altered, cut, or for another waybill");
	}
	return plain_len == 0
	    ? 0
	    : stream->sink(stream->context, buffer, plain_len, err);
}

/* Put the segment in the buffer through and begin the next one. */
static int
end_segment(struct stream *stream, bool last, struct error *err)
{
	int rc = stream->mode == ENCRYPT ? encrypt_segment(stream, last, err)
					 : decrypt_segment(stream, last, err);

	if (rc == 0 && !last && stream->segment == UINT32_MAX)
		rc = refuse(stream, err, "too long");
	stream->filled = 0;
	stream->segment++;
	if (rc < 0)
		stream->mode = IDLE;
	return rc;
}

/* Take what of `data` belongs to the header; returns how much. */
static int
take_header(struct stream *stream, const uint8_t *data, size_t len,
    size_t *ret_taken, struct error *err)
{
	size_t room = STREAM_HEADER_LEN - stream->header_filled;

	*ret_taken = len < room ? len : room;
	memcpy(stream->header + stream->header_filled, data, *ret_taken);
	stream->header_filled += *ret_taken;
	if (*ret_taken == 0 || stream->header_filled < STREAM_HEADER_LEN)
		return 0;
	if (stream->header[0] != STREAM_HEADER_LEN)
		return refuse(stream, err, "unknown header");
	return start_cipher(stream, err);
}

int
stream_push(struct stream *stream, const void *data, size_t len,
    struct error *err)
{
	const uint8_t *at = data;
	size_t taken = 0;

	if (stream->mode == IDLE)
		return fail(stream, err, "not begun, or failed before");
	if (len == 0)
		return 0;
	if (take_header(stream, at, len, &taken, err) < 0)
		return -1;
	for (at += taken, len -= taken; len > 0; at += taken, len -= taken) {
		size_t room = plain_room(stream->segment);

		if (stream->mode == DECRYPT)
			room += STREAM_TAG_LEN;
		if (stream->filled == room) {
			if (end_segment(stream, false, err) < 0)
				return -1;
			taken = 0;
			continue;
		}
		room -= stream->filled;
		taken = len < room ? len : room;
		memcpy(stream->buffer + stream->filled, at, taken);
		stream->filled += taken;
	}
	return 0;
}

int
stream_finish(struct stream *stream, struct error *err)
{
	int rc;

	if (stream->mode == IDLE)
		return fail(stream, err, "not begun, or failed before");
	if (stream->header_filled < STREAM_HEADER_LEN)
		return refuse(stream, err, "cut short");
	rc = end_segment(stream, true, err);
	stream->mode = IDLE;
	return rc;
}
