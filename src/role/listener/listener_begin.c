#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "directory/directory.h"
#include "http/http_request.h"
#include "model/times.h"
#include "policy/admission.h"
#include "role/contents/directory_view.h"
#include "role/env.h"
#include "role/listener/listener_load.h"
#include "role/listener/listener_part.h"
#include "role/listener/listener_people.h"
#include "role/listener/listener_request_internal.h"
#include "service/config.h"
#include "sys/loop.h"

enum { SKEW_TOLD_MS = 60 * 1000 };

static const char bundle_type[] = "application/vnd.yizhan.bundle";
static const char form_type[] = "multipart/form-data";
static const char json_type[] = "application/json";

/* The kind of host that the route is for, as far as this caller goes. */
static enum host_kind
wanted_kind(const struct listener_route *route, enum host_kind kind)
{
	if (route == NULL || (route->callers & (1u << kind)) != 0)
		return kind;
	return kind == HOST_GATEWAY ? HOST_CENTER : HOST_GATEWAY;
}

static void
log_skew(struct listener_request *request, const struct verdict *verdict,
    int64_t clock_ms, int64_t now_ms)
{
	struct listener *listener = request->listener;
	struct log_line line;

	if (now_ms - listener->skew_told_at < SKEW_TOLD_MS)
		return;
	listener->skew_told_at = now_ms;
	log_begin(&line, &listener->env->log, LOG_LEVEL_WARNING, "clock.skew");
	log_text(&line, "id", verdict->id);
	log_text(&line, "host", request->host);
	log_i64(&line, "ahead_ms", clock_ms - now_ms);
	log_end(&line);
}

/* Whole certificate, source address, kind of host, clock (R5.3.4, R5.3.5). */
static int
admit(struct listener_request *request, const struct listener_route *route,
    struct error *err)
{
	const struct directory *directory =
	    directory_view_directory(request->listener->view);
	const struct http_peer *peer = http_request_peer(request->http);
	const char *clock = http_request_header(request->http, "yizhan-time");
	int64_t now_ms = role_env_now(request->listener->env);
	struct admission_caller facts = { 0 };
	struct directory_caller caller;
	struct verdict verdict;

	if (directory == NULL)
		return error_set_id(err, "E6209", ERROR_BUSY,
		    "no directory here yet");
	request->fingerprint = peer->fingerprint;
	caller = directory_identify(directory, &peer->fingerprint,
	    peer->net.host, request->listener->env->config->host.name);
	/* A gateway is let in by its own center's access list alone. */
	if (caller.kind == HOST_GATEWAY &&
	    !text_equal(caller.host.center,
		request->listener->env->config->host.name))
		caller.kind = HOST_UNKNOWN;
	if (caller.kind != HOST_UNKNOWN &&
	    !text_copy(request->host, sizeof(request->host), caller.name))
		return error_set(err, ERROR_SYSTEM, "host name is too long");
	request->kind = caller.kind;
	facts.kind = peer->has_cert ? caller.kind : HOST_UNKNOWN;
	facts.address_matches = caller.address_matches;
	facts.has_clock = clock != NULL && times_parse(clock, &facts.clock_ms);
	verdict = admission_judge_caller(&facts,
	    wanted_kind(route, caller.kind), now_ms);
	if (verdict.kind == VERDICT_WARN)
		log_skew(request, &verdict, facts.clock_ms, now_ms);
	return verdict_check(&verdict, request->host, err);
}

static bool
is_of_type(const struct listener_request *request, const char *type)
{
	const char *given = http_request_header(request->http, "content-type");
	size_t len = strlen(type);

	return given != NULL && strncmp(given, type, len) == 0 &&
	    (given[len] == '\0' || given[len] == ';' || given[len] == ' ');
}

static int
too_large(const struct listener_request *request, struct error *err)
{
	return error_set_id(err, "E6203", ERROR_DENIED,
	    "more than %zu bytes for %s", request->route->body_max,
	    request->route->pattern);
}

