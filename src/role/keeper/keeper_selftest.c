#include "role/keeper/keeper_selftest.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "crypto/sealed.h"
#include "crypto/secret.h"
#include "role/keeper/keeper_keys.h"

static const char known_text[] = "known answer";
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
	for (size_t i = 0; i < keys->count; i++) {
		const struct keeper_key *key = &keys->items[i];
		int rc = key->use == KEEPER_USE_SEAL ? test_sealing(key, err)
						     : test_signing(key, err);

		if (rc < 0)
			return failed(key->name, err);
	}
	return 0;
}
