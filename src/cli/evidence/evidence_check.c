#include "cli/evidence/evidence_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/evidence/evidence_check_internal.h"
#include "cli/offline.h"
#include "crypto/sha256.h"
#include "directory/directory.h"
#include "envelope/bundle.h"
#include "role/verifier/verify.h"

static const struct digest none;

static bool
is_none(const struct digest *digest)
{
	return digest_equal(digest, &none);
}

static int
mismatch(const char *part, const char *what, struct error *err)
{
	return error_set_id(err, "E3503", ERROR_UNTRUSTED, "%s: %s", part,
	    what);
}

/* ---- bulletins ------------------------------------------------------- */

static int
open_offline(struct checking *checking, struct error *err)
{
	const struct evidence *evidence = &checking->evidence;
	const struct evidence_terms *terms = checking->terms;
	struct offline_part parts[EVIDENCE_BULLETINS_MAX];

	for (size_t i = 0; i < evidence->bulletin_count; i++)
		parts[i] = (struct offline_part){ evidence->bulletins[i]->name,
			blob_of(evidence->bulletins[i]->data,
			    evidence->bulletins[i]->len) };
	if (evidence->facts.lacks_directory && terms->bulletins == NULL)
		return error_set_id(err, "E3505", ERROR_NOT_FOUND,
		    "the directory was too large to go along");
	if (offline_open_parts(parts, evidence->bulletin_count,
		terms->bulletins, terms->root, terms->environment, terms->now,
		&checking->offline, err) < 0)
		return -1;
	if (offline_set_parties(checking->offline, &evidence->facts.sender,
		&evidence->facts.recipient, err) < 0 ||
	    evidence_check_pages(checking, err) < 0)
		return -1;
	if (!offline_has(checking->offline, BULLETIN_DIRECTORY, 0) ||
	    !offline_has(checking->offline, BULLETIN_NETWORK, 0))
		return error_set_id(err, "E3505", ERROR_NOT_FOUND,
		    "there is no directory or network bulletin");
	return evidence_check_bulletins(checking, err);
}

/* ---- the waybill ----------------------------------------------------- */

/* Leaf and path as the records that a verifier takes. */
static void
put_records(const struct evidence *evidence, struct bytes *to)
{
	const struct evidence_path *path = &evidence->leaf_path;

	bundle_put(to, BUNDLE_LEAF, evidence->leaf->data, evidence->leaf->len);
	bundle_put_path(to, (uint32_t)path->index, path->path,
	    path->path_count);
}

static int
check_facts(const struct checking *checking,
    const struct message_waybill *waybill, struct error *err)
{
	const struct evidence *evidence = &checking->evidence;
	const struct evidence_facts *facts = &evidence->facts;

	if (!text_equal(facts->environment, waybill->environment) ||
	    !id_equal(&facts->waybill_id, &waybill->waybill_id) ||
	    !text_equal(facts->sender.text, waybill->sender))
		return mismatch("evidence.json",
		    "it is of another waybill than waybill.p7s", err);
	if (!org_code_equal(&facts->recipient,
		&checking->verdict->leaf.recipient))
		return mismatch("evidence.json",
		    "it is of another recipient than leaf.json", err);
	if (evidence->leaf_path.index > UINT32_MAX ||
	    evidence->leaf_path.count != waybill->count)
		return mismatch("leaf-path.json",
		    "the waybill has another number of recipients", err);
	if (!verify_is_registered(offline_context(checking->offline),
		waybill->sender, KEY_MODULE, &waybill->module,
		offline_context(checking->offline)->now))
		return mismatch("waybill.p7s",
		    "its crypto module is not the sender's", err);
	return 0;
}

static void
copy_name(const struct checking *checking, const char *text, char *to)
{
	const struct verify_context *context =
	    offline_context(checking->offline);
	struct directory_org org;
	struct org_code code;

	to[0] = '\0';
	if (org_code_parse(text, &code) &&
	    directory_find_org(context->directory, &code, &org))
		text_copy(to, EVIDENCE_ORG_NAME_SIZE, org.name);
}

/* What the waybill says, in the form that the rest compares with. */
static void
put_waybill(const struct message_waybill *from, struct waybill *to)
{
	to->digest = from->waybill;
	to->content = from->content;
	to->count = from->count;
	to->head.waybill_id = from->waybill_id;
	to->head.document_id = from->document_id;
	to->head.module = from->module;
	to->head.created_at = from->created_at;
	memcpy(to->head.environment, from->environment,
	    sizeof(to->head.environment));
	memcpy(to->head.center, from->center, sizeof(to->head.center));
	memcpy(to->head.sender.text, from->sender,
	    sizeof(to->head.sender.text));
}

