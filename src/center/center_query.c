#include "center/center_query.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/center_query_feed.h"
#include "center/center_rows.h"
#include "center/epoch/center_epoch_rows.h"
#include "center/hold/center_hold.h"
#include "center/log/center_query_log.h"
#include "center/log/center_stamp.h"
#include "center/send/center_send_show.h"
#include "directory/directory.h"
#include "envelope/bundle.h"
#include "json/json_write.h"
#include "role/log/cosign.h"
#include "role/log/host_log.h"
#include "role/log/witness.h"
#include "role/query/metrics.h"
#include "role/query/queries.h"
#include "service/config.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/store_view.h"
#include "sys/ipc.h"

/* ---- deliveries ------------------------------------------------------ */

/* Only a host in whose access list the recipient stands may see it. */
static int
check_host(struct queries *queries, const struct message_delivery_read *ask,
    struct error *err)
{
	const struct directory *directory = queries_directory(queries);
	struct directory_org receiver;
	struct directory_key seal;
	struct org_code code;

	if (directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	if (!org_code_parse(ask->recipient, &code) ||
	    !directory_find_receiver(directory, &code, &receiver, &seal) ||
	    !text_equal(receiver.host, ask->host))
		return error_set_id(err, "E4003", ERROR_NOT_FOUND,
		    "%s does not receive for %s", ask->host, ask->recipient);
	return 0;
}

/* Columns cms, entry, leaf_json, path, payload, content_len. */
static int
put_delivery(struct queries *queries, struct query *query,
    struct message_delivery *delivery, struct bytes *records, struct error *err)
{
	struct bytes receipt = { 0 };
	struct leaves *leaves;
	const void *data;
	size_t len;
	int rc = -1;

	if (store_view_leaves(queries->view, &leaves, err) < 0 ||
	    host_log_receipt(leaves, (uint64_t)query_int(query, 1), &receipt,
		err) < 0)
		goto done;
	data = query_data(query, 0, &len);
	bundle_put(records, BUNDLE_WAYBILL, data, len);
	bundle_put(records, BUNDLE_RECEIPT, receipt.data, receipt.len);
	data = query_data(query, 2, &len);
	bundle_put(records, BUNDLE_LEAF, data, len);
	data = query_data(query, 3, &len);
	bundle_put(records, BUNDLE_PATH, data, len);
	delivery->payload = (uint64_t)query_int(query, 4);
	delivery->content_len = (uint64_t)query_int(query, 5);
	rc = bytes_failed(records, err);
done:
	bytes_free(&receipt);
	return rc;
}

/*
 * What was withdrawn, or ended without its recipient, is not handed out; what
 * is held, not now.
 */
static int
check_state(int64_t state, int64_t flags, struct error *err)
{
	if (state < DELIVERY_FETCHED && (flags & CENTER_FLAG_SUSPENDED) != 0)
		return error_set_id(err, "E4036", ERROR_BUSY,
		    "the delivery is held");
	if (state != DELIVERY_EXPIRED && state != DELIVERY_WITHDRAWN &&
	    state != DELIVERY_QUARANTINED)
		return 0;
	return error_set_id(err, "E4104", ERROR_NOT_FOUND, "the delivery is %s",
	    delivery_state_name((enum delivery_state)state));
}

/* Another center decides it by now, and hands it out. */
static int
check_center(const struct queries *queries, const char *center,
    struct error *err)
{
	if (text_equal(center, queries->env->config->host.name))
		return 0;
	return error_set_id(err, "E4401", ERROR_BUSY,
	    "the delivery is at %s now", center);
}

static int
read_delivery(struct queries *queries, const struct message_delivery_read *ask,
    struct message_delivery *delivery, struct bytes *records, struct error *err)
{
	struct query *query;
	int found;