/* What the headers say of the body against what the route takes. */
static int
check_body(const struct listener_request *request, struct error *err)
{
	const struct listener_route *route = request->route;
	bool has_body = !http_request_is_bodiless(request->http);
	uint64_t len;

	if (route->body == LISTENER_BODY_NONE && has_body)
		return error_set_id(err, "E6210", ERROR_MALFORMED,
		    "%s takes no body", route->pattern);
	if (route->body == LISTENER_BODY_PART && has_body &&
	    !is_of_type(request, listener_part_type))
		return error_set_id(err, "E6210", ERROR_MALFORMED,
		    "%s takes a body of type %s", route->pattern,
		    listener_part_type);
	if ((route->body != LISTENER_BODY_PART &&
		listener_route_is_stream(route) &&
		(!has_body ||
		    (!is_of_type(request, bundle_type) &&
			(request->door->callers == LISTENER_HOSTS ||
			    !is_of_type(request, form_type))))) ||
	    (route->body == LISTENER_BODY_JSON && has_body &&
		!is_of_type(request, json_type)))
		return error_set_id(err, "E6210", ERROR_MALFORMED,
		    "%s takes a body of type %s", route->pattern,
		    route->body == LISTENER_BODY_JSON ? json_type
			: request->door->callers == LISTENER_HOSTS
			? bundle_type
			: "multipart/form-data, such as curl -F "
			  "file=@letter.di, or "
			  "application/vnd.yizhan.bundle");
	if (route->body_max > 0 && http_request_length(request->http, &len) &&
	    len > route->body_max)
		return too_large(request, err);
	return 0;
}

/* Not before it is known who sends it; the window bounds it. */
static void
hold_back(struct listener_request *request, const uint8_t *data, size_t len)
{
	struct error err = { 0 };

	bytes_put(&request->early, data, len);
	if (listener_reserve(request, len, &err) < 0 ||
	    bytes_failed(&request->early, &err) < 0)
		listener_refuse(request, &err);
}

