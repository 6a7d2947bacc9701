/*
 * DER (X.690), strictly: a cursor over elements with every length checked, and
 * a writer.  What has two spellings in BER has one here: indefinite and long
 * lengths are refused.  Only the tags that CMS and X.509 need: one octet.
 *
 * Reading carries its failure along, as base/bytes.h does: after the first one
 * every further call yields nothing, and der_done() tells at the end.
 */
#ifndef CRYPTO_DER_H
#define CRYPTO_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes;

enum {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT = 0x80,             /* [0] IMPLICIT, primitive */
	DER_CONTEXT_CONSTRUCTED = 0xa0, /* [0], constructed */
};

/* Borrows its bytes. */
struct der {
	const uint8_t *data;
	size_t left;
	bool failed;
};

/* One element: `whole` with tag and length, `body` without. */
struct der_item {
	const uint8_t *whole;
	size_t whole_len;
	const uint8_t *body;
	size_t body_len;
};

struct der der_of(const void *data, size_t len);

/* The tag of the next element, 0 at the end or after a failure. */
int der_peek(const struct der *der);

/* The next element, which must have `tag`; else all zeros. */
struct der_item der_take(struct der *der, int tag);
struct der_item der_take_any(struct der *der);

/* Go into the next element, which must have `tag`. */
struct der der_enter(struct der *der, int tag);

/* An INTEGER from 0 to 2^31-1. */
int der_small(struct der *der);

/* A BIT STRING of whole octets. */
struct der_item der_take_bits(struct der *der);

/* True if nothing failed and nothing is left. */
bool der_done(const struct der *der);

/* True if `inner` is read to its end; otherwise `der` fails with it. */
bool der_leave(struct der *der, const struct der *inner);

bool der_item_equal(const struct der_item *item, const void *data, size_t len);

/* Append an element. */
void der_put(struct bytes *to, int tag, const void *body, size_t len);
void der_put_small(struct bytes *to, int value);

/*
 * Append an element whose body is written between the calls: der_begin()
 * gives where it began, for der_end().  They nest.
 */
size_t der_begin(struct bytes *to, int tag);
void der_end(struct bytes *to, size_t began);

/* An encoded element that is to go into a set. */
struct der_span {
	const uint8_t *data;
	size_t len;
};

/* Append a SET OF with `tag`; sorts `items` as DER demands. */
void der_put_set_of(struct bytes *to, int tag, struct der_span *items,
    size_t count);

/*
 * The next element of a SET OF; `before` is the one before it, zeros at first.
 * Fails out of order, and on the same element twice.
 */
struct der_item der_take_of_set(struct der *der, const struct der_item *before);

#endif
