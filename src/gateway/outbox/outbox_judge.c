/*
 * May this letter go to these recipients?  Facts from the directory, decided
 * by policy/sending.h, before anything is signed.
 */
#include <stdio.h>

#include "base/text.h"
#include "bulletin/measures.h"
#include "directory/directory.h"
#include "gateway/gateway_status.h"
#include "gateway/outbox/outbox_internal.h"
#include "gateway/outbox/outbox_names.h"
#include "gateway/outbox/outbox_way.h"
#include "gateway/sending/recipient_limits.h"
#include "model/times.h"
#include "policy/sending.h"
#include "role/people/people_admit.h"
#include "service/config.h"
#include "store/store.h"

/* The keeper's key is registered for the sender, for this use, and usable. */
static bool
has_key(const struct spool *spool, const struct directory_org *org,
    const char *name, enum key_use use)
{
	const struct directory *directory = spool_directory(spool);
	const struct spool_key *held = spool_key_find(spool, name);

	for (uint32_t i = 0; held != NULL && i < org->key_count; i++) {
		struct directory_key key = directory_key_at(directory, org, i);

		if (key.use == use && key_state_is_usable(key.state) &&
		    digest_equal(&key.fingerprint, &held->certificate))
			return true;
	}
	return false;
}

/* The card that would sign: blocked, revoked or over, it signs nothing. */
static int
judge_card(struct outbox_letter *letter, const char *key, struct error *err)
{
	const struct outbox_place whole = { .file = "" };
	struct verdict verdict;

	if (gateway_status_judge_own(letter->outbox->gateway, key, &verdict,
		err) < 0)
		return -1;
	/* What is not known now is nothing that its sender could mend. */
	if (verdict.kind != VERDICT_REFUSE)
		return 0;
	return outbox_findings_add(&letter->findings, &verdict, &whole, key, "",
	    err);
}

static int
judge_document(struct outbox_letter *letter, const struct sending_rules *rules,
    const struct outbox_marks *marks, struct error *err)
{
	const struct spool *spool = &letter->outbox->gateway->spool;
	const struct org_code *sender = &letter->document.sender;
	struct outbox_place whole = { .file = "" };
	struct directory_org org;
	char name[MESSAGE_KEY_NAME_SIZE];
	struct sending_document facts = {
		.kind = marks->kind,
		.secrecy = marks->secrecy,
		.letter_bytes = letter->files.size,
		.recipients = (uint32_t)letter->recipient_count,
		.sender_known = sender->text[0] != '\0' &&
		    directory_find_org(spool_directory(spool), sender, &org),
	};
	struct verdict verdict;

	if (facts.sender_known) {
		snprintf(name, sizeof(name), "sign.%s", sender->text);
		facts.sender_status = org.status;
		facts.sender_has_keys = has_key(spool, &org, name, KEY_SIGN) &&
		    has_key(spool, &org, "module", KEY_MODULE);
	}
	verdict = sending_judge_document(rules, &facts);
	if (facts.sender_known && facts.sender_has_keys &&
	    judge_card(letter, name, err) < 0)
		return -1;
	return outbox_findings_add(&letter->findings, &verdict, &whole,
	    sender->text, "", err);
}

static struct outbox_place
place_of(const struct outbox_letter *letter,
    const struct outbox_recipient *recipient)
{
	return (
	    struct outbox_place){ letter->files.list[recipient->roster].name,
		recipient->line, recipient->column };
}

/* Attachments count only for those who get them. */
static uint64_t
letter_bytes(const struct outbox_letter *letter,
    const struct outbox_recipient *recipient)
{
	uint64_t len = 0;

	for (size_t i = 0; i < letter->files.count; i++)
		if (letter->files.list[i].kind != DOCUMENT_ATTACHMENT ||
		    recipient->with_attachments)
			len += letter->files.list[i].len;
	return len;
}

/*
 * Who took over, to whom one can send; or which center serves instead, or what is
 * suspended until when.
 */
