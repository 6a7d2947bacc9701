/*
 * Who signs an act, and over what.
 */
#include <stdio.h>

#include "base/text.h"
#include "gateway/gateway_status.h"
#include "gateway/inbox/inbox_internal.h"
#include "gateway/words.h"

static int
encode_act(const struct inbox *inbox, const struct inbox_row *row,
    enum event event, enum act_reason reason, const struct words *words,
    struct bytes *to, struct error *err)
{
	bool has_package = event == EVENT_OPENED || event == EVENT_CONFIRMED ||
	    event == EVENT_RETURNED || event == EVENT_NOTICE;
	struct act act = { .event = event,
		.waybill = row->waybill,
		.waybill_id = row->waybill_id,
		.leaf = row->leaf,
		.content = row->content_digest,
		.recipient = row->recipient,
		.reason = reason,
		.time_at = spool_now(&inbox->gateway->spool) };

	if (has_package)
		act.package = row->package;
	text_copy(act.environment, sizeof(act.environment),
	    inbox->gateway->environment);
	if (words->text[0] != '\0' &&
	    words_seal(spool_directory(&inbox->gateway->spool), &row->sender,
		words, &act, err) < 0)
		return -1;
	return act_encode(&act, to, err);
}

static bool
copy_key(const struct spool *spool, const char *code, char *to, size_t size)
{
	char name[MESSAGE_KEY_NAME_SIZE];

	snprintf(name, sizeof(name), "sign.%s", code);
	return spool_key_find(spool, name) != NULL && text_copy(to, size, name);
}

/*
 * The organisation's key for what a person decides: of the recipient, or of
 * the organisation whose unit it is.
 */
static int
choose_key(const struct spool *spool, const struct inbox_row *row,
    enum event event, char *to, size_t size, struct error *err)
{
	struct org_code parent = org_code_parent(&row->recipient);

	if (!act_is_of_organisation(event)) {
		text_copy(to, size, "module");
		return 0;
	}
	if (copy_key(spool, row->recipient.text, to, size) ||
	    copy_key(spool, parent.text, to, size) ||
	    (row->serial > 0 && copy_key(spool, row->receiver.text, to, size)))
		return 0;
	return error_set_id(err, "E4305", ERROR_DENIED,
	    "no key to sign for %s is configured", row->recipient.text);
}

/* A card that is blocked, revoked or over signs nothing here. */
static int
check_card(const struct inbox *inbox, enum event event, const char *key,
    struct error *err)
{
	struct verdict verdict = verdict_allow();

	if (act_is_of_organisation(event) &&
	    gateway_status_judge_own(inbox->gateway, key, &verdict, err) < 0)
		return -1;
	return verdict_check(&verdict, key, err);
}

int
inbox_act_sign(struct inbox *inbox, const struct inbox_row *row,
    enum event event, enum act_reason reason, const struct words *words,
    signing_fn done, void *ctx, struct error *err)
{
	struct gateway *gateway = inbox->gateway;
	char key[MESSAGE_KEY_NAME_SIZE];
	struct bytes json = { 0 };
	int rc = -1;

	if (choose_key(&gateway->spool, row, event, key, sizeof(key), err) ==
		0 &&
	    check_card(inbox, event, key, err) == 0 &&
	    encode_act(inbox, row, event, reason, words, &json, err) == 0)
		rc = signing_ask(gateway->signing, KEEPER_ACT, key, &json, done,
		    ctx, err);
	bytes_free(&json);
	return rc;
}

/* ---- with what becomes durable next ---------------------------------- */

/* Without it the rest becomes durable alone, and the next step signs. */
static void
on_signed(void *ctx, const struct blob *signature, const struct error *failure)
{
	struct inbox_job *job = ctx;
	struct error ignored = { 0 };

	if (failure == NULL)
		bytes_put(&job->other, signature->data, signature->len);
	if (bytes_failed(&job->other, &ignored) < 0)
		bytes_free(&job->other);
	inbox_job_end(job, JOB_OK, job->write);
}

void
inbox_act_end_with(struct inbox_job *job, enum event event,
    int (*write)(struct inbox_job *job, struct error *err))
{
	static const struct words none = { .text = "" };
	struct error ignored = { 0 };

	job->write = write;
	if (inbox_act_sign(job->inbox, &job->row, event, ACT_REASON_NONE, &none,
		on_signed, job, &ignored) < 0)
		inbox_job_end(job, JOB_OK, write);
}
