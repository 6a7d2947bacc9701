/*
 * The rows of certificates whose revocation is watched, and the answers about
 * them.  What changes them works inside the store's open group.
 */
#ifndef ROLE_STATUS_ROWS_H
#define ROLE_STATUS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"
#include "model/digest.h"
#include "model/org.h"
#include "policy/revocation_rules.h"
#include "role/codec.h"

struct bytes;
struct error;
struct rows;

/* A migration of the databases of centers and gateways. */
extern const char status_schema[];

enum { STATUS_URL_SIZE = 512 };

struct status_row {
	struct digest fingerprint;
	char owner[ORG_TEXT_SIZE];
	int64_t not_after;
	bool is_listed; /* by the directory; else it came with a letter */
	char ocsp[STATUS_URL_SIZE]; /* that may be asked; "" for none */
	char crl[STATUS_URL_SIZE];
	struct revocation_facts facts;
	struct digest answer; /* that says so; zeros for none */
	int64_t checked_at;   /* the last answer that counted; 0: never */
	uint32_t failures;    /* since then ... */
	char failure[ERROR_ID_SIZE]; /* ... and the last one's id */
	bool was_asked;              /* if only to find that nobody can be */
	int step;                    /* of the expiry watch, as it was told */
};

/* 1 and what is known, 0 if it is not watched. */
int status_row_find(struct rows *rows, const struct digest *fingerprint,
    struct status_row *ret_row, struct error *err) MUST_CHECK;

/*
 * Watch a certificate; of one that is watched only `round` changes, and that it
 * is listed.  `round` of 0: it came with a letter.
 */
int status_row_add(struct rows *rows, const struct status_row *row,
    struct blob certificate, int64_t round, int64_t now_ms,
    struct error *err) MUST_CHECK;

/*
 * Forget those of the directory that were not added again since `round`, and
 * those that came with a letter before `before_ms`.
 */
int status_rows_forget(struct rows *rows, int64_t round, int64_t before_ms,
    struct error *err) MUST_CHECK;

/* Those to be asked about, at most `max`, the most overdue first. */
int status_rows_due(struct rows *rows, int64_t now_ms, struct digest *list,
    size_t max, size_t *ret_count, struct error *err) MUST_CHECK;

/* The same of those whose only place is this list. */
int status_rows_of_list(struct rows *rows, const char *crl, int64_t now_ms,
    struct digest *list, size_t max, size_t *ret_count,
    struct error *err) MUST_CHECK;

int status_row_certificate(struct rows *rows, const struct digest *fingerprint,
    struct bytes *to, struct error *err) MUST_CHECK;

/* Those that had no place are looked at again: what may be asked has changed. */
int status_rows_wake(struct rows *rows, struct error *err) MUST_CHECK;

/* Where it may be asked. */
int status_row_places(struct rows *rows, const struct digest *fingerprint,
    const char *ocsp, const char *crl, struct error *err) MUST_CHECK;

/* What is known now; the failures are over. */
int status_row_answer(struct rows *rows, const struct digest *fingerprint,
    const struct revocation *newest, const struct digest *answer,
    int64_t now_ms, int64_t due_at, struct error *err) MUST_CHECK;

/* Nothing was learned. */
int status_row_failed(struct rows *rows, const struct digest *fingerprint,
    const struct error *failure, int64_t due_at, struct error *err) MUST_CHECK;

/* To be asked about then, without having learned anything. */
int status_row_due_at(struct rows *rows, const struct digest *fingerprint,
    int64_t due_at, struct error *err) MUST_CHECK;

/* Of the directory, those that end soon and were not looked at for a day. */
int status_rows_to_tell(struct rows *rows, int64_t now_ms,
    struct status_row *list, size_t max, size_t *ret_count,
    struct error *err) MUST_CHECK;
int status_row_told(struct rows *rows, const struct digest *fingerprint,
    int step, int64_t told_at, struct error *err) MUST_CHECK;

/* ---- answers --------------------------------------------------------- */

/* Answers that statements name are kept for good, others until a newer one. */
int status_answer_put(struct rows *rows, const struct digest *digest,
    struct blob body, bool is_kept, int64_t now_ms,
    struct error *err) MUST_CHECK;
int status_answer_keep(struct rows *rows, const struct digest *digest,
    struct error *err) MUST_CHECK;
int status_answers_forget(struct rows *rows, struct error *err) MUST_CHECK;

/* 1 and the bytes, appended; 0 if it is not here. */
int status_answer_find(struct rows *rows, const struct digest *digest,
    struct bytes *to, struct error *err) MUST_CHECK;

#endif
