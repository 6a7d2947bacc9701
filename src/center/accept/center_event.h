/*
 * An event of one delivery that this center decides and logs: what a side of
 * the delivery stated in an act, or what the center states by itself.
 */
#ifndef CENTER_CENTER_EVENT_H
#define CENTER_CENTER_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "envelope/statement.h"
#include "exchange/delivery.h"
#include "model/event.h"
#include "role/message.h"

struct center;
struct center_delivery;
struct center_waybill;
struct error;

/* What this center is to a delivery. */
enum delivery_role center_role(const struct center *center,
    const struct center_waybill *waybill,
    const struct center_delivery *delivery);

struct center_event {
	enum event event;
	enum statement_signer signer;
	const char *at;       /* host where it happened */
	struct blob act;      /* CMS; empty for none */
	struct digest status; /* revocation answer of its signer; zeros: none */
};

/* Whom to tell once it is durable. */
struct center_news {
	char host[MESSAGE_HOST_SIZE];  /* has news in its feed; "" for none */
	char other[MESSAGE_HOST_SIZE]; /* the same */
	bool is_for_others;            /* another center must be told */
};

/*
 * State the event in the log, save the delivery, which has moved already, and
 * queue the receipt for the sender, in the store's open group.
 */
int center_event_write(struct center *center,
    const struct center_waybill *waybill, struct center_delivery *delivery,
    const struct center_event *event, uint64_t *ret_entry,
    struct center_news *ret_news, struct error *err) MUST_CHECK;

/* Wake them: the group is durable. */
void center_news_tell(struct center *center, const struct center_news *news);

#endif
