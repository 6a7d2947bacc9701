/*
 * Our acts: signed by the keeper, durable, posted to the center until it
 * answers, and its receipt kept.  The same bytes go out each time, so that a
 * repeat gets the first receipt.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "envelope/keypart.h"
#include "gateway/again.h"
#include "gateway/evidence/log_watch.h"
#include "gateway/evidence/status_fetch.h"
#include "gateway/inbox/inbox_content.h"
#include "gateway/inbox/inbox_events.h"
#include "gateway/inbox/inbox_internal.h"
#include "gateway/inbox/inbox_judge.h"
#include "gateway/inbox/inbox_place.h"
#include "gateway/words.h"
#include "json/json_check.h"
#include "json/json_raw.h"
#include "json/json_read.h"
#include "store/store.h"
#include "sys/ipc.h"

enum { POST_TIMEOUT_MS = 60000, ANSWER_MAX = 512 * 1024 };

#define LIFETIME_MAX_MS ((int64_t)45 * 24 * 3600 * 1000)

/* ---- signing --------------------------------------------------------- */

static int
write_act(struct inbox_job *job, struct error *err)
{
	return inbox_event_add(inbox_rows(job->inbox), job->row.row, job->event,
	    blob_of_bytes(&job->body), err);
}

static void
on_signed(void *ctx, const struct blob *signature, const struct error *failure)
{
	struct inbox_job *job = ctx;
	struct error err = { 0 };

	if (failure != NULL) {
		inbox_job_later(job, failure);
		return;
	}
	bytes_put(&job->body, signature->data, signature->len);
	if (bytes_failed(&job->body, &err) < 0)
		inbox_job_later(job, &err);
	else
		/* `fetched` has a step of its own, unless it is signed anew;
		 * all are posted in the step that signs them. */
		inbox_job_end(job,
		    job->row.step == JOB_RECEIVE_FETCHED ? JOB_OK : JOB_LATER,
		    write_act);
}

static void
sign(struct inbox_job *job)
{
	enum act_reason reason =
	    job->event == EVENT_UNREADABLE || job->event == EVENT_RETURNED
	    ? job->row.reason
	    : job->event == EVENT_NOTICE ? job->row.notice
					 : ACT_REASON_NONE;
	struct words words = { .text = "" };
	struct error err = { 0 };

	if (words_find(inbox_rows(job->inbox), WORDS_RECEIVED, job->row.row,
		job->event, &words, &err) >= 0 &&
	    inbox_act_sign(job->inbox, &job->row, job->event, reason, &words,
		on_signed, job, &err) == 0)
		return;
	if (err.code == ERROR_DENIED || err.code == ERROR_UNTRUSTED)
		inbox_job_refuse(job, JOB_REFUSED, &err);
	else
		inbox_job_later(job, &err);
}

void
inbox_act_fetched(struct inbox_job *job)
{
	struct error err = { 0 };
	int found;

	job->event = EVENT_FETCHED;
	found = inbox_event_act(inbox_rows(job->inbox), job->row.row,
	    EVENT_FETCHED, &job->body, &err);
	bytes_clear(&job->body);
	if (found < 0)
		inbox_job_later(job, &err);
	else if (found > 0)
		inbox_job_end(job, JOB_OK, NULL);
	else
		sign(job);
}

/* ---- the answer ------------------------------------------------------ */

/* What the center says when a delivery, or an act on it, is over for good. */
static enum job_result
result_of(const char *id)
{
	static const struct {
		const char *id;
		enum job_result result;
	} results[] = {
		{ "E4006", JOB_OVER },    /* not_after has passed */
		{ "E4032", JOB_OVER },    /* no such delivery any more */
		{ "E4102", JOB_OVER },    /* it ended another way */
		{ "E4104", JOB_OVER },    /* it was withdrawn, or expired */
		{ "E4027", JOB_REFUSED }, /* not the right signer */
		{ "E3705", JOB_REFUSED }, /* or its certificate is revoked */
		{ "E3710", JOB_REFUSED }, /* or the card is blocked */
		{ "E3104", JOB_REFUSED }, /* an act against the rules */
	};

	for (size_t i = 0; i < ARRAY_LEN(results); i++)
		if (text_equal(results[i].id, id))
			return results[i].result;
	return JOB_LATER;
}

