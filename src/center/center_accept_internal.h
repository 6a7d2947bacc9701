/*
 * What the files center_accept*.c share.
 */
#ifndef CENTER_CENTER_ACCEPT_INTERNAL_H
#define CENTER_CENTER_ACCEPT_INTERNAL_H

#include "center/center.h"

struct upload;

/* A submission or relay on its way into the store. */
struct accepting {
	struct group_op op;
	struct center_request request;
	struct message_submit submit;
	struct message_waybill waybill;
	struct org_code sender;
	struct message_leaf *leaves;
	size_t leaf_count;
	struct upload *upload;
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
};

/* center_accept_judge.c: may it be accepted, as things stand now? */
int center_accept_judge(struct accepting *accepting,
    struct error *err) MUST_CHECK;

/*
 * center_accept_write.c: statement, waybill, deliveries, feeds, relays, and the
 * payload, in the open group.
 */
int center_accept_write(struct accepting *accepting,
    struct error *err) MUST_CHECK;

#endif
