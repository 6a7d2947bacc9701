/*
 * What people ask of the spooler: to confirm or return a letter, and to be
 * told when new ones come.  Reads are the query role's (inbox_read.c).
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "envelope/act_words.h"
#include "gateway/inbox/inbox_answer.h"
#include "gateway/inbox/inbox_internal.h"
#include "gateway/inbox/inbox_read.h"
#include "http/http_path.h"
#include "json/json_decode.h"
#include "json/json_write.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum { RETURN_BODY_MAX = 16384 };

static void
reply(struct peer *peer, uint32_t id, const struct bytes *json)
{
	struct message_response response = { .status = 200,
		.type = "application/json",
		.body = blob_of_bytes(json) };

	peer_tell(peer, MESSAGE_RESPONSE, id, &response, -1);
}

/* ---- confirm and return ---------------------------------------------- */

/* One letter is answered; freed when it is told. */
struct single {
	struct inbox *inbox;
	struct peer *peer;
	uint32_t id;
};

static void
on_answered(void *ctx, const struct inbox_row *row, const struct error *failure)
{
	struct single *single = ctx;
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	if (failure != NULL)
		peer_refuse(single->peer, single->id, failure);
	else if (inbox_read_one(inbox_rows(single->inbox),
		     spool_directory(&single->inbox->gateway->spool),
		     &row->waybill_id, &row->recipient, &writer, &err) < 0 ||
	    json_write_done(&writer, &err) < 0)
		peer_refuse(single->peer, single->id, &err);
	else
		reply(single->peer, single->id, &json);
	bytes_free(&json);
	free(single);
}

struct reason_body {
	enum act_reason reason;
	char words[ACT_WORDS_SIZE];
};

static bool
parse_reason(const char *text, void *field)
{
	struct error ignored = { 0 };

	return inbox_answer_reason(text, field, &ignored) == 0;
}

/* What is too long is cut, and then refused for its length. */
static bool
parse_words(const char *text, void *field)
{
	char *words = field;
	size_t len = strlen(text);

	if (len >= ACT_WORDS_SIZE) {
		memset(words, '\n', ACT_WORDS_SIZE - 1);
		len = ACT_WORDS_SIZE - 1;
	} else {
		memcpy(words, text, len);
	}
	words[len] = '\0';
	return true;
}

static int
read_reason(const struct message_request *request, struct reason_body *ret_body,
    struct error *err)
{
	static const struct json_field fields[] = {
		{ .name = "reason",
		    .kind = JSON_FIELD_PARSED,
		    .offset = offsetof(struct reason_body, reason),
		    .parse = parse_reason },
		{ .name = "words",
		    .kind = JSON_FIELD_PARSED,
		    .offset = offsetof(struct reason_body, words),
		    .parse = parse_words,
		    .optional = true },
	};
	struct reason_body body = { ACT_REASON_NONE, "" };
	struct error why = { 0 };

	if (json_decode(request->body.data, request->body.len, RETURN_BODY_MAX,
		fields, ARRAY_LEN(fields), &body, &why) < 0)
		return error_set_id(err, "E4313", ERROR_MALFORMED, "%s",
		    why.text);
	if (body.words[0] != '\0' && !act_words_are_good(body.words))
		return error_set_id(err, "E4504", ERROR_MALFORMED,
		    "%zu bytes of words", strlen(body.words));
	*ret_body = body;
	return 0;
}

static void
answer_letter(struct inbox *inbox, struct peer *peer, uint32_t id,
    enum event event, const struct http_segments *names,
    const struct message_request *request)
{
	struct inbox_answer answer = { .event = event,
		.waybill_id = names->text[0],
		.recipient = names->text[1],
		.view = inbox_view_of(request),
		.actor = inbox_actor_of(request) };
	struct reason_body body = { ACT_REASON_NONE, "" };
	struct single *single;
	struct error err = { 0 };

	if (event != EVENT_CONFIRMED && read_reason(request, &body, &err) < 0) {
		peer_refuse(peer, id, &err);
		return;
	}
	answer.reason = body.reason;
	answer.words = body.words;
	single = calloc(1, sizeof(*single));
	if (single == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return;
	}
	single->inbox = inbox;
	single->peer = peer;
	single->id = id;
	inbox_answer_give(inbox, &answer, on_answered, single);
}

/* ---- waiting for news ------------------------------------------------ */

struct inbox_waiter {
	struct inbox_waiter *next;
	struct inbox *inbox;
	struct peer *peer;
	uint32_t id;
	struct inbox_news ask;
	struct loop_timer *timer;
};

static void
drop_waiter(struct inbox_waiter *waiter)
{
	struct inbox_waiter **at = &waiter->inbox->waiters;

	while (*at != waiter)
		at = &(*at)->next;
	*at = waiter->next;
	waiter->inbox->waiter_count--;
	loop_timer_free(waiter->timer);
	free(waiter);
}

