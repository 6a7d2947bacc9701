/* Who asks; and answers about that and what happens, rather than letters. */
#include "base/error.h"
#include "base/text.h"
#include "gateway/events/happenings.h"
#include "gateway/events/webhook_rows.h"
#include "gateway/gateway_metrics.h"
#include "gateway/gateway_query_internal.h"
#include "gateway/gateway_scope.h"
#include "role/listener/listener.h"
#include "role/people/people.h"
#include "role/query/metrics.h"
#include "role/query/queries.h"
#include "sys/ipc.h"

/* The bulletin board is everybody's: nobody has to be known to read it. */
static bool
is_of_board(const struct message_request *request)
{
	return text_equal(request->method, "GET") &&
	    (text_starts(request->path, "/v1/board?") ||
		text_starts(request->path, "/v1/board/") ||
		text_equal(request->path, "/v1/board"));
}

int
gateway_query_admit(struct queries *queries, struct message_request *request,
    struct people_caller *ret_caller, struct error *err)
{
	struct rows *rows;

	/* As at the control socket: not even the store is needed. */
	if (request->door == LISTENER_LOCAL || is_of_board(request) ||
	    text_equal(request->path, queries_ready_path)) {
		request->actor[0] = request->scope[0] = '\0';
		return 0;
	}
	rows = queries_rows(queries, err);
	if (rows == NULL ||
	    people_admit(rows, queries->env->config, role_env_now(queries->env),
		request, ret_caller, err) < 0)
		return -1;
	return gateway_scope_check(rows, queries_directory(queries), request,
	    err);
}

void
gateway_query_on_admit(void *ctx, struct peer *peer,
    struct ipc_message *message)
{
	struct queries *queries = ctx;
	struct message_admitted admitted = { 0 };
	struct message_request request;
	struct people_caller caller = { 0 };
	struct error err = { 0 };

	if (message_read(message, MESSAGE_ADMIT, &request, &err) < 0 ||
	    gateway_query_admit(queries, &request, &caller, &err) < 0) {
		peer_refuse(peer, message->id, &err);
		return;
	}
	text_copy(admitted.actor, sizeof(admitted.actor), request.actor);
	text_copy(admitted.scope, sizeof(admitted.scope), request.scope);
	admitted.wants_touch =
	    people_wants_touch(&caller, role_env_now(queries->env));
	peer_tell(peer, MESSAGE_ADMITTED, message->id, &admitted, -1);
}

int
gateway_query_session(struct gateway_asked *asked, struct error *err)
{
	if (asked->scope[0] == '\0')
		return error_set_id(err, "E6402", ERROR_DENIED,
		    "nobody logs in at the control socket");
	people_write_session(&asked->caller, asked->reading.directory,
	    &asked->writer);
	return 0;
}

int
gateway_query_people(struct gateway_asked *asked, struct error *err)
{
	struct people_reading reading = { .rows = asked->reading.rows,
		.scope = asked->scope,
		.cursor = gateway_query_param(asked, "cursor") };

	if (gateway_query_limit(asked, &reading.limit, err) < 0)
		return -1;
	return people_read(&reading, asked->target.path, &asked->writer, err);
}

int
gateway_query_events(struct gateway_asked *asked, struct error *err)
{
	struct happenings_ask ask;
	int64_t next;

	if (happenings_parse(asked->reading.rows, &asked->target, &asked->view,
		&ask, err) < 0 ||
	    happenings_read(asked->reading.rows, &ask, &asked->json, &next,
		err) < 0)
		return -1;
	asked->type = "application/json";
	return 0;
}

int
gateway_query_webhooks(struct gateway_asked *asked, struct error *err)
{
	return webhook_write_list(asked->reading.rows, asked->scope,
	    &asked->writer, err);
}

int
gateway_query_webhook_dead(struct gateway_asked *asked, struct error *err)
{
	struct webhook webhook;
	uint64_t row = 0;
	int found = 0;

	if (text_parse_u64(asked->segments.text[0], INT64_MAX, &row))
		found = webhook_find(asked->reading.rows, (int64_t)row,
		    &webhook, err);
	if (found > 0 &&
	    !people_may_see(asked->scope, webhook.organisation.text))
		found = 0;
	if (found == 0)
		return error_set(err, ERROR_NOT_FOUND, "no webhook %.40s",
		    asked->segments.text[0]);
	return found < 0 ? -1
			 : webhook_write_dead(asked->reading.rows, webhook.row,
			       &asked->writer, err);
}

int
gateway_query_metrics(struct gateway_asked *asked, struct error *err)
{
	asked->type = metrics_type;
	return gateway_metrics_put(asked->queries, asked->reading.rows,
	    &asked->json, err);
}
