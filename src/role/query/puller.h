/*
 * Payload out of the store, on the side that sends it on (listener, courier):
 * asked of the query role piece by piece, copied out of its arena at once, and
 * handed to HTTP as the peer makes room (docs/processes.md).
 */
#ifndef ROLE_PULLER_H
#define ROLE_PULLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "http/http_message.h"

struct bytes;
struct error;
struct ipc_message;
struct peer;

struct puller; /* the channel to query, with query's arena */
struct pull;   /* one body */

int puller_new(struct puller **ret_puller, struct error *err) MUST_CHECK;

/* After its pulls.  Those freed while a piece was on its way go with it. */
void puller_free(struct puller *puller);

/* Who answers payload_read; must outlive the puller. */
void puller_set_query(struct puller *puller, struct peer *query);

/* Take the `arena` notice of query. */
int puller_take_arena(struct puller *puller, struct ipc_message *message,
    struct error *err) MUST_CHECK;

/* `len` bytes of a payload, from `offset` on. */
struct pull_range {
	uint64_t payload;
	uint64_t offset;
	uint64_t len;
};

/*
 * A body of `head`, whose contents are taken over (NULL for none), and then
 * the range.  `on_ready` is called when a pull_read() that had to wait can go
 * on.
 */
int pull_new(struct puller *puller, struct bytes *head,
    const struct pull_range *range, void (*on_ready)(void *ctx), void *ctx,
    struct pull **ret_pull, struct error *err) MUST_CHECK;
void pull_free(struct pull *pull);

/* Bytes in all. */
uint64_t pull_len(const struct pull *pull);

/* True once it is known that the payload cannot be read whole. */
bool pull_has_failed(const struct pull *pull);

/*
 * An http_pull_fn; `ctx` is the pull.  HTTP_PULL_FAIL when query cannot give
 * all of the payload: what is short must never look complete.
 */
enum http_pull pull_read(void *ctx, uint8_t *to, size_t size, size_t *ret_len);

#endif
