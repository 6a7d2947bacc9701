/*
 * Strict reader of JSON from outside: duplicate keys, numbers that are not
 * integers, NUL characters, nesting beyond 16 and bytes after the end are
 * refused.  Most users want the tables of json/json_decode.h; the values here
 * are for the odd cases.
 */
#ifndef JSON_JSON_READ_H
#define JSON_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct error;

struct json_document;
struct json_value; /* lives as long as its document */

enum { JSON_DEPTH_MAX = 16 };

/*
 * Read one object or array.  More than `max` bytes are refused unread.  Fails
 * with ERROR_MALFORMED, naming line and column.
 */
int json_read(const void *data, size_t len, size_t max,
    struct json_document **ret_document, struct error *err) MUST_CHECK;
void json_document_free(struct json_document *document);

/*
 * From now on overwrite what the reader gives back of memory.  For processes
 * that read secrets: call it at their start, before the first json_read().
 */
void json_wipe_memory(void);

/* What the text holds at its outermost level. */
const struct json_value *json_root(const struct json_document *document);

bool json_value_is_object(const struct json_value *value);
bool json_value_is_array(const struct json_value *value);
bool json_value_is_null(const struct json_value *value);

/* The member named `key`, NULL if `value` is no object or has none such. */
const struct json_value *json_value_member(const struct json_value *value,
    const char *key);

/* How many members or items; 0 if `value` is neither object nor array. */
size_t json_value_count(const struct json_value *value);

/* Item `index` of an array, NULL beyond its end or if it is no array. */
const struct json_value *json_value_item(const struct json_value *value,
    size_t index);

/*
 * Visit the members of an object in the order of the text; stops at the first
 * call that returns -1 and returns -1 itself.
 */
typedef int (*json_member_fn)(const char *key, const struct json_value *value,
    void *context, struct error *err);
int json_value_each(const struct json_value *value, json_member_fn visit,
    void *context, struct error *err) MUST_CHECK;

/* The text, borrowed; NULL if `value` is NULL or no string. */
const char *json_value_text(const struct json_value *value);

/*
 * Append the value as JSON again: same order of keys, no white space.  Not the
 * bytes that were read: signed texts stand inside as strings.
 */
int json_value_put(const struct json_value *value, struct bytes *to,
    struct error *err) MUST_CHECK;

/* False if `value` is NULL or of another type. */
bool json_value_integer(const struct json_value *value, int64_t *ret_number);
bool json_value_bool(const struct json_value *value, bool *ret_truth);

#endif
