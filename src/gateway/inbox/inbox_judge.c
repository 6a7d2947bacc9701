#include "gateway/inbox/inbox_judge.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/secret.h"
#include "directory/directory.h"
#include "envelope/binding.h"
#include "envelope/keypart.h"
#include "envelope/leaf.h"
#include "envelope/waybill.h"
#include "gateway/inbox/inbox_rows.h"
#include "policy/admission.h"
#include "role/spool/spool.h"

/* Registered for this organisation and use, and not revoked at that time. */
static bool
is_registered(const struct directory *directory, const char *code,
    enum key_use use, const struct digest *certificate, int64_t at_ms)
{
	struct directory_org org;
	struct org_code wanted;

	if (!org_code_parse(code, &wanted) ||
	    !directory_find_org(directory, &wanted, &org))
		return false;
	for (uint32_t i = 0; i < org.key_count; i++) {
		struct directory_key key = directory_key_at(directory, &org, i);

		if (key.use == use && directory_key_counts(&key, at_ms) &&
		    digest_equal(&key.fingerprint, certificate))
			return true;
	}
	return false;
}

static bool
is_ours(const struct inbox_place *place, const struct org_code *recipient)
{
	struct directory_org receiver;
	struct directory_key seal;

	return directory_find_receiver(place->directory, recipient, &receiver,
		   &seal) &&
	    text_equal(receiver.host, place->host);
}

static bool
has_seal_key(const struct inbox_place *place, const struct digest *certificate)
{
	for (size_t i = 0; i < place->key_count; i++)
		if (text_starts(place->keys[i].name, "seal.") &&
		    digest_equal(&place->keys[i].certificate, certificate))
			return true;
	return false;
}

