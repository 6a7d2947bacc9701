/*
 * Organisations that share a gateway see nothing of each other (R5.3.8,
 * T-WEB-07): whose letter a request names, before anything looks at it.
 */
#ifndef GATEWAY_GATEWAY_SCOPE_H
#define GATEWAY_GATEWAY_SCOPE_H

#include "base/attr.h"
#include "role/message.h"

struct directory;
struct error;
struct rows;

/*
 * What `request->scope` may not see is not there: ERROR_NOT_FOUND, E4208 for
 * the outbox, E4314 for the inbox and E3712 for cards, as for what never was.  Lists are
 * narrowed by who reads them.  Sets `request->is_limited`: a person of a unit
 * whose organisation wants that they see what is assigned to it.
 */
int gateway_scope_check(struct rows *rows, const struct directory *directory,
    struct message_request *request, struct error *err) MUST_CHECK;

#endif
