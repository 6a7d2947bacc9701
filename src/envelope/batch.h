/*
 * Many statements under one signature (docs/protocol.md 4, Batches): what the
 * module or the organisation signs is type, count and root of a tree over them;
 * each statement with its path and that signature is an item, complete by
 * itself, and stands wherever a statement signed alone would stand.  Form and
 * arithmetic; the signature is batch_open().
 */
#ifndef ENVELOPE_BATCH_H
#define ENVELOPE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "envelope/envelope_field.h"
#include "model/digest.h"

struct bytes;
struct error;

enum {
	BATCH_ITEMS_MAX = 1000,
	BATCH_PATH_MAX = 10,
	BATCH_MAX = 512,            /* of JSON */
	BATCH_STATEMENT_MAX = 4096, /* of a statement in an item */
};

enum batch_type { BATCH_WAYBILL, BATCH_ACT, BATCH_TYPE_COUNT };

/* What is signed. */
struct batch {
	char environment[ENVELOPE_NAME_SIZE];
	enum batch_type type;
	uint32_t count;
	struct digest root;
};

/* Append the JSON to be signed. */
int batch_encode(const struct batch *batch, struct bytes *to,
    struct error *err) MUST_CHECK;

/* Decode what was signed; ERROR_MALFORMED (E3801). */
int batch_decode(const void *json, size_t len, struct batch *ret_batch,
    struct error *err) MUST_CHECK;

/* The hash of a statement as a leaf: the type stands inside of it. */
struct digest batch_leaf(enum batch_type type, const void *statement,
    size_t len);

/* One statement of a batch.  Borrows statement and signature. */
struct batch_item {
	uint32_t index;
	uint32_t count;                     /* of the batch */
	struct digest path[BATCH_PATH_MAX]; /* lowest first */
	size_t path_count;
	const uint8_t *statement;
	size_t statement_len;
	const uint8_t *cms; /* over struct batch */
	size_t cms_len;
};

/* Whether these bytes begin as an item does, which no CMS does. */
bool batch_is_item(const void *data, size_t len);

void batch_item_put(const struct batch_item *item, struct bytes *to);

/* Take an item apart, which borrows; ERROR_MALFORMED (E3801). */
int batch_item_parse(const void *data, size_t len, struct batch_item *ret_item,
    struct error *err) MUST_CHECK;

/*
 * Whether the item is the one of that index in this batch, of that type;
 * ERROR_UNTRUSTED (E3802).
 */
int batch_check_item(const struct batch *batch, enum batch_type type,
    const struct batch_item *item, struct error *err) MUST_CHECK;

#endif
