/*
 * Pages for browsers without scripts: a template, which the build of web/ made,
 * filled with what the API says.  Pure.
 *
 *   [[name]]               a text or number of the data, escaped
 *   [[name|time]]          an RFC 3339 time, in the calendar of the Republic
 *   [[#name]] ... [[/]]    once for each item of a list; once within an object;
 *                          once if it is a text other than "", or true
 *   [[#name=text]] ... [[/]]  if it is this text
 *   [[^name]] ... [[/]]    otherwise, and so is [[^name=text]]
 *
 * A name is looked for in the innermost item first.  The template is ours; the
 * data are anybody's, and can become nothing but text (T-WEB-03).
 */
#ifndef ROLE_WEB_TEMPLATE_H
#define ROLE_WEB_TEMPLATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct error;
struct json_value;

enum { WEB_TEMPLATE_DEPTH_MAX = 8, WEB_TEMPLATE_NAME_SIZE = 64 };

/*
 * Append the page.  ERROR_SYSTEM when the template is malformed, nested too
 * deeply, or an end is missing.
 */
int web_template_fill(const void *text, size_t len,
    const struct json_value *data, struct bytes *to,
    struct error *err) MUST_CHECK;

#endif
