/*
 * What the directory says, as rows of a host's store: each entry with the
 * serials between which it held, and the tree over those of now.  The spooler
 * alone writes; docs/directory.md has the picture.
 *
 * One bulletin after another is judged, written with the bulletin's own row in
 * one transaction, and done; or parts of the directory come (bulletins_pages.c)
 * until the tree has the root of a bulletin that waits for them.  Those rows
 * begin with a serial that is not in force yet, so nobody sees them.
 */
#ifndef ROLE_CONTENTS_H
#define ROLE_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "directory/directory_image.h"
#include "model/digest.h"
#include "role/contents/notices.h"

struct address_book;
struct bulletin;
struct bytes;
struct contents;
struct cursor;
struct directory;
struct directory_changes;
struct directory_tree;
struct error;
struct json_value;
struct query;
struct rows;

/* Tables of every host, a part of bulletins_schema. */
#define CONTENTS_SCHEMA                                                        \
	"CREATE TABLE directory_entry (id INTEGER PRIMARY KEY,"                \
	" page INTEGER NOT NULL, code TEXT NOT NULL,"                          \
	" since INTEGER NOT NULL, until INTEGER, digest BLOB NOT NULL,"        \
	" json BLOB NOT NULL) STRICT;"                                         \
	"CREATE UNIQUE INDEX directory_entry_code"                             \
	" ON directory_entry (code, since);"                                   \
	"CREATE INDEX directory_entry_page"                                    \
	" ON directory_entry (page, code, since, until, digest);"              \
	"CREATE INDEX directory_entry_until"                                   \
	" ON directory_entry (until) WHERE until IS NOT NULL;"                 \
	"CREATE TABLE directory_root (serial INTEGER PRIMARY KEY,"             \
	" root BLOB NOT NULL) STRICT;"                                         \
	"CREATE INDEX directory_root_root ON directory_root (root);"           \
	"CREATE TABLE directory_state (id INTEGER PRIMARY KEY CHECK (id = 1)," \
	" serial INTEGER NOT NULL, root BLOB NOT NULL,"                        \
	" bytes INTEGER NOT NULL, oldest INTEGER NOT NULL) STRICT;"

/* Entries that held once; the oldest go first beyond this. */
enum { CONTENTS_HISTORY_MAX = 400000 };

/* `rows` must outlive it. */
int contents_new(struct rows *rows, struct contents **ret_contents,
    struct error *err) MUST_CHECK;
void contents_free(struct contents *contents);

enum contents_fit {
	CONTENTS_FIT,    /* write it with contents_write() */
	CONTENTS_LACKING /* it follows what is not here: parts must come */
};

/*
 * Whether a directory bulletin that was verified leads from what is here to
 * what it says.  Changes the tree on CONTENTS_FIT: end with contents_done() or
 * contents_abandon().  ERROR_MALFORMED E7020; ERROR_UNTRUSTED E3902, a wrong
 * root or count; ERROR_BUSY while another change is not done.
 */
int contents_judge(struct contents *contents, const struct bulletin *bulletin,
    enum contents_fit *ret_fit, struct error *err) MUST_CHECK;

/* What it changes; until done or abandoned. */
const struct directory_changes *contents_pending(
    const struct contents *contents);

/*
 * The rows, inside a transaction; may be tried again.  `author` says to whom
 * changes are told (role/contents/notices.h); its serial is filled in here.
 */
int contents_write(struct contents *contents, struct notices_author author,
    struct error *err) MUST_CHECK;

/* They are durable. */
void contents_done(struct contents *contents);
void contents_abandon(struct contents *contents);

/*
 * Parts for a bulletin of `serial` that waits: pages of an answer that is not
 * trusted yet, against `digests`, which have the bulletin's root.  Changes the
 * tree; then write and be done as above.  The directory in force stays as it is.
 */
int contents_take_pages(struct contents *contents, uint64_t serial,
    struct cursor *answer, const struct digest *digests,
    struct error *err) MUST_CHECK;

/* The tree, for what is missing; until the next call. */
struct directory_tree *contents_tree(struct contents *contents);

/*
 * What the edits of `book` make of the directory in force, as the members of the
 * next bulletin's body, with the entries that they change as they were, a JSON
 * array.  Problems are added to the book; then `body` and `changes` are of no use.
 * Nothing changes here.  `directory` knows the centers, or is NULL.  ERROR_BUSY
 * while a change is not done.
 */
int contents_prepare(struct contents *contents,
    const struct directory *directory, const char *center,
    struct address_book *book, struct directory_changes *changes,
    struct bytes *body, struct bytes *was, struct error *err) MUST_CHECK;

/*
 * The same of entries whose members are to be otherwise: an array of objects
 * with a code (directory/body_change.h).  One that is not there must be whole.
 * ERROR_MALFORMED E7020 where what comes of it is no entry.
 */
int contents_prepare_entries(struct contents *contents,
    const struct json_value *entries, struct directory_changes *changes,
    struct bytes *body, struct bytes *was, struct error *err) MUST_CHECK;

/*
 * Where the organisations of a new image come from: `old`, the image of before
 * (or NULL), and what has changed since, or all rows.  Afterwards tell how it
 * went.
 */
int contents_begin_image(struct contents *contents, const struct directory *old,
    struct directory_sources *to, struct error *err) MUST_CHECK;
void contents_end_image(struct contents *contents, bool is_made);

/* ---- reading, in any role ---------------------------------------------- */

/* What is in force; serial 0 for nothing. */
struct contents_state {
	uint64_t serial;
	struct digest root;
	uint64_t bytes;  /* of all entries */
	uint64_t oldest; /* history begins here */
};
int contents_read_state(struct rows *rows, struct contents_state *ret_state,
    struct error *err) MUST_CHECK;

/* All entries as of a serial, in the order of codes: a directory_next_fn. */
struct contents_reading;
int contents_reading_new(struct rows *rows, uint64_t serial,
    struct contents_reading **ret_reading, struct error *err) MUST_CHECK;
int contents_reading_next(void *reading, const void **ret_json, size_t *ret_len,
    struct error *err);
void contents_reading_free(struct contents_reading *reading);

/*
 * The serial, of those that are kept, whose directory has this root; 0 for none.
 */
int contents_find_root(struct rows *rows, const struct digest *root,
    uint64_t *ret_serial, struct error *err) MUST_CHECK;

/*
 * The digests of all DIRECTORY_PAGES pages as of a serial; and the entries of
 * one of them, appended as directory_page_put_entry() does.
 */
int contents_read_pages(struct rows *rows, uint64_t serial,
    struct digest *ret_pages, struct error *err) MUST_CHECK;
int contents_read_page(struct rows *rows, uint64_t serial, unsigned number,
    struct bytes *to, struct error *err) MUST_CHECK;

/*
 * The entry of `code` as of `serial`, which columns are since, until (or NULL)
 * and JSON: the query stands on its row, to be ended by the caller; 0 and
 * nothing to end when there was none.
 */
int contents_find(struct rows *rows, const char *code, uint64_t serial,
    struct query **ret_query, struct error *err) MUST_CHECK;

#endif
