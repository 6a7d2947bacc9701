/*
 * Requests to servers that are no hosts of this network, such as time-stamping
 * authorities: plain HTTP, or HTTPS by the anchors of ca-certificates.  Whoever answers
 * is not believed: what comes back carries its own signature.
 *
 * No redirects, no cookies, no proxies, no other protocols, no names looked up:
 * the address stands in the URL or beside it.  Size and time are bounded.
 */
#ifndef HTTP_HTTP_FETCH_H
#define HTTP_HTTP_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"

struct error;
struct http_header;
struct loop;

struct http_fetcher;

enum { HTTP_FETCHES_MAX = 16 };

struct http_fetch {
	const char *url;     /* "http://..." or "https://..." */
	const char *address; /* of the server; "" when the URL has it */
	const char *type;    /* of the body; "": GET without one */
	const struct http_header *headers; /* more fields; no line ends */
	size_t header_count;
	const void *body;
	size_t body_len;
	size_t answer_max; /* bytes; a longer answer fails */
	uint32_t timeout_ms;
};

/* What came back; borrowed while the callback runs. */
struct http_fetched {
	int status;
	const char *type; /* content type, "" for none */
	const struct bytes *body;
};

/* Called exactly once: an answer of any status, or why there is none (E6305). */
typedef void (*http_fetched_fn)(void *ctx, const struct http_fetched *fetched,
    const struct error *failure);

/*
 * `from` is the address to connect from; "" leaves it to the system.  To be
 * made before a sandbox closes, since it reads the anchors.
 */
int http_fetcher_new(struct loop *loop, const char *from,
    struct http_fetcher **ret_fetcher, struct error *err) MUST_CHECK;

/* What is under way ends without a call. */
void http_fetcher_free(struct http_fetcher *fetcher);

/*
 * Begin one; all that is passed is copied.  ERROR_MALFORMED (E1103) for a URL
 * that is not as above, ERROR_BUSY (E6305) when too many are under way.
 */
int http_fetch(struct http_fetcher *fetcher, const struct http_fetch *fetch,
    http_fetched_fn fn, void *ctx, struct error *err) MUST_CHECK;

#endif
