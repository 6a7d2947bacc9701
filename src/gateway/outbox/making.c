#include "gateway/outbox/making.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "envelope/bundle.h"
#include "gateway/gateway.h"
#include "gateway/outbox/outbox_findings.h"
#include "gateway/sending/making_apart.h"
#include "gateway/sending/making_groups.h"
#include "http/http_path.h"
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
	struct making_apart letters; /* one, or copies that are written apart */
	size_t next;
	struct bytes bundle; /* what was made so far */
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

static void
end(struct made *made)
{
	making_apart_free(&made->letters);
	bytes_free(&made->bundle);
	made->peer = NULL;
}

/* All are made, or one cannot be: `report` says why. */
static int
answer(const struct made *made, const struct blob *report, struct error *err)
{
	struct message_response response = { .status = 200,
		.type = "application/vnd.yizhan.bundle" };
	struct bytes body = { 0 };
	int rc = 0;

	if (report == NULL)
		response.body = blob_of_bytes(&made->bundle);
	else
		rc = put_problem(made, *report, &response, &body, err);
	if (rc == 0 && !made->is_left)
		peer_tell(made->peer, MESSAGE_RESPONSE, made->request,
		    &response, -1);
	bytes_free(&body);
	return rc;
}

static int ask_next(struct made *made, struct error *err);

/* Its records behind those before; a bundle begins with one magic. */
static int
take(struct made *made, struct blob bundle, struct error *err)
{
	size_t from = made->next > 0 ? BUNDLE_MAGIC_LEN : 0;

	if (bundle.len < from)
		return error_set(err, ERROR_SYSTEM, "a bundle without magic");
	bytes_put(&made->bundle, (const uint8_t *)bundle.data + from,
	    bundle.len - from);
	if (made->bundle.len > 2 * MAKING_APART_BYTES_MAX)
		return error_set_id(err, "E4205", ERROR_MALFORMED,
		    "the letters are longer than %d bytes together",
		    2 * MAKING_APART_BYTES_MAX);
	made->next++;
	return bytes_failed(&made->bundle, err);
}

static void
on_made(void *ctx, struct ipc_message *message)
{
	struct made *made = ctx;
	struct message_made said;
	struct error err = { 0 };
	int rc = message_read(message, MESSAGE_MADE, &said, &err);

	if (rc == 0 && !said.is_made)
		rc = answer(made, &said.json, &err);
	else if (rc == 0 && (rc = take(made, said.bundle, &err)) == 0) {
		if (made->next < made->letters.count && !made->is_left) {
			if (ask_next(made, &err) == 0)
				return;
			rc = -1;
		} else {
			rc = answer(made, NULL, &err);
		}
	}
	if (rc < 0 && !made->is_left)
		peer_refuse(made->peer, made->request, &err);
	end(made);
}

static int
ask_next(struct made *made, struct error *err)
{
	const struct bytes *letter = &made->letters.letters[made->next];
	const struct message_make ask = { .json = blob_of_bytes(letter) };

	return peer_ask(made->making->gateway->spool.reader, MESSAGE_MAKE, &ask,
	    -1, on_made, made, NULL, err);
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

/* The letter as it came, as a list of one. */
static int
take_whole(struct making_apart *letters, struct blob json, struct error *err)
{
	letters->letters = calloc(1, sizeof(*letters->letters));
	if (letters->letters == NULL)
		return error_set_memory(err);
	letters->count = 1;
	bytes_put(&letters->letters[0], json.data, json.len);
	return bytes_failed(&letters->letters[0], err);
}

/* Members for groups; then, if it is wanted, a letter for each recipient. */
static int
prepare(struct made *made, const struct message_request *request,
    struct error *err)
{
	const struct spool *spool = &made->making->gateway->spool;
	struct http_target target = { 0 };
	struct bytes expanded = { 0 };
	struct blob json = request->body;
	const char *apart;
	int rc = -1;

	if (http_target_parse(request->path, strlen(request->path), &target,
		err) == 0 &&
	    making_groups_expand(store_rows(spool->store), spool->env->config,
		request->scope, request->body, &expanded, err) == 0) {
		if (expanded.len > 0)
			json = blob_of_bytes(&expanded);
		apart = http_target_param(&target, "apart");
		rc = apart != NULL && text_equal(apart, "1")
		    ? making_apart_split(json, &made->letters, err)
		    : take_whole(&made->letters, json, err);
	}
	http_target_free(&target);
	bytes_free(&expanded);
	return rc;
}

void
making_request(struct making *making, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct error err = { 0 };
	struct made *made = free_place(making, &err);

	if (made == NULL) {
		peer_refuse(peer, id, &err);
		return;
	}
	*made = (struct made){ .making = making,
		.peer = peer,
		.request = id,
		.is_english = problem_is_english(request->language) };
	text_copy(made->trace, sizeof(made->trace), request->trace);
	if (prepare(made, request, &err) < 0 || ask_next(made, &err) < 0) {
		peer_refuse(peer, id, &err);
		end(made);
	}
}

void
making_cancel(struct making *making, uint32_t id)
{
	for (size_t i = 0; i < MAKING_MAX; i++)
		if (making->places[i].request == id)
			making->places[i].is_left = true;
}
