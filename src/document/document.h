/*
 * Check the files of one official document together: letter (DI), exchange
 * lists (SW), message form (DM) and attachments.  Reads bytes that anybody may
 * have written; opens no file and no socket, so it can run in a process that
 * may do neither (T-XML-01..06).
 *
 * Read are 函, 令, 公告, 開會通知單, 會勘通知單, 簽 and 便簽, 交換表單 and
 * 文書訊息表單 of the families 91, 93, 97, 99 and 104; doc_kind.h tells which
 * of them are held against an official DTD.  Every other kind, family and
 * encoding is refused by name (E2020, E2021, E2003).
 */
#ifndef DOCUMENT_DOCUMENT_H
#define DOCUMENT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "document/doc_message.h"
#include "document/finding.h"
#include "document/letter.h"
#include "document/old_envelope.h"
#include "document/roster.h"

struct bytes;
struct dtd_set;
struct error;

enum {
	DOCUMENT_INPUTS_MAX = 600,
	DOCUMENT_ROSTERS_MAX = 16, /* 一文多發 */
	DOCUMENT_ENVELOPES_MAX = 2,
};

enum document_input_kind {
	DOCUMENT_DI,
	DOCUMENT_SW,
	DOCUMENT_DM,
	DOCUMENT_ENVELOPE, /* EN or ESW of the former exchange */
	DOCUMENT_ATTACHMENT,
};

/* One file handed in; everything is borrowed for the call. */
struct document_input {
	const char *name;
	enum document_input_kind kind;
	const uint8_t *data; /* attachments: the first FILE_TYPE_HEAD_MAX */
	size_t len;          /* of `data` */
};

struct document_report {
	bool accepted; /* no error among the findings, warnings do not count */
	const struct document *document; /* NULL if it could not be read */
	const struct roster *rosters;    /* those that could be read */
	size_t roster_count;
	const struct doc_message *message; /* NULL if there is none */
	const struct old_envelope *envelopes;
	size_t envelope_count;
	const struct finding *findings;
	size_t finding_count;
	size_t finding_left_out;        /* "and so many more" */
	struct document_memory *memory; /* owns all of the above */
};

/*
 * The kind that a file name promises: ".di", ".sw", ".dm", ".en" and ".esw",
 * else attachment.
 */
enum document_input_kind document_kind_of_name(const char *name);

/*
 * How many bytes of a file a check wants to see: all, and where there is a
 * limit one more, which tells that it is longer; of attachments the first.
 */
size_t document_input_max(enum document_input_kind kind);

/*
 * Read `fd` from its offset to the end, at most what `kind` may hold and one
 * byte more, which document_check() then refuses.  Appends to `to`.
 */
int document_load(int fd, enum document_input_kind kind, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * Check `count` files as one document: exactly one DI, at most one DM.
 * Envelopes of the former exchange can be looked at alone; they belong to no
 * letter that is sent.  The report comes also when the document is refused.  `dtds` spare the reading of
 * the DTDs; NULL: they are read for this document alone.  Fails only with
 * ERROR_BUSY when memory ran out.  Free it with document_report_free().
 */
int document_check(const struct document_input *files, size_t count,
    const struct dtd_set *dtds, struct document_report **ret_report,
    struct error *err) MUST_CHECK;
void document_report_free(struct document_report *report);

/*
 * The refusal that the report amounts to: -1 with the id and code of its
 * gravest error (denied before malformed), or 0 if it was accepted.
 */
int document_report_refusal(const struct document_report *report,
    struct error *err) MUST_CHECK;

#endif