	if (queries_rows(queries, err) == NULL ||
	    center_epoch_check_rows(store_view_rows(queries->view), err) < 0 ||
	    check_host(queries, ask, err) < 0 ||
	    query_begin(store_view_rows(queries->view),
		"SELECT w.cms, w.entry, d.leaf_json, d.path, w.payload,"
		" w.content_len, d.state, d.flags, d.center FROM waybill AS w"
		" JOIN delivery AS d ON d.waybill = w.id"
		" WHERE w.waybill_id = ?1 AND d.recipient = ?2",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, &ask->waybill_id);
	query_bind_text(query, 2, ask->recipient);
	found = query_next(query, err);
	if (found > 0 &&
	    (check_center(queries, query_text(query, 8), err) < 0 ||
		check_state(query_int(query, 6), query_int(query, 7), err) <
		    0 ||
		put_delivery(queries, query, delivery, records, err) < 0))
		found = -1;
	query_end(query);
	if (found == 0)
		return error_set_id(err, "E4032", ERROR_NOT_FOUND,
		    "no such delivery here");
	if (found > 0 && delivery->payload == 0)
		return error_set_id(err, "E4032", ERROR_NOT_FOUND,
		    "its content was removed");
	return found < 0 ? -1 : 0;
}

static void
on_delivery_read(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct queries *queries = ctx;
	struct message_delivery_read ask;
	struct message_delivery delivery = { 0 };
	struct bytes records = { 0 };
	struct error err = { 0 };
	int rc = -1;

	if (message_read(message, MESSAGE_DELIVERY_READ, &ask, &err) == 0 &&
	    queries_rows(queries, &err) != NULL &&
	    store_view_begin(queries->view, &err) == 0) {
		rc = read_delivery(queries, &ask, &delivery, &records, &err);
		store_view_end(queries->view);
	}
	if (rc < 0) {
		peer_refuse(peer, message->id, &err);
	} else {
		delivery.records = blob_of_bytes(&records);
		peer_tell(peer, MESSAGE_DELIVERY, message->id, &delivery, -1);
	}
	bytes_free(&records);
}

/* ---- holds ----------------------------------------------------------- */

static void
answer_holds(struct queries *queries, struct peer *peer, uint32_t id)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	if (queries_rows(queries, &err) == NULL ||
	    center_hold_write(store_view_rows(queries->view),
		role_env_now(queries->env), &writer, &err) < 0 ||
	    json_write_done(&writer, &err) < 0) {
		bytes_free(&json);
		peer_refuse(peer, id, &err);
		return;
	}
	queries_reply(peer, id, 200, &json);
}

/* ---- what waits for other centers ------------------------------------ */

static void
answer_queue(struct queries *queries, struct peer *peer, uint32_t id)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct leaves *leaves;
	struct error err = { 0 };

	if (queries_rows(queries, &err) == NULL ||
	    store_view_leaves(queries->view, &leaves, &err) < 0 ||
	    center_send_show(store_view_rows(queries->view), leaves, &writer,
		&err) < 0) {
		bytes_free(&json);
		peer_refuse(peer, id, &err);
		return;
	}
	queries_reply(peer, id, 200, &json);
}

static void
answer_metrics(struct queries *queries, struct peer *peer, uint32_t id)
{
	struct message_response response = { .status = 200 };
	struct bytes text = { 0 };
	struct error err = { 0 };

	metrics_put_build(&text);
	metrics_put_module(queries, &text);
	if (queries_rows(queries, &err) == NULL ||
	    center_send_figures(store_view_rows(queries->view), &text, &err) <
		0) {
		peer_refuse(peer, id, &err);
	} else {
		text_copy(response.type, sizeof(response.type), metrics_type);
		response.body = blob_of_bytes(&text);
		peer_tell(peer, MESSAGE_RESPONSE, id, &response, -1);
	}
	bytes_free(&text);
}

/* ---- requests -------------------------------------------------------- */

