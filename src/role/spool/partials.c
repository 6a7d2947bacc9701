#include "role/spool/partials.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "exchange/resume.h"
#include "role/env.h"
#include "role/spool/partials_internal.h"
#include "service/config.h"
#include "store/segment.h"
#include "store/store.h"
#include "sys/loop.h"

enum {
	SAVE_LEN = 8 * 1024 * 1024, /* what a crash here may cost */
	CHECK_FRAMES = 8, /* about two mebibytes: then others get a turn */
	SILENCE_MS = 60000,
	SWEEP_MS = 10000,
};

/* ---- the list -------------------------------------------------------- */

static struct partial *
find(const struct partials *partials, const char *host,
    const struct digest *name)
{
	struct partial *at = partials->first;

	while (at != NULL &&
	    !(text_equal(at->row.host, host) &&
		digest_equal(&at->row.name, name)))
		at = at->next;
	return at;
}

static struct partial *
find_ticket(const struct partials *partials, uint64_t ticket)
{
	struct partial *at = partials->first;

	while (at != NULL && (ticket == 0 || at->ticket != ticket))
		at = at->next;
	return at;
}

void
partials_close(struct partials *partials, uint64_t ticket)
{
	struct partial *partial = find_ticket(partials, ticket);

	if (partial != NULL)
		partial_close(partial);
}

/* ---- opening --------------------------------------------------------- */

static void
begin_writing(struct partial *partial, partials_open_fn fn, void *ctx)
{
	partial->state = PARTIAL_OPEN;
	partial->ticket = ++partial->partials->last_ticket;
	partial->is_broken = partial->is_unwanted = false;
	partial->from = partial->row.payload.length;
	partial->came = partial->came_before = 0;
	loop_timer_start(partial->timer, SILENCE_MS);
	if (partial->from > 0)
		partial_log(partial, LOG_LEVEL_NOTICE, "content.resumed", NULL);
	fn(ctx, partial->ticket, NULL);
}

/* `partial->sha` is over all that is durable. */
static void
go_on(struct partial *partial, partials_open_fn fn, void *ctx)
{
	struct store *store = partial->partials->store;
	struct store_partial row = { 0 };
	struct sha256 *sha = partial->sha;
	struct error err = { 0 };
	int found =
	    store_partial_find(store, partial->row.payload.number, &row, &err);

	partial->sha = NULL;
	if (found > 0)
		found = store_partial_resume(store, &row, sha, &partial->writer,
		    &err);
	else
		sha256_free(sha);
	store_partial_free(&row);
	if (found < 0 || partial->writer == NULL) {
		if (err.code == ERROR_NONE)
			error_set(&err, ERROR_SYSTEM, "a partial is missing");
		partial_rest(partial);
		fn(ctx, 0, &err);
		return;
	}
	begin_writing(partial, fn, ctx);
}

static void
end_check(struct partial *partial, const struct error *failure)
{
	struct partial_waiter waiter = partial->opening;

	segment_reader_free(partial->reader);
	partial->reader = NULL;
	store_partial_free(&partial->checked);
	if (failure == NULL) {
		go_on(partial, waiter.on_open, waiter.ctx);
		return;
	}
	sha256_free(partial->sha);
	partial->sha = NULL;
	/* Lost here: who asks again learns that nothing is held. */
	if (failure->code == ERROR_MALFORMED) {
		partial_log(partial, LOG_LEVEL_ERROR, "content.part_lost",
		    failure);
		partial_wait(partial, &waiter);
		partial_remove(partial);
		return;
	}
	partial_rest(partial);
	waiter.on_open(waiter.ctx, 0, failure);
}

/* Read what is durable once more, in slices, for its hash. */
static void
start_check(struct partial *partial, const struct partial_waiter *waiter)
{
	struct partials *partials = partial->partials;
	struct error err = { 0 };

	partial->state = PARTIAL_CHECKING;
	partial->opening = *waiter;
	if (store_partial_find(partials->store, partial->row.payload.number,
		&partial->checked, &err) > 0 &&
	    sha256_new(&partial->sha, &err) == 0 &&
	    segment_reader_new(store_segments(partials->store),
		&partial->checked.payload, &partial->reader, &err) == 0) {
		loop_timer_start(partial->timer, 0);
		return;
	}
	if (err.code == ERROR_NONE)
		error_set(&err, ERROR_SYSTEM, "a partial is missing");
	end_check(partial, &err);
}

static void
check_more(struct partial *partial)
{
	struct error err = { 0 };
	const uint8_t *data;
	size_t len;

	for (int i = 0; i < CHECK_FRAMES; i++) {
		int more =
		    segment_reader_next(partial->reader, &data, &len, &err);

		if (more <= 0) {
			end_check(partial, more < 0 ? &err : NULL);
			return;
		}
		sha256_update(partial->sha, data, len);
	}
	loop_timer_start(partial->timer, 0);
}

