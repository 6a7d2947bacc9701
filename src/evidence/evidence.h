/*
 * The evidence of one delivery in one file (docs/evidence.md): a ZIP of stored
 * entries whose parts stock tools read.  Here it is taken apart and its form is
 * checked; what it proves is for src/cli/evidence/evidence_check.h to judge.
 */
#ifndef EVIDENCE_EVIDENCE_H
#define EVIDENCE_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "crypto/merkle.h"
#include "evidence/evidence_facts.h"
#include "evidence/evidence_zip.h"
#include "model/digest.h"

struct error;

enum {
	EVIDENCE_RECEIPTS_MAX = 32,
	EVIDENCE_CHECKPOINTS_MAX = 2 * EVIDENCE_RECEIPTS_MAX,
	EVIDENCE_STAMPS_MAX = 16, /* of one checkpoint */
	EVIDENCE_CERTIFICATES_MAX = 64,
	EVIDENCE_BULLETINS_MAX = 256,
	EVIDENCE_PAGES_MAX = 256, /* of directories */
	EVIDENCE_ANSWERS_MAX = EVIDENCE_RECEIPTS_MAX,
};

/*
 * What was signed, alone ("waybill.p7s"), or in a batch: then `cms` is the
 * batch's, and statement ("waybill.json") and path ("waybill-path.json") stand
 * beside it.
 */
struct evidence_signed {
	const struct evidence_part *cms;       /* NULL: it is not there */
	const struct evidence_part *statement; /* NULL: signed alone */
	const struct evidence_part *path;      /* NULL then */
};

/* The parts of one receipt, as they stand in its folder. */
struct evidence_receipt {
	char folder[EVIDENCE_NAME_SIZE]; /* "receipts/01-accepted-center-a/" */
	const struct evidence_part *statement;
	const struct evidence_part *salt;
	const struct evidence_part *path;
	const struct evidence_part *checkpoint;
	struct evidence_signed act; /* empty: it has none */
	/* Proof that a cosigned checkpoint continues this one; NULL: none. */
	const struct evidence_part *cosigned;
	const struct evidence_part *stamped; /* the same of one with stamps */
	const struct evidence_part *words;   /* salt and words of the act */
};

/* A later checkpoint that receipts point to, and time stamps over it. */
struct evidence_checkpoint {
	const struct evidence_part *note;
	size_t stamp_count; /* they are the parts behind it */
};

/* Borrows from the file's bytes.  Start it as `{ 0 }`. */
struct evidence {
	struct evidence_zip zip;
	struct evidence_facts facts;
	struct evidence_signed waybill;
	const struct evidence_part *leaf; /* JSON */
	struct evidence_path leaf_path;
	struct evidence_receipt receipts[EVIDENCE_RECEIPTS_MAX];
	size_t receipt_count;
	struct evidence_checkpoint checkpoints[EVIDENCE_CHECKPOINTS_MAX];
	size_t checkpoint_count;
	const struct evidence_part *answers[EVIDENCE_ANSWERS_MAX];
	size_t answer_count; /* about revocation, OCSP and CRL */
	const struct evidence_part *certificates[EVIDENCE_CERTIFICATES_MAX];
	size_t certificate_count;
	const struct evidence_part *bulletins[EVIDENCE_BULLETINS_MAX];
	size_t bulletin_count; /* as they are to be taken */
	const struct evidence_part *pages[EVIDENCE_PAGES_MAX];
	size_t page_count; /* of directories that say what they changed */
};

/*
 * Take apart a file that must outlive `ret_evidence`.  ERROR_MALFORMED: E3501
 * container, names or JSON; E3502 a part that evidence.json lists is missing,
 * changed, or one that it does not list.  The text names the part.  To be
 * released also after a failure.
 */
int evidence_read(const void *data, size_t len, struct evidence *ret_evidence,
    struct error *err) MUST_CHECK;
void evidence_free(struct evidence *evidence);

/*
 * Append what was signed as it travels: the CMS, or the item of a batch, put
 * together again.  ERROR_MALFORMED (E3501) if its path is none.
 */
int evidence_put_signed(const struct evidence_signed *from, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * Append receipt `index` as the JSON of docs/protocol.md 5, put together again
 * from its parts.  ERROR_MALFORMED (E3501) if one of them is not in its form.
 */
int evidence_put_receipt(const struct evidence *evidence, size_t index,
    struct bytes *to, struct error *err) MUST_CHECK;

#endif
