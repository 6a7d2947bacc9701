#include "role/verifier/verify.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/cert_cache.h"
#include "crypto/signed.h"
#include "directory/directory.h"
#include "envelope/act.h"
#include "envelope/addendum.h"
#include "envelope/batch_open.h"
#include "envelope/binding.h"
#include "envelope/leaf.h"
#include "envelope/receipt.h"
#include "envelope/statement.h"
#include "log/epoch.h"
#include "log/note.h"
#include "role/verifier/checkpoint_cache.h"

int
verify_act(const struct verify_context *context, const void *cms, size_t len,
    struct message_act *ret_act, struct error *err)
{
	struct signed_object object;
	struct act act;

	if (len > ACT_CMS_MAX)
		return error_set_id(err, "E3104", ERROR_MALFORMED,
		    "act of %zu bytes", len);
	if (batch_open(context->batches, context->certs, context->environment,
		BATCH_ACT, cms, len, &object, err) < 0)
		return -1;
	if (object.content == NULL)
		return error_set_id(err, "E3104", ERROR_MALFORMED,
		    "act without content");
	if (act_decode(object.content, object.content_len, &act, err) < 0 ||
	    verify_signer(context, &object.by[0], err) < 0)
		return -1;
	if (!text_equal(act.environment, context->environment))
		return error_set_id(err, "E3411", ERROR_UNTRUSTED,
		    "act of environment %s", act.environment);
	*ret_act = (struct message_act){
		.signer = object.by[0].fingerprint,
		.event = (uint8_t)act.event,
		.waybill = act.waybill,
		.waybill_id = act.waybill_id,
		.leaf = act.leaf,
		.content = act.content,
		.package = act.package,
		.time = act.time_at,
	};
	memcpy(ret_act->environment, act.environment,
	    sizeof(ret_act->environment));
	memcpy(ret_act->recipient, act.recipient.text,
	    sizeof(ret_act->recipient));
	if (!text_copy(ret_act->reason, sizeof(ret_act->reason),
		act_reason_name(act.reason)))
		return error_set(err, ERROR_SYSTEM, "reason is too long");
	ret_act->words = act.words;
	memcpy(ret_act->sealed, act.sealed, sizeof(ret_act->sealed));
	return 0;
}

/*
 * What a log stated before its data were restored stays evidence: of the epoch
 * that the directory names now, or of one before it.
 */
static int
find_origin(const struct receipt *receipt,
    const struct directory_center *center, char to[NOTE_NAME_SIZE],
    struct error *err)
{
	struct note note;

	if (note_parse(receipt->checkpoint, strlen(receipt->checkpoint), &note,
		err) < 0)
		return -1;
	if (!epoch_is_of(note.checkpoint.origin, center->origin))
		return error_set_id(err, "E3406", ERROR_UNTRUSTED,
		    "a checkpoint of %s where %s was due",
		    note.checkpoint.origin, center->origin);
	text_copy(to, NOTE_NAME_SIZE, note.checkpoint.origin);
	return 0;
}

/* Signed by one whom we trust; the content is what `object` points to. */
static int
open_addendum(const struct verify_context *context, const void *cms, size_t len,
    struct addendum *addendum, struct digest *ret_signer, struct error *err)
{
	struct signed_object object;

	if (len > ADDENDUM_CMS_MAX)
		return error_set_id(err, "E3107", ERROR_MALFORMED,
		    "addendum of %zu bytes", len);
	if (signed_verify(context->certs, cms, len, 1, &object, err) < 0)
		return -1;
	if (object.content == NULL)
		return error_set_id(err, "E3107", ERROR_MALFORMED,
		    "addendum without content");
	if (addendum_decode(object.content, object.content_len, addendum, err) <
		0 ||
	    verify_signer(context, &object.by[0], err) < 0)
		return -1;
	if (!text_equal(addendum->environment, context->environment))
		return error_set_id(err, "E3411", ERROR_UNTRUSTED,
		    "addendum of environment %s", addendum->environment);
	*ret_signer = object.by[0].fingerprint;
	return 0;
}

