/*
 * What the sender's module signed about deliveries that another center decides,
 * withdrawals and addenda: it goes there as it came.  What that center makes of
 * it comes back as a receipt, of this or of the event that was first.  One that
 * is refused for its own sake is set aside, and those behind it go on.
 */
#include "center/center.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "center/center_rows.h"
#include "center/rewrap/center_rewrap_rows.h"
#include "center/send/center_send_internal.h"
#include "json/json_write.h"
#include "store/store.h"
#include "sys/ipc.h"

enum { CALL_TIMEOUT_MS = 60000 };

/* One under way. */
struct withdrawing {
	struct group_op op; /* first: the group hands it back */
	struct destination *destination;
	struct center_send send;
	uint32_t after_s;
	bool is_unclear; /* whether it was refused for its own sake */
};

static void
end(struct withdrawing *withdrawing, const struct error *failure)
{
	struct destination *destination = withdrawing->destination;
	bool is_unclear = withdrawing->is_unclear;

	destination->withdrawing = NULL;
	free(withdrawing);
	if (failure != NULL)
		center_send_later(destination, failure);
	else if (is_unclear)
		center_send_unclear(destination);
	else
		center_send_went_well(destination);
}

static int
apply_done(struct group_op *op, struct error *err)
{
	struct withdrawing *withdrawing = (struct withdrawing *)(void *)op;

	return center_send_remove(store_rows(withdrawing->destination->center
						 ->spool.store),
	    withdrawing->send.row, err);
}

