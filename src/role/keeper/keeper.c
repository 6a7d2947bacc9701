/*
 * The crypto module: it alone holds private keys.  Asked by the spooler to
 * sign and to keep secrets, by the verifier to unwrap; parses nothing but the
 * fixed fields of messages.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "crypto/sealed.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "log/note.h"
#include "role/env.h"
#include "role/keeper/keeper_internal.h"
#include "role/keeper/keeper_policy.h"
#include "role/keeper/sealed_codec.h"
#include "role/peer.h"
#include "role/role.h"
#include "service/config.h"
#include "sys/ipc.h"

/* Every refusal leaves a line: a key is asked only for what it is for. */
static void
refuse(struct keeper *keeper, struct peer *peer,
    const struct ipc_message *message, const struct error *err)
{
	struct log_line line;

	log_begin(&line, keeper->log, LOG_LEVEL_WARNING, "keeper.refused");
	log_text(&line, "peer", peer_name(peer));
	log_text(&line, "request", message_name(message->type));
	log_error(&line, err);
	log_end(&line);
	peer_refuse(peer, message->id, err);
}

static void
on_key_list(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct keeper *keeper = ctx;
	struct bytes list = { 0 };
	struct message_keys keys;
	struct error err = { 0 };

	keeper_keys_list(&keeper->keys, &list);
	keys.keys = blob_of_bytes(&list);
	if (bytes_failed(&list, &err) < 0)
		refuse(keeper, peer, message, &err);
	else
		peer_tell(peer, MESSAGE_KEYS, message->id, &keys, -1);
	bytes_free(&list);
}

static int
make_signature(const struct keeper_key *key, const struct message_sign *request,
    struct bytes *signature, struct error *err)
{
	const struct blob *statement = &request->statement;
	struct signer signer = signer_of(key->cert, key->key);
	struct bytes text = { 0 };
	struct digest digest;
	int rc = -1;

	switch ((enum keeper_kind)request->kind) {
	case KEEPER_CHECKPOINT:
		return key_sign(key->key, statement->data, statement->len,
		    signature, err);
	case KEEPER_COSIGNATURE:
		if (note_put_cosigned_text(statement->data, statement->len,
			request->time / 1000, &text, err) == 0)
			rc = key_sign(key->key, text.data, text.len, signature,
			    err);
		bytes_free(&text);
		return rc;
	case KEEPER_PACKAGE:
		sha256(statement->data, statement->len, &digest);
		return signed_make_detached(&signer, 1, &digest, request->time,
		    signature, err);
	case KEEPER_WAYBILL:
	case KEEPER_ACT:
	case KEEPER_BULLETIN:
	case KEEPER_ADDENDUM:
	case KEEPER_REQUEST:
		break;
	}
	return signed_make(&signer, 1, statement->data, statement->len,
	    request->time, signature, err);
}

int
keeper_count_use(struct keeper *keeper, struct keeper_key *key,
    struct error *err)
{
	uint64_t max = keeper->module.uses_max;

	if (max > 0 && key->uses >= max)
		return error_set_id(err, "E3624", ERROR_DENIED,
		    "key %s was used %llu times", key->name,
		    (unsigned long long)key->uses);
	if (keeper_uses_reserve(&keeper->uses, key, key->uses + 1, err) < 0)
		return -1;
	key->uses++;
	return 0;
}

int
keeper_sign(struct keeper *keeper, const struct message_sign *request,
    struct bytes *signature, struct error *err)
{
	struct keeper_key *key = keeper_keys_find(&keeper->keys, request->key);

	if (keeper_module_check(&keeper->module, err) < 0)
		return -1;
	if (keeper_policy_check((enum keeper_kind)request->kind, request->key,
		keeper->environment, &request->statement, err) < 0)
		return -1;
	if (key == NULL)
		return error_set_id(err, "E3301", ERROR_NOT_FOUND,
		    "no key %s is configured", request->key);
	if (keeper_count_use(keeper, key, err) < 0)
		return -1;
	return make_signature(key, request, signature, err);
}

static void
on_sign(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct keeper *keeper = ctx;
	struct message_signature answer;
	struct bytes signature = { 0 };
	struct message_sign request;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_SIGN, &request, &err) < 0 ||
	    keeper_sign(keeper, &request, &signature, &err) < 0) {
		refuse(keeper, peer, message, &err);
	} else {
		answer.signature = blob_of_bytes(&signature);
		peer_tell(peer, MESSAGE_SIGNATURE, message->id, &answer, -1);
	}
	bytes_free(&signature);
}

static void
on_sign_batch(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct keeper *keeper = ctx;
	struct message_signature answer;
	struct bytes signature = { 0 };
	struct message_sign_batch request;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_SIGN_BATCH, &request, &err) < 0 ||
	    keeper_sign_batch(keeper, &request, &signature, &err) < 0) {
		refuse(keeper, peer, message, &err);
	} else {
		answer.signature = blob_of_bytes(&signature);
		peer_tell(peer, MESSAGE_SIGNATURE, message->id, &answer, -1);
	}
	bytes_free(&signature);
}