/* As of its acceptance, which the first receipt tells. */
static int
check_waybill(const struct checking *checking, struct error *err)
{
	const struct evidence *evidence = &checking->evidence;
	struct evidence_verdict *verdict = checking->verdict;
	struct message_verify_waybill request = { .kind = BUNDLE_DELIVERY };
	struct message_waybill waybill;
	struct bytes cms = { 0 };
	struct bytes records = { 0 };
	struct bytes leaves = { 0 };
	int rc = -1;

	put_records(evidence, &records);
	if (bytes_failed(&records, err) < 0 ||
	    evidence_put_signed(&evidence->waybill, &cms, err) < 0)
		goto done;
	request.waybill = blob_of_bytes(&cms);
	request.records = blob_of_bytes(&records);
	if (verify_waybill(offline_context(checking->offline), &request,
		&waybill, &leaves, err) < 0) {
		error_prefix(err, "waybill.p7s with leaf.json");
		goto done;
	}
	if (leaf_decode(evidence->leaf->data, evidence->leaf->len,
		&verdict->leaf, err) < 0)
		goto done;
	verdict->leaf_hash =
	    merkle_leaf(evidence->leaf->data, evidence->leaf->len);
	put_waybill(&waybill, &verdict->waybill);
	copy_name(checking, waybill.sender, verdict->sender_name);
	copy_name(checking, verdict->leaf.recipient.text,
	    verdict->recipient_name);
	rc = check_facts(checking, &waybill, err);
done:
	bytes_free(&cms);
	bytes_free(&records);
	bytes_free(&leaves);
	return rc;
}

/* ---- receipts -------------------------------------------------------- */

/*
 * By older bulletins than the center had, a key could count that was revoked
 * meanwhile.
 */
static int
check_serials(const struct checking *checking, const char *part,
    const struct statement_serials *serials, struct error *err)
{
	const struct {
		enum bulletin_type type;
		uint64_t serial;
	} wanted[] = {
		{ BULLETIN_ROOT, serials->root },
		{ BULLETIN_NETWORK, serials->network },
		{ BULLETIN_DIRECTORY, serials->directory },
	};

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		if (!offline_reaches(checking->offline, wanted[i].type,
			wanted[i].serial))
			return error_set_id(err, "E3505", ERROR_NOT_FOUND,
			    "%s was judged by %s %llu or a newer one, which is "
			    "not here",
			    part, bulletin_type_name(wanted[i].type),
			    (unsigned long long)wanted[i].serial);
	return 0;
}

/* The statement by itself, to know as of when to judge. */
static int
select_time(const struct checking *checking, size_t index,
    struct statement *statement, struct error *err)
{
	const struct evidence_part *part =
	    checking->evidence.receipts[index].statement;

	if (statement_decode(part->data, part->len, statement, err) < 0)
		return error_prefix(err, "%s", part->name);
	if (check_serials(checking, part->name, &statement->serials, err) < 0)
		return -1;
	return offline_select(checking->offline, &statement->serials,
	    statement->time_ms, err);
}

static int
compare_act(const struct evidence_signed *parts, const struct bytes *stated,
    struct error *err)
{
	struct bytes act = { 0 };
	int rc = evidence_put_signed(parts, &act, err);

	if (rc == 0 &&
	    (act.len != stated->len ||
		memcmp(act.data, stated->data, act.len) != 0))
		rc = mismatch(parts->cms->name, "not the act of the statement",
		    err);
	bytes_free(&act);
	return rc;
}

/* The parts that stand there for stock tools say what the signed ones say. */
static int
check_folder(const struct checking *checking, size_t index,
    const struct statement *statement, struct error *err)
{
	const struct evidence_receipt *parts =
	    &checking->evidence.receipts[index];
	char folder[EVIDENCE_NAME_SIZE];

	snprintf(folder, sizeof(folder), "receipts/%02zu-%s-%s/", index + 1,
	    event_name(statement->event), statement->center);
	if (!text_equal(folder, parts->folder))
		return mismatch(parts->folder, "the name says something else",
		    err);
	if ((parts->act.cms != NULL) != (statement->act.len > 0))
		return mismatch(parts->folder,
		    "act.p7s is missing, or one too many", err);
	return parts->act.cms == NULL
	    ? 0
	    : compare_act(&parts->act, &statement->act, err);
}

