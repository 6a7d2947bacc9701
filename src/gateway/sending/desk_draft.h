/*
 * Drafts: letters that are being written and proofread (繕印校對) before they
 * are sent (R2.2, art. 7-1).  The files lie in the store; each change makes
 * another version, which whoever changes next has to know.  A draft becomes one
 * letter: its rows move to the outbox in the change that sends it, and come back
 * when that letter is undone.
 *
 * Rows are desk_draft_rows.c, requests desk_draft.c, files that come in
 * desk_draft_files.c, and sending desk_draft_send.c.
 */
#ifndef GATEWAY_SENDING_DESK_DRAFT_H
#define GATEWAY_SENDING_DESK_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "gateway/outbox/outbox_files.h"
#include "model/digest.h"
#include "model/id.h"
#include "model/org.h"
#include "role/message.h"

struct error;
struct gateway;
struct http_target;
struct json_writer;
struct outbox;
struct peer;
struct rows;

enum {
	DESK_DRAFT_TITLE_SIZE = 256,
	DESK_DRAFT_NOTE_SIZE = 1024,
	DESK_DRAFT_NAME_SIZE = 128, /* of who did something */
	DESK_DRAFT_KEY_SIZE = 160,
	DESK_DRAFT_STEPS_MAX = 200, /* shown, the newest */
};

enum desk_draft_state {
	DESK_DRAFT_OPEN,         /* being written */
	DESK_DRAFT_PROOFREADING, /* handed to a second person */
	DESK_DRAFT_PROOFREAD,
	DESK_DRAFT_SENT,
	DESK_DRAFT_STATE_COUNT
};

/* What was done with it, on record. */
enum desk_draft_step {
	DESK_DRAFT_MADE,
	DESK_DRAFT_CHANGED,
	DESK_DRAFT_SUBMITTED, /* handed to proofreading */
	DESK_DRAFT_PASSED,
	DESK_DRAFT_SENT_BACK,
	DESK_DRAFT_WAS_SENT,
	DESK_DRAFT_WAS_UNDONE,
	DESK_DRAFT_STEP_COUNT
};

/* Who does something. */
struct desk_draft_actor {
	char name[DESK_DRAFT_NAME_SIZE];
	bool is_person; /* logged in; else a program, or said at this machine */
};

struct desk_draft {
	int64_t row;
	struct id id;
	char key[DESK_DRAFT_KEY_SIZE]; /* "": made without one */
	struct digest digest;          /* of the files it was made with */
	struct org_code organisation;
	char title[DESK_DRAFT_TITLE_SIZE];
	char note[DESK_DRAFT_NOTE_SIZE];
	enum desk_draft_state state;
	int64_t version;
	char made_by[DESK_DRAFT_NAME_SIZE];
	int64_t made_at;
	char changed_by[DESK_DRAFT_NAME_SIZE];
	int64_t changed_at;
	struct id document; /* the letter that it became, or nil */
};

/* A migration of the gateway's database. */
extern const char desk_draft_schema[];

/* ---- rows ------------------------------------------------------------ */

/* 1, or 0 if there is none. */
int desk_draft_find(struct rows *rows, const struct id *id,
    struct desk_draft *ret_draft, struct error *err) MUST_CHECK;
int desk_draft_find_row(struct rows *rows, int64_t row,
    struct desk_draft *ret_draft, struct error *err) MUST_CHECK;
int desk_draft_find_document(struct rows *rows, const struct id *document_id,
    struct desk_draft *ret_draft, struct error *err) MUST_CHECK;
int desk_draft_find_key(struct rows *rows, const char *key,
    struct desk_draft *ret_draft, struct error *err) MUST_CHECK;

/* Sets its row. */
int desk_draft_add(struct rows *rows, struct desk_draft *draft,
    struct error *err) MUST_CHECK;
int desk_draft_save(struct rows *rows, const struct desk_draft *draft,
    struct error *err) MUST_CHECK;

/* With its files and steps, but not their payloads. */
int desk_draft_remove(struct rows *rows, int64_t row,
    struct error *err) MUST_CHECK;

int desk_draft_step_add(struct rows *rows, const struct desk_draft *draft,
    const struct desk_draft_actor *actor, enum desk_draft_step step,
    const char *note, struct error *err) MUST_CHECK;

