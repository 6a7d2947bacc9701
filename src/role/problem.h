/*
 * A failure as people and programs read it over HTTP: RFC 9457 problem details
 * with the words of the message catalogue (docs/api.md).
 */
#ifndef ROLE_PROBLEM_H
#define ROLE_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "role/codec.h"

struct bytes;
struct error;

/* Media type of the answer. */
extern const char problem_type[];

/*
 * Whether an Accept-Language field asks for English rather than Chinese; NULL,
 * "" and what is neither give Chinese.
 */
bool problem_is_english(const char *accept_language);

/*
 * Append the problem of `failure`.  `trace` is the request's (http/http_trace.h),
 * "" for none; `errors` a JSON array of findings, NULL for none.  Returns the
 * HTTP status that goes with it.
 */
int problem_put(const struct error *failure, const char *accept_language,
    const char *trace, const char *errors, struct bytes *to);

/* The catalogue id that the problem in `body` names, "" for none. */
void problem_code(struct blob body, char *to, size_t size);

#endif
