/*
 * Parses what is signed, for those who must not: waybills, acts, receipts,
 * bulletins, key parts.  Holds no key; the keeper opens with fixed fields.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/state.h"
#include "crypto/sealed.h"
#include "envelope/keypart.h"
#include "json/json_read.h"
#include "role/contents/directory_view.h"
#include "role/env.h"
#include "role/keeper/module_text.h"
#include "role/keeper/sealed_codec.h"
#include "role/role.h"
#include "role/verifier/verifier_internal.h"
#include "role/verifier/verify.h"
#include "sys/ipc.h"

static void
refuse(const struct verifier *verifier, struct peer *peer, uint32_t id,
    enum message_type type, const struct error *err)
{
	struct log_line line;

	log_begin(&line, verifier->log, LOG_LEVEL_WARNING, "verifier.refused");
	log_text(&line, "peer", peer_name(peer));
	log_text(&line, "request", message_name((uint16_t)type));
	log_error(&line, err);
	log_end(&line);
	peer_refuse(peer, id, err);
}

static void
on_verify_waybill(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct verifier *verifier = ctx;
	struct verify_context context = verifier_context(verifier);
	struct message_verify_waybill request;
	struct message_waybill waybill;
	struct bytes leaves = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_VERIFY_WAYBILL, &request, &err) < 0 ||
	    verify_waybill(&context, &request, &waybill, &leaves, &err) < 0)
		refuse(verifier, peer, message->id, MESSAGE_VERIFY_WAYBILL,
		    &err);
	else
		peer_tell(peer, MESSAGE_WAYBILL, message->id, &waybill, -1);
	bytes_free(&leaves);
}

static void
on_verify_act(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct verifier *verifier = ctx;
	struct verify_context context = verifier_context(verifier);
	struct message_verify_act request;
	struct message_act act;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_VERIFY_ACT, &request, &err) < 0 ||
	    verify_act(&context, request.act.data, request.act.len, &act,
		&err) < 0)
		refuse(verifier, peer, message->id, MESSAGE_VERIFY_ACT, &err);
	else
		peer_tell(peer, MESSAGE_ACT, message->id, &act, -1);
}

static void
on_verify_addendum(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct verifier *verifier = ctx;
	struct verify_context context = verifier_context(verifier);
	struct message_verify_addendum request;
	struct message_addendum answer;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_VERIFY_ADDENDUM, &request, &err) <
		0 ||
	    verify_addendum(&context, &request, &answer, &err) < 0)
		refuse(verifier, peer, message->id, MESSAGE_VERIFY_ADDENDUM,
		    &err);
	else
		peer_tell(peer, MESSAGE_ADDENDUM, message->id, &answer, -1);
}

static void
on_verify_receipt(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct verifier *verifier = ctx;
	struct verify_context context = verifier_context(verifier);
	struct message_verify_receipt request;
	struct message_receipt receipt;
	struct bytes act = { 0 };
	struct bytes act_cms = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_VERIFY_RECEIPT, &request, &err) < 0 ||
	    verify_receipt(&context, &request.receipt, &receipt, &act, &act_cms,
		&err) < 0)
		refuse(verifier, peer, message->id, MESSAGE_VERIFY_RECEIPT,
		    &err);
	else
		peer_tell(peer, MESSAGE_RECEIPT, message->id, &receipt, -1);
	bytes_free(&act);
	bytes_free(&act_cms);
}

static void
on_verify_signed(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct verifier *verifier = ctx;
	struct verify_context context = verifier_context(verifier);
	struct message_verify_signed request;
	struct message_signed answer;
	struct bytes content = { 0 };
	struct bytes signers = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_VERIFY_SIGNED, &request, &err) < 0 ||
	    verify_signed(&context, &request, &answer, &content, &signers,
		&err) < 0)
		refuse(verifier, peer, message->id, MESSAGE_VERIFY_SIGNED,
		    &err);
	else
		peer_tell(peer, MESSAGE_SIGNED, message->id, &answer, -1);
	bytes_free(&content);
	bytes_free(&signers);
}

static void
on_verify_checkpoint(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct verifier *verifier = ctx;
	struct verify_context context = verifier_context(verifier);
	struct message_verify_checkpoint request;
	struct message_checkpoint answer;
	struct bytes proof = { 0 };
	struct bytes stated = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_VERIFY_CHECKPOINT, &request, &err) <
		0 ||
	    verify_checkpoint(&context,
		bulletin_state_root(verifier->bulletins), &request.request,
		&answer, &proof, &stated, &err) < 0)
		refuse(verifier, peer, message->id, MESSAGE_VERIFY_CHECKPOINT,
		    &err);
	else
		peer_tell(peer, MESSAGE_CHECKPOINT, message->id, &answer, -1);
	bytes_free(&proof);
	bytes_free(&stated);
}

static void
on_verify_cosigned(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct verifier *verifier = ctx;
	struct verify_context context = verifier_context(verifier);
	struct message_verify_cosigned request;
	struct message_cosigned answer;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_VERIFY_COSIGNED, &request, &err) <
		0 ||
	    verify_cosigned(&context, bulletin_state_root(verifier->bulletins),
		&request.note, &answer, &err) < 0)
		refuse(verifier, peer, message->id, MESSAGE_VERIFY_COSIGNED,
		    &err);
	else
		peer_tell(peer, MESSAGE_COSIGNED, message->id, &answer, -1);
}

static void
on_verify_stamp(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct verifier *verifier = ctx;
	struct message_verify_stamp request;
	struct message_stamp answer;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_VERIFY_STAMP, &request, &err) < 0 ||
	    verify_stamp(bulletin_state_root(verifier->bulletins), &request,
		&answer, &err) < 0)
		refuse(verifier, peer, message->id, MESSAGE_VERIFY_STAMP, &err);
	else
		peer_tell(peer, MESSAGE_STAMP, message->id, &answer, -1);
}

static void
on_status_ask(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct verifier *verifier = ctx;
	struct message_status_ask request;
	struct message_status_places answer;
	struct bytes ocsp = { 0 };
	struct bytes crl = { 0 };
	struct bytes ask = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_STATUS_ASK, &request, &err) < 0 ||
	    verify_status_places(bulletin_state_root(verifier->bulletins),
		&request, &ocsp, &crl, &ask, &err) < 0) {
		refuse(verifier, peer, message->id, MESSAGE_STATUS_ASK, &err);
	} else {
		answer.ocsp = blob_of_bytes(&ocsp);
		answer.crl = blob_of_bytes(&crl);
		answer.request = blob_of_bytes(&ask);
		peer_tell(peer, MESSAGE_STATUS_PLACES, message->id, &answer,
		    -1);
	}
	bytes_free(&ocsp);
	bytes_free(&crl);
	bytes_free(&ask);
}

static void
on_verify_status(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct verifier *verifier = ctx;
	struct verify_context context = verifier_context(verifier);
	struct message_verify_status request;
	struct message_status answer;
	struct bytes verdicts = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_VERIFY_STATUS, &request, &err) < 0 ||
	    verify_status(bulletin_state_root(verifier->bulletins), &request,
		context.now, &verdicts, &err) < 0) {
		refuse(verifier, peer, message->id, MESSAGE_VERIFY_STATUS,
		    &err);
	} else {
		answer.verdicts = blob_of_bytes(&verdicts);
		peer_tell(peer, MESSAGE_STATUS, message->id, &answer, -1);
	}
	bytes_free(&verdicts);
}

static void
on_verify_grown(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct verifier *verifier = ctx;
	struct verify_context context = verifier_context(verifier);
	struct message_verify_grown request;
	struct message_grown answer;
	struct verify_grown grown = { .note = blob_of(NULL, 0) };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_VERIFY_GROWN, &request, &err) < 0 ||
	    verify_grown(&context, bulletin_state_root(verifier->bulletins),
		&request, &grown, &err) < 0) {
		refuse(verifier, peer, message->id, MESSAGE_VERIFY_GROWN, &err);
	} else {
		answer.cosigned = blob_of_bytes(&grown.cosigned);
		answer.note = grown.note;
		answer.stamps = blob_of_bytes(&grown.stamps);
		answer.verdicts = blob_of_bytes(&grown.verdicts);
		peer_tell(peer, MESSAGE_GROWN, message->id, &answer, -1);
	}
	verify_grown_free(&grown);
}

static void
on_bulletin_take(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct verifier *verifier = ctx;
	struct message_bulletin_take request;
	struct message_bulletin_taken taken;
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_BULLETIN_TAKE, &request, &err) < 0 ||
	    verifier_take(verifier, &request, &taken, &json, &err) < 0)
		refuse(verifier, peer, message->id, MESSAGE_BULLETIN_TAKE,
		    &err);
	else
		peer_tell(peer, MESSAGE_BULLETIN_TAKEN, message->id, &taken,
		    -1);
	bytes_free(&json);
}

static void
on_verify_module_request(void *ctx, struct peer *peer,
    struct ipc_message *message)
{
	struct verifier *verifier = ctx;
	struct message_verify_module_request request;
	struct message_module_request answer = { .time = 0 };
	struct module_text text = { .time_ms = 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_VERIFY_MODULE_REQUEST, &request,
		&err) < 0 ||
	    module_text_read(request.request.data, request.request.len, &text,
		&err) < 0) {
		refuse(verifier, peer, message->id,
		    MESSAGE_VERIFY_MODULE_REQUEST, &err);
		return;
	}
	if (!text_equal(text.environment, verifier->environment)) {
		error_set_id(&err, "E3411", ERROR_UNTRUSTED,
		    "a request of environment %s", text.environment);
		refuse(verifier, peer, message->id,
		    MESSAGE_VERIFY_MODULE_REQUEST, &err);
	} else {
		memcpy(answer.host, text.host, sizeof(answer.host));
		memcpy(answer.codes, text.codes, sizeof(answer.codes));
		answer.time = text.time_ms;
		answer.public_key = blob_of_bytes(&text.public_key);
		answer.json = blob_of(text.json, text.json_len);
		answer.mac = blob_of(text.mac.bytes, sizeof(text.mac.bytes));
		peer_tell(peer, MESSAGE_MODULE_REQUEST, message->id, &answer,
		    -1);
	}
	module_text_free(&text);
}

static void
on_directory(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct verifier *verifier = ctx;
	struct error err = { 0 };

	(void)peer;
	if (directory_view_take(verifier->directory, message, &err) < 0)
		log_failure(verifier->log, LOG_LEVEL_ERROR,
		    "verifier.directory", &err);
}

/*
 * Opening a key part, or words with an act: parsed here, unwrapped by the
 * keeper, decrypted here.
 */

