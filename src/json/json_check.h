/*
 * Whether a text is JSON as json_read() takes it, without a tree of it: for
 * long texts of which only some parts are wanted, by json/json_raw.h.
 */
#ifndef JSON_JSON_CHECK_H
#define JSON_JSON_CHECK_H

#include <stddef.h>

#include "base/attr.h"

struct error;

/*
 * 0 for what json_read() accepts, and for what it refuses only because a key
 * stands twice in one object; of those the parts are the first ones.  Else
 * ERROR_MALFORMED, naming the byte.  Needs no memory.
 */
int json_check(const void *data, size_t len, size_t max,
    struct error *err) MUST_CHECK;

#endif
