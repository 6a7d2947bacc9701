/*
 * What the JSON objects of this layer have in common.
 */
#ifndef ENVELOPE_ENVELOPE_FIELD_H
#define ENVELOPE_ENVELOPE_FIELD_H

#include <stdbool.h>
#include <stddef.h>

struct digest;
struct error;
struct json_field;
struct json_writer;

/* Names of centers, hosts and environments: 1 to 40 of a-z, 0-9 and "-". */
enum { ENVELOPE_NAME_SIZE = 41 };

/* A json_parse_fn for a field of ENVELOPE_NAME_SIZE. */
bool envelope_field_name(const char *text, void *field);

/* A digest, or "" where it is all zeros. */
void envelope_field_write_digest(struct json_writer *writer, const char *key,
    const struct digest *digest);

/*
 * As json_decode(); what is malformed gets the catalogue id `id` and `what`
 * before its text.
 */
int envelope_field_decode(const void *json, size_t len, size_t max,
    const struct json_field *fields, size_t count, const char *id,
    const char *what, void *out, struct error *err);

#endif
