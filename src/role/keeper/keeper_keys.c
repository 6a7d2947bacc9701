#include "role/keeper/keeper_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "crypto/secret.h"
#include "role/keeper/keeper_file.h"
#include "service/config.h"
#include "token/token_keys.h"
#include "token/token_library.h"

enum { KEY_FILE_MAX = 65536 };

/* What the listener shows and the courier uses is not of the module. */
static const char *const tls_names[] = { "tls", "web" };

static const char key_mark[] = "-----BEGIN PRIVATE KEY-----";
static const char cert_mark[] = "-----BEGIN CERTIFICATE-----";

/* Text from such a mark to the end of its END line. */
struct block {
	const char *text;
	size_t len;
};

/* The first block that begins so, at or behind `text`; false without one. */
static bool
find_block(const char *text, const char *mark, struct block *ret_block)
{
	const char *begin = strstr(text, mark);
	const char *end;

	if (begin == NULL)
		return false;
	end = strstr(begin, "-----END ");
	end = end != NULL ? strchr(end, '\n') : NULL;
	if (end == NULL)
		return false;
	ret_block->text = begin;
	ret_block->len = (size_t)(end + 1 - begin);
	return true;
}

/* `pem` ends with a NUL. */
static int
parse_pem(const char *pem, struct keeper_key *key, struct error *err)
{
	struct block private_key;
	struct block certificate;
	struct block second;

	if (!find_block(pem, key_mark, &private_key) ||
	    !find_block(pem, cert_mark, &certificate))
		return error_set(err, ERROR_MALFORMED,
		    "not a PEM file with a PRIVATE KEY and a CERTIFICATE");
	if (find_block(private_key.text + private_key.len, key_mark, &second) ||
	    find_block(certificate.text + certificate.len, cert_mark, &second))
		return error_set(err, ERROR_MALFORMED,
		    "more than one key or certificate in the file");
	if (key_parse(private_key.text, private_key.len, &key->key, err) < 0 ||
	    cert_parse_pem(certificate.text, certificate.len, &key->cert, err) <
		0)
		return -1;
	return 0;
}

/* What holds for every key, and what for this use. */
static int
check_key(const struct keeper_key *key, struct error *err)
{
	const struct cert_info *info = cert_info(key->cert);

	if (cert_check_policy(key->cert, err) < 0)
		return -1;
	if (!key_matches(key->key, key->cert))
		return error_set(err, ERROR_UNTRUSTED,
		    "the certificate is not that of the private key");
	if ((key->use == KEEPER_USE_LOG || key->use == KEEPER_USE_WITNESS) &&
	    info->key != CERT_KEY_ED25519)
		return error_set(err, ERROR_UNTRUSTED,
		    "the keys log and witness must be Ed25519");
	if (key->use == KEEPER_USE_SEAL &&
	    (info->key == CERT_KEY_ED25519 || info->key_id_len == 0))
		return error_set(err, ERROR_UNTRUSTED,
		    "a seal key must be RSA or EC and its certificate have a "
		    "key identifier");
	return 0;
}

/* Give a failure the id that people look up; its text stays. */
static int
give_id(struct error *err, const char *id, enum error_code code)
{
	struct error cause = *err;

	return error_set_id(err, id, code, "%s", cause.text);
}

static bool
is_in_token(const struct config_key *from)
{
	return text_starts(from->source, "pkcs11:");
}

/* Of a key in a token nothing but its name; open_in_tokens() does the rest. */
static int
read_key(const struct config_key *from, struct keeper_key *key,
    struct error *err)
{
	struct bytes pem = { 0 };
	int rc = -1;

	key->use = keeper_policy_use(from->name);
	if (key->use == KEEPER_USE_NONE ||
	    !text_copy(key->name, sizeof(key->name), from->name))
		return error_set_id(err, "E3302", ERROR_MALFORMED,
		    "key.%s: no key has this name", from->name);
	if (is_in_token(from))
		return 0;
	if (!text_starts(from->source, "file:/"))
		return error_set_id(err, "E3303", ERROR_MALFORMED,
		    "key.%s: the source must be file: and a whole path",
		    from->name);
	if (keeper_file_read(from->source + 5, KEY_FILE_MAX, &pem, err) < 0)
		goto done;
	bytes_put_u8(&pem, '\0');
	if (bytes_failed(&pem, err) < 0)
		goto done;
	if (parse_pem((const char *)pem.data, key, err) < 0) {
		give_id(err, "E3303", ERROR_MALFORMED);
		goto done;
	}
	if (check_key(key, err) < 0) {
		give_id(err, "E3306", ERROR_UNTRUSTED);
		goto done;
	}
	rc = 0;
done:
	if (rc < 0)
		error_prefix(err, "key.%s", from->name);
	bytes_wipe(&pem);
	return rc;
}

/* The keeper is asked by identifier, so it must name one key. */
static int
check_identifiers(const struct keeper_keys *keys, struct error *err)
{
	for (size_t i = 0; i < keys->count; i++) {
		const struct keeper_key *key = &keys->items[i];
		const struct cert_info *info = cert_info(key->cert);

		if (key->use != KEEPER_USE_SEAL)
			continue;
		if (keeper_keys_find_seal(keys, info->key_id,
			info->key_id_len) != key)
			return error_set_id(err, "E3308", ERROR_EXISTS,
			    "key.%s has the key identifier of another one",
			    key->name);
	}
	return 0;
}

