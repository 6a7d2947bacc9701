/*
 * What retention removes of letters that were sent: the content part, once all
 * deliveries of its waybill have ended.  The files as they came stay with the
 * letter, and so do waybill and receipts.
 */
#include "base/error.h"
#include "gateway/outbox/outbox_internal.h"
#include "store/store.h"

static int
next(void *ctx, int64_t before, int64_t *ret_row, struct error *err)
{
	const struct outbox *outbox = ctx;

	return outbox_ended_next(store_rows(outbox->gateway->spool.store),
	    before, ret_row, err);
}

static int
remove_content(void *ctx, int64_t row, struct error *err)
{
	const struct outbox *outbox = ctx;
	struct store *store = outbox->gateway->spool.store;
	struct outbox_waybill waybill;
	int found = outbox_waybill_find(store_rows(store), row, &waybill, err);

	if (found <= 0)
		return found < 0
		    ? -1
		    : error_set(err, ERROR_SYSTEM, "waybill %lld is missing",
			  (long long)row);
	if (waybill.payload != 0 &&
	    store_payload_remove(store, waybill.payload, err) < 0)
		return -1;
	waybill.payload = 0;
	if (outbox_waybill_set_payload(store_rows(store), &waybill, err) < 0)
		return -1;
	return outbox_ended_remove(store_rows(store), row, err);
}

const struct retainer_hooks outbox_retain_hooks = { next, remove_content };