struct opening {
	struct verifier *verifier;
	struct peer *peer;
	uint32_t id;
	enum message_type asked; /* open_key or open_words */
	struct bytes key_part;   /* what `fields` borrow from */
	struct sealed_fields fields;
};

static void
opening_free(struct opening *opening)
{
	bytes_free(&opening->key_part);
	free(opening);
}

/* `plain` is wiped by the caller. */
static int
open_sealed(struct opening *opening, struct ipc_message *message,
    struct bytes *plain, struct digest *ret_seal, struct error *err)
{
	struct message_unwrapped unwrapped;
	struct secret_key key;
	int rc;

	if (message_read(message, MESSAGE_UNWRAPPED, &unwrapped, err) < 0)
		return -1;
	if (unwrapped.key.len != sizeof(key.bytes))
		return error_set(err, ERROR_MALFORMED,
		    "key of %zu bytes from the keeper", unwrapped.key.len);
	memcpy(key.bytes, unwrapped.key.data, sizeof(key.bytes));
	*ret_seal = unwrapped.seal;
	rc = sealed_open(&key, &opening->fields, plain, err);
	secret_wipe(&key, sizeof(key));
	return rc;
}

static void
put_key(const struct keypart *part, struct message_key *to)
{
	to->head = part->head;
	to->package = part->package;
	memcpy(to->recipient, part->recipient.text, sizeof(to->recipient));
	memcpy(to->key.bytes, part->key.bytes, sizeof(to->key.bytes));
	memcpy(to->random.bytes, part->random, sizeof(to->random.bytes));
}

