/*
 * What the files outbox*.c share.  A letter in the works goes through
 *
 *	outbox_take.c      files into the store, as a draft, or
 *	outbox_draft.c     of a draft of the desk, whose files are there
 *	outbox_inspect.c   attachments that are archives, to the reader
 *	outbox_check.c     the reader's report, directory, policy
 *	outbox_preview.c   or what it will look like, and no more
 *	outbox_pack.c      package and content part of one waybill, in slices
 *	outbox_seal.c      key parts, leaves, waybill, signatures, rows
 *	outbox_letter.c    its turn, its end, its answer
 *
 * and from then on lives as rows, which outbox_submit.c hands to the center.
 */
#ifndef GATEWAY_OUTBOX_INTERNAL_H
#define GATEWAY_OUTBOX_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "gateway/gateway.h"
#include "gateway/outbox/outbox.h"
#include "gateway/outbox/outbox_files.h"
#include "gateway/outbox/outbox_findings.h"
#include "gateway/outbox/outbox_plan.h"
#include "gateway/outbox/outbox_rows.h"
#include "gateway/sending/desk_draft.h"
#include "gateway/signing.h"
#include "http/http_path.h"
#include "model/event.h"
#include "role/spool/retainer.h"

struct cert_cache;
struct loop_soon;
struct outbox_early;
struct outbox_holds;
struct outbox_inspect;
struct outbox_pack;
struct outbox_rewraps;
struct outbox_series;
struct outbox_submit;
struct outbox_wait;
struct outbox_withdrawals;

enum {
	OUTBOX_LETTERS_MAX = 512, /* in the works at once */
	OUTBOX_CHECKS_MAX = 8,    /* of which with the reader */
	OUTBOX_PREVIEWS_MAX = 4,  /* ... and with the printer */
	OUTBOX_SMALL_MAX = 16,    /* of which being packed: small ones ... */
	OUTBOX_LARGE_MAX = 2,     /* ... and large ones, from this size on */
	OUTBOX_LARGE_LEN = 8 * 1024 * 1024,
	OUTBOX_SEALS_MAX = 256, /* decoded certificates of recipients */
};

enum outbox_stage {
	OUTBOX_STORING,
	OUTBOX_WAITS_CHECK,
	OUTBOX_CHECKING,
	OUTBOX_TOGETHER, /* a copy of a series, or its request: for all others */
	OUTBOX_WAITS_PACK,
	OUTBOX_PACKING,
	OUTBOX_ENDING,
};

/* A POST of files, until it is answered. */
struct outbox_letter {
	struct group_op op; /* first: the group hands it back */
	struct outbox_letter *next;
	struct outbox *outbox;
	enum outbox_stage stage;
	bool is_large;

	/* Who asked. */
	struct peer *peer;
	uint32_t request;
	bool is_left;              /* the asker is gone */
	char scope[ORG_TEXT_SIZE]; /* whose letter it may be; "": any */
	struct desk_draft_actor actor;
	/* Of a draft of the desk: */
	int64_t draft; /* its row; 0: the letter is made of files */
	char draft_id[ID_TEXT_SIZE];
	char match[MESSAGE_MATCH_SIZE];
	struct http_target target;
	bool is_only_check;
	uint8_t preview; /* enum message_format: show it; 0: do not */
	bool is_english;
	uint32_t undo_s;      /* before it is handed in; 0: at once */
	bool is_undo_default; /* as its organisation has it, instead */
	bool is_apart;        /* one copy of many (分繕): names no other */
	struct outbox_series *series; /* whose copy it is, or NULL ... */
	size_t place;                 /* ... the how manyth */
	struct outbox_series *leads;  /* that was asked for by it, or NULL */

	struct outbox_document document;
	struct outbox_files files;
	bool has_attachments;
	bool is_stored; /* the draft has rows */

	/* What the check found. */
	struct outbox_inspect *inspect;
	unsigned reader_deaths; /* of copies that had one of its files */
	struct bytes report;
	struct outbox_findings findings;
	struct outbox_recipient *recipients;
	size_t recipient_count;
	enum speed speed;

	struct outbox_plan plan;
	size_t split; /* that is being packed */
	struct outbox_pack *pack;

	/* The answer, once it is known. */
	struct error failure;
	uint16_t status;
	const char *type;
	struct bytes answer;
	uint32_t pages;
	char missing[MESSAGE_MISSING_SIZE];
};

struct outbox {
	struct gateway *gateway;
	struct outbox_letter *first; /* in order of arrival */
	size_t count;
	size_t checking, previewing, small, large, series;
	struct loop_soon *schedule;
	struct loop_soon *slices;
	struct outbox_letter *served; /* got the last slice */
	struct cert_cache *seals;
	struct outbox_submit *submit;
	struct outbox_holds *holds;
	struct outbox_wait *waits;
	struct outbox_withdrawals *withdrawals;
	struct outbox_rewraps *rewraps;
	struct outbox_early *early;
	struct retainer *retainer;
	bool is_started;
};

