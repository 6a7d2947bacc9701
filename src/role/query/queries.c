#include "role/query/queries.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "directory/directory.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "role/bulletins/bulletins.h"
#include "role/contents/directory_view.h"
#include "role/contents/notices.h"
#include "role/log/witness.h"
#include "role/query/queries_certificates.h"
#include "role/query/queries_release.h"
#include "role/query/query_links.h"
#include "role/releases/release_relay.h"
#include "role/requests/requests_query.h"
#include "service/config.h"
#include "store/query.h"
#include "store/store_view.h"
#include "sys/arena.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	SLOTS = 64,
	OPEN_MS = 20, /* between looks for the store at start */
};

const char queries_ready_path[] = "/readyz";

/* ---- the store ------------------------------------------------------- */

static void
try_open(void *ctx)
{
	struct queries *queries = ctx;
	const struct queries_tier *tier = queries->tier;
	struct store_view_options options = {
		.dir = queries->env->config->host.data,
		.application_id = tier->application_id,
		.migrations = tier->migrations,
		.migration_count = tier->migration_count,
	};
	struct error err = { 0 };

	if (store_view_open(&options, &queries->view, &err) == 0)
		return;
	queries->view = NULL;
	log_failure(&queries->env->log, LOG_LEVEL_DEBUG, "query.open", &err);
	loop_timer_start(queries->open_timer, OPEN_MS);
}

struct rows *
queries_rows(struct queries *queries, struct error *err)
{
	if (queries->view == NULL) {
		error_set(err, ERROR_BUSY, "the store is not there yet");
		return NULL;
	}
	return store_view_rows(queries->view);
}

const struct directory *
queries_directory(const struct queries *queries)
{
	return directory_view_directory(queries->directory);
}

/* ---- payload --------------------------------------------------------- */

static struct arena *
arena_of(struct queries *queries, const struct peer *peer)
{
	return peer == queries->listener ? queries->to_listener
					 : queries->to_courier;
}

static int
read_slot(struct queries *queries, struct arena *arena,
    const struct message_payload_read *ask, struct message_payload_data *data,
    struct error *err)
{
	size_t len, more;

	if (queries_rows(queries, err) == NULL)
		return -1;
	if (!arena_take(arena, &data->slot))
		return error_set(err, ERROR_BUSY, "all slots are in use");
	/* A slot may span two frames: fill it. */
	for (len = 0; len < ARENA_SLOT_LEN; len += more) {
		if (store_view_read(queries->view, ask->payload,
			ask->offset + len, arena_slot(arena, data->slot) + len,
			ARENA_SLOT_LEN - len, &more, err) < 0) {
			arena_give(arena, data->slot);
			return -1;
		}
		if (more == 0)
			break;
	}
	data->len = (uint32_t)len;
	data->is_last = len < ARENA_SLOT_LEN;
	return 0;
}

void
queries_on_payload_read(void *ctx, struct peer *peer,
    struct ipc_message *message)
{
	struct queries *queries = ctx;
	struct message_payload_read ask;
	struct message_payload_data data = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_PAYLOAD_READ, &ask, &err) < 0 ||
	    read_slot(queries, arena_of(queries, peer), &ask, &data, &err) < 0)
		peer_refuse(peer, message->id, &err);
	else
		peer_tell(peer, MESSAGE_PAYLOAD_DATA, message->id, &data, -1);
}

void
queries_on_payload_free(void *ctx, struct peer *peer,
    struct ipc_message *message)
{
	struct queries *queries = ctx;
	struct message_payload_free back;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_PAYLOAD_FREE, &back, &err) == 0)
		arena_give(arena_of(queries, peer), back.slot);
}

/* ---- answers of every host ------------------------------------------- */

void
queries_reply(struct peer *peer, uint32_t id, int status, struct bytes *json)
{
	struct message_response response = { .status = (uint16_t)status,
		.type = "application/json",
		.body = blob_of_bytes(json) };

	peer_tell(peer, MESSAGE_RESPONSE, id, &response, -1);
	bytes_free(json);
}

static int
write_bulletins(struct queries *queries, struct json_writer *writer,
    struct error *err)
{
	struct rows *rows = queries_rows(queries, err);
	struct query *query;
	int more;

