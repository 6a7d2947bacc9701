#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "http/http_request.h"
#include "model/times.h"
#include "render/render_html.h"
#include "role/bulletins/serials.h"
#include "role/contents/directory_view.h"
#include "role/env.h"
#include "role/listener/listener_request_internal.h"
#include "role/problem.h"
#include "role/query/puller.h"

/* Fields of an answer and the memory behind them. */
struct fields {
	struct http_header list[HTTP_HEADERS_MAX];
	size_t count;
	char time[TIMES_RFC3339_SIZE];
	char length[24];
	char pages[24];
	char retry_after[16];
	char policy_of_rate[64];
	char rate[40];
	struct bytes serials;
	struct bytes policy;
};

static void
add(struct fields *fields, const char *name, const char *value)
{
	fields->list[fields->count++] = (struct http_header){ name, value };
}

/* What every answer carries (docs/protocol.md 8). */
static void
add_common(struct fields *fields, const struct listener_request *request,
    const char *type)
{
	const struct listener *listener = request->listener;

	times_format(role_env_now(listener->env), fields->time);
	serials_put(directory_view_serials(listener->view), &fields->serials);
	bytes_put_u8(&fields->serials, '\0');
	add(fields, "content-type", type);
	add(fields, "yizhan-time", fields->time);
	if (!fields->serials.failed)
		add(fields, "yizhan-serials",
		    (const char *)fields->serials.data);
}

static bool
has(const struct fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->count; i++)
		if (text_equal(fields->list[i].name, name))
			return true;
	return false;
}

/*
 * What stands in every answer at the ports for people, unless the answer says
 * it otherwise (T-WEB-03..05, T-WEB-08).
 */
static void
add_web(struct fields *fields)
{
	static const char policy[] = "content-security-policy";
	static const struct http_header always[] = {
		{ "strict-transport-security", "max-age=31536000" },
		{ "x-content-type-options", "nosniff" },
		{ "referrer-policy", "no-referrer" },
		{ "cross-origin-opener-policy", "same-origin" },
		{ "cross-origin-resource-policy", "same-origin" },
		{ "permissions-policy",
		    "camera=(), geolocation=(), microphone=(), usb=()" },
		{ "cache-control", "no-store" },
	};

	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		if (!has(fields, always[i].name))
			add(fields, always[i].name, always[i].value);
	if (has(fields, policy))
		return;
	/* The one inline style is a letter's, for a preview inside a page. */
	bytes_put_format(&fields->policy,
	    "default-src 'self'; style-src 'self' %s; base-uri 'none'; "
	    "form-action 'self'; frame-ancestors 'none'; object-src 'none'",
	    render_html_style);
	bytes_put_u8(&fields->policy, '\0');
	add(fields, policy,
	    fields->policy.failed ? "default-src 'none'"
				  : (const char *)fields->policy.data);
}

static bool
is_for_people(const struct listener_request *request)
{
	return request->door->callers == LISTENER_PEOPLE ||
	    request->door->callers == LISTENER_OPERATORS;
}

/*
 * RateLimit (draft-ietf-httpapi-ratelimit-headers): what is counted is requests
 * that are open at once, so there is no window after which they come back.
 */
static void
add_rate(struct fields *fields, const struct listener_request *request)
{
	struct listener_load *load = request->listener->load;

	snprintf(fields->policy_of_rate, sizeof(fields->policy_of_rate),
	    "\"caller\";q=%zu;qu=\"concurrent-requests\"",
	    listener_load_max(load));
	snprintf(fields->rate, sizeof(fields->rate), "\"caller\";r=%zu",
	    listener_load_left(load, &request->load));
	add(fields, "ratelimit-policy", fields->policy_of_rate);
	add(fields, "ratelimit", fields->rate);
}

static void
send_answer(struct listener_request *request, int status, struct fields *fields,
    const struct http_body *body)
{
	request->is_done = true;
	if (is_for_people(request)) {
		add_web(fields);
		add_rate(fields, request);
	}
	http_request_answer(request->http, status, fields->list, fields->count,
	    body);
	bytes_free(&fields->serials);
	bytes_free(&fields->policy);
	listener_request_settle(request);
}

void
listener_answer(struct listener_request *request, int status, const char *type,
    struct bytes *bytes)
{
	struct fields fields = { 0 };
	struct http_body body = { .bytes = bytes };

	if (request->is_done)
		return;
	add_common(&fields, request, type);
	send_answer(request, status, &fields, &body);
}

void
listener_answer_with(struct listener_request *request, int status,
    const char *type, struct bytes *bytes, const struct http_header *headers,
    size_t header_count)
{
	struct fields fields = { 0 };
	struct http_body body = { .bytes = bytes };

	if (request->is_done)
		return;
	add_common(&fields, request, type);
	for (size_t i = 0; i < header_count; i++)
		add(&fields, headers[i].name, headers[i].value);
	send_answer(request, status, &fields, &body);
}

/*
 * What others wrote is shown in a page without scripts, and a browser shall
 * not take it for anything else (T-WEB-03..05).
 */
static void
add_walls(struct fields *fields, const char *type)
{
	add(fields, "x-content-type-options", "nosniff");
	if (!text_starts(type, "text/html"))
		return;
	bytes_put_format(&fields->policy, "%s; frame-ancestors 'self'; sandbox",
	    render_html_policy);
	bytes_put_u8(&fields->policy, '\0');
	add(fields, "content-security-policy",
	    fields->policy.failed ? "default-src 'none'; sandbox"
				  : (const char *)fields->policy.data);
}

