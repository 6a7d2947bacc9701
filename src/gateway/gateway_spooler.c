/*
 * The spooler of a gateway: opens the store and the channels, and hands what
 * comes to outbox, inbox and feed.
 */
#include "gateway/gateway.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/error.h"
#include "base/text.h"
#include "gateway/again.h"
#include "gateway/desk/desk.h"
#include "gateway/desk/desk_settings.h"
#include "gateway/events/happenings.h"
#include "gateway/events/webhook.h"
#include "gateway/events/webhook_rows.h"
#include "gateway/evidence/log_watch.h"
#include "gateway/evidence/status_fetch.h"
#include "gateway/feed.h"
#include "gateway/gateway_match.h"
#include "gateway/gateway_scope.h"
#include "gateway/gateway_status.h"
#include "gateway/inbox/inbox.h"
#include "gateway/inbox/inbox_history.h"
#include "gateway/inbox/inbox_review.h"
#include "gateway/inbox/inbox_schedule.h"
#include "gateway/inbox/inbox_share.h"
#include "gateway/lost/lost.h"
#include "gateway/lost/lost_decide.h"
#include "gateway/outbox/making.h"
#include "gateway/outbox/outbox.h"
#include "gateway/outbox/outbox_early.h"
#include "gateway/outbox/outbox_hold.h"
#include "gateway/outbox/outbox_review.h"
#include "gateway/outbox/outbox_series.h"
#include "gateway/register/register.h"
#include "gateway/search/search.h"
#include "gateway/sending/board.h"
#include "gateway/sending/desk_draft.h"
#include "gateway/sending/desk_group.h"
#include "gateway/sending/letterhead.h"
#include "gateway/sending/recipient_limits.h"
#include "gateway/sending/sending_desk.h"
#include "gateway/sending/settings.h"
#include "gateway/signing.h"
#include "gateway/words.h"
#include "role/bulletins/bulletins.h"
#include "role/listener/listener.h"
#include "role/people/people.h"
#include "role/people/people_admit.h"
#include "role/people/people_deputies.h"
#include "role/people/people_units.h"
#include "role/releases/release_relay.h"
#include "role/requests/requests_rows.h"
#include "role/status/card_registry.h"
#include "role/status/card_reports.h"
#include "role/status/review.h"
#include "role/status/reviewer.h"
#include "role/status/status_rows.h"
#include "role/status/status_watch.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/ipc.h"

static void
hand_on(void *ctx, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct gateway *gateway = ctx;
	struct ipc_message message = { .id = id };
	struct error err = { 0 };

	if (gateway_match_check(&gateway->spool, request, &err) < 0) {
		peer_refuse(peer, id, &err);
		return;
	}
	if (log_relay_answer(&gateway->log_relay, peer, id, request) ||
	    release_relay_ask(&gateway->spool, gateway->log_relay.upstream,
		peer, id, request) ||
	    spool_answer(&gateway->spool, peer, id, request) ||
	    people_answer(&gateway->spool, peer, id, request) ||
	    webhooks_answer(gateway->webhooks, peer, id, request) ||
	    sending_request(gateway, peer, id, request) ||
	    desk_answer(gateway, peer, id, request))
		return;
	if (text_starts(request->path, "/v1/inbox"))
		inbox_request(gateway->inbox, peer, &message, request);
	else if (text_equal(request->path, "/v1/lost"))
		lost_request(&gateway->spool, peer, id, request);
	else if (text_starts(request->path, "/v1/events"))
		happenings_request(gateway->happenings, peer, id, request);
	else if (text_starts(request->path, "/v1/documents:make"))
		making_request(gateway->making, peer, id, request);
	else
		outbox_request(gateway->outbox, peer, &message, request);
}

/* Logging in is what nobody has to be admitted for. */
static bool
is_log_in(const struct message_request *request)
{
	return text_equal(request->method, "POST") &&
	    text_equal(request->path, "/v1/session");
}

/* Who asks, whether they may, and whether it is theirs. */
static int
admit(struct gateway *gateway, struct message_request *request,
    struct error *err)
{
	struct spool *spool = &gateway->spool;
	struct rows *rows = store_rows(spool->store);

