/*
 * Making the files of a document from the model: DI, SW and DM, always in the
 * 104 family and in UTF-8.
 *
 * What is written is read again with the own reader before it is handed out,
 * so a file that this program would refuse, or that breaks its DTD, is never
 * made.  Nothing is changed on the way: a text that XML cannot carry, or a
 * field that the kind has no element for, is a finding.  Line ends stay as
 * they are; blanks at the ends of a text do not survive being read.
 *
 * Each function appends to `to` and returns 1, or leaves it as it was and
 * returns 0 (findings tell why, with the element and the remedy of their
 * rule), or -1 if memory ran out.  Warnings come with a 1, too.  `dtds` may be
 * NULL.
 */
#ifndef DOCUMENT_MAKE_H
#define DOCUMENT_MAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct bytes;
struct doc_message;
struct document;
struct dtd_set;
struct error;
struct findings;
struct pool;
struct roster;

enum {
	MAKE_ITEM_DEPTH_MAX = 6,    /* 一、 (一) 1、 (1) 甲、 (甲) */
	MAKE_ITEM_NUMBER_MAX = 999, /* 九百九十九 */
	MAKE_STEMS = 10,            /* 甲 to 癸: there are no more */
};

/*
 * 函, 令, 公告, 開會通知單, 會勘通知單 or 簽.  Entities without a name get
 * ATTCH1 ..., 表單, 文書訊息表單; items without a number the one of their
 * place; an empty class is 函 or 令.
 */
int document_write(const struct document *document, const struct dtd_set *dtds,
    struct pool *pool, struct findings *findings, struct bytes *to,
    struct error *err) MUST_CHECK;

/* 交換表單.  含附件 is always said, either way; an empty 本別 is 正本. */
int roster_write(const struct roster *roster, const struct dtd_set *dtds,
    struct pool *pool, struct findings *findings, struct bytes *to,
    struct error *err) MUST_CHECK;

/* 文書訊息表單, the code in the attribute. */
int doc_message_write(const struct doc_message *message, struct pool *pool,
    struct findings *findings, struct bytes *to, struct error *err) MUST_CHECK;

/*
 * Append the number of the `nth` item (from 1) at `depth` (from 0): 十一、,
 * (二十), 3、.  False, with nothing appended, beyond the limits above.
 */
bool make_item_number(size_t depth, size_t nth, struct bytes *to);

#endif
