#include "role/spool/group.h"

#include <stdlib.h>

#include "base/error.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"
#include "sys/loop.h"

enum {
	GROUP_MAX = 4096,       /* changes in one transaction */
	TESTS_COMMIT_MS = 5000, /* between commits that nobody waits for */

	/*
	 * A commit costs the same whatever it holds.  While changes come so
	 * fast that each PACE_CHANGES of PACE_WINDOW_MS are worth a millisecond
	 * of waiting for more, groups begin that far apart; a change that comes
	 * alone never waits.
	 */
	PACE_WINDOW_MS = 100,
	PACE_CHANGES = 2,
	PACE_MS = 4,     /* at most, unless the host says otherwise */
	PACE_FULL = 512, /* changes that wait for no more */

	/* Every change has a savepoint, after one that failed without. */
	CAREFUL_MS = 10 * 1000,
};

/* How fast changes come: those of this window, and of the one before. */
struct pace {
	uint64_t window_at; /* of loop_now_ms() */
	uint64_t now, before;
	uint64_t flushed_at;
};

struct queue {
	struct group_op *first;
	struct group_op **last;
	size_t count;
};

struct group {
	struct loop *loop;
	struct store *store;
	const struct group_hooks *hooks;
	void *ctx;
	struct loop_soon *soon;
	struct loop_timer *timer;
	struct pace pace;
	uint64_t committed_at;  /* of loop_now_ms() */
	uint64_t careful_until; /* the same */
	struct queue waiting;   /* for the next flush */
	struct queue attesting; /* committed, evidence under way */
	bool is_attesting;
	bool has_evidence; /* of these, to be kept */
	bool is_bare;      /* what is applied has no savepoint */
	bool is_broken;
};

static void flush(void *ctx);

static void
queue_clear(struct queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
	queue->count = 0;
}

static void
queue_add(struct queue *queue, struct group_op *op)
{
	op->next = NULL;
	*queue->last = op;
	queue->last = &op->next;
	queue->count++;
}

static struct group_op *
queue_take(struct queue *queue)
{
	struct group_op *op = queue->first;

	if (op == NULL)
		return NULL;
	queue->first = op->next;
	if (queue->first == NULL)
		queue->last = &queue->first;
	queue->count--;
	return op;
}

int
group_new(struct loop *loop, struct store *store,
    const struct group_hooks *hooks, void *ctx, struct group **ret_group,
    struct error *err)
{
	struct group *group = calloc(1, sizeof(*group));

	if (group == NULL)
		return error_set_memory(err);
	group->loop = loop;
	group->store = store;
	group->hooks = hooks;
	group->ctx = ctx;
	queue_clear(&group->waiting);
	queue_clear(&group->attesting);
	if (loop_soon_new(loop, flush, group, &group->soon, err) < 0 ||
	    loop_timer_new(loop, flush, group, &group->timer, err) < 0) {
		group_free(group);
		return -1;
	}
	*ret_group = group;
	return 0;
}

void
group_free(struct group *group)
{
	if (group == NULL)
		return;
	loop_soon_free(group->soon);
	loop_timer_free(group->timer);
	free(group);
}

static void
count_change(struct pace *pace, uint64_t now)
{
	uint64_t passed = now - pace->window_at;

	if (passed >= PACE_WINDOW_MS) {
		pace->before = passed < 2 * PACE_WINDOW_MS ? pace->now : 0;
		pace->now = 0;
		pace->window_at = now;
	}
	pace->now++;
}

/* Milliseconds from the beginning of one group to that of the next. */
static uint64_t
gap_of(const struct group *group)
{
	uint64_t gap = group->pace.before / PACE_CHANGES;
	uint64_t most =
	    group->hooks->pace_ms > 0 ? group->hooks->pace_ms : PACE_MS;

	return gap < most ? gap : most;
}

uint64_t
group_wait_ms(const struct group *group)
{
	uint64_t now = loop_now_ms(group->loop);
	uint64_t due_at = group->pace.flushed_at + gap_of(group);

	return now >= due_at || group->waiting.count >= PACE_FULL
	    ? 0
	    : due_at - now;
}

