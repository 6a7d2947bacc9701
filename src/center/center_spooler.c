#include "center/center.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_accept.h"
#include "center/accept/center_act.h"
#include "center/accept/center_queued.h"
#include "center/accept/center_quota.h"
#include "center/center_expire.h"
#include "center/center_feeds.h"
#include "center/center_retain.h"
#include "center/center_rows.h"
#include "center/center_status.h"
#include "center/center_watch.h"
#include "center/epoch/center_epoch.h"
#include "center/epoch/center_feed_again.h"
#include "center/epoch/center_hand_up.h"
#include "center/hold/center_hold.h"
#include "center/hold/center_review.h"
#include "center/log/center_log.h"
#include "center/log/center_stamp.h"
#include "center/move/center_move.h"
#include "center/rewrap/center_rewrap.h"
#include "center/send/center_peers.h"
#include "center/send/center_send.h"
#include "directory/directory.h"
#include "role/bulletins/publishing.h"
#include "role/log/cosign.h"
#include "role/log/witness.h"
#include "role/releases/release_relay.h"
#include "role/status/reviewer.h"
#include "role/status/status_watch.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/ipc.h"

enum {
	COSIGN_SOON_MS = 3000, /* many checkpoints in one */
	COSIGN_RETRY_MS = 60 * 1000,
	COSIGN_TIMEOUT_MS = 20 * 1000,
};

int
center_request_keep(struct center *center, struct peer *peer,
    const struct ipc_message *message, struct center_request *ret_request,
    struct error *err)
{
	struct center_request request = { .center = center,
		.peer = peer,
		.id = message->id };

	bytes_put(&request.body, message->body, message->len);
	if (bytes_failed(&request.body, err) < 0) {
		bytes_free(&request.body);
		return -1;
	}
	*ret_request = request;
	return 0;
}

void
center_request_free(struct center_request *request)
{
	bytes_free(&request->body);
}

/* ---- feed_acknowledge ------------------------------------------------- */

struct acknowledging {
	struct group_op op;
	struct center *center;
	struct peer *peer;
	uint32_t id;
	struct message_feed_acknowledge ask;
};

static int
apply_acknowledge(struct group_op *op, struct error *err)
{
	struct acknowledging *acknowledging =
	    (struct acknowledging *)(void *)op;

	const struct message_feed_acknowledge *ask = &acknowledging->ask;
	struct center_epoch *epoch = acknowledging->center->epoch;

	if (ask->is_caught_up &&
	    center_epoch_report(epoch, ask->host, ask->epoch, err) < 0)
		return -1;
	/* Sequences of another epoch are of other items. */
	if (!center_epoch_is_newest(epoch, ask->epoch))
		return 0;
	if (ask->is_restored)
		return center_epoch_check_serves(epoch, err) < 0
		    ? -1
		    : center_feed_again(acknowledging->center, ask->host, err);
	return center_feed_forget(store_rows(
				      acknowledging->center->spool.store),
	    ask->host, ask->through, err);
}

static void
finish_acknowledge(struct group_op *op, const struct error *failure)
{
	struct acknowledging *acknowledging =
	    (struct acknowledging *)(void *)op;

	if (failure != NULL)
		peer_refuse(acknowledging->peer, acknowledging->id, failure);
	else
		peer_tell(acknowledging->peer, MESSAGE_DONE, acknowledging->id,
		    NULL, -1);
	if (failure == NULL && acknowledging->ask.is_restored)
		center_watch_wake(acknowledging->center->watch,
		    acknowledging->ask.host);
	if (failure == NULL && acknowledging->ask.is_caught_up)
		center_epoch_reported(acknowledging->center->epoch);
	free(acknowledging);
}

static void
on_acknowledge(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct center *center = ctx;
	struct acknowledging *acknowledging = calloc(1, sizeof(*acknowledging));
	struct error err = { 0 };

	if (acknowledging == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, message->id, &err);
		return;
	}
	acknowledging->op.apply = apply_acknowledge;
	acknowledging->op.finish = finish_acknowledge;
	acknowledging->center = center;
	acknowledging->peer = peer;
	acknowledging->id = message->id;
	if (message_read(message, MESSAGE_FEED_ACKNOWLEDGE, &acknowledging->ask,
		&err) < 0) {
		peer_refuse(peer, message->id, &err);
		free(acknowledging);
		return;
	}
	group_add(center->spool.group, &acknowledging->op);
}

struct starting {
	struct group_op op;
	struct center *center;
};

/* ---- requests of operators, and of gateways for other logs ------------ */

