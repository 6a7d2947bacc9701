/*
 * A letter in the works: its turn among the others, its end, and its answer.
 *
 * Turns are fair by size: large letters have few places of their own, and all
 * that are being packed get one slice after another, so a huge one delays a
 * small one by a slice and not by its length.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "exchange/urgency.h"
#include "gateway/outbox/outbox_inspect.h"
#include "gateway/outbox/outbox_internal.h"
#include "gateway/outbox/outbox_series.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "role/problem.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

static const char json_type[] = "application/json";

void
outbox_letter_free(struct outbox_letter *letter)
{
	if (letter == NULL)
		return;
	outbox_inspect_free(letter->inspect);
	outbox_pack_free(letter->pack);
	outbox_files_free(&letter->files);
	http_target_free(&letter->target);
	bytes_free(&letter->report);
	outbox_findings_free(&letter->findings);
	free(letter->recipients);
	outbox_plan_free(&letter->plan);
	bytes_free(&letter->answer);
	outbox_series_free(letter->leads);
	free(letter);
}

/* ---- turns ----------------------------------------------------------- */

static size_t *
counter_of(struct outbox_letter *letter, enum outbox_stage stage)
{
	struct outbox *outbox = letter->outbox;

	if (stage == OUTBOX_CHECKING)
		return letter->preview != 0 ? &outbox->previewing
					    : &outbox->checking;
	if (stage == OUTBOX_PACKING)
		return letter->is_large ? &outbox->large : &outbox->small;
	return NULL;
}

void
outbox_letter_stage(struct outbox_letter *letter, enum outbox_stage stage)
{
	size_t *counter = counter_of(letter, letter->stage);

	if (counter != NULL)
		--*counter;
	letter->stage = stage;
	counter = counter_of(letter, stage);
	if (counter != NULL)
		++*counter;
	loop_soon_start(letter->outbox->schedule);
}

static bool
may_start(const struct outbox_letter *letter)
{
	const struct outbox *outbox = letter->outbox;

	/* What takes long to show does not hold up what is to be sent. */
	if (letter->stage == OUTBOX_WAITS_CHECK)
		return letter->preview != 0
		    ? outbox->previewing < OUTBOX_PREVIEWS_MAX
		    : outbox->checking < OUTBOX_CHECKS_MAX;
	if (letter->stage != OUTBOX_WAITS_PACK)
		return false;
	return letter->is_large ? outbox->large < OUTBOX_LARGE_MAX
				: outbox->small < OUTBOX_SMALL_MAX;
}

/* Before the check a letter's urgency (速別) is not known: normal. */
static int64_t
rank_of(const struct outbox_letter *letter)
{
	return urgency_rank(letter->speed, letter->document.created_at,
	    letter->place);
}

/* The most urgent that may start; of equals the first. */
static struct outbox_letter *
next_to_start(struct outbox *outbox)
{
	struct outbox_letter *found = NULL;

	for (struct outbox_letter *letter = outbox->first; letter != NULL;
	     letter = letter->next)
		if (may_start(letter) &&
		    (found == NULL || rank_of(letter) < rank_of(found)))
			found = letter;
	return found;
}

void
outbox_letter_schedule(void *ctx)
{
	struct outbox *outbox = ctx;
	struct outbox_letter *letter;

	/* Starting one may end it, but only in a later turn of the loop. */
	while ((letter = next_to_start(outbox)) != NULL) {
		if (letter->stage == OUTBOX_WAITS_CHECK) {
			outbox_letter_stage(letter, OUTBOX_CHECKING);
			if (letter->series != NULL)
				outbox_series_name(letter);
			else
				outbox_inspect_start(letter);
		} else {
			outbox_letter_stage(letter, OUTBOX_PACKING);
			outbox_pack_start(letter);
		}
	}
}

/* The next one after `after` that has a slice to do; NULL for none. */
static struct outbox_letter *
next_ready(struct outbox *outbox, struct outbox_letter *after)
{
	struct outbox_letter *found = NULL;
	bool is_behind = after == NULL;

	for (struct outbox_letter *letter = outbox->first; letter != NULL;
	     letter = letter->next) {
		if (letter->stage == OUTBOX_PACKING && letter->pack != NULL &&
		    outbox_pack_is_ready(letter->pack)) {
			if (is_behind)
				return letter;
			if (found == NULL)
				found = letter;
		}
		if (letter == after)
			is_behind = true;
	}
	return found;
}

void
outbox_letter_slices(void *ctx)
{
	struct outbox *outbox = ctx;

	outbox->served = next_ready(outbox, outbox->served);
	if (outbox->served == NULL)
		return;
	outbox_pack_slice(outbox->served);
	if (next_ready(outbox, NULL) != NULL)
		loop_soon_start(outbox->slices);
}

/* ---- the end --------------------------------------------------------- */

