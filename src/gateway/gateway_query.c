/*
 * The query role of a gateway: answers of the local API that change nothing
 * and wait for nothing, and payload for listener and courier.
 */
#include "gateway/gateway.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "gateway/desk/desk_read.h"
#include "gateway/evidence/log_watch.h"
#include "gateway/gateway_metrics.h"
#include "gateway/gateway_query_internal.h"
#include "gateway/lost/lost.h"
#include "gateway/printing.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "role/listener/listener.h"
#include "role/people/people_admit.h"
#include "role/query/queries.h"
#include "store/store_view.h"
#include "sys/ipc.h"

static const char next_field[] = "yizhan-next";

enum { LIST_DEFAULT = 50, LIST_MAX = 200 };

struct gateway_query {
	struct queries queries; /* first: its handlers take it for this */
	struct peer *printer;
	unsigned public_views;
};

/* ---- parameters ------------------------------------------------------ */

const char *
gateway_query_param(const struct gateway_asked *asked, const char *name)
{
	const char *value = http_target_param(&asked->target, name);

	return value != NULL ? value : "";
}

int
gateway_query_limit(const struct gateway_asked *asked, unsigned *ret_limit,
    struct error *err)
{
	const char *text = gateway_query_param(asked, "limit");
	uint64_t limit = LIST_DEFAULT;

	if (text[0] != '\0' &&
	    (!text_parse_u64(text, UINT32_MAX, &limit) || limit == 0))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "limit must be a number above 0");
	*ret_limit = (unsigned)(limit < LIST_MAX ? limit : LIST_MAX);
	return 0;
}

/* ---- which answer ---------------------------------------------------- */

static const struct {
	const char *pattern;
	int (*answer)(struct gateway_asked *asked, struct error *err);
} answers[] = {
	{ "/v1/lost", gateway_query_lost_list },
	{ "/v1/lost/{}/receipts", gateway_query_lost_receipts },
	{ "/v1/session", gateway_query_session },
	{ "/v1/persons", gateway_query_people },
	{ "/v1/tokens", gateway_query_people },
	{ "/v1/acts", gateway_query_people },
	{ "/v1/events", gateway_query_events },
	{ "/metrics", gateway_query_metrics },
	{ "/v1/webhooks", gateway_query_webhooks },
	{ "/v1/webhooks/{}/dead", gateway_query_webhook_dead },
	{ "/v1/units", desk_read_units },
	{ "/v1/deputies", desk_read_deputies },
	{ "/v1/desk", desk_read_settings },
	{ "/v1/waiting", desk_read_waiting },
	{ "/v1/registers/in", register_answer_in },
	{ "/v1/registers/out", register_answer_out },
	{ "/v1/statistics", register_answer_statistics },
	{ "/v1/outbox", gateway_query_outbox_list },
	{ "/v1/outbox/{}", gateway_query_outbox_one },
	{ "/v1/outbox/{}/receipts", gateway_query_outbox_receipts },
	{ "/v1/sending", gateway_query_sending },
	{ "/v1/letterhead", gateway_query_letterhead },
	{ "/v1/recipient-limits", gateway_query_recipient_limits },
	{ "/v1/groups", gateway_query_groups },
	{ "/v1/groups/{}", gateway_query_group },
	{ "/v1/groups/{}/history", gateway_query_group_history },
	{ "/v1/board", gateway_query_board },
	{ "/v1/board/{}/{}", gateway_query_board_one },
	{ "/v1/board/{}/{}/files/{}", gateway_query_board_file },
	{ "/v1/board/{}/{}/view", gateway_query_board_view },
	{ "/v1/drafts", gateway_query_drafts },
	{ "/v1/drafts/{}", gateway_query_draft },
	{ "/v1/drafts/{}/files/{}", gateway_query_draft_file },
	{ "/v1/drafts/{}/print", gateway_query_draft_print },
	{ "/v1/drafts/{}/view", gateway_query_draft_view },
	{ "/v1/series/{}", gateway_query_series },
	{ "/v1/overview", gateway_query_overview },
	{ "/v1/deliveries", gateway_query_deliveries },
	{ "/v1/review", gateway_query_review },
	{ "/v1/reviews", gateway_query_reviews },
	{ "/v1/outbox/{}/print", gateway_query_outbox_print },
	{ "/v1/outbox/{}/view", gateway_query_outbox_view },
	{ "/v1/outbox/{}/recipients", gateway_query_outbox_recipients },
	{ "/v1/outbox/{}/evidence", gateway_query_outbox_evidence },
	{ "/v1/inbox", gateway_query_inbox_list },
	{ "/v1/inbox/{}/{}", gateway_query_inbox_one },
	{ "/v1/inbox/{}/{}/receipts", gateway_query_inbox_receipts },
	{ "/v1/inbox/{}/{}/evidence", gateway_query_inbox_evidence },
	{ "/v1/inbox/{}/{}/package", gateway_query_inbox_package },
	{ "/v1/inbox/{}/{}/print", gateway_query_inbox_print },
	{ "/v1/inbox/{}/{}/view", gateway_query_inbox_view },
	{ "/v1/inbox/{}/{}/files/{}", gateway_query_inbox_file },
};

static int
find_answer(struct gateway_asked *asked, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		if (http_path_match(answers[i].pattern, asked->target.path,
			&asked->segments))
			return answers[i].answer(asked, err);
	return error_set_id(err, "E6201", ERROR_NOT_FOUND,
	    "there is nothing at %s", asked->target.path);
}

