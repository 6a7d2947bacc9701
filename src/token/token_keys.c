#include "token/token_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/der.h"
#include "crypto/key.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "sys/clock.h"
#include "sys/helper.h"
#include "token/token_library.h"

enum {
	WORK_S = 10,    /* a card that signs; a PIN pad has no place here */
	PAUSE_MS = 100, /* the first one after a token was not there, */
	PAUSE_DOUBLINGS = 8, /* ... and how often it grows */
	COORDINATE_MAX = 48, /* of P-384 */
};

/* What every refusal names. */
struct token_name {
	char label[TOKEN_LABEL_SIZE];
	uint64_t again_us;  /* not asked before then; 0: at once */
	unsigned doublings; /* of the pause, since it was there */
};

struct token_keys {
	struct helper *helper;
	struct token_worker worker; /* of the copy; here without places */
	struct token_name names[TOKEN_KEYS_MAX];
	size_t count;
	uint32_t number; /* of the last question */
};

/* What struct key has of it. */
struct token_key {
	struct token_keys *keys; /* not ours */
	uint16_t at;
	enum cert_key kind;
	struct cert *cert;
};

/* ---- asking ------------------------------------------------------------------- */

static int
refuse(const struct token_name *name, const struct token_reply *reply,
    struct error *err)
{
	unsigned long code = reply->code;

	switch (reply->status) {
	case TOKEN_GOOD:
	case TOKEN_GONE:
		break;
	case TOKEN_PIN:
		return error_set_id(err, "E3732", ERROR_DENIED,
		    "token %s refuses its PIN (CKR 0x%lx)", name->label, code);
	case TOKEN_MISSING:
		return error_set_id(err, "E3733", ERROR_NOT_FOUND,
		    "token %s has not one such key with a certificate, or its "
		    "library cannot be loaded",
		    name->label);
	case TOKEN_REFUSED:
	case TOKEN_STATUS_COUNT:
		return error_set_id(err, "E3734", ERROR_SYSTEM,
		    "token %s does not do this (CKR 0x%lx)", name->label, code);
	}
	return error_set_id(err, "E3731", ERROR_BUSY,
	    "token %s is not there (CKR 0x%lx)", name->label, code);
}

/* A token that is not there is asked again after a growing pause. */
static void
note_gone(struct token_name *name)
{
	uint64_t pause_ms = (uint64_t)PAUSE_MS << name->doublings;

	if (name->doublings < PAUSE_DOUBLINGS)
		name->doublings++;
	name->again_us = clock_steady_us() + pause_ms * 1000;
}

static int
ask_once(struct token_keys *keys, const struct token_request *request,
    struct bytes *answer, struct token_reply *ret_reply, struct error *err)
{
	struct bytes message = { 0 };
	int rc = -1;

	token_request_put(request, &message);
	if (bytes_failed(&message, err) == 0 &&
	    helper_ask(keys->helper, message.data, message.len, answer, err) ==
		0)
		rc =
		    token_reply_read(answer->data, answer->len, ret_reply, err);
	bytes_free(&message);
	if (rc == 0 && ret_reply->number != request->number)
		return error_set(err, ERROR_BUSY,
		    "the answer to another question");
	return rc;
}

/* The output is borrowed from `answer`. */
static int
ask(struct token_keys *keys, enum token_op op, uint16_t at, const void *input,
    size_t len, struct bytes *answer, struct token_reply *ret_reply,
    struct error *err)
{
	struct token_name *name = &keys->names[at];
	const struct token_request request = { .number = ++keys->number,
		.op = op,
		.key = at,
		.input = input,
		.input_len = len };
	struct token_reply gone = { .status = TOKEN_GONE };
	struct error why = { 0 };

	if (len > TOKEN_INPUT_MAX)
		return error_set(err, ERROR_MALFORMED,
		    "too long for a key in a token");
	if (name->again_us > clock_steady_us())
		return refuse(name, &gone, err);
	if (ask_once(keys, &request, answer, ret_reply, &why) < 0) {
		note_gone(name);
		return error_set_id(err, "E3731", ERROR_BUSY,
		    "token %s does not answer: %s", name->label, why.text);
	}
	if (ret_reply->status == TOKEN_GONE)
		note_gone(name);
	else
		name->doublings = 0;
	return ret_reply->status == TOKEN_GOOD ? 0
					       : refuse(name, ret_reply, err);
}

