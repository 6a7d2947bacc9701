/*
 * The rows of received letters: where each stands, its files, and its events
 * with their acts and receipts.  What changes them works inside the store's
 * open group.  exchange/job.h has the steps.
 */
#ifndef GATEWAY_INBOX_ROWS_H
#define GATEWAY_INBOX_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "envelope/act.h"
#include "exchange/job.h"
#include "model/digest.h"
#include "model/event.h"
#include "model/id.h"
#include "model/org.h"
#include "policy/receive_number.h"
#include "role/message.h"

struct bytes;
struct error;
struct inbox_view;
struct rows;

enum { INBOX_NUMBER_SIZE = RECEIVE_NUMBER_SIZE };

/* Where a letter stands for people; stored as numbers. */
enum inbox_state {
	INBOX_ANNOUNCED,
	INBOX_FETCHED,
	INBOX_OPENED, /* from here on it has an entry in the inbox */
	INBOX_CONFIRMED,
	INBOX_RETURNED,
	INBOX_UNREADABLE, /* an entry as well, without files */
	INBOX_REFUSED,
	INBOX_ENDED, /* by the center, before it was opened */
	INBOX_STATE_COUNT
};

/* "opened". */
const char *inbox_state_name(enum inbox_state state);
bool inbox_state_parse(const char *name, enum inbox_state *ret_state);

/* One delivery to one recipient. */
struct inbox_row {
	int64_t row;
	struct id waybill_id;
	struct org_code recipient;
	enum job_receive step;
	enum inbox_state state;
	bool is_due; /* there is something to do, at `retry_at` */
	uint32_t failures;
	int64_t retry_at;
	char center[MESSAGE_HOST_SIZE]; /* that announced it last */

	/* From the waybill, once it is verified. */
	struct digest waybill;
	struct digest head;
	struct digest commitment;
	struct digest content_digest;
	uint64_t content_len;
	struct digest leaf;
	struct digest key_digest; /* of the key part */
	struct digest seal;       /* certificate */
	uint64_t serial; /* of the addendum that both are from; 0: none */
	struct org_code receiver; /* that it names, "" without one */
	struct org_code sender;
	struct id document_id;
	enum speed speed;
	int message;
	uint32_t recipients; /* of the waybill, all of them */
	struct id earlier;
	uint64_t content; /* payload of the content part; 0: not here */

	/* Once it is opened. */
	struct digest package;
	uint64_t package_len;
	uint64_t payload; /* of the package; 0 for a repeat of `first` */
	int64_t first;    /* row of the entry that has this letter; 0: this */
	int64_t shown;    /* place in the inbox, growing; 0: none */
	int64_t received_at;
	char receive_number[INBOX_NUMBER_SIZE]; /* 收文號; "": none yet */

	enum event answer; /* of a person; EVENT_NONE: none yet */
	enum act_reason reason;
	enum act_reason notice; /* told after it was confirmed; none: not */

	/* 分文: to whom it was assigned; inbox_row_assign() writes them. */
	char unit[MESSAGE_UNIT_SIZE]; /* code; "": at the registry desk */
	int64_t assignee;             /* row of a person; 0: none */
};

/*
 * `center` tells of it.  Sets `ret_is_new` to false if there is one that has nothing to do; one that
 * waits for its next try gets it now.
 */
int inbox_row_announce(struct rows *rows, const struct id *waybill_id,
    const struct org_code *recipient, enum speed speed, int64_t now_ms,
    const char *center, bool *ret_is_new, struct error *err) MUST_CHECK;

/* 1, or 0 if there is none. */
int inbox_row_find(struct rows *rows, int64_t row, struct inbox_row *ret_row,
    struct error *err) MUST_CHECK;
int inbox_row_find_name(struct rows *rows, const struct id *waybill_id,
    const struct org_code *recipient, struct inbox_row *ret_row,
    struct error *err) MUST_CHECK;

/* The entry that has a letter of this recipient, sender and document. */
int inbox_row_find_letter(struct rows *rows, const struct inbox_row *like,
    struct inbox_row *ret_row, struct error *err) MUST_CHECK;

/* Write all of the above but ids. */
int inbox_row_save(struct rows *rows, const struct inbox_row *row,
    struct error *err) MUST_CHECK;

