/*
 * Which certificates are watched, who waits for one, and when they end.
 * Asking is status_watch_ask.c.
 */
#include "role/status/status_watch.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "role/env.h"
#include "role/spool/spool.h"
#include "role/status/status_watch_internal.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/loop.h"

enum {
	TICK_MS = 1000,
	SYNC_ORGS = 200, /* in one group */
	TELL_MAX = 8,    /* the same, of certificates */
	TELL_MS = 15 * 1000,
	WAIT_MS = 8 * 1000, /* of a letter for its signer's standing */
};

/* What came with letters is watched for so long. */
static const int64_t visitor_ms = INT64_C(30) * 24 * 3600 * 1000;

static struct rows *
rows_of(const struct status_watch *watch)
{
	return store_rows(watch->spool->store);
}

void
status_watch_wake(struct status_watch *watch)
{
	loop_timer_start(watch->timer, 0);
}

/* ---- the directory --------------------------------------------------- */

static struct status_watch *
sync_of(struct group_op *op)
{
	return (struct status_watch *)(void *)((char *)op -
	    offsetof(struct status_watch, sync));
}

static int
add_keys(struct status_watch *watch, const struct directory *directory,
    const struct directory_org *org, struct error *err)
{
	for (uint32_t i = 0; i < org->key_count; i++) {
		struct directory_key key = directory_key_at(directory, org, i);
		struct status_row row = { .fingerprint = key.fingerprint,
			.not_after = key.not_after_ms };

		if (key.state == KEY_REVOKED)
			continue;
		text_copy(row.owner, sizeof(row.owner), org->code.text);
		if (status_row_add(rows_of(watch), &row,
			blob_of(key.certificate, key.certificate_len),
			watch->round, spool_now(watch->spool), err) < 0)
			return -1;
	}
	return 0;
}

static int
apply_sync(struct group_op *op, struct error *err)
{
	struct status_watch *watch = sync_of(op);
	const struct directory *directory = spool_directory(watch->spool);
	uint32_t count =
	    directory != NULL ? (uint32_t)directory_org_count(directory) : 0;

	for (int i = 0; i < SYNC_ORGS && watch->next_org < count; i++) {
		struct directory_org org =
		    directory_org_at(directory, watch->next_org++);

		if (watch->is_ours(watch->ctx, &org) &&
		    add_keys(watch, directory, &org, err) < 0)
			return -1;
	}
	if (watch->next_org < count)
		return 0;
	watch->wants_sync = false;
	watch->tell_at = 0; /* there may be new ones */
	if (status_rows_forget(rows_of(watch), watch->round,
		spool_now(watch->spool) - visitor_ms, err) < 0)
		return -1;
	return status_answers_forget(rows_of(watch), err);
}

static void
finish_sync(struct group_op *op, const struct error *failure)
{
	struct status_watch *watch = sync_of(op);

	watch->is_syncing = false;
	if (failure == NULL) {
		status_watch_wake(watch);
		return;
	}
	log_failure(&watch->spool->env->log, LOG_LEVEL_WARNING,
	    "certificate.sync", failure);
	status_watch_on_directory(watch);
}

static void
sync_some(struct status_watch *watch)
{
	if (!watch->wants_sync || watch->is_syncing ||
	    spool_directory(watch->spool) == NULL)
		return;
	watch->is_syncing = true;
	watch->sync.apply = apply_sync;
	watch->sync.finish = finish_sync;
	group_add(watch->spool->group, &watch->sync);
}

void
status_watch_on_directory(struct status_watch *watch)
{
	int64_t now = spool_now(watch->spool);

	watch->round = now > watch->round ? now : watch->round + 1;
	watch->next_org = 0;
	watch->wants_sync = true;
}

/* ---- when they end --------------------------------------------------- */

static struct status_watch *
tell_of(struct group_op *op)
{
	return (struct status_watch *)(void *)((char *)op -
	    offsetof(struct status_watch, tell));
}

static void
log_step(const struct status_watch *watch, const struct status_row *row,
    int step)
{
	char fingerprint[DIGEST_TEXT_SIZE];
	struct log_line line;

	digest_format(&row->fingerprint, fingerprint);
	log_begin(&line, &watch->spool->env->log,
	    step == 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
	    step == 0 ? "E3709" : "E3708");
	log_text(&line, "org", row->owner);
	log_text(&line, "certificate", fingerprint);
	log_i64(&line, "days_left",
	    revocation_days_left(row->not_after, spool_now(watch->spool)));
	log_end(&line);
}