/* ---- signing -------------------------------------------------------------------- */

/* DigestInfo of SHA-256 (RFC 8017 9.2, note 1), before the digest. */
static const uint8_t digest_info[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
	0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
	0x20 };

/* What the mechanism of the key takes. */
static void
put_input(const struct token_key *key, const void *data, size_t len,
    struct bytes *to)
{
	struct digest digest;

	if (key->kind == CERT_KEY_ED25519) {
		bytes_put(to, data, len);
		return;
	}
	sha256(data, len, &digest);
	if (key->kind == CERT_KEY_RSA)
		bytes_put(to, digest_info, sizeof(digest_info));
	bytes_put(to, digest.bytes, DIGEST_LEN);
}

/* An unsigned number of fixed length as an INTEGER. */
static void
put_integer(struct bytes *to, const uint8_t *number, size_t len)
{
	uint8_t with_sign[COORDINATE_MAX + 1] = { 0 };

	while (len > 1 && number[0] == 0) {
		number++;
		len--;
	}
	memcpy(with_sign + 1, number, len);
	if ((number[0] & 0x80) != 0)
		der_put(to, DER_INTEGER, with_sign, len + 1);
	else
		der_put(to, DER_INTEGER, number, len);
}

/* A token gives r and s of ECDSA one behind the other; false if it did not. */
static bool
put_signature(const struct token_key *key, const struct token_reply *reply,
    struct bytes *to)
{
	size_t half = key->kind == CERT_KEY_P384 ? 48 : 32;
	size_t sequence;

	if (key->kind != CERT_KEY_P256 && key->kind != CERT_KEY_P384) {
		bytes_put(to, reply->output, reply->output_len);
		return reply->output_len <= KEY_SIGNATURE_MAX;
	}
	if (reply->output_len != 2 * half)
		return false;
	sequence = der_begin(to, DER_SEQUENCE);
	put_integer(to, reply->output, half);
	put_integer(to, reply->output + half, half);
	der_end(to, sequence);
	return true;
}

static int
does_wrong(const struct token_key *key, struct error *err)
{
	return error_set_id(err, "E3734", ERROR_SYSTEM,
	    "token %s: what it made does not hold",
	    key->keys->names[key->at].label);
}

static int
sign(void *ctx, const void *data, size_t len, struct bytes *signature,
    struct error *err)
{
	struct token_key *key = ctx;
	struct bytes input = { 0 };
	struct bytes answer = { 0 };
	struct bytes made = { 0 };
	struct token_reply reply;
	struct error why = { 0 };
	int rc = -1;

	put_input(key, data, len, &input);
	if (bytes_failed(&input, err) < 0 ||
	    ask(key->keys, TOKEN_SIGN, key->at, input.data, input.len, &answer,
		&reply, err) < 0)
		goto done;
	if (!put_signature(key, &reply, &made)) {
		does_wrong(key, err);
		goto done;
	}
	if (bytes_failed(&made, err) < 0)
		goto done;
	if (key_verify(key->cert, KEY_SCHEME_PLAIN, data, len, made.data,
		made.len, &why) < 0) {
		does_wrong(key, err);
		goto done;
	}
	bytes_put(signature, made.data, made.len);
	rc = bytes_failed(signature, err);
done:
	bytes_free(&input);
	bytes_free(&answer);
	bytes_free(&made);
	return rc;
}

/* ---- opening -------------------------------------------------------------------- */

static int
take_secret(struct token_key *key, enum token_op op, const void *input,
    size_t len, uint8_t *to, size_t size, size_t *ret_len, struct error *err)
{
	struct bytes answer = { 0 };
	struct token_reply reply;
	int rc = ask(key->keys, op, key->at, input, len, &answer, &reply, err);

	if (rc == 0 && reply.output_len > size)
		rc = does_wrong(key, err);
	if (rc == 0) {
		memcpy(to, reply.output, reply.output_len);
		*ret_len = reply.output_len;
	}
	bytes_wipe(&answer);
	return rc;
}

static int
decrypt(void *ctx, const void *wrapped, size_t len, uint8_t *to, size_t size,
    size_t *ret_len, struct error *err)
{
	return take_secret(ctx, TOKEN_DECRYPT, wrapped, len, to, size, ret_len,
	    err);
}

