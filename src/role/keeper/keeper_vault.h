/*
 * Secrets that the spooler keeps in its store: sealed here under the storage
 * key, which never leaves this process, and opened here again.
 *
 * The sealed form is the streaming format of crypto/stream.h, which derives a
 * fresh AES-256-GCM key by HKDF from the storage key, a random salt and the
 * label below.
 */
#ifndef ROLE_KEEPER_VAULT_H
#define ROLE_KEEPER_VAULT_H

#include <stddef.h>

#include "base/attr.h"

struct bytes;
struct error;

struct keeper_vault;

enum { KEEPER_SECRET_MAX = 65536 };

/*
 * Read the storage key from `path`, or make it, 32 random bytes for its owner
 * alone, durable before this returns.  The owner is who starts the host, not
 * the user that its roles become, so that a role with access to the data
 * folder cannot read it.  ERROR_MALFORMED E3310 when the file is not 32 bytes,
 * ERROR_DENIED E3304 when others may read it.
 */
int keeper_vault_open(const char *path, struct keeper_vault **ret_vault,
    struct error *err) MUST_CHECK;
void keeper_vault_close(struct keeper_vault *vault);

/* Append the sealed form of `len` (<= KEEPER_SECRET_MAX) bytes. */
int keeper_vault_seal(struct keeper_vault *vault, const void *secret,
    size_t len, struct bytes *sealed, struct error *err) MUST_CHECK;

/* Append the secret, for bytes_wipe(); ERROR_UNTRUSTED E3311. */
int keeper_vault_unseal(struct keeper_vault *vault, const void *sealed,
    size_t len, struct bytes *secret, struct error *err) MUST_CHECK;

#endif
