/*
 * The rows of casework, in a database of their own (casework.db) so that
 * nothing of it stops bulletins: cases, their steps, what was attached, whom
 * was told what, and the persons who hold offices.
 *
 * Steps are only ever added: the database refuses to change or remove one.  A
 * case's status is what its steps make of it; the columns of `case_file` beside
 * it are for lists.
 */
#ifndef MANAGEMENT_CASEWORK_ROWS_H
#define MANAGEMENT_CASEWORK_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "case/case_engine.h"
#include "model/digest.h"
#include "model/org.h"

struct bytes;
struct case_library;
struct error;
struct rows;

enum {
	CASEWORK_APPLICATION_ID = 0x595a4357, /* "YZCW" */
	CASEWORK_ID_SIZE = 32,                /* "115-000012-7K2M" */
	CASEWORK_SUBJECT_SIZE = 256,
	CASEWORK_HOST_SIZE = 41,
	CASEWORK_NOTE_SIZE = 1025,
	CASEWORK_SALT_LEN = 16,
	CASEWORK_FILE_NAME_SIZE = 256,
	CASEWORK_ATTACHMENT_MAX = 4 << 20,
	CASEWORK_ATTACHMENTS_MAX = 32, /* of a case */
	CASEWORK_OPEN_MAX = 10000,     /* cases */
};

/* Open the database in the data folder; the writer makes it. */
int casework_rows_open(const char *folder, bool is_writer,
    struct rows **ret_rows, struct error *err) MUST_CHECK;

/* A case; release it with casework_case_free(). */
struct casework_case {
	int64_t number;
	char id[CASEWORK_ID_SIZE];
	const struct case_definition *definition; /* the library's */
	struct case_status status;
	char *fields; /* JSON */
	char subject[CASEWORK_SUBJECT_SIZE];
	char organisation[ORG_TEXT_SIZE];
	char center[CASEWORK_HOST_SIZE];
	int64_t opened_ms;
	struct digest last; /* of the newest step's record */
	/* The one-time code; code_until 0: none is in force. */
	uint8_t code_salt[CASEWORK_SALT_LEN];
	struct digest code_hash;
	int64_t code_until_ms;
	int64_t code_tries;
};

void casework_case_free(struct casework_case *file);

/* ERROR_NOT_FOUND (E7110). */
int casework_load(struct rows *rows, const struct case_library *library,
    const char *id, struct casework_case *ret_case,
    struct error *err) MUST_CHECK;

/* A new case, in the open transaction; sets `number`. */
int casework_insert(struct rows *rows, struct casework_case *file,
    const char *key, struct error *err) MUST_CHECK;

/* The id of the case that was opened with this Idempotency-Key; 1, 0 or -1. */
int casework_find_key(struct rows *rows, const char *key,
    char ret_id[CASEWORK_ID_SIZE], struct error *err) MUST_CHECK;

/* A step with all that belongs to it. */
struct casework_step {
	struct case_step step;
	const char *note;            /* "" for none */
	const struct bytes *consent; /* CMS, or NULL */
	struct digest content; /* of what it attached; zeros for nothing */
};

/*
 * Add a step to a case, in the open transaction: the row with its record, the
 * columns for lists, the notices of a move.  The step was judged; `file` is
 * brought up to date.
 */
int casework_add_step(struct rows *rows, struct casework_case *file,
    const char *environment, const struct casework_step *step,
    struct error *err) MUST_CHECK;

/* Something attached; `content` is what the verifier found inside, or NULL. */
struct casework_attachment {
	int evidence;
	const char *name;
	const char *type;
	const void *data;
	size_t len;
	const void *content;
	size_t content_len;
};

int casework_add_attachment(struct rows *rows, const struct casework_case *file,
    const struct casework_attachment *attachment, const struct digest *digest,
    struct error *err) MUST_CHECK;
int casework_count_attachments(struct rows *rows, int64_t number,
    int64_t *ret_count, struct error *err) MUST_CHECK;

/*
 * The newest request file that was attached: the digest of what its makers
 * signed, which is appended to `content`.  1, 0 if there is none, -1.
 */
int casework_find_request(struct rows *rows, int64_t number,
    struct digest *ret_digest, struct bytes *content,
    struct error *err) MUST_CHECK;

/* Keep the code of a case, or its tries. */
int casework_save_code(struct rows *rows, const struct casework_case *file,
    struct error *err) MUST_CHECK;

/* Codes given out since; cases that are open. */
int casework_count_codes(struct rows *rows, int64_t since_ms,
    int64_t *ret_count, struct error *err) MUST_CHECK;
int casework_count_all(struct rows *rows, int64_t *ret_count,
    struct error *err) MUST_CHECK;
int casework_count_open(struct rows *rows, int64_t *ret_count,
    struct error *err) MUST_CHECK;
int casework_count_overdue(struct rows *rows, int64_t now_ms,
    int64_t *ret_count, struct error *err) MUST_CHECK;

/* A notice that goes out; once for each state entered (`since`). */
int casework_add_notice(struct rows *rows, const struct casework_case *file,
    const struct case_notice *notice, int64_t now_ms,
    struct error *err) MUST_CHECK;

/*
 * Visit the ids of cases, oldest first, until it fails: those whose changes wait
 * for bulletins, and those that must be looked at by now.
 */
typedef int (*casework_visit_fn)(void *ctx, const char *id, struct error *err);
int casework_each_waiting(struct rows *rows, casework_visit_fn visit, void *ctx,
    struct error *err) MUST_CHECK;
int casework_each_due(struct rows *rows, int64_t now_ms,
    casework_visit_fn visit, void *ctx, struct error *err) MUST_CHECK;

/* What was due by now has been done: when to look at it again. */
int casework_save_look(struct rows *rows, const struct casework_case *file,
    int64_t now_ms, struct error *err) MUST_CHECK;

/*
 * Examine the whole database: every case is in the state that its steps lead to.
 * ERROR_MALFORMED says which is not.
 */
int casework_check(struct rows *rows, const struct case_library *library,
    size_t *ret_count, struct error *err) MUST_CHECK;

/*
 * The officers, by the certificates that the root in force names: kept here so
 * that whoever reads casework knows them too.  Saves what is not as it was.
 */
int casework_save_officers(struct rows *rows, const struct digest *officers,
    size_t count, struct error *err) MUST_CHECK;
int casework_is_officer(struct rows *rows, const char *fingerprint,
    bool *ret_is, struct error *err) MUST_CHECK;

/* A person with offices, found by the certificate: 1, 0 or -1. */
struct casework_person {
	char name[CASEWORK_SUBJECT_SIZE];
	char organisation[ORG_TEXT_SIZE];
	char fingerprint[DIGEST_TEXT_SIZE];
	unsigned offices;
	bool is_ended;
};

int casework_find_person(struct rows *rows, const char *fingerprint,
    struct casework_person *ret_person, struct error *err) MUST_CHECK;
int casework_save_person(struct rows *rows,
    const struct casework_person *person, const char *id, int64_t now_ms,
    struct error *err) MUST_CHECK;

#endif