/* The center that the leaf names, and those that it was handed over to. */
static bool
has_delivery(const struct checking *checking, const char *center)
{
	if (text_equal(center, checking->verdict->leaf.center))
		return true;
	for (size_t i = 0; i < checking->mover_count; i++)
		if (text_equal(center, checking->movers[i]))
			return true;
	return false;
}

static int
note_move(struct checking *checking, const struct message_receipt *receipt,
    struct error *err)
{
	if (receipt->event != EVENT_MOVED ||
	    has_delivery(checking, receipt->at))
		return 0;
	if (checking->mover_count == EVIDENCE_MOVES_MAX)
		return mismatch(receipt->center, "it moved too often", err);
	text_copy(checking->movers[checking->mover_count++], MESSAGE_HOST_SIZE,
	    receipt->at);
	return 0;
}

/* Which center may say what: its own deliveries, and the origin all. */
static int
check_speaker(struct checking *checking, const struct message_receipt *receipt,
    struct error *err)
{
	const struct evidence_verdict *verdict = checking->verdict;
	const char *origin = verdict->waybill.head.center;
	enum event event = (enum event)receipt->event;

	if (!text_equal(receipt->center, origin) &&
	    (event == EVENT_ACCEPTED ||
		!has_delivery(checking, receipt->center)))
		return mismatch(receipt->center,
		    "it states what is not its own", err);
	if ((event == EVENT_ACCEPTED && !text_equal(receipt->at, origin)) ||
	    (event == EVENT_RELAYED &&
		!text_equal(receipt->at, verdict->leaf.center)))
		return mismatch(receipt->at, "the event is of another center",
		    err);
	return note_move(checking, receipt, err);
}

static int
check_delivery(struct checking *checking, const struct message_receipt *receipt,
    struct error *err)
{
	const struct evidence_verdict *verdict = checking->verdict;
	bool is_of_all =
	    receipt->event == EVENT_ACCEPTED || receipt->event == EVENT_RELAYED;

	if (!digest_equal(&receipt->waybill, &verdict->waybill.digest) ||
	    !id_equal(&receipt->waybill_id, &verdict->waybill.head.waybill_id))
		return mismatch(receipt->center, "a receipt of another waybill",
		    err);
	if (!text_equal(receipt->sender, verdict->waybill.head.sender.text))
		return mismatch(receipt->center, "a receipt of another sender",
		    err);
	if (is_of_all ? receipt->recipient[0] != '\0'
		      : !text_equal(receipt->recipient,
			    verdict->leaf.recipient.text) ||
		    !digest_equal(&receipt->leaf, &verdict->leaf_hash))
		return mismatch(receipt->center,
		    "a receipt of another recipient", err);
	return check_speaker(checking, receipt, err);
}

/* What a person said is what the act's signer signed. */
static int
check_words(const struct checking *checking, size_t index,
    const struct message_act *act, struct evidence_event *event,
    struct error *err)
{
	const struct evidence_receipt *parts =
	    &checking->evidence.receipts[index];
	uint8_t salt[ACT_WORDS_SALT_LEN];
	struct error why = { 0 };

	event->has_words = act->sealed[0] != '\0';
	if (parts->words == NULL)
		return 0;
	if (!event->has_words ||
	    act_words_read(parts->words->data, parts->words->len, &act->words,
		salt, event->words, &why) < 0)
		return mismatch(parts->words->name,
		    "not the words that the act was signed with", err);
	return 0;
}

static int
check_act(const struct checking *checking, size_t index,
    const struct message_receipt *receipt, struct evidence_event *event,
    struct error *err)
{
	struct evidence_verdict *verdict = checking->verdict;
	struct message_act act;

	if (receipt->event == EVENT_REWRAPPED && receipt->act_cms.len > 0)
		return verify_addendum_signer(offline_context(
						  checking->offline),
		    &receipt->act_cms, &event->act_signer, &event->act_time,
		    err);
	if (receipt->act.len == 0)
		return 0;
	if (codec_decode(message_fields(MESSAGE_ACT), receipt->act.data,
		receipt->act.len, &act, err) < 0)
		return -1;
	if (!digest_equal(&act.content, &verdict->waybill.content))
		return mismatch(receipt->center,
		    "the act names another content part", err);
	if (!is_none(&act.package) && !is_none(&verdict->package) &&
	    !digest_equal(&act.package, &verdict->package))
		return mismatch(receipt->center, "two acts, two packages", err);
	if (!is_none(&act.package))
		verdict->package = act.package;
	event->act_signer = act.signer;
	event->act_time = act.time;
	if (check_words(checking, index, &act, event, err) < 0)
		return -1;
	return text_copy(event->reason, sizeof(event->reason), act.reason)
	    ? 0
	    : error_set(err, ERROR_SYSTEM, "reason is too long");
}

