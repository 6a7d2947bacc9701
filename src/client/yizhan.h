/*
 * libyizhan: the API of a Yizhan gateway (docs/api.md) for document systems
 * written in C, or in any language that calls C.
 *
 *     struct yizhan_options options = { .url = "https://10.1.2.3:8443",
 *             .token = token };
 *     struct yizhan *yizhan;
 *     struct yizhan_letter *letter;
 *
 *     if (yizhan_open(&options, &yizhan) == YIZHAN_OK &&
 *         yizhan_submit(yizhan, files, count, NULL, &letter) == YIZHAN_OK)
 *             puts(letter->id);
 *
 * Every function that asks returns an enum yizhan_result; after any other than
 * YIZHAN_OK, yizhan_problem() says what is wrong and what to do, and the result
 * parameter is untouched.  What a function gives is freed with the function of
 * its name that ends in _free; these take NULL.  Structures are made by the library alone
 * and may grow at their ends; those that callers fill are to be started with
 * zeros.  Text is UTF-8 and never NULL ("" for what is not there); times are RFC 3339.
 *
 * A struct yizhan is used by one thread at a time; several may be open.
 * Nothing is written but to what the caller names; no signal handler is set.
 */
#ifndef YIZHAN_H
#define YIZHAN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct yizhan;

enum yizhan_result {
	YIZHAN_OK = 0,
	YIZHAN_BUSY,      /* not now: unreachable, too much work; ask again */
	YIZHAN_REFUSED,   /* for good, for the reasons of the problem */
	YIZHAN_DENIED,    /* the token is not valid, or not for this */
	YIZHAN_NOT_FOUND, /* no such letter here, for this token */
	YIZHAN_CONFLICT,  /* it stands otherwise than that: look again */
	YIZHAN_GONE,  /* of events: some of those asked for are kept no more */
	YIZHAN_LOCAL, /* a file, memory or option here; not the gateway */
};

struct yizhan_options {
	const char *url;      /* "https://10.1.2.3:8443" */
	const char *token;    /* "yzt_..."; of `yizhan token create` */
	const char *ca_file;  /* anchors in PEM; NULL: those of the system */
	const char *language; /* "zh-TW" (also NULL) or "en", of problems */
	/*
	 * How long one call goes on trying while the answer is YIZHAN_BUSY,
	 * milliseconds; 0: it is tried once.  All of the API may be asked again.
	 */
	uint32_t patience_ms;
	/* Do not look at the gateway's certificate: for `yizhan demo` alone. */
	int is_insecure;
	/* W3C traceparent to send with each request; NULL for none. */
	const char *trace;
};

/* Copies all that it is given.  YIZHAN_LOCAL: not a URL, or no memory. */
enum yizhan_result yizhan_open(const struct yizhan_options *options,
    struct yizhan **ret_yizhan);
void yizhan_close(struct yizhan *yizhan);

/*
 * Another value of the header `traceparent`, as of a request that this system
 * itself was asked; NULL for none.
 */
enum yizhan_result yizhan_set_trace(struct yizhan *yizhan, const char *trace);

/* "0.1.0", of the library that is loaded. */
const char *yizhan_version(void);

/*
 * The last failure: RFC 9457 as the gateway told it, or made here.  Lent until
 * the next call.
 */
struct yizhan_finding {
	const char *file;
	int64_t line;        /* from 1; 0: not known */
	const char *element; /* "/函/主旨" */
	const char *rule;    /* "E2123" */
	const char *text;    /* particulars */
	const char *title;   /* in the language asked for, as the next one */
	const char *remedy;
};
struct yizhan_problem {
	enum yizhan_result result;
	int status;        /* of HTTP; 0: nobody answered */
	const char *code;  /* "E2123", for `yizhan explain`; or "" */
	const char *title; /* in the language asked for, as the next two */
	const char *cause;
	const char *next;
	const char *detail;     /* particulars, often in English */
	const char *trace_id;   /* or "" */
	uint32_t retry_after_s; /* 0: it does not say */
	const char *json;       /* all of it, or "" */
	/* What is wrong with a letter that was refused, one by one. */
	size_t finding_count;
	const struct yizhan_finding *findings;
};
const struct yizhan_problem *yizhan_problem(const struct yizhan *yizhan);

/* ---- sending ------------------------------------------------------------- */

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

/* ---- drafts ------------------------------------------------------------------ */

struct yizhan_part {
	const char *name;
	uint64_t len;
	const char *sha256; /* in hex */
};

/* The files of a letter, kept at the gateway until it is sent or discarded. */
struct yizhan_draft {
	const char *id;
	const char *organisation;
	const char *title;
	const char *state;       /* draft proofreading proofread sent */
	int64_t version;         /* every change makes another one */
	const char *document_id; /* "" before it is sent */
	size_t part_count;
	const struct yizhan_part *parts;
	const char *json;
};
void yizhan_draft_free(struct yizhan_draft *draft);

/*
 * Keep files as a draft.  `key` is an Idempotency-Key, NULL: yizhan_key() of
 * the files.  `title` may be NULL.
 */
enum yizhan_result yizhan_draft_new(struct yizhan *yizhan, const char *title,
    const struct yizhan_file *files, size_t count, const char *key,
    struct yizhan_draft **ret_draft);
enum yizhan_result yizhan_draft_get(struct yizhan *yizhan, const char *id,
    struct yizhan_draft **ret_draft);

/*
 * The rest is about `draft` as it was read: YIZHAN_CONFLICT if somebody has
 * changed it since; get it again.  Files take the place of those of their name.
 */