/* What its exchange authority signed binds here at once. */
static void
publish(struct center *center, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct error err = { 0 };

	if (publishing_begin(center->spool.bulletins, peer, id, request->body,
		&err) < 0)
		peer_refuse(peer, id, &err);
}

static void
on_request(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct center *center = ctx;
	struct message_request *request = malloc(sizeof(*request));
	struct error err = { 0 };

	if (request == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, message->id, &err);
		return;
	}
	if (message_read(message, MESSAGE_REQUEST, request, &err) < 0)
		peer_refuse(peer, message->id, &err);
	else if (text_equal(request->method, "POST") &&
	    text_equal(request->path, "/v1/bulletins"))
		publish(ctx, peer, message->id, request);
	else if (!log_relay_answer(&center->log_relay, peer, message->id,
		     request) &&
	    !release_relay_ask(&center->spool, "management", peer, message->id,
		request) &&
	    !spool_answer(ctx, peer, message->id, request))
		center_hold_request(ctx, peer, message->id, request);
	free(request);
}

/* ---- the role --------------------------------------------------------- */

static const struct peer_handler listener_handlers[] = {
	{ MESSAGE_ARENA, spool_on_listener_upload },
	{ MESSAGE_UPLOAD_BEGIN, spool_on_listener_upload },
	{ MESSAGE_UPLOAD_DATA, spool_on_listener_upload },
	{ MESSAGE_UPLOAD_ABORT, spool_on_listener_upload },
	{ MESSAGE_SUBMIT, center_accept_on_submit },
	{ MESSAGE_OFFSET_READ, center_accept_on_offset_read },
	{ MESSAGE_ACT_SUBMIT, center_act_on_submit },
	{ MESSAGE_REWRAP_SUBMIT, center_rewrap_on_submit },
	{ MESSAGE_RECEIPT_SUBMIT, center_remote_on_submit },
	{ MESSAGE_WITNESS, witness_on_witness },
	{ MESSAGE_WATCH, center_watch_on_watch },
	{ MESSAGE_UNWATCH, center_watch_on_unwatch },
	{ MESSAGE_FEED_ACKNOWLEDGE, on_acknowledge },
	{ MESSAGE_REQUEST, on_request },
	{ MESSAGE_CANCEL, spool_on_cancel },
	{ MESSAGE_NONE, NULL },
};

static const struct peer_handler courier_handlers[] = {
	{ MESSAGE_ARENA, spool_on_courier_upload },
	{ MESSAGE_UPLOAD_BEGIN, spool_on_courier_upload },
	{ MESSAGE_UPLOAD_DATA, spool_on_courier_upload },
	{ MESSAGE_UPLOAD_ABORT, spool_on_courier_upload },
	{ MESSAGE_NONE, NULL },
};

/*
 * Our own log key and its origin line, as the network bulletin has them: what
 * others will verify our checkpoints with.
 */
static void
on_directory(struct spool *spool)
{
	struct center *center = (struct center *)(void *)spool;
	const struct directory *directory = spool_directory(spool);
	struct directory_center own;

	if (center->holds != NULL)
		center_holds_on_directory(center->holds);
	if (center->review != NULL)
		reviewer_on_news(center->review);
	if (center->status != NULL)
		status_watch_on_directory(center->status);
	center_mover_on_directory(center->mover);
	center_hand_up_look(center->hand_up);
	if (center->rewrapper != NULL)
		center_rewrapper_on_directory(center->rewrapper);
	if (center->epoch == NULL || directory == NULL ||
	    !directory_find_center(directory, center->name, &own))
		return;
	host_log_take_key(&center->log, own.log, own.log_len);
	center_epoch_look(center->epoch);
	center_peers_look(center->peers);
}

/* ---- starting ---------------------------------------------------------- */

/* Nothing: the group has its checkpoint. */
static int
apply_start(struct group_op *op, struct error *err)
{
	(void)op;
	(void)err;
	return 0;
}

/* Whatever ends deliveries waits until nothing of before can come any more. */
static void
begin_serving(struct center *center)
{
	if (center->is_started ||
	    center_epoch_phase(center->epoch) != CENTER_SERVES)
		return;
	center->is_started = true;
	center_mover_start(center->mover);
	center_expirer_start(center->expirer);
	center_holds_start(center->holds);
	reviewer_start(center->review);
	center_rewrapper_start(center->rewrapper);
	center_giver_up_start(center->giver_up);
	retainer_start(center->retainer);
}

/* What was said to be lost may have come back; feeds are read again. */
static void
on_phase(struct center *center)
{
	if (!center->spool.is_ready)
		return;
	begin_serving(center);
	center_sender_wake(center->sender);
	cosign_wake(center->cosign);
}

