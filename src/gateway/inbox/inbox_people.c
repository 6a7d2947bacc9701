/*
 * What people ask of the spooler: to confirm or return a letter, and to be
 * told when new ones come.  Reads are the query role's (inbox_read.c).
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "gateway/inbox/inbox_events.h"
#include "gateway/inbox/inbox_internal.h"
#include "gateway/inbox/inbox_read.h"
#include "http/http_path.h"
#include "json/json_decode.h"
#include "json/json_write.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum { RETURN_BODY_MAX = 4096 };

static void
reply(struct peer *peer, uint32_t id, const struct bytes *json)
{
	struct message_response response = { .status = 200,
		.type = "application/json",
		.body = blob_of_bytes(json) };

	peer_tell(peer, MESSAGE_RESPONSE, id, &response, -1);
}

/* ---- confirm and return ---------------------------------------------- */

struct answering {
	struct group_op op;
	struct inbox *inbox;
	struct peer *peer;
	uint32_t id; /* 0: the asker is gone */
	struct inbox_row row;
	enum event event;
	enum act_reason reason;
	struct bytes act;
	bool is_repeat;
};

static void
end_answering(struct answering *answering, const struct error *failure)
{
	struct inbox *inbox = answering->inbox;
	struct inbox_row *row = &answering->row;
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	if (failure != NULL) {
		if (row->row != 0)
			inbox_log(inbox, row, LOG_LEVEL_WARNING,
			    error_message_id(failure), failure);
		peer_refuse(answering->peer, answering->id, failure);
	} else if (inbox_read_one(inbox_rows(inbox),
		       spool_directory(&inbox->gateway->spool),
		       &row->waybill_id, &row->recipient, &writer, &err) < 0 ||
	    json_write_done(&writer, &err) < 0) {
		peer_refuse(answering->peer, answering->id, &err);
	} else {
		reply(answering->peer, answering->id, &json);
	}
	bytes_free(&json);
	bytes_free(&answering->act);
	free(answering);
}

static enum inbox_state
state_of(enum event answer)
{
	return answer == EVENT_CONFIRMED ? INBOX_CONFIRMED : INBOX_RETURNED;
}

/* Only what was confirmed; before, it is returned.  1: it was told already. */
static int
check_notice(const struct inbox_row *row, enum act_reason reason,
    struct error *err)
{
	if (!act_reason_is_of_notice(reason))
		return error_set_id(err, "E4313", ERROR_MALFORMED,
		    "%s is no reason for a notice", act_reason_name(reason));
	if (row->notice == reason)
		return 1;
	if (row->notice != ACT_REASON_NONE)
		return error_set_id(err, "E4311", ERROR_EXISTS,
		    "the sender was told %s already",
		    act_reason_name(row->notice));
	if (row->state != INBOX_CONFIRMED)
		return error_set_id(err, "E4312", ERROR_EXISTS,
		    "the letter is %s", inbox_state_name(row->state));
	return 0;
}

/* May it be answered so?  1: it was already. */
static int
check_answer(const struct inbox_row *row, enum event event,
    enum act_reason reason, struct error *err)
{
	if (event == EVENT_NOTICE)
		return check_notice(row, reason, err);
	if (row->answer == event && row->reason == reason)
		return 1;
	if (row->answer != EVENT_NONE)
		return error_set_id(err, "E4311", ERROR_EXISTS,
		    "the letter is %s already", event_name(row->answer));
	if (row->state != INBOX_OPENED)
		return error_set_id(err, "E4312", ERROR_EXISTS,
		    "the letter is %s", inbox_state_name(row->state));
	return 0;
}

static void
take_answer(struct inbox_row *row, enum event event, enum act_reason reason)
{
	row->answer = event;
	row->reason = reason;
	row->state = state_of(event);
	if (row->step != JOB_RECEIVE_INBOX)
		return;
	row->step = job_receive_next(row->step, JOB_OK);
	row->is_due = true;
	row->retry_at = 0;
}

/* Behind the confirmation, if that is still on its way (inbox.c). */
static void
take_notice(struct inbox_row *row, enum act_reason reason)
{
	row->notice = reason;
	if (row->step != JOB_RECEIVE_DONE)
		return;
	row->step = JOB_RECEIVE_NOTICE;
	row->is_due = true;
	row->failures = 0;
	row->retry_at = 0;
}

static int
apply_answer(struct group_op *op, struct error *err)
{
	struct answering *answering = (struct answering *)(void *)op;
	struct inbox_row *row = &answering->row;
	struct rows *rows = inbox_rows(answering->inbox);
	int found = inbox_row_find(rows, row->row, row, err);
	int is_known;

	if (found <= 0)
		return found < 0
		    ? -1
		    : error_set(err, ERROR_NOT_FOUND, "the letter is gone");
	/* Two may have asked at the same time: the first one counts. */
	is_known = check_answer(row, answering->event, answering->reason, err);
	answering->is_repeat = is_known > 0;
	if (is_known != 0)
		return is_known < 0 ? -1 : 0;
	if (answering->event == EVENT_NOTICE)
		take_notice(row, answering->reason);
	else
		take_answer(row, answering->event, answering->reason);
	if (inbox_event_add(rows, row->row, answering->event,
		blob_of_bytes(&answering->act), err) < 0 ||
	    inbox_row_wake_repeats(rows, row->row, err) < 0)
		return -1;
	return inbox_row_save(rows, row, err);
}