enum yizhan_result yizhan_draft_add(struct yizhan *yizhan,
    const struct yizhan_draft *draft, const struct yizhan_file *files,
    size_t count, struct yizhan_draft **ret_draft);

/*
 * The same of one large file, in parts: a link that is cut, or a gateway that
 * is started again, costs 4 MiB at most, as long as patience lasts; and so does
 * asking again after a failure, with the same file.
 */
enum yizhan_result yizhan_draft_upload(struct yizhan *yizhan,
    const struct yizhan_draft *draft, const struct yizhan_file *file,
    struct yizhan_draft **ret_draft);

/* Send it, once; `options->key` counts for nothing.  `options` may be NULL. */
enum yizhan_result yizhan_draft_send(struct yizhan *yizhan,
    const struct yizhan_draft *draft,
    const struct yizhan_submit_options *options,
    struct yizhan_letter **ret_letter);
enum yizhan_result yizhan_draft_discard(struct yizhan *yizhan,
    const struct yizhan_draft *draft);

/* ---- receiving ------------------------------------------------------------- */

/* A letter that came in. */
struct yizhan_arrival {
	const char *waybill_id;
	const char *recipient; /* code */
	const char *document_id;
	const char *sender; /* code */
	const char *sender_name;
	const char *reference;
	const char *subject;
	const char *speed;
	const char *receive_number; /* 收文號 */
	const char *received_at;
	const char *state; /* opened confirmed returned ... */
	size_t part_count;
	const struct yizhan_part *parts;
	const char *etag;
	const char *json;
};
void yizhan_arrival_free(struct yizhan_arrival *arrival);

struct yizhan_arrivals {
	size_t count;
	const struct yizhan_arrival *const *arrivals;
	const char *next;
};
void yizhan_arrivals_free(struct yizhan_arrivals *arrivals);

/* `state` NULL: of any. */
enum yizhan_result yizhan_inbox(struct yizhan *yizhan, const char *state,
    const char *cursor, unsigned limit, struct yizhan_arrivals **ret_arrivals);

enum yizhan_result yizhan_arrival_get(struct yizhan *yizhan,
    const char *waybill_id, const char *recipient,
    struct yizhan_arrival **ret_arrival);

/* Takes bytes as they come; other than 0 ends the call with YIZHAN_LOCAL. */
typedef int (*yizhan_take_fn)(void *context, const void *data, size_t len);

/*
 * The bytes of part `number` (from 0) of an arrival.  They are compared with
 * its digest: YIZHAN_BUSY when they are others, so that what was taken has to be thrown
 * away.  Not repeated by patience once bytes were taken.
 */
enum yizhan_result yizhan_read_part(struct yizhan *yizhan,
    const struct yizhan_arrival *arrival, size_t number, yizhan_take_fn take,
    void *context);

/* Sign for it, return it (misdirected incomplete attachment_missing unreadable
 * other), or tell the sender of a mistake afterwards; repeats are the same. */
enum yizhan_result yizhan_confirm(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, struct yizhan_arrival **ret_arrival);
enum yizhan_result yizhan_return(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, const char *reason,
    struct yizhan_arrival **ret_arrival);
enum yizhan_result yizhan_notice(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, const char *reason,
    struct yizhan_arrival **ret_arrival);

/* ---- events ------------------------------------------------------------------ */

/*
 * A change of a delivery that was sent (type "delivery"), or of a letter that
 * came in ("letter").
 */
struct yizhan_event {
	int64_t id;
	const char *type;
	const char *at;
	const char *organisation;
	const char *document_id;
	const char *waybill_id;
	const char *recipient;
	const char *state;
	const char *reason;
};

struct yizhan_events {
	size_t count;
	const struct yizhan_event *events;
	/*
	 * To pass as `after` the next time, also when no event came.  Keep it
	 * in the same transaction as what the events changed: then each counts
	 * once, whatever is cut or killed.
	 */
	const char *next;
	const char *json;
};
void yizhan_events_free(struct yizhan_events *events);

/*
 * Events after `after` (NULL: from now on, none yet), in the order in which
 * they became durable; waits up to `seconds` (60 at most) for the first.
 * `limit` 0: 100.  YIZHAN_GONE: compare the lists and begin with NULL.
 */
enum yizhan_result yizhan_events(struct yizhan *yizhan, const char *after,
    unsigned limit, unsigned seconds, struct yizhan_events **ret_events);

/* What a webhook tells: its body has the form of events. */
enum yizhan_result yizhan_events_read(const char *body, size_t len,
    struct yizhan_events **ret_events);

enum { YIZHAN_WEBHOOK_WINDOW_S = 300 };

/*
 * Whether a webhook is the gateway's: `secret` is "whsec_...", the next three
 * its headers webhook-id, webhook-timestamp and webhook-signature, `now` seconds since 1970.
 * YIZHAN_DENIED: another one's, another body, or of another time.  The same id
 * may be told twice: take each once.
 */
enum yizhan_result yizhan_webhook_check(const char *secret, const char *id,
    const char *timestamp, const char *signature, const void *body, size_t len,
    int64_t now);

/* ---- the rest of the API ------------------------------------------------------- */

/*
 * Any request of docs/api.md: `body` is JSON or NULL; `*ret_text` what came,
 * with a 0 behind it, yizhan_text_free() it.
 */
enum yizhan_result yizhan_call(struct yizhan *yizhan, const char *method,
    const char *target, const char *body, char **ret_text, size_t *ret_len);

/* The same for what is large: a package, evidence, a print. */
enum yizhan_result yizhan_fetch(struct yizhan *yizhan, const char *target,
    yizhan_take_fn take, void *context);

void yizhan_text_free(char *text);

#ifdef __cplusplus
}
#endif

#endif