bool
inbox_is_of_another_center(const struct inbox_job *job)
{
	return job->row.center[0] != '\0' &&
	    !text_equal(job->row.center, job->inbox->gateway->center);
}

/*
 * Our organisation has moved: what our center does not know yet, the former one
 * will hand over to it.  Nothing lives longer than its time.
 */
static bool
may_still_come(const struct inbox_job *job, const char *code)
{
	return text_equal(code, "E4032") && inbox_is_of_another_center(job) &&
	    spool_now(&job->inbox->gateway->spool) - job->row.received_at <
	    LIFETIME_MAX_MS;
}

enum job_result
inbox_judge_answer(const struct inbox_job *job,
    const struct message_called *called, struct error *ret_failure)
{
	struct json_document *document = NULL;
	struct error err = { 0 };
	const char *code = NULL;
	enum job_result result;

	if (json_read(called->body.data, called->body.len, ANSWER_MAX,
		&document, &err) == 0)
		code = json_value_text(
		    json_value_member(json_root(document), "code"));
	if (code == NULL || strlen(code) >= ERROR_ID_SIZE)
		code = "";
	result = may_still_come(job, code) ? JOB_LATER : result_of(code);
	error_set_id(ret_failure, code,
	    result == JOB_LATER ? ERROR_BUSY : ERROR_DENIED,
	    "the center answers %u", called->status);
	json_document_free(document);
	return result;
}

static int
write_key_part(struct inbox_job *job, struct error *err)
{
	struct rows *rows = inbox_rows(job->inbox);
	const struct message_addendum *addendum = &job->addendum;
	struct inbox_row *row = &job->row;

	if (job->rewrap.len > 0) {
		row->seal = addendum->seal;
		row->key_digest = addendum->key_part;
		row->serial = addendum->directory;
		if (!org_code_parse(addendum->receiver, &row->receiver))
			return error_set(err, ERROR_MALFORMED, "receiver %s",
			    addendum->receiver);
		if (inbox_row_set_addendum(rows, row->row,
			blob_of_bytes(&job->rewrap), err) < 0)
			return -1;
	}
	return inbox_row_set_key_part(rows, row->row,
	    blob_of_bytes(&job->other), err);
}

static int
write_receipt(struct inbox_job *job, struct error *err)
{
	if (inbox_event_receipt(inbox_rows(job->inbox), job->row.row,
		&job->receipt, job->json, err) < 0 ||
	    log_watch_add(job->inbox->gateway->log_watch, &job->receipt,
		job->json, err) < 0 ||
	    status_fetch_add(job->inbox->gateway->status_fetch, &job->receipt,
		err) < 0)
		return -1;
	if (job->event == EVENT_FETCHED)
		job->row.state = INBOX_FETCHED;
	if (job->event == EVENT_FETCHED || job->event == EVENT_REWRAP)
		return write_key_part(job, err);
	return job->event == EVENT_OPENED || job->event == EVENT_UNREADABLE
	    /* The ciphertext has served: what it was is in the package. */
	    ? inbox_content_release(job, err)
	    : 0;
}

static void
end_posted(struct inbox_job *job)
{
	char name[MESSAGE_REASON_SIZE];

	snprintf(name, sizeof(name), "letter.%s", event_name(job->event));
	inbox_log(job->inbox, &job->row, LOG_LEVEL_NOTICE, name, NULL);
	inbox_job_end(job, JOB_OK, write_receipt);
}

