/*
 * What a directory bulletin changes (docs/protocol.md 6.3): entries that are
 * added, replaced or removed, from the bulletin's body and into it.  Pure.
 *
 * A body says the whole of a small directory, `{"organisations":[…]}`, or what
 * is different since serial - 1, with the count and root of what comes of it:
 * `{"count":N,"root":"…","changed":[…],"removed":["…"]}`.
 */
#ifndef DIRECTORY_DIRECTORY_CHANGES_H
#define DIRECTORY_DIRECTORY_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "model/digest.h"
#include "model/org.h"

struct bulletin;
struct directory_tree;
struct entry_org;
struct error;
struct json_writer;

struct directory_change {
	struct org_code code;
	bool is_removed;
	struct bytes json;  /* of the entry; empty if it is removed */
	struct digest leaf; /* of that */
	/* Set by directory_tree_apply(). */
	bool was_there;
	struct digest leaf_before;
};

/* Start it as `{ 0 }`. */
struct directory_changes {
	struct directory_change *list;
	size_t count, size;
};

void directory_changes_free(struct directory_changes *changes);

/* Add the entry as it is to be. */
int directory_changes_put(struct directory_changes *changes,
    const struct entry_org *org, struct error *err) MUST_CHECK;

/* The same from the JSON of an entry, which is taken as it is. */
int directory_changes_put_json(struct directory_changes *changes,
    const struct org_code *code, const void *json, size_t len,
    struct error *err) MUST_CHECK;
int directory_changes_remove(struct directory_changes *changes,
    const struct org_code *code, struct error *err) MUST_CHECK;

/* By code; ERROR_MALFORMED E7020 when a code is there twice. */
int directory_changes_sort(struct directory_changes *changes,
    struct error *err) MUST_CHECK;

/* Take over those of `from`, each in place of an earlier one of its code. */
int directory_changes_join(struct directory_changes *changes,
    struct directory_changes *from, struct error *err) MUST_CHECK;

/* The body of a directory bulletin, decoded.  Start it as `{ 0 }`. */
struct directory_body {
	bool is_whole;
	uint64_t count;                   /* of entries, after it */
	struct digest root;               /* after it; zeros if it is whole */
	struct directory_changes changes; /* sorted */
};

/* ERROR_MALFORMED E7020; each entry is checked as entry_org_decode() does. */
int directory_body_decode(const struct bulletin *bulletin,
    struct directory_body *ret_body, struct error *err) MUST_CHECK;
void directory_body_free(struct directory_body *body);

/*
 * Of a whole directory: leave out what the tree has already, and remove what
 * the tree has and the body has not.
 */
int directory_body_compare(struct directory_body *body,
    const struct directory_tree *tree, struct error *err) MUST_CHECK;

/*
 * Write the members of the body that says `changes`, which lead to `count`
 * entries and `root`.
 */
void directory_body_encode(const struct directory_changes *changes,
    uint64_t count, const struct digest *root, struct json_writer *writer);

#endif
