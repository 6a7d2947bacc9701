/*
 * What the files center_accept*.c share.
 */
#ifndef CENTER_CENTER_ACCEPT_INTERNAL_H
#define CENTER_CENTER_ACCEPT_INTERNAL_H

#include "center/center.h"
#include "center/move/center_move.h"

struct center_delivery;
struct center_waybill;
struct upload;

/* A receipt that leads a delivery from one center to the next. */
struct accepting_link {
	char center[MESSAGE_HOST_SIZE];
	char at[MESSAGE_HOST_SIZE];
	uint64_t directory; /* by which it moved */
	struct digest entry;
	struct blob json;
};

/* A submission, relay or move on its way into the store. */
struct accepting {
	struct group_op op;
	struct center_request request;
	struct message_submit submit;
	struct message_waybill waybill;
	struct org_code sender;
	struct message_leaf *leaves;
	size_t leaf_count;
	struct upload *upload;
	uint64_t payload; /* its number; 0: it is known when it is stored */
	bool is_accepted_verified; /* the origin's receipt of a relay */
	bool is_repeat;
	struct digest status; /* the revocation answer that was used */
	uint64_t entry;
	int64_t accepted_at;
	bool is_counted; /* by the quotas */
	/* Hosts whose feeds got something: to be woken when durable. */
	char (*woken)[MESSAGE_HOST_SIZE];
	size_t woken_count;
	char sender_host[MESSAGE_HOST_SIZE]; /* the same, of the sender */

	/* Of a move: center_move_take.c. */
	struct blob moved; /* receipts that are not verified yet */
	struct accepting_link links[CENTER_MOVES_MAX];
	size_t link_count;
	bool is_taken; /* or relayed, and its content was here */
};

/* It fails: answered and freed. */
void center_accept_end(struct accepting *accepting,
    const struct error *failure);

/* center_accept_judge.c: may it be accepted, as things stand now? */
int center_accept_judge(struct accepting *accepting,
    struct error *err) MUST_CHECK;

/*
 * center_accept_write.c: statement, waybill, deliveries, feeds, relays, and the
 * payload, in the open group.  `known` is the waybill if some of its deliveries
 * moved here before, else NULL.
 */
int center_accept_write(struct accepting *accepting,
    const struct center_waybill *known, struct error *err) MUST_CHECK;

/* Are all deliveries of the request here, by a relay or by moves: 1 or 0. */
int center_accept_is_known(const struct accepting *accepting,
    const struct center_waybill *known, struct error *err) MUST_CHECK;

/* Parts of it.  The row of the waybill, which `entry` accepted or took. */
int center_accept_add_waybill(struct accepting *accepting,
    struct center_waybill *ret_waybill, struct error *err) MUST_CHECK;
int center_accept_add_payload(struct accepting *accepting,
    struct center_waybill *waybill, struct error *err) MUST_CHECK;

/*
 * A delivery that was moved to us: into the feed of who fetches for it, if `announces`,
 * unless it waits for another key part; and held, if it must be.
 */
int center_accept_hand_out(struct accepting *accepting,
    const struct center_waybill *waybill, struct center_delivery *delivery,
    bool announces, struct error *err) MUST_CHECK;

#endif
