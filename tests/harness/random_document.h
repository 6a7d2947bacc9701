/*
 * Documents of every kind from a seed, with texts that try a writer of XML, and
 * the comparison of what was made with what was read again.
 */
#ifndef HARNESS_RANDOM_DOCUMENT_H
#define HARNESS_RANDOM_DOCUMENT_H

#include <stddef.h>
#include <stdint.h>

#include "document/doc_kind.h"

struct doc_message;
struct document;
struct pool;
struct roster;

struct random {
	uint64_t state;
};

struct random random_from(uint64_t seed);

/* From 0 up to but without `below`. */
size_t random_below(struct random *random, size_t below);

/*
 * A text of up to `max` characters and at least one, no blank at its ends:
 * common and rare CJK (Extension B too), both widths, markup, line ends.
 */
const char *random_text(struct random *random, struct pool *pool, size_t max);

void random_document(struct random *random, struct pool *pool,
    enum doc_kind kind, struct document *ret_document);
void random_roster(struct random *random, struct pool *pool,
    struct roster *ret_roster);
void random_doc_message(struct random *random, struct pool *pool,
    struct doc_message *ret_message);

/*
 * The first field in which what was read differs from what was made, NULL if
 * none does.  What the maker fills in (numbers, entities, class, 受文者) counts
 * as made.
 */
const char *document_difference(const struct document *made,
    const struct document *read);
const char *roster_difference(const struct roster *made,
    const struct roster *read);

#endif