void
outbox_letter_leave(struct outbox_letter *letter)
{
	struct outbox *outbox = letter->outbox;
	struct outbox_letter **at = &outbox->first;
	struct outbox_series *series = letter->series;
	size_t place = letter->place;

	while (*at != letter)
		at = &(*at)->next;
	*at = letter->next;
	outbox->count -= series == NULL;
	if (outbox->served == letter)
		outbox->served = NULL;
	outbox_letter_free(letter);
	if (series != NULL)
		outbox_series_left(series, place);
}

void
outbox_letter_answer(struct outbox_letter *letter)
{
	struct message_response response = { .status = letter->status };

	if (!letter->is_left && letter->status == 0) {
		peer_refuse(letter->peer, letter->request, &letter->failure);
	} else if (!letter->is_left) {
		text_copy(response.type, sizeof(response.type), letter->type);
		response.body = blob_of_bytes(&letter->answer);
		response.pages = letter->pages;
		text_copy(response.missing, sizeof(response.missing),
		    letter->missing);
		peer_tell(letter->peer, MESSAGE_RESPONSE, letter->request,
		    &response, -1);
	}
	outbox_letter_leave(letter);
}

static int
apply_drop(struct group_op *op, struct error *err)
{
	struct outbox_letter *letter = (struct outbox_letter *)(void *)op;

	return outbox_take_remove(letter->outbox, letter->document.row, err);
}

/* The answer is the same: what stays behind goes with the next start. */
static void
finish_drop(struct group_op *op, const struct error *failure)
{
	struct outbox_letter *letter = (struct outbox_letter *)(void *)op;

	if (failure != NULL)
		log_failure(&letter->outbox->gateway->spool.env->log,
		    LOG_LEVEL_WARNING, "outbox.drop", failure);
	outbox_letter_answer(letter);
}

static void
drop(struct outbox_letter *letter)
{
	outbox_letter_stage(letter, OUTBOX_ENDING);
	outbox_pack_free(letter->pack);
	letter->pack = NULL;
	if (!letter->is_stored) {
		outbox_letter_answer(letter);
		return;
	}
	letter->op.apply = apply_drop;
	letter->op.finish = finish_drop;
	group_add(letter->outbox->gateway->spool.group, &letter->op);
}

static void
log_refused(const struct outbox_letter *letter, const struct error *failure)
{
	struct log_line line;

	log_begin(&line, &letter->outbox->gateway->spool.env->log,
	    LOG_LEVEL_WARNING, "outbox.refused");
	log_text(&line, "org", letter->document.sender.text);
	log_text(&line, "trace", letter->document.trace);
	log_error(&line, failure);
	log_end(&line);
}

/* The problem with its findings; without them the listener writes it. */
static int
put_problem(struct outbox_letter *letter, struct error *err)
{
	struct bytes errors = { 0 };
	struct json_writer writer = json_writer_to(&errors);
	int rc = outbox_findings_write(&letter->findings,
	    blob_of_bytes(&letter->report), letter->is_english, NULL, &writer,
	    err);

	if (rc == 0)
		rc = json_write_done(&writer, err);
	bytes_put_u8(&errors, '\0');
	if (rc == 0)
		rc = bytes_failed(&errors, err);
	if (rc == 0) {
		letter->type = problem_type;
		letter->status = (uint16_t)problem_put(&letter->failure,
		    letter->is_english ? "en" : "zh-TW", letter->document.trace,
		    (const char *)errors.data, &letter->answer);
		rc = bytes_failed(&letter->answer, err);
	}
	bytes_free(&errors);
	return rc;
}

void
outbox_letter_fail(struct outbox_letter *letter, const struct error *failure)
{
	struct error err = { 0 };

	log_refused(letter, failure);
	letter->failure = *failure;
	if (letter->series != NULL)
		outbox_series_refused(letter);
	else if (letter->report.len > 0 && put_problem(letter, &err) < 0)
		letter->status = 0;
	drop(letter);
}

