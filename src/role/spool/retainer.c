#include "role/spool/retainer.h"

#include <stdlib.h>

#include "base/error.h"
#include "role/env.h"
#include "role/spool/spool.h"
#include "service/config.h"
#include "sys/loop.h"

enum {
	LOOK_MS = 10000,
	ROWS_MAX = 50, /* in one group */
};

struct retainer {
	struct group_op op; /* first: the group hands it back */
	struct spool *spool;
	struct retainer_hooks hooks;
	void *ctx;
	struct loop_timer *timer;
	size_t removed; /* in the group under way */
};

static int64_t
ended_before(const struct retainer *retainer)
{
	const struct spool *spool = retainer->spool;

	return spool_now(spool) -
	    spool->env->config->retention.content_s * 1000;
}

static int
apply(struct group_op *op, struct error *err)
{
	struct retainer *retainer = (struct retainer *)(void *)op;
	int64_t row;
	int more = 1;

	retainer->removed = 0;
	while (retainer->removed < ROWS_MAX &&
	    (more = retainer->hooks.next(retainer->ctx, ended_before(retainer),
		 &row, err)) > 0) {
		if (retainer->hooks.remove(retainer->ctx, row, err) < 0)
			return -1;
		retainer->removed++;
	}
	return more < 0 ? -1 : 0;
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct retainer *retainer = (struct retainer *)(void *)op;
	struct log_line line;

	if (failure != NULL) {
		log_failure(&retainer->spool->env->log, LOG_LEVEL_WARNING,
		    "retain.later", failure);
	} else if (retainer->removed > 0) {
		log_begin(&line, &retainer->spool->env->log, LOG_LEVEL_NOTICE,
		    "retain.removed");
		log_u64(&line, "contents", retainer->removed);
		log_end(&line);
	}
	if (failure == NULL && retainer->removed == ROWS_MAX)
		loop_timer_start(retainer->timer, 0);
	else
		loop_timer_start(retainer->timer, LOOK_MS);
}

static void
look(void *ctx)
{
	struct retainer *retainer = ctx;
	struct error err = { 0 };
	int64_t row;

	/* An empty look costs no group. */
	if (retainer->hooks.next(retainer->ctx, ended_before(retainer), &row,
		&err) == 0)
		loop_timer_start(retainer->timer, LOOK_MS);
	else
		group_add(retainer->spool->group, &retainer->op);
}

int
retainer_new(struct spool *spool, const struct retainer_hooks *hooks, void *ctx,
    struct retainer **ret_retainer, struct error *err)
{
	struct retainer *retainer = calloc(1, sizeof(*retainer));

	if (retainer == NULL)
		return error_set_memory(err);
	retainer->spool = spool;
	retainer->hooks = *hooks;
	retainer->ctx = ctx;
	retainer->op.apply = apply;
	retainer->op.finish = finish;
	if (loop_timer_new(spool->env->loop, look, retainer, &retainer->timer,
		err) < 0) {
		free(retainer);
		return -1;
	}
	*ret_retainer = retainer;
	return 0;
}

void
retainer_free(struct retainer *retainer)
{
	if (retainer == NULL)
		return;
	loop_timer_free(retainer->timer);
	free(retainer);
}

void
retainer_start(struct retainer *retainer)
{
	loop_timer_start(retainer->timer, LOOK_MS);
}
