/*
 * What json_read.c and json_parse.c share: a text as a tree of values.  Nobody
 * else includes this.
 */
#ifndef JSON_JSON_TREE_H
#define JSON_JSON_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "json/json_read.h"

struct error;

enum json_type {
	JSON_TYPE_NULL,
	JSON_TYPE_FALSE,
	JSON_TYPE_TRUE,
	JSON_TYPE_INTEGER,
	JSON_TYPE_TEXT,
	JSON_TYPE_ARRAY,
	JSON_TYPE_OBJECT,
};

struct json_value {
	const char *key; /* of a member of an object; else NULL */
	union {
		int64_t number;
		const char *text; /* UTF-8, without NUL inside */
		const struct json_value
		    *items; /* or members; `count` of them */
	} is;
	size_t count;
	enum json_type type;
	const uint8_t *raw; /* where it stands in the text that was read */
	size_t raw_len;
};

/* Values in one piece of memory; the pieces of a document form a list. */
struct json_block {
	struct json_block *next;
	size_t used, size;
	struct json_value values[];
};

struct json_document {
	struct json_value root;
	struct json_block *blocks;
	char *text; /* all strings and keys, one behind the other, each ended */
	size_t text_size;
};

/*
 * Fill the empty `document` from one object or array.  After a failure it
 * holds what must be released all the same.
 */
int json_parse(const void *data, size_t len, struct json_document *document,
    struct error *err) MUST_CHECK;

#endif