/* It must not be let in: the center has yet to give the right one. */
static void
on_addendum(void *ctx, struct ipc_message *message)
{
	struct inbox_job *job = ctx;
	struct inbox_place place = inbox_place_of(job->inbox->gateway);
	struct error err = { 0 };

	if (message_read(message, MESSAGE_ADDENDUM, &job->addendum, &err) < 0 ||
	    inbox_judge_addendum(&place, &job->row, &job->addendum,
		spool_now(&job->inbox->gateway->spool), &err) < 0)
		inbox_job_later(job, &err);
	else
		end_posted(job);
}

static int
ask_addendum(struct inbox_job *job, struct error *err)
{
	struct message_verify_addendum ask = {
		.addendum = blob_of_bytes(&job->rewrap),
		.key_part = blob_of_bytes(&job->other),
	};

	return peer_ask(job->inbox->gateway->spool.verifier,
	    MESSAGE_VERIFY_ADDENDUM, &ask, -1, on_addendum, job, NULL, err);
}

static void
on_receipt(void *ctx, struct ipc_message *message)
{
	struct inbox_job *job = ctx;
	struct inbox_place place = inbox_place_of(job->inbox->gateway);
	struct error err = { 0 };

	/* Not the answer to our act: the center has yet to give it. */
	if (message_read(message, MESSAGE_RECEIPT, &job->receipt, &err) < 0 ||
	    inbox_judge_receipt(&place, &job->row, job->event, &job->receipt,
		&err) < 0) {
		inbox_job_later(job, &err);
		return;
	}
	if (job->rewrap.len > 0) {
		if (ask_addendum(job, &err) < 0)
			inbox_job_later(job, &err);
		return;
	}
	/* It is marked, and the sender's module is yet to make one. */
	if (job->event == EVENT_REWRAP) {
		error_set_id(&err, "E4317", ERROR_BUSY,
		    "no other key part has come yet");
		inbox_job_later(job, &err);
		return;
	}
	end_posted(job);
}

/* A member in base64, which JSON never escapes; nothing when there is none. */
static int
take_base64(struct json_raw value, struct bytes *to, struct error *err)
{
	if (value.data == NULL)
		return 0;
	if (value.len < 2 || value.data[0] != '"')
		return error_set(err, ERROR_MALFORMED,
		    "an answer with something else than base64");
	return base64_parse(value.data + 1, value.len - 2, to, err);
}

static int
read_answer(struct inbox_job *job, const struct message_called *called,
    struct error *err)
{
	enum { RECEIPT, KEY_PART, ADDENDUM, COUNT };
	static const char *const names[COUNT] = {
		[RECEIPT] = "receipt",
		[KEY_PART] = "key_part",
		[ADDENDUM] = "addendum",
	};
	struct json_raw parts[COUNT];

	bytes_put(&job->body, called->body.data, called->body.len);
	if (bytes_failed(&job->body, err) < 0 ||
	    json_check(job->body.data, job->body.len, ANSWER_MAX, err) < 0)
		return -1;
	json_raw_members(json_raw_of(job->body.data, job->body.len), names,
	    COUNT, parts);
	if (parts[RECEIPT].data == NULL ||
	    ((job->event == EVENT_FETCHED || parts[ADDENDUM].data != NULL) &&
		parts[KEY_PART].data == NULL))
		return error_set(err, ERROR_MALFORMED,
		    "an answer without receipt or key part");
	job->json = blob_of(parts[RECEIPT].data, parts[RECEIPT].len);
	if (take_base64(parts[KEY_PART], &job->other, err) < 0)
		return -1;
	return take_base64(parts[ADDENDUM], &job->rewrap, err);
}