int
keeper_unwrap(struct keeper *keeper, const struct message_unwrap *request,
    struct secret_key *ret_key, struct digest *ret_seal, struct error *err)
{
	struct sealed_fields fields;
	struct keeper_key *key;

	if (keeper_module_check(&keeper->module, err) < 0)
		return -1;
	if (sealed_codec_decode(request->fields.data, request->fields.len,
		&fields, err) < 0)
		return -1;
	key = keeper_keys_find_seal(&keeper->keys, fields.key_id,
	    fields.key_id_len);
	if (key == NULL)
		return error_set_id(err, "E3301", ERROR_NOT_FOUND,
		    "no seal key has the identifier of this key part");
	if (keeper_count_use(keeper, key, err) < 0 ||
	    sealed_unwrap(key->key, &fields, ret_key, err) < 0)
		return -1;
	*ret_seal = *cert_fingerprint(key->cert);
	return 0;
}

static void
on_unwrap(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct keeper *keeper = ctx;
	struct message_unwrapped answer = { 0 };
	struct message_unwrap request;
	struct secret_key key = { { 0 } };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_UNWRAP, &request, &err) < 0 ||
	    keeper_unwrap(keeper, &request, &key, &answer.seal, &err) < 0) {
		refuse(keeper, peer, message, &err);
	} else {
		answer.key = blob_of(key.bytes, sizeof(key.bytes));
		peer_tell(peer, MESSAGE_UNWRAPPED, message->id, &answer, -1);
	}
	secret_wipe(&key, sizeof(key));
}

int
keeper_keep(struct keeper *keeper, const struct message_keep *request,
    struct bytes *result, struct error *err)
{
	const struct blob *secret = &request->secret;

	if (keeper_module_check(&keeper->module, err) < 0)
		return -1;
	return request->is_open ? keeper_vault_unseal(keeper->vault,
				      secret->data, secret->len, result, err)
				: keeper_vault_seal(keeper->vault, secret->data,
				      secret->len, result, err);
}

static void
on_keep(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct keeper *keeper = ctx;
	struct message_kept answer;
	struct message_keep request;
	struct bytes result = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_KEEP, &request, &err) < 0 ||
	    keeper_keep(keeper, &request, &result, &err) < 0) {
		refuse(keeper, peer, message, &err);
	} else {
		answer.secret = blob_of_bytes(&result);
		peer_tell(peer, MESSAGE_KEPT, message->id, &answer, -1);
	}
	bytes_wipe(&result);
}

/* ---- the module -------------------------------------------------------- */

static void
log_module(const struct keeper *keeper, const char *what)
{
	const struct keeper_module *module = &keeper->module;
	struct log_line line;

	log_begin(&line, keeper->log,
	    module->state == KEEPER_READY ? LOG_LEVEL_NOTICE : LOG_LEVEL_ERROR,
	    "module.state");
	log_text(&line, "by", what);
	log_text(&line, "state", keeper_state_name(module->state));
	log_text(&line, "integrity", keeper_integrity_name(module->integrity));
	if (module->state == KEEPER_FAILED)
		log_error(&line, &module->failure);
	log_end(&line);
}

/* Keys in memory are overwritten; who asked removes the files. */
static void
zeroise(struct keeper *keeper)
{
	keeper_uses_close(&keeper->uses, &keeper->keys);
	keeper_keys_free(&keeper->keys);
	keeper_vault_close(keeper->vault);
	keeper->vault = NULL;
	keeper->module.state = KEEPER_ZEROISED;
}

int
keeper_act(struct keeper *keeper, const struct message_module *request,
    struct error *err)
{
	struct keeper_module *module = &keeper->module;
	enum keeper_state before = module->state;

	switch ((enum module_action)request->action) {
	case MODULE_SHOW:
		return 0;
	case MODULE_SELFTEST:
		if (module->state == KEEPER_ZEROISED)
			return keeper_module_check(module, err);
		keeper_module_test(module, &keeper->keys);
		log_module(keeper, "selftest");
		return 0;
	case MODULE_ZEROISE:
		zeroise(keeper);
		log_module(keeper, "zeroise");
		return 0;
	case MODULE_RELEASE:
		if (module->state != KEEPER_ZEROISED)
			keeper_module_release(module, &request->programs,
			    request->is_ours);
		if (module->state != before)
			log_module(keeper, "release");
		return 0;
	}
	return error_set(err, ERROR_MALFORMED, "action %u of the module",
	    request->action);
}

static void
put_uses(const struct keeper *keeper, struct bytes *to)
{
	for (size_t i = 0; i < keeper->keys.count; i++) {
		const struct keeper_key *key = &keeper->keys.items[i];
		struct message_key_uses uses = { .uses = key->uses,
			.certificate = *cert_fingerprint(key->cert) };

		memcpy(uses.name, key->name, sizeof(uses.name));
		message_list_add(to, MESSAGE_KEY_USES, &uses);
	}
}

