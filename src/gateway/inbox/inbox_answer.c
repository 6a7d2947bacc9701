#include "gateway/inbox/inbox_answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "crypto/random.h"
#include "gateway/inbox/inbox_events.h"
#include "gateway/inbox/inbox_internal.h"
#include "gateway/words.h"

struct answering {
	struct group_op op; /* first: the group hands it back */
	struct inbox *inbox;
	struct inbox_row row;
	enum event event;
	enum act_reason reason;
	struct words words; /* "": nothing is said */
	struct inbox_actor actor;
	struct bytes act;
	bool is_repeat;
	inbox_answered_fn done;
	void *ctx;
};

static void
end_answering(struct answering *answering, const struct error *failure)
{
	if (failure != NULL && answering->row.row != 0)
		inbox_log(answering->inbox, &answering->row, LOG_LEVEL_WARNING,
		    error_message_id(failure), failure);
	answering->done(answering->ctx, &answering->row, failure);
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
add_history(const struct answering *answering, struct error *err)
{
	const struct inbox_history_entry entry = {
		.letter = answering->row.row,
		.at = spool_now(&answering->inbox->gateway->spool),
		.act = answering->event == EVENT_CONFIRMED ? INBOX_ACT_CONFIRM
		    : answering->event == EVENT_RETURNED   ? INBOX_ACT_RETURN
							   : INBOX_ACT_NOTICE,
		.actor = &answering->actor,
		.unit = "",
		.unit_name = "",
		.person = "",
		.note = act_reason_name(answering->reason),
	};

	return inbox_history_add(inbox_rows(answering->inbox), &entry, err);
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
	if (answering->words.text[0] != '\0' &&
	    words_add(rows, WORDS_RECEIVED, row->row, answering->event,
		&answering->words, err) < 0)
		return -1;
	if (inbox_event_add(rows, row->row, answering->event,
		blob_of_bytes(&answering->act), err) < 0 ||
	    add_history(answering, err) < 0 ||
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

int
inbox_answer_reason(const char *text, enum act_reason *ret_reason,
    struct error *err)
{
	if (text != NULL && act_reason_parse(text, ret_reason) &&
	    *ret_reason != ACT_REASON_NONE)
		return 0;
	return error_set_id(err, "E4313", ERROR_MALFORMED, "%.40s is no reason",
	    text != NULL ? text : "nothing");
}

int
inbox_find_entry(struct inbox *inbox, const char *waybill, const char *code,
    const struct inbox_view *view, struct inbox_row *ret_row, struct error *err)
{
	struct id waybill_id;
	struct org_code recipient;
	int found = 0;

	if (id_parse(waybill, &waybill_id) && org_code_parse(code, &recipient))
		found = inbox_row_find_name(inbox_rows(inbox), &waybill_id,
		    &recipient, ret_row, err);
	if (found > 0 && ret_row->first != 0)
		found = inbox_row_find(inbox_rows(inbox), ret_row->first,
		    ret_row, err);
	if (found < 0 || (found > 0 && inbox_view_shows(view, ret_row)))
		return found < 0 ? -1 : 0;
	*ret_row = (struct inbox_row){ 0 };
	return error_set_id(err, "E4314", ERROR_NOT_FOUND,
	    "no letter %.40s of %.20s", waybill, code);
}

static int
take_words(struct answering *answering, const struct inbox_answer *answer,
    struct error *err)
{
	const char *words = answer->words != NULL ? answer->words : "";

	if (words[0] == '\0')
		return 0;
	if (answer->event == EVENT_CONFIRMED || !act_words_are_good(words) ||
	    !text_copy(answering->words.text, sizeof(answering->words.text),
		words))
		return error_set_id(err, "E4504", ERROR_MALFORMED,
		    "%zu bytes of words", strlen(words));
	return random_fill(answering->words.salt, sizeof(answering->words.salt),
	    err);
}

static int
begin_answer(struct answering *answering, const struct inbox_answer *answer,
    struct error *err)
{
	struct inbox_row *row = &answering->row;
	int is_known;

	if (take_words(answering, answer, err) < 0 ||
	    inbox_find_entry(answering->inbox, answer->waybill_id,
		answer->recipient, &answer->view, row, err) < 0)
		return -1;
	is_known = check_answer(row, answering->event, answering->reason, err);
	if (is_known < 0)
		return -1;
	if (is_known > 0) {
		end_answering(answering, NULL);
		return 0;
	}
	return inbox_act_sign(answering->inbox, row, answering->event,
	    answering->reason, &answering->words, on_signed, answering, err);
}

void
inbox_answer_give(struct inbox *inbox, const struct inbox_answer *answer,
    inbox_answered_fn done, void *ctx)
{
	struct answering *answering = calloc(1, sizeof(*answering));
	const struct inbox_row none = { 0 };
	struct error err = { 0 };

	if (answering == NULL) {
		error_set_memory(&err);
		done(ctx, &none, &err);
		return;
	}
	answering->inbox = inbox;
	answering->event = answer->event;
	answering->reason = answer->reason;
	answering->actor = answer->actor;
	answering->done = done;
	answering->ctx = ctx;
	if (begin_answer(answering, answer, &err) < 0)
		end_answering(answering, &err);
}