/* Have what waits flushed when it is time. */
static void
arm(struct group *group)
{
	uint64_t wait = group_wait_ms(group);

	if (group->waiting.first == NULL || group->is_attesting)
		return;
	if (wait == 0)
		loop_soon_start(group->soon);
	else if (!loop_timer_is_running(group->timer))
		loop_timer_start(group->timer, wait);
}

void
group_add(struct group *group, struct group_op *op)
{
	op->failure = NULL;
	queue_add(&group->waiting, op);
	count_change(&group->pace, loop_now_ms(group->loop));
	arm(group);
}

bool
group_undoes_whole(const struct group *group)
{
	return group->is_bare;
}

size_t
group_waiting(const struct group *group)
{
	return group->waiting.count + group->attesting.count;
}

/* Each gets its own reason if it has one, else the common one. */
static void
finish_all(struct queue *queue, const struct error *failure)
{
	struct group_op *op;

	while ((op = queue_take(queue)) != NULL) {
		struct error *own = op->failure;

		op->failure = NULL;
		op->finish(op, own != NULL ? own : failure);
		free(own);
	}
}

static int
keep_failure(struct group *group, struct group_op *op,
    const struct error *failure, struct error *err)
{
	/* Without room, or with a disk that fails, SQLite undoes all of it. */
	if (!rows_is_open_transaction(store_rows(group->store))) {
		*err = *failure;
		return -1;
	}
	op->failure = malloc(sizeof(*failure));
	if (op->failure == NULL)
		return error_set_memory(err);
	*op->failure = *failure;
	return 0;
}

/* Of a change that judges first. */
static int
apply_bare(struct group *group, struct group_op *op, struct error *err)
{
	struct rows *rows = store_rows(group->store);
	int64_t written = rows_written(rows);
	struct error failure = { 0 };
	int rc;

	group->is_bare = true;
	rc = op->apply(op, &failure);
	group->is_bare = false;
	if (rc == 0)
		return 0;
	if (keep_failure(group, op, &failure, err) < 0)
		return -1;
	if (rows_written(rows) == written)
		return 0;
	group->careful_until = loop_now_ms(group->loop) + CAREFUL_MS;
	return error_set(err, ERROR_BUSY,
	    "another change of the group failed: %s", failure.text);
}

/* Fails only when the transaction itself cannot go on. */
static int
apply_one(struct group *group, struct group_op *op, struct error *err)
{
	struct rows *rows = store_rows(group->store);
	struct error failure = { 0 };

	if (op->judges_first &&
	    loop_now_ms(group->loop) >= group->careful_until)
		return apply_bare(group, op, err);
	if (query_run(rows, "SAVEPOINT change", err) < 0)
		return -1;
	if (op->apply(op, &failure) == 0)
		return query_run(rows, "RELEASE change", err);
	if (keep_failure(group, op, &failure, err) < 0 ||
	    query_run(rows, "ROLLBACK TO change", err) < 0 ||
	    query_run(rows, "RELEASE change", err) < 0)
		return -1;
	return leaves_reload(store_leaves(group->store), err);
}

static int
apply_all(struct group *group, struct queue *taken, size_t *ret_applied,
    struct error *err)
{
	while (group->waiting.first != NULL && taken->count < GROUP_MAX) {
		struct group_op *op = queue_take(&group->waiting);

		queue_add(taken, op);
		if (apply_one(group, op, err) < 0)
			return -1;
		if (op->failure == NULL)
			++*ret_applied;
	}
	if (*ret_applied > 0 && group->hooks->seal != NULL)
		return group->hooks->seal(group->ctx, err);
	return 0;
}

/* Whatever broke it, also between groups, only a restart mends it. */
static int
fail_if_broken(struct group *group, struct error *err)
{
	if (!error_is_temporary(err)) {
		group->is_broken = true;
		group->hooks->broken(group->ctx, err);
	}
	return -1;
}

