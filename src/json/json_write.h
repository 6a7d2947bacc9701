/*
 * Writer of JSON: keys in the order of the calls, no white space, UTF-8 as it
 * is, only the escapes that must be.  The same calls give the same bytes, so
 * that what is signed can be written with it.
 */
#ifndef JSON_JSON_WRITE_H
#define JSON_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct digest;
struct error;
struct id;
struct json_value;
struct org_code;

/*
 * `key` of the functions below is NULL for an array's items and for the
 * outermost value.  Failures are kept until json_write_done().
 */
struct json_writer {
	struct bytes *out; /* not ours */
	int depth;
	uint32_t is_array; /* one bit per level ... */
	uint32_t has_items;
	bool bad_text; /* something was not UTF-8 */
};

/* Append to `out`, which must outlive the writer. */
struct json_writer json_writer_to(struct bytes *out);

void json_write_begin_object(struct json_writer *writer, const char *key);
void json_write_begin_array(struct json_writer *writer, const char *key);

/* End the object or array begun last. */
void json_write_end(struct json_writer *writer);

void json_write_text(struct json_writer *writer, const char *key,
    const char *text);
void json_write_text_len(struct json_writer *writer, const char *key,
    const char *text, size_t len);
void json_write_int(struct json_writer *writer, const char *key, int64_t value);
void json_write_bool(struct json_writer *writer, const char *key, bool value);
void json_write_null(struct json_writer *writer, const char *key);

/* Text forms of the model's values. */
void json_write_digest(struct json_writer *writer, const char *key,
    const struct digest *value);
void json_write_id(struct json_writer *writer, const char *key,
    const struct id *value);
void json_write_org(struct json_writer *writer, const char *key,
    const struct org_code *value);
void json_write_time(struct json_writer *writer, const char *key,
    int64_t at_ms);

void json_write_hex(struct json_writer *writer, const char *key,
    const void *data, size_t len);
void json_write_base64(struct json_writer *writer, const char *key,
    const void *data, size_t len);

/* A value that is JSON already; not checked. */
void json_write_raw(struct json_writer *writer, const char *key,
    const void *json, size_t len);

/* A value that was read, as json_value_put() has it. */
int json_write_value(struct json_writer *writer, const char *key,
    const struct json_value *value, struct error *err) MUST_CHECK;

/*
 * Whether all went well: ERROR_BUSY if memory ran out, ERROR_MALFORMED if a
 * text was not UTF-8.  Every begin must have met its end.
 */
int json_write_done(const struct json_writer *writer,
    struct error *err) MUST_CHECK;

#endif
