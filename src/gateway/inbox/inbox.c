#include <stdlib.h>
#include <string.h>

#include "exchange/retry.h"
#include "gateway/desk/desk_settings.h"
#include "gateway/inbox/inbox_content.h"
#include "gateway/inbox/inbox_events.h"
#include "gateway/inbox/inbox_internal.h"
#include "gateway/inbox/inbox_schedule.h"
#include "gateway/words.h"
#include "role/spool/uploads.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/loop.h"

enum { LOOK_AGAIN_MS = 1000 };

struct rows *
inbox_rows(const struct inbox *inbox)
{
	return store_rows(inbox->gateway->spool.store);
}

void
inbox_log(const struct inbox *inbox, const struct inbox_row *row,
    enum log_level level, const char *event, const struct error *failure)
{
	char id[ID_TEXT_SIZE];
	struct log_line line;

	id_format(&row->waybill_id, id);
	log_begin(&line, &inbox->gateway->spool.env->log, level, event);
	log_text(&line, "delivery", id);
	log_text(&line, "org", row->recipient.text);
	if (row->sender.text[0] != '\0')
		log_text(&line, "sender", row->sender.text);
	log_text(&line, "step", job_receive_name(row->step));
	if (failure != NULL)
		log_error(&line, failure);
	log_end(&line);
}

/* ---- jobs ------------------------------------------------------------ */

static void
clear_job(struct inbox_job *job)
{
	bytes_wipe(&job->body);
	bytes_wipe(&job->other);
	bytes_free(&job->rewrap);
	upload_free(job->upload);
	job->upload = NULL;
	inbox_open_free(job->opening);
	job->opening = NULL;
	job->write = NULL;
	job->is_fetching = false;
	job->failure = (struct error){ 0 };
}

static void
drop_job(struct inbox_job *job)
{
	struct inbox *inbox = job->inbox;
	struct inbox_job **at = &inbox->first;

	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	inbox->count--;
	clear_job(job);
	free(job);
	inbox_wake(inbox);
}

/* Something to do that does not wait for a person? */
static bool
is_due(const struct inbox_row *row)
{
	return !job_receive_has_ended(row->step) &&
	    row->step != JOB_RECEIVE_INBOX;
}

static void
begin_step(struct inbox_job *job)
{
	switch (job->row.step) {
	case JOB_RECEIVE_CONTENT:
	case JOB_RECEIVE_VERIFY:
		inbox_fetch_start(job);
		return;
	case JOB_RECEIVE_FETCHED:
		inbox_act_fetched(job);
		return;
	case JOB_RECEIVE_OPEN:
	case JOB_RECEIVE_SCAN:
		inbox_open_start(job);
		return;
	case JOB_RECEIVE_KEY:
	case JOB_RECEIVE_OPENED:
	case JOB_RECEIVE_ANSWER:
	case JOB_RECEIVE_REPORT:
	case JOB_RECEIVE_NOTICE:
		inbox_act_post(job);
		return;
	case JOB_RECEIVE_REWRAP:
		inbox_act_rewrap(job);
		return;
	case JOB_RECEIVE_INBOX:
		/* An answer is here, perhaps the one to the first entry. */
		inbox_job_end(job, JOB_OK, NULL);
		return;
	case JOB_RECEIVE_DONE:
	case JOB_RECEIVE_REFUSED:
	case JOB_RECEIVE_ENDED:
	case JOB_RECEIVE_COUNT:
		break;
	}
	drop_job(job);
}

/* ---- the end of a step ----------------------------------------------- */

/* A repeat gets the answer that the first entry got. */
static int
take_answer_of_first(struct inbox *inbox, struct inbox_row *row,
    struct error *err)
{
	struct inbox_row first;
	int found;

	if (row->first == 0 || row->answer != EVENT_NONE)
		return 0;
	found = inbox_row_find(inbox_rows(inbox), row->first, &first, err);
	if (found > 0) {
		row->answer = first.answer;
		row->reason = first.reason;
	}
	return found < 0 ? -1 : 0;
}

/* What the new step means for people; `found`: before the change. */
static int
enter_step(struct inbox_job *job, enum job_receive found, enum job_receive from,
    struct error *err)
{
	struct inbox_row *row = &job->row;
	struct rows *rows = inbox_rows(job->inbox);