int
inbox_judge_waybill(const struct inbox_place *place,
    const struct inbox_row *row, const struct message_waybill *waybill,
    const struct message_leaf *leaf, struct error *err)
{
	if (place->directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	if (!text_equal(waybill->environment, place->environment))
		return error_set_id(err, "E4301", ERROR_UNTRUSTED,
		    "waybill of environment %s", waybill->environment);
	if (!id_equal(&waybill->waybill_id, &row->waybill_id) ||
	    !text_equal(leaf->recipient, row->recipient.text))
		return error_set_id(err, "E4301", ERROR_UNTRUSTED,
		    "another delivery came, to %s", leaf->recipient);
	if (!is_ours(place, &row->recipient))
		return error_set_id(err, "E4302", ERROR_UNTRUSTED,
		    "this host does not receive for %s", row->recipient.text);
	return 0;
}

int
inbox_judge_module(const struct inbox_place *place,
    const struct message_waybill *waybill, int64_t at_ms, struct error *err)
{
	if (digest_equal(&waybill->signer, &waybill->module) &&
	    is_registered(place->directory, waybill->sender, KEY_MODULE,
		&waybill->signer, at_ms))
		return 0;
	return error_set_id(err, "E4303", ERROR_UNTRUSTED,
	    "the waybill is not signed by a module of %s", waybill->sender);
}

bool
inbox_judge_can_open(const struct inbox_place *place,
    const struct inbox_row *row)
{
	struct directory_org receiver;
	struct directory_key seal;

	if (place->directory == NULL || !has_seal_key(place, &row->seal))
		return false;
	/* Another's letter only by the sender's word for it. */
	return !directory_find_receiver(place->directory, &row->recipient,
		   &receiver, &seal) ||
	    !directory_is_heir(&receiver, &row->recipient) ||
	    (row->serial > 0 && org_code_equal(&receiver.code, &row->receiver));
}

int
inbox_judge_addendum(const struct inbox_place *place,
    const struct inbox_row *row, const struct message_addendum *addendum,
    int64_t now_ms, struct error *err)
{
	struct admission_rewrap facts = {
		.environment = addendum->environment,
		.our_environment = place->environment,
		.names_delivery =
		    digest_equal(&addendum->waybill, &row->waybill) &&
		    id_equal(&addendum->waybill_id, &row->waybill_id) &&
		    digest_equal(&addendum->old_leaf, &row->leaf) &&
		    text_equal(addendum->recipient, row->recipient.text),
		.serial = addendum->directory,
		.last = row->serial,
		.time_ms = addendum->time,
	};
	struct directory_org org;
	struct directory_key key;
	struct verdict verdict;

	if (place->directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	facts.our_serial = directory_serials(place->directory).directory;
	if (directory_find_org(place->directory, &row->sender, &org) &&
	    directory_find_org_key(place->directory, &org, KEY_MODULE,
		&addendum->signer, &key)) {
		facts.module_known = true;
		facts.module_state = key.state;
	}
	if (directory_find_receiver(place->directory, &row->recipient, &org,
		&key)) {
		facts.key_is_receiver =
		    text_equal(org.code.text, addendum->receiver) &&
		    text_equal(org.host, place->host);
		facts.key_is_known = directory_find_org_key(place->directory,
		    &org, KEY_SEAL, &addendum->seal, &key);
		facts.key_state = key.state;
	}
	verdict = admission_judge_rewrap(&facts, now_ms);
	return verdict_check(&verdict, row->recipient.text, err);
}

int
inbox_judge_origin(const struct inbox_place *place,
    const struct message_waybill *waybill,
    const struct message_receipt *receipt, struct error *err)
{
	if ((receipt->event != EVENT_ACCEPTED &&
		receipt->event != EVENT_RELAYED &&
		receipt->event != EVENT_TAKEN) ||
	    !text_equal(receipt->center, place->center) ||
	    !text_equal(receipt->sender, waybill->sender) ||
	    !id_equal(&receipt->waybill_id, &waybill->waybill_id) ||
	    !digest_equal(&receipt->waybill, &waybill->waybill))
		return error_set_id(err, "E4306", ERROR_UNTRUSTED,
		    "the receipt of %s is not of this waybill",
		    receipt->center);
	return 0;
}

int
inbox_judge_receipt(const struct inbox_place *place,
    const struct inbox_row *row, enum event event,
    const struct message_receipt *receipt, struct error *err)
{
	if (receipt->event != event ||
	    (!text_equal(receipt->center, place->center) &&
		!text_equal(receipt->center, row->center)) ||
	    !text_equal(receipt->recipient, row->recipient.text) ||
	    !id_equal(&receipt->waybill_id, &row->waybill_id) ||
	    !digest_equal(&receipt->waybill, &row->waybill) ||
	    !digest_equal(&receipt->leaf, &row->leaf))
		return error_set_id(err, "E4306", ERROR_UNTRUSTED,
		    "the receipt of %s is not of our act", receipt->center);
	return 0;
}

int
inbox_judge_key(const struct inbox_row *row, const struct message_key *key,
    struct error *err)
{
	struct waybill waybill = { .head_digest = row->head,
		.commitment = row->commitment };
	struct leaf leaf = { .recipient = row->recipient };
	struct keypart part = { .head = key->head, .package = key->package };
	int rc = -1;

	memcpy(part.key.bytes, key->key.bytes, sizeof(part.key.bytes));
	memcpy(part.random, key->random.bytes, sizeof(part.random));
	if (!digest_equal(&key->seal, &row->seal))
		error_set_id(err, "E4304", ERROR_UNTRUSTED,
		    "another seal key opens it than its leaf names");
	else if (!org_code_parse(key->recipient, &part.recipient))
		error_set_id(err, "E3124", ERROR_UNTRUSTED, "key part for %s",
		    key->recipient);
	else
		rc = binding_check_opened(&waybill, &leaf, &part, err);
	secret_wipe(&part, sizeof(part));
	return rc;
}

/* How many lines there are, and whether `code` is one of them. */
static size_t
count_lines(struct blob list, const char *code, bool *ret_is_listed)
{
	const char *at = (const char *)list.data;
	size_t left = list.len;
	size_t count = 0;

	*ret_is_listed = false;
	while (left > 0) {
		const char *end = memchr(at, '\n', left);
		size_t len = end != NULL ? (size_t)(end - at) : left;

		if (len == strlen(code) && memcmp(at, code, len) == 0)
			*ret_is_listed = true;
		len += end != NULL ? 1 : 0;
		at += len;
		left -= len;
		count++;
	}
	return count;
}

int
inbox_judge_package(const struct inbox_place *place,
    const struct inbox_row *row, const struct message_unpacked *unpacked,
    struct error *err)
{
	const char *what = NULL;
	bool is_listed;
	size_t count =
	    count_lines(unpacked->recipients, row->recipient.text, &is_listed);

	if (!text_equal(unpacked->environment, place->environment))
		what = "environment";
	else if (!id_equal(&unpacked->document_id, &row->document_id))
		what = "document";
	else if (!text_equal(unpacked->sender, row->sender.text))
		what = "sender";
	else if (unpacked->message != row->message)
		what = "message";
	else if (!is_listed)
		what = "recipient";
	else if (count != row->recipients)
		what = "number of recipients";
	if (what == NULL)
		return 0;
	return error_set_id(err, "E4307", ERROR_UNTRUSTED,
	    "the package names another %s than the waybill", what);
}

int
inbox_judge_signer(const struct inbox_place *place, const struct inbox_row *row,
    struct blob signers, int64_t at_ms, struct error *err)
{
	struct digest signer;

	if (place->directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	if (signers.len != sizeof(signer.bytes))
		return error_set_id(err, "E4308", ERROR_UNTRUSTED,
		    "the package has not exactly one signer");
	memcpy(signer.bytes, signers.data, sizeof(signer.bytes));
	if (!is_registered(place->directory, row->sender.text, KEY_SIGN,
		&signer, at_ms))
		return error_set_id(err, "E4308", ERROR_UNTRUSTED,
		    "the package is not signed by a key of %s",
		    row->sender.text);
	return 0;
}
