/*
 * Parts of a JSON text as they stand, byte for byte: for what is passed on and
 * may not be written anew.  Only for text that json_read() has accepted.
 */
#ifndef JSON_JSON_RAW_H
#define JSON_JSON_RAW_H

#include <stdbool.h>
#include <stddef.h>

/* Borrowed from the text. */
struct json_raw {
	const char *data;
	size_t len;
};

struct json_raw json_raw_of(const void *data, size_t len);

/*
 * The value of a member of an object; false when there is none of that name.
 * A name that the text writes with escapes is not found.
 */
bool json_raw_member(struct json_raw object, const char *name,
    struct json_raw *ret_value);

/* The items of an array, one after another: false after the last one. */
struct json_raw json_raw_items(struct json_raw array);
bool json_raw_next(struct json_raw *rest, struct json_raw *ret_item);

#endif
