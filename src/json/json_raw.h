/*
 * Parts of a JSON text as they stand, byte for byte: for what is passed on and
 * may not be written anew, or is long and wanted in parts alone.  Only for text
 * that json_read() or json_check() has accepted.
 */
#ifndef JSON_JSON_RAW_H
#define JSON_JSON_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/*
 * The same of several at once: `values[i]` of `names[i]`, .data NULL where there
 * is none.
 */
void json_raw_members(struct json_raw object, const char *const *names,
    size_t count, struct json_raw *values);

/* Is it a string, and this one?  One with escapes is none. */
bool json_raw_is_text(struct json_raw value, const char *text);

/* Copy a string without escapes; false if it is none, or too long. */
bool json_raw_text(struct json_raw value, char *to, size_t size);

/* False for what is no integer from 0 to `max`. */
bool json_raw_number(struct json_raw value, uint64_t max, uint64_t *ret_number);

/* The items of an array, one after another: false after the last one. */
struct json_raw json_raw_items(struct json_raw array);
bool json_raw_next(struct json_raw *rest, struct json_raw *ret_item);

#endif
