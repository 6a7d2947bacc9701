/*
 * Opening a letter: key part, content part, package, signature.  Nothing of it
 * is shown before all of them have been checked (docs/protocol.md 9).
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "crypto/stream.h"
#include "envelope/binding.h"
#include "envelope/keypart.h"
#include "envelope/leaf.h"
#include "gateway/inbox/inbox_content.h"
#include "gateway/inbox/inbox_internal.h"
#include "gateway/inbox/inbox_judge.h"
#include "gateway/inbox/inbox_open_internal.h"
#include "gateway/inbox/inbox_place.h"
#include "gateway/inbox/inbox_review.h"
#include "service/config.h"
#include "store/segment.h"
#include "store/store.h"
#include "sys/file.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum { SLICE_FRAMES = 4 }; /* about a mebibyte: then others get a turn */

/* ---- places ---------------------------------------------------------- */

/* Another delivery of its waybill is being opened at this moment. */
static bool
is_led(const struct inbox_job *job)
{
	for (const struct inbox_job *other = job->inbox->first; other != NULL;
	     other = other->next)
		if (other != job && other->opening != NULL &&
		    other->opening->leads &&
		    id_equal(&other->row.waybill_id, &job->row.waybill_id))
			return true;
	return false;
}

/* What one of them has opened is there for the others. */
static bool
is_offered(struct inbox_job *job)
{
	struct inbox_opening *opening = job->opening;
	struct error err = { 0 };
	int found = inbox_share_find(inbox_rows(job->inbox), &job->row,
	    &opening->part.package, &opening->shared, &err);

	if (found < 0)
		inbox_log(job->inbox, &job->row, LOG_LEVEL_WARNING,
		    "letter.share", &err);
	return found > 0;
}

/* Those whose key is here, as far as there are places. */
static void
give_places(struct inbox *inbox)
{
	for (struct inbox_job *job = inbox->first; job != NULL;
	     job = job->next) {
		struct inbox_opening *opening = job->opening;

		if (opening == NULL || !opening->waits_for_place || is_led(job))
			continue;
		if (is_offered(job)) {
			opening->waits_for_place = false;
			inbox_open_shared(job);
		} else if (inbox->decrypting < INBOX_DECRYPTING_MAX) {
			opening->waits_for_place = false;
			opening->has_place = opening->leads = true;
			inbox->decrypting++;
			loop_timer_start(opening->timer, 0);
		}
	}
}

static void
leave_place(struct inbox_opening *opening)
{
	opening->waits_for_place = false;
	if (!opening->has_place)
		return;
	opening->has_place = false;
	opening->job->inbox->decrypting--;
	give_places(opening->job->inbox);
}

void
inbox_open_free(struct inbox_opening *opening)
{
	struct inbox *inbox;
	bool led;

	if (opening == NULL)
		return;
	inbox = opening->job->inbox;
	led = opening->leads;
	opening->leads = false;
	/* Nobody looks at it from here on. */
	opening->job->opening = NULL;
	leave_place(opening);
	loop_timer_free(opening->timer);
	segment_reader_free(opening->reader);
	payload_free(&opening->content);
	stream_free(opening->stream);
	sha256_free(opening->sha);
	segment_writer_abort(opening->writer);
	scratch_file_close(&opening->scratch);
	secret_wipe(&opening->part, sizeof(opening->part));
	free(opening);
	if (led)
		give_places(inbox);
}

static int
fetch_again(struct inbox_job *job, struct error *err)
{
	job->row.step = JOB_RECEIVE_CONTENT;
	return inbox_content_drop(job, err);
}

/* By which its center took it, or goes now; 0 when that cannot be told now. */
static uint64_t
directory_of(const struct inbox_job *job)
{
	uint64_t directory = 0;
	struct error err = { 0 };

	if (inbox_review_directory(inbox_rows(job->inbox), job->row.row,
		&directory, &err) < 0)
		inbox_log(job->inbox, &job->row, LOG_LEVEL_WARNING,
		    "letter.directory", &err);
	return job->told > directory ? job->told : directory;
}

void
inbox_open_fail(struct inbox_job *job, enum act_reason reason,
    const struct error *failure)
{
	/* Our disk lost the content part: the center still has it. */
	if (text_equal(failure->id, "E5002")) {
		inbox_log(job->inbox, &job->row, LOG_LEVEL_ERROR,
		    "letter.content_lost", failure);
		inbox_job_end(job, JOB_LATER, fetch_again);
		return;
	}
	job->reason = reason;
	if (inbox_place_is_final(job->inbox->gateway, job->row.failures,
		directory_of(job), failure))
		inbox_job_refuse(job, JOB_UNUSABLE, failure);
	else
		inbox_job_later(job, failure);
}

/* ---- the content part ------------------------------------------------ */

static int
take_plain(void *context, const uint8_t *data, size_t len, struct error *err)
{
	struct inbox_opening *opening = context;

	sha256_update(opening->sha, data, len);
	opening->package_len += len;
	if (segment_writer_put(opening->writer, data, len, err) < 0)
		return -1;
	return scratch_file_put(&opening->scratch, data, len, err);
}