/*
 * The reader's copy died over a file of this letter, perhaps for lack of memory
 * or time here: whether to ask once more, as who receives does.
 */
bool outbox_check_may_ask_again(struct outbox_letter *letter,
    const struct error *failure);

/* ---- outbox_letter.c ------------------------------------------------- */

/* Begin with a POST; answers it in the end. */
void outbox_letter_begin(struct outbox *outbox, struct peer *peer,
    struct ipc_message *message, const struct message_request *request);
void outbox_letter_cancel(struct outbox *outbox, uint32_t id);

/*
 * Or its parts: one of a request, NULL when that was refused; whether there is
 * a place, with its parameters; what its files are; into the list; and its end
 * before that.
 */
struct outbox_letter *outbox_letter_new(struct outbox *outbox,
    struct peer *peer, uint32_t id, const struct message_request *request);
int outbox_letter_admit(struct outbox_letter *letter,
    const struct message_request *request, struct error *err) MUST_CHECK;
void outbox_letter_measure(struct outbox_letter *letter);
void outbox_letter_enter(struct outbox_letter *letter);
void outbox_letter_refuse(struct outbox_letter *letter,
    const struct error *failure);
void outbox_letter_free(struct outbox_letter *letter);

/* Its end: the asker gets `failure`, or with a status what is filled in ... */
void outbox_letter_answer(struct outbox_letter *letter);

/* ... or nothing. */
void outbox_letter_leave(struct outbox_letter *letter);

/* It is in another stage now: see who is next. */
void outbox_letter_stage(struct outbox_letter *letter, enum outbox_stage stage);

/*
 * End without sending: what was stored is removed, then the asker gets the
 * failure, with the findings if the document was refused for them.
 */
void outbox_letter_fail(struct outbox_letter *letter,
    const struct error *failure);

/* The answer of a check: nothing stays stored. */
void outbox_letter_report(struct outbox_letter *letter);

/* The same with `answer` and `type` filled in. */
void outbox_letter_show(struct outbox_letter *letter);

/* Answer with the document of `document_id` and forget the letter. */
void outbox_letter_sent(struct outbox_letter *letter, int status,
    const struct id *document_id);

/* For loop_soon of struct outbox. */
void outbox_letter_schedule(void *outbox);
void outbox_letter_slices(void *outbox);

/* ---- outbox_take.c --------------------------------------------------- */

/* Take the files that the request names; the letter's from now on. */
int outbox_take_files(struct outbox_letter *letter,
    const struct message_request *request, struct error *err) MUST_CHECK;

/* Make them a draft, then OUTBOX_WAITS_CHECK, or answer a repeat. */
void outbox_take_store(struct outbox_letter *letter);

/* Within a group: the row of a letter under way, without its files. */
int outbox_take_add(struct outbox_letter *letter, struct error *err) MUST_CHECK;

/* Remove a draft of that row with its payloads, in the open group. */
int outbox_take_remove(struct outbox *outbox, int64_t row,
    struct error *err) MUST_CHECK;

/* ---- outbox_draft.c -------------------------------------------------- */

/*
 * E6611 when its organisation wants drafts of persons proofread, and this is a
 * person's letter without one.
 */
int outbox_draft_is_needed(const struct outbox_letter *letter,
    struct error *err) MUST_CHECK;

/* E6611 when its organisation wants it proofread, and it is not. */
int outbox_draft_check_proofread(struct outbox *outbox,
    const struct desk_draft *draft, struct error *err) MUST_CHECK;

/* With the last of its rows: the draft that it was made of is sent. */
int outbox_draft_send(const struct outbox_letter *letter,
    struct error *err) MUST_CHECK;

/* ---- outbox_check.c -------------------------------------------------- */

void outbox_check_start(struct outbox_letter *letter);

/* Ask the reader about its files as they are; `done` gets the report. */
int outbox_check_ask(struct outbox_letter *letter, peer_answer_fn done,
    struct error *err) MUST_CHECK;

/* outbox_judge.c: directory and policy; adds findings. */
int outbox_judge(struct outbox_letter *letter, struct error *err) MUST_CHECK;

/* ---- outbox_preview.c ------------------------------------------------ */

/* Set `preview` by what POST /v1/documents:preview?as= asks for; E6204. */
int outbox_preview_parse(struct outbox_letter *letter, const char *path,
    struct error *err) MUST_CHECK;

/* `files`: list of struct message_check_file.  In the end _show() or _fail(). */
int outbox_preview_ask(struct outbox_letter *letter, struct blob files,
    struct error *err) MUST_CHECK;

