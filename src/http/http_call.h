/*
 * One request, waited for: what the command line uses.  Runs the caller's loop
 * until the answer is there.
 */
#ifndef HTTP_HTTP_CALL_H
#define HTTP_HTTP_CALL_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "http/http_client.h"

enum { HTTP_CALL_BODY_MAX = 16 * 1024 * 1024 };

/* `total` is 0 when the length is not known. */
typedef void (*http_progress_fn)(void *ctx, uint64_t done, uint64_t total);

struct http_call {
	const char *method;
	const char *target;
	const struct http_header *headers;
	size_t header_count;

	/* The request's body: bytes, a file read to its end, or a source. */
	const void *body;
	size_t body_len;
	int body_fd;       /* -1 for none */
	http_pull_fn pull; /* NULL for none; gets `ctx`; never waits */
	uint64_t pull_len; /* of all that it will give, for `progress` */

	/* A 2xx answer's body is written here; -1: kept in the answer. */
	int answer_fd;

	http_progress_fn progress; /* of whichever body is a file; or NULL */
	void *ctx;
	uint32_t timeout_ms; /* without progress; 0: limits.request_ms */
};

struct http_answer {
	int status;
	struct bytes body; /* up to HTTP_CALL_BODY_MAX */
	char content_type[64];
	char pages[16];    /* yizhan-pages, or "" */
	char missing[512]; /* yizhan-missing, or "" */
};

/*
 * Open a connection as `options` say (its events and ctx are not used), ask,
 * wait, close.  An answer with any status is success; errors are those of
 * http_client.h, and those of the files.
 */
int http_call(const struct http_client_options *options,
    const struct http_call *call, struct http_answer *ret_answer,
    struct error *err) MUST_CHECK;
void http_answer_free(struct http_answer *answer);

#endif
