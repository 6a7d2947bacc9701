/*
 * The rows of the outbox: documents, their files, waybills, deliveries and
 * receipts.  What changes them works inside the store's open group.
 */
#ifndef GATEWAY_OUTBOX_ROWS_H
#define GATEWAY_OUTBOX_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "exchange/delivery.h"
#include "exchange/job.h"
#include "model/digest.h"
#include "model/id.h"
#include "model/org.h"
#include "role/message.h"

struct error;
struct retry;
struct rows;

enum { OUTBOX_KEY_SIZE = 160 };

/* A letter. */
struct outbox_document {
	int64_t row;
	struct id document_id;
	char key[OUTBOX_KEY_SIZE]; /* "" for one that is only checked */
	struct digest digest;      /* of its files */
	bool is_draft; /* nobody was told of it: gone after a restart */
	struct org_code sender;
	char reference[MESSAGE_REFERENCE_SIZE];
	char subject[MESSAGE_SUBJECT_SIZE];
	int message;       /* code of its DM, 0 without one */
	struct id earlier; /* the letter that this one is about, or nil */
	int64_t created_at;
	char trace[MESSAGE_TRACE_SIZE]; /* of the request that sent it */
};

/* Adds a draft and sets its row. */
int outbox_document_add(struct rows *rows, struct outbox_document *document,
    struct error *err) MUST_CHECK;

/* 1, or 0 if there is none. */
int outbox_document_find(struct rows *rows, const struct id *document_id,
    struct outbox_document *ret_document, struct error *err) MUST_CHECK;
int outbox_document_find_key(struct rows *rows, const char *key,
    struct outbox_document *ret_document, struct error *err) MUST_CHECK;

/* No draft any more: what the check found is known, and all is packed. */
int outbox_document_send(struct rows *rows,
    const struct outbox_document *document, struct blob findings,
    struct error *err) MUST_CHECK;

/*
 * The newest letter sent under this reference by this sender: 1 or 0.  What a
 * resend replaces, or a message is about.
 */
int outbox_document_find_reference(struct rows *rows,
    const struct org_code *sender, const char *reference,
    struct id *ret_document_id, struct error *err) MUST_CHECK;

/* Its key may be used again. */
int outbox_document_free_key(struct rows *rows, int64_t row,
    struct error *err) MUST_CHECK;

/* With its files, waybills and deliveries, but not their payloads. */
int outbox_document_remove(struct rows *rows, int64_t row,
    struct error *err) MUST_CHECK;

/* A draft, if any is left: 1 or 0. */
int outbox_draft_find(struct rows *rows, int64_t *ret_row,
    struct error *err) MUST_CHECK;

int outbox_file_add(struct rows *rows, int64_t document, int64_t position,
    const char *name, uint64_t payload, uint64_t len,
    const struct digest *digest, struct error *err) MUST_CHECK;

/* A payload of the document above `after`, of files or waybills: 1 or 0. */
int outbox_payload_next(struct rows *rows, int64_t document, uint64_t after,
    uint64_t *ret_payload, struct error *err) MUST_CHECK;

struct outbox_waybill {
	int64_t row;
	int64_t document; /* its row */
	enum job_send step;
	struct id waybill_id;
	bool with_attachments;
	int64_t created_at;
	int64_t not_after;
	struct digest digest;
	struct digest package;
	struct digest head; /* SHA-256 of it */
	uint64_t payload;   /* the content part; 0 once it was removed */
	uint64_t content_len;
	int64_t rank;      /* whose turn it is: exchange/urgency.h */
	enum speed speed;  /* written, not read: of the registers */
	uint32_t failures; /* to hand it in, in a row */
	int64_t retry_at;
	char waits[MESSAGE_REASON_SIZE]; /* what for; "": for nothing */
};

/* Sets its row.  `secret` is K and r, sealed by the keeper. */
int outbox_waybill_add(struct rows *rows, struct outbox_waybill *waybill,
    struct blob cms, struct blob secret, struct error *err) MUST_CHECK;
int outbox_waybill_set_payload(struct rows *rows,
    const struct outbox_waybill *waybill, struct error *err) MUST_CHECK;

/* All of a document are in this step now. */
int outbox_waybill_step_all(struct rows *rows, int64_t document,
    enum job_send step, struct error *err) MUST_CHECK;

/* With a step that is an end, reached `at`, its retention begins. */
int outbox_waybill_step(struct rows *rows, int64_t row, enum job_send step,
    int64_t at, struct error *err) MUST_CHECK;

int outbox_ended_add(struct rows *rows, int64_t waybill, int64_t at,
    struct error *err) MUST_CHECK;

