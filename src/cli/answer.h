/*
 * What commands do with a host's answer: keep it as JSON, print it raw with
 * --json, and put its parts into words.
 */
#ifndef CLI_ANSWER_H
#define CLI_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "cli/local.h"
#include "json/json_read.h"

struct cli;
struct config;
struct error;

/* A host that was asked, and its newest answer.  Start it as `{ 0 }`. */
struct answer {
	const struct cli *cli;
	struct config *config;
	struct local local;
	struct http_answer http;
	struct json_document *document;
};

/* Which host: --config or $YIZHAN_CONFIG. */
int answer_open(struct answer *answer, const struct cli *cli,
    struct error *err) MUST_CHECK;
void answer_close(struct answer *answer);

/* Ask; the answer before is gone. */
int answer_get(struct answer *answer, const char *target,
    struct error *err) MUST_CHECK;
/* The answer is no JSON: its body is then in `http`. */
int answer_fetch(struct answer *answer, const char *target,
    struct error *err) MUST_CHECK;
int answer_post(struct answer *answer, const char *target, const char *json,
    struct error *err) MUST_CHECK;
/* The same of JSON that was written, whose text is ended here; {} for NULL. */
int answer_post_body(struct answer *answer, const char *target,
    struct bytes *body, struct error *err) MUST_CHECK;

/*
 * Send the files that the command's arguments name, each under the last part
 * of its path; the answer's body is then in `http`.
 */
int answer_send_files(struct answer *answer, const char *target,
    const char *key, struct error *err) MUST_CHECK;

/* The same of the arguments from the one at `first` on. */
int answer_send_rest(struct answer *answer, const char *target, const char *key,
    size_t first, struct error *err) MUST_CHECK;

/* The same of files that were gathered otherwise. */
int answer_send_list(struct answer *answer, const char *target, const char *key,
    const struct local_file *files, size_t count, struct error *err) MUST_CHECK;

/* Take what local_send() and the like left in `http`. */
int answer_read(struct answer *answer, struct error *err) MUST_CHECK;

const struct json_value *answer_root(const struct answer *answer);

/* The whole answer on standard output, on a line of its own. */
void answer_print(const struct answer *answer);

typedef void (*answer_put_fn)(const struct cli *cli,
    const struct json_value *root, struct bytes *to);

/* The answer on standard output: as JSON with --json, else by `put`. */
int answer_say(const struct answer *answer, answer_put_fn put,
    struct error *err) MUST_CHECK;

/* The answer, a document, on standard output; nothing if there is none. */
void answer_show(const struct answer *answer);

/* A member's text; "" when it is missing. */
const char *answer_text(const struct json_value *value, const char *key);

/* A member's number; 0 when it is missing. */
int64_t answer_integer(const struct json_value *value, const char *key);

/* A member that is true; one that is missing is not. */
bool answer_is_true(const struct json_value *value, const char *key);

/*
 * Where a document's name leads: an outbox document by its id, or an inbox
 * document by "waybill id/code"; with a waybill id alone the inbox is searched.
 * Writes the target without a query.  ERROR_NOT_FOUND.
 */
enum { ANSWER_TARGET_SIZE = 256 };
int answer_find(struct answer *answer, const char *name,
    char target[ANSWER_TARGET_SIZE], struct error *err) MUST_CHECK;

/* The same for the inbox alone. */
int answer_find_inbox(struct answer *answer, const char *name,
    char target[ANSWER_TARGET_SIZE], struct error *err) MUST_CHECK;

/* The id of a person by name, or by number.  ERROR_NOT_FOUND. */
int answer_find_person(struct answer *answer, const char *name, int64_t *ret_id,
    struct error *err) MUST_CHECK;

/*
 * The option --organisation, or the one organisation that has a signing key in
 * the configuration.
 */
enum { ANSWER_CODE_SIZE = 18 };
int answer_organisation(const struct answer *answer, char to[ANSWER_CODE_SIZE],
    struct error *err) MUST_CHECK;

/* A state or an event in the words of the pages. */
const char *answer_word(const struct cli *cli, const char *state);

/*
 * A member's text, or a state's word, as it may be shown: texts of letters and
 * of hosts are others' words, and nothing of them steers a terminal.
 */
void answer_put(const struct json_value *value, const char *key,
    struct bytes *to);
void answer_put_word(const struct cli *cli, const char *state,
    struct bytes *to);

/* A member's time for people, 民國 date and time; nothing when it has none. */
void answer_put_time(const struct json_value *value, const char *key,
    struct bytes *to);

/* An outbox or inbox document for people, its timeline last. */
void answer_put_document(const struct cli *cli, const struct json_value *value,
    struct bytes *to);

/* Of an inbox document: to whom it is assigned, and what people did with it. */
void answer_put_desk(const struct cli *cli, const struct json_value *value,
    struct bytes *to);

/* One line of a list. */
void answer_put_line(const struct cli *cli, const struct json_value *value,
    struct bytes *to);

#endif