	if (rows == NULL ||
	    query_begin(rows,
		"SELECT type, name, serial, issued, expires, max(place)"
		" FROM bulletin GROUP BY type, name ORDER BY type, name",
		&query, err) < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "grade", queries_grade(queries));
	json_write_begin_array(writer, "bulletins");
	while ((more = query_next(query, err)) > 0) {
		int64_t type = query_int(query, 0);

		json_write_begin_object(writer, NULL);
		json_write_text(writer, "type",
		    type >= 0 && type < BULLETIN_TYPE_COUNT
			? bulletin_type_name((enum bulletin_type)type)
			: "unknown");
		json_write_text(writer, "name", query_text(query, 1));
		json_write_int(writer, "serial", query_int(query, 2));
		json_write_time(writer, "issued", query_int(query, 3));
		json_write_time(writer, "expires", query_int(query, 4));
		json_write_end(writer);
	}
	json_write_end(writer);
	json_write_end(writer);
	query_end(query);
	return more;
}

static int
write_conflicts(struct queries *queries, struct json_writer *writer,
    struct error *err)
{
	struct rows *rows = queries_rows(queries, err);

	return rows == NULL ? -1 : witness_write_conflicts(rows, writer, err);
}

static int
write_notices(struct queries *queries, const char *path, const char *scope,
    struct json_writer *writer, struct error *err)
{
	struct rows *rows = queries_rows(queries, err);
	int rc;

	if (rows == NULL)
		return -1;
	json_write_begin_object(writer, NULL);
	rc = notices_write(rows, text_ends(path, "?all=1"), scope, writer, err);
	json_write_end(writer);
	return rc;
}

/*
 * Organisations that share a gateway see nothing of each other (R5.3.8);
 * elsewhere what there is to see is decided by offices.
 */
static const char *
scope_of(const struct queries *queries, const struct message_request *request)
{
	return config_has_kind(queries->env->config, CONFIG_GATEWAY)
	    ? request->scope
	    : "";
}

static int
write_answer(struct queries *queries, const char *path, const char *scope,
    struct json_writer *writer, bool *ret_is_ours, struct error *err)
{
	*ret_is_ours = true;
	if (text_equal(path, "/v1/bulletins"))
		return write_bulletins(queries, writer, err);
	if (text_equal(path, "/v1/conflicts") && queries->tier->has_conflicts)
		return write_conflicts(queries, writer, err);
	if (text_equal(path, "/v1/release"))
		return queries_write_release(queries, writer, err);
	if (text_equal(path, "/v1/cards"))
		return queries_write_cards(queries, scope, writer, err);
	if (text_equal(path, "/v1/certificates") ||
	    text_starts(path, "/v1/certificates?"))
		return queries_write_certificates(queries, path, scope, writer,
		    err);
	if (text_equal(path, "/v1/notices") ||
	    text_equal(path, "/v1/notices?all=1"))
		return write_notices(queries, path, scope, writer, err);
	if (text_equal(path, "/v1/health") ||
	    text_equal(path, queries_ready_path))
		queries_write_health(queries, writer);
	else
		*ret_is_ours = false;
	return 0;
}

/* GET /v1/witness/{host}/{epoch}: what we cosigned of its log. */
static int
put_recalled(struct queries *queries, const struct http_segments *segments,
    struct bytes *to, struct error *err)
{
	struct rows *rows = queries_rows(queries, err);
	char origin[MESSAGE_ORIGIN_SIZE];
	int len = snprintf(origin, sizeof(origin), "yizhan/%s/%s/%s",
	    queries->env->config->host.environment, segments->text[0],
	    segments->text[1]);

	if (rows == NULL)
		return -1;
	if (len < 0 || (size_t)len >= sizeof(origin))
		return error_set_id(err, "E4506", ERROR_NOT_FOUND,
		    "no log has such a name");
	return witness_recall(rows, origin, to, err);
}

