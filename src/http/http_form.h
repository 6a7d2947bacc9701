/*
 * The body of a form as browsers without scripts send it
 * (application/x-www-form-urlencoded).  Pure.
 */
#ifndef HTTP_HTTP_FORM_H
#define HTTP_HTTP_FORM_H

#include <stddef.h>

#include "base/attr.h"

struct error;

enum { HTTP_FORM_MAX = 64 * 1024, HTTP_FORM_FIELDS_MAX = 256 };

struct http_form_field {
	const char *name;
	const char *value;
};

struct http_form {
	struct http_form_field fields[HTTP_FORM_FIELDS_MAX]; /* as sent */
	size_t count;
	char *text; /* holds all of the above */
};

/*
 * ERROR_MALFORMED (E6204): a bad escape, text that is not UTF-8 or has control
 * characters, more than the limits above.  Release with http_form_free().
 */
int http_form_parse(const void *data, size_t len, struct http_form *ret_form,
    struct error *err) MUST_CHECK;
void http_form_free(struct http_form *form);

/* The first field of that name; "" when there is none. */
const char *http_form_value(const struct http_form *form, const char *name);

#endif
