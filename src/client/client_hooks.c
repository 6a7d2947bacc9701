/* Being told of events: webhooks, and the stream of one connection. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client_shape.h"

/* ---- webhooks ------------------------------------------------------------------ */

static const struct client_field webhook_fields[] = {
	CLIENT_FIELD("id", CLIENT_NUMBER, yizhan_webhook, id),
	CLIENT_FIELD("url", CLIENT_TEXT, yizhan_webhook, url),
	CLIENT_FIELD("organisation", CLIENT_TEXT, yizhan_webhook, organisation),
	CLIENT_FIELD("secret", CLIENT_TEXT, yizhan_webhook, secret),
	CLIENT_FIELD("enabled", CLIENT_TRUTH, yizhan_webhook, is_enabled),
	CLIENT_FIELD("after", CLIENT_NUMBER, yizhan_webhook, after),
	CLIENT_FIELD("failures", CLIENT_NUMBER, yizhan_webhook, failures),
	CLIENT_FIELD("why", CLIENT_TEXT, yizhan_webhook, why),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_webhook, json),
	CLIENT_END,
};
static const struct client_shape webhook = { sizeof(struct yizhan_webhook),
	webhook_fields };
static const struct client_field webhooks_fields[] = {
	CLIENT_LIST("webhooks", CLIENT_RECORDS, yizhan_webhooks, count,
	    webhooks, &webhook),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_webhooks, json),
	CLIENT_END,
};
static const struct client_shape webhooks = { sizeof(struct yizhan_webhooks),
	webhooks_fields };
static const struct client_field dead_fields[] = {
	CLIENT_FIELD("event", CLIENT_NUMBER, yizhan_dead, event),
	CLIENT_FIELD("at", CLIENT_TEXT, yizhan_dead, at),
	CLIENT_FIELD("status", CLIENT_NUMBER, yizhan_dead, status),
	CLIENT_FIELD("why", CLIENT_TEXT, yizhan_dead, why),
	CLIENT_END,
};
static const struct client_shape dead = { sizeof(struct yizhan_dead),
	dead_fields };
static const struct client_field deads_fields[] = {
	CLIENT_LIST("dead", CLIENT_RECORDS, yizhan_dead_letters, count, dead,
	    &dead),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_dead_letters, json),
	CLIENT_END,
};
static const struct client_shape deads = { sizeof(struct yizhan_dead_letters),
	deads_fields };

void
yizhan_webhook_free(struct yizhan_webhook *given)
{
	client_shape_free(given);
}

void
yizhan_webhooks_free(struct yizhan_webhooks *given)
{
	client_shape_free(given);
}

void
yizhan_dead_letters_free(struct yizhan_dead_letters *given)
{
	client_shape_free(given);
}

enum yizhan_result
yizhan_webhook_new(struct yizhan *yizhan, const char *url,
    struct yizhan_webhook **ret_webhook)
{
	return client_post(yizhan, "/v1/webhooks",
	    json_pack("{s:s}", "url", url), &webhook, ret_webhook);
}

enum yizhan_result
yizhan_webhooks(struct yizhan *yizhan, struct yizhan_webhooks **ret_webhooks)
{
	return client_get(yizhan, "/v1/webhooks", &webhooks, ret_webhooks);
}

static bool
set_target(char target[CLIENT_TARGET_SIZE], const char *pattern, int64_t id)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)id);
	return client_target(target, pattern, text);
}

enum yizhan_result
yizhan_webhook_disable(struct yizhan *yizhan, int64_t id)
{
	char target[CLIENT_TARGET_SIZE];

	return set_target(target, "/v1/webhooks/{}:disable", id)
	    ? client_post(yizhan, target, NULL, NULL, NULL)
	    : client_too_long(yizhan);
}

enum yizhan_result
yizhan_webhook_enable(struct yizhan *yizhan, int64_t id)
{
	char target[CLIENT_TARGET_SIZE];

	return set_target(target, "/v1/webhooks/{}:enable", id)
	    ? client_post(yizhan, target, NULL, NULL, NULL)
	    : client_too_long(yizhan);
}

enum yizhan_result
yizhan_webhook_replay(struct yizhan *yizhan, int64_t id, int64_t after)
{
	char target[CLIENT_TARGET_SIZE];

	return set_target(target, "/v1/webhooks/{}:replay", id)
	    ? client_post(yizhan, target,
		  json_pack("{s:I}", "after", (json_int_t)after), NULL, NULL)
	    : client_too_long(yizhan);
}