static void
put_name(const struct outbox_recipient *recipient,
    const struct directory_org *heir, const struct measure *center,
    const struct verdict *verdict, char *to, size_t size)
{
	char paper[TIMES_RFC3339_SIZE] = "";

	text_copy(to, size, recipient->name);
	if (heir != NULL) {
		snprintf(to, size, "%s → %s %s", recipient->name,
		    heir->code.text, heir->name);
	} else if (center != NULL && text_equal(verdict->id, "E3919")) {
		snprintf(to, size, "%s → %s", recipient->name,
		    center->fallback);
	} else if (center != NULL && center->paper_from_ms != 0) {
		times_format(center->paper_from_ms, paper);
		snprintf(to, size, "%s, %s, %s", recipient->name, center->name,
		    paper);
	}
}

/* What its own people know of a recipient, beside the directory. */
static int
judge_limit(struct outbox_letter *letter,
    const struct outbox_recipient *recipient,
    const struct recipient_limit *limit, struct error *err)
{
	struct outbox_place place = place_of(letter, recipient);
	int64_t attachments = 0;

	for (size_t i = 0; i < letter->files.count; i++) {
		const struct outbox_file *file = &letter->files.list[i];
		struct verdict verdict;
		const char *rule;

		if (file->kind != DOCUMENT_ATTACHMENT ||
		    !recipient->with_attachments)
			continue;
		attachments++;
		rule = recipient_limit_judge_name(limit, file->name);
		if (rule == NULL)
			continue;
		verdict = verdict_of(VERDICT_WARN, rule, ERROR_MALFORMED,
		    "a name that the recipient does not take");
		if (outbox_findings_add(&letter->findings, &verdict, &place,
			recipient->code.text, file->name, err) < 0)
			return -1;
	}
	if (limit->attachments == 0 || attachments <= limit->attachments)
		return 0;
	return outbox_findings_add(&letter->findings,
	    &(struct verdict){ VERDICT_WARN, ERROR_MALFORMED, "E6614",
		"more attachments than the recipient takes" },
	    &place, recipient->code.text, recipient->name, err);
}

static int
judge_recipient(struct outbox_letter *letter,
    const struct outbox_recipient *recipient,
    const struct recipient_limits *limits, struct error *err)
{
	char name[2 * MESSAGE_NAME_SIZE + ORG_TEXT_SIZE];
	struct outbox_place place = place_of(letter, recipient);
	struct recipient_limit limit;
	struct outbox_way way;
	uint64_t len = letter_bytes(letter, recipient);

	outbox_way_judge(&letter->outbox->gateway->spool, &recipient->code, len,
	    &way);
	limit = recipient_limits_for(limits, &recipient->code,
	    way.is_known ? way.org.center : "");
	if (limit.letter_bytes > 0 && len > (uint64_t)limit.letter_bytes)
		way.verdict = verdict_worse(way.verdict,
		    verdict_of(VERDICT_PAPER, "E4015", ERROR_DENIED,
			"larger than the recipient accepts"));
	put_name(recipient, way.has_heir ? &way.heir : NULL, way.center,
	    &way.verdict, name, sizeof(name));
	if (outbox_findings_add(&letter->findings, &way.verdict, &place,
		recipient->code.text, name, err) < 0)
		return -1;
	return judge_limit(letter, recipient, &limit, err);
}

static int
judge_recipients(struct outbox_letter *letter, struct error *err)
{
	struct recipient_limits limits = { 0 };
	int rc =
	    recipient_limits_load(store_rows(
				      letter->outbox->gateway->spool.store),
		&letter->document.sender, &limits, err);

	for (size_t i = 0; rc == 0 && i < letter->recipient_count; i++)
		rc = judge_recipient(letter, &letter->recipients[i], &limits,
		    err);
	recipient_limits_free(&limits);
	return rc;
}

/* ---- names and codes ------------------------------------------------- */

static const char *
name_of(void *ctx, const struct org_code *code)
{
	const struct spool *spool = ctx;
	struct directory_org org;

	return directory_find_org(spool_directory(spool), code, &org) ? org.name
								      : NULL;
}

/*
 * The code is the address: a name that is not the code's own means that the
 * letter goes to somebody else than whoever wrote the roster thought.
 */