static void
on_request(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct message_request request;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_REQUEST, &request, &err) < 0)
		peer_refuse(peer, message->id, &err);
	else if (text_equal(request.path, "/v1/holds"))
		answer_holds(ctx, peer, message->id);
	else if (text_equal(request.path, "/v1/queue"))
		answer_queue(ctx, peer, message->id);
	else if (text_equal(request.path, "/metrics"))
		answer_metrics(ctx, peer, message->id);
	else if (!center_query_log(ctx, peer, message->id, &request))
		queries_on_request(ctx, peer, message);
}

/* ---- the role -------------------------------------------------------- */

static const struct peer_handler listener_handlers[] = {
	{ MESSAGE_FEED_READ, center_query_on_feed_read },
	{ MESSAGE_DELIVERY_READ, on_delivery_read },
	{ MESSAGE_BULLETINS_READ, queries_on_bulletins_read },
	{ MESSAGE_PAGES_READ, queries_on_pages_read },
	{ MESSAGE_PAYLOAD_READ, queries_on_payload_read },
	{ MESSAGE_PAYLOAD_FREE, queries_on_payload_free },
	{ MESSAGE_REQUEST, on_request },
	{ MESSAGE_NONE, NULL },
};

/* Whether a restore still holds us up. */
static void
write_epoch(struct queries *queries, struct json_writer *writer)
{
	struct rows *rows = store_view_rows(queries->view);
	struct center_epoch_row row = { .number = 1 };
	struct bytes text = { 0 };
	struct error err = { 0 };
	bool is_good = center_epoch_check_rows(rows, &err) == 0 &&
	    center_epoch_newest(rows, &row, &err) >= 0;

	if (is_good)
		bytes_put_format(&text, "%llu", (unsigned long long)row.number);
	else
		bytes_put_format(&text, "%s: %s", error_message_id(&err),
		    err.text);
	bytes_put_u8(&text, '\0');
	if (!text.failed)
		queries_write_check(queries, writer, "epoch",
		    is_good ? QUERIES_OK : QUERIES_FAILED,
		    error_message_id(&err), (const char *)text.data);
	bytes_free(&text);
}

/* What another center refuses. */
static void
write_queue(struct queries *queries, struct json_writer *writer)
{
	struct bytes text = { 0 };
	struct error err = { 0 };
	int64_t count;
	int rc = center_send_state(store_view_rows(queries->view), &count,
	    &text, &err);

	bytes_put_u8(&text, '\0');
	if (rc < 0 || text.failed)
		queries_write_check(queries, writer, "queue", QUERIES_FAILED,
		    "E6930", err.text);
	else if (count > 0)
		queries_write_check(queries, writer, "queue", QUERIES_WARNING,
		    "E4501", (const char *)text.data);
	else
		queries_write_check(queries, writer, "queue", QUERIES_OK, "",
		    "nothing is set aside");
	bytes_free(&text);
}

/* Who cosigns our log: "unwitnessed" until the root names two authorities. */
static void
write_checks(struct queries *queries, struct json_writer *writer)
{
	queries_write_state(queries, writer, "witnesses", cosign_state);
	queries_write_state(queries, writer, "other logs", witness_state);
	if (queries->env->config->timestamp.urls[0] != '\0')
		queries_write_state(queries, writer, "stamps",
		    center_stamp_state);
	write_epoch(queries, writer);
	write_queue(queries, writer);
}

int
center_query_start(struct role_env *env, struct error *err)
{
	const struct queries_tier tier = {
		.application_id = CENTER_APPLICATION_ID,
		.migrations = center_migrations,
		.migration_count = center_migration_count,
		.listener_handlers = listener_handlers,
		.write_checks = write_checks,
		.has_conflicts = true,
	};
	struct queries *queries = calloc(1, sizeof(*queries));
	int rc = -1;

	if (queries == NULL)
		return error_set_memory(err);
	if (queries_open(queries, env, &tier, err) == 0)
		rc = role_env_run(env, err);
	free(queries);
	return rc;
}
