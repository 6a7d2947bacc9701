#include "role/listener/listener_request.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "http/http_request.h"
#include "role/contents/directory_view.h"
#include "role/env.h"
#include "role/listener/listener_load.h"
#include "role/listener/listener_request_internal.h"
#include "role/peer.h"
#include "role/query/puller.h"
#include "service/config.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	GATHERED_MAX = 256 * 1024 * 1024, /* of all requests together */
	WAKES_PER_STEP = 64,
	WAKE_STEP_MS = 10,
	DRAIN_WAIT_MS = 200, /* for who asks again before we said goodbye */
};

struct listener_ask {
	struct listener_ask *next;
	struct listener_request *request;
	struct peer *peer;
	uint32_t id;
	enum message_type cancel;
	listener_answer_fn fn;
};

static void
on_answer(void *ctx, struct ipc_message *message)
{
	struct listener_ask *ask = ctx;
	struct listener_request *request = ask->request;
	struct listener_ask **at = &request->asks;
	listener_answer_fn fn = ask->fn;

	while (*at != ask)
		at = &(*at)->next;
	*at = ask->next;
	free(ask);
	fn(request, message);
}

int
listener_ask(struct listener_request *request, struct peer *peer,
    enum message_type type, const void *body, enum message_type cancel,
    listener_answer_fn fn, struct error *err)
{
	struct listener_ask *ask = calloc(1, sizeof(*ask));

	if (ask == NULL)
		return error_set_memory(err);
	ask->request = request;
	ask->peer = peer;
	ask->cancel = cancel;
	ask->fn = fn;
	if (peer_ask(peer, type, body, -1, on_answer, ask, &ask->id, err) < 0) {
		free(ask);
		return -1;
	}
	ask->next = request->asks;
	request->asks = ask;
	return 0;
}

void
listener_forget(struct listener_request *request)
{
	while (request->asks != NULL) {
		struct listener_ask *ask = request->asks;

		request->asks = ask->next;
		peer_forget(ask->peer, ask->id);
		if (ask->cancel != MESSAGE_NONE)
			peer_tell(ask->peer, ask->cancel, ask->id, NULL, -1);
		free(ask);
	}
}

static void
on_timer(void *ctx)
{
	struct listener_request *request = ctx;
	void (*wake)(struct listener_request *) = request->wake;

	listener_unpark(request);
	wake(request);
}

int
listener_park(struct listener_request *request, uint32_t wait_ms,
    bool is_for_news, void (*wake)(struct listener_request *request),
    struct error *err)
{
	if (loop_timer_new(request->listener->env->loop, on_timer, request,
		&request->timer, err) < 0)
		return -1;
	request->wake = wake;
	request->is_for_news = is_for_news;
	if (request->listener->is_draining && wait_ms > DRAIN_WAIT_MS)
		wait_ms = DRAIN_WAIT_MS;
	loop_timer_start(request->timer, wait_ms);
	return 0;
}

void
listener_unpark(struct listener_request *request)
{
	loop_timer_free(request->timer);
	request->timer = NULL;
	request->is_for_news = false;
}

/* Thousands of hosts may wait for the same news: they get it in steps. */
void
listener_request_wake_all(struct listener *listener)
{
	uint64_t count = 0;

	for (struct listener_request *request = listener->requests;
	     request != NULL; request = request->next) {
		if (request->timer == NULL || !request->is_for_news)
			continue;
		request->is_for_news = false;
		loop_timer_start(request->timer,
		    count++ / WAKES_PER_STEP * WAKE_STEP_MS);
	}
}

/* The spooler holds the answer back until something happens. */
static bool
waits_at_spooler(const struct listener_request *request)
{
	return request->door->callers != LISTENER_HOSTS &&
	    request->asks != NULL &&
	    (http_request_param(request->http, "wait") != NULL ||
		http_request_param(request->http, "for") != NULL);
}

void
listener_request_end_waits(struct listener *listener)
{
	struct listener_request *request = listener->requests;
	struct error err = { 0 };

	error_set_id(&err, "E6206", ERROR_BUSY, "this host starts anew");
	while (request != NULL) {
		struct listener_request *next = request->next;

		if (request->timer != NULL)
			loop_timer_start(request->timer, 0);
		else if (request->end != NULL)
			request->end(request);
		else if (waits_at_spooler(request))
			listener_refuse(request, &err);
		request = next;
	}
}

void
listener_consume(struct listener_request *request, size_t len)
{
	/* With the answer the rest of the body is nobody's any more. */
	if (!http_request_is_answered(request->http))
		http_request_consume(request->http, len);
}

int
listener_reserve(struct listener_request *request, size_t len,
    struct error *err)
{
	struct listener *listener = request->listener;

	if (listener->gathered + len > GATHERED_MAX)
		return error_set_id(err, "E6206", ERROR_BUSY,
		    "requests hold %llu bytes already",
		    (unsigned long long)listener->gathered);
	listener->gathered += len;
	request->reserved += len;
	return 0;
}

typedef bool (*host_fn)(const struct directory *directory,
    const struct directory_host *host, const struct org_code *code);

static int
check_host(const struct listener_request *request, const char *code,
    host_fn is_allowed, struct error *err)
{
	const struct directory *directory =
	    directory_view_directory(request->listener->view);
	struct directory_host host;
	struct org_code org;

	if (directory == NULL || !org_code_parse(code, &org) ||
	    !directory_find_host(directory, &request->fingerprint,
		request->listener->env->config->host.name, &host) ||
	    !is_allowed(directory, &host, &org))
		return error_set_id(err, "E4003", ERROR_DENIED,
		    "code %.17s is not registered for host %s (R5.3.5)", code,
		    request->host);
	return 0;
}

int
listener_check_code(const struct listener_request *request, const char *code,
    struct error *err)
{
	return check_host(request, code, directory_host_serves, err);
}

int
listener_check_receiver(const struct listener_request *request,
    const char *code, struct error *err)
{
	return check_host(request, code, directory_host_receives, err);
}

int
listener_number(const struct listener_request *request, const char *name,
    uint64_t max, uint64_t otherwise, uint64_t *ret_number, struct error *err)
{
	const char *text = http_request_param(request->http, name);

	*ret_number = otherwise;
	if (text == NULL || text_parse_u64(text, max, ret_number))
		return 0;
	return error_set_id(err, "E6204", ERROR_MALFORMED,
	    "%s must be a number up to %llu", name, (unsigned long long)max);
}

void
listener_request_settle(struct listener_request *request)
{
	void (*release)(struct listener_request *) = request->release;

	listener_forget(request);
	listener_unpark(request);
	request->release = NULL;
	if (release != NULL)
		release(request);
	bytes_free(&request->body);
	bytes_free(&request->early);
	free(request->refusal);
	request->refusal = NULL;
	request->listener->gathered -= request->reserved;
	request->reserved = 0;
}

void
listener_request_free(struct listener_request *request)
{
	struct listener *listener = request->listener;

	listener_request_settle(request);
	pull_free(request->pull);
	if (request->previous != NULL)
		request->previous->next = request->next;
	else
		listener->requests = request->next;
	if (request->next != NULL)
		request->next->previous = request->previous;
	listener_load_remove(listener->load, &request->load,
	    loop_now_ms(listener->env->loop));
	free(request);
}