/* Whoever had the ticket may be gone without a word. */
static void
look_for_silence(struct partial *partial)
{
	if (partial->is_held || partial->came != partial->came_before) {
		partial->came_before = partial->came;
		loop_timer_start(partial->timer, SILENCE_MS);
	} else {
		partial_close(partial);
	}
}

void
partial_on_timer(void *ctx)
{
	struct partial *partial = ctx;

	if (partial->state == PARTIAL_CHECKING)
		check_more(partial);
	else if (partial->state == PARTIAL_OPEN)
		look_for_silence(partial);
}

static int
admit(const struct partials *partials, const struct partial_waiter *waiter,
    struct error *err)
{
	const struct config *config = partials->env->config;
	struct resume_load all = { 0 }, of_host = { 0 };
	struct resume_load all_max = { (size_t)config->limits.partials,
		(uint64_t)config->limits.partials_bytes };
	struct resume_load host_max = { (size_t)config->limits.partials_host,
		(uint64_t)config->limits.partials_host_bytes };

	for (const struct partial *at = partials->first; at != NULL;
	     at = at->next) {
		all.count++;
		all.bytes += at->row.total;
		if (!text_equal(at->row.host, waiter->host))
			continue;
		of_host.count++;
		of_host.bytes += at->row.total;
	}
	return resume_admit(&all, &all_max, &of_host, &host_max,
	    waiter->content.total, err);
}

static void
begin_new(struct partials *partials, const struct partial_waiter *waiter)
{
	const struct partials_content *content = &waiter->content;
	struct partial *partial;
	struct error err = { 0 };

	if (admit(partials, waiter, &err) < 0 ||
	    partial_add(partials, &partial, &err) < 0) {
		waiter->on_open(waiter->ctx, 0, &err);
		return;
	}
	text_copy(partial->row.host, sizeof(partial->row.host), waiter->host);
	partial->row.name = content->name;
	partial->row.payload.label = content->label;
	partial->row.total = content->total;
	partial->row.ends_at = content->ends_at;
	partial->row.moved_at = role_env_now(partials->env);
	if (store_payload_new(partials->store, &content->label,
		&partial->writer, &err) < 0) {
		partial_vanish(partial);
		waiter->on_open(waiter->ctx, 0, &err);
		return;
	}
	begin_writing(partial, waiter->on_open, waiter->ctx);
}

static void
open_resting(struct partials *partials, struct partial *partial,
    const struct partial_waiter *waiter)
{
	uint64_t held = partial != NULL ? partial->row.payload.length : 0;
	uint64_t total = partial != NULL ? partial->row.total : 0;
	struct error err = { 0 };

	switch (
	    resume_decide(held, total, waiter->offset, waiter->content.total)) {
	case RESUME_BEGIN:
		begin_new(partials, waiter);
		return;
	case RESUME_AFRESH:
		partial_wait(partial, waiter);
		partial_remove(partial);
		return;
	case RESUME_GO_ON:
		if (partial->sha != NULL)
			go_on(partial, waiter->on_open, waiter->ctx);
		else
			start_check(partial, waiter);
		return;
	case RESUME_REFUSE:
		break;
	}
	error_set_id(&err, "E4105", ERROR_BUSY,
	    "content from byte %llu on where %llu are held",
	    (unsigned long long)waiter->offset, (unsigned long long)held);
	waiter->on_open(waiter->ctx, 0, &err);
}

void
partials_serve(struct partials *partials, const struct partial_waiter *waiter)
{
	struct partial *partial =
	    find(partials, waiter->host, &waiter->content.name);

	if (partial != NULL && partial->state != PARTIAL_RESTING) {
		partial_wait(partial, waiter);
		if (partial->state == PARTIAL_OPEN && !partial->is_held)
			partial_close(partial);
	} else if (waiter->on_offset != NULL) {
		waiter->on_offset(waiter->ctx,
		    partial != NULL ? partial->row.payload.length : 0);
	} else {
		open_resting(partials, partial, waiter);
	}
}

void
partials_offset(struct partials *partials, const char *host,
    const struct digest *name, partials_offset_fn fn, void *ctx)
{
	struct partial_waiter waiter = { .on_offset = fn, .ctx = ctx };

	waiter.content.name = *name;
	text_copy(waiter.host, sizeof(waiter.host), host);
	partials_serve(partials, &waiter);
}

void
partials_open(struct partials *partials, const struct partials_content *content,
    uint64_t offset, partials_open_fn fn, void *ctx)
{
	struct partial_waiter waiter = { .on_open = fn,
		.ctx = ctx,
		.content = *content,
		.offset = offset };

	text_copy(waiter.host, sizeof(waiter.host), content->host);
	partials_serve(partials, &waiter);
}

/* ---- bytes ----------------------------------------------------------- */

