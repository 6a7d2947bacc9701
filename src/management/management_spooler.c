#include "management/management.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "envelope/bundle.h"
#include "json/json_write.h"
#include "management/casework.h"
#include "management/directory_desk.h"
#include "management/management_access.h"
#include "management/management_epoch.h"
#include "management/management_log.h"
#include "management/modules.h"
#include "management/stamping.h"
#include "role/card_registry.h"
#include "role/card_reports.h"
#include "role/cosign.h"
#include "role/listener.h"
#include "role/queries.h"
#include "role/witness.h"
#include "role/witness_stated.h"
#include "sys/ipc.h"

/*
 * One POST /v1/bulletins: its bulletins are taken one after another; the first
 * that is refused ends it.
 */
struct publishing {
	struct management *management;
	struct peer *peer;
	uint32_t id;
	struct bytes body;
	size_t at; /* of the record that comes next */
	size_t taken;
};

static void
answer(struct publishing *publishing, const struct error *failure)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);

	if (failure != NULL) {
		peer_refuse(publishing->peer, publishing->id, failure);
	} else {
		json_write_begin_object(&writer, NULL);
		json_write_int(&writer, "accepted", (int64_t)publishing->taken);
		json_write_end(&writer);
		queries_reply(publishing->peer, publishing->id, 200, &json);
	}
	bytes_free(&publishing->body);
	free(publishing);
}

static void on_taken(void *ctx, const struct error *failure);

static void
take_next(struct publishing *publishing)
{
	const struct bytes *body = &publishing->body;
	struct cursor cursor =
	    cursor_of(body->data + publishing->at, body->len - publishing->at);
	const uint8_t *cms;
	size_t len;

	if (cursor.left == 0) {
		answer(publishing, NULL);
		return;
	}
	cursor_u8(&cursor);
	len = (size_t)cursor_u64(&cursor);
	cms = cursor_take(&cursor, len);
	publishing->at = body->len - cursor.left;
	bulletins_offer(publishing->management->spool.bulletins, cms, len,
	    on_taken, publishing);
}

static void
on_taken(void *ctx, const struct error *failure)
{
	struct publishing *publishing = ctx;

	if (failure != NULL) {
		answer(publishing, failure);
		return;
	}
	publishing->taken++;
	take_next(publishing);
}

/* The records must all be bulletins, and there must be one. */
static int
check_records(struct blob body, struct error *err)
{
	struct cursor cursor = cursor_of(body.data, body.len);
	size_t count = 0;

	while (cursor.left > 0 && !cursor.failed) {
		count++;
		if (cursor_u8(&cursor) != BUNDLE_BULLETIN)
			return error_set(err, ERROR_MALFORMED,
			    "record %zu is no bulletin", count);
		cursor_take(&cursor, (size_t)cursor_u64(&cursor));
	}
	if (cursor.failed || count == 0)
		return error_set(err, ERROR_MALFORMED,
		    "the bundle of bulletins ends in the middle");
	return 0;
}

static int
publish(struct management *management, struct peer *peer, uint32_t id,
    struct blob body, struct error *err)
{
	struct publishing *publishing;

	if (body.len >= BUNDLE_MAGIC_LEN &&
	    memcmp(body.data, "YZBNDL1\n", BUNDLE_MAGIC_LEN) == 0)
		body = blob_of(body.data + BUNDLE_MAGIC_LEN,
		    body.len - BUNDLE_MAGIC_LEN);
	if (check_records(body, err) < 0)
		return -1;
	publishing = calloc(1, sizeof(*publishing));
	if (publishing == NULL)
		return error_set_memory(err);
	bytes_put(&publishing->body, body.data, body.len);
	if (bytes_failed(&publishing->body, err) < 0) {
		bytes_free(&publishing->body);
		free(publishing);
		return -1;
	}
	publishing->management = management;
	publishing->peer = peer;
	publishing->id = id;
	take_next(publishing);
	return 0;
}