static int
agree(void *ctx, const void *point, size_t len, uint8_t *to, size_t size,
    size_t *ret_len, struct error *err)
{
	return take_secret(ctx, TOKEN_DERIVE, point, len, to, size, ret_len,
	    err);
}

static void
release(void *ctx)
{
	struct token_key *key = ctx;

	cert_free(key->cert);
	free(key);
}

static const struct key_elsewhere ways = { sign, decrypt, agree, release };

/* ---- life ----------------------------------------------------------------------- */

int
token_keys_start(struct token_place *places, size_t count, const char *user,
    struct token_keys **ret_keys, struct error *err)
{
	struct token_keys *keys = calloc(1, sizeof(*keys));
	int rc;

	if (keys == NULL || count > TOKEN_KEYS_MAX) {
		free(keys);
		return keys == NULL ? error_set_memory(err)
				    : error_set(err, ERROR_MALFORMED,
					  "more than %d keys", TOKEN_KEYS_MAX);
	}
	keys->count = count;
	for (size_t i = 0; i < count; i++)
		text_copy(keys->names[i].label, sizeof(keys->names[i].label),
		    places[i].uri.token[0] != '\0' ? places[i].uri.token
						   : places[i].uri.serial);
	keys->worker.places = places;
	keys->worker.count = count;
	rc = helper_start(user, WORK_S, token_work, &keys->worker,
	    &keys->helper, err);
	keys->worker.places = NULL;
	for (size_t i = 0; i < count; i++)
		secret_wipe(places[i].pin, sizeof(places[i].pin));
	if (rc < 0) {
		free(keys);
		return -1;
	}
	*ret_keys = keys;
	return 0;
}

void
token_keys_stop(struct token_keys *keys)
{
	if (keys == NULL)
		return;
	helper_stop(keys->helper);
	free(keys);
}

static int
read_cert(const struct token_name *name, const struct token_reply *reply,
    struct cert **ret_cert, struct error *err)
{
	struct error why = { 0 };

	if (cert_parse(reply->output, reply->output_len, ret_cert, &why) == 0)
		return 0;
	return error_set_id(err, "E3733", ERROR_NOT_FOUND,
	    "token %s: the certificate beside the key: %s", name->label,
	    why.text);
}

/* `cert` is parsed twice, for each has an owner. */
static int
make_key(struct token_keys *keys, uint16_t at, const struct cert *cert,
    struct key **ret_key, struct error *err)
{
	struct token_key *key = calloc(1, sizeof(*key));
	const uint8_t *der;
	size_t len;

	if (key == NULL)
		return error_set_memory(err);
	key->keys = keys;
	key->at = at;
	key->kind = cert_info(cert)->key;
	der = cert_der(cert, &len);
	if (cert_parse(der, len, &key->cert, err) < 0) {
		free(key);
		return -1;
	}
	return key_elsewhere(key->cert, &ways, key, ret_key, err);
}

int
token_look(const char *uri, struct cert **ret_cert, struct error *err)
{
	struct token_place place = { .pin = "" };
	struct token_keys *keys = NULL;
	struct bytes answer = { 0 };
	struct token_reply reply;
	int rc = -1;

	if (token_uri_parse(uri, &place.uri, err) < 0 ||
	    token_keys_start(&place, 1, "", &keys, err) < 0)
		return -1;
	if (ask(keys, TOKEN_LOOK, 0, NULL, 0, &answer, &reply, err) == 0)
		rc = read_cert(&keys->names[0], &reply, ret_cert, err);
	bytes_free(&answer);
	token_keys_stop(keys);
	return rc;
}

int
token_keys_open(struct token_keys *keys, size_t at, struct key **ret_key,
    struct cert **ret_cert, struct error *err)
{
	struct bytes answer = { 0 };
	struct cert *cert = NULL;
	struct token_reply reply;
	int rc = -1;

	if (ask(keys, TOKEN_OPEN, (uint16_t)at, NULL, 0, &answer, &reply,
		err) == 0 &&
	    read_cert(&keys->names[at], &reply, &cert, err) == 0)
		rc = make_key(keys, (uint16_t)at, cert, ret_key, err);
	bytes_free(&answer);
	if (rc < 0)
		cert_free(cert);
	else
		*ret_cert = cert;
	return rc;
}