/* A waybill whose retention began before `before`, the oldest first: 1 or 0. */
int outbox_ended_next(struct rows *rows, int64_t before, int64_t *ret_waybill,
    struct error *err) MUST_CHECK;
int outbox_ended_remove(struct rows *rows, int64_t waybill,
    struct error *err) MUST_CHECK;

/* 1, or 0 if there is none. */
int outbox_waybill_find(struct rows *rows, int64_t row,
    struct outbox_waybill *ret_waybill, struct error *err) MUST_CHECK;
int outbox_waybill_find_digest(struct rows *rows, const struct digest *digest,
    struct outbox_waybill *ret_waybill, struct error *err) MUST_CHECK;

/*
 * Those to be handed in whose time has come, the most urgent first, at most
 * `max`; with `only_small` none of `large_len` or more.  A wait that leads
 * beyond `latest_ms` was begun before the clock was set back, and is over.
 */
int outbox_waybill_due(struct rows *rows, int64_t now_ms, int64_t latest_ms,
    uint64_t large_len, bool only_small, int64_t *list, size_t max,
    size_t *ret_count, struct error *err) MUST_CHECK;

/* When the next one will be; INT64_MAX for none. */
int outbox_waybill_next_due(struct rows *rows, int64_t now_ms,
    int64_t latest_ms, int64_t *ret_at, struct error *err) MUST_CHECK;

/* Its next try, and what it waits for. */
int outbox_waybill_later(struct rows *rows,
    const struct outbox_waybill *waybill, struct error *err) MUST_CHECK;

/* All that its sender has still to hand in waits as it does. */
int outbox_waybill_later_all(struct rows *rows,
    const struct outbox_waybill *waybill, struct error *err) MUST_CHECK;

/* True if some delivery of the waybill has not ended. */
int outbox_waybill_is_open(struct rows *rows, int64_t waybill,
    struct error *err) MUST_CHECK;