static void
on_posted(void *ctx, struct ipc_message *message)
{
	struct inbox_job *job = ctx;
	struct message_verify_receipt ask;
	struct message_called called;
	struct error err = { 0 };
	enum job_result result;

	bytes_clear(&job->body);
	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0) {
		inbox_job_later(job, &err);
		return;
	}
	if (called.status != 200 && called.status != 201) {
		result = inbox_judge_answer(job, &called, &err);
		/* Signed when our clock was wrong.  Nothing was logged of it,
		 * or a repeat would have got the first receipt. */
		job->is_ahead = text_equal(err.id, "E4025");
		if (result == JOB_LATER ||
		    (result == JOB_REFUSED && job->event == EVENT_REWRAP))
			inbox_job_later(job, &err);
		else
			inbox_job_refuse(job, result, &err);
		return;
	}
	if (read_answer(job, &called, &err) == 0) {
		ask.receipt = job->json;
		if (peer_ask(job->inbox->gateway->spool.verifier,
			MESSAGE_VERIFY_RECEIPT, &ask, -1, on_receipt, job, NULL,
			&err) == 0)
			return;
	}
	inbox_job_later(job, &err);
}

/* ---- posting --------------------------------------------------------- */

static enum event
event_of_step(const struct inbox_row *row)
{
	switch (row->step) {
	case JOB_RECEIVE_KEY:
		return EVENT_FETCHED;
	case JOB_RECEIVE_OPENED:
		return EVENT_OPENED;
	case JOB_RECEIVE_REPORT:
		return EVENT_UNREADABLE;
	case JOB_RECEIVE_NOTICE:
		return EVENT_NOTICE;
	case JOB_RECEIVE_REWRAP:
		return EVENT_REWRAP;
	case JOB_RECEIVE_ANSWER:
	case JOB_RECEIVE_CONTENT:
	case JOB_RECEIVE_VERIFY:
	case JOB_RECEIVE_FETCHED:
	case JOB_RECEIVE_OPEN:
	case JOB_RECEIVE_SCAN:
	case JOB_RECEIVE_INBOX:
	case JOB_RECEIVE_DONE:
	case JOB_RECEIVE_REFUSED:
	case JOB_RECEIVE_ENDED:
	case JOB_RECEIVE_COUNT:
		break;
	}
	return row->answer;
}

void
inbox_act_post(struct inbox_job *job)
{
	struct gateway *gateway = job->inbox->gateway;
	struct message_call call = { .method = "POST",
		.type = "application/pkcs7-mime",
		.timeout_ms = POST_TIMEOUT_MS };
	struct error err = { 0 };
	int found;

	/* The center must have the steps before this one again first. */
	if (again_is_pending_for(gateway->again, job->row.row)) {
		error_set_id(&err, "E5046", ERROR_BUSY,
		    "what the center lost is handed in again first");
		inbox_job_later(job, &err);
		return;
	}
	if (inbox_is_of_another_center(job))
		snprintf(call.path, sizeof(call.path),
		    "/v1/acts?epoch=%llu&center=%s",
		    (unsigned long long)again_epoch(gateway->again),
		    job->row.center);
	else
		snprintf(call.path, sizeof(call.path), "/v1/acts?epoch=%llu",
		    (unsigned long long)again_epoch(gateway->again));
	job->event = event_of_step(&job->row);
	found = inbox_event_act(inbox_rows(job->inbox), job->row.row,
	    job->event, &job->body, &err);
	if (found == 0) {
		sign(job);
		return;
	}
	call.body = blob_of_bytes(&job->body);
	text_copy(call.peer, sizeof(call.peer), gateway->center);
	if (found < 0 ||
	    peer_ask(gateway->spool.courier, MESSAGE_CALL, &call, -1, on_posted,
		job, NULL, &err) < 0)
		inbox_job_later(job, &err);
}

void
inbox_act_rewrap(struct inbox_job *job)
{
	struct inbox_place place = inbox_place_of(job->inbox->gateway);

	if (inbox_judge_can_open(&place, &job->row))
		inbox_job_end(job, JOB_OK, NULL);
	else
		inbox_act_post(job);
}
