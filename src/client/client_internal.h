/*
 * What the files of libyizhan share.  It stands on libcurl, Jansson and
 * libcrypto alone, so that what a document system links is small and nothing
 * of the program's own layers shows through.
 */
#ifndef CLIENT_CLIENT_INTERNAL_H
#define CLIENT_CLIENT_INTERNAL_H

#include <curl/curl.h>
#include <stdbool.h>

#include <jansson.h>

#include "client/yizhan.h"

enum {
	CLIENT_TARGET_SIZE = 512,
	CLIENT_HEADER_SIZE = 192,
	CLIENT_ETAG_SIZE = 80,
	CLIENT_CHUNK = 65536,
	CLIENT_FILES_MAX = 2000,
	/* A letter to 5,000 recipients takes some 5 MB. */
	CLIENT_TEXT_MAX = 64 * 1024 * 1024,
};

/* Text that grows; `data` always ends with a 0, which `len` does not count. */
struct client_text {
	char *data;
	size_t len;
	size_t size;
};

struct yizhan {
	CURL *curl;
	char *url;    /* without a slash at its end */
	char *bearer; /* the whole header */
	char *language;
	char *ca_file;
	char *trace; /* the whole header, or NULL */
	uint32_t patience_ms;
	bool is_insecure;
	struct yizhan_problem problem;
	json_t *problem_root; /* what the problem's texts lie in */
	struct yizhan_finding *findings;
	struct client_text problem_json;
	char problem_own[256]; /* detail of one that was made here */
};

struct client_upload;

/* One request. */
struct client_request {
	const char *method;
	const char *target;
	const char *json;             /* body, or NULL */
	struct client_upload *upload; /* or this one, or NULL */
	const char *key;              /* Idempotency-Key, or NULL */
	unsigned wait_s;              /* how long it may wait at the gateway */
	/* Of client_exchange.h: nothing is added but what the link needs. */
	bool is_raw;
	bool is_anonymous;
	const char *const *headers;
	size_t header_count;
	const char *raw_type;
	const void *raw;
	size_t raw_len;
	yizhan_take_fn take; /* of a body with status 2xx, or NULL */
	void *take_context;
};

/* What came of it; release with client_answer_free(). */
struct client_answer {
	int status;
	char etag[CLIENT_ETAG_SIZE];
	char type[96]; /* of what came */
	unsigned retry_after_s;
	struct client_text text;
	bool has_taken; /* bytes went to the caller */
	bool is_broken; /* the caller wants no more, or the text is too long */
};
void client_answer_free(struct client_answer *answer);

/* Ask, as often as patience allows.  Anything but 2xx is a problem. */
enum yizhan_result client_ask(struct yizhan *yizhan,
    const struct client_request *request, struct client_answer *ret_answer);

/* The same, once. */
enum yizhan_result client_ask_once(struct yizhan *yizhan,
    const struct client_request *request, struct client_answer *ret_answer);

/* The same, and the answer read as a JSON object; json_decref() it. */
enum yizhan_result client_ask_json(struct yizhan *yizhan,
    const struct client_request *request, struct client_answer *ret_answer,
    json_t **ret_root);

/* ---- client_list.c ------------------------------------------------------ */

/* One page of a list. */
struct client_list {
	const char *path;
	const char *state;  /* those alone, or NULL */
	const char *cursor; /* where the page before ended, or NULL */
	unsigned limit;     /* 0: 50 */
	/* What the caller gets of the answer; NULL if there is no memory. */
	void *(*read)(const json_t *root);
};
enum yizhan_result client_list_ask(struct yizhan *yizhan,
    const struct client_list *list, void **ret_page);

/* ---- client_text.c ------------------------------------------------------ */

/* False if there is no memory for it, or it would pass CLIENT_TEXT_MAX. */
bool client_text_add(struct client_text *text, const void *data, size_t len);
void client_text_free(struct client_text *text);

/* Append `value` as one segment of a path, or one value of a query. */
bool client_path_add(char target[CLIENT_TARGET_SIZE], const char *prefix,
    const char *value, const char *suffix);

/* Decimal digits alone, at most `max`; -1 for anything else. */
int64_t client_number(const char *text, int64_t max);

/* The value as JSON, to be freed with free(); NULL if there is no memory. */
char *client_dump(const json_t *value);

/* A member's text, "" if there is none; lent until `object` is gone. */
const char *client_member(const json_t *object, const char *name);

/* The same of a file: name, length, digest. */
struct yizhan_part client_part(const json_t *object);

/* ---- client_problem.c ----------------------------------------------------- */

void client_problem_clear(struct yizhan *yizhan);

/* A problem that is put aside while something else is asked, and put back. */
struct client_problem {
	struct yizhan_problem problem;
	json_t *root;
	struct yizhan_finding *findings;
	struct client_text json;
};
void client_problem_keep(struct yizhan *yizhan, struct client_problem *to);
void client_problem_put_back(struct yizhan *yizhan,
    const struct client_problem *kept);

/* The problem is one of this side. */
enum yizhan_result client_problem_set(struct yizhan *yizhan,
    enum yizhan_result result, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* That problem is of the gateway's certificate. */
enum yizhan_result client_problem_untrusted(struct yizhan *yizhan);

enum yizhan_result client_no_memory(struct yizhan *yizhan);
enum yizhan_result client_too_long(struct yizhan *yizhan);

/* The problem is what the gateway answered. */
enum yizhan_result client_problem_take(struct yizhan *yizhan,
    const struct client_answer *answer);

/* ---- client_inbox.c ------------------------------------------------------- */

/* An act on a letter that came in; `body` is freed here, NULL for none. */
enum yizhan_result client_arrival_act(struct yizhan *yizhan,
    const char *waybill_id, const char *recipient, const char *verb,
    json_t *body, struct yizhan_arrival **ret_arrival);

/* ---- client_sent.c -------------------------------------------------------- */

/* Ask what is answered with a letter that was sent. */
enum yizhan_result client_letter_ask(struct yizhan *yizhan,
    const struct client_request *request, struct yizhan_letter **ret_letter);

/* Append how it is sent, the first behind `mark`; `options` may be NULL. */
bool client_submit_add(char target[CLIENT_TARGET_SIZE], char mark,
    const struct yizhan_submit_options *options);

/* ---- client_upload.c ------------------------------------------------------ */

/* Files on their way as one bundle (docs/protocol.md 7). */
enum yizhan_result client_upload_new(struct yizhan *yizhan,
    const struct yizhan_file *files, size_t count,
    struct client_upload **ret_upload);
void client_upload_free(struct client_upload *upload);

/* From the beginning, as before each try. */
void client_upload_rewind(struct client_upload *upload);
uint64_t client_upload_len(const struct client_upload *upload);
const char *client_upload_key(const struct client_upload *upload);

/* Of the first file alone: its length, its digest in hex. */
uint64_t client_upload_file_len(const struct client_upload *upload);
void client_upload_file_sha256(const struct client_upload *upload,
    char hex[YIZHAN_KEY_SIZE]);

/* `len` bytes of it from `offset` on, all there; false: client_upload_failure(). */
bool client_upload_slice(struct client_upload *upload, uint64_t offset,
    char *to, size_t len);

/* Why it stopped by itself, or NULL. */
const char *client_upload_failure(const struct client_upload *upload);

/* For libcurl: up to `size` bytes; CURL_READFUNC_ABORT after a failure. */
size_t client_upload_read(char *to, size_t one, size_t size, void *upload);

#endif