static int
apply_aside(struct group_op *op, struct error *err)
{
	struct withdrawing *withdrawing = (struct withdrawing *)(void *)op;

	return center_send_put_aside(withdrawing->destination->center,
	    &withdrawing->send, withdrawing->after_s, err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	end((struct withdrawing *)(void *)op, failure);
}

static void
settle(struct withdrawing *withdrawing,
    int (*apply)(struct group_op *op, struct error *err))
{
	withdrawing->op.apply = apply;
	withdrawing->op.finish = finish;
	group_add(withdrawing->destination->center->spool.group,
	    &withdrawing->op);
}

/*
 * Over although it was refused: it came too late.  An addendum that is judged by
 * a newer directory than ours may fail: then the sender makes another one.
 */
static bool
is_over(const struct center_send *send)
{
	static const char *const of_addenda[] = { "E4021", "E4009", "E4060" };

	if (text_equal(send->reason, "E4102"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(of_addenda); i++)
		if (send->kind == CENTER_SEND_REWRAP &&
		    text_equal(send->reason, of_addenda[i]))
			return true;
	return false;
}

/* A center that does not know the waybill yet will when our relay arrives. */
static void
on_refused(struct withdrawing *withdrawing, const struct message_called *called)
{
	struct center_send *send = &withdrawing->send;
	struct error why = { 0 };
	enum refusal refusal = center_send_judge(called,
	    send->kind == CENTER_SEND_REWRAP ? "addendum" : "withdrawal", send,
	    &why);

	if (is_over(send)) {
		settle(withdrawing, apply_done);
	} else if (refusal == REFUSAL_OF_ALL ||
	    refusal_is_of_caller(send->reason)) {
		end(withdrawing, &why);
	} else {
		center_send_log_later(withdrawing->destination, &why);
		withdrawing->after_s = why.retry_after_s;
		withdrawing->is_unclear = refusal == REFUSAL_UNCLEAR;
		settle(withdrawing, apply_aside);
	}
}

static void
on_called(void *ctx, struct ipc_message *message)
{
	struct withdrawing *withdrawing = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0)
		end(withdrawing, &err);
	else if (called.status >= 300)
		on_refused(withdrawing, &called);
	else
		settle(withdrawing, apply_done);
}

/* 1, or 0 if there is none; the call's body. */
static int
put_body(struct rows *rows, enum center_send_kind kind, int64_t delivery,
    struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	struct center_rewrap rewrap = { 0 };
	int found;

	if (kind == CENTER_SEND_WITHDRAWAL)
		return center_withdrawal_find(rows, delivery, to, err);
	found = center_rewrap_find(rows, delivery, &rewrap, err);
	if (found > 0) {
		json_write_begin_object(&writer, NULL);
		json_write_base64(&writer, "addendum", rewrap.addendum.data,
		    rewrap.addendum.len);
		json_write_base64(&writer, "key_part", rewrap.key_part.data,
		    rewrap.key_part.len);
		json_write_end(&writer);
		if (json_write_done(&writer, err) < 0)
			found = -1;
	}
	center_rewrap_free(&rewrap);
	return found;
}

static int
call(struct withdrawing *withdrawing, struct error *err)
{
	struct destination *destination = withdrawing->destination;
	const struct center_send *send = &withdrawing->send;
	struct center *center = destination->center;
	bool is_rewrap = send->kind == CENTER_SEND_REWRAP;
	struct message_call call = { .method = "POST",
		.timeout_ms = CALL_TIMEOUT_MS };
	struct bytes body = { 0 };
	int rc = put_body(store_rows(center->spool.store), send->kind,
	    send->waybill, &body, err);

	if (rc == 0)
		rc = error_set(err, ERROR_NOT_FOUND,
		    "nothing to pass on of %lld", (long long)send->waybill);
	text_copy(call.path, sizeof(call.path),
	    is_rewrap                              ? "/v1/rewraps"
		: send->entry == CENTER_SEND_AGAIN ? "/v1/acts?again=1"
						   : "/v1/acts");
	text_copy(call.type, sizeof(call.type),
	    is_rewrap ? "application/json" : "application/pkcs7-mime");
	call.body = blob_of_bytes(&body);
	text_copy(call.peer, sizeof(call.peer), destination->name);
	if (rc > 0)
		rc = peer_ask(center->spool.courier, MESSAGE_CALL, &call, -1,
		    on_called, withdrawing, NULL, err);
	bytes_free(&body);
	return rc;
}

/* In turn, those that were never refused and those whose next try has come. */
static int
find_next(struct destination *destination, struct center_send *ret_send,
    struct error *err)
{
	static const enum center_send_kind kinds[] = { CENTER_SEND_WITHDRAWAL,
		CENTER_SEND_REWRAP };
	struct rows *rows = store_rows(destination->center->spool.store);
	int found = 0;

	destination->is_turn_of_others = !destination->is_turn_of_others;
	for (size_t i = 0; i < 2 * ARRAY_LEN(kinds) && found == 0; i++) {
		enum center_send_kind kind = kinds[i % ARRAY_LEN(kinds)];
		bool is_second = i >= ARRAY_LEN(kinds);

		found = is_second == destination->is_turn_of_others
		    ? center_send_next(rows, destination->name, kind, 0,
			  ret_send, err)
		    : center_send_refused(destination, kind, ret_send, err);
	}
	return found;
}

int
center_send_withdrawal(struct destination *destination, struct error *err)
{
	struct withdrawing *withdrawing;
	struct center_send send;
	struct error why = { 0 };
	int found;

	if (destination->withdrawing != NULL)
		return 0;
	found = find_next(destination, &send, err);
	if (found <= 0)
		return found;
	withdrawing = calloc(1, sizeof(*withdrawing));
	if (withdrawing == NULL)
		return error_set_memory(err);
	withdrawing->destination = destination;
	withdrawing->send = send;
	destination->withdrawing = withdrawing;
	if (call(withdrawing, &why) >= 0)
		return 0;
	if (why.code == ERROR_NOT_FOUND) {
		/* It holds up nothing, and an operator sees it. */
		center_send_log_later(destination, &why);
		text_copy(withdrawing->send.reason,
		    sizeof(withdrawing->send.reason), error_message_id(&why));
		settle(withdrawing, apply_aside);
		return 0;
	}
	destination->withdrawing = NULL;
	free(withdrawing);
	*err = why;
	return -1;
}