/* What one transaction holds. */
struct flush {
	bool keeps;           /* the evidence of `told` */
	bool takes;           /* what waits */
	struct queue told;    /* committed before, to be told now */
	struct queue applied; /* from now on */
	size_t good;          /* of these, did not fail */
};

static int
write_all(struct group *group, struct flush *flush, struct error *err)
{
	if (flush->keeps && group->hooks->keep(group->ctx, err) < 0)
		return -1;
	return flush->takes
	    ? apply_all(group, &flush->applied, &flush->good, err)
	    : 0;
}

/* An open group is kept or dropped whole; a broken store is for good. */
static int
commit(struct group *group, struct flush *flush, struct error *err)
{
	if (store_begin(group->store, err) < 0) {
		while (flush->takes && group->waiting.first != NULL)
			queue_add(&flush->applied, queue_take(&group->waiting));
		return fail_if_broken(group, err);
	}
	if (write_all(group, flush, err) < 0) {
		if (!rows_is_open_transaction(store_rows(group->store)))
			(void)fail_if_broken(group, err);
		store_abort(group->store, err);
		return -1;
	}
	if (group->hooks->tests_never_wait &&
	    loop_now_ms(group->loop) - group->committed_at < TESTS_COMMIT_MS)
		return 0;
	group->committed_at = loop_now_ms(group->loop);
	if (store_commit(group->store, err) == 0)
		return 0;
	return fail_if_broken(group, err);
}

/* The evidence goes at once, what waits when it is time. */
static void
begin_flush(struct group *group, struct flush *flush)
{
	*flush = (struct flush){ .keeps = group->has_evidence };
	queue_clear(&flush->told);
	queue_clear(&flush->applied);
	flush->takes = group->waiting.first != NULL &&
	    (!flush->keeps ||
		(group_wait_ms(group) == 0 && !group->hooks->keeps_apart));
	while (flush->keeps && group->attesting.first != NULL)
		queue_add(&flush->told, queue_take(&group->attesting));
	group->is_attesting = group->has_evidence = false;
	/* Others can go on while we sync. */
	loop_write_out(group->loop);
	if (!flush->takes)
		return;
	group->pace.flushed_at = loop_now_ms(group->loop);
	loop_timer_cancel(group->timer);
}

static void
fail_flush(struct group *group, struct flush *flush, const struct error *err)
{
	while (group->is_broken && group->waiting.first != NULL)
		queue_add(&flush->applied, queue_take(&group->waiting));
	finish_all(&flush->told, err);
	finish_all(&flush->applied, err);
}

/* Evidence is asked for first: it is made while others are told. */
static void
end_flush(struct group *group, struct flush *flush)
{
	if (flush->good > 0 && group->hooks->committed != NULL)
		group->hooks->committed(group->ctx);
	if (flush->good == 0 || group->hooks->attest == NULL) {
		finish_all(&flush->told, NULL);
		finish_all(&flush->applied, NULL);
		return;
	}
	while (flush->applied.first != NULL)
		queue_add(&group->attesting, queue_take(&flush->applied));
	group->is_attesting = true;
	group->hooks->attest(group->ctx);
	finish_all(&flush->told, NULL);
}

static void
flush(void *ctx)
{
	struct group *group = ctx;
	struct flush flush;
	struct error err = { 0 };

	if (group->is_attesting ? !group->has_evidence
				: group->waiting.first == NULL)
		return;
	begin_flush(group, &flush);
	if (group->is_broken)
		error_set(&err, ERROR_SYSTEM, "the store failed before");
	if (group->is_broken || commit(group, &flush, &err) < 0)
		fail_flush(group, &flush, &err);
	else
		end_flush(group, &flush);
	arm(group);
}

void
group_keep_evidence(struct group *group)
{
	group->has_evidence = true;
	flush(group);
}

void
group_attested(struct group *group, const struct error *failure)
{
	struct queue done = group->attesting;

	if (done.first == NULL)
		done.last = &done.first;
	queue_clear(&group->attesting);
	group->is_attesting = false;
	finish_all(&done, failure);
	arm(group);
}
