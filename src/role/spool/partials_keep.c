/*
 * What of a partial becomes durable, and what goes.
 */
#include <stdlib.h>

#include "base/error.h"
#include "crypto/sha256.h"
#include "role/env.h"
#include "role/spool/partials_internal.h"
#include "store/segment.h"
#include "store/store.h"
#include "sys/loop.h"

int
partial_add(struct partials *partials, struct partial **ret_partial,
    struct error *err)
{
	struct partial *partial = calloc(1, sizeof(*partial));

	if (partial == NULL)
		return error_set_memory(err);
	if (loop_timer_new(partials->env->loop, partial_on_timer, partial,
		&partial->timer, err) < 0) {
		free(partial);
		return -1;
	}
	partial->partials = partials;
	partial->next = partials->first;
	partials->first = partial;
	*ret_partial = partial;
	return 0;
}

void
partial_free(struct partial *partial)
{
	segment_reader_free(partial->reader);
	segment_writer_abort(partial->writer);
	sha256_free(partial->sha);
	loop_timer_free(partial->timer);
	store_partial_free(&partial->row);
	store_partial_free(&partial->checked);
	free(partial);
}

void
partial_log(const struct partial *partial, enum log_level level,
    const char *event, const struct error *why)
{
	char id[ID_TEXT_SIZE];
	struct log_line line;

	id_format(&partial->row.payload.label, id);
	log_begin(&line, &partial->partials->env->log, level, event);
	log_text(&line, "waybill", id);
	log_text(&line, "host", partial->row.host);
	log_u64(&line, "offset", partial->row.payload.length);
	log_u64(&line, "came", partial->came);
	log_u64(&line, "bytes", partial->row.total);
	if (why != NULL)
		log_error(&line, why);
	log_end(&line);
}

/* ---- who waits ------------------------------------------------------- */

/* Its turn comes when the partial rests or is gone. */
void
partial_wait(struct partial *partial, const struct partial_waiter *waiter)
{
	struct partial_waiter **at = &partial->waiters;
	struct partial_waiter *kept = malloc(sizeof(*kept));
	struct error err = { 0 };

	if (kept == NULL) {
		error_set_memory(&err);
		if (waiter->on_offset != NULL)
			waiter->on_offset(waiter->ctx,
			    partial->row.payload.length);
		else
			waiter->on_open(waiter->ctx, 0, &err);
		return;
	}
	*kept = *waiter;
	kept->next = NULL;
	while (*at != NULL)
		at = &(*at)->next;
	*at = kept;
}

/* Each looks for the partial anew: it may be gone, or taken by another. */
static void
serve(struct partials *partials, struct partial_waiter *waiters)
{
	while (waiters != NULL) {
		struct partial_waiter *waiter = waiters;

		waiters = waiter->next;
		partials_serve(partials, waiter);
		free(waiter);
	}
}

void
partial_rest(struct partial *partial)
{
	struct partial_waiter *waiters = partial->waiters;

	partial->state = PARTIAL_RESTING;
	partial->waiters = NULL;
	serve(partial->partials, waiters);
}

void
partial_vanish(struct partial *partial)
{
	struct partials *partials = partial->partials;
	struct partial_waiter *waiters = partial->waiters;
	struct partial **at = &partials->first;

	while (*at != partial)
		at = &(*at)->next;
	*at = partial->next;
	partial_free(partial);
	serve(partials, waiters);
}

/* ---- saving ---------------------------------------------------------- */

static void
on_saved(void *ctx, const struct error *why)
{
	struct partial *partial = ctx;

	partial->is_unsettled = false;
	if (why == NULL && partial->writer != NULL) {
		segment_writer_keep(partial->writer, partial->saving_len);
		partial->row.payload.length = partial->saving_len;
		partial->row.payload.number =
		    segment_writer_frames(partial->writer)->number;
	}
	partial_settle(partial);
}

/* What is being stored as a whole is no longer saved as a part. */
static int
apply_save(struct group_op *op, struct error *err)
{
	struct partial *partial = (struct partial *)(void *)op;
	struct partials *partials = partial->partials;
	uint64_t length;

	if (partial->writer == NULL || partial->is_held || partial->is_broken)
		return 0;
	length = segment_writer_frames(partial->writer)->length;
	partial->row.moved_at = role_env_now(partials->env);
	if (store_partial_save(partials->store, &partial->row, partial->writer,
		err) < 0 ||
	    store_after(partials->store, on_saved, partial, err) < 0)
		return -1;
	partial->saving_len = length;
	partial->is_unsettled = true;
	return 0;
}