	if (row->step == JOB_RECEIVE_REFUSED)
		row->state = INBOX_REFUSED;
	if (row->step == JOB_RECEIVE_ENDED)
		row->state = INBOX_ENDED;
	/* It has its content, or will never have it. */
	if (found <= JOB_RECEIVE_VERIFY && row->step > JOB_RECEIVE_VERIFY &&
	    (row->content > 0 ? inbox_content_wake_all(rows, row, err)
			      : inbox_content_wake_one(rows, row, err)) < 0)
		return -1;
	if ((row->step == JOB_RECEIVE_REFUSED ||
		row->step == JOB_RECEIVE_ENDED) &&
	    from < JOB_RECEIVE_OPENED && inbox_content_release(job, err) < 0)
		return -1;
	if (row->step == JOB_RECEIVE_REPORT && row->shown == 0) {
		row->state = INBOX_UNREADABLE;
		if (inbox_row_next_place(rows, &row->shown, err) < 0)
			return -1;
	}
	/* A refused answer is asked of a person, not given once more. */
	if (row->step == JOB_RECEIVE_INBOX && from != JOB_RECEIVE_ANSWER) {
		if (take_answer_of_first(job->inbox, row, err) < 0)
			return -1;
		if (row->answer != EVENT_NONE)
			row->step = job_receive_next(row->step, JOB_OK);
	}
	/* It was asked for before the confirmation had arrived. */
	if (row->step == JOB_RECEIVE_DONE && from == JOB_RECEIVE_ANSWER &&
	    row->notice != ACT_REASON_NONE)
		row->step = JOB_RECEIVE_NOTICE;
	row->is_due = is_due(row);
	return 0;
}

static int
apply_step(struct inbox_job *job, struct error *err)
{
	struct rows *rows = inbox_rows(job->inbox);
	struct inbox_row *row = &job->row;
	enum job_receive found = row->step;
	enum job_receive from;

	if (job->failure.code != ERROR_NONE &&
	    inbox_row_set_failure(rows, row->row, &job->failure, err) < 0)
		return -1;
	if (job->write != NULL && job->write(job, err) < 0)
		return -1;
	row->failures = 0;
	row->retry_at = 0;
	from = row->step;
	row->step = job_receive_next(from, job->result);
	if (enter_step(job, found, from, err) < 0)
		return -1;
	return inbox_row_save(rows, row, err);
}

static int
apply(struct group_op *op, struct error *err)
{
	struct inbox_job *job = (struct inbox_job *)(void *)op;
	struct inbox_row *row = &job->row;
	int found = inbox_row_find(inbox_rows(job->inbox), row->row, row, err);

	if (found <= 0)
		return found < 0
		    ? -1
		    : error_set(err, ERROR_SYSTEM, "row %lld is missing",
			  (long long)row->row);
	job->added = 0;
	if (apply_step(job, err) == 0)
		return 0;
	/* The rows are undone, but not that by them. */
	if (job->added != 0)
		store_payload_undo(job->inbox->gateway->spool.store,
		    job->added);
	return -1;
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct inbox_job *job = (struct inbox_job *)(void *)op;
	struct inbox *inbox = job->inbox;
	bool was_entry = job->row.shown > 0 && job->row.state != INBOX_FETCHED;

	if (failure != NULL) {
		inbox_job_later(job, failure);
		return;
	}
	/* Those that waited aside for the content may go on. */
	if (job->is_fetching)
		inbox_wake(inbox);
	clear_job(job);
	if (was_entry)
		inbox_people_wake(inbox);
	if (job->row.is_due)
		begin_step(job);
	else
		drop_job(job);
}

void
inbox_job_end(struct inbox_job *job, enum job_result result,
    int (*write)(struct inbox_job *job, struct error *err))
{
	job->result = result;
	job->write = write;
	job->op.apply = apply;
	job->op.finish = finish;
	group_add(job->inbox->gateway->spool.group, &job->op);
}

/*
 * An answer or notice that the center refused, as of a card that is not
 * registered, is asked of the person again; one that came too late counts for nothing.
 */
static int
write_refused(struct inbox_job *job, struct error *err)
{
	struct inbox_row *row = &job->row;

	if (row->step == JOB_RECEIVE_NOTICE) {
		row->notice = ACT_REASON_NONE;
		if (words_remove(inbox_rows(job->inbox), WORDS_RECEIVED,
			row->row, EVENT_NOTICE, err) < 0)
			return -1;
		return inbox_event_remove(inbox_rows(job->inbox), row->row,
		    EVENT_NOTICE, err);
	}
	if (row->step != JOB_RECEIVE_ANSWER)
		return 0;
	if (inbox_event_remove(inbox_rows(job->inbox), row->row, row->answer,
		err) < 0 ||
	    words_remove(inbox_rows(job->inbox), WORDS_RECEIVED, row->row,
		row->answer, err) < 0)
		return -1;
	row->answer = EVENT_NONE;
	row->reason = ACT_REASON_NONE;
	row->state = job->result == JOB_REFUSED ? INBOX_OPENED : INBOX_ENDED;
	return 0;
}

