/*
 * The JSON parts of an evidence file: evidence.json, which says what the file
 * is of and lists its parts, and the paths and proofs of trees.
 */
#ifndef EVIDENCE_EVIDENCE_FACTS_H
#define EVIDENCE_EVIDENCE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "crypto/merkle.h"
#include "envelope/envelope_field.h"
#include "evidence/evidence_zip.h"
#include "model/digest.h"
#include "model/id.h"
#include "model/org.h"

struct bytes;
struct error;

enum { EVIDENCE_FACTS_MAX = 1024 * 1024, EVIDENCE_PATH_MAX = 8192 };

/* A part as evidence.json lists it. */
struct evidence_item {
	char name[EVIDENCE_NAME_SIZE];
	struct digest sha256;
};

/*
 * Nothing stands here that the signed parts do not say as well, so a forged
 * one is found.  Start it as `{ 0 }`; release it with evidence_facts_free().
 */
struct evidence_facts {
	char environment[ENVELOPE_NAME_SIZE];
	struct id waybill_id;
	struct org_code sender;
	struct org_code recipient;
	/* The directory was too large to go with it (docs/evidence.md). */
	bool lacks_directory;
	struct evidence_item *parts; /* all but evidence.json */
	size_t part_count;
};

void evidence_facts_free(struct evidence_facts *facts);

int evidence_facts_encode(const struct evidence_facts *facts, struct bytes *to,
    struct error *err) MUST_CHECK;

/* ERROR_MALFORMED (E3501). */
int evidence_facts_decode(const void *json, size_t len,
    struct evidence_facts *ret_facts, struct error *err) MUST_CHECK;

/* Where a leaf stands in its tree; `count` is 0 where a checkpoint has it. */
struct evidence_path {
	uint64_t index;
	uint64_t count;
	struct digest path[MERKLE_PATH_MAX]; /* lowest first */
	size_t path_count;
};

int evidence_path_encode(const struct evidence_path *path, struct bytes *to,
    struct error *err) MUST_CHECK;
int evidence_path_decode(const void *json, size_t len,
    struct evidence_path *ret_path, struct error *err) MUST_CHECK;

/* A later checkpoint of the same log, and why it continues a receipt's. */
struct evidence_growth {
	char checkpoint[EVIDENCE_NAME_SIZE]; /* the part */
	/* As log/follow.h takes it; empty for the same tree. */
	struct digest proof[MERKLE_PATH_MAX];
	size_t proof_count;
};

int evidence_growth_encode(const struct evidence_growth *growth,
    struct bytes *to, struct error *err) MUST_CHECK;
int evidence_growth_decode(const void *json, size_t len,
    struct evidence_growth *ret_growth, struct error *err) MUST_CHECK;

#endif