/* ---- outbox_pack.c, outbox_seal.c ------------------------------------ */

/* Pack the letter's next split; in the end outbox_letter_sent(). */
void outbox_pack_start(struct outbox_letter *letter);
void outbox_pack_free(struct outbox_pack *pack);

/* Within a group: a letter of which all is packed is sent. */
int outbox_seal_document(const struct outbox_letter *letter,
    struct error *err) MUST_CHECK;

/* True if it has something to do now; then do a slice of it. */
bool outbox_pack_is_ready(const struct outbox_pack *pack);
void outbox_pack_slice(struct outbox_letter *letter);

/* ---- outbox_submit.c ------------------------------------------------- */

int outbox_submit_new(struct outbox *outbox, struct outbox_submit **ret_submit,
    struct error *err) MUST_CHECK;
void outbox_submit_free(struct outbox_submit *submit);

/* There may be a waybill to hand in. */
void outbox_submit_wake(struct outbox_submit *submit);

/* ---- outbox_hold.c --------------------------------------------------- */

int outbox_holds_new(struct outbox *outbox, struct outbox_holds **ret_holds,
    struct error *err) MUST_CHECK;
void outbox_holds_free(struct outbox_holds *holds);

/* A letter may be held, or its time over. */
void outbox_hold_wake(struct outbox_holds *holds);

/* The parameter `undo` of a request that sends a letter; E6204. */
int outbox_hold_read(struct outbox_letter *letter,
    const struct http_target *target, struct error *err) MUST_CHECK;

/* With the last of its rows: hand its waybills in, or hold them. */
int outbox_hold_send(const struct outbox_letter *letter,
    struct error *err) MUST_CHECK;

/* POST /v1/outbox/{id}:undo. */
void outbox_hold_request(struct outbox *outbox, struct peer *peer, uint32_t id,
    const struct message_request *request);

/* ---- outbox_wait.c --------------------------------------------------- */

/* GET /v1/outbox/{id}, perhaps with for and wait. */
void outbox_wait_request(struct outbox *outbox, struct peer *peer, uint32_t id,
    const struct message_request *request);
bool outbox_wait_cancel(struct outbox *outbox, uint32_t id);
void outbox_wait_free_all(struct outbox *outbox);

/* Something of this document (its row) changed, durably. */
void outbox_wait_wake(struct outbox *outbox, int64_t document);

/* Reading as the spooler does. */
struct outbox_reading outbox_reading_of(const struct spool *spool);

/* Answer with the document as it is now. */
void outbox_answer_one(struct outbox *outbox, struct peer *peer, uint32_t id,
    const struct id *document_id);

/* ---- outbox_withdraw.c, outbox_withdraw_post.c ----------------------- */

/* POST /v1/outbox/{id}/{code}:withdraw or :paper. */
void outbox_withdraw_request(struct outbox *outbox, struct peer *peer,
    uint32_t id, const struct message_request *request);

/* Have an act of now signed. */
int outbox_withdraw_sign(struct outbox *outbox,
    const struct outbox_waybill *waybill,
    const struct outbox_delivery *delivery, signing_fn done, void *ctx,
    struct error *err) MUST_CHECK;

int outbox_withdrawals_new(struct outbox *outbox,
    struct outbox_withdrawals **ret_withdrawals, struct error *err) MUST_CHECK;
void outbox_withdrawals_free(struct outbox_withdrawals *withdrawals);

/* There may be one to hand in. */
void outbox_withdraw_wake(struct outbox_withdrawals *withdrawals);

/* ---- outbox_rewrap.c, outbox_rewrap_make.c --------------------------- */

int outbox_rewraps_new(struct outbox *outbox,
    struct outbox_rewraps **ret_rewraps, struct error *err) MUST_CHECK;
void outbox_rewraps_free(struct outbox_rewraps *rewraps);

/* A key part may be wanted, or the directory is another one. */
void outbox_rewrap_wake(struct outbox_rewraps *rewraps);

/* ---- outbox_receipt.c ------------------------------------------------ */

/*
 * As outbox_take_receipt(), but of one that is early (outbox_early.h): `done`
 * is told so, instead of it being kept.
 */
void outbox_judge_receipt(struct outbox *outbox, struct blob receipt,
    outbox_done_fn done, void *ctx);

/* ---- outbox_retain.c ------------------------------------------------- */

/* Their ctx is the struct outbox. */
extern const struct retainer_hooks outbox_retain_hooks;

/* ---- outbox_review.c ------------------------------------------------- */

/* POST /v1/review. */
void outbox_review_request(struct outbox *outbox, struct peer *peer,
    uint32_t id, const struct message_request *request);

#endif