static void
on_request(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct management *management = ctx;
	struct management_caller caller;
	struct message_request request;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_REQUEST, &request, &err) < 0) {
		peer_refuse(peer, message->id, &err);
		return;
	}
	/* Of centers: the listener has no other route for them. */
	if (request.door == LISTENER_HOSTS &&
	    card_reports_answer(management->spool.cards, peer, message->id,
		&request))
		return;
	if (management_admit(&request, &caller, &err) < 0) {
		peer_refuse(peer, message->id, &err);
		return;
	}
	if (spool_answer(&management->spool, peer, message->id, &request) ||
	    modules_answer(management, peer, message->id, &request) ||
	    casework_answer(management->casework, peer, message->id, &request,
		&caller))
		return;
	if (text_equal(request.method, "POST") &&
	    text_equal(request.path, "/v1/directory:prepare")) {
		directory_desk_prepare(management->spool.bulletins,
		    spool_now(&management->spool), peer, message->id, &request);
		return;
	}
	if (!text_equal(request.method, "POST") ||
	    !text_equal(request.path, "/v1/bulletins"))
		error_set(&err, ERROR_NOT_FOUND, "nothing at %s", request.path);
	else if (publish(management, peer, message->id, request.body, &err) ==
	    0)
		return;
	peer_refuse(peer, message->id, &err);
}

const char *const management_migrations[MANAGEMENT_MIGRATIONS] = {
	witness_schema,
	witness_stated_schema,
	cosign_schema,
	management_log_schema,
	management_epoch_schema,
	modules_schema,
	card_reports_schema,
	card_registry_schema,
};

static const struct peer_handler listener_handlers[] = {
	{ MESSAGE_ARENA, spool_on_listener_upload },
	{ MESSAGE_WITNESS, witness_on_witness },
	{ MESSAGE_REQUEST, on_request },
	{ MESSAGE_CANCEL, spool_on_cancel },
	{ MESSAGE_NONE, NULL },
};

static const struct peer_handler courier_handlers[] = {
	{ MESSAGE_ARENA, spool_on_courier_upload },
	{ MESSAGE_NONE, NULL },
};

/* Whatever changed, unless it was the timestamp itself, wants a new one. */
static void
on_directory(struct spool *spool)
{
	struct management *management = (struct management *)(void *)spool;
	uint64_t changes;

	if (management->stamping == NULL || spool->bulletins == NULL)
		return;
	management_epoch_look(management);
	changes = bulletins_changes(spool->bulletins);
	if (changes != management->stamped)
		stamping_wake(management->stamping);
	management->stamped = changes;
	/* Also when witnesses let out what was in force before. */
	casework_look(management->casework);
}

static void
on_ready(struct spool *spool)
{
	struct management *management = (struct management *)(void *)spool;

	management_epoch_look(management);
	stamping_wake(management->stamping);
	casework_look(management->casework);
}

int
management_spooler_start(struct role_env *env, struct error *err)
{
	const struct spool_tier tier = {
		.application_id = MANAGEMENT_APPLICATION_ID,
		.migrations = management_migrations,
		.migration_count = MANAGEMENT_MIGRATIONS,
		.listener_handlers = listener_handlers,
		.courier_handlers = courier_handlers,
		.hooks = { .seal = management_log_seal,
		    .attest = management_log_attest },
		.on_store = management_log_on_store,
		.on_directory = on_directory,
		.on_ready = on_ready,
	};
	struct management *management = calloc(1, sizeof(*management));
	int rc = -1;

	if (management == NULL)
		return error_set_memory(err);
	management->log.spool = &management->spool;
	if (spool_open(&management->spool, env, &tier, NULL, err) == 0 &&
	    management_log_start(management, err) == 0 &&
	    casework_new(management, &management->casework, err) == 0 &&
	    stamping_new(management, &management->stamping, err) == 0)
		rc = role_env_run(env, err);
	stamping_free(management->stamping);
	casework_free(management->casework);
	free(management);
	return rc;
}
