/*
 * Objects as our own writers put them: the keys of the table in its order,
 * without white space.  Nearly all JSON between hosts is of that form, and it
 * can be taken apart where it lies, in one pass.  A part of json_decode(),
 * which reads everything else as ever; a text means the same either way
 * (fuzz_json_canonical compares the two).
 */
#ifndef JSON_JSON_CANONICAL_H
#define JSON_JSON_CANONICAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "json/json_decode.h"

struct bytes;
struct error;

enum { JSON_CANONICAL_MAX = 48 }; /* fields, inner ones included */

/* Where the values of the fields stand in the text, in the table's order. */
struct json_canonical {
	size_t count;
	struct {
		const uint8_t *at; /* NULL: an optional one that is missing */
		size_t len;        /* of a string without its quotes */
	} spans[JSON_CANONICAL_MAX];
};

/*
 * True if the text is of that form; then `ret_found` has its values, not yet
 * looked at.  False says nothing of the text.
 */
bool json_canonical_scan(const void *data, size_t len,
    const struct json_field *fields, size_t count,
    struct json_canonical *ret_found);

/*
 * Decode what was found, as json_decode() does.  `scratch` holds one text at a
 * time, and is the caller's to free or wipe.
 */
int json_canonical_decode(const struct json_canonical *found,
    const struct json_field *fields, size_t count, void *out,
    struct bytes *scratch, struct error *err) MUST_CHECK;

#endif
