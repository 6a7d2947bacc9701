/*
 * Group commit: whatever a spooler was asked to change during the last flush,
 * and under load some milliseconds longer, becomes one transaction.  Nobody is told of success before the payload is
 * synced, the rows are committed, and, where the host keeps a log, the
 * evidence is durable too (acknowledge after the sync).
 */
#ifndef ROLE_GROUP_H
#define ROLE_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct error;
struct loop;
struct store;

struct group;

/*
 * One change.  The caller embeds it, fills in the two functions, and keeps it
 * until `finish`, which may free it.
 */
struct group_op {
	/*
	 * Write rows, inside the transaction.  A failure undoes this change
	 * alone, but not store_payload_add(): call that when nothing else can
	 * fail.  Must not commit, wait, or answer anybody.
	 */
	int (*apply)(struct group_op *op, struct error *err);
	/* Called exactly once: NULL when durable, else why nothing changed. */
	void (*finish)(struct group_op *op, const struct error *failure);
	/*
	 * Whatever may refuse it comes before its first row, so that it needs
	 * no savepoint, whose copies of pages cost as much as its rows.  A
	 * failure after that is one of disk or memory: the group is undone
	 * whole, the others are told to come again, and for some time each
	 * change has its savepoint.
	 */
	bool judges_first;

	/* The group's own. */
	struct group_op *next;
	struct error *failure;
};

struct group_hooks {
	/* The last rows of the transaction, such as log leaves; or NULL. */
	int (*seal)(void *ctx, struct error *err);
	/* Some change was committed; nobody was told yet.  Or NULL. */
	void (*committed)(void *ctx);
	/*
	 * The rows are durable: make the evidence, then call
	 * group_keep_evidence() or group_attested(), now or later; or NULL.
	 * Called only if some change of the group was applied.
	 */
	void (*attest)(void *ctx);
	/* Write the rows of the evidence, in an open transaction. */
	int (*keep)(void *ctx, struct error *err);
	bool keeps_apart; /* that transaction is never one of later changes */
	/*
	 * Milliseconds between the beginnings of groups under load, at most;
	 * 0: 4, which is for those whose client waits for one commit alone.
	 */
	uint8_t pace_ms;
	/*
	 * The store can no longer be trusted to keep what it is given (an
	 * fsync failed): the process must end.  Nothing is acknowledged after.
	 */
	void (*broken)(void *ctx, const struct error *err);
	/* Loses what it acknowledges: the negative control of tests. */
	bool tests_never_wait;
};

/* `store` and `hooks` must outlive it. */
int group_new(struct loop *loop, struct store *store,
    const struct group_hooks *hooks, void *ctx, struct group **ret_group,
    struct error *err) MUST_CHECK;

/* Changes that did not finish are dropped without a call. */
void group_free(struct group *group);

/* Is what is applied right now undone only with all of its group? */
bool group_undoes_whole(const struct group *group);

/* Put a change into the next flush, in this order. */
void group_add(struct group *group, struct group_op *op);

/*
 * Milliseconds until the next group may begin; 0: at once.  Whoever has to
 * prepare a change may take that long without delaying it.
 */
uint64_t group_wait_ms(const struct group *group);

/*
 * The evidence is made: `keep` writes it, in the transaction of the next group
 * if that is due, else in one of its own.
 */
void group_keep_evidence(struct group *group);

/* No evidence is needed (NULL), or it could not be made. */
void group_attested(struct group *group, const struct error *failure);

size_t group_waiting(const struct group *group);

#endif