void
listener_answer_page(struct listener_request *request, int status,
    const char *type, struct bytes *bytes, uint32_t pages, const char *missing)
{
	struct fields fields = { 0 };
	struct http_body body = { .bytes = bytes };

	if (request->is_done)
		return;
	add_common(&fields, request, type);
	add_walls(&fields, type);
	if (pages > 0) {
		snprintf(fields.pages, sizeof(fields.pages), "%" PRIu32, pages);
		add(&fields, "yizhan-pages", fields.pages);
	}
	if (missing[0] != '\0')
		add(&fields, "yizhan-missing", missing);
	send_answer(request, status, &fields, &body);
}

void
listener_answer_stream(struct listener_request *request, const char *type,
    http_pull_fn pull, void *ctx, void (*end)(struct listener_request *request))
{
	struct fields fields = { 0 };
	struct http_body body = { .pull = pull, .ctx = ctx };

	if (request->is_done)
		return;
	request->is_done = true;
	request->end = end;
	add_common(&fields, request, type);
	if (is_for_people(request))
		add_web(&fields);
	http_request_answer(request->http, 200, fields.list, fields.count,
	    &body);
	bytes_free(&fields.serials);
	if (request->listener->is_draining)
		end(request);
}

static void
on_ready(void *ctx)
{
	struct listener_request *request = ctx;

	http_request_resume(request->http);
}

void
listener_answer_payload(struct listener_request *request, int status,
    const char *type, struct bytes *head, const struct pull_range *range)
{
	struct fields fields = { 0 };
	struct http_body body = { .pull = pull_read };
	struct error err = { 0 };

	if (request->is_done)
		return;
	if (pull_new(request->listener->puller, head, range, on_ready, request,
		&request->pull, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	body.ctx = request->pull;
	add_common(&fields, request, type);
	snprintf(fields.length, sizeof(fields.length), "%" PRIu64,
	    pull_len(request->pull));
	add(&fields, "content-length", fields.length);
	send_answer(request, status, &fields, &body);
}

/* Which of the facts that must fit together did not (T-PROTO-06). */
static const char *
wrong_fact(const char *id)
{
	static const struct {
		const char *id;
		const char *fact;
	} facts[] = {
		{ "E4001", "certificate" },
		{ "E4002", "address" },
		{ "E4003", "code" },
		{ "E4007", "clock" },
		{ "E4009", "module" },
		{ "E4019", "kind" },
		{ "E4027", "signer" },
		{ "E4029", "clock" },
	};

	for (size_t i = 0; i < ARRAY_LEN(facts); i++)
		if (text_equal(facts[i].id, id))
			return facts[i].fact;
	return NULL;
}

static void
log_refusal(const struct listener_request *request, const struct error *failure,
    int status)
{
	const struct http_peer *peer = http_request_peer(request->http);
	const char *id = error_message_id(failure);
	const char *fact = wrong_fact(id);
	char fingerprint[DIGEST_TEXT_SIZE];
	struct log_line line;
	uint64_t held = 0;

	/* What anybody can cause as often as they like is not told each time. */
	if ((failure->code == ERROR_BUSY ||
		(is_for_people(request) && request->actor[0] == '\0')) &&
	    !log_gate_pass(&request->listener->busy,
		role_env_now(request->listener->env), &held))
		return;
	log_begin(&line, &request->listener->env->log,
	    status >= 500 && failure->code == ERROR_SYSTEM ? LOG_LEVEL_ERROR
							   : LOG_LEVEL_WARNING,
	    "request.refused");
	log_error(&line, failure);
	if (fact != NULL)
		log_text(&line, "wrong", fact);
	log_text(&line, "host", request->host);
	log_text(&line, "address", peer->net.host);
	if (peer->has_cert) {
		digest_format(&peer->fingerprint, fingerprint);
		log_text(&line, "certificate", fingerprint);
	}
	if (request->actor[0] != '\0')
		log_text(&line, "actor", request->actor);
	log_text(&line, "method", http_request_method(request->http));
	log_text(&line, "path", http_request_target(request->http)->path);
	log_u64(&line, "status", (uint64_t)status);
	if (request->trace[0] != '\0')
		log_text(&line, "trace", request->trace);
	if (held > 0)
		log_u64(&line, "not_logged", held);
	log_end(&line);
}

void
listener_refuse(struct listener_request *request, const struct error *failure)
{
	struct fields fields = { 0 };
	struct bytes problem = { 0 };
	struct http_body body = { .bytes = &problem };
	int status;

	if (request->is_done)
		return;
	status = problem_put(failure,
	    http_request_header(request->http, "accept-language"),
	    request->trace, NULL, &problem);
	log_refusal(request, failure, status);
	add_common(&fields, request, problem_type);
	if (failure->retry_after_s > 0 || status == 429 || status == 503) {
		snprintf(fields.retry_after, sizeof(fields.retry_after),
		    "%" PRIu32,
		    failure->retry_after_s > 0 ? failure->retry_after_s : 1);
		add(&fields, "retry-after", fields.retry_after);
	}
	if (status == 401)
		add(&fields, "www-authenticate", "Bearer");
	if (status == 405 && request->allow != NULL)
		add(&fields, "allow", request->allow);
	send_answer(request, status, &fields, &body);
	bytes_free(&problem);
}