static int
answer(struct gateway_asked *asked, const struct message_request *request,
    struct error *err)
{
	if (http_target_parse(request->path, strlen(request->path),
		&asked->target, err) < 0)
		return -1;
	asked->reading.rows = queries_rows(asked->queries, err);
	if (asked->reading.rows == NULL)
		return -1;
	asked->reading.directory = queries_directory(asked->queries);
	asked->reading.now = role_env_now(asked->queries->env);
	asked->reading.scope = asked->scope = request->scope;
	asked->view = inbox_view_of(request);
	asked->writer = json_writer_to(&asked->json);
	if (find_answer(asked, err) < 0)
		return -1;
	return asked->bytes.payload != 0 || asked->format != 0 ||
		asked->type != NULL
	    ? 0
	    : json_write_done(&asked->writer, err);
}

/* Bytes are never shown as what they say they are: a browser could run them. */
static void
send_bytes(const struct gateway_asked *asked, struct peer *peer, uint32_t id)
{
	struct message_response response = { .status = 200,
		.type = "application/octet-stream",
		.payload = asked->bytes.payload,
		.payload_offset = asked->bytes.offset,
		.payload_len = asked->bytes.len };

	if (asked->bytes.name[0] == '\0')
		text_copy(response.type, sizeof(response.type),
		    "application/vnd.etsi.asic-e+zip");
	peer_tell(peer, MESSAGE_RESPONSE, id, &response, -1);
}

/* A file that was made here. */
static void
send_file(const struct gateway_asked *asked, struct peer *peer, uint32_t id)
{
	struct message_response response = { .status = 200,
		.body = blob_of_bytes(&asked->json) };
	struct bytes headers = { 0 };

	/* listener_table.h goes on from there. */
	if (asked->next[0] != '\0') {
		bytes_put(&headers, next_field, sizeof(next_field));
		bytes_put(&headers, asked->next, strlen(asked->next) + 1);
		response.headers = blob_of_bytes(&headers);
	}
	text_copy(response.type, sizeof(response.type), asked->type);
	if (!headers.failed)
		peer_tell(peer, MESSAGE_RESPONSE, id, &response, -1);
	bytes_free(&headers);
}

static void
on_request(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct gateway_query *query = ctx;
	struct gateway_asked asked = { .queries = &query->queries,
		.public_views = &query->public_views };
	struct message_request request;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_REQUEST, &request, &err) < 0) {
		peer_refuse(peer, message->id, &err);
		return;
	}
	if (gateway_query_admit(ctx, &request, &asked.caller, &err) < 0) {
		peer_refuse(peer, message->id, &err);
		return;
	}
	if (queries_answer(ctx, peer, message->id, &request))
		return;
	if (answer(&asked, &request, &err) < 0)
		peer_refuse(peer, message->id, &err);
	else if (asked.bytes.payload != 0)
		send_bytes(&asked, peer, message->id);
	else if (asked.format != 0)
		printing_ask(&asked.printing, asked.format,
		    ((struct gateway_query *)ctx)->printer, peer, message->id);
	else if (asked.type != NULL)
		send_file(&asked, peer, message->id);
	else
		queries_reply(peer, message->id, 200, &asked.json);
	http_target_free(&asked.target);
	printing_free(&asked.printing);
	bytes_free(&asked.json);
}

/* Nothing here goes on after its answer. */
static void
on_cancel(void *ctx, struct peer *peer, struct ipc_message *message)
{
	(void)ctx;
	(void)peer;
	(void)message;
}

static const struct peer_handler printer_handlers[] = {
	{ MESSAGE_NONE, NULL },
};

static const struct peer_handler listener_handlers[] = {
	{ MESSAGE_BULLETINS_READ, queries_on_bulletins_read },
	{ MESSAGE_PAGES_READ, queries_on_pages_read },
	{ MESSAGE_PAYLOAD_READ, queries_on_payload_read },
	{ MESSAGE_PAYLOAD_FREE, queries_on_payload_free },
	{ MESSAGE_ADMIT, gateway_query_on_admit },
	{ MESSAGE_REQUEST, on_request },
	{ MESSAGE_CANCEL, on_cancel },
	{ MESSAGE_NONE, NULL },
};

/* Letters of which only receipts came back. */
static void
write_lost(struct queries *queries, struct json_writer *writer)
{
	struct bytes text = { 0 };
	struct error err = { 0 };
	int64_t count = 0;

	if (lost_count(store_view_rows(queries->view), "", &count, &err) < 0 ||
	    count == 0)
		return;
	bytes_put_format(&text, "%lld", (long long)count);
	bytes_put_u8(&text, '\0');
	if (!text.failed)
		queries_write_check(queries, writer, "lost letters",
		    QUERIES_WARNING, "E4505", (const char *)text.data);
	bytes_free(&text);
}

/* What became of our center's checkpoints. */
static void
write_checks(struct queries *queries, struct json_writer *writer)
{
	queries_write_state(queries, writer, "queue", gateway_metrics_queue);
	queries_write_state(queries, writer, "log", log_watch_state);
	write_lost(queries, writer);
}

int
gateway_query_start(struct role_env *env, struct error *err)
{
	const struct queries_tier tier = {
		.application_id = GATEWAY_APPLICATION_ID,
		.migrations = gateway_migrations,
		.migration_count = gateway_migration_count,
		.listener_handlers = listener_handlers,
		.write_checks = write_checks,
		.has_conflicts = true,
	};
	struct gateway_query *query = calloc(1, sizeof(*query));
	int rc = -1;

	if (query == NULL)
		return error_set_memory(err);
	if (queries_open(&query->queries, env, &tier, err) == 0 &&
	    role_env_peer(env, ROLE_PRINTER, printer_handlers, query,
		&query->printer, err) == 0)
		rc = role_env_run(env, err);
	free(query);
	return rc;
}
