/*
 * From changes as they are stated to those of a bulletin, judged one by one
 * against the directory that is there.  Pure: entries are looked up by the
 * caller's function.
 */
#ifndef DIRECTORY_DIRECTORY_PREPARE_H
#define DIRECTORY_DIRECTORY_PREPARE_H

#include <stddef.h>

#include "base/attr.h"

struct address_book;
struct bytes;
struct directory;
struct directory_changes;
struct directory_tree;
struct error;
struct json_value;
struct json_writer;
struct org_code;

/* Append the JSON of an entry: 1; 0 when it is not there; -1. */
typedef int (*directory_lookup_fn)(void *ctx, const struct org_code *code,
    struct bytes *json, struct error *err);

struct directory_basis {
	const struct directory_tree *tree;
	directory_lookup_fn look_up;
	void *ctx;
	const struct directory *directory; /* for its centers; may be NULL */
	const char *center; /* of new entries that name none; may be "" */
};

/*
 * What the edits of `book` make of the directory: the entries as they are to
 * be into `changes`, sorted, and as they were, for who has to see the difference,
 * into `was`, a JSON array.  What is as it was is left out.
 *
 * Whatever cannot be is added to the problems of the book: E3910, E3911, E3914
 * (a center, supervisor or successor that is not there).
 */
int directory_prepare(const struct directory_basis *basis,
    struct address_book *book, struct directory_changes *changes,
    struct bytes *was, struct error *err) MUST_CHECK;

/*
 * The edits of a book as JSON members and back, from a command to a host:
 * `"columns":[N,…],"edits":[{"line":N,"code":"…","action":"put","name":"…"}]`, of
 * the fields those that are said.  ERROR_MALFORMED E6204.  What was read borrows
 * from the JSON.
 */
void directory_edits_write(const struct address_book *book,
    struct json_writer *writer);
int directory_edits_read(const struct json_value *object,
    struct address_book *ret_book, struct error *err) MUST_CHECK;

#endif
