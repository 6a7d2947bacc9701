/*
 * What the sender's module signed about deliveries that another center decides,
 * withdrawals and addenda: it goes there as it came.  What that center makes of
 * it comes back as a receipt, of this or of the event that was first.
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
#include "role/problem.h"
#include "store/store.h"
#include "sys/ipc.h"

enum { CALL_TIMEOUT_MS = 60000 };

/* One under way. */
struct withdrawing {
	struct group_op op; /* first: the group hands it back */
	struct destination *destination;
	enum center_send_kind kind;
	int64_t send;
};

static void
end(struct withdrawing *withdrawing, const struct error *failure)
{
	struct destination *destination = withdrawing->destination;

	destination->withdrawing = NULL;
	free(withdrawing);
	if (failure != NULL)
		center_send_later(destination, failure);
	else
		center_send_went_well(destination);
}

static int
apply_done(struct group_op *op, struct error *err)
{
	struct withdrawing *withdrawing = (struct withdrawing *)(void *)op;

	return center_send_remove(store_rows(withdrawing->destination->center
						 ->spool.store),
	    withdrawing->send, err);
}

static void
finish_done(struct group_op *op, const struct error *failure)
{
	end((struct withdrawing *)(void *)op, failure);
}

/*
 * Over: it was taken, or it came too late.  A center that does not know the
 * waybill yet will when our relay arrives.  An addendum that is judged by a
 * newer directory than ours may fail: then the sender makes another one.
 */
static bool
is_over(const struct message_called *called, enum center_send_kind kind)
{
	char code[ERROR_ID_SIZE];

	if (called->status == 200 || called->status == 201)
		return true;
	problem_code(called->body, code, sizeof(code));
	return text_equal(code, "E4102") ||
	    (kind == CENTER_SEND_REWRAP &&
		(text_equal(code, "E4021") || text_equal(code, "E4009") ||
		    text_equal(code, "E4060")));
}

static void
on_called(void *ctx, struct ipc_message *message)
{
	struct withdrawing *withdrawing = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0) {
		end(withdrawing, &err);
		return;
	}
	if (!is_over(&called, withdrawing->kind)) {
		error_set(&err, ERROR_BUSY, "%s refused: %u",
		    withdrawing->kind == CENTER_SEND_REWRAP ? "addendum"
							    : "withdrawal",
		    called.status);
		end(withdrawing, &err);
		return;
	}
	withdrawing->op.apply = apply_done;
	withdrawing->op.finish = finish_done;
	group_add(withdrawing->destination->center->spool.group,
	    &withdrawing->op);
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
call(struct withdrawing *withdrawing, const struct center_send *send,
    struct error *err)
{
	struct destination *destination = withdrawing->destination;
	struct center *center = destination->center;
	bool is_rewrap = withdrawing->kind == CENTER_SEND_REWRAP;
	struct message_call call = { .method = "POST",
		.timeout_ms = CALL_TIMEOUT_MS };
	struct bytes body = { 0 };
	int rc = put_body(store_rows(center->spool.store), withdrawing->kind,
	    send->waybill, &body, err);

	if (rc == 0)
		rc = error_set(err, ERROR_SYSTEM, "nothing to pass on of %lld",
		    (long long)send->waybill);
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

static int
find_next(struct destination *destination, struct center_send *ret_send,
    struct error *err)
{
	static const enum center_send_kind kinds[] = { CENTER_SEND_WITHDRAWAL,
		CENTER_SEND_REWRAP };
	int found = 0;

	for (size_t i = 0; i < ARRAY_LEN(kinds) && found == 0; i++)
		found = center_send_next(store_rows(
					     destination->center->spool.store),
		    destination->name, kinds[i], 0, ret_send, err);
	return found;
}

int
center_send_withdrawal(struct destination *destination, struct error *err)
{
	struct withdrawing *withdrawing;
	struct center_send send;
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
	withdrawing->kind = send.kind;
	withdrawing->send = send.row;
	if (call(withdrawing, &send, err) < 0) {
		free(withdrawing);
		return -1;
	}
	destination->withdrawing = withdrawing;
	return 0;
}