int
verify_addendum(const struct verify_context *context,
    const struct message_verify_addendum *request,
    struct message_addendum *ret_addendum, struct error *err)
{
	struct message_addendum checked = { .environment = "" };
	struct addendum addendum;

	if (open_addendum(context, request->addendum.data,
		request->addendum.len, &addendum, &checked.signer, err) < 0 ||
	    binding_check_key_part(&addendum.leaf, request->key_part.data,
		request->key_part.len, err) < 0)
		return -1;
	checked.waybill = addendum.waybill;
	checked.waybill_id = addendum.waybill_id;
	checked.old_leaf = addendum.old_leaf;
	checked.seal = addendum.leaf.seal;
	checked.key_part = addendum.leaf.key_part;
	checked.directory = addendum.directory;
	checked.time = addendum.time_at;
	memcpy(checked.environment, addendum.environment,
	    sizeof(checked.environment));
	memcpy(checked.center, addendum.leaf.center, sizeof(checked.center));
	memcpy(checked.recipient, addendum.recipient.text,
	    sizeof(checked.recipient));
	memcpy(checked.receiver, addendum.receiver.text,
	    sizeof(checked.receiver));
	*ret_addendum = checked;
	return 0;
}

int
verify_addendum_signer(const struct verify_context *context,
    const struct blob *cms, struct digest *ret_signer, int64_t *ret_time,
    struct error *err)
{
	struct addendum addendum;

	if (open_addendum(context, cms->data, cms->len, &addendum, ret_signer,
		err) < 0)
		return -1;
	*ret_time = addendum.time_at;
	return 0;
}

/* The log leaf is under a checkpoint of the center that the statement names. */
static int
check_log(const struct verify_context *context, const struct receipt *receipt,
    const struct statement *statement, struct message_receipt *to,
    struct error *err)
{
	struct directory_center center;
	const struct cert *cert;
	uint8_t public_key[32];
	struct digest signed_root;
	struct digest root;
	char origin[NOTE_NAME_SIZE];
	uint64_t size;

	if (!directory_find_center(context->directory, statement->center,
		&center) ||
	    center.log_len == 0)
		return error_set_id(err, "E3405", ERROR_UNTRUSTED,
		    "no log of center %s is registered", statement->center);
	if (cert_cache_get(context->certs, center.log, center.log_len, &cert,
		err) < 0)
		return -1;
	if (!cert_ed25519(cert, public_key))
		return error_set_id(err, "E3405", ERROR_UNTRUSTED,
		    "the log key of center %s is not Ed25519",
		    statement->center);
	if (find_origin(receipt, &center, origin, err) < 0 ||
	    checkpoint_cache_verify(context->checkpoints, receipt->checkpoint,
		origin, public_key, &size, &signed_root, err) < 0)
		return -1;
	if (!receipt_root(receipt, size, &root) ||
	    !digest_equal(&root, &signed_root))
		return error_set_id(err, "E3404", ERROR_UNTRUSTED,
		    "the statement is not in the log of its checkpoint");
	if (!text_copy(to->origin, sizeof(to->origin), origin))
		return error_set(err, ERROR_SYSTEM, "the origin is too long");
	to->log_size = size;
	to->log_root = signed_root;
	return 0;
}

/* True if `org` has this certificate registered for `use`. */
static bool
has_key(const struct directory *directory, const struct directory_org *org,
    enum key_use use, const struct digest *fingerprint, int64_t at_ms)
{
	for (uint32_t i = 0; i < org->key_count; i++) {
		struct directory_key key = directory_key_at(directory, org, i);

		if (key.use == use && directory_key_counts(&key, at_ms) &&
		    digest_equal(&key.fingerprint, fingerprint))
			return true;
	}
	return false;
}

bool
verify_is_registered(const struct verify_context *context, const char *text,
    enum key_use use, const struct digest *fingerprint, int64_t at_ms)
{
	struct directory_org org;
	struct directory_org receiver;
	struct directory_key seal;
	struct org_code code;