int
partials_put(struct partials *partials, uint64_t ticket, const void *data,
    size_t len, struct error *err)
{
	struct partial *partial = find_ticket(partials, ticket);
	const struct payload *frames;

	if (partial == NULL)
		return error_set_id(err, "E6222", ERROR_BUSY,
		    "another transfer goes on with this content");
	if (partial->is_broken || partial->is_held)
		return error_set(err, ERROR_MALFORMED,
		    "content that has ended already");
	frames = segment_writer_frames(partial->writer);
	if (len > partial->row.total - partial->from - partial->came) {
		partial->is_broken = true;
		return error_set_id(err, "E4033", ERROR_MALFORMED,
		    "more content than the waybill says");
	}
	if (segment_writer_put(partial->writer, data, len, err) < 0) {
		partial->is_broken = true;
		return -1;
	}
	partial->came += len;
	if (!partial_is_busy(partial) &&
	    frames->length - partial->row.payload.length >= SAVE_LEN)
		partial_save(partial);
	return 0;
}

int
partials_hold(struct partials *partials, uint64_t ticket, struct error *err)
{
	struct partial *partial = find_ticket(partials, ticket);

	if (partial == NULL || partial->is_broken)
		return error_set_id(err, "E6222", ERROR_BUSY,
		    "another transfer goes on with this content");
	partial->is_held = true;
	return 0;
}

int
partials_store(struct partials *partials, uint64_t ticket,
    const struct digest *wanted, struct payload *ret_payload, struct error *err)
{
	struct partial *partial = find_ticket(partials, ticket);
	struct segment_writer *writer;
	int rc;

	if (partial == NULL)
		return error_set_id(err, "E6222", ERROR_BUSY,
		    "another transfer goes on with this content");
	writer = partial->writer;
	partial->writer = NULL;
	partial->ticket = 0;
	partial->is_held = false;
	partial->row.payload.number = segment_writer_frames(writer)->number;
	rc = store_partial_finish(partials->store, writer, wanted, ret_payload,
	    err);
	if (rc == 0 &&
	    store_after(partials->store, partial_on_stored, partial, err) ==
		0) {
		partial->state = PARTIAL_STORING;
		return 0;
	}
	if (rc == 0) {
		store_payload_undo(partials->store, ret_payload->number);
		payload_free(ret_payload);
	}
	partial->is_unwanted = err->code == ERROR_UNTRUSTED;
	partial->state = PARTIAL_CLOSING;
	if (partial->is_unwanted)
		partial_log(partial, LOG_LEVEL_WARNING, "content.wrong", err);
	partial_settle(partial);
	return -1;
}

void
partials_drop(struct partials *partials, const char *host,
    const struct digest *name)
{
	struct partial *partial = find(partials, host, name);

	if (partial == NULL)
		return;
	partial->is_unwanted = true;
	if (partial->state == PARTIAL_RESTING)
		partial_remove(partial);
	else if (partial->state == PARTIAL_OPEN && !partial->is_held)
		partial_close(partial);
}

/* ---- life ------------------------------------------------------------ */

/* Those that nobody goes on with. */
static void
sweep(void *ctx)
{
	struct partials *partials = ctx;
	int64_t now = role_env_now(partials->env);
	int64_t idle_ms = partials->env->config->limits.partials_s * 1000;

	for (struct partial *at = partials->first; at != NULL; at = at->next) {
		if (at->state != PARTIAL_RESTING ||
		    (!at->is_unwanted &&
			!resume_is_stale(at->row.moved_at, at->row.ends_at,
			    idle_ms, now)))
			continue;
		partial_log(at, LOG_LEVEL_NOTICE, "content.dropped", NULL);
		partial_remove(at);
	}
}

static int
load(struct partials *partials, struct error *err)
{
	struct store_partial row = { 0 };
	uint64_t number = 0;
	int more;

	while ((more = store_partial_next(partials->store, number, &row, err)) >
	    0) {
		struct partial *partial;

		if (partial_add(partials, &partial, err) < 0) {
			store_partial_free(&row);
			return -1;
		}
		number = row.payload.number;
		/* Where it lies is read again when it is gone on with. */
		partial->row = row;
		free(partial->row.payload.extents);
		partial->row.payload.extents = NULL;
		partial->row.payload.extent_count = 0;
	}
	return more;
}

int
partials_new(struct role_env *env, struct store *store, struct group *group,
    struct partials **ret_partials, struct error *err)
{
	struct partials *partials = calloc(1, sizeof(*partials));

	if (partials == NULL)
		return error_set_memory(err);
	partials->env = env;
	partials->store = store;
	partials->group = group;
	if (load(partials, err) < 0 ||
	    loop_timer_new(env->loop, sweep, partials, &partials->timer, err) <
		0) {
		partials_free(partials);
		return -1;
	}
	loop_timer_repeat(partials->timer, SWEEP_MS);
	*ret_partials = partials;
	return 0;
}

void
partials_free(struct partials *partials)
{
	if (partials == NULL)
		return;
	while (partials->first != NULL) {
		struct partial *partial = partials->first;

		partials->first = partial->next;
		while (partial->waiters != NULL) {
			struct partial_waiter *waiter = partial->waiters;

			partial->waiters = waiter->next;
			free(waiter);
		}
		partial_free(partial);
	}
	loop_timer_free(partials->timer);
	free(partials);
}