static int
judge_name(struct outbox_letter *letter,
    const struct outbox_recipient *recipient, const char *name,
    struct error *err)
{
	struct verdict verdict = verdict_of(VERDICT_WARN, "E2155",
	    ERROR_MALFORMED, "the directory has another name");
	struct outbox_place place = place_of(letter, recipient);
	struct bytes text = { 0 };
	int rc = -1;

	if (name == NULL || recipient->is_person ||
	    outbox_names_equal(name, recipient->name))
		return 0;
	bytes_put_format(&text, "%s → %s", recipient->name, name);
	bytes_put_u8(&text, 0);
	if (bytes_failed(&text, err) == 0)
		rc = outbox_findings_add(&letter->findings, &verdict, &place,
		    recipient->code.text, (const char *)text.data, err);
	bytes_free(&text);
	return rc;
}

static int
judge_resend(struct outbox_letter *letter, struct error *err)
{
	static const struct outbox_place whole = { "", 0, 0 };
	const struct outbox_document *document = &letter->document;
	struct verdict verdict = sending_judge_resend(document->message,
	    !id_is_nil(&document->earlier));

	return outbox_findings_add(&letter->findings, &verdict, &whole, "",
	    document->reference, err);
}

static int
judge_names(struct outbox_letter *letter, struct error *err)
{
	struct spool *spool = &letter->outbox->gateway->spool;
	struct outbox_findings *findings = &letter->findings;

	for (size_t i = 0; i < letter->recipient_count; i++) {
		const struct outbox_recipient *recipient =
		    &letter->recipients[i];

		if (judge_name(letter, recipient,
			name_of(spool, &recipient->code), err) < 0)
			return -1;
	}
	return outbox_names_explain(blob_of_bytes(&letter->report),
	    letter->recipients, letter->recipient_count, name_of, spool,
	    &findings->explained, &findings->explained_count, err);
}

/*
 * A copy that is written apart goes to one recipient and names no other, in its
 * roster as well as in its text.
 */
static int
judge_apart(struct outbox_letter *letter, struct error *err)
{
	static const struct outbox_place whole = { "", 0, 0 };
	char other[MESSAGE_NAME_SIZE] = "";
	struct verdict verdict = verdict_of(VERDICT_REFUSE, "E6621",
	    ERROR_MALFORMED, "a copy names somebody else");

	if (letter->recipient_count == 1 &&
	    outbox_findings_other_reader(blob_of_bytes(&letter->report),
		letter->recipients[0].name, other, err) < 0)
		return -1;
	if (letter->recipient_count == 1 && other[0] == '\0')
		return 0;
	if (letter->recipient_count > 1)
		text_copy(other, sizeof(other), letter->recipients[1].name);
	return outbox_findings_add(&letter->findings, &verdict, &whole, "",
	    other, err);
}

int
outbox_judge(struct outbox_letter *letter, struct error *err)
{
	const struct config *config =
	    letter->outbox->gateway->spool.env->config;
	struct sending_rules rules = sending_rules_default();
	struct outbox_marks marks;

	if (spool_directory(&letter->outbox->gateway->spool) == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	rules.letter_bytes_max = (uint64_t)config->limits.letter_bytes;
	rules.recipients_max = (uint32_t)config->limits.recipients;
	if (outbox_findings_marks(blob_of_bytes(&letter->report), &marks, err) <
	    0)
		return -1;
	/* An envelope of the former exchange, which is only looked at. */
	if (letter->is_only_check && marks.kind[0] == '\0')
		return 0;
	if (!people_may_see(letter->scope, letter->document.sender.text))
		return error_set_id(err, "E6403", ERROR_DENIED,
		    "the sender %s is another organisation",
		    letter->document.sender.text);
	if (judge_document(letter, &rules, &marks, err) < 0)
		return -1;
	if (judge_recipients(letter, err) < 0 ||
	    (letter->is_apart && judge_apart(letter, err) < 0))
		return -1;
	return judge_names(letter, err) < 0 ? -1 : judge_resend(letter, err);
}
