/*
 * Decode JSON objects into structs by a table of their fields, strictly:
 * a key that the table does not name is refused, and so is a missing one.
 */
#ifndef JSON_JSON_DECODE_H
#define JSON_JSON_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "json/json_read.h"

struct bytes;
struct error;

/* What a field holds: its type in the struct, and what is read. */
enum json_kind {
	JSON_FIELD_TEXT,      /* char[size]; longer is refused */
	JSON_FIELD_TEXT_HEAP, /* char *, the caller frees; at most `max` bytes
	                         when `max` is not 0 */
	JSON_FIELD_INT,       /* integer type of `size` bytes, `min`..`max` */
	JSON_FIELD_BOOL,      /* bool */
	JSON_FIELD_DIGEST,    /* struct digest */
	JSON_FIELD_ID,        /* struct id */
	JSON_FIELD_ORG,       /* struct org_code */
	JSON_FIELD_TIME,      /* int64_t, milliseconds */
	JSON_FIELD_SPEED,     /* enum speed */
	JSON_FIELD_EVENT,     /* enum event */
	JSON_FIELD_HEX,       /* uint8_t[size], exactly that long */
	JSON_FIELD_BASE64,    /* struct bytes, the caller frees; at most `max`
	                         bytes when `max` is not 0 */
	JSON_FIELD_PARSED,    /* anything, by `parse` */
	JSON_FIELD_OBJECT,    /* struct, by its own `fields` */
	JSON_FIELD_LIST,      /* pointer to structs of `size` bytes, by
	                         `fields`, and a size_t at `count_offset`; at
	                         most `max`; the caller frees */
	JSON_FIELD_DIGESTS,   /* struct digest[max], and how many in a size_t
	                         at `count_offset` */
	JSON_FIELD_EACH,      /* array: `item` is called for each value */
	JSON_FIELD_VALUE,     /* const struct json_value *, borrowed from the
	                         document; not with json_decode() */
	JSON_FIELD_FORMAT,    /* nothing; must be first and equal `format` */
};

/* Read `text` into the field; false if it is not acceptable. */
typedef bool (*json_parse_fn)(const char *text, void *field);

/* Take one item of an array; `field` is the field's address. */
typedef int (*json_item_fn)(const struct json_value *value, size_t index,
    void *field, struct error *err);

struct json_field {
	const char *name;
	enum json_kind kind;
	size_t offset;
	size_t size;
	int64_t min, max;
	bool optional;  /* may be missing: the field is left as it was */
	bool may_empty; /* digest, id, org, time: "" is read as zeros */
	json_parse_fn parse;
	json_item_fn item;
	const char *format;
	const struct json_field *fields;
	size_t field_count;
	size_t count_offset;
};

/*
 * Decode one object of at most `max` bytes into `out`, a struct that the
 * caller has set to zero.  After a failure `out` may be half filled: release
 * what it owns as after success.  ERROR_MALFORMED names line and column, or
 * the key.
 */
int json_decode(const void *data, size_t len, size_t max,
    const struct json_field *fields, size_t count, void *out,
    struct error *err) MUST_CHECK;

/* The same from a value that json_read() gave. */
int json_decode_value(const struct json_value *value,
    const struct json_field *fields, size_t count, void *out,
    struct error *err) MUST_CHECK;

#endif
