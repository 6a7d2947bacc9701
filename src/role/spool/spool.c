#include "role/spool/spool.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/random.h"
#include "directory/directory.h"
#include "exchange/retry.h"
#include "role/contents/notices.h"
#include "role/env.h"
#include "role/keeper/module_requests.h"
#include "role/requests/requests.h"
#include "role/spool/leases.h"
#include "role/spool/partials.h"
#include "role/spool/uploads.h"
#include "role/status/card_registry.h"
#include "role/status/card_reports.h"
#include "service/config.h"
#include "store/rows.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum { IDLE_MS = 1000 };

static const struct peer_handler no_handlers[] = {
	{ MESSAGE_NONE, NULL },
};

int64_t
spool_now(const struct spool *spool)
{
	return role_env_now(spool->env);
}

uint64_t
spool_back_off(const struct spool *spool, struct retry *retry, uint32_t after_s)
{
	const struct config *config = spool->env->config;
	struct retry_bounds bounds = { config->courier.retry_first_ms,
		config->courier.retry_max_ms };
	int64_t now = spool_now(spool);
	struct error ignored = { 0 };
	uint32_t random = 0;

	/* It only spreads the tries of many. */
	if (random_fill(&random, sizeof(random), &ignored) < 0)
		random = 0;
	retry_failed(retry, &bounds, now, (int64_t)after_s * 1000, random);
	return (uint64_t)(retry->next_at - now);
}

const struct directory *
spool_directory(const struct spool *spool)
{
	return bulletins_directory(spool->bulletins);
}

uint64_t
spool_directory_serial(const struct spool *spool)
{
	const struct directory *directory = spool_directory(spool);

	return directory != NULL ? directory_serials(directory).directory : 0;
}

const struct spool_key *
spool_key_find(const struct spool *spool, const char *name)
{
	for (size_t i = 0; i < spool->key_count; i++)
		if (text_equal(spool->keys[i].name, name))
			return &spool->keys[i];
	return NULL;
}

void
spool_on_listener_upload(void *ctx, struct peer *peer,
    struct ipc_message *message)
{
	struct spool *spool = ctx;

	uploads_handle(spool->from_listener, peer, message);
}

void
spool_on_courier_upload(void *ctx, struct peer *peer,
    struct ipc_message *message)
{
	struct spool *spool = ctx;

	uploads_handle(spool->from_courier, peer, message);
}

/* ---- local requests -------------------------------------------------- */

bool
spool_answer(struct spool *spool, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	return module_requests_answer(spool, peer, id, request) ||
	    leases_answer(spool->leases, peer, id, request,
		loop_now_ms(spool->env->loop)) ||
	    card_reports_answer(spool->cards, peer, id, request) ||
	    card_registry_answer(spool, peer, id, request) ||
	    requests_answer(spool->requests, peer, id, request) ||
	    notices_answer(store_rows(spool->store), spool->group, peer, id,
		request, spool_now(spool));
}

void
spool_on_request(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct message_request request;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_REQUEST, &request, &err) < 0) {
		peer_refuse(peer, message->id, &err);
	} else if (!spool_answer(ctx, peer, message->id, &request)) {
		error_set_id(&err, "E6201", ERROR_NOT_FOUND, "nothing at %s",
		    request.path);
		peer_refuse(peer, message->id, &err);
	}
}

void
spool_on_cancel(void *ctx, struct peer *peer, struct ipc_message *message)
{
	(void)ctx;
	(void)peer;
	(void)message;
}

/* ---- the store ------------------------------------------------------- */

/* An fsync failed: end at once, before anyone could be told of success. */
static void
on_broken(void *ctx, const struct error *err)
{
	struct spool *spool = ctx;

	log_failure(&spool->env->log, LOG_LEVEL_ERROR, "store.broken", err);
	_exit(EXIT_FAILURE);
}

static void
on_lost(void *ctx, const struct payload *payload, const struct error *why)
{
	struct spool *spool = ctx;

	(void)payload;
	log_failure(&spool->env->log, LOG_LEVEL_ERROR, "store.lost", why);
}

static void
on_idle(void *ctx)
{
	struct spool *spool = ctx;
	struct error err = { 0 };

	leases_expire(spool->leases, loop_now_ms(spool->env->loop));
	if (group_waiting(spool->group) == 0 &&
	    store_idle(spool->store, &err) < 0)
		log_failure(&spool->env->log, LOG_LEVEL_WARNING, "store.idle",
		    &err);
}

/* A commit was interrupted, and nobody was told of it: worth a line. */
static void
log_cut(const struct spool *spool)
{
	uint32_t frames = rows_cut_frames(store_rows(spool->store));
	struct log_line line;

	if (frames == 0)
		return;
	log_begin(&line, &spool->env->log, LOG_LEVEL_NOTICE, "store.cut");
	log_u64(&line, "frames", frames);
	log_end(&line);
}

static int
open_store(struct spool *spool, struct error *err)
{
	const struct config *config = spool->env->config;
	struct store_options options = { .dir = config->host.data,
		.application_id = spool->tier->application_id,
		.migrations = spool->tier->migrations,
		.migration_count = spool->tier->migration_count,
		.segments = { .segment_mib = (uint32_t)config->store.segment_mb,
		    .first_count = (uint32_t)config->store.segments,
		    .reserve_mib = (uint32_t)config->store.reserve_mb,
		    .writers_max = 2 * UPLOADS_MAX + 32,
		    .reads_disk = spool->tier->reads_disk },
		.broken = on_broken,
		.allow_volatile = !config_is_production(config) };

	if (store_open(&options, on_lost, spool, &spool->store, err) < 0)
		return -1;
	log_cut(spool);
	return 0;
}

