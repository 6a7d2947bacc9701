/*
 * Between json_decode.c and json_canonical.c: one value into its field.
 */
#ifndef JSON_JSON_DECODE_INTERNAL_H
#define JSON_JSON_DECODE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "json/json_decode.h"

struct error;

/* Fields that are strings in the text. */
int json_decode_string(const struct json_field *field, const char *text,
    void *to, struct error *err) MUST_CHECK;

/* JSON_FIELD_INT. */
int json_decode_number(const struct json_field *field, int64_t number, void *to,
    struct error *err) MUST_CHECK;

/* json_decode() by the library, whatever the form of the text. */
int json_decode_read(const void *data, size_t len, size_t max,
    const struct json_field *fields, size_t count, void *out,
    struct error *err) MUST_CHECK;

/* Set by json_wipe_memory(): what was read must be overwritten. */
bool json_wipes_memory(void);

#endif