/* ---- in tokens ----------------------------------------------------------- */

static bool
is_ours(const struct config_key *from)
{
	return text_find(tls_names, ARRAY_LEN(tls_names), from->name) < 0;
}

static int
read_places(const struct config *config, struct token_place *places,
    size_t *ret_count, struct error *err)
{
	size_t count = 0;

	for (size_t i = 0; i < config->key_count; i++) {
		const struct config_key *from = &config->keys[i];

		if (!is_ours(from) || !is_in_token(from))
			continue;
		/* It signs by what only a key in memory can do. */
		if (text_equal(from->name, "issuer"))
			return error_set_id(err, "E3305", ERROR_DENIED,
			    "key.%s", from->name);
		if (count == TOKEN_KEYS_MAX)
			return error_set_id(err, "E3730", ERROR_MALFORMED,
			    "more than %d keys in tokens", TOKEN_KEYS_MAX);
		if (token_place_read(from->source, &places[count++], err) < 0)
			return error_prefix(err, "key.%s", from->name);
	}
	*ret_count = count;
	return 0;
}

/* Before any key is read: the copy is to have none of them. */
static int
start_tokens(const struct config *config, struct keeper_keys *keys,
    struct error *err)
{
	struct token_place *places = calloc(TOKEN_KEYS_MAX, sizeof(*places));
	size_t count = 0;
	int rc;

	if (places == NULL)
		return error_set_memory(err);
	rc = read_places(config, places, &count, err);
	if (rc == 0 && count > 0)
		rc = token_keys_start(places, count, config->host.user,
		    &keys->tokens, err);
	secret_wipe(places, TOKEN_KEYS_MAX * sizeof(*places));
	free(places);
	return rc;
}

static int
open_in_token(struct keeper_keys *keys, struct keeper_key *key, size_t place,
    struct error *err)
{
	struct error why = { 0 };

	if (token_keys_open(keys->tokens, place, &key->key, &key->cert, &why) ==
	    0) {
		if (check_key(key, err) == 0)
			return 0;
		give_id(err, "E3306", ERROR_UNTRUSTED);
		return error_prefix(err, "key.%s", key->name);
	}
	error_prefix(&why, "key.%s", key->name);
	if (keys->failure.code == ERROR_NONE)
		keys->failure = why;
	return 0;
}

/* Those that cannot be opened are left out. */
static int
open_in_tokens(struct keeper_keys *keys, struct error *err)
{
	size_t place = 0;
	size_t kept = 0;

	for (size_t i = 0; i < keys->count; i++) {
		struct keeper_key *key = &keys->items[i];

		if (key->key == NULL &&
		    open_in_token(keys, key, place++, err) < 0)
			return -1;
		if (key->key != NULL)
			keys->items[kept++] = *key;
	}
	keys->count = kept;
	return 0;
}

int
keeper_keys_load(const struct config *config, struct keeper_keys *ret_keys,
    struct error *err)
{
	*ret_keys = (struct keeper_keys){ 0 };
	if (config->key_count == 0)
		return 0;
	ret_keys->items = calloc(config->key_count, sizeof(*ret_keys->items));
	if (ret_keys->items == NULL)
		return error_set_memory(err);
	if (start_tokens(config, ret_keys, err) < 0)
		return -1;
	for (size_t i = 0; i < config->key_count; i++) {
		if (!is_ours(&config->keys[i]))
			continue;
		ret_keys->count++;
		if (read_key(&config->keys[i],
			&ret_keys->items[ret_keys->count - 1], err) < 0)
			return -1;
	}
	if (open_in_tokens(ret_keys, err) < 0)
		return -1;
	return check_identifiers(ret_keys, err);
}

void
keeper_keys_free(struct keeper_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++) {
		key_free(keys->items[i].key);
		cert_free(keys->items[i].cert);
	}
	free(keys->items);
	token_keys_stop(keys->tokens);
	*keys = (struct keeper_keys){ 0 };
}

struct keeper_key *
keeper_keys_find(const struct keeper_keys *keys, const char *name)
{
	for (size_t i = 0; i < keys->count; i++)
		if (text_equal(keys->items[i].name, name))
			return &keys->items[i];
	return NULL;
}

struct keeper_key *
keeper_keys_find_seal(const struct keeper_keys *keys, const uint8_t *key_id,
    size_t key_id_len)
{
	for (size_t i = 0; i < keys->count; i++) {
		const struct cert_info *info = cert_info(keys->items[i].cert);

		if (keys->items[i].use == KEEPER_USE_SEAL &&
		    info->key_id_len == key_id_len &&
		    memcmp(info->key_id, key_id, key_id_len) == 0)
			return &keys->items[i];
	}
	return NULL;
}

void
keeper_keys_list(const struct keeper_keys *keys, struct bytes *list)
{
	for (size_t i = 0; i < keys->count; i++) {
		const struct keeper_key *key = &keys->items[i];
		struct message_key_entry entry = { 0 };
		size_t len;

		memcpy(entry.name, key->name, sizeof(entry.name));
		entry.certificate = *cert_fingerprint(key->cert);
		entry.der.data = cert_der(key->cert, &len);
		entry.der.len = len;
		message_list_add(list, MESSAGE_KEY_ENTRY, &entry);
	}
}