static int
write_unusable(struct inbox_job *job, struct error *err)
{
	(void)err;
	job->row.reason = job->reason;
	return 0;
}

void
inbox_job_refuse(struct inbox_job *job, enum job_result result,
    const struct error *failure)
{
	struct error kept = *failure;

	inbox_log(job->inbox, &job->row, LOG_LEVEL_WARNING,
	    result == JOB_UNUSABLE ? "letter.unreadable" : "letter.refused",
	    &kept);
	job->failure = kept;
	inbox_job_end(job, result,
	    result == JOB_UNUSABLE ? write_unusable : write_refused);
}

/* ---- trying again ---------------------------------------------------- */

static int
apply_later(struct group_op *op, struct error *err)
{
	struct inbox_job *job = (struct inbox_job *)(void *)op;
	struct inbox *inbox = job->inbox;
	struct retry retry;
	int found =
	    inbox_row_find(inbox_rows(inbox), job->row.row, &job->row, err);

	if (found <= 0)
		return found;
	if (job->is_ahead &&
	    inbox_event_remove(inbox_rows(inbox), job->row.row, job->event,
		err) < 0)
		return -1;
	retry = (struct retry){ .failures =
				    job->has_moved ? 0 : job->row.failures };
	spool_back_off(&inbox->gateway->spool, &retry, 0);
	job->row.failures = retry.failures;
	job->row.retry_at = retry.next_at;
	/* It may be about this delivery alone: the next one tries. */
	if (job->row.step <= JOB_RECEIVE_VERIFY &&
	    inbox_content_wake_one(inbox_rows(inbox), &job->row, err) < 0)
		return -1;
	return inbox_row_save(inbox_rows(inbox), &job->row, err);
}

static void
finish_later(struct group_op *op, const struct error *failure)
{
	struct inbox_job *job = (struct inbox_job *)(void *)op;
	struct inbox *inbox = job->inbox;

	drop_job(job);
	/* The row says that it is due: look again, but not at once. */
	if (failure != NULL) {
		loop_soon_cancel(inbox->soon);
		loop_timer_start(inbox->timer, LOOK_AGAIN_MS);
	}
}

void
inbox_job_later(struct inbox_job *job, const struct error *failure)
{
	inbox_log(job->inbox, &job->row, LOG_LEVEL_WARNING, "letter.later",
	    failure);
	clear_job(job);
	job->op.apply = apply_later;
	job->op.finish = finish_later;
	group_add(job->inbox->gateway->spool.group, &job->op);
}

void
inbox_job_drop_after(struct inbox_job *job,
    int (*change)(struct group_op *op, struct error *err))
{
	clear_job(job);
	job->op.apply = change;
	job->op.finish = finish_later;
	group_add(job->inbox->gateway->spool.group, &job->op);
}

/* ---- the queue ------------------------------------------------------- */

static bool
is_worked_on(const struct inbox *inbox, int64_t row)
{
	for (const struct inbox_job *job = inbox->first; job != NULL;
	     job = job->next)
		if (job->row.row == row)
			return true;
	return false;
}

static int
start_job(struct inbox *inbox, int64_t row, struct error *err)
{
	struct inbox_job *job = calloc(1, sizeof(*job));
	int found;

	if (job == NULL)
		return error_set_memory(err);
	job->inbox = inbox;
	found = inbox_row_find(inbox_rows(inbox), row, &job->row, err);
	if (found <= 0) {
		free(job);
		return found;
	}
	job->next = inbox->first;
	inbox->first = job;
	inbox->count++;
	begin_step(job);
	return 0;
}

static int
start_jobs(struct inbox *inbox, struct error *err)
{
	int64_t due[2 * INBOX_JOBS_MAX];
	int64_t now = spool_now(&inbox->gateway->spool);
	int64_t latest =
	    now + inbox->gateway->spool.env->config->courier.retry_max_ms;
	int64_t next_at;
	size_t count;

	/* Those in memory are due as well, so twice as many are read. */
	if (inbox_row_due(inbox_rows(inbox), now, latest, due, ARRAY_LEN(due),
		&count, err) < 0 ||
	    inbox_row_next_due(inbox_rows(inbox), now, latest, &next_at, err) <
		0)
		return -1;
	if (next_at != INT64_MAX)
		loop_timer_start(inbox->timer, (uint64_t)(next_at - now));
	for (size_t i = 0; i < count && inbox->count < INBOX_JOBS_MAX; i++)
		if (!is_worked_on(inbox, due[i]) &&
		    start_job(inbox, due[i], err) < 0)
			return -1;
	return 0;
}

