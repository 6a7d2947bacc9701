/*
 * Pages of the directory as they travel (docs/protocol.md 6.3): their digests,
 * which a bulletin's root commits to, and then the pages that differ.  What
 * comes proves itself: it is compared with its digest before it is read.  Pure.
 */
#ifndef DIRECTORY_DIRECTORY_PAGES_H
#define DIRECTORY_DIRECTORY_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "directory/directory_tree.h"

struct directory_changes;
struct error;

enum {
	DIRECTORY_INDEX_LEN = DIRECTORY_PAGES * DIGEST_LEN,
	DIRECTORY_PAGE_MAX = 12 * 1024 * 1024,   /* bytes of a page */
	DIRECTORY_ANSWER_MAX = 16 * 1024 * 1024, /* ... of an answer */
	DIRECTORY_ANSWER_FULL = 2 * 1024 * 1024, /* no further page after */
};

/* Append an entry to the bytes of its page; in the order of codes. */
void directory_page_put_entry(struct bytes *page, const void *json, size_t len);

/* Append a page to an answer. */
void directory_pages_put(struct bytes *to, unsigned number,
    const struct bytes *page);

/*
 * The digests of all pages: E3903 unless they have `root`, and exactly
 * DIRECTORY_INDEX_LEN bytes.
 */
int directory_index_read(const void *data, size_t len,
    const struct digest *root, struct digest ret_pages[DIRECTORY_PAGES],
    struct error *err) MUST_CHECK;

/*
 * The next page of an answer: 1 with its number and bytes, borrowed; 0 at the
 * end; -1 E3903 when it is malformed, or not what `digests` says of its number.
 */
int directory_pages_next(struct cursor *answer, const struct digest *digests,
    unsigned *ret_number, struct cursor *ret_page,
    struct error *err) MUST_CHECK;

/*
 * Add to `changes` what makes the page of `tree` to this one.  ERROR_MALFORMED
 * E7020 for an entry that is malformed, of another page, or out of order.
 */
int directory_page_compare(unsigned number, struct cursor page,
    const struct directory_tree *tree, struct directory_changes *changes,
    struct error *err) MUST_CHECK;

/*
 * The first run of pages that differ, at most `max` of them; false when none
 * does.
 */
bool directory_pages_missing(struct directory_tree *tree,
    const struct digest *digests, unsigned max, unsigned *ret_from,
    unsigned *ret_to);

#endif