/* The place behind all others. */
int inbox_row_next_place(struct rows *rows, int64_t *ret_place,
    struct error *err) MUST_CHECK;

/*
 * The next receive number of the recipient's organisation (units count as
 * their organisation) in the 民國 year of `at_ms`, in UTC+08:00, in the form
 * that the organisation wants (desk_settings.h), "1150000001" the first.  None
 * is given twice and none left out; the change that takes one makes it durable.
 */
int inbox_number_next(struct rows *rows, const struct org_code *recipient,
    int64_t at_ms, char ret_number[INBOX_NUMBER_SIZE],
    struct error *err) MUST_CHECK;

/* Repeats that wait for the answer to their first entry become due. */
int inbox_row_wake_repeats(struct rows *rows, int64_t first,
    struct error *err) MUST_CHECK;

/* Those that failed are due at once: at most `max`, the longest waits first. */
int inbox_row_wake_failed(struct rows *rows, size_t max,
    struct error *err) MUST_CHECK;

/*
 * Rows that are due, in the order of their rank (exchange/urgency.h), at most `max`; and when the next
 * one will be (INT64_MAX: none).  No wait leads beyond `latest_ms`: one that
 * seems to was begun before the clock was set back, and is due.
 */
int inbox_row_due(struct rows *rows, int64_t now_ms, int64_t latest_ms,
    int64_t *list, size_t max, size_t *ret_count, struct error *err) MUST_CHECK;
int inbox_row_next_due(struct rows *rows, int64_t now_ms, int64_t latest_ms,
    int64_t *ret_at, struct error *err) MUST_CHECK;

/* Longer fields, each on its own. */
int inbox_row_set_waybill(struct rows *rows, int64_t row, struct blob cms,
    struct blob records, struct error *err) MUST_CHECK;
int inbox_row_set_key_part(struct rows *rows, int64_t row, struct blob key_part,
    struct error *err) MUST_CHECK;
/* The addendum, as it came. */
int inbox_row_set_addendum(struct rows *rows, int64_t row, struct blob cms,
    struct error *err) MUST_CHECK;
int inbox_row_key_part(struct rows *rows, int64_t row, struct bytes *to,
    struct error *err) MUST_CHECK;
int inbox_row_set_letter(struct rows *rows, int64_t row, const char *subject,
    const char *reference, struct error *err) MUST_CHECK;

int inbox_row_letter(struct rows *rows, int64_t row,
    char ret_subject[MESSAGE_SUBJECT_SIZE],
    char ret_reference[MESSAGE_REFERENCE_SIZE], struct error *err) MUST_CHECK;

/* The certificate that signed its package: 1, or 0 if it was not opened. */
int inbox_row_set_signer(struct rows *rows, int64_t row,
    const struct digest *signer, struct error *err) MUST_CHECK;
int inbox_row_signer(struct rows *rows, int64_t row, struct digest *ret_signer,
    struct error *err) MUST_CHECK;

/* Why it was refused, or could not be read. */
int inbox_row_set_failure(struct rows *rows, int64_t row,
    const struct error *failure, struct error *err) MUST_CHECK;

/* To whom it is assigned now. */
int inbox_row_assign(struct rows *rows, int64_t row, const char *unit,
    int64_t assignee, struct error *err) MUST_CHECK;

struct inbox_filter {
	enum inbox_state state; /* only these; INBOX_STATE_COUNT: all */
	const struct inbox_view *view;
	const char *unit; /* assigned to it; NULL: any; "": to nobody yet */
	int64_t assignee; /* a person; 0: any */
	const char
	    *question;  /* of the index (gateway/search/search.h); NULL: any */
	bool is_folded; /* without those that a later one replaces */
};

/*
 * Entries of the inbox, at most `max`: those before place `before`, newest
 * first, or those after place `after`, as they came.
 */
int inbox_row_list_before(struct rows *rows, int64_t before,
    const struct inbox_filter *filter, int64_t *list, size_t max,
    size_t *ret_count, struct error *err) MUST_CHECK;
int inbox_row_list_after(struct rows *rows, int64_t after,
    const struct inbox_filter *filter, int64_t *list, size_t max,
    size_t *ret_count, struct error *err) MUST_CHECK;

int inbox_file_add(struct rows *rows, int64_t row, unsigned index,
    const struct message_packed_file *file, struct error *err) MUST_CHECK;

#endif