/* Each step is told once, and that it is over once a day. */
static int
apply_tell(struct group_op *op, struct error *err)
{
	struct status_watch *watch = tell_of(op);
	struct status_row list[TELL_MAX];
	int64_t now = spool_now(watch->spool);
	size_t count;

	if (status_rows_to_tell(rows_of(watch), now, list, TELL_MAX, &count,
		err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		int step = revocation_expiry_step(list[i].not_after, now);

		if (status_row_told(rows_of(watch), &list[i].fingerprint, step,
			now, err) < 0)
			return -1;
		if (step >= 0 && (step != list[i].step || step == 0))
			log_step(watch, &list[i], step);
	}
	watch->tell_at = count == TELL_MAX ? 0 : now + TELL_MS;
	return 0;
}

static void
finish_tell(struct group_op *op, const struct error *failure)
{
	struct status_watch *watch = tell_of(op);

	watch->is_telling = false;
	if (failure != NULL)
		log_failure(&watch->spool->env->log, LOG_LEVEL_WARNING,
		    "certificate.expiry", failure);
}

static void
tell_ends(struct status_watch *watch)
{
	if (watch->is_telling || watch->wants_sync ||
	    watch->tell_at > spool_now(watch->spool))
		return;
	watch->is_telling = true;
	watch->tell.apply = apply_tell;
	watch->tell.finish = finish_tell;
	group_add(watch->spool->group, &watch->tell);
}

/* ---- who waits ------------------------------------------------------- */

static void
tell_waiter(struct status_watch *watch, size_t at)
{
	struct status_waiter waiter = watch->waiters[at];

	watch->waiters[at] = watch->waiters[--watch->waiter_count];
	waiter.fn(waiter.ctx);
}

void
status_waiters_tell(struct status_watch *watch,
    const struct digest *fingerprint)
{
	for (size_t i = watch->waiter_count; i > 0; i--)
		if (i <= watch->waiter_count &&
		    digest_equal(&watch->waiters[i - 1].fingerprint,
			fingerprint))
			tell_waiter(watch, i - 1);
}

static void
tell_late(struct status_watch *watch)
{
	int64_t now = spool_now(watch->spool);

	for (size_t i = watch->waiter_count; i > 0; i--)
		if (i <= watch->waiter_count &&
		    (watch->waiters[i - 1].until <= now ||
			watch->waiters[i - 1].until > now + WAIT_MS))
			tell_waiter(watch, i - 1);
}

/* It is written, then asked about; a letter waits no longer than WAIT_MS. */
struct asking {
	struct group_op op;
	struct status_watch *watch;
	struct status_row row;
	struct bytes certificate;
	bool is_fresh;
};

static int
apply_asking(struct group_op *op, struct error *err)
{
	struct asking *asking = (struct asking *)(void *)op;
	struct rows *rows = rows_of(asking->watch);
	int64_t now = spool_now(asking->watch->spool);
	struct status_row known;
	int found =
	    status_row_find(rows, &asking->row.fingerprint, &known, err);

	if (found < 0)
		return -1;
	/* A responder that fails holds up one letter, not all. */
	asking->is_fresh = found > 0 && known.was_asked &&
	    (known.failures > 0 ||
		revocation_grade(&known.facts, now) != REVOCATION_STALE);
	return status_row_add(rows, &asking->row,
	    blob_of_bytes(&asking->certificate), 0, now, err);
}

static void
finish_asking(struct group_op *op, const struct error *failure)
{
	struct asking *asking = (struct asking *)(void *)op;
	struct status_watch *watch = asking->watch;

	if (failure != NULL || asking->is_fresh)
		status_waiters_tell(watch, &asking->row.fingerprint);
	bytes_free(&asking->certificate);
	free(asking);
	status_watch_wake(watch);
}

void
status_watch_ask(struct status_watch *watch, const struct directory_org *org,
    const struct directory_key *key, status_watch_fn fn, void *ctx)
{
	struct status_waiter *waiter = &watch->waiters[watch->waiter_count];
	struct asking *asking = calloc(1, sizeof(*asking));

	if (asking == NULL || watch->allowed[0] == '\0' ||
	    watch->waiter_count == STATUS_WAITERS_MAX) {
		free(asking);
		fn(ctx);
		return;
	}
	watch->waiter_count++;
	*waiter = (struct status_waiter){ fn, ctx, key->fingerprint,
		spool_now(watch->spool) + WAIT_MS };
	asking->watch = watch;
	asking->row.fingerprint = key->fingerprint;
	asking->row.not_after = key->not_after_ms;
	text_copy(asking->row.owner, sizeof(asking->row.owner), org->code.text);
	bytes_put(&asking->certificate, key->certificate, key->certificate_len);
	asking->op.apply = apply_asking;
	asking->op.finish = finish_asking;
	group_add(watch->spool->group, &asking->op);
}

/* ---- judging --------------------------------------------------------- */

int
status_watch_judge(struct status_watch *watch, const struct digest *fingerprint,
    int64_t at_ms, bool keeps, struct verdict *ret_verdict,
    struct digest *ret_answer, struct error *err)
{
	int64_t now = spool_now(watch->spool);
	struct status_row row;
	int found = status_row_find(rows_of(watch), fingerprint, &row, err);

	if (found < 0)
		return -1;
	*ret_verdict = verdict_allow();
	*ret_answer = (struct digest){ { 0 } };
	if (found == 0)
		return 0;
	*ret_verdict = revocation_judge(&row.facts, at_ms, now);
	*ret_answer = row.answer;
	if (keeps && row.facts.newest.this_update > 0)
		return status_answer_keep(rows_of(watch), &row.answer, err);
	return 0;
}

/* ---- life ------------------------------------------------------------ */

/* What fails is tried again with the next tick. */
static void
read_revoked(struct status_watch *watch)
{
	struct revoked *revoked = &watch->spool->revoked;
	uint64_t before = revoked->version;
	struct error err = { 0 };

	if (!watch->wants_revoked)
		return;
	if (revoked_load(rows_of(watch), revoked, &err) < 0) {
		log_failure(&watch->spool->env->log, LOG_LEVEL_WARNING,
		    "certificate.revocations", &err);
		return;
	}
	watch->wants_revoked = false;
	if (revoked->version != before && watch->on_revoked != NULL)
		watch->on_revoked(watch->on_revoked_ctx);
}

void
status_watch_tell(struct status_watch *watch, status_watch_fn fn, void *ctx)
{
	watch->on_revoked = fn;
	watch->on_revoked_ctx = ctx;
}

static void
on_tick(void *ctx)
{
	struct status_watch *watch = ctx;

	sync_some(watch);
	tell_ends(watch);
	tell_late(watch);
	status_checks_begin(watch);
	read_revoked(watch);
	loop_timer_start(watch->timer, TICK_MS);
}

struct waking {
	struct group_op op;
	struct status_watch *watch;
};

static int
apply_waking(struct group_op *op, struct error *err)
{
	return status_rows_wake(rows_of(((struct waking *)(void *)op)->watch),
	    err);
}

static void
finish_waking(struct group_op *op, const struct error *failure)
{
	struct status_watch *watch = ((struct waking *)(void *)op)->watch;

	free(op);
	if (failure != NULL)
		log_failure(&watch->spool->env->log, LOG_LEVEL_WARNING,
		    "certificate.start", failure);
	status_watch_wake(watch);
}

void
status_watch_start(struct status_watch *watch)
{
	struct waking *waking = calloc(1, sizeof(*waking));

	if (watch->is_started || waking == NULL) {
		free(waking);
		return;
	}
	watch->is_started = true;
	watch->wants_revoked = true;
	status_watch_on_directory(watch);
	waking->watch = watch;
	waking->op.apply = apply_waking;
	waking->op.finish = finish_waking;
	group_add(watch->spool->group, &waking->op);
}

int
status_watch_new(struct spool *spool, status_watch_ours_fn is_ours, void *ctx,
    struct status_watch **ret_watch, struct error *err)
{
	const struct config *config = spool->env->config;
	struct status_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		return error_set_memory(err);
	watch->spool = spool;
	watch->is_ours = is_ours;
	watch->ctx = ctx;
	watch->allowed = config->revocation.urls;
	watch->interval_ms = config->revocation.interval_s * 1000;
	watch->bounds = (struct retry_bounds){ config->courier.retry_first_ms,
		config->courier.retry_max_ms };
	if (loop_timer_new(spool->env->loop, on_tick, watch, &watch->timer,
		err) < 0) {
		free(watch);
		return -1;
	}
	*ret_watch = watch;
	return 0;
}

/* What is under way ends without a call. */
void
status_watch_free(struct status_watch *watch)
{
	if (watch == NULL)
		return;
	for (size_t i = 0; i < STATUS_CHECKS_MAX; i++)
		status_check_clear(&watch->checks[i]);
	loop_timer_free(watch->timer);
	revoked_free(&watch->spool->revoked);
	free(watch);
}

/* ---- places ---------------------------------------------------------- */

bool
status_place_is_allowed(const char *allowed, const char *url, char *ret_address,
    size_t size)
{
	while (*allowed != '\0') {
		size_t item_len = strcspn(allowed, ",");
		size_t len = strcspn(allowed, " ,");
		const char *rest = allowed + len;
		bool is_same =
		    strlen(url) == len && strncmp(url, allowed, len) == 0;
		bool is_below = len > 0 && allowed[len - 1] == '/' &&
		    strncmp(url, allowed, len) == 0 &&
		    strstr(url, "..") == NULL;

		rest += strspn(rest, " ");
		if ((is_same || is_below) &&
		    text_copy_len(ret_address, size, rest,
			(size_t)(allowed + item_len - rest)))
			return true;
		allowed += item_len;
		allowed += strspn(allowed, ", ");
	}
	return false;
}
