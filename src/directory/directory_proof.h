/*
 * What a directory that says only what it changed has about few organisations
 * (docs/protocol.md 6.3): their pages, each with its path to the root that the
 * bulletin names.  Who has that bulletin needs nobody's word for them, and for
 * what is not in a page neither.  Pure.
 *
 *   {"page":N,"path":["…" (12)],"entries":["<JSON of an entry>",…]}
 */
#ifndef DIRECTORY_DIRECTORY_PROOF_H
#define DIRECTORY_DIRECTORY_PROOF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "directory/directory_tree.h"
#include "model/org.h"

struct directory_changes;
struct entry_org;
struct error;

enum {
	DIRECTORY_PROOF_MAX = 16 * 1024 * 1024, /* bytes of one page */
	DIRECTORY_PARTIES_MAX = 32,
};

/*
 * Append the page `number`, whose entries stand in `entries` as
 * directory_page_put_entry() puts them; `pages` are the digests of all.
 */
int directory_proof_encode(unsigned number, const struct digest *pages,
    struct cursor entries, struct bytes *to, struct error *err) MUST_CHECK;

/*
 * Add the entries of a page to `entries`, if it leads to `root`: ERROR_MALFORMED
 * E3903 for another form, ERROR_UNTRUSTED E3903 if it does not, ERROR_MALFORMED
 * E7020 for an entry that is none, of another page, or out of order.
 */
int directory_proof_take(const void *json, size_t len,
    const struct digest *root, unsigned *ret_number,
    struct directory_changes *entries, struct error *err) MUST_CHECK;

/* ---- whose pages are needed --------------------------------------------- */

struct directory_parties {
	struct org_code list[DIRECTORY_PARTIES_MAX];
	size_t count;
};

/* With the organisation of a unit; ERROR_DENIED beyond the limit. */
int directory_parties_add(struct directory_parties *parties,
    const struct org_code *code, struct error *err) MUST_CHECK;

/* 1 and the entry, to be freed; 0 if there is none; -1. */
typedef int (*directory_proof_find_fn)(void *ctx, const struct org_code *code,
    struct entry_org *ret_org, struct error *err);

/*
 * Add all who may receive for those that are there: the units above a unit, and
 * the successors of who is dissolved.  `find` is asked for each once.
 */
int directory_parties_complete(struct directory_parties *parties,
    directory_proof_find_fn find, void *ctx, struct error *err) MUST_CHECK;

#endif