static void
on_revoked(void *ctx)
{
	struct center *center = ctx;

	if (center->review != NULL)
		reviewer_on_news(center->review);
}

static void
finish_start(struct group_op *op, const struct error *failure)
{
	struct center *center = ((struct starting *)(void *)op)->center;

	if (failure != NULL)
		log_failure(&center->spool.env->log, LOG_LEVEL_ERROR,
		    "log.start", failure);
	free(op);
	begin_serving(center);
	center_sender_wake(center->sender);
	cosign_wake(center->cosign);
	center_stamp_start(center->stamp);
	status_watch_tell(center->status, on_revoked, center);
	status_watch_start(center->status);
}

/*
 * A crash may have come between a group's commit and its checkpoint: an empty
 * change has the log as it is signed, before anybody asks for a receipt.
 */
static void
on_ready(struct spool *spool)
{
	struct center *center = (struct center *)(void *)spool;
	struct starting *starting = calloc(1, sizeof(*starting));

	if (starting == NULL)
		return;
	starting->center = center;
	starting->op.apply = apply_start;
	starting->op.finish = finish_start;
	group_add(spool->group, &starting->op);
	center_epoch_look(center->epoch);
	center_peers_look(center->peers);
	center_hand_up_look(center->hand_up);
}

static void
attest(void *ctx)
{
	struct center *center = ctx;

	host_log_attest(&center->log);
}

static int
keep(void *ctx, struct error *err)
{
	struct center *center = ctx;

	return host_log_keep(&center->log, err);
}

static int
seal(void *ctx, struct error *err)
{
	struct center *center = ctx;

	return center_feeds_seal(center->feeds, err) < 0
	    ? -1
	    : center_queued_seal(center->queued, err);
}

static void
on_behind(void *ctx)
{
	struct center *center = ctx;

	center_epoch_on_behind(center->epoch);
}

static void
on_checkpoint(struct host_log *log)
{
	struct center *center = (struct center *)(void *)log->spool;

	cosign_wake(center->cosign);
}

int
center_spooler_start(struct role_env *env, struct error *err)
{
	struct cosign_options cosign = { .soon_ms = COSIGN_SOON_MS,
		.retry_ms = COSIGN_RETRY_MS,
		.timeout_ms = COSIGN_TIMEOUT_MS };
	const struct spool_tier tier = {
		.application_id = CENTER_APPLICATION_ID,
		.migrations = center_migrations,
		.migration_count = center_migration_count,
		.listener_handlers = listener_handlers,
		.courier_handlers = courier_handlers,
		.hooks = { .seal = seal, .attest = attest, .keep = keep },
		.reads_disk = true,
		.on_directory = on_directory,
		.on_ready = on_ready,
	};
	struct center *center = calloc(1, sizeof(*center));
	int rc = -1;

	if (center == NULL)
		return error_set_memory(err);
	center->name = env->config->host.name;
	center->environment = env->config->host.environment;
	center->log.spool = &center->spool;
	center->log_relay =
	    (struct log_relay){ .spool = &center->spool, .name = center->name };
	center->log.on_checkpoint = on_checkpoint;
	cosign.log = &center->log;
	cosign.on_behind = on_behind;
	cosign.ctx = center;
	if (spool_open(&center->spool, env, &tier, "management", err) == 0 &&
	    center_feeds_new(center, &center->feeds, err) == 0 &&
	    center_watch_new(center, &center->watch, err) == 0 &&
	    center_epoch_new(center, on_phase, &center->epoch, err) == 0 &&
	    center_sender_new(center, &center->sender, err) == 0 &&
	    center_peers_new(center, &center->peers, err) == 0 &&
	    center_expirer_new(center, &center->expirer, err) == 0 &&
	    center_holds_new(center, &center->holds, err) == 0 &&
	    center_review_new(center, &center->review, err) == 0 &&
	    center_hand_up_new(center, &center->hand_up, err) == 0 &&
	    center_quotas_new(center, &center->quotas, err) == 0 &&
	    center_queued_new(center, &center->queued, err) == 0 &&
	    center_rewrapper_new(center, &center->rewrapper, err) == 0 &&
	    center_mover_new(center, &center->mover, err) == 0 &&
	    center_giver_up_new(center, &center->giver_up, err) == 0 &&
	    retainer_new(&center->spool, &center_retain_hooks, center,
		&center->retainer, err) == 0 &&
	    cosign_new(&cosign, &center->cosign, err) == 0 &&
	    center_stamp_new(center, &center->stamp, err) == 0 &&
	    status_watch_new(&center->spool, center_status_is_ours, center,
		&center->status, err) == 0)
		rc = role_env_run(env, err);
	free(center);
	return rc;
}
