/*
 * Letters that are sent: checked, made, handed in, followed, printed, taken back.
 */
#ifndef YIZHAN_SENDING_H
#define YIZHAN_SENDING_H

#include <yizhan_base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A file of a letter: from memory, from its path, or from a descriptor. */
struct yizhan_file {
	const char *name; /* as the letter names it, and recipients see it */
	const void *data; /* NULL: `path` */
	size_t len;
	const char *path; /* NULL too: `fd`, read from its beginning */
	int fd;
};

struct yizhan_submit_options {
	/*
	 * Idempotency-Key, at most 64 characters: whoever sends the same files
	 * under it again gets the first answer.  NULL: yizhan_key() of the files.
	 */
	const char *key;
	const char *accept; /* "E2133,E2134": warnings accepted; or NULL */
	unsigned undo_s;    /* hold it so long for yizhan_undo(), 600 at most */
	/* One copy of several, for one recipient: refused if it names another. */
	int is_apart;
};

enum { YIZHAN_KEY_SIZE = 65 };

/* SHA-256 over names and contents in the order given, in hex. */
enum yizhan_result yizhan_key(struct yizhan *yizhan,
    const struct yizhan_file *files, size_t count, char key[YIZHAN_KEY_SIZE]);

/* One recipient of a letter that was sent. */
struct yizhan_delivery {
	const char *waybill_id;
	const char *recipient; /* code */
	const char *name;
	const char *center;
	const char *state; /* queued accepted relayed fetched opened confirmed
			      returned refused expired withdrawn quarantined
			      paper */
	const char *reason;
	const char *since;
};

/* A letter that was sent. */
struct yizhan_letter {
	const char *id;
	const char *reference; /* 發文字號 */
	const char *subject;
	const char *sender; /* code */
	const char *created_at;
	const char *state;
	size_t delivery_count;
	const struct yizhan_delivery *deliveries;
	const char *etag; /* of this state of it */
	const char *json; /* all of it, as docs/api.md has it */
};
void yizhan_letter_free(struct yizhan_letter *letter);

/* Check without sending; `*ret_json` is the report, yizhan_text_free() it. */
enum yizhan_result yizhan_validate(struct yizhan *yizhan,
    const struct yizhan_file *files, size_t count, char **ret_json);

/* What it will look like, `as` "pdf" or "html"; nothing is stored. */
enum yizhan_result yizhan_preview(struct yizhan *yizhan,
    const struct yizhan_file *files, size_t count, const char *as,
    yizhan_take_fn take, void *context);

/* Files in memory, lent until yizhan_files_free(); ready to be handed in. */
struct yizhan_files {
	size_t count;
	const struct yizhan_file *files;
};
void yizhan_files_free(struct yizhan_files *files);

/*
 * The DI, rosters and message of a letter in JSON (docs/api.md); with `is_apart`
 * of a copy for each entry of its rosters, for yizhan_series_send().
 */
enum yizhan_result yizhan_make(struct yizhan *yizhan, const char *json,
    int is_apart, struct yizhan_files **ret_files);

/*
 * Hand a letter in: DI, rosters, attachments.  YIZHAN_OK when it is durable at
 * the gateway.  Files are streamed, whatever their size; one that changes
 * between the making of the key and its last byte is not sent (YIZHAN_LOCAL).
 * `options` may be NULL.
 */
enum yizhan_result yizhan_submit(struct yizhan *yizhan,
    const struct yizhan_file *files, size_t count,
    const struct yizhan_submit_options *options,
    struct yizhan_letter **ret_letter);

/* How it stands. */
enum yizhan_result yizhan_letter_get(struct yizhan *yizhan, const char *id,
    struct yizhan_letter **ret_letter);

/*
 * Wait until each delivery is at `state` or past it, or has ended, at most
 * `seconds`; how it stands then, also when it is not yet so.
 */
enum yizhan_result yizhan_letter_wait(struct yizhan *yizhan, const char *id,
    const char *state, unsigned seconds, struct yizhan_letter **ret_letter);

/* Take a delivery back, or change it to paper; repeats are the same. */
enum yizhan_result yizhan_withdraw(struct yizhan *yizhan, const char *id,
    const char *recipient, struct yizhan_letter **ret_letter);
enum yizhan_result yizhan_paper(struct yizhan *yizhan, const char *id,
    const char *recipient, struct yizhan_letter **ret_letter);

/* End a letter that is still held: nothing of it ever leaves. */
enum yizhan_result yizhan_undo(struct yizhan *yizhan, const char *id,
    struct yizhan_letter **ret_letter);

struct yizhan_letters {
	size_t count;
	const struct yizhan_letter *const *letters;
	const char *next; /* cursor of those that follow, "" at the end */
};
void yizhan_letters_free(struct yizhan_letters *letters);

/* The newest first; `cursor` NULL: from the newest.  `limit` 0: 50. */
enum yizhan_result yizhan_outbox(struct yizhan *yizhan, const char *cursor,
    unsigned limit, struct yizhan_letters **ret_letters);

/* ---- papers of a letter that was sent ---------------------------------------- */

/*
 * As PDF or as page: the copy of `recipient`, or NULL: the sender's transcript;
 * the list of recipients in two parts, `as` "pdf" or "csv"; the evidence of a
 * delivery, a ZIP (docs/evidence.md).
 */
enum yizhan_result yizhan_letter_print(struct yizhan *yizhan, const char *id,
    const char *recipient, yizhan_take_fn take, void *context);
enum yizhan_result yizhan_letter_view(struct yizhan *yizhan, const char *id,
    const char *recipient, yizhan_take_fn take, void *context);
enum yizhan_result yizhan_letter_list(struct yizhan *yizhan, const char *id,
    const char *as, yizhan_take_fn take, void *context);
enum yizhan_result yizhan_letter_evidence(struct yizhan *yizhan, const char *id,
    const char *recipient, yizhan_take_fn take, void *context);

/* Its receipts as they came, as JSON. */
enum yizhan_result yizhan_letter_receipts(struct yizhan *yizhan, const char *id,
    char **ret_json);

/* ---- copies written apart (分繕) ------------------------------------------------ */

/* One of them, with its own text and attachments, for one recipient. */
struct yizhan_copy {
	const char *document_id; /* for yizhan_letter_get() */
	const char *reference;
	const char *subject;
	const char *recipient; /* code */
	const char *name;
	const char *state; /* that of the delivery; held and undone before it */
	const char *reason;
	const char *since;
};
struct yizhan_series {
	const char *id; /* that of the draft which was sent so */
	const char *organisation;
	const char *title;
	size_t count;
	const struct yizhan_copy *copies;
	const char *json;
};
void yizhan_series_free(struct yizhan_series *series);

/*
 * n.di with n.sw and n.dm is a copy, an attachment goes with each that names it:
 * all are sent, or none, once.  One call: it keeps them as a draft under the
 * key, sends that, and discards it when it is refused.
 */
enum yizhan_result yizhan_series_send(struct yizhan *yizhan,
    const struct yizhan_file *files, size_t count,
    const struct yizhan_submit_options *options,
    struct yizhan_series **ret_series);
enum yizhan_result yizhan_series_get(struct yizhan *yizhan, const char *id,
    struct yizhan_series **ret_series);
enum yizhan_result yizhan_series_undo(struct yizhan *yizhan, const char *id,
    struct yizhan_series **ret_series);

#ifdef __cplusplus
}
#endif

#endif