/* Its files, in the order in which they came. */
int desk_draft_files(struct rows *rows, int64_t row, struct outbox_files *files,
    struct error *err) MUST_CHECK;

/* Behind the others. */
int desk_draft_file_add(struct rows *rows, int64_t row,
    const struct outbox_file *file, struct error *err) MUST_CHECK;

/* 1 and its payload, which is the caller's to remove, or 0. */
int desk_draft_file_remove(struct rows *rows, int64_t row, const char *name,
    uint64_t *ret_payload, struct error *err) MUST_CHECK;

/* Drafts of an organisation that were not sent, and the bytes of their files. */
struct desk_draft_usage {
	int64_t drafts;
	int64_t bytes;
};
int desk_draft_usage(struct rows *rows, const struct org_code *organisation,
    struct desk_draft_usage *ret_usage, struct error *err) MUST_CHECK;

/* All of them, but not their payloads. */
int desk_draft_files_remove(struct rows *rows, int64_t row,
    struct error *err) MUST_CHECK;

/* Files move to the letter (its row) and back; one that is there stays. */
int desk_draft_files_to_letter(struct rows *rows, int64_t row, int64_t document,
    struct error *err) MUST_CHECK;
int desk_draft_files_from_letter(struct rows *rows, int64_t row,
    int64_t document, struct error *err) MUST_CHECK;

/* ---- reading --------------------------------------------------------- */

const char *desk_draft_state_name(enum desk_draft_state state);
bool desk_draft_state_parse(const char *name, enum desk_draft_state *ret_state);

/* One draft (docs/api.md); a list has them without their steps. */
int desk_draft_write(struct rows *rows, const struct desk_draft *draft,
    bool with_steps, struct json_writer *writer, struct error *err) MUST_CHECK;

/* `scope` "" for all; `state` "" for any.  E6204. */
struct desk_draft_list {
	const char *scope;
	const char *state;
	const char *cursor;
	unsigned limit;
};
int desk_draft_write_list(struct rows *rows, const struct desk_draft_list *list,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/* ---- changing -------------------------------------------------------- */

/* The draft of an id within `scope`; E6604. */
int desk_draft_load(struct rows *rows, const char *id, const char *scope,
    struct desk_draft *ret_draft, struct error *err) MUST_CHECK;

/*
 * Whether who changes it knows what it is now: by If-Match, or by the parameter
 * `version`.  E6605 without either, E6410 when it is another version, E6606 when
 * it was sent, E6607 while it is being sent.
 */
int desk_draft_may_change(struct rows *rows, const struct desk_draft *draft,
    const char *match, const struct http_target *target,
    struct error *err) MUST_CHECK;

/* The key under which its letter stands in the outbox. */
void desk_draft_letter_key(const struct desk_draft *draft,
    char to[DESK_DRAFT_KEY_SIZE]);

/*
 * Within the change that sends the letter `document` (its row) made of it, and
 * within the one that undoes it: the draft is there again, to be changed.
 */
int desk_draft_sent(struct rows *rows, int64_t row,
    const struct desk_draft_actor *actor, int64_t now_ms, int64_t document,
    const struct id *document_id, struct error *err) MUST_CHECK;
int desk_draft_undone(struct rows *rows, const struct id *document_id,
    int64_t document, const struct desk_draft_actor *actor, int64_t now_ms,
    struct error *err) MUST_CHECK;

/*
 * The same of a draft whose copies became letters each (outbox_series.h): what
 * its files become is the caller's to say, before it is sent, and after it was
 * undone.
 */
int desk_draft_sent_apart(struct rows *rows, struct desk_draft *draft,
    const struct desk_draft_actor *actor, int64_t now_ms,
    struct error *err) MUST_CHECK;
int desk_draft_undone_apart(struct rows *rows, struct desk_draft *draft,
    const struct desk_draft_actor *actor, int64_t now_ms,
    struct error *err) MUST_CHECK;

/* Requests at /v1/drafts; false if it is another one. */
bool desk_draft_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request);

/* POST /v1/drafts and /v1/drafts/{id}:files. */
void desk_draft_take(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request);

/* POST /v1/drafts/{id}:check and :send (outbox_draft.c). */
void outbox_draft_request(struct outbox *outbox, struct peer *peer, uint32_t id,
    const struct message_request *request);

#endif
