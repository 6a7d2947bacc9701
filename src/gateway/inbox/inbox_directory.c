/*
 * A newer directory has come: what could not be taken may be taken by it.
 */
#include <stdlib.h>

#include "gateway/inbox/inbox_internal.h"

enum { WAKE_MAX = 1000 }; /* rows of one change */

struct waking {
	struct group_op op; /* first: the group hands it back */
	struct inbox *inbox;
};

static int
apply_waking(struct group_op *op, struct error *err)
{
	struct waking *waking = (struct waking *)(void *)op;

	return inbox_row_wake_failed(inbox_rows(waking->inbox), WAKE_MAX, err);
}

static void
finish_waking(struct group_op *op, const struct error *failure)
{
	struct waking *waking = (struct waking *)(void *)op;

	/* Else their time comes without this. */
	if (failure == NULL)
		inbox_wake(waking->inbox);
	free(waking);
}

void
inbox_on_directory(struct inbox *inbox)
{
	struct waking *waking;

	if (!inbox->is_started)
		return;
	waking = calloc(1, sizeof(*waking));
	if (waking == NULL)
		return;
	waking->inbox = inbox;
	waking->op.apply = apply_waking;
	waking->op.finish = finish_waking;
	group_add(inbox->gateway->spool.group, &waking->op);
}
