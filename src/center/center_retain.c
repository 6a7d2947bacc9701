#include "center/center_retain.h"

#include "base/error.h"
#include "center/accept/center_queued.h"
#include "center/center.h"
#include "center/center_rows.h"
#include "store/store.h"

static int
next(void *ctx, int64_t before, int64_t *ret_row, struct error *err)
{
	const struct center *center = ctx;

	return center_ended_next(store_rows(center->spool.store), before,
	    ret_row, err);
}

static int
remove_content(void *ctx, int64_t row, struct error *err)
{
	struct center *center = ctx;
	struct store *store = center->spool.store;
	struct center_waybill waybill;
	int found =
	    center_waybill_find_row(store_rows(store), row, &waybill, err);

	if (found <= 0)
		return found < 0
		    ? -1
		    : error_set(err, ERROR_SYSTEM, "waybill %lld is missing",
			  (long long)row);
	if (waybill.payload != 0 &&
	    store_payload_remove(store, waybill.payload, err) < 0)
		return -1;
	waybill.payload = 0;
	if (center_waybill_set_payload(store_rows(store), &waybill, err) < 0)
		return -1;
	return center_queued_reopen(center, &waybill, err);
}

const struct retainer_hooks center_retain_hooks = { next, remove_content };
