/*
 * What is wrong with a letter, as docs/api.md shows it: the reader's findings,
 * and ours about sender and recipients.
 */
#ifndef GATEWAY_OUTBOX_FINDINGS_H
#define GATEWAY_OUTBOX_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"
#include "gateway/outbox/outbox_accept.h"
#include "role/codec.h"
#include "role/message.h"

struct error;
struct json_document;
struct json_writer;
struct verdict;

enum { OUTBOX_FINDINGS_MAX = 200 };

struct outbox_finding {
	bool is_error;
	char rule[ERROR_ID_SIZE];
	char file[MESSAGE_FILE_NAME_SIZE];
	uint32_t line;
	uint32_t column;
	/* A code, and one name or two. */
	char text[2 * MESSAGE_NAME_SIZE + ORG_TEXT_SIZE + 8];
};

/* Where in the files it is; zeros and "" for the letter as a whole. */
struct outbox_place {
	const char *file;
	uint32_t line;
	uint32_t column;
};

/* Start it as `{ 0 }`. */
struct outbox_findings {
	struct outbox_finding *list;
	size_t count;
	bool has_error;
	struct outbox_accept accept; /* what the sender accepts */
	bool *explained; /* findings of the report that do not count */
	size_t explained_count;
};

void outbox_findings_free(struct outbox_findings *findings);

/*
 * Add what `verdict` says about `code` `name` (either may be ""); nothing for
 * VERDICT_ALLOW.  Beyond the limit it is only counted as an error.
 */
int outbox_findings_add(struct outbox_findings *findings,
    const struct verdict *verdict, const struct outbox_place *place,
    const char *code, const char *name, struct error *err) MUST_CHECK;

/*
 * The reader's report, when it has findings; NULL when it has none, as of most
 * letters, since a tree costs more than all that is asked of it.
 */
int outbox_findings_read(struct blob report,
    struct json_document **ret_document, struct error *err) MUST_CHECK;

/*
 * Write the array `key`: those of the reader's report (its JSON, may be empty)
 * and ours, in one language.
 */
int outbox_findings_write(const struct outbox_findings *findings,
    struct blob report, bool is_english, const char *key,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/*
 * 0, or -1 with E4219 if a warning, of the report or ours, needs to be accepted
 * and is not.
 */
int outbox_findings_accepted(const struct outbox_findings *findings,
    struct blob report, struct error *err) MUST_CHECK;

/*
 * Write the report's document as member "document", null if it has none, and
 * its envelopes as "envelopes" if it has some.
 */
int outbox_findings_write_document(struct blob report,
    struct json_writer *writer, struct error *err) MUST_CHECK;

/* Kind (函) and 密等 of the report's document; "" when it says none. */
struct outbox_marks {
	char kind[32];
	char secrecy[64];
};
int outbox_findings_marks(struct blob report, struct outbox_marks *ret_marks,
    struct error *err) MUST_CHECK;

/*
 * A reader that the report's document names and who is not `name` as people read
 * it; "" for none.
 */
int outbox_findings_other_reader(struct blob report, const char *name,
    char ret_other[MESSAGE_NAME_SIZE], struct error *err) MUST_CHECK;

/* Each file that the report says is named and not there (E2123). */
typedef int (
    *outbox_findings_name_fn)(void *ctx, const char *name, struct error *err);
int outbox_findings_missing(struct blob report, outbox_findings_name_fn take,
    void *ctx, struct error *err) MUST_CHECK;

#endif
