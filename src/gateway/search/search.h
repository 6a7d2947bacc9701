/*
 * Letters found by a part of their subject, number or correspondent: an index
 * beside the rows of inbox and outbox, made of them a moment after they are
 * durable (docs/decisions/0036-letters-are-found-by-pairs.md).  It can be thrown
 * away and made anew; nothing waits for it.
 */
#ifndef GATEWAY_SEARCH_H
#define GATEWAY_SEARCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct directory;
struct error;
struct gateway;
struct rows;
struct search_filler;

/*
 * A migration of the gateway's database.  Rows of inbox_search have the place of
 * the letter in the inbox (`shown`) as their id, those of outbox_search the row
 * of the document; what is to be put in stands in search_queue, by triggers.
 */
extern const char search_schema[];

/*
 * Put at most `max` letters in, within a transaction: how many, or -1.  The
 * `directory`, which may be NULL, has the names of senders.
 */
int search_fill(struct rows *rows, const struct directory *directory,
    unsigned max, struct error *err) MUST_CHECK;

/* Puts in what is new, by itself, in slices between other work. */
int search_filler_new(struct gateway *gateway,
    struct search_filler **ret_filler, struct error *err) MUST_CHECK;

/* Something was committed, or the host has started. */
void search_filler_wake(struct search_filler *filler);

#endif
