/*
 * What the files evidence_export*.c share.
 */
#ifndef GATEWAY_EVIDENCE_EXPORT_INTERNAL_H
#define GATEWAY_EVIDENCE_EXPORT_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "gateway/words.h"
#include "model/org.h"

struct bytes;
struct directory;
struct error;
struct evidence_maker;
struct id;
struct query;
struct rows;

/* A file in the making. */
struct evidence_export {
	struct rows *rows;
	const struct directory *directory; /* or NULL */
	struct evidence_maker *maker;
	struct org_code sender, recipient;
	size_t receipts;
	size_t answers_len;   /* bytes of what authorities said */
	enum words_side side; /* with `row`: whose words go along */
	int64_t row;
};

/* Sender and recipient are known: begin the file. */
int evidence_export_begin(struct evidence_export *making,
    const char *environment, const struct id *waybill_id,
    struct error *err) MUST_CHECK;

/* Column 0 of each row of the query is a receipt. */
int evidence_export_receipts(struct evidence_export *making,
    struct query *query, struct error *err) MUST_CHECK;

/*
 * The pages of a directory that says what it changed: 1, or 0 when what it was
 * then is not kept here any more.
 */
int evidence_export_pages(const struct evidence_export *making, uint64_t serial,
    struct error *err) MUST_CHECK;

/* What is left to do once waybill, leaf and receipts are in. */
int evidence_export_finish(const struct evidence_export *making,
    struct bytes *to, struct error *err) MUST_CHECK;

#endif