	request->actor[0] = request->scope[0] = request->behalf[0] = '\0';
	if (is_log_in(request))
		return 0;
	if (people_admit(rows, spool->env->config, spool_now(spool), request,
		NULL, err) < 0)
		return -1;
	return gateway_scope_check(rows, spool_directory(spool), request, err);
}

/* What has a history of its own, which also names users of this machine. */
static bool
is_of_letters(const struct message_request *request)
{
	static const char *const paths[] = { "/v1/documents", "/v1/drafts",
		"/v1/series", "/v1/outbox", "/v1/inbox", "/v1/review" };

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (text_starts(request->path, paths[i]))
			return true;
	return false;
}

/* What changes something, and for whom: checks and drafts change nothing. */
static bool
is_recorded(const struct message_request *request)
{
	return (request->door != LISTENER_LOCAL || !is_of_letters(request)) &&
	    !is_log_in(request) && !text_equal(request->method, "GET") &&
	    /* A part changes nothing before it is all there. */
	    (!text_equal(request->method, "PATCH") || request->files.len > 0) &&
	    !text_starts(request->path, "/v1/documents:") &&
	    !text_starts(request->path, "/v1/recipients:");
}

static void
on_request(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct gateway *gateway = ctx;
	struct message_request *request = malloc(sizeof(*request));
	struct error err = { 0 };

	if (request == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, message->id, &err);
		return;
	}
	if (message_read(message, MESSAGE_REQUEST, request, &err) < 0 ||
	    admit(gateway, request, &err) < 0)
		peer_refuse(peer, message->id, &err);
	else if (is_recorded(request))
		people_record(&gateway->spool, peer, message->id, request,
		    hand_on, gateway);
	else
		hand_on(gateway, peer, message->id, request);
	free(request);
}

/* Only one of them knows the request. */
static void
on_cancel(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct gateway *gateway = ctx;

	(void)peer;
	outbox_cancel(gateway->outbox, message->id);
	inbox_cancel(gateway->inbox, message->id);
	happenings_cancel(gateway->happenings, message->id);
	making_cancel(gateway->making, message->id);
}

static const struct peer_handler listener_handlers[] = {
	{ MESSAGE_ARENA, spool_on_listener_upload },
	{ MESSAGE_UPLOAD_BEGIN, spool_on_listener_upload },
	{ MESSAGE_UPLOAD_DATA, spool_on_listener_upload },
	{ MESSAGE_UPLOAD_ABORT, spool_on_listener_upload },
	{ MESSAGE_REQUEST, on_request },
	{ MESSAGE_TOUCH, people_on_touch },
	{ MESSAGE_CANCEL, on_cancel },
	{ MESSAGE_NONE, NULL },
};

static const struct peer_handler courier_handlers[] = {
	{ MESSAGE_ARENA, spool_on_courier_upload },
	{ MESSAGE_UPLOAD_BEGIN, spool_on_courier_upload },
	{ MESSAGE_UPLOAD_DATA, spool_on_courier_upload },
	{ MESSAGE_UPLOAD_ABORT, spool_on_courier_upload },
	{ MESSAGE_NONE, NULL },
};

static void
on_revoked(void *ctx)
{
	struct gateway *gateway = ctx;

	if (gateway->review != NULL)
		reviewer_on_news(gateway->review);
}

static void
on_directory(struct spool *spool)
{
	struct gateway *gateway = (struct gateway *)(void *)spool;

	log_watch_on_directory(gateway->log_watch);
	again_look(gateway->again);
	if (gateway->status != NULL)
		status_watch_on_directory(gateway->status);
	if (gateway->outbox != NULL)
		outbox_on_directory(gateway->outbox);
	if (gateway->inbox != NULL)
		inbox_on_directory(gateway->inbox);
	if (gateway->review != NULL)
		reviewer_on_news(gateway->review);
}

static void
on_ready(struct spool *spool)
{
	struct gateway *gateway = (struct gateway *)(void *)spool;

	outbox_start(gateway->outbox);
	inbox_start(gateway->inbox);
	reviewer_start(gateway->review);
	inbox_schedule_wake(gateway->schedule);
	again_start(gateway->again);
	feed_start(gateway->feed);
	webhooks_wake(gateway->webhooks);
	status_watch_tell(gateway->status, on_revoked, gateway);
	search_filler_wake(gateway->search);
	status_watch_start(gateway->status);
	status_fetch_start(gateway->status_fetch);
}