static void
finish_answer(struct group_op *op, const struct error *failure)
{
	struct answering *answering = (struct answering *)(void *)op;

	if (failure == NULL && !answering->is_repeat) {
		inbox_log(answering->inbox, &answering->row, LOG_LEVEL_NOTICE,
		    answering->event == EVENT_CONFIRMED    ? "letter.to_confirm"
			: answering->event == EVENT_NOTICE ? "letter.to_notice"
							   : "letter.to_return",
		    NULL);
		inbox_wake(answering->inbox);
	}
	end_answering(answering, failure);
}

static void
on_signed(void *ctx, const struct blob *signature, const struct error *failure)
{
	struct answering *answering = ctx;
	struct error err = { 0 };

	if (failure != NULL) {
		end_answering(answering, failure);
		return;
	}
	bytes_put(&answering->act, signature->data, signature->len);
	if (bytes_failed(&answering->act, &err) < 0) {
		end_answering(answering, &err);
		return;
	}
	answering->op.apply = apply_answer;
	answering->op.finish = finish_answer;
	group_add(answering->inbox->gateway->spool.group, &answering->op);
}

struct return_body {
	enum act_reason reason;
};

static bool
parse_reason(const char *text, void *field)
{
	enum act_reason *reason = field;

	return act_reason_parse(text, reason) && *reason != ACT_REASON_NONE;
}

static int
read_reason(const struct message_request *request, enum act_reason *ret_reason,
    struct error *err)
{
	static const struct json_field fields[] = {
		{ .name = "reason",
		    .kind = JSON_FIELD_PARSED,
		    .offset = offsetof(struct return_body, reason),
		    .parse = parse_reason },
	};
	struct return_body body = { ACT_REASON_NONE };
	struct error why = { 0 };

	if (json_decode(request->body.data, request->body.len, RETURN_BODY_MAX,
		fields, ARRAY_LEN(fields), &body, &why) < 0)
		return error_set_id(err, "E4313", ERROR_MALFORMED, "%s",
		    why.text);
	*ret_reason = body.reason;
	return 0;
}

/* The entry that the names lead to: a repeat leads to the first one. */
static int
find_entry(struct inbox *inbox, const struct http_segments *names,
    struct inbox_row *ret_row, struct error *err)
{
	struct id waybill_id;
	struct org_code recipient;
	int found = 0;

	if (id_parse(names->text[0], &waybill_id) &&
	    org_code_parse(names->text[1], &recipient))
		found = inbox_row_find_name(inbox_rows(inbox), &waybill_id,
		    &recipient, ret_row, err);
	if (found > 0 && ret_row->first != 0)
		found = inbox_row_find(inbox_rows(inbox), ret_row->first,
		    ret_row, err);
	if (found == 0)
		return error_set_id(err, "E4314", ERROR_NOT_FOUND,
		    "no letter %.40s of %.20s", names->text[0], names->text[1]);
	return found < 0 ? -1 : 0;
}

static int
begin_answer(struct answering *answering, const struct http_segments *names,
    const struct message_request *request, struct error *err)
{
	struct inbox_row *row = &answering->row;
	int is_known;

	if (answering->event != EVENT_CONFIRMED &&
	    read_reason(request, &answering->reason, err) < 0)
		return -1;
	if (find_entry(answering->inbox, names, row, err) < 0)
		return -1;
	is_known = check_answer(row, answering->event, answering->reason, err);
	if (is_known < 0)
		return -1;
	if (is_known > 0) {
		end_answering(answering, NULL);
		return 0;
	}
	return inbox_act_sign(answering->inbox, row, answering->event,
	    answering->reason, on_signed, answering, err);
}

static void
answer_letter(struct inbox *inbox, struct peer *peer, uint32_t id,
    enum event event, const struct http_segments *names,
    const struct message_request *request)
{
	struct answering *answering = calloc(1, sizeof(*answering));
	struct error err = { 0 };

	if (answering == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return;
	}
	answering->inbox = inbox;
	answering->peer = peer;
	answering->id = id;
	answering->event = event;
	if (begin_answer(answering, names, request, &err) < 0)
		end_answering(answering, &err);
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
    const struct http_target *target, const char *scope)
{
	struct inbox_news ask = { 0 };
	struct error err = { 0 };
	uint64_t wait_s;

	text_copy(ask.scope, sizeof(ask.scope), scope);
	if (inbox_news_parse(inbox_rows(inbox), target, &ask, &wait_s, &err) <
		0 ||
	    (!tell_news(inbox, peer, id, &ask, wait_s == 0) &&
		park(inbox, peer, id, &ask, wait_s, &err) < 0))
		peer_refuse(peer, id, &err);
}

/* ---- requests -------------------------------------------------------- */

static void
route(struct inbox *inbox, struct peer *peer, uint32_t id,
    const struct http_target *target, const struct message_request *request)
{
	struct http_segments names;
	struct error err = { 0 };
	bool is_post = text_equal(request->method, "POST");

	if (is_post &&
	    http_path_match("/v1/inbox/{}/{}:confirm", target->path, &names))
		answer_letter(inbox, peer, id, EVENT_CONFIRMED, &names,
		    request);
	else if (is_post &&
	    http_path_match("/v1/inbox/{}/{}:return", target->path, &names))
		answer_letter(inbox, peer, id, EVENT_RETURNED, &names, request);
	else if (is_post &&
	    http_path_match("/v1/inbox/{}/{}:notice", target->path, &names))
		answer_letter(inbox, peer, id, EVENT_NOTICE, &names, request);
	else if (!is_post && http_path_match("/v1/inbox", target->path, NULL))
		wait_for_news(inbox, peer, id, target, request->scope);
	else {
		error_set(&err, ERROR_NOT_FOUND, "nothing at %s", target->path);
		peer_refuse(peer, id, &err);
	}
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
