/*
 * A series (分繕): copies of a letter that are written apart, each with its own
 * text and attachments, for one recipient.  They lie in one draft of the desk:
 * `n.di` with the rosters and the message of its stem is a copy, and an
 * attachment goes with each copy that names it.  All are checked, all are
 * packed, then all are sent in one change; or none is.
 *
 * The series has the id of its draft.  Its copies are letters of their own
 * (struct outbox_letter), of which nobody is told by itself until then.
 */
#ifndef GATEWAY_OUTBOX_SERIES_H
#define GATEWAY_OUTBOX_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "role/codec.h"

struct error;
struct id;
struct json_writer;
struct message_request;
struct outbox;
struct outbox_files;
struct outbox_letter;
struct outbox_reading;
struct outbox_series;
struct peer;
struct rows;

enum {
	OUTBOX_SERIES_MAX = 2, /* in the works at once */
	OUTBOX_SERIES_COPIES_MAX = 500,
};

/* A migration of the gateway's database. */
extern const char outbox_series_schema[];

/* POST /v1/drafts/{id}:send-apart and :check-apart. */
void outbox_series_request(struct outbox *outbox, struct peer *peer,
    uint32_t id, const struct message_request *request);

/* POST /v1/series/{id}:undo: every copy, or none. */
void outbox_series_undo(struct outbox *outbox, struct peer *peer, uint32_t id,
    const struct message_request *request);

void outbox_series_free(struct outbox_series *series);

/* ---- of a copy, by who works on it ----------------------------------- */

/* Find out which attachments it names; then as with any letter. */
void outbox_series_name(struct outbox_letter *copy);

/* It is accepted, or packed: it waits for the others. */
void outbox_series_checked(struct outbox_letter *copy);
void outbox_series_packed(struct outbox_letter *copy);

/* What a check found; and, after that, it was refused with its failure. */
void outbox_series_reported(struct outbox_letter *copy);
void outbox_series_refused(struct outbox_letter *copy);

/* It is no longer in the list. */
void outbox_series_left(struct outbox_series *series, size_t place);

/* ---- which files are whose: pure ------------------------------------- */

/* Whether `name`, which is no attachment, belongs to the copy of `di`. */
bool outbox_series_belongs(const char *di, const char *name);

/* ---- rows ------------------------------------------------------------ */

/* Within a group: the letter (its row) is of the series. */
int outbox_series_add(struct rows *rows, const struct id *series,
    int64_t document, struct error *err) MUST_CHECK;

/* No letter is of it any more. */
int outbox_series_forget(struct rows *rows, const struct id *series,
    struct error *err) MUST_CHECK;

/* The next letter of it above row `after`: 1 or 0. */
int outbox_series_next(struct rows *rows, const struct id *series,
    int64_t after, int64_t *ret_document, struct error *err) MUST_CHECK;

/* What became of all; E6604 when there is no such series. */
int outbox_series_read(const struct outbox_reading *reading, const char *id,
    const char *scope, struct json_writer *writer,
    struct error *err) MUST_CHECK;

#endif
