/*
 * yizhan conformance: a system that says that it is a gateway, held against the
 * contract (data/openapi/v1/openapi.json): each example of each operation is
 * asked, each answer compared with its schema, and then the promises that no
 * schema says: idempotency, tags, cursors, the order of events, uploads, series,
 * webhooks.
 */
#ifndef CLI_CONFORMANCE_CONFORMANCE_H
#define CLI_CONFORMANCE_CONFORMANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "client/client_exchange.h"
#include "client/yizhan.h"

struct cli;
struct error;
struct json_document;
struct json_value;

enum {
	CONFORMANCE_KNOWN_MAX = 32,
	CONFORMANCE_VALUE_SIZE = 128,
	CONFORMANCE_DETAIL_SIZE = 320,
	CONFORMANCE_TARGET_SIZE = 512,
	CONFORMANCE_ANSWER_MAX = 64 * 1024 * 1024,
	CONFORMANCE_LETTER_MAX = 16 * 1024 * 1024,
};

/* As whom an example is asked. */
enum conformance_role {
	CONFORMANCE_NOBODY,
	CONFORMANCE_SENDER,   /* "dms": scopes read, send, receive, events */
	CONFORMANCE_READER,   /* scope read alone */
	CONFORMANCE_RECEIVER, /* of the recipient, at its own gateway */
	CONFORMANCE_ROLES,
};

enum conformance_outcome {
	CONFORMANCE_PASSED,
	CONFORMANCE_FAILED,
	CONFORMANCE_SKIPPED,
};

struct conformance_result {
	char check[CONFORMANCE_VALUE_SIZE];
	enum conformance_outcome outcome;
	char detail[CONFORMANCE_DETAIL_SIZE];
};

/* What an answer has told, for `$name` in the examples that follow. */
struct conformance_known {
	char name[32];
	char value[CONFORMANCE_VALUE_SIZE];
};

struct conformance {
	const struct cli *cli;
	struct yizhan *apis[CONFORMANCE_ROLES]; /* NULL: not given */
	struct json_document *document;
	const struct json_value *contract;
	char sender[24], recipient[24]; /* codes */
	char run[20];                   /* a part of every key of this run */
	struct bytes letter;            /* a bundle: DI, rosters, attachments */
	struct bytes bare;              /* without attachments */
	struct bytes another; /* with one byte more in an attachment */
	struct bytes apart;   /* two copies, with the same attachments */
	struct conformance_known known[CONFORMANCE_KNOWN_MAX];
	size_t known_count;
	struct conformance_result *results;
	size_t result_count;
	size_t counts[3]; /* by outcome */
	const char *hook; /* ADDRESS:PORT to listen at, or NULL */
};

/* ---- conformance_report.c -------------------------------------------------- */

void conformance_pass(struct conformance *run, const char *check);
void conformance_skip(struct conformance *run, const char *check,
    const char *why);
void conformance_fail(struct conformance *run, const char *check,
    const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Passed if `is_good`, else failed with that. */
void conformance_say(struct conformance *run, const char *check, bool is_good,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* All of it on standard output, as text or JSON. */
void conformance_print(const struct conformance *run, const char *against);

/* ---- conformance_schema.c --------------------------------------------------- */

/*
 * Where `value` is not what `schema` of `contract` says (the keywords that the
 * contract uses); false with "" in `fault` where it is.
 */
bool conformance_differs(const struct json_value *contract,
    const struct json_value *schema, const struct json_value *value,
    char fault[CONFORMANCE_DETAIL_SIZE]);

/* The schema of a name, in the contract's components; NULL for none. */
const struct json_value *conformance_schema(const struct json_value *contract,
    const char *name);

/* ---- conformance_ask.c ------------------------------------------------------ */

/* An answer, read; release with conformance_answer_free(). */
struct conformance_answer {
	struct client_exchanged raw;
	struct json_document *document; /* NULL: no JSON */
	const struct json_value *root;
};

void conformance_ask(struct conformance *run, enum conformance_role role,
    const struct client_exchange *exchange, struct conformance_answer *answer);
void conformance_answer_free(struct conformance_answer *answer);

/* GET, with one header line or NULL. */
void conformance_get(struct conformance *run, enum conformance_role role,
    const char *target, const char *header, struct conformance_answer *answer);

/* POST a bundle under a key, or JSON with one more header line. */
void conformance_post_letter(struct conformance *run, const char *target,
    const char *key, const struct bytes *bundle,
    struct conformance_answer *answer);
void conformance_post(struct conformance *run, enum conformance_role role,
    const char *target, const char *json, const char *header,
    struct conformance_answer *answer);

/* A member's text, or "". */
const char *conformance_text(const struct json_value *value, const char *name);

/* Read DI, rosters and attachments of a folder. */
int conformance_load_letter(struct conformance *run, const char *path,
    struct error *err) MUST_CHECK;

void conformance_learn(struct conformance *run, const char *name,
    const char *value);
const char *conformance_known(const struct conformance *run, const char *name);

/* ---- the checks ---------------------------------------------------------------- */

void conformance_examples(struct conformance *run);
void conformance_errors(struct conformance *run);
void conformance_repeats(struct conformance *run);
void conformance_tags(struct conformance *run);
void conformance_cursors(struct conformance *run);
void conformance_events(struct conformance *run);
void conformance_uploads(struct conformance *run);
void conformance_series(struct conformance *run);
void conformance_webhooks(struct conformance *run);

#endif