static void
on_unwrapped(void *ctx, struct ipc_message *message)
{
	struct opening *opening = ctx;
	struct message_key answer = { 0 };
	struct message_words words;
	struct keypart part = { 0 };
	struct bytes plain = { 0 };
	struct error err = { 0 };

	if (open_sealed(opening, message, &plain, &answer.seal, &err) < 0 ||
	    (opening->asked == MESSAGE_OPEN_KEY &&
		keypart_decode(plain.data, plain.len, &part, &err) < 0)) {
		refuse(opening->verifier, opening->peer, opening->id,
		    opening->asked, &err);
	} else if (opening->asked == MESSAGE_OPEN_WORDS) {
		words.plain = blob_of_bytes(&plain);
		peer_tell(opening->peer, MESSAGE_WORDS, opening->id, &words,
		    -1);
	} else {
		put_key(&part, &answer);
		peer_tell(opening->peer, MESSAGE_KEY, opening->id, &answer, -1);
	}
	secret_wipe(&answer, sizeof(answer));
	secret_wipe(&part, sizeof(part));
	bytes_wipe(&plain);
	opening_free(opening);
}

static int
start_opening(struct opening *opening, const struct blob *key_part,
    struct error *err)
{
	struct bytes *copy = &opening->key_part;
	struct message_unwrap unwrap;
	struct bytes fields = { 0 };
	int rc = -1;

	if (opening->verifier->keeper == NULL)
		return error_set(err, ERROR_BUSY, "no keeper");
	if (key_part->len > KEYPART_CMS_MAX)
		return error_set_id(err, "E3103", ERROR_MALFORMED,
		    "key part of %zu bytes", key_part->len);
	bytes_put(copy, key_part->data, key_part->len);
	if (bytes_failed(copy, err) < 0 ||
	    sealed_parse(copy->data, copy->len, &opening->fields, err) < 0)
		return -1;
	sealed_codec_encode(&opening->fields, &fields);
	unwrap.fields = blob_of_bytes(&fields);
	if (bytes_failed(&fields, err) == 0)
		rc = peer_ask(opening->verifier->keeper, MESSAGE_UNWRAP,
		    &unwrap, -1, on_unwrapped, opening, NULL, err);
	bytes_free(&fields);
	return rc;
}