/* True if it was answered, which `is_over` makes sure of. */
static bool
tell_news(struct inbox *inbox, struct peer *peer, uint32_t id,
    const struct inbox_news *ask, bool is_over)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };
	bool is_answered = true;
	int count = inbox_read_news(inbox_rows(inbox),
	    spool_directory(&inbox->gateway->spool), ask, &writer, &err);

	if (count < 0 || json_write_done(&writer, &err) < 0)
		peer_refuse(peer, id, &err);
	else if (count > 0 || is_over)
		reply(peer, id, &json);
	else
		is_answered = false;
	bytes_free(&json);
	return is_answered;
}

static void
on_time_over(void *ctx)
{
	struct inbox_waiter *waiter = ctx;

	tell_news(waiter->inbox, waiter->peer, waiter->id, &waiter->ask, true);
	drop_waiter(waiter);
}

void
inbox_people_wake(struct inbox *inbox)
{
	struct inbox_waiter *next;

	for (struct inbox_waiter *waiter = inbox->waiters; waiter != NULL;
	     waiter = next) {
		next = waiter->next;
		if (tell_news(inbox, waiter->peer, waiter->id, &waiter->ask,
			false))
			drop_waiter(waiter);
	}
}

void
inbox_people_free(struct inbox *inbox)
{
	while (inbox->waiters != NULL)
		drop_waiter(inbox->waiters);
}

static int
park(struct inbox *inbox, struct peer *peer, uint32_t id,
    const struct inbox_news *ask, uint64_t wait_s, struct error *err)
{
	struct inbox_waiter *waiter;

	if (inbox->waiter_count >= INBOX_WAITERS_MAX)
		return error_set(err, ERROR_BUSY, "%d requests wait already",
		    INBOX_WAITERS_MAX);
	waiter = calloc(1, sizeof(*waiter));
	if (waiter == NULL)
		return error_set_memory(err);
	if (loop_timer_new(inbox->gateway->spool.env->loop, on_time_over,
		waiter, &waiter->timer, err) < 0) {
		free(waiter);
		return -1;
	}
	waiter->inbox = inbox;
	waiter->peer = peer;
	waiter->id = id;
	waiter->ask = *ask;
	waiter->next = inbox->waiters;
	inbox->waiters = waiter;
	inbox->waiter_count++;
	loop_timer_start(waiter->timer, wait_s * 1000);
	return 0;
}

static void
wait_for_news(struct inbox *inbox, struct peer *peer, uint32_t id,
    const struct http_target *target, const struct message_request *request)
{
	struct inbox_news ask = { .view = inbox_view_of(request) };
	struct error err = { 0 };
	uint64_t wait_s;

	if (inbox_news_parse(inbox_rows(inbox), target, &ask, &wait_s, &err) <
		0 ||
	    (!tell_news(inbox, peer, id, &ask, wait_s == 0) &&
		park(inbox, peer, id, &ask, wait_s, &err) < 0))
		peer_refuse(peer, id, &err);
}

/* ---- requests -------------------------------------------------------- */

static const struct {
	const char *pattern;
	enum event event;
} answers[] = {
	{ "/v1/inbox/{}/{}:confirm", EVENT_CONFIRMED },
	{ "/v1/inbox/{}/{}:return", EVENT_RETURNED },
	{ "/v1/inbox/{}/{}:notice", EVENT_NOTICE },
	{ "/v1/inbox:confirm", EVENT_CONFIRMED },
	{ "/v1/inbox:return", EVENT_RETURNED },
};

/* False for what is no answer to letters. */
static bool
route_answer(struct inbox *inbox, struct peer *peer, uint32_t id,
    const char *path, const struct message_request *request)
{
	struct http_segments names;

	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		if (!http_path_match(answers[i].pattern, path, &names))
			continue;
		if (names.count > 0)
			answer_letter(inbox, peer, id, answers[i].event, &names,
			    request);
		else
			inbox_bulk_request(inbox, peer, id, answers[i].event,
			    request);
		return true;
	}
	return false;
}

static void
route(struct inbox *inbox, struct peer *peer, uint32_t id,
    const struct http_target *target, const struct message_request *request)
{
	bool is_post = text_equal(request->method, "POST");
	struct error err = { 0 };

	if (is_post && route_answer(inbox, peer, id, target->path, request))
		return;
	if (!is_post && http_path_match("/v1/inbox", target->path, NULL)) {
		wait_for_news(inbox, peer, id, target, request);
		return;
	}
	error_set(&err, ERROR_NOT_FOUND, "nothing at %s", target->path);
	peer_refuse(peer, id, &err);
}

void
inbox_request(struct inbox *inbox, struct peer *peer,
    struct ipc_message *message, const struct message_request *request)
{
	struct http_target target = { 0 };
	struct error err = { 0 };

	if (http_target_parse(request->path, strlen(request->path), &target,
		&err) < 0)
		peer_refuse(peer, message->id, &err);
	else
		route(inbox, peer, message->id, &target, request);
	http_target_free(&target);
}

void
inbox_cancel(struct inbox *inbox, uint32_t id)
{
	for (struct inbox_waiter *waiter = inbox->waiters; waiter != NULL;
	     waiter = waiter->next) {
		if (waiter->id == id) {
			drop_waiter(waiter);
			return;
		}
	}
}
