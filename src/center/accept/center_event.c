#include "center/accept/center_event.h"

#include "base/text.h"
#include "center/accept/center_queued.h"
#include "center/center.h"
#include "center/center_rows.h"
#include "center/center_watch.h"
#include "center/log/center_log.h"
#include "center/send/center_follow.h"
#include "center/send/center_send.h"
#include "center/send/center_send_rows.h"
#include "store/store.h"

enum delivery_role
center_role(const struct center *center, const struct center_waybill *waybill,
    const struct center_delivery *delivery)
{
	bool is_here = text_equal(delivery->center, center->name);

	if (text_equal(waybill->origin, center->name))
		return is_here ? DELIVERY_LOCAL : DELIVERY_ORIGIN;
	return is_here ? DELIVERY_TARGET : DELIVERY_FORMER;
}

static int
state(struct center *center, const struct center_waybill *waybill,
    const struct center_delivery *delivery, const struct center_event *event,
    uint64_t *ret_entry, struct error *err)
{
	struct statement statement = {
		.event = event->event,
		.waybill = waybill->digest,
		.waybill_id = waybill->waybill_id,
		.sender = waybill->sender,
		.recipient = delivery->recipient,
		.leaf = delivery->leaf,
		.signer = event->signer,
		.status = event->status,
	};
	int rc = -1;

	text_copy(statement.at, sizeof(statement.at), event->at);
	bytes_put(&statement.act, event->act.data, event->act.len);
	if (bytes_failed(&statement.act, err) == 0)
		rc = center_log_state(center, &statement, ret_entry, err);
	statement_free(&statement);
	return rc;
}

/* The sender is told: by its feed here, or through its own center. */
static int
tell_sender(struct center *center, const struct center_waybill *waybill,
    uint64_t entry, struct center_news *news, struct error *err)
{
	struct rows *rows = store_rows(center->spool.store);
	struct center_send send = { .kind = CENTER_SEND_RECEIPT,
		.entry = entry };

	if (text_equal(waybill->origin, center->name))
		return center_follow_tell(center, waybill, entry, false, news,
		    err);
	news->is_for_others = true;
	text_copy(send.center, sizeof(send.center), waybill->origin);
	return center_send_add(rows, &send, err);
}

int
center_event_write(struct center *center, const struct center_waybill *waybill,
    struct center_delivery *delivery, const struct center_event *event,
    uint64_t *ret_entry, struct center_news *ret_news, struct error *err)
{
	struct rows *rows = store_rows(center->spool.store);

	*ret_news = (struct center_news){ 0 };
	/* Of what happens only once the first counts. */
	if (state(center, waybill, delivery, event, ret_entry, err) < 0 ||
	    (!event_may_repeat(event->event) &&
		center_act_add(rows, delivery->row, event->event, *ret_entry,
		    err) < 0) ||
	    center_queued_save(center, waybill, delivery, err) < 0)
		return -1;
	if (delivery_state_is_terminal(delivery->life.state) &&
	    center_queued_end(center, waybill, err) < 0)
		return -1;
	return tell_sender(center, waybill, *ret_entry, ret_news, err);
}

void
center_news_tell(struct center *center, const struct center_news *news)
{
	if (news->host[0] != '\0')
		center_watch_wake(center->watch, news->host);
	if (news->other[0] != '\0')
		center_watch_wake(center->watch, news->other);
	if (news->is_for_others)
		center_sender_wake(center->sender);
}
