#include "management/management.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "envelope/bundle.h"
#include "json/json_write.h"
#include "management/casework.h"
#include "management/casework_requests.h"
#include "management/directory_desk.h"
#include "management/management_access.h"
#include "management/management_epoch.h"
#include "management/management_log.h"
#include "management/management_people.h"
#include "management/measures_desk.h"
#include "management/modules.h"
#include "management/stamping.h"
#include "role/bulletins/bulletins.h"
#include "role/bulletins/publishing.h"
#include "role/listener/listener.h"
#include "role/log/cosign.h"
#include "role/log/witness.h"
#include "role/log/witness_stated.h"
#include "role/people/people.h"
#include "role/people/people_rows.h"
#include "role/query/queries.h"
#include "role/status/card_registry.h"
#include "role/status/card_reports.h"
#include "store/store.h"
#include "sys/ipc.h"

static int
admit(struct management *management, struct message_request *request,
    struct management_caller *ret_caller, struct error *err)
{
	const struct management_access access = {
		.people = store_rows(management->spool.store),
		.casework = casework_rows(management->casework),
		.config = management->spool.env->config,
		.now_ms = spool_now(&management->spool),
	};

	return management_admit(&access, request, ret_caller, NULL, err);
}

/* Whoever it is may still do so: it was a moment ago that they were asked. */
static void
hand_on(void *ctx, struct peer *peer, uint32_t id,
    const struct message_request *recorded)
{
	struct management *management = ctx;
	struct message_request again = *recorded;
	const struct message_request *request = &again;
	struct management_caller caller;
	struct error err = { 0 };

	if (admit(management, &again, &caller, &err) < 0) {
		peer_refuse(peer, id, &err);
		return;
	}
	if (spool_answer(&management->spool, peer, id, request) ||
	    modules_answer(management, peer, id, request) ||
	    measures_desk_answer(&management->spool, peer, id, request) ||
	    management_people_answer(management, peer, id, request) ||
	    casework_answer(management->casework, peer, id, request, &caller))
		return;
	if (text_equal(request->method, "POST") &&
	    text_equal(request->path, "/v1/directory:prepare")) {
		directory_desk_prepare(management->spool.bulletins,
		    spool_now(&management->spool), peer, id, request);
		return;
	}
	if (!text_equal(request->method, "POST") ||
	    !text_equal(request->path, "/v1/bulletins"))
		error_set(&err, ERROR_NOT_FOUND, "nothing at %s",
		    request->path);
	else if (publishing_begin(management->spool.bulletins, peer, id,
		     request->body, &err) == 0)
		return;
	peer_refuse(peer, id, &err);
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
	if (casework_requests_answer(management->casework, peer, message->id,
		&request))
		return;
	/* A center hands up what its exchange authority signed. */
	if (request.door == LISTENER_HOSTS &&
	    text_equal(request.method, "POST") &&
	    text_equal(request.path, "/v1/bulletins")) {
		if (publishing_begin(management->spool.bulletins, peer,
			message->id, request.body, &err) < 0)
			peer_refuse(peer, message->id, &err);
		return;
	}
	if (management_is_log_in(&request))
		management_people_answer(management, peer, message->id,
		    &request);
	else if (admit(management, &request, &caller, &err) < 0)
		peer_refuse(peer, message->id, &err);
	else if (request.door != LISTENER_LOCAL &&
	    !text_equal(request.method, "GET"))
		people_record(&management->spool, peer, message->id, &request,
		    hand_on, management);
	else
		hand_on(management, peer, message->id, &request);
}

const char *const management_migrations[] = {
	bulletins_schema,
	witness_schema,
	witness_stated_schema,
	cosign_schema,
	management_log_schema,
	management_epoch_schema,
	modules_schema,
	card_reports_schema,
	card_registry_schema,
	people_schema,
};
const size_t management_migration_count = ARRAY_LEN(management_migrations);

static const struct peer_handler listener_handlers[] = {
	{ MESSAGE_ARENA, spool_on_listener_upload },
	{ MESSAGE_WITNESS, witness_on_witness },
	{ MESSAGE_REQUEST, on_request },
	{ MESSAGE_TOUCH, people_on_touch },
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
		.migration_count = management_migration_count,
		.listener_handlers = listener_handlers,
		.courier_handlers = courier_handlers,
		.hooks = { .seal = management_log_seal,
		    .attest = management_log_attest,
		    .keep = management_log_keep,
		    .keeps_apart = true },
		.on_store = management_log_on_store,
		.on_directory = on_directory,
		.on_ready = on_ready,
		.offices_of = management_offices_of,
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
