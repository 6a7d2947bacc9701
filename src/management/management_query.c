#include "management/management.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_write.h"
#include "management/casework_query.h"
#include "management/management_access.h"
#include "management/management_log.h"
#include "management/management_people.h"
#include "management/modules.h"
#include "role/listener/listener.h"
#include "role/log/cosign.h"
#include "role/log/log_answer.h"
#include "role/log/witness.h"
#include "role/people/people_admit.h"
#include "role/query/queries.h"
#include "sys/ipc.h"

struct management_queries {
	struct queries queries; /* first: handlers take it for us */
	struct casework_query *casework;
};

/* "/v1/log/acts" or "/v1/log/acts?after=12". */
static bool
read_acts_path(const char *path, uint64_t *ret_after)
{
	static const char acts[] = "/v1/log/acts";
	static const char after[] = "?after=";

	if (!text_starts(path, acts))
		return false;
	path += sizeof(acts) - 1;
	*ret_after = 0;
	return path[0] == '\0' ||
	    (text_starts(path, after) &&
		text_parse_u64(path + sizeof(after) - 1, INT64_MAX, ret_after));
}

static void
answer_modules(struct queries *queries, struct peer *peer, uint32_t id)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };
	struct rows *rows = queries_rows(queries, &err);

	if (rows == NULL || modules_write(rows, &writer, &err) < 0 ||
	    json_write_done(&writer, &err) < 0) {
		bytes_free(&json);
		peer_refuse(peer, id, &err);
	} else {
		queries_reply(peer, id, 200, &json);
	}
}

static void
answer_acts(struct queries *queries, struct peer *peer, uint32_t id,
    uint64_t after)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };
	struct rows *rows = queries_rows(queries, &err);

	if (rows == NULL ||
	    management_log_write_acts(rows, after, &writer, &err) < 0 ||
	    json_write_done(&writer, &err) < 0) {
		bytes_free(&json);
		peer_refuse(peer, id, &err);
	} else {
		queries_reply(peer, id, 200, &json);
	}
}

/*
 * Whom the listener knows as a host asks what we cosigned of its log, or for a
 * file of a release.
 */
static bool
is_of_host(const struct message_request *request)
{
	return request->door == LISTENER_HOSTS &&
	    (text_starts(request->path, "/v1/witness/") ||
		text_starts(request->path, "/v1/releases/"));
}

/* As at the control socket: not even the store is needed. */
static bool
is_open_to_all(const struct message_request *request)
{
	return text_equal(request->path, queries_ready_path);
}

static int
admit(struct management_queries *management, struct message_request *request,
    struct management_caller *ret_caller, struct people_caller *ret_people,
    struct error *err)
{
	struct management_access access = {
		.config = management->queries.env->config,
		.now_ms = role_env_now(management->queries.env),
	};

	if (is_open_to_all(request)) {
		*ret_caller = (struct management_caller){ .offices = 0 };
		return 0;
	}
	if (request->door != LISTENER_LOCAL) {
		access.people = queries_rows(&management->queries, err);
		if (access.people == NULL)
			return -1;
		access.casework =
		    casework_query_rows(management->casework, err);
		if (access.casework == NULL)
			return -1;
	}
	return management_admit(&access, request, ret_caller, ret_people, err);
}

static void
on_admit(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct management_queries *management = ctx;
	struct message_admitted admitted = { 0 };
	struct management_caller caller;
	struct people_caller people = { 0 };
	struct message_request request;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_ADMIT, &request, &err) < 0 ||
	    admit(management, &request, &caller, &people, &err) < 0) {
		peer_refuse(peer, message->id, &err);
		return;
	}
	text_copy(admitted.actor, sizeof(admitted.actor), request.actor);
	text_copy(admitted.scope, sizeof(admitted.scope), request.scope);
	admitted.wants_touch =
	    people_wants_touch(&people, role_env_now(management->queries.env));
	peer_tell(peer, MESSAGE_ADMITTED, message->id, &admitted, -1);
}