static void
finish_op(struct group_op *op, const struct error *failure)
{
	struct partial *partial = (struct partial *)(void *)op;

	partial->has_op = false;
	if (failure != NULL)
		partial_log(partial, LOG_LEVEL_WARNING, "content.not_kept",
		    failure);
	partial_settle(partial);
}

void
partial_save(struct partial *partial)
{
	partial->has_op = true;
	partial->op.apply = apply_save;
	partial->op.finish = finish_op;
	group_add(partial->partials->group, &partial->op);
}

bool
partial_is_busy(const struct partial *partial)
{
	return partial->has_op || partial->is_unsettled;
}

static bool
has_news(const struct partial *partial)
{
	return partial->writer != NULL && !partial->is_broken &&
	    segment_writer_frames(partial->writer)->length >
	    partial->row.payload.length;
}

/* ---- throwing away --------------------------------------------------- */

static int
apply_remove(struct group_op *op, struct error *err)
{
	struct partial *partial = (struct partial *)(void *)op;

	return store_partial_remove(partial->partials->store,
	    partial->row.payload.number, err);
}

static void
finish_remove(struct group_op *op, const struct error *failure)
{
	struct partial *partial = (struct partial *)(void *)op;

	partial->has_op = false;
	if (failure == NULL) {
		partial_vanish(partial);
		return;
	}
	/* It is still unwanted: the next look tries again. */
	partial_log(partial, LOG_LEVEL_WARNING, "content.not_dropped", failure);
	partial_rest(partial);
}

/* Of one that rests. */
void
partial_remove(struct partial *partial)
{
	partial->state = PARTIAL_REMOVING;
	partial->has_op = true;
	partial->op.apply = apply_remove;
	partial->op.finish = finish_remove;
	group_add(partial->partials->group, &partial->op);
}

/* ---- the end of a transfer ------------------------------------------- */

/* The writer goes; the hash stays if it is over what is durable. */
static void
end_writing(struct partial *partial)
{
	struct segment_writer *writer = partial->writer;

	partial->writer = NULL;
	if (writer != NULL && !partial->is_broken &&
	    segment_writer_frames(writer)->length ==
		segment_writer_kept(writer))
		partial->sha = segment_writer_take_hash(writer);
	segment_writer_abort(writer);
	if (partial->row.payload.length == 0) {
		partial_vanish(partial);
	} else if (partial->is_unwanted) {
		partial_remove(partial);
	} else {
		partial_log(partial, LOG_LEVEL_NOTICE, "content.cut", NULL);
		partial_rest(partial);
	}
}

/* It was to become a payload: its row tells whether it did. */
static void
look_at_row(struct partial *partial)
{
	struct store_partial row = { 0 };
	struct error err = { 0 };
	int found = store_partial_find(partial->partials->store,
	    partial->row.payload.number, &row, &err);

	store_partial_free(&row);
	if (found == 0)
		partial_vanish(partial);
	else
		partial_rest(partial);
}

void
partial_on_stored(void *ctx, const struct error *why)
{
	struct partial *partial = ctx;

	(void)why;
	partial->state = PARTIAL_STORED;
	partial_settle(partial);
}

/* Something ended: go on with closing, if that is under way. */
void
partial_settle(struct partial *partial)
{
	if (partial_is_busy(partial))
		return;
	if (partial->state == PARTIAL_STORED) {
		look_at_row(partial);
		return;
	}
	if (partial->state != PARTIAL_CLOSING)
		return;
	if (has_news(partial) && !partial->is_unwanted &&
	    !partial->is_last_save) {
		partial->is_last_save = true;
		partial_save(partial);
		return;
	}
	end_writing(partial);
}

void
partial_close(struct partial *partial)
{
	partial->ticket = 0;
	partial->is_held = false;
	partial->is_last_save = false;
	partial->state = PARTIAL_CLOSING;
	partial_settle(partial);
}
