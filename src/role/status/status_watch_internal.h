/*
 * What the files status_watch*.c share.
 */
#ifndef ROLE_STATUS_WATCH_INTERNAL_H
#define ROLE_STATUS_WATCH_INTERNAL_H

#include "base/bytes.h"
#include "exchange/retry.h"
#include "role/message.h"
#include "role/spool/group.h"
#include "role/status/status_rows.h"
#include "role/status/status_watch.h"

struct loop_timer;

enum {
	STATUS_CHECKS_MAX = 8,
	STATUS_BATCH_MAX = 256, /* certificates of one list */
	STATUS_WAITERS_MAX = 64,
};

/* A question under way. */
struct status_check {
	struct group_op op; /* first: the group hands it back */
	struct status_watch *watch;
	bool is_busy;
	struct digest fingerprint;
	struct bytes certificate;
	struct digest nonce;
	struct bytes request; /* OCSPRequest */
	struct status_row before;
	char ocsp[STATUS_URL_SIZE]; /* that may be asked; "" for none */
	char ocsp_address[MESSAGE_ADDRESS_SIZE];
	char crl[STATUS_URL_SIZE];
	char crl_address[MESSAGE_ADDRESS_SIZE];
	bool is_list;         /* what is asked now */
	struct digest *batch; /* whom the answer is about */
	size_t batch_count;
	struct bytes answer;
	struct bytes verdicts; /* list of struct message_status_one */
	struct error failure;
	/* What to tell of when it is durable. */
	bool is_revoked_now;
	bool tells_revoked; /* of anyone */
	bool contradicts;
	struct status_row after;
};

/* A letter that waits for what is said of its signer. */
struct status_waiter {
	status_watch_fn fn;
	void *ctx;
	struct digest fingerprint;
	int64_t until;
};

struct status_watch {
	struct spool *spool;
	status_watch_ours_fn is_ours;
	void *ctx;
	struct loop_timer *timer;
	struct retry_bounds bounds;
	int64_t interval_ms;
	const char *allowed;        /* of the configuration */
	status_watch_fn on_revoked; /* NULL: nobody is told */
	void *on_revoked_ctx;
	bool wants_revoked; /* spool->revoked is to be read anew */
	bool is_started;

	/* Going through the directory. */
	struct group_op sync; /* `watch` by its place: sync_of() */
	bool is_syncing;      /* the operation is with the group */
	bool wants_sync;
	uint32_t next_org;
	int64_t round;

	/* The expiry watch. */
	struct group_op tell;
	bool is_telling;
	int64_t tell_at;

	struct status_check checks[STATUS_CHECKS_MAX];
	struct status_waiter waiters[STATUS_WAITERS_MAX];
	size_t waiter_count;
};

/* status_watch_ask.c: begin what is due, as far as there are places. */
void status_checks_begin(struct status_watch *watch);
void status_check_clear(struct status_check *check);

/* status_watch.c: whoever waits for it goes on. */
void status_waiters_tell(struct status_watch *watch,
    const struct digest *fingerprint);
void status_watch_wake(struct status_watch *watch);

#endif