	if (!org_code_parse(text, &code))
		return false;
	if (directory_find_org(context->directory, &code, &org) &&
	    has_key(context->directory, &org, use, fingerprint, at_ms))
		return true;
	return directory_find_receiver(context->directory, &code, &receiver,
		   &seal) &&
	    has_key(context->directory, &receiver, use, fingerprint, at_ms);
}

static int
check_act(const struct verify_context *context,
    const struct statement *statement, const struct message_act *act,
    struct error *err)
{
	enum key_use use =
	    act_is_of_organisation(statement->event) ? KEY_SIGN : KEY_MODULE;
	const struct org_code *side = act_is_of_sender(statement->event)
	    ? &statement->sender
	    : &statement->recipient;

	if (act->event != (uint8_t)statement->event ||
	    !digest_equal(&act->waybill, &statement->waybill) ||
	    !id_equal(&act->waybill_id, &statement->waybill_id))
		return error_set_id(err, "E3407", ERROR_UNTRUSTED,
		    "the act is on another event or waybill than stated");
	if (!digest_equal(&act->leaf, &statement->leaf) ||
	    !text_equal(act->recipient, statement->recipient.text))
		return error_set_id(err, "E3407", ERROR_UNTRUSTED,
		    "the act is of another recipient than stated");
	if (!verify_is_registered(context, side->text, use, &act->signer,
		statement->time_ms))
		return error_set_id(err, "E3408", ERROR_UNTRUSTED,
		    "the act is not signed by the registered key of %s",
		    side->text);
	return 0;
}

/* `rewrapped`: in place of an act stands what the sender's module signed. */
static int
check_addendum(const struct verify_context *context,
    const struct statement *statement, struct error *err)
{
	struct addendum addendum;
	struct digest signer;

	if (open_addendum(context, statement->act.data, statement->act.len,
		&addendum, &signer, err) < 0)
		return -1;
	if (!digest_equal(&addendum.waybill, &statement->waybill) ||
	    !id_equal(&addendum.waybill_id, &statement->waybill_id) ||
	    !digest_equal(&addendum.old_leaf, &statement->leaf) ||
	    !org_code_equal(&addendum.recipient, &statement->recipient))
		return error_set_id(err, "E3407", ERROR_UNTRUSTED,
		    "the addendum is of another delivery than stated");
	if (!verify_is_registered(context, statement->sender.text, KEY_MODULE,
		&signer, statement->time_ms))
		return error_set_id(err, "E3408", ERROR_UNTRUSTED,
		    "the addendum is not signed by a module of %s",
		    statement->sender.text);
	return 0;
}

/* Whose word the statement is, and with it whether there must be an act. */
static int
check_signer_class(const struct statement *statement, struct error *err)
{
	enum statement_signer wanted = STATEMENT_CENTER;

	/*
	 * A center marks what the directory tells it, and ends what waited for
	 * a key part too long; otherwise the recipient's side states both.
	 */
	if ((statement->event == EVENT_REWRAP ||
		statement->event == EVENT_RETURNED) &&
	    statement->act.len == 0)
		wanted = STATEMENT_CENTER;
	else if (statement->event == EVENT_REWRAPPED)
		wanted = STATEMENT_MODULE;
	else if (act_event_is_possible(statement->event))
		wanted = act_is_of_organisation(statement->event)
		    ? STATEMENT_ORGANISATION
		    : STATEMENT_MODULE;
	if (statement->signer != wanted ||
	    (statement->act.len > 0) != (wanted != STATEMENT_CENTER))
		return error_set_id(err, "E3409", ERROR_UNTRUSTED,
		    "%s is stated by %s%s", event_name(statement->event),
		    statement_signer_name(statement->signer),
		    statement->act.len > 0 ? "" : " without act");
	return 0;
}

static int
check_statement(const struct verify_context *now,
    const struct statement *statement, struct bytes *act_body,
    struct error *err)
{
	struct verify_context then = *now;
	const struct verify_context *context = &then;
	struct message_act act;