static void
on_open_key(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct verifier *verifier = ctx;
	struct opening *opening = calloc(1, sizeof(*opening));
	struct message_open_key request;
	struct error err = { 0 };

	if (opening == NULL) {
		error_set_memory(&err);
		refuse(verifier, peer, message->id, MESSAGE_OPEN_KEY, &err);
		return;
	}
	opening->verifier = verifier;
	opening->peer = peer;
	opening->id = message->id;
	opening->asked = MESSAGE_OPEN_KEY;
	if (message_read(message, MESSAGE_OPEN_KEY, &request, &err) < 0 ||
	    start_opening(opening, &request.key_part, &err) < 0) {
		refuse(verifier, peer, message->id, MESSAGE_OPEN_KEY, &err);
		opening_free(opening);
	}
}

static void
on_open_words(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct verifier *verifier = ctx;
	struct opening *opening = calloc(1, sizeof(*opening));
	struct message_open_words request;
	struct error err = { 0 };

	if (opening == NULL) {
		error_set_memory(&err);
		refuse(verifier, peer, message->id, MESSAGE_OPEN_WORDS, &err);
		return;
	}
	opening->verifier = verifier;
	opening->peer = peer;
	opening->id = message->id;
	opening->asked = MESSAGE_OPEN_WORDS;
	if (message_read(message, MESSAGE_OPEN_WORDS, &request, &err) < 0 ||
	    start_opening(opening, &request.sealed, &err) < 0) {
		refuse(verifier, peer, message->id, MESSAGE_OPEN_WORDS, &err);
		opening_free(opening);
	}
}

const struct peer_handler verifier_listener_handlers[] = {
	{ MESSAGE_VERIFY_WAYBILL, on_verify_waybill },
	{ MESSAGE_VERIFY_ACT, on_verify_act },
	{ MESSAGE_VERIFY_ADDENDUM, on_verify_addendum },
	{ MESSAGE_VERIFY_RECEIPT, on_verify_receipt },
	{ MESSAGE_VERIFY_CHECKPOINT, on_verify_checkpoint },
	{ MESSAGE_NONE, NULL },
};

const struct peer_handler verifier_spooler_handlers[] = {
	{ MESSAGE_VERIFY_WAYBILL, on_verify_waybill },
	{ MESSAGE_VERIFY_ACT, on_verify_act },
	{ MESSAGE_VERIFY_ADDENDUM, on_verify_addendum },
	{ MESSAGE_VERIFY_RECEIPT, on_verify_receipt },
	{ MESSAGE_VERIFY_SIGNED, on_verify_signed },
	{ MESSAGE_VERIFY_COSIGNED, on_verify_cosigned },
	{ MESSAGE_VERIFY_STAMP, on_verify_stamp },
	{ MESSAGE_STATUS_ASK, on_status_ask },
	{ MESSAGE_VERIFY_STATUS, on_verify_status },
	{ MESSAGE_VERIFY_GROWN, on_verify_grown },
	{ MESSAGE_BULLETIN_TAKE, on_bulletin_take },
	{ MESSAGE_OPEN_KEY, on_open_key },
	{ MESSAGE_OPEN_WORDS, on_open_words },
	{ MESSAGE_VERIFY_MODULE_REQUEST, on_verify_module_request },
	{ MESSAGE_DIRECTORY, on_directory },
	{ MESSAGE_NONE, NULL },
};

static const struct peer_handler keeper_handlers[] = {
	{ MESSAGE_NONE, NULL },
};

int
verifier_start(struct role_env *env, struct error *err)
{
	struct verifier verifier = { 0 };
	struct peer *listener = NULL;
	struct peer *spooler = NULL;
	int rc = -1;

	/* Key parts are JSON once they are open. */
	json_wipe_memory();
	if (verifier_open(&verifier, env->config, &env->log, err) == 0 &&
	    role_env_peer(env, ROLE_LISTENER, verifier_listener_handlers,
		&verifier, &listener, err) == 0 &&
	    role_env_peer(env, ROLE_SPOOLER, verifier_spooler_handlers,
		&verifier, &spooler, err) == 0 &&
	    role_env_peer(env, ROLE_KEEPER, keeper_handlers, &verifier,
		&verifier.keeper, err) == 0)
		rc = role_env_run(env, err);
	peer_close(verifier.keeper);
	peer_close(listener);
	peer_close(spooler);
	verifier_close(&verifier);
	return rc;
}
