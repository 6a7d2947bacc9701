/*
 * A letter of inbox or outbox on its way to the printer: its files out of the
 * store, and what stands on the page beside it.  For the query role.
 */
#ifndef GATEWAY_PRINTING_H
#define GATEWAY_PRINTING_H

#include "base/attr.h"
#include "base/bytes.h"
#include "role/message.h"

struct directory;
struct error;
struct id;
struct org_code;
struct peer;
struct queries;
struct rows;

/* "application/pdf" .... */
const char *printing_type(enum message_format format);

/* Start it as `{ 0 }`; `ask` borrows from `files`. */
struct printing {
	struct message_render ask;
	struct bytes files;
	struct bytes paper; /* codes of those who get paper */
	unsigned *places;   /* taken by strangers, or NULL */
};

void printing_free(struct printing *printing);

/*
 * The copy of the one who received it, with receive number and time (R2.2,
 * art. 8-2).  ERROR_NOT_FOUND (E4314, E4312) if there is no such letter.
 */
int printing_of_inbox(struct queries *queries, struct rows *rows,
    const struct id *waybill_id, const struct org_code *recipient,
    struct printing *printing, struct error *err) MUST_CHECK;

/*
 * A letter that was sent, as `recipient` (a code) gets it, stamped when it goes
 * on paper; with "" the transcript (抄本) of the sender's.  ERROR_NOT_FOUND (E4208, E4318).
 */
int printing_of_outbox(struct queries *queries, struct rows *rows,
    const struct id *document_id, const char *recipient,
    struct printing *printing, struct error *err) MUST_CHECK;

/*
 * The list of those it went to, in two parts: electronic and paper (R2.2, art.
 * 7-4).
 */
int printing_of_recipients(struct queries *queries, struct rows *rows,
    const struct id *document_id, struct printing *printing,
    struct error *err) MUST_CHECK;

/*
 * A draft (its row) of `made_at`, as the files are now: no copy of anybody's.
 */
int printing_of_draft(struct queries *queries, struct rows *rows, int64_t draft,
    int64_t made_at, struct printing *printing, struct error *err) MUST_CHECK;

/*
 * It is for somebody who is not known: of these few are served at a time, so that
 * they take no place from those who work here; `places` counts them until each
 * has its answer.  ERROR_BUSY.
 */
int printing_public_begin(struct printing *printing, unsigned *places,
    struct error *err) MUST_CHECK;

/* Have it made as `format`, and answer request `id` of `asker` with it. */
void printing_ask(struct printing *printing, enum message_format format,
    struct peer *printer, struct peer *asker, uint32_t id);

#endif