static void
look(void *ctx)
{
	struct inbox *inbox = ctx;
	struct error err = { 0 };

	if (!inbox->is_started || inbox->count >= INBOX_JOBS_MAX)
		return;
	if (start_jobs(inbox, &err) < 0) {
		log_failure(&inbox->gateway->spool.env->log, LOG_LEVEL_ERROR,
		    "inbox.look", &err);
		loop_timer_start(inbox->timer, LOOK_AGAIN_MS);
	}
}

void
inbox_wake(struct inbox *inbox)
{
	loop_soon_start(inbox->soon);
}

/* ---- announcements --------------------------------------------------- */

struct announcing {
	struct group_op op;
	struct inbox *inbox;
	struct inbox_row row; /* the names, and when, alone */
	bool is_new;
	inbox_done_fn done;
	void *ctx;
};

/* Until the time at which its organisation receives. */
static int
hold_back(const struct announcing *announcing, struct error *err)
{
	const struct inbox_row *row = &announcing->row;
	struct rows *rows = inbox_rows(announcing->inbox);
	int64_t now = row->received_at;
	struct desk_settings settings;
	int64_t fetch_at;

	if (desk_settings_find(rows, &row->recipient, &settings, err) < 0)
		return -1;
	fetch_at = receive_times_next(&settings.times, row->speed, now);
	return fetch_at <= now ? 0
			       : inbox_schedule_hold(rows, &row->waybill_id,
				     &row->recipient, now, fetch_at, err);
}

static int
apply_announce(struct group_op *op, struct error *err)
{
	struct announcing *announcing = (struct announcing *)(void *)op;
	struct inbox *inbox = announcing->inbox;

	announcing->row.received_at = spool_now(&inbox->gateway->spool);
	if (inbox_row_announce(inbox_rows(inbox), &announcing->row.waybill_id,
		&announcing->row.recipient, announcing->row.speed,
		announcing->row.received_at, inbox->gateway->center,
		&announcing->is_new, err) < 0)
		return -1;
	return announcing->is_new ? hold_back(announcing, err) : 0;
}

static void
finish_announce(struct group_op *op, const struct error *failure)
{
	struct announcing *announcing = (struct announcing *)(void *)op;

	if (failure == NULL && announcing->is_new) {
		inbox_log(announcing->inbox, &announcing->row, LOG_LEVEL_NOTICE,
		    "letter.announced", NULL);
		inbox_wake(announcing->inbox);
		inbox_schedule_wake(announcing->inbox->gateway->schedule);
	}
	announcing->done(announcing->ctx, failure);
	free(announcing);
}

void
inbox_announce(struct inbox *inbox, const struct id *waybill_id,
    const struct org_code *recipient, enum speed speed, inbox_done_fn done,
    void *ctx)
{
	struct announcing *announcing = calloc(1, sizeof(*announcing));
	struct error err = { 0 };

	if (announcing == NULL) {
		error_set_memory(&err);
		done(ctx, &err);
		return;
	}
	announcing->op.apply = apply_announce;
	announcing->op.finish = finish_announce;
	announcing->inbox = inbox;
	announcing->row.waybill_id = *waybill_id;
	announcing->row.recipient = *recipient;
	announcing->row.speed = speed;
	announcing->done = done;
	announcing->ctx = ctx;
	group_add(inbox->gateway->spool.group, &announcing->op);
}

/* ---- life ------------------------------------------------------------ */

int
inbox_new(struct gateway *gateway, struct inbox **ret_inbox, struct error *err)
{
	struct inbox *inbox = calloc(1, sizeof(*inbox));

	if (inbox == NULL)
		return error_set_memory(err);
	inbox->gateway = gateway;
	if (loop_soon_new(gateway->spool.env->loop, look, inbox, &inbox->soon,
		err) < 0 ||
	    loop_timer_new(gateway->spool.env->loop, look, inbox, &inbox->timer,
		err) < 0) {
		inbox_free(inbox);
		return -1;
	}
	*ret_inbox = inbox;
	return 0;
}

void
inbox_free(struct inbox *inbox)
{
	if (inbox == NULL)
		return;
	inbox_people_free(inbox);
	while (inbox->first != NULL) {
		struct inbox_job *job = inbox->first;

		inbox->first = job->next;
		clear_job(job);
		free(job);
	}
	loop_soon_free(inbox->soon);
	loop_timer_free(inbox->timer);
	free(inbox);
}

void
inbox_start(struct inbox *inbox)
{
	inbox->is_started = true;
	inbox_wake(inbox);
}
