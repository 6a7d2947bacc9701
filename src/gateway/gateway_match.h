/*
 * If-Match (RFC 9110 13.1.1): an act on a letter that is only to be done if the
 * letter is as its asker has seen it.
 */
#ifndef GATEWAY_GATEWAY_MATCH_H
#define GATEWAY_GATEWAY_MATCH_H

#include "base/attr.h"
#include "role/message.h"

struct error;
struct spool;

/*
 * ERROR_EXISTS (E6410) when `request->match` names another answer than GET of
 * the letter would be now; 0 also for what is no act on a letter.
 */
int gateway_match_check(const struct spool *spool,
    const struct message_request *request, struct error *err) MUST_CHECK;

#endif