/* ---- the other roles ------------------------------------------------- */

static int
open_peers(struct spool *spool, struct error *err)
{
	struct role_env *env = spool->env;
	const struct spool_tier *tier = spool->tier;
	size_t count = 0;

	if (role_env_peer(env, ROLE_LISTENER, tier->listener_handlers, spool,
		&spool->listener, err) < 0 ||
	    role_env_peer(env, ROLE_QUERY, no_handlers, spool, &spool->query,
		err) < 0 ||
	    role_env_peer(env, ROLE_KEEPER, no_handlers, spool, &spool->keeper,
		err) < 0 ||
	    role_env_peer(env, ROLE_VERIFIER, no_handlers, spool,
		&spool->verifier, err) < 0 ||
	    role_env_peer(env, ROLE_COURIER,
		tier->courier_handlers != NULL ? tier->courier_handlers
					       : no_handlers,
		spool, &spool->courier, err) < 0 ||
	    role_env_peer(env, ROLE_READER, no_handlers, spool, &spool->reader,
		err) < 0 ||
	    role_env_peer(env, ROLE_PRINTER, no_handlers, spool,
		&spool->printer, err) < 0)
		return -1;
	spool->tell[count++] = spool->listener;
	spool->tell[count++] = spool->query;
	spool->tell[count++] = spool->verifier;
	if (spool->courier != NULL)
		spool->tell[count++] = spool->courier;
	spool->tell[count] = NULL;
	return 0;
}

/* ---- keys and directory ---------------------------------------------- */

/* Who connected before waits no longer than for this. */
static void
open_doors(struct spool *spool)
{
	if (spool->is_open || !spool->has_keys || !spool->has_bulletins)
		return;
	spool->is_open = true;
	peer_tell(spool->listener, MESSAGE_OPEN, 0, NULL, -1);
}

static void
become_ready(struct spool *spool)
{
	if (spool->is_ready || spool->key_count == 0 ||
	    spool_directory(spool) == NULL)
		return;
	spool->is_ready = true;
	card_reports_start(spool->cards);
	requests_start(spool->requests);
	spool->tier->on_ready(spool);
}

static void
on_directory(void *ctx)
{
	struct spool *spool = ctx;

	module_requests_tell_release(spool);
	requests_on_directory(spool->requests);
	spool->tier->on_directory(spool);
	become_ready(spool);
	spool->has_bulletins = true;
	open_doors(spool);
}

static int
read_keys(struct spool *spool, const struct message_keys *keys,
    struct error *err)
{
	struct blob list = keys->keys;
	struct message_key_entry entry;
	int more;

	while ((more = codec_next(message_fields(MESSAGE_KEY_ENTRY), &list,
		    &entry, err)) > 0) {
		struct spool_key *key = &spool->keys[spool->key_count];

		if (spool->key_count == SPOOL_KEYS_MAX)
			return error_set(err, ERROR_DENIED, "more than %d keys",
			    SPOOL_KEYS_MAX);
		memcpy(key->name, entry.name, sizeof(key->name));
		key->certificate = entry.certificate;
		spool->key_count++;
	}
	return more;
}

static void
on_keys(void *ctx, struct ipc_message *message)
{
	struct spool *spool = ctx;
	struct message_keys keys;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_KEYS, &keys, &err) < 0 ||
	    read_keys(spool, &keys, &err) < 0)
		log_failure(&spool->env->log, LOG_LEVEL_ERROR, "keeper.keys",
		    &err);
	else
		become_ready(spool);
	spool->has_keys = true;
	open_doors(spool);
}

int
spool_open(struct spool *spool, struct role_env *env,
    const struct spool_tier *tier, const char *upstream, struct error *err)
{
	struct bulletins_options options = { .env = env,
		.upstream = upstream,
		.tell = spool->tell,
		.on_change = on_directory,
		.on_store = tier->on_store,
		.ctx = spool };

	spool->env = env;
	spool->tier = tier;
	spool->hooks = tier->hooks;
	spool->hooks.broken = on_broken;
	spool->hooks.tests_never_wait = env->config->store.sync == 0;
	if (open_store(spool, err) < 0 || open_peers(spool, err) < 0 ||
	    group_new(env->loop, spool->store, &spool->hooks, spool,
		&spool->group, err) < 0 ||
	    partials_new(env, spool->store, spool->group, &spool->partials,
		err) < 0 ||
	    uploads_new(spool->store, spool->partials,
		(uint64_t)env->config->limits.letter_bytes,
		&spool->from_listener, err) < 0 ||
	    uploads_new(spool->store, spool->partials,
		(uint64_t)env->config->limits.letter_bytes,
		&spool->from_courier, err) < 0 ||
	    loop_timer_new(env->loop, on_idle, spool, &spool->idle, err) < 0)
		return -1;
	if (leases_new(store_segments(spool->store), &spool->leases, err) < 0 ||
	    card_reports_new(spool, upstream, &spool->cards, err) < 0 ||
	    requests_new(spool, upstream, &spool->requests, err) < 0)
		return -1;
	loop_timer_repeat(spool->idle, IDLE_MS);
	options.rows = store_rows(spool->store);
	options.group = spool->group;
	options.verifier = spool->verifier;
	options.courier = upstream != NULL ? spool->courier : NULL;
	if (bulletins_new(&options, &spool->bulletins, err) < 0)
		return -1;
	return peer_ask(spool->keeper, MESSAGE_KEY_LIST, NULL, -1, on_keys,
	    spool, NULL, err);
}
