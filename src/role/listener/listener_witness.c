#include "role/listener/listener_witness.h"

#include <string.h>

#include "base/error.h"
#include "log/add_checkpoint.h"
#include "role/listener/listener_request.h"
#include "sys/ipc.h"

_Static_assert(LISTENER_WITNESS_MAX >= (int)ADD_CHECKPOINT_MAX,
    "every request that is well formed must fit");

/* As C2SP tlog-witness answers: 409 tells from where the proof must begin. */
static void
on_witnessed(struct listener_request *request, struct ipc_message *message)
{
	struct message_witnessed witnessed;
	struct bytes body = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_WITNESSED, &witnessed, &err) < 0) {
		listener_refuse(request, &err);
		return;
	}
	if (witnessed.is_cosigned)
		bytes_put(&body, witnessed.line.data, witnessed.line.len);
	else
		bytes_put_format(&body, "%llu\n",
		    (unsigned long long)witnessed.size);
	if (bytes_failed(&body, &err) < 0)
		listener_refuse(request, &err);
	else if (witnessed.is_cosigned)
		listener_answer(request, 200, "text/plain", &body);
	else
		listener_answer(request, 409, "text/x.tlog.size", &body);
	bytes_free(&body);
}

static void
on_checkpoint(struct listener_request *request, struct ipc_message *message)
{
	struct message_checkpoint checkpoint;
	struct message_witness witness = {
		.fingerprint = request->fingerprint,
		.checkpoint = blob_of(message->body, message->len),
	};
	struct error err = { 0 };

	memcpy(witness.host, request->host, sizeof(witness.host));
	if (message_read(message, MESSAGE_CHECKPOINT, &checkpoint, &err) < 0 ||
	    listener_ask(request, request->listener->spooler, MESSAGE_WITNESS,
		&witness, MESSAGE_NONE, on_witnessed, &err) < 0)
		listener_refuse(request, &err);
}

void
listener_witness(struct listener_request *request)
{
	struct message_verify_checkpoint verify = {
		.request = blob_of_bytes(&request->body),
	};
	struct error err = { 0 };

	if (listener_ask(request, request->listener->verifier,
		MESSAGE_VERIFY_CHECKPOINT, &verify, MESSAGE_NONE, on_checkpoint,
		&err) < 0)
		listener_refuse(request, &err);
}
