#include "gateway/outbox/making.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "gateway/gateway.h"
#include "gateway/outbox/outbox_findings.h"
#include "gateway/sending/making_groups.h"
#include "json/json_write.h"
#include "role/message.h"
#include "role/peer.h"
#include "role/problem.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/ipc.h"

/* One that the reader works on. */
struct made {
	struct making *making;
	struct peer *peer; /* NULL for a free place */
	uint32_t request;
	bool is_left; /* the asker is gone */
	bool is_english;
	char trace[MESSAGE_TRACE_SIZE];
};

struct making {
	struct gateway *gateway; /* not ours */
	struct made places[MAKING_MAX];
};

int
making_new(struct gateway *gateway, struct making **ret_making,
    struct error *err)
{
	struct making *making = calloc(1, sizeof(*making));

	if (making == NULL)
		return error_set_memory(err);
	making->gateway = gateway;
	*ret_making = making;
	return 0;
}

static int
put_problem(const struct made *made, struct blob report,
    struct message_response *response, struct bytes *body, struct error *err)
{
	const struct outbox_findings none = { 0 };
	struct error refusal = { 0 };
	struct bytes errors = { 0 };
	struct json_writer writer = json_writer_to(&errors);
	int rc = outbox_findings_write(&none, report, made->is_english, NULL,
	    &writer, err);

	error_set_id(&refusal, "E4209", ERROR_MALFORMED,
	    "the letter cannot be made for what `errors` lists");
	if (rc == 0)
		rc = json_write_done(&writer, err);
	bytes_put_u8(&errors, '\0');
	if (rc == 0)
		rc = bytes_failed(&errors, err);
	if (rc == 0) {
		text_copy(response->type, sizeof(response->type), problem_type);
		response->status = (uint16_t)problem_put(&refusal,
		    made->is_english ? "en" : "zh-TW", made->trace,
		    (const char *)errors.data, body);
		response->body = blob_of_bytes(body);
		rc = bytes_failed(body, err);
	}
	bytes_free(&errors);
	return rc;
}

static int
answer(const struct made *made, struct ipc_message *message, struct error *err)
{
	struct message_response response = { .status = 200,
		.type = "application/vnd.yizhan.bundle" };
	struct message_made said;
	struct bytes body = { 0 };
	int rc = message_read(message, MESSAGE_MADE, &said, err);

	if (rc == 0 && said.is_made)
		response.body = said.bundle;
	else if (rc == 0)
		rc = put_problem(made, said.json, &response, &body, err);
	if (rc == 0 && !made->is_left)
		peer_tell(made->peer, MESSAGE_RESPONSE, made->request,
		    &response, -1);
	bytes_free(&body);
	return rc;
}

static void
on_made(void *ctx, struct ipc_message *message)
{
	struct made *made = ctx;
	struct error err = { 0 };

	if (answer(made, message, &err) < 0 && !made->is_left)
		peer_refuse(made->peer, made->request, &err);
	made->peer = NULL;
}

static struct made *
free_place(struct making *making, struct error *err)
{
	for (size_t i = 0; i < MAKING_MAX; i++)
		if (making->places[i].peer == NULL)
			return &making->places[i];
	error_set_id(err, "E2293", ERROR_BUSY, "%d letters are being made",
	    MAKING_MAX);
	return NULL;
}

void
making_request(struct making *making, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct spool *spool = &making->gateway->spool;
	struct message_make ask = { .json = request->body };
	struct bytes expanded = { 0 };
	struct error err = { 0 };
	struct made *made = free_place(making, &err);

	if (made != NULL) {
		*made = (struct made){ .making = making,
			.peer = peer,
			.request = id,
			.is_english = problem_is_english(request->language) };
		text_copy(made->trace, sizeof(made->trace), request->trace);
	}
	if (made != NULL &&
	    making_groups_expand(store_rows(spool->store), spool->env->config,
		request->scope, request->body, &expanded, &err) == 0 &&
	    expanded.len > 0)
		ask.json = blob_of_bytes(&expanded);
	if (made == NULL || err.code != ERROR_NONE ||
	    peer_ask(spool->reader, MESSAGE_MAKE, &ask, -1, on_made, made, NULL,
		&err) < 0) {
		if (made != NULL)
			made->peer = NULL;
		peer_refuse(peer, id, &err);
	}
	bytes_free(&expanded);
}

void
making_cancel(struct making *making, uint32_t id)
{
	for (size_t i = 0; i < MAKING_MAX; i++)
		if (making->places[i].request == id)
			making->places[i].is_left = true;
}
