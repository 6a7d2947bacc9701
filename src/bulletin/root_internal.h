/*
 * Parts of the root's body; only root*.c include this.
 */
#ifndef BULLETIN_ROOT_INTERNAL_H
#define BULLETIN_ROOT_INTERNAL_H

#include <stddef.h>

#include "base/attr.h"

struct bytes;
struct error;
struct json_value;
struct json_writer;
struct root;

/* Append one certificate, given in base64.  ERROR_MALFORMED E7001. */
int root_parse_der(const char *text, struct bytes *der,
    struct error *err) MUST_CHECK;

/* A json_item_fn; `field` is the root.  ERROR_MALFORMED E7001. */
int root_take_stamper(const struct json_value *value, size_t index, void *field,
    struct error *err) MUST_CHECK;

/* Nothing if there are none. */
void root_encode_stampers(const struct root *root, struct json_writer *writer);

/* The same of scopes. */
int root_take_scope(const struct json_value *value, size_t index, void *field,
    struct error *err) MUST_CHECK;

/* Each is of a certificate that the root carries. */
int root_check_scopes(const struct root *root, struct error *err) MUST_CHECK;

/* Nothing if there are none. */
void root_encode_scopes(const struct root *root, struct json_writer *writer);

#endif