enum yizhan_result
yizhan_webhook_test(struct yizhan *yizhan, int64_t id, int *ret_taken)
{
	static const struct client_field fields[] = {
		{ "taken", CLIENT_TRUTH, 0, 0, NULL }, CLIENT_END
	};
	static const struct client_shape shape = { sizeof(int), fields };
	char target[CLIENT_TARGET_SIZE];
	int *taken = NULL;
	enum yizhan_result result =
	    set_target(target, "/v1/webhooks/{}:test", id)
	    ? client_post(yizhan, target, NULL, &shape, &taken)
	    : client_too_long(yizhan);

	if (result == YIZHAN_OK)
		*ret_taken = *taken;
	client_shape_free(taken);
	return result;
}

enum yizhan_result
yizhan_webhook_dead(struct yizhan *yizhan, int64_t id,
    struct yizhan_dead_letters **ret_letters)
{
	char target[CLIENT_TARGET_SIZE];

	return set_target(target, "/v1/webhooks/{}/dead", id)
	    ? client_get(yizhan, target, &deads, ret_letters)
	    : client_too_long(yizhan);
}

/* ---- the stream ---------------------------------------------------------------------- */

enum { LINE_MAX_LEN = 1024 * 1024, QUIET_S = 60 };

struct stream {
	yizhan_event_fn take;
	void *context;
	struct client_text line;
	bool is_ended; /* by the caller */
	bool is_broken;
};

/* "data: {...}" is an event in the form that a list has; the rest is passed over. */
static bool
take_line(struct stream *stream)
{
	static const char mark[] = "data:";
	struct yizhan_events *events = NULL;
	char *line = stream->line.data;
	char *list;
	size_t len;

	if (line == NULL || strncmp(line, mark, sizeof(mark) - 1) != 0)
		return true;
	len = strlen(line) + 64;
	list = malloc(len);
	if (list == NULL)
		return false;
	snprintf(list, len, "{\"events\":[%s]}", line + sizeof(mark) - 1);
	stream->is_broken =
	    yizhan_events_read(list, strlen(list), &events) != YIZHAN_OK;
	free(list);
	if (stream->is_broken)
		return false;
	stream->is_ended = stream->take(stream->context, events) != 0;
	yizhan_events_free(events);
	return !stream->is_ended;
}

static int
on_data(void *context, const void *data, size_t len)
{
	struct stream *stream = context;
	const char *at = data;

	while (len > 0) {
		const char *end = memchr(at, '\n', len);
		size_t piece = end != NULL ? (size_t)(end - at) : len;

		if (stream->line.len + piece > LINE_MAX_LEN ||
		    !client_text_add(&stream->line, at, piece)) {
			stream->is_broken = true;
			return -1;
		}
		if (end == NULL)
			return 0;
		if (!take_line(stream))
			return -1;
		client_text_free(&stream->line);
		at += piece + 1;
		len -= piece + 1;
	}
	return 0;
}

enum yizhan_result
yizhan_events_stream(struct yizhan *yizhan, const char *after,
    yizhan_event_fn take, void *context)
{
	char language[CLIENT_HEADER_SIZE];
	const char *const headers[] = { "accept: text/event-stream", language };
	char target[CLIENT_TARGET_SIZE];
	struct stream stream = { .take = take, .context = context };
	struct client_request request = { .method = "GET",
		.target = target,
		.wait_s = QUIET_S,
		.is_raw = true,
		.headers = headers,
		.header_count = 2,
		.take = on_data,
		.take_context = &stream };
	struct client_answer answer = { 0 };
	enum yizhan_result result;

	snprintf(language, sizeof(language), "accept-language: %.40s",
	    yizhan->language);
	if (!client_target(target, "/v1/events") ||
	    !client_param(target, "after", after))
		return client_too_long(yizhan);
	result = client_ask_once(yizhan, &request, &answer);
	client_answer_free(&answer);
	client_text_free(&stream.line);
	if (stream.is_ended) {
		client_problem_clear(yizhan);
		return YIZHAN_OK;
	}
	/* Ended well or cut: there may be more. */
	return result == YIZHAN_OK || stream.is_broken
	    ? client_problem_set(yizhan, YIZHAN_BUSY, "the stream ended")
	    : result;
}
