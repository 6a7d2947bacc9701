/* When letters are put into the index: between other work, a slice at a time. */
#include "gateway/search/search.h"

#include <stdlib.h>

#include "base/error.h"
#include "gateway/gateway.h"
#include "store/query.h"
#include "store/store.h"
#include "sys/loop.h"

enum {
	SLICE = 100,     /* letters in one group */
	SOON_MS = 300,   /* after something was committed */
	NEXT_MS = 20,    /* while there are more */
	AGAIN_MS = 5000, /* after a failure */
};

struct search_filler {
	struct group_op op; /* first: the group hands it back */
	struct gateway *gateway;
	struct loop_timer *timer;
	bool is_busy;
};

static struct rows *
rows_of(const struct search_filler *filler)
{
	return store_rows(filler->gateway->spool.store);
}

static int
apply(struct group_op *op, struct error *err)
{
	const struct search_filler *filler =
	    (const struct search_filler *)(const void *)op;

	return search_fill(rows_of(filler),
		   spool_directory(&filler->gateway->spool), SLICE, err) < 0
	    ? -1
	    : 0;
}

/* Its own commit wakes it again, until nothing is left. */
static void
finish(struct group_op *op, const struct error *failure)
{
	struct search_filler *filler = (struct search_filler *)(void *)op;

	filler->is_busy = false;
	if (failure != NULL)
		log_failure(&filler->gateway->spool.env->log, LOG_LEVEL_WARNING,
		    "search.fill", failure);
	loop_timer_start(filler->timer, failure != NULL ? AGAIN_MS : NEXT_MS);
}

static int
has_more(const struct search_filler *filler, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows_of(filler), "SELECT 1 FROM search_queue LIMIT 1",
		&query, err) < 0)
		return -1;
	found = query_next(query, err);
	query_end(query);
	return found;
}

static void
on_time(void *ctx)
{
	struct search_filler *filler = ctx;
	struct error err = { 0 };

	/* A failure here is one of the store's, which tells it itself. */
	if (filler->is_busy || has_more(filler, &err) <= 0)
		return;
	filler->is_busy = true;
	group_add(filler->gateway->spool.group, &filler->op);
}

int
search_filler_new(struct gateway *gateway, struct search_filler **ret_filler,
    struct error *err)
{
	struct search_filler *filler = calloc(1, sizeof(*filler));

	if (filler == NULL)
		return error_set_memory(err);
	filler->gateway = gateway;
	filler->op.apply = apply;
	filler->op.finish = finish;
	if (loop_timer_new(gateway->spool.env->loop, on_time, filler,
		&filler->timer, err) < 0) {
		free(filler);
		return -1;
	}
	*ret_filler = filler;
	return 0;
}

void
search_filler_wake(struct search_filler *filler)
{
	if (!filler->is_busy && !loop_timer_is_running(filler->timer))
		loop_timer_start(filler->timer, SOON_MS);
}