static void
on_module(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct keeper *keeper = ctx;
	const struct keeper_module *module = &keeper->module;
	struct message_module_state answer;
	struct message_module request;
	struct bytes keys = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_MODULE, &request, &err) < 0 ||
	    keeper_act(keeper, &request, &err) < 0) {
		refuse(keeper, peer, message, &err);
		return;
	}
	put_uses(keeper, &keys);
	answer = (struct message_module_state){ .state = (uint8_t)module->state,
		.integrity = (uint8_t)module->integrity,
		.program = module->program,
		.uses_max = module->uses_max,
		.failure = blob_of(module->failure.text,
		    module->state == KEEPER_FAILED
			? strlen(module->failure.text)
			: 0),
		.keys = blob_of_bytes(&keys) };
	for (unsigned i = 0; i < KNOWN_ANSWER_COUNT; i++)
		answer.passed |= module->has_passed[i] ? 1u << i : 0;
	if (bytes_failed(&keys, &err) < 0)
		refuse(keeper, peer, message, &err);
	else
		peer_tell(peer, MESSAGE_MODULE_STATE, message->id, &answer, -1);
	bytes_free(&keys);
}

static void
on_issue(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct keeper *keeper = ctx;
	struct message_issue request;
	struct message_issued answer;
	struct bytes certificate = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_ISSUE, &request, &err) < 0 ||
	    keeper_issue(keeper, &request, &certificate, &err) < 0) {
		refuse(keeper, peer, message, &err);
	} else {
		answer.certificate = blob_of_bytes(&certificate);
		peer_tell(peer, MESSAGE_ISSUED, message->id, &answer, -1);
	}
	bytes_free(&certificate);
}

const struct peer_handler keeper_spooler_handlers[] = {
	{ MESSAGE_KEY_LIST, on_key_list },
	{ MESSAGE_SIGN, on_sign },
	{ MESSAGE_SIGN_BATCH, on_sign_batch },
	{ MESSAGE_KEEP, on_keep },
	{ MESSAGE_MODULE, on_module },
	{ MESSAGE_ISSUE, on_issue },
	{ MESSAGE_NONE, NULL },
};

const struct peer_handler keeper_verifier_handlers[] = {
	{ MESSAGE_UNWRAP, on_unwrap },
	{ MESSAGE_NONE, NULL },
};

int
keeper_open(struct keeper *keeper, const struct config *config,
    const struct log *log, struct error *err)
{
	struct bytes path = { 0 };
	struct bytes uses = { 0 };
	int rc = -1;

	memset(keeper, 0, sizeof(*keeper));
	keeper->uses.fd = -1;
	keeper->environment = config->host.environment;
	keeper->log = log;
	keeper_module_open(&keeper->module, config);
	bytes_put_format(&path, "%s/keeper.key", config->host.data);
	bytes_put_u8(&path, '\0');
	bytes_put_format(&uses, "%s/keeper.uses", config->host.data);
	bytes_put_u8(&uses, '\0');
	if (bytes_failed(&path, err) == 0 && bytes_failed(&uses, err) == 0 &&
	    keeper_vault_open((const char *)path.data, &keeper->vault, err) ==
		0 &&
	    keeper_keys_load(config, &keeper->keys, err) == 0 &&
	    keeper_uses_open((const char *)uses.data, &keeper->keys,
		&keeper->uses, err) == 0) {
		keeper_module_test(&keeper->module, &keeper->keys);
		if (keeper->keys.failure.code != ERROR_NONE)
			keeper_module_fail(&keeper->module,
			    &keeper->keys.failure);
		rc = 0;
	}
	bytes_free(&path);
	bytes_free(&uses);
	return rc;
}

void
keeper_close(struct keeper *keeper)
{
	keeper_uses_close(&keeper->uses, &keeper->keys);
	keeper_keys_free(&keeper->keys);
	keeper_vault_close(keeper->vault);
	keeper->vault = NULL;
}

/* How often each key was used: the crypto module's own account. */
static void
log_uses(const struct keeper *keeper)
{
	for (size_t i = 0; i < keeper->keys.count; i++) {
		struct log_line line;

		log_begin(&line, keeper->log, LOG_LEVEL_NOTICE, "keeper.uses");
		log_text(&line, "key", keeper->keys.items[i].name);
		log_u64(&line, "count", keeper->keys.items[i].uses);
		log_end(&line);
	}
}

int
keeper_start(struct role_env *env, struct error *err)
{
	struct keeper keeper = { 0 };
	struct peer *spooler = NULL;
	struct peer *verifier = NULL;
	int rc = -1;

	if (keeper_open(&keeper, env->config, &env->log, err) < 0 ||
	    role_env_peer(env, ROLE_SPOOLER, keeper_spooler_handlers, &keeper,
		&spooler, err) < 0 ||
	    role_env_peer(env, ROLE_VERIFIER, keeper_verifier_handlers, &keeper,
		&verifier, err) < 0)
		goto done;
	log_module(&keeper, "start");
	rc = role_env_run(env, err);
	log_uses(&keeper);
done:
	peer_close(spooler);
	peer_close(verifier);
	keeper_close(&keeper);
	return rc;
}