static int
put_report(struct outbox_letter *letter, struct error *err)
{
	struct json_writer writer = json_writer_to(&letter->answer);
	struct blob report = blob_of_bytes(&letter->report);

	json_write_begin_object(&writer, NULL);
	json_write_bool(&writer, "accepted", !letter->findings.has_error);
	if (outbox_findings_write_document(report, &writer, err) < 0 ||
	    outbox_findings_write(&letter->findings, report, letter->is_english,
		"findings", &writer, err) < 0)
		return -1;
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

void
outbox_letter_report(struct outbox_letter *letter)
{
	letter->type = json_type;
	letter->status = 200;
	if (letter->series != NULL)
		outbox_series_reported(letter);
	else if (put_report(letter, &letter->failure) < 0)
		letter->status = 0;
	drop(letter);
}

void
outbox_letter_show(struct outbox_letter *letter)
{
	letter->status = 200;
	drop(letter);
}

void
outbox_letter_sent(struct outbox_letter *letter, int status,
    const struct id *document_id)
{
	struct spool *spool = &letter->outbox->gateway->spool;
	struct json_writer writer = json_writer_to(&letter->answer);
	const struct outbox_reading reading = outbox_reading_of(spool);

	outbox_letter_stage(letter, OUTBOX_ENDING);
	letter->type = json_type;
	letter->status = (uint16_t)status;
	if (outbox_read_one(&reading, document_id, &writer, &letter->failure) <
		0 ||
	    json_write_done(&writer, &letter->failure) < 0)
		letter->status = 0;
	outbox_letter_answer(letter);
}

/* ---- the beginning --------------------------------------------------- */

/* The warnings that it accepts, "accept=E2133,E2134", and "undo=30". */
static int
read_params(struct outbox_letter *letter, const struct message_request *request,
    struct error *err)
{
	struct http_target target = { 0 };
	const char *accept, *apart;
	int rc = http_target_parse(request->path, strlen(request->path),
	    &target, err);

	if (rc == 0) {
		accept = http_target_param(&target, "accept");
		rc = outbox_accept_parse(accept != NULL ? accept : "",
		    &letter->findings.accept, err);
	}
	if (rc == 0) {
		apart = http_target_param(&target, "apart");
		letter->is_apart = apart != NULL && text_equal(apart, "1");
		rc = outbox_hold_read(letter, &target, err);
	}
	http_target_free(&target);
	return rc;
}

int
outbox_letter_admit(struct outbox_letter *letter,
    const struct message_request *request, struct error *err)
{
	struct outbox *outbox = letter->outbox;

	if (read_params(letter, request, err) < 0)
		return -1;
	if (!outbox->is_started)
		return error_set_id(err, "E4203", ERROR_BUSY,
		    "this gateway is starting");
	if (outbox->count >= OUTBOX_LETTERS_MAX)
		return error_set_id(err, "E4204", ERROR_BUSY,
		    "%d letters are in the works", OUTBOX_LETTERS_MAX);
	return 0;
}

void
outbox_letter_measure(struct outbox_letter *letter)
{
	const struct outbox_files *files = &letter->files;

	letter->is_large = files->size >= OUTBOX_LARGE_LEN;
	for (size_t i = 0; i < files->count; i++)
		if (files->list[i].kind == DOCUMENT_ATTACHMENT)
			letter->has_attachments = true;
}

static int
begin(struct outbox_letter *letter, const struct message_request *request,
    struct error *err)
{
	/* Files first: what is not taken stays for good. */
	if (outbox_take_files(letter, request, err) < 0)
		return -1;
	if (text_starts(request->path, "/v1/documents:preview") &&
	    outbox_preview_parse(letter, request->path, err) < 0)
		return -1;
	return outbox_letter_admit(letter, request, err);
}

void
outbox_letter_enter(struct outbox_letter *letter)
{
	struct outbox_letter **at = &letter->outbox->first;

	while (*at != NULL)
		at = &(*at)->next;
	*at = letter;
	/* Copies of a series are counted as one, their request. */
	letter->outbox->count += letter->series == NULL;
}

struct outbox_letter *
outbox_letter_new(struct outbox *outbox, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	static const struct digest none = { { 0 } };
	struct outbox_letter *letter = calloc(1, sizeof(*letter));
	struct error err = { 0 };

	if (letter == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return NULL;
	}
	letter->outbox = outbox;
	letter->peer = peer;
	letter->request = id;
	text_copy(letter->scope, sizeof(letter->scope), request->scope);
	text_copy(letter->actor.name, sizeof(letter->actor.name),
	    request->actor);
	letter->actor.is_person = !digest_equal(&request->session, &none);
	letter->is_english = problem_is_english(request->language);
	text_copy(letter->document.trace, sizeof(letter->document.trace),
	    request->trace);
	return letter;
}

void
outbox_letter_refuse(struct outbox_letter *letter, const struct error *failure)
{
	log_refused(letter, failure);
	peer_refuse(letter->peer, letter->request, failure);
	outbox_letter_free(letter);
}

void
outbox_letter_begin(struct outbox *outbox, struct peer *peer,
    struct ipc_message *message, const struct message_request *request)
{
	struct outbox_letter *letter =
	    outbox_letter_new(outbox, peer, message->id, request);
	struct error err = { 0 };

	if (letter == NULL)
		return;
	letter->is_only_check = text_starts(request->path, "/v1/documents:");
	if (begin(letter, request, &err) < 0) {
		outbox_letter_refuse(letter, &err);
		return;
	}
	outbox_letter_enter(letter);
	outbox_take_store(letter);
}

/* The letter goes on: what was asked for may be durable before long. */
void
outbox_letter_cancel(struct outbox *outbox, uint32_t id)
{
	for (struct outbox_letter *letter = outbox->first; letter != NULL;
	     letter = letter->next)
		if (letter->request == id)
			letter->is_left = true;
}