static int
finish_content(struct inbox_opening *opening, struct error *err)
{
	struct digest package;

	if (stream_finish(opening->stream, err) < 0)
		return -1;
	sha256_final(opening->sha, &package);
	if (binding_check_package(&opening->part, &package, err) < 0)
		return -1;
	/* The keys have served; the buffers are worth more elsewhere. */
	stream_free(opening->stream);
	opening->stream = NULL;
	segment_reader_free(opening->reader);
	opening->reader = NULL;
	leave_place(opening);
	secret_wipe(&opening->part.key, sizeof(opening->part.key));
	return scratch_file_finish(&opening->scratch, err);
}

/* 1: more to do. */
static int
decrypt_some(struct inbox_opening *opening, struct error *err)
{
	const uint8_t *data;
	size_t len;
	int more = 1;

	for (int i = 0; i < SLICE_FRAMES && more > 0; i++) {
		more = segment_reader_next(opening->reader, &data, &len, err);
		if (more > 0 &&
		    stream_push(opening->stream, data, len, err) < 0)
			return -1;
	}
	return more;
}

static int
open_scratch(struct inbox_opening *opening, struct error *err)
{
	const struct inbox *inbox = opening->job->inbox;
	int dir;
	int rc;

	if (file_open_dir(inbox->gateway->spool.env->config->host.data, &dir,
		err) < 0)
		return -1;
	rc = scratch_file_open(dir, opening->content.length, &opening->scratch,
	    err);
	file_close(dir);
	return rc;
}

static int
begin_content(struct inbox_opening *opening, struct error *err)
{
	struct inbox_job *job = opening->job;
	struct store *store = job->inbox->gateway->spool.store;

	if (store_payload_find(store, job->row.content, &opening->content,
		err) < 0)
		return error_set_id(err, "E5002", ERROR_MALFORMED,
		    "the content part is not in the store");
	if (segment_reader_new(store_segments(store), &opening->content,
		&opening->reader, err) < 0 ||
	    store_payload_new(store, &job->row.waybill_id, &opening->writer,
		err) < 0 ||
	    open_scratch(opening, err) < 0 ||
	    sha256_new(&opening->sha, err) < 0 ||
	    stream_new(NULL, &opening->stream, err) < 0 ||
	    stream_begin_decrypt(opening->stream, &opening->part.key,
		job->row.head.bytes, sizeof(job->row.head.bytes), take_plain,
		opening, err) < 0)
		return -1;
	return 0;
}

static void
slice(void *ctx)
{
	struct inbox_opening *opening = ctx;
	struct inbox_job *job = opening->job;
	struct error err = { 0 };
	int more = -1;

	if (opening->stream != NULL || begin_content(opening, &err) == 0)
		more = decrypt_some(opening, &err);
	if (more > 0) {
		loop_timer_start(opening->timer, 0);
		return;
	}
	if (more < 0 || finish_content(opening, &err) < 0)
		inbox_open_fail(job, ACT_REASON_UNREADABLE, &err);
	else
		inbox_open_unpack(job);
}

/* ---- the key part ---------------------------------------------------- */

static int
take_key(struct inbox_opening *opening, struct ipc_message *message,
    struct error *err)
{
	struct inbox_row *row = &opening->job->row;
	struct message_key key;
	int rc = -1;

	if (message_read(message, MESSAGE_KEY, &key, err) < 0)
		return -1;
	if (inbox_judge_key(row, &key, err) == 0) {
		opening->part.package = key.package;
		memcpy(opening->part.key.bytes, key.key.bytes,
		    sizeof(opening->part.key.bytes));
		rc = 0;
	}
	secret_wipe(&key, sizeof(key));
	return rc;
}

static void
on_key(void *ctx, struct ipc_message *message)
{
	struct inbox_job *job = ctx;
	struct error err = { 0 };

	bytes_clear(&job->body);
	if (take_key(job->opening, message, &err) < 0) {
		inbox_open_fail(job, ACT_REASON_KEY, &err);
		return;
	}
	job->opening->waits_for_place = true;
	give_places(job->inbox);
}

static int
read_key_part(struct inbox_job *job, struct error *err)
{
	struct leaf leaf = { .key_part = job->row.key_digest };

	if (inbox_row_key_part(inbox_rows(job->inbox), job->row.row, &job->body,
		err) < 0)
		return -1;
	return binding_check_key_part(&leaf, job->body.data, job->body.len,
	    err);
}

void
inbox_open_start(struct inbox_job *job)
{
	struct spool *spool = &job->inbox->gateway->spool;
	struct inbox_place place = inbox_place_of(job->inbox->gateway);
	struct inbox_opening *opening;
	struct message_open_key ask;
	struct error err = { 0 };

	if (place.directory != NULL &&
	    !inbox_judge_can_open(&place, &job->row)) {
		inbox_log(job->inbox, &job->row, LOG_LEVEL_WARNING, "E4317",
		    NULL);
		inbox_job_end(job, JOB_NO_KEY, NULL);
		return;
	}
	opening = calloc(1, sizeof(*opening));
	if (opening == NULL) {
		error_set_memory(&err);
		inbox_job_later(job, &err);
		return;
	}
	opening->job = job;
	opening->scratch = scratch_file_none();
	job->opening = opening;
	if (read_key_part(job, &err) < 0) {
		inbox_open_fail(job, ACT_REASON_KEY, &err);
		return;
	}
	ask.key_part = blob_of_bytes(&job->body);
	if (loop_timer_new(spool->env->loop, slice, opening, &opening->timer,
		&err) < 0 ||
	    peer_ask(spool->verifier, MESSAGE_OPEN_KEY, &ask, -1, on_key, job,
		NULL, &err) < 0)
		inbox_job_later(job, &err);
}