static void
on_body(void *ctx, struct http_request *http, const uint8_t *data, size_t len)
{
	struct listener_request *request = ctx;
	struct error err = { 0 };

	/* The window stays shut: nobody will read it. */
	if (request->refusal != NULL)
		return;
	if (request->is_waiting) {
		hold_back(request, data, len);
		return;
	}
	if (request->stream != NULL) {
		request->stream->on_body(request, data, len);
		return;
	}
	if (request->body.len + len > request->route->body_max) {
		too_large(request, &err);
		listener_refuse(request, &err);
		return;
	}
	bytes_put(&request->body, data, len);
	if (listener_reserve(request, len, &err) < 0 ||
	    bytes_failed(&request->body, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	http_request_consume(http, len);
}

static void
on_body_end(void *ctx, struct http_request *http)
{
	struct listener_request *request = ctx;

	(void)http;
	request->has_ended = true;
	if (request->is_waiting || request->refusal != NULL)
		return;
	if (request->stream != NULL)
		request->stream->on_body_end(request);
	else if (request->route != NULL)
		request->route->handle(request);
}

static void
on_close(void *ctx, struct http_request *http, bool is_answered)
{
	(void)http;
	(void)is_answered;
	listener_request_free(ctx);
}

static const struct http_request_events events = {
	.on_body = on_body,
	.on_body_end = on_body_end,
	.on_close = on_close,
};

static int
count(struct listener_request *request, struct error *err)
{
	struct listener *listener = request->listener;
	const struct http_peer *peer = http_request_peer(request->http);
	struct error no_random = { 0 };
	struct digest caller = request->fingerprint;
	uint32_t random = 0;

	/* Of people each address has its share. */
	if (request->door->callers >= LISTENER_PEOPLE)
		sha256(peer->net.host, strlen(peer->net.host), &caller);
	request->load = (struct listener_load_entry){
		.caller = caller,
		.is_local = request->door->is_local,
		.is_work = request->route->body == LISTENER_BODY_WORK ||
		    request->route->body == LISTENER_BODY_PART,
	};
	if (random_draw(&random, sizeof(random), &no_random) < 0)
		random = 0;
	return listener_load_add(listener->load, &request->load,
	    loop_now_ms(listener->env->loop), random, err);
}

static void
refuse_now(struct listener_request *request)
{
	struct error failure = *request->refusal;

	listener_refuse(request, &failure);
}

/* At once, or, of those who were not counted, when it is their turn. */
static void
refuse(struct listener_request *request, const struct error *failure)
{
	struct listener *listener = request->listener;
	struct error ignored = { 0 };
	uint32_t hold_ms = 0;

	if (failure->code == ERROR_BUSY && request->load.is_work)
		hold_ms = listener_load_hold(listener->load, &request->load,
		    loop_now_ms(listener->env->loop));
	if (hold_ms > 0)
		request->refusal = malloc(sizeof(*request->refusal));
	if (request->refusal != NULL) {
		*request->refusal = *failure;
		if (listener_park(request, hold_ms, false, refuse_now,
			&ignored) == 0)
			return;
	}
	listener_refuse(request, failure);
}

static int
check(struct listener_request *request, struct error *err)
{
	const struct listener_door *door = request->door;
	const struct listener_route *route = NULL;
	struct error no_route = { 0 };
	const char *method = http_request_method(request->http);
	bool is_found;

	/* What a browser asks before it gets, without the body. */
	if (door->callers >= LISTENER_PEOPLE && text_equal(method, "HEAD"))
		method = "GET";
	is_found = listener_route_find(door->routes, method,
		       http_request_target(request->http)->path, &route,
		       &request->segments, &no_route) == 0;
	if (!is_found && route != NULL)
		request->allow = route->method;
	/* Strangers do not learn which paths there are. */
	if (door->callers == LISTENER_HOSTS &&
	    admit(request, is_found ? route : NULL, err) < 0)
		return -1;
	if (!is_found) {
		*err = no_route;
		return -1;
	}
	request->route = route;
	if (door->callers >= LISTENER_PEOPLE &&
	    listener_people_read(request, err) < 0)
		return -1;
	return check_body(request, err) < 0 ? -1 : count(request, err);
}

static void
hand_on(struct listener_request *request)
{
	if (http_request_is_bodiless(request->http) ||
	    listener_route_is_stream(request->route))
		request->route->handle(request);
}

/* They may: what came meanwhile goes the way of what still comes. */
static void
admitted(struct listener_request *request)
{
	struct http_request *http = request->http;

	request->is_waiting = false;
	hand_on(request);
	if (!request->is_done && request->early.len > 0)
		on_body(request, http, request->early.data, request->early.len);
	if (request->is_done)
		return;
	bytes_free(&request->early);
	if (request->has_ended)
		on_body_end(request, http);
}

/* The caller's, or one by which the request is found in the logs here. */
static void
set_trace(struct listener_request *request)
{
	const char *header = http_request_header(request->http, "traceparent");
	uint8_t random[HTTP_TRACE_LEN];
	struct error err = { 0 };

	if (request->door->callers == LISTENER_HOSTS ||
	    (header != NULL && http_trace_parse(header, request->trace)))
		return;
	if (random_draw(random, sizeof(random), &err) == 0)
		http_trace_make(random, request->trace);
}

static bool
needs_admission(const struct listener_request *request)
{
	return request->door->callers >= LISTENER_PEOPLE &&
	    request->route->callers != LISTENER_PUBLIC;
}

void
listener_request_begin(struct listener_door *door, struct http_request *http)
{
	struct listener_request *request = calloc(1, sizeof(*request));
	struct listener *listener = door->listener;
	struct error err = { 0 };

	if (request == NULL) {
		http_request_answer(http, 503, NULL, 0, NULL);
		return;
	}
	request->listener = listener;
	request->door = door;
	request->http = http;
	request->uid = (uint32_t)http_request_peer(http)->net.uid;
	request->next = listener->requests;
	if (request->next != NULL)
		request->next->previous = request;
	listener->requests = request;
	http_request_handle(http, &events, request);
	set_trace(request);
	if (check(request, &err) < 0) {
		refuse(request, &err);
	} else if (needs_admission(request)) {
		request->is_waiting = true;
		listener_people_ask(request, admitted);
	} else {
		hand_on(request);
	}
}
