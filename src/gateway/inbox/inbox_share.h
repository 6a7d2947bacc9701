/*
 * One opened package for all recipients of a waybill that are here: the first
 * one decrypts it and has it taken apart; whoever of the others is among the
 * recipients that its signature covers is offered it.  Who has opened its own key
 * part and found the same package in it takes the entry over: the same payload,
 * the same files, an entry and a receive number of its own.
 */
#ifndef GATEWAY_INBOX_SHARE_H
#define GATEWAY_INBOX_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "model/digest.h"
#include "role/message.h"

struct error;
struct id;
struct inbox_row;
struct rows;

extern const char inbox_share_schema[];

/* What another delivery of the waybill has opened. */
struct inbox_shared {
	int64_t letter; /* its row; 0: none */
	uint64_t payload;
	uint64_t package_len;
	struct digest signer;
	char subject[MESSAGE_SUBJECT_SIZE];
	char reference[MESSAGE_REFERENCE_SIZE];
};

/*
 * All in the open group, but _find.  Offer the package of `row`, just opened, to
 * those of `recipients` (newline-separated codes, as signed) that are here.
 */
int inbox_share_offer(struct rows *rows, const struct inbox_row *row,
    struct blob recipients, struct error *err) MUST_CHECK;

/* What is offered to `row`, whose key part names `package`: 1 or 0. */
int inbox_share_find(struct rows *rows, const struct inbox_row *row,
    const struct digest *package, struct inbox_shared *ret_shared,
    struct error *err) MUST_CHECK;

/* Its files are those of `row` as well. */
int inbox_share_files(struct rows *rows, const struct inbox_row *row,
    const struct inbox_shared *shared, struct error *err) MUST_CHECK;

/* Nobody needs what is offered of this waybill any more. */
int inbox_share_forget(struct rows *rows, const struct id *waybill_id,
    struct error *err) MUST_CHECK;

#endif
