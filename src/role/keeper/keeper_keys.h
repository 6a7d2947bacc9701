/*
 * The keys that a keeper holds: read once at start from the files that the
 * configuration names, or found in tokens (token/token_keys.h); known by name
 * or by key identifier, counted with every use, wiped at the end.
 *
 * A key file is PEM: one private key (PKCS #8, no passphrase) and its
 * certificate, in either order.  Nobody but its owner, and at most its group
 * for reading, may have access to it.
 */
#ifndef ROLE_KEEPER_KEYS_H
#define ROLE_KEEPER_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"
#include "role/keeper/keeper_policy.h"
#include "role/message.h"

struct bytes;
struct cert;
struct config;
struct key;
struct token_keys;

struct keeper_key {
	char name[MESSAGE_KEY_NAME_SIZE];
	enum keeper_use use;
	struct key *key;
	struct cert *cert;
	uint64_t uses;
};

struct keeper_keys {
	struct keeper_key *items;
	size_t count;
	struct token_keys *tokens; /* NULL: no key is in one */
	/*
	 * Of the first key in a token that could not be opened: such a key is
	 * left out, and the module is in its error state.
	 */
	struct error failure;
};

/*
 * Read every key of the configuration but `tls`.  ERROR_MALFORMED E3302 (name), E3303
 * (file), E3730 (URI of a token); ERROR_DENIED E3304 (others may read the file),
 * E3305 (this key cannot be in a token); ERROR_UNTRUSTED E3306 when the certificate is another key's or
 * of a kind that is not accepted; ERROR_EXISTS E3308 when two seal keys have
 * the same identifier.  Free in any case.
 */
int keeper_keys_load(const struct config *config, struct keeper_keys *ret_keys,
    struct error *err) MUST_CHECK;
void keeper_keys_free(struct keeper_keys *keys);

/* NULL when there is none such. */
struct keeper_key *keeper_keys_find(const struct keeper_keys *keys,
    const char *name);
struct keeper_key *keeper_keys_find_seal(const struct keeper_keys *keys,
    const uint8_t *key_id, size_t key_id_len);

/* Append a list of struct message_key_entry. */
void keeper_keys_list(const struct keeper_keys *keys, struct bytes *list);

#endif