	then.stated_at = statement->time_ms;
	if (!text_equal(statement->environment, context->environment))
		return error_set_id(err, "E3411", ERROR_UNTRUSTED,
		    "receipt of environment %s", statement->environment);
	if (check_signer_class(statement, err) < 0)
		return -1;
	if (statement->act.len == 0)
		return 0;
	if (statement->event == EVENT_REWRAPPED)
		return check_addendum(context, statement, err);
	if (verify_act(context, statement->act.data, statement->act.len, &act,
		err) < 0 ||
	    check_act(context, statement, &act, err) < 0)
		return -1;
	codec_encode(message_fields(MESSAGE_ACT), &act, act_body);
	return bytes_failed(act_body, err);
}

static void
put_receipt(const struct receipt *receipt, const struct statement *statement,
    struct message_receipt *to)
{
	to->event = (uint8_t)statement->event;
	to->waybill = statement->waybill;
	to->waybill_id = statement->waybill_id;
	to->leaf = statement->leaf;
	to->time = statement->time_ms;
	to->signer_class = (uint8_t)statement->signer;
	to->status = statement->status;
	to->entry = receipt_leaf(receipt);
	to->index = receipt->index;
	to->directory = statement->serials.directory;
	memcpy(to->environment, statement->environment,
	    sizeof(to->environment));
	memcpy(to->center, statement->center, sizeof(to->center));
	memcpy(to->sender, statement->sender.text, sizeof(to->sender));
	memcpy(to->recipient, statement->recipient.text, sizeof(to->recipient));
	memcpy(to->at, statement->at, sizeof(to->at));
}

/*
 * By bulletins that are newer than ours: whom it does not know by ours it may
 * know by those.
 */
static int
is_early(bool is_newer, const struct statement *statement, struct error *err)
{
	char why[ERROR_TEXT_SIZE];

	if (!is_newer || err->code != ERROR_UNTRUSTED)
		return -1;
	text_copy(why, sizeof(why), err->text);
	return error_set_id(err, "E4222", ERROR_BUSY,
	    "stated by directory %llu and network %llu: %s",
	    (unsigned long long)statement->serials.directory,
	    (unsigned long long)statement->serials.network, why);
}

static int
check(const struct verify_context *context, const struct receipt *receipt,
    const struct statement *statement, struct message_receipt *to,
    struct bytes *act, struct error *err)
{
	const struct statement_serials *theirs = &statement->serials;
	struct directory_serials ours = directory_serials(context->directory);

	if (check_log(context, receipt, statement, to, err) < 0)
		return is_early(theirs->network > ours.network, statement, err);
	if (check_statement(context, statement, act, err) < 0)
		return is_early(theirs->directory > ours.directory ||
			theirs->root > ours.root,
		    statement, err);
	return 0;
}

int
verify_receipt(const struct verify_context *context, const struct blob *json,
    struct message_receipt *ret_receipt, struct bytes *act,
    struct bytes *act_cms, struct error *err)
{
	struct message_receipt checked = { .environment = "" };
	struct statement statement = { 0 };
	struct receipt receipt = { 0 };
	int rc = -1;

	if (context->directory == NULL)
		return error_set_id(err, "E3410", ERROR_BUSY,
		    "no directory yet");
	if (receipt_decode(json->data, json->len, &receipt, err) < 0 ||
	    statement_decode(receipt.statement, strlen(receipt.statement),
		&statement, err) < 0 ||
	    check(context, &receipt, &statement, &checked, act, err) < 0)
		goto done;
	bytes_put(act_cms, statement.act.data, statement.act.len);
	if (bytes_failed(act_cms, err) < 0)
		goto done;
	put_receipt(&receipt, &statement, &checked);
	checked.act = blob_of_bytes(act);
	checked.act_cms = blob_of_bytes(act_cms);
	*ret_receipt = checked;
	rc = 0;
done:
	statement_free(&statement);
	receipt_free(&receipt);
	return rc;
}