/* Append K and r as the keeper sealed them. */
int outbox_waybill_secret(struct rows *rows, int64_t row, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * Append magic and records of the submission, all but `C`; `receipt` is the row
 * of one that goes along, 0 for none.
 */
int outbox_waybill_put(struct rows *rows, const struct outbox_waybill *waybill,
    int64_t receipt, struct bytes *to, struct error *err) MUST_CHECK;

/* A delivery to be. */
struct outbox_leaf {
	struct org_code recipient;
	const char *name;
	bool is_copy;
	char center[MESSAGE_HOST_SIZE];
	struct digest leaf;
	struct blob json;
	struct blob key_part;
};

int outbox_delivery_add(struct rows *rows, int64_t waybill, int64_t since,
    const struct outbox_leaf *leaf, struct error *err) MUST_CHECK;

struct outbox_delivery {
	int64_t row;
	struct org_code recipient;
	char center[MESSAGE_HOST_SIZE];
	struct digest leaf;
	struct delivery life;
	int64_t since;
	char reason[MESSAGE_REASON_SIZE];
};

/* In the flags of a delivery's row: another key part is wanted. */
enum { OUTBOX_WANTS_REWRAP = 128 };

/* 1, or 0 if there is none; its waybill too. */
int outbox_delivery_find_row(struct rows *rows, int64_t row,
    struct outbox_waybill *ret_waybill, struct outbox_delivery *ret_delivery,
    struct error *err) MUST_CHECK;

/* Append its leaf as it stands in the waybill's tree. */
int outbox_delivery_leaf(struct rows *rows, int64_t row, struct bytes *to,
    struct error *err) MUST_CHECK;

/* The next one of a waybill above row `after`: 1 or 0. */
int outbox_delivery_next(struct rows *rows, int64_t waybill, int64_t after,
    struct outbox_delivery *ret_delivery, struct error *err) MUST_CHECK;
int outbox_delivery_save(struct rows *rows,
    const struct outbox_delivery *delivery, struct error *err) MUST_CHECK;

/* That of a waybill to `recipient`: 1 or 0. */
int outbox_delivery_find_in(struct rows *rows, int64_t waybill,
    const struct org_code *recipient, struct outbox_delivery *ret_delivery,
    struct error *err) MUST_CHECK;

/* That of a document to `recipient`, with its waybill: 1 or 0. */
int outbox_delivery_find(struct rows *rows, int64_t document,
    const struct org_code *recipient, struct outbox_waybill *ret_waybill,
    struct outbox_delivery *ret_delivery, struct error *err) MUST_CHECK;

/* Our act that withdraws a delivery: 1 or 0. */
int outbox_withdrawal_find(struct rows *rows, int64_t delivery,
    struct error *err) MUST_CHECK;
/* In place of one that was there. */
int outbox_withdrawal_add(struct rows *rows, int64_t delivery, struct blob cms,
    struct error *err) MUST_CHECK;

/*
 * The next one that is to be handed in, whose waybill was accepted and whose
 * time has come, or is behind `latest` since the clock was set back: 1 or 0.
 * Appends the act to `cms`.
 */
int outbox_withdrawal_next(struct rows *rows, int64_t now, int64_t latest,
    int64_t *ret_delivery, uint32_t *ret_failures, struct bytes *cms,
    struct error *err) MUST_CHECK;
/* When the next that was put off is due; INT64_MAX: none. */
int outbox_withdrawal_next_due(struct rows *rows, int64_t now, int64_t *ret_at,
    struct error *err) MUST_CHECK;
/* Put it off: others go on. */
int outbox_withdrawal_later(struct rows *rows, int64_t delivery,
    const struct retry *retry, struct error *err) MUST_CHECK;
int outbox_withdrawal_done(struct rows *rows, int64_t delivery,
    struct error *err) MUST_CHECK;

/* Another key part of a delivery; its steps, stored as numbers. */
enum outbox_rewrap_step {
	OUTBOX_REWRAP_MAKE = 1,
	OUTBOX_REWRAP_POST,
	OUTBOX_REWRAP_POSTED, /* and made anew if it is still wanted */
};

/* Start it as `{ 0 }`; release it with outbox_rewrap_free(). */
struct outbox_rewrap {
	int64_t delivery;
	enum outbox_rewrap_step step;
	uint64_t tried;     /* directory by which it was looked for last */
	uint64_t serial;    /* of the addendum; 0: none was made yet */
	struct digest seal; /* that it is for, else what the leaf names */
	struct org_code receiver; /* "" before the first */
	uint32_t failures;        /* since it was put off for its own sake */
	struct bytes cms;
	struct bytes key_part;
};

void outbox_rewrap_free(struct outbox_rewrap *rewrap);

/*
 * It is asked for.  If one was made before, that is handed in again first: the
 * center that asks may have lost it.
 */
int outbox_rewrap_ask(struct rows *rows, int64_t delivery,
    struct error *err) MUST_CHECK;

/*
 * The next one that there is something to do about, now that the directory has
 * `serial`, and whose time has come, or is behind `latest`: 1 or 0.
 */
int outbox_rewrap_next(struct rows *rows, uint64_t serial, int64_t now,
    int64_t latest, struct outbox_rewrap *rewrap, struct error *err) MUST_CHECK;
/* When the next that was put off is due; INT64_MAX: none. */
int outbox_rewrap_next_due(struct rows *rows, int64_t now, int64_t *ret_at,
    struct error *err) MUST_CHECK;
/* Put it off: others go on. */
int outbox_rewrap_later(struct rows *rows, int64_t delivery,
    const struct retry *retry, struct error *err) MUST_CHECK;

/* Step and `tried` alone; or, with _save, all of it. */
int outbox_rewrap_step(struct rows *rows, const struct outbox_rewrap *rewrap,
    struct error *err) MUST_CHECK;
int outbox_rewrap_save(struct rows *rows, const struct outbox_rewrap *rewrap,
    struct error *err) MUST_CHECK;

/* A receipt's log leaf hash that is stored already: 1 or 0. */
int outbox_receipt_find(struct rows *rows, const struct digest *entry,
    struct error *err) MUST_CHECK;

/* Does a receipt say that it has moved to this center: 1 or 0. */
int outbox_delivery_moved_to(struct rows *rows, int64_t delivery,
    const char *at, struct error *err) MUST_CHECK;

/* Is this the center that accepted it: 1 or 0. */
int outbox_waybill_accepted_at(struct rows *rows, int64_t waybill,
    const char *at, struct error *err) MUST_CHECK;

/* `delivery` is 0 for one of the whole waybill. */
int outbox_receipt_add(struct rows *rows, int64_t waybill, int64_t delivery,
    const struct message_receipt *receipt, struct blob json,
    struct error *err) MUST_CHECK;

/*
 * Is there a delivery of a document that has not ended and never reached
 * `state`: 1 or 0.  Looked for from `place` on, where the first one is then: what
 * has reached it once never comes back, so those before it need no second look.
 */
struct outbox_mark {
	int64_t waybill, delivery; /* rows; 0: from the beginning */
};
int outbox_outstanding(struct rows *rows, int64_t document,
    enum delivery_state state, struct outbox_mark *place,
    struct error *err) MUST_CHECK;

#endif