static bool
answer_recall(struct queries *queries, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct message_response response = { .status = 200,
		.type = "text/plain" };
	struct http_segments segments;
	struct bytes note = { 0 };
	struct error err = { 0 };

	if (!queries->tier->has_conflicts ||
	    !http_path_match("/v1/witness/{}/{}", request->path, &segments))
		return false;
	if (put_recalled(queries, &segments, &note, &err) < 0) {
		peer_refuse(peer, id, &err);
	} else {
		response.body = blob_of_bytes(&note);
		peer_tell(peer, MESSAGE_RESPONSE, id, &response, -1);
	}
	bytes_free(&note);
	return true;
}

bool
queries_answer(struct queries *queries, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };
	bool is_ours = false;
	int rc = 0;

	queries->language = request->language;
	if (queries_answer_bulletin(queries, peer, id, request) ||
	    queries_answer_directory(queries, peer, id, request) ||
	    queries_answer_requests(queries, peer, id, request) ||
	    release_relay_hand_out(queries, peer, id, request) ||
	    answer_recall(queries, peer, id, request))
		return true;
	if (text_equal(request->method, "GET"))
		rc = write_answer(queries, request->path,
		    scope_of(queries, request), &writer, &is_ours, &err);
	if (!is_ours)
		return false;
	if (rc < 0 || json_write_done(&writer, &err) < 0) {
		bytes_free(&json);
		peer_refuse(peer, id, &err);
	} else {
		queries_reply(peer, id,
		    text_equal(request->path, queries_ready_path) &&
			    !queries_is_ready(queries)
			? 503
			: 200,
		    &json);
	}
	return true;
}

void
queries_on_request(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct message_request request;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_REQUEST, &request, &err) < 0) {
		peer_refuse(peer, message->id, &err);
	} else if (!queries_answer(ctx, peer, message->id, &request)) {
		error_set(&err, ERROR_NOT_FOUND, "nothing at %s", request.path);
		peer_refuse(peer, message->id, &err);
	}
}

/* ---- starting -------------------------------------------------------- */

static void
on_directory(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct queries *queries = ctx;
	struct error err = { 0 };

	(void)peer;
	if (directory_view_take(queries->directory, message, &err) < 0)
		log_failure(&queries->env->log, LOG_LEVEL_ERROR,
		    "directory.image", &err);
}

static const struct peer_handler spooler_handlers[] = {
	{ MESSAGE_DIRECTORY, on_directory },
	{ MESSAGE_NONE, NULL },
};

static void
on_link(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct queries *queries = ctx;
	struct message_link news;
	struct error err = { 0 };

	(void)peer;
	if (message_read(message, MESSAGE_LINK, &news, &err) < 0)
		log_failure(&queries->env->log, LOG_LEVEL_ERROR, "query.link",
		    &err);
	else
		query_links_take(queries->links, &news);
}

static const struct peer_handler courier_handlers[] = {
	{ MESSAGE_PAYLOAD_READ, queries_on_payload_read },
	{ MESSAGE_PAYLOAD_FREE, queries_on_payload_free },
	{ MESSAGE_LINK, on_link },
	{ MESSAGE_NONE, NULL },
};

static int
give_arena(struct peer *peer, struct arena **ret_arena, struct error *err)
{
	if (peer == NULL)
		return 0;
	if (arena_create(SLOTS, ret_arena, err) < 0)
		return -1;
	peer_tell(peer, MESSAGE_ARENA, 0, NULL, arena_fd(*ret_arena));
	return 0;
}

int
queries_open(struct queries *queries, struct role_env *env,
    const struct queries_tier *tier, struct error *err)
{
	queries->env = env;
	queries->tier = tier;
	queries->links = query_links_new();
	if (directory_view_new(&queries->directory, err) < 0 ||
	    role_env_peer(env, ROLE_SPOOLER, spooler_handlers, queries,
		&queries->spooler, err) < 0 ||
	    role_env_peer(env, ROLE_LISTENER, tier->listener_handlers, queries,
		&queries->listener, err) < 0 ||
	    role_env_peer(env, ROLE_COURIER, courier_handlers, queries,
		&queries->courier, err) < 0 ||
	    give_arena(queries->listener, &queries->to_listener, err) < 0 ||
	    give_arena(queries->courier, &queries->to_courier, err) < 0 ||
	    loop_timer_new(env->loop, try_open, queries, &queries->open_timer,
		err) < 0)
		return -1;
	loop_timer_start(queries->open_timer, 0);
	return queries_release_watch(queries, err);
}
