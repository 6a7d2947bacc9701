/*
 * What the files inbox*.c share.  A letter on its way in goes through
 *
 *	inbox_fetch.c      waybill, receipt, leaf and content part
 *	inbox_sign.c       acts: by whose key
 *	inbox_act.c        acts: durable, posted, receipted
 *	inbox_open.c       key, content, package, signature, entry
 *
 * one step of exchange/job.h at a time, each a change of its row.  inbox.c has
 * the queue of rows; at most INBOX_JOBS_MAX are in memory.
 */
#ifndef GATEWAY_INBOX_INTERNAL_H
#define GATEWAY_INBOX_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "gateway/gateway.h"
#include "gateway/inbox/inbox.h"
#include "gateway/inbox/inbox_rows.h"
#include "gateway/inbox/inbox_view.h"
#include "gateway/signing.h"

struct inbox_opening;
struct inbox_waiter;
struct words;
struct loop_soon;
struct loop_timer;
struct upload;

enum {
	INBOX_JOBS_MAX = 48,
	INBOX_DECRYPTING_MAX = 8, /* of which hold a segment of plain text */
	INBOX_WAITERS_MAX = 1024,
};

/* A letter that is worked on: one request or one change at a time. */
struct inbox_job {
	struct group_op op; /* first: the group hands it back */
	struct inbox_job *next;
	struct inbox *inbox;
	struct inbox_row row; /* as the step found it */

	/* How the step came out; `write` changes `row` and more of the store,
	 * in the open group, before the step changes. */
	enum job_result result;
	int (*write)(struct inbox_job *job, struct error *err);
	struct error failure; /* of what is refused */

	/* Of the step; inbox_job_clear() frees them. */
	struct bytes body;  /* an answer that blobs point into */
	struct bytes other; /* another one */
	struct upload *upload;
	uint64_t upload_len;
	uint64_t offset;  /* from which the content is fetched */
	uint64_t added;   /* payload of `write`: undone when the change is */
	uint64_t told;    /* serial of the center's directory; 0: unknown */
	bool has_moved;   /* some of it came, so the pauses begin anew */
	bool is_ahead;    /* the act's time is: it is signed anew next time */
	bool is_fetching; /* the content, for all who share it */
	struct message_waybill waybill;
	struct message_leaf leaf;
	struct message_receipt receipt;
	struct blob json;    /* of that receipt, in `body` */
	struct blob cms;     /* of the waybill, in `body` */
	struct bytes rewrap; /* CMS of an addendum; empty: none came */
	struct message_addendum addendum;
	struct blob records; /* leaf and path, in `body` */
	enum event event;
	enum act_reason reason; /* of what cannot be used */
	struct inbox_opening *opening;
};

struct inbox {
	struct gateway *gateway;
	struct inbox_job *first;
	size_t count;
	size_t decrypting;
	struct loop_soon *soon;
	struct loop_timer *timer;
	struct inbox_waiter *waiters;
	size_t waiter_count;
	bool is_started;
};

/* ---- inbox.c --------------------------------------------------------- */

/* Look for letters that are due. */
void inbox_wake(struct inbox *inbox);

/*
 * The step came out so: `write` (or NULL) and the next step become durable,
 * and the job goes on.  JOB_LATER without failure repeats the step at once.
 */
void inbox_job_end(struct inbox_job *job, enum job_result result,
    int (*write)(struct inbox_job *job, struct error *err));

/* The same with the reason, for JOB_REFUSED, JOB_UNUSABLE and JOB_OVER. */
void inbox_job_refuse(struct inbox_job *job, enum job_result result,
    const struct error *failure);

/* Nothing came of it: the same step again after a while. */
void inbox_job_later(struct inbox_job *job, const struct error *failure);

/* Make `change` durable, and have nothing to do with the job any more. */
void inbox_job_drop_after(struct inbox_job *job,
    int (*apply)(struct group_op *op, struct error *err));

/* A line about the letter; `failure` may be NULL. */
void inbox_log(const struct inbox *inbox, const struct inbox_row *row,
    enum log_level level, const char *event, const struct error *failure);

struct rows *inbox_rows(const struct inbox *inbox);

/* ---- the steps ------------------------------------------------------- */

void inbox_fetch_start(struct inbox_job *job);

/* Sign `fetched` and keep it. */
void inbox_act_fetched(struct inbox_job *job);

/* Post the act of the present step, signing it first if need be. */
void inbox_act_post(struct inbox_job *job);

/* Ask for another key part, unless the key is here now. */
void inbox_act_rewrap(struct inbox_job *job);

/*
 * Have an act signed, with words for the sender unless they are "".  Fails with
 * E4305 if no key may sign it, E4504 and E4507 of the words.
 */
int inbox_act_sign(struct inbox *inbox, const struct inbox_row *row,
    enum event event, enum act_reason reason, const struct words *words,
    signing_fn done, void *ctx, struct error *err) MUST_CHECK;

/*
 * The step came out well: `write` finds in `other` the signed act that states
 * `event`, to become durable with it; "" when it could not be signed.
 */
void inbox_act_end_with(struct inbox_job *job, enum event event,
    int (*write)(struct inbox_job *job, struct error *err));

void inbox_open_start(struct inbox_job *job);
void inbox_open_free(struct inbox_opening *opening);

/*
 * The center did not answer with success: what that means for the step.  Sets
 * `ret_failure`.
 */
enum job_result inbox_judge_answer(const struct inbox_job *job,
    const struct message_called *called, struct error *ret_failure);

/* It was announced by the center that served us before. */
bool inbox_is_of_another_center(const struct inbox_job *job);

/* ---- inbox_answer.c, inbox_bulk.c ------------------------------------ */

/*
 * The entry that the names lead to, a repeat to the first one, if `view` shows
 * it: else E4314, and `ret_row` is empty.
 */
int inbox_find_entry(struct inbox *inbox, const char *waybill, const char *code,
    const struct inbox_view *view, struct inbox_row *ret_row,
    struct error *err) MUST_CHECK;

/* POST /v1/inbox:confirm and :return. */
void inbox_bulk_request(struct inbox *inbox, struct peer *peer, uint32_t id,
    enum event event, const struct message_request *request);

/* ---- inbox_people.c -------------------------------------------------- */

/* Entries came: answer who waits for them. */
void inbox_people_wake(struct inbox *inbox);
void inbox_people_free(struct inbox *inbox);

#endif
