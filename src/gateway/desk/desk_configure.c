/*
 * POST /v1/desk, how an organisation wants its letters received, and
 * POST /v1/inbox:fetch, what waits now rather than at its time.
 */
#include <stdlib.h>

#include "base/text.h"
#include "gateway/desk/desk_internal.h"
#include "gateway/desk/desk_settings.h"
#include "gateway/gateway.h"
#include "gateway/inbox/inbox_history.h"
#include "gateway/inbox/inbox_internal.h"
#include "gateway/inbox/inbox_schedule.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/people/people_admit.h"
#include "store/store.h"
#include "sys/ipc.h"

enum { BODY_MAX = 4096 };

struct configuring {
	struct group_op op; /* first: the group hands it back */
	struct gateway *gateway;
	struct peer *peer;
	uint32_t id;
	struct inbox_actor actor;
	struct json_document *body;
	struct desk_settings settings;
};

static void
end(struct configuring *configuring, const struct error *failure)
{
	struct message_response response = { .status = 200,
		.type = "application/json" };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	desk_settings_write(&configuring->settings, &writer);
	if (failure == NULL && json_write_done(&writer, &err) < 0)
		failure = &err;
	response.body = blob_of_bytes(&json);
	if (failure != NULL)
		peer_refuse(configuring->peer, configuring->id, failure);
	else
		peer_tell(configuring->peer, MESSAGE_RESPONSE, configuring->id,
		    &response, -1);
	bytes_free(&json);
	json_document_free(configuring->body);
	free(configuring);
}

/* ---- what is set -------------------------------------------------------- */

static int
bad(struct error *err, const char *what)
{
	return error_set_id(err, "E6706", ERROR_MALFORMED, "%s", what);
}

static int
read_sees(const struct json_value *root, struct desk_settings *settings,
    struct error *err)
{
	const struct json_value *value = json_value_member(root, "unit_sees");
	const char *text = json_value_text(value);

	if (value == NULL)
		return 0;
	if (text == NULL ||
	    (!text_equal(text, "all") && !text_equal(text, "assigned")))
		return bad(err, "unit_sees is all or assigned");
	settings->is_limited = text_equal(text, "assigned");
	return 0;
}

static int
read_number(const struct json_value *root, struct desk_settings *settings,
    struct error *err)
{
	const struct json_value *value =
	    json_value_member(root, "receive_number");
	const char *text = json_value_text(value);

	if (value == NULL)
		return 0;
	if (text == NULL)
		return bad(err, "receive_number must be a text");
	if (receive_number_check(text, err) < 0)
		return -1;
	text_copy(settings->number_form, sizeof(settings->number_form), text);
	return 0;
}

static int
read_times(const struct json_value *root, struct desk_settings *settings,
    struct error *err)
{
	const struct json_value *value =
	    json_value_member(root, "receive_times");
	const struct json_value *urgent =
	    json_value_member(root, "urgent_at_once");
	const char *text = json_value_text(value);

	if (urgent != NULL &&
	    !json_value_bool(urgent, &settings->times.urgent_at_once))
		return bad(err, "urgent_at_once is true or false");
	if (value == NULL)
		return 0;
	if (text == NULL ||
	    !text_copy(settings->times_text, sizeof(settings->times_text),
		text))
		return bad(err, "receive_times must be a text");
	return receive_times_parse(text, &settings->times, err);
}

/* What is not said stays as it is. */
static int
change(struct configuring *configuring, struct error *err)
{
	const struct json_value *root = json_root(configuring->body);
	struct desk_settings *settings = &configuring->settings;
	struct spool *spool = &configuring->gateway->spool;
	struct rows *rows = store_rows(spool->store);
	int64_t now = spool_now(spool);
	int64_t fetch_at;

	if (desk_settings_find(rows, &settings->organisation, settings, err) <
		0 ||
	    read_sees(root, settings, err) < 0 ||
	    read_number(root, settings, err) < 0 ||
	    read_times(root, settings, err) < 0)
		return -1;
	/* What waits, waits for the new time. */
	fetch_at = receive_times_next(&settings->times, SPEED_NORMAL, now);
	if (inbox_schedule_move(rows, &settings->organisation,
		fetch_at > now ? fetch_at : 0, err) < 0)
		return -1;
	return desk_settings_save(rows, settings, &configuring->actor, now,
	    err);
}

static int
apply(struct group_op *op, struct error *err)
{
	return change((struct configuring *)(void *)op, err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct configuring *configuring = (struct configuring *)(void *)op;
	struct gateway *gateway = configuring->gateway;

	if (failure == NULL) {
		inbox_wake(gateway->inbox);
		inbox_schedule_wake(gateway->schedule);
	}
	end(configuring, failure);
}

/* ---- requests ----------------------------------------------------------- */

/* The one that the body names, or the caller's own. */
static int
read_organisation(const struct json_value *root,
    const struct message_request *request, struct org_code *ret_code,
    struct error *err)
{
	const struct json_value *value =
	    json_value_member(root, "organisation");
	const char *text = json_value_text(value);

	if (value == NULL)
		text = request->scope;
	if (text == NULL || !org_code_parse(text, ret_code))
		return bad(err, "organisation must be a code");
	if (!people_may_see(request->scope, ret_code->text))
		return error_set_id(err, "E6403", ERROR_DENIED,
		    "%s is another organisation", ret_code->text);
	*ret_code = org_code_parent(ret_code);
	return 0;
}

void
desk_settings_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct http_segments *names, const struct message_request *request)
{
	struct configuring *configuring = calloc(1, sizeof(*configuring));
	struct error err = { 0 };

	(void)names;
	if (configuring == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return;
	}
	configuring->gateway = gateway;
	configuring->peer = peer;
	configuring->id = id;
	configuring->actor = inbox_actor_of(request);
	if (json_read(request->body.data, request->body.len, BODY_MAX,
		&configuring->body, &err) < 0 ||
	    read_organisation(json_root(configuring->body), request,
		&configuring->settings.organisation, &err) < 0) {
		end(configuring, &err);
		return;
	}
	configuring->op.apply = apply;
	configuring->op.finish = finish;
	group_add(gateway->spool.group, &configuring->op);
}

void
desk_fetch_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct http_segments *names, const struct message_request *request)
{
	struct error err = { 0 };

	(void)names;
	if (request->is_limited) {
		error_set_id(&err, "E6710", ERROR_DENIED,
		    "letters are fetched by the registry desk");
		peer_refuse(peer, id, &err);
		return;
	}
	inbox_schedule_release(gateway->schedule, request->scope, peer, id);
}
