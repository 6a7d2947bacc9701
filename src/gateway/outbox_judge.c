/*
 * May this letter go to these recipients?  Facts from the directory, decided
 * by policy/sending.h, before anything is signed.
 */
#include <stdio.h>

#include "base/text.h"
#include "directory/directory.h"
#include "gateway/outbox_internal.h"
#include "policy/sending.h"
#include "service/config.h"

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

static int
judge_document(struct outbox_letter *letter, const struct sending_rules *rules,
    const struct outbox_marks *marks, struct error *err)
{
	const struct spool *spool = &letter->outbox->gateway->spool;
	const struct org_code *sender = &letter->document.sender;
	struct directory_org org;
	char name[MESSAGE_KEY_NAME_SIZE];
	struct sending_document facts = {
		.kind = marks->kind,
		.secrecy = marks->secrecy,
		.letter_bytes = letter->size,
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
	return outbox_findings_add(&letter->findings, &verdict, "",
	    sender->text, "", err);
}

/* Attachments count only for those who get them. */
static uint64_t
letter_bytes(const struct outbox_letter *letter,
    const struct outbox_recipient *recipient)
{
	uint64_t len = 0;

	for (size_t i = 0; i < letter->file_count; i++)
		if (letter->files[i].kind != DOCUMENT_ATTACHMENT ||
		    recipient->with_attachments)
			len += letter->files[i].len;
	return len;
}

static int
judge_recipient(struct outbox_letter *letter,
    const struct outbox_recipient *recipient, struct error *err)
{
	const struct directory *directory =
	    spool_directory(&letter->outbox->gateway->spool);
	struct sending_recipient facts = {
		.letter_bytes = letter_bytes(letter, recipient),
	};
	struct directory_org org, receiver;
	struct directory_key seal;
	struct verdict verdict;

	facts.is_known = directory_find_org(directory, &recipient->code, &org);
	if (facts.is_known) {
		facts.status = org.status;
		facts.accepts_bytes = org.accepts_letter_bytes;
		facts.has_seal_key = org.center[0] != '\0' &&
		    directory_find_receiver(directory, &recipient->code,
			&receiver, &seal);
	}
	verdict = sending_judge_recipient(&facts);
	return outbox_findings_add(&letter->findings, &verdict,
	    letter->files[recipient->roster].name, recipient->code.text,
	    recipient->name, err);
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
		0 ||
	    judge_document(letter, &rules, &marks, err) < 0)
		return -1;
	for (size_t i = 0; i < letter->recipient_count; i++)
		if (judge_recipient(letter, &letter->recipients[i], err) < 0)
			return -1;
	return 0;
}
