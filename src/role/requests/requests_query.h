/*
 * Reading requests of cases in the role query (docs/api.md).
 */
#ifndef ROLE_REQUESTS_REQUESTS_QUERY_H
#define ROLE_REQUESTS_REQUESTS_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct directory;
struct directory_caller;
struct error;
struct http_target;
struct message_request;
struct peer;
struct queries;

/*
 * Answer GET /v1/case-requests of people and hosts, and /v1/case-requests/{}, at a
 * gateway or center; false if it is another request.
 */
bool queries_answer_requests(struct queries *queries, struct peer *peer,
    uint32_t id, const struct message_request *request);

/* Which host asks `home` for news, after which place. */
int requests_read_news(const struct directory *directory, const char *home,
    const struct message_request *request, const struct http_target *target,
    struct directory_caller *ret_caller, int64_t *ret_after,
    struct error *err) MUST_CHECK;

#endif