static void
put_event(const struct message_receipt *receipt,
    const struct statement *statement, struct evidence_event *event)
{
	event->event = (enum event)receipt->event;
	event->time = receipt->time;
	memcpy(event->center, receipt->center, sizeof(event->center));
	memcpy(event->at, receipt->at, sizeof(event->at));
	event->index = receipt->index;
	event->directory = statement->serials.directory;
	event->fresh_at = statement->fresh_ms;
	event->signer = statement->signer;
	event->is_repeat = !is_none(&statement->remote);
}

static int
check_receipt(struct checking *checking, size_t index, struct error *err)
{
	struct evidence_event *event = &checking->verdict->events[index];
	struct statement statement = { 0 };
	struct message_receipt receipt;
	struct bytes json = { 0 };
	int rc = -1;

	if (select_time(checking, index, &statement, err) < 0)
		goto done;
	if (check_folder(checking, index, &statement, err) < 0 ||
	    evidence_put_receipt(&checking->evidence, index, &json, err) < 0)
		goto done;
	if (offline_check_receipt(checking->offline, json.data, json.len,
		&receipt, err) < 0 ||
	    check_delivery(checking, &receipt, err) < 0 ||
	    check_act(checking, index, &receipt, event, err) < 0) {
		error_prefix(err, "%s",
		    checking->evidence.receipts[index].folder);
		goto done;
	}
	put_event(&receipt, &statement, event);
	if (evidence_check_cosigned(checking, index, &statement, &receipt,
		err) < 0 ||
	    evidence_check_stamped(checking, index, &receipt, err) < 0 ||
	    evidence_check_status(checking, index, &statement, err) < 0)
		goto done;
	checking->entries[index] = receipt.entry;
	checking->remotes[index] = statement.remote;
	checking->verdict->event_count = index + 1;
	rc = 0;
done:
	statement_free(&statement);
	bytes_free(&json);
	return rc;
}

/* ---- all ------------------------------------------------------------- */

static int
check_package(const struct checking *checking, struct error *err)
{
	const struct digest *wanted = &checking->terms->package;

	if (is_none(wanted))
		return 0;
	if (is_none(&checking->verdict->package))
		return error_set_id(err, "E3507", ERROR_NOT_FOUND,
		    "no act in it names a package");
	if (!digest_equal(wanted, &checking->verdict->package))
		return mismatch("--package",
		    "the letter is not the one that was delivered", err);
	return 0;
}

static int
check_all(struct checking *checking, struct error *err)
{
	struct statement first = { 0 };
	int rc;

	if (checking->evidence.receipt_count == 0)
		return error_set_id(err, "E3507", ERROR_NOT_FOUND,
		    "there is no receipt in it");
	if (open_offline(checking, err) < 0)
		return -1;
	rc = select_time(checking, 0, &first, err);
	statement_free(&first);
	if (rc < 0 || check_waybill(checking, err) < 0)
		return -1;
	for (size_t i = 0; i < checking->evidence.receipt_count; i++)
		if (check_receipt(checking, i, err) < 0)
			return -1;
	if (evidence_check_later(checking, err) < 0 ||
	    evidence_check_answers(checking, err) < 0 ||
	    evidence_check_order(checking, err) < 0 ||
	    evidence_check_certificates(checking, err) < 0)
		return -1;
	return check_package(checking, err);
}

int
evidence_check(const void *data, size_t len, const struct evidence_terms *terms,
    struct evidence_verdict *ret_verdict, struct error *err)
{
	struct checking *checking = calloc(1, sizeof(*checking));
	int rc = -1;

	memset(ret_verdict, 0, sizeof(*ret_verdict));
	if (checking == NULL)
		return error_set_memory(err);
	checking->terms = terms;
	checking->verdict = ret_verdict;
	if (evidence_read(data, len, &checking->evidence, err) == 0)
		rc = check_all(checking, err);
	offline_close(checking->offline);
	evidence_free(&checking->evidence);
	free(checking);
	return rc;
}
