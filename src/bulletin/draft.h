/*
 * A bulletin that waits for its signatures, as a file that is carried to the
 * machines of the key holders and back (docs/protocol.md 6.2): what is to be
 * signed, the bulletin before it, and the root by which it is judged.
 *
 * The file proves nothing: who signs reads what it says and compares the check
 * code; every host verifies what comes of it.
 */
#ifndef BULLETIN_DRAFT_H
#define BULLETIN_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "bulletin/bulletin.h"
#include "bulletin/root.h"

struct cert;
struct cert_cache;
struct error;
struct json_document;
struct json_value;
struct signed_part;

enum { DRAFT_SIGNATURE_MAX = 65536 }; /* bytes of a signature file */

/* Start it as `{ 0 }`; release it with draft_free(). */
struct draft {
	struct bulletin bulletin; /* to be signed */
	bool has_before;
	struct bulletin before; /* its predecessor; a root's is the old root */
	struct root root;       /* in force; of the first root: itself */
	struct root new_root;   /* of a root: what it says */
	/*
	 * Entries that a directory changes, as they were: an array; NULL if
	 * the file does not say.  Only for the eye.
	 */
	struct json_document *was_document;
	const struct json_value *was;
};

void draft_free(struct draft *draft);

/* The most bytes of a draft's file. */
size_t draft_bytes_max(void);

/*
 * Append the file of a draft, from the JSON of each.  `before` is empty for
 * serial 1, `root` for a root, `was` when there is nothing to say.
 */
void draft_put(struct bytes *to, const struct bytes *bulletin,
    const struct bytes *before, const struct bytes *root,
    const struct bytes *was);

/*
 * Read it.  ERROR_MALFORMED E7030: also when the parts do not belong together:
 * another type, name, environment or serial than the predecessor's successor
 * has, a predecessor of another digest, no root; E7001 when one of them is
 * malformed itself.
 */
int draft_parse(const void *data, size_t len, struct draft *ret_draft,
    struct error *err) MUST_CHECK;

/*
 * True if the holder of this certificate may sign: E7034 otherwise.  For a
 * root, who is in the old root or in the new one.
 */
int draft_check_signer(const struct draft *draft,
    const struct digest *fingerprint, struct error *err) MUST_CHECK;

/*
 * Append the bulletin that all `parts`, signature files, make of the draft.
 * ERROR_UNTRUSTED E7032: a signature over something else, or twice by one
 * person; E7034: by somebody who has no say; E7003: too few; E7035: the draft
 * has expired.
 */
int draft_combine(const struct draft *draft, struct cert_cache *cache,
    const struct signed_part *parts, size_t count, int64_t now_ms,
    struct bytes *to, struct error *err) MUST_CHECK;

/* The check code, to be read aloud: 16 groups of four digits. */
enum { DRAFT_CODE_SIZE = 80, DRAFT_CODE_ASKED = 4 };
void draft_format_code(const struct digest *digest, char to[DRAFT_CODE_SIZE]);

/*
 * True if `typed` is the whole check code, or at least its first
 * DRAFT_CODE_ASKED groups, with or without the blanks between.
 */
bool draft_code_matches(const struct digest *digest, const char *typed);

#endif