static void
on_committed(void *ctx)
{
	struct gateway *gateway = ctx;

	if (gateway->happenings != NULL)
		happenings_wake(gateway->happenings);
	if (gateway->webhooks != NULL)
		webhooks_wake(gateway->webhooks);
	if (gateway->search != NULL)
		search_filler_wake(gateway->search);
}

/* Triggers that became others stand twice. */
const char *const gateway_migrations[] = { bulletins_schema, outbox_schema,
	inbox_schema, feed_schema, outbox_withdrawal_schema,
	outbox_review_schema, outbox_ended_schema, outbox_earlier_schema,
	inbox_number_schema, log_watch_schema, again_schema,
	outbox_rewrap_schema, people_schema, status_schema, requests_schema,
	happenings_schema, status_fetch_schema, card_reports_schema,
	card_registry_schema, webhook_schema, outbox_hold_schema,
	sending_settings_schema, review_schema, inbox_review_schema,
	desk_draft_schema, people_units_schema, people_deputies_schema,
	inbox_history_schema, desk_settings_schema, desk_group_schema,
	recipient_limits_schema, board_schema, inbox_share_schema, lost_schema,
	register_schema, register_in_schema, register_out_schema,
	register_document_schema, words_schema, outbox_early_schema,
	lost_decision_schema, requests_again_schema, outbox_review_at_schema,
	inbox_review_directory_schema, revoked_schema, inbox_part_schema,
	register_in_schema, register_out_schema, register_document_schema,
	happenings_letter_schema, search_schema, outbox_series_schema,
	letterhead_schema };
const size_t gateway_migration_count = ARRAY_LEN(gateway_migrations);

/*
 * A letter is a dozen changes here, of which its sender waits for two, so
 * fewer and larger groups make letters faster, not slower.
 */
enum { PACE_MS = 16 };

int
gateway_spooler_start(struct role_env *env, struct error *err)
{
	const struct spool_tier tier = {
		.application_id = GATEWAY_APPLICATION_ID,
		.migrations = gateway_migrations,
		.migration_count = gateway_migration_count,
		.listener_handlers = listener_handlers,
		.courier_handlers = courier_handlers,
		.hooks = { .committed = on_committed, .pace_ms = PACE_MS },
		.on_directory = on_directory,
		.on_ready = on_ready,
	};
	struct gateway *gateway = calloc(1, sizeof(*gateway));
	int rc = -1;

	if (gateway == NULL)
		return error_set_memory(err);
	gateway->name = env->config->host.name;
	gateway->environment = env->config->host.environment;
	gateway->center = env->config->center.name;
	gateway->log_relay = (struct log_relay){ .spool = &gateway->spool,
		.name = gateway->name,
		.upstream = gateway->center };
	if (spool_open(&gateway->spool, env, &tier, gateway->center, err) ==
		0 &&
	    signing_new(&gateway->spool, &gateway->signing, err) == 0 &&
	    outbox_new(gateway, &gateway->outbox, err) == 0 &&
	    inbox_review_new(gateway, &gateway->review, err) == 0 &&
	    inbox_new(gateway, &gateway->inbox, err) == 0 &&
	    inbox_schedule_new(gateway, &gateway->schedule, err) == 0 &&
	    making_new(gateway, &gateway->making, err) == 0 &&
	    happenings_new(&gateway->spool, &gateway->happenings, err) == 0 &&
	    webhooks_new(&gateway->spool, &gateway->webhooks, err) == 0 &&
	    search_filler_new(gateway, &gateway->search, err) == 0 &&
	    feed_new(gateway, &gateway->feed, err) == 0 &&
	    again_new(gateway, &gateway->again, err) == 0 &&
	    log_watch_new(gateway, &gateway->log_watch, err) == 0 &&
	    status_watch_new(&gateway->spool, gateway_status_is_ours, gateway,
		&gateway->status, err) == 0 &&
	    status_fetch_new(gateway, &gateway->status_fetch, err) == 0)
		rc = role_env_run(env, err);
	free(gateway);
	return rc;
}
