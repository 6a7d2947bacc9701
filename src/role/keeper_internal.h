/*
 * A keeper without its process: what keeper.c serves and tests call.
 */
#ifndef ROLE_KEEPER_INTERNAL_H
#define ROLE_KEEPER_INTERNAL_H

#include "base/attr.h"
#include "role/keeper_keys.h"
#include "role/keeper_vault.h"
#include "role/message.h"
#include "role/peer.h"

struct bytes;
struct config;
struct error;
struct log;
struct secret_key;

struct keeper {
	const char *environment; /* of the configuration */
	struct keeper_keys keys;
	struct keeper_vault *vault;
	const struct log *log; /* not ours */
};

/*
 * Read the keys and test them; `config` and `log` must outlive the keeper.
 * Close in any case.
 */
int keeper_open(struct keeper *keeper, const struct config *config,
    const struct log *log, struct error *err) MUST_CHECK;
void keeper_close(struct keeper *keeper);

/*
 * The answers to sign, unwrap and keep.  Fail as keeper_policy_check(),
 * sealed_unwrap() and keeper_vault_unseal() do, or with ERROR_NOT_FOUND E3301
 * when there is no such key.  A batch is refused whole (E3307) when one
 * statement of it may not be signed, or stands there twice.
 */
int keeper_sign(struct keeper *keeper, const struct message_sign *request,
    struct bytes *signature, struct error *err) MUST_CHECK;
int keeper_sign_batch(struct keeper *keeper,
    const struct message_sign_batch *request, struct bytes *signature,
    struct error *err) MUST_CHECK;
int keeper_unwrap(struct keeper *keeper, const struct message_unwrap *request,
    struct secret_key *ret_key, struct digest *ret_seal,
    struct error *err) MUST_CHECK;
int keeper_keep(struct keeper *keeper, const struct message_keep *request,
    struct bytes *result, struct error *err) MUST_CHECK;

extern const struct peer_handler keeper_spooler_handlers[];
extern const struct peer_handler keeper_verifier_handlers[];

#endif
