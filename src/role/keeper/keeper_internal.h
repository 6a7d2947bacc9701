/*
 * A keeper without its process: what keeper.c serves and tests call.
 */
#ifndef ROLE_KEEPER_INTERNAL_H
#define ROLE_KEEPER_INTERNAL_H

#include "base/attr.h"
#include "role/keeper/keeper_keys.h"
#include "role/keeper/keeper_module.h"
#include "role/keeper/keeper_uses.h"
#include "role/keeper/keeper_vault.h"
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
	struct keeper_uses uses; /* of these, over restarts */
	struct keeper_vault *vault;
	struct keeper_module module;
	const struct log *log; /* not ours */
};

/*
 * Read the keys and test them; `config` and `log` must outlive the keeper.
 * Close in any case.  A self-test that fails is no failure of this: the module
 * then refuses everything (keeper_module.h).
 */
int keeper_open(struct keeper *keeper, const struct config *config,
    const struct log *log, struct error *err) MUST_CHECK;
void keeper_close(struct keeper *keeper);

/*
 * Count a use before it happens: what fails then was one as well.  E3624 when
 * there were as many as policy lets; keeper_uses_reserve().
 */
int keeper_count_use(struct keeper *keeper, struct keeper_key *key,
    struct error *err) MUST_CHECK;

/* Do what is asked of the module, and tell how it is; E3623 after zeroising. */
int keeper_act(struct keeper *keeper, const struct message_module *request,
    struct error *err) MUST_CHECK;

/*
 * The certificate of a gateway's crypto module, by the key `issuer`: fixed
 * fields, nothing is parsed.  Appends DER.  ERROR_MALFORMED E3626.
 */
int keeper_issue(struct keeper *keeper, const struct message_issue *request,
    struct bytes *certificate, struct error *err) MUST_CHECK;

/*
 * The answers to sign, unwrap and keep.  Fail as keeper_module_check(), with
 * ERROR_DENIED E3624 when a key was used often enough, as keeper_policy_check(),
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
