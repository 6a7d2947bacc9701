/*
 * Withdrawals of deliveries that another center decides: the sender's act goes
 * there as it came.  What that center makes of it comes back as a receipt, of
 * this or of the event that was first.
 */
#include "center/center.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "center/center_rows.h"
#include "center/center_send_internal.h"
#include "role/problem.h"
#include "store/store.h"
#include "sys/ipc.h"

enum { CALL_TIMEOUT_MS = 60000 };

/* One withdrawal under way. */
struct withdrawing {
	struct group_op op; /* first: the group hands it back */
	struct destination *destination;
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
 * waybill yet will when our relay arrives.
 */
static bool
is_over(const struct message_called *called)
{
	char code[ERROR_ID_SIZE];

	if (called->status == 200 || called->status == 201)
		return true;
	problem_code(called->body, code, sizeof(code));
	return text_equal(code, "E4102");
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
	if (!is_over(&called)) {
		error_set(&err, ERROR_BUSY, "withdrawal refused: %u",
		    called.status);
		end(withdrawing, &err);
		return;
	}
	withdrawing->op.apply = apply_done;
	withdrawing->op.finish = finish_done;
	group_add(withdrawing->destination->center->spool.group,
	    &withdrawing->op);
}

static int
call(struct withdrawing *withdrawing, const struct center_send *send,
    struct error *err)
{
	struct destination *destination = withdrawing->destination;
	struct center *center = destination->center;
	struct message_call call = { .method = "POST",
		.type = "application/pkcs7-mime",
		.timeout_ms = CALL_TIMEOUT_MS };
	struct bytes cms = { 0 };
	int rc = center_withdrawal_find(store_rows(center->spool.store),
	    send->waybill, &cms, err);

	if (rc == 0)
		rc = error_set(err, ERROR_SYSTEM, "no withdrawal of %lld",
		    (long long)send->waybill);
	call.body = blob_of_bytes(&cms);
	text_copy(call.path, sizeof(call.path),
	    send->entry == CENTER_SEND_AGAIN ? "/v1/acts?again=1" : "/v1/acts");
	text_copy(call.peer, sizeof(call.peer), destination->name);
	if (rc > 0)
		rc = peer_ask(center->spool.courier, MESSAGE_CALL, &call, -1,
		    on_called, withdrawing, NULL, err);
	bytes_free(&cms);
	return rc;
}

int
center_send_withdrawal(struct destination *destination, struct error *err)
{
	struct withdrawing *withdrawing;
	struct center_send send;
	int found;

	if (destination->withdrawing != NULL)
		return 0;
	found = center_send_next(store_rows(destination->center->spool.store),
	    destination->name, CENTER_SEND_WITHDRAWAL, 0, &send, err);
	if (found <= 0)
		return found;
	withdrawing = calloc(1, sizeof(*withdrawing));
	if (withdrawing == NULL)
		return error_set_memory(err);
	withdrawing->destination = destination;
	withdrawing->send = send.row;
	if (call(withdrawing, &send, err) < 0) {
		free(withdrawing);
		return -1;
	}
	destination->withdrawing = withdrawing;
	return 0;
}
