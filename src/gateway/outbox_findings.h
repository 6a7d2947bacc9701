/*
 * What is wrong with a letter, as docs/api.md shows it: the reader's findings,
 * and ours about sender and recipients.
 */
#ifndef GATEWAY_OUTBOX_FINDINGS_H
#define GATEWAY_OUTBOX_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/error.h"
#include "role/codec.h"
#include "role/message.h"

struct error;
struct json_writer;
struct verdict;

enum { OUTBOX_FINDINGS_MAX = 200 };

struct outbox_finding {
	bool is_error;
	char rule[ERROR_ID_SIZE];
	char file[MESSAGE_FILE_NAME_SIZE];
	char text[MESSAGE_NAME_SIZE + ORG_TEXT_SIZE + 2];
};

/* Start it as `{ 0 }`. */
struct outbox_findings {
	struct outbox_finding *list;
	size_t count;
	bool has_error;
};

void outbox_findings_free(struct outbox_findings *findings);

/*
 * Add what `verdict` says about `code` `name` (either may be ""); nothing for
 * VERDICT_ALLOW.  Beyond the limit it is only counted as an error.
 */
int outbox_findings_add(struct outbox_findings *findings,
    const struct verdict *verdict, const char *file, const char *code,
    const char *name, struct error *err) MUST_CHECK;

/*
 * Write the array `key`: those of the reader's report (its JSON, may be empty)
 * and ours, in one language.
 */
int outbox_findings_write(const struct outbox_findings *findings,
    struct blob report, bool is_english, const char *key,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/* Write the report's document as member "document"; null if it has none. */
int outbox_findings_write_document(struct blob report,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/* Kind (函) and 密等 of the report's document; "" when it says none. */
struct outbox_marks {
	char kind[32];
	char secrecy[64];
};
int outbox_findings_marks(struct blob report, struct outbox_marks *ret_marks,
    struct error *err) MUST_CHECK;

#endif
