/*
 * One request in the hands of a tier's handler: who asks, what came with it,
 * questions to other roles, and the one answer.
 *
 * A handler is called when the caller is admitted and the path, the method and
 * the body are in order.  From then on the request ends with exactly one
 * listener_answer...() or listener_refuse(), which must be the handler's last
 * act: both call `release`, and so does the caller's going away.
 */
#ifndef ROLE_LISTENER_REQUEST_H
#define ROLE_LISTENER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "http/http_message.h"
#include "http/http_path.h"
#include "http/http_trace.h"
#include "model/digest.h"
#include "model/standing.h"
#include "role/listener/listener.h"
#include "role/listener/listener_load.h"
#include "role/message.h"

struct error;
struct http_request;
struct ipc_message;
struct loop_timer;
struct peer;
struct pull;
struct pull_range;

/* A question to another role that has no answer yet. */
struct listener_ask;

/* Pieces of a body, for routes with LISTENER_BODY_BUNDLE. */
struct listener_stream {
	void (*on_body)(struct listener_request *request, const uint8_t *data,
	    size_t len);
	void (*on_body_end)(struct listener_request *request);
};

struct listener_request {
	struct listener *listener;
	struct http_request *http;
	const struct listener_route *route;
	struct http_segments segments; /* what stood for each {} */
	struct bytes body;             /* whole, but for bundles */

	/* Who asks: a host, or, on the local socket, a user. */
	enum host_kind kind; /* HOST_UNKNOWN for local ones */
	char host[MESSAGE_HOST_SIZE];
	struct digest fingerprint;
	uint32_t uid;
	/* At a port for people: SHA-256 of what it showed; zeros for neither. */
	struct digest session;
	struct digest token;
	char actor[MESSAGE_NAME_SIZE]; /* who that is; "" before it is known */
	char trace[HTTP_TRACE_SIZE];   /* but of hosts; the caller's or ours */

	/* The handler's. */
	const struct listener_stream *stream;
	void (*release)(struct listener_request *request); /* frees `ctx` */
	void *ctx;

	/* The listener's own. */
	struct listener_door *door;
	struct listener_request *next, *previous;
	struct listener_ask *asks;
	struct pull *pull;
	struct loop_timer *timer; /* while parked */
	void (*wake)(struct listener_request *request);
	const char *allow; /* method, for 405 */
	struct listener_load_entry load;
	size_t reserved; /* of listener.gathered */
	/* While query is asked whether they may (role/listener/listener_people.h). */
	void (*go_on)(struct listener_request *request);
	struct bytes early; /* of the body */
	bool is_waiting;
	bool has_ended;        /* all of the body is there */
	bool is_for_news;      /* parked until the directory changes, too */
	struct error *refusal; /* that is held back */
	bool is_done;          /* answered or refused */
	void (*end)(struct listener_request *request); /* of a stream */
};

typedef void (*listener_answer_fn)(struct listener_request *request,
    struct ipc_message *message);

/*
 * Ask another role.  `fn` is not called if the request ends before; then
 * `cancel` (MESSAGE_UNWATCH, MESSAGE_CANCEL; MESSAGE_NONE for none) is told
 * with the question's id.
 */
int listener_ask(struct listener_request *request, struct peer *peer,
    enum message_type type, const void *body, enum message_type cancel,
    listener_answer_fn fn, struct error *err) MUST_CHECK;

/* Forget all questions of the request, as if it ended. */
void listener_forget(struct listener_request *request);

/*
 * Call `wake` after `wait_ms`, or, with `is_for_news`, when bulletins have
 * changed, whichever is sooner, and soon when the listener drains.
 */
int listener_park(struct listener_request *request, uint32_t wait_ms,
    bool is_for_news, void (*wake)(struct listener_request *request),
    struct error *err) MUST_CHECK;
void listener_unpark(struct listener_request *request);

/* `len` bytes given to on_body are dealt with. */
void listener_consume(struct listener_request *request, size_t len);

/*
 * Count `len` bytes that the request holds in memory until it ends.
 * ERROR_BUSY (E6206) when all requests together hold too much.
 */
int listener_reserve(struct listener_request *request, size_t len,
    struct error *err) MUST_CHECK;

/*
 * Whether the calling gateway is registered for `code`: ERROR_DENIED (E4003;
 * R5.3.5, T-PROTO-06).
 */
int listener_check_code(const struct listener_request *request,
    const char *code, struct error *err) MUST_CHECK;

/* The same for what was addressed to `code` (directory_host_receives()). */
int listener_check_receiver(const struct listener_request *request,
    const char *code, struct error *err) MUST_CHECK;

/* A parameter as a number up to `max`; E6204.  Missing is `otherwise`. */
int listener_number(const struct listener_request *request, const char *name,
    uint64_t max, uint64_t otherwise, uint64_t *ret_number,
    struct error *err) MUST_CHECK;

/* Answer with `body`, whose contents are taken over. */
void listener_answer(struct listener_request *request, int status,
    const char *type, struct bytes *body);

/*
 * The same with more header fields; without a body for NULL.
 */
void listener_answer_with(struct listener_request *request, int status,
    const char *type, struct bytes *body, const struct http_header *headers,
    size_t header_count);

/*
 * The same for a document that was made visible: `pages` of a PDF, else 0;
 * `missing`: "U+4DAE U+..." of characters that no font has, or "".
 */
void listener_answer_page(struct listener_request *request, int status,
    const char *type, struct bytes *body, uint32_t pages, const char *missing);

/*
 * Answer with `head`, whose contents are taken over, and a range of a payload
 * of the store; if that cannot be read whole, the stream is reset.
 */
void listener_answer_payload(struct listener_request *request, int status,
    const char *type, struct bytes *head, const struct pull_range *range);

/*
 * Begin an answer whose end is not known, of `pull` with `ctx`.  The handler
 * goes on asking; `release` is called when the stream is over, and `end` when
 * it should come to an end because the listener drains.
 */
void listener_answer_stream(struct listener_request *request, const char *type,
    http_pull_fn pull, void *ctx,
    void (*end)(struct listener_request *request));

/* Answer with the problem that `failure` is, and log it. */
void listener_refuse(struct listener_request *request,
    const struct error *failure);

/*
 * Between listener.c and listener_request.c: a request arrives; there is news;
 * nobody may wait any more.
 */
void listener_request_begin(struct listener_door *door,
    struct http_request *http);
void listener_request_wake_all(struct listener *listener);
void listener_request_end_waits(struct listener *listener);

#endif