static bool
answer_people(struct management_queries *management, struct peer *peer,
    uint32_t id, const struct message_request *request,
    const struct people_caller *people)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };
	int found = management_people_read(&management->queries, request,
	    people, &writer, &err);

	if (found > 0 && json_write_done(&writer, &err) == 0) {
		queries_reply(peer, id, 200, &json);
		return true;
	}
	bytes_free(&json);
	if (found != 0)
		peer_refuse(peer, id, &err);
	return found != 0;
}

/*
 * The log for centers, without its entries: acts of administration are nobody
 * else's, and what was published all hosts have.
 */
static bool
answer_log(struct queries *queries, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct bytes body = { 0 };
	struct error err = { 0 };
	int rc;

	if (request->door != LISTENER_HOSTS || !log_answer_knows(request))
		return false;
	rc = log_answer(queries, request->path, false, &body, &err);
	log_answer_send(peer, id, log_answer_type(request->path), rc, &body,
	    &err);
	return true;
}

static void
on_request(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct management_queries *management = ctx;
	struct management_caller caller;
	struct people_caller people = { 0 };
	struct message_request request;
	struct error err = { 0 };
	uint64_t after;

	if (message_read(message, MESSAGE_REQUEST, &request, &err) < 0) {
		peer_refuse(peer, message->id, &err);
		return;
	}
	if (answer_log(ctx, peer, message->id, &request) ||
	    casework_query_answer_host(management->casework, peer, message->id,
		&request))
		return;
	if (is_of_host(&request)) {
		queries_on_request(ctx, peer, message);
		return;
	}
	if (admit(management, &request, &caller, &people, &err) < 0)
		peer_refuse(peer, message->id, &err);
	else if (answer_people(management, peer, message->id, &request,
		     &people))
		return;
	else if (text_equal(request.method, "GET") &&
	    read_acts_path(request.path, &after))
		answer_acts(ctx, peer, message->id, after);
	else if (text_equal(request.method, "GET") &&
	    text_equal(request.path, "/v1/modules"))
		answer_modules(ctx, peer, message->id);
	else if (!casework_query_answer(management->casework, peer, message->id,
		     &request, &caller))
		queries_on_request(ctx, peer, message);
}

/* Who cosigns our log, "unwitnessed" until the root names two authorities; and
 * cases whose deadline is over. */
static void
write_checks(struct queries *queries, struct json_writer *writer)
{
	struct management_queries *management =
	    (struct management_queries *)(void *)queries;

	queries_write_state(queries, writer, "witnesses", cosign_state);
	queries_write_state(queries, writer, "other logs", witness_state);
	casework_query_write_check(management->casework, writer);
}

static const struct peer_handler listener_handlers[] = {
	{ MESSAGE_BULLETINS_READ, queries_on_bulletins_read },
	{ MESSAGE_PAGES_READ, queries_on_pages_read },
	{ MESSAGE_PAYLOAD_FREE, queries_on_payload_free },
	{ MESSAGE_ADMIT, on_admit },
	{ MESSAGE_REQUEST, on_request },
	{ MESSAGE_NONE, NULL },
};

int
management_query_start(struct role_env *env, struct error *err)
{
	const struct queries_tier tier = {
		.application_id = MANAGEMENT_APPLICATION_ID,
		.migrations = management_migrations,
		.migration_count = management_migration_count,
		.listener_handlers = listener_handlers,
		.write_checks = write_checks,
		.has_conflicts = true,
	};
	struct management_queries *management = calloc(1, sizeof(*management));
	int rc = -1;

	if (management == NULL)
		return error_set_memory(err);
	if (casework_query_new(&management->queries, &management->casework,
		err) == 0 &&
	    queries_open(&management->queries, env, &tier, err) == 0)
		rc = role_env_run(env, err);
	casework_query_free(management->casework);
	free(management);
	return rc;
}
