#include "role/courier/courier.h"

#include <stdlib.h>

#include "http/http_fetch.h"
#include "http/tls.h"
#include "role/contents/directory_view.h"
#include "role/courier/courier_internal.h"
#include "role/env.h"
#include "role/filler.h"
#include "role/host_identity.h"
#include "role/peer.h"
#include "role/query/puller.h"
#include "service/config.h"

static void
log_error_of(const struct courier *courier, const struct error *err)
{
	log_failure(&courier->env->log, LOG_LEVEL_ERROR, "courier", err);
}

static void
on_call(void *ctx, struct peer *peer, struct ipc_message *message)
{
	(void)peer;
	courier_call_begin(ctx, message);
}

static void
on_fetch(void *ctx, struct peer *peer, struct ipc_message *message)
{
	(void)peer;
	courier_fetch_begin(ctx, message);
}

static void
on_upload_free(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct courier *courier = ctx;

	(void)peer;
	filler_take_back(courier->filler, message);
}

static void
on_directory(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct courier *courier = ctx;
	struct error err = { 0 };

	(void)peer;
	if (directory_view_take(courier->view, message, &err) < 0) {
		log_error_of(courier, &err);
		return;
	}
	courier->sources.directory = directory_view_directory(courier->view);
	for (struct courier_peer *at = courier->peers; at != NULL;
	     at = at->next)
		courier_peer_review(at);
}

static void
on_arena(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct courier *courier = ctx;
	struct error err = { 0 };

	(void)peer;
	if (puller_take_arena(courier->puller, message, &err) < 0)
		log_error_of(courier, &err);
}

static const struct peer_handler spooler_handlers[] = {
	{ MESSAGE_CALL, on_call },
	{ MESSAGE_FETCH, on_fetch },
	{ MESSAGE_UPLOAD_FREE, on_upload_free },
	{ MESSAGE_DIRECTORY, on_directory },
	{ MESSAGE_NONE, NULL },
};

static const struct peer_handler query_handlers[] = {
	{ MESSAGE_ARENA, on_arena },
	{ MESSAGE_NONE, NULL },
};

static int
open_parts(struct courier *courier, struct error *err)
{
	struct role_env *env = courier->env;

	if (host_identity_client(env->config, &courier->tls, err) < 0 ||
	    directory_view_new(&courier->view, err) < 0 ||
	    puller_new(&courier->puller, err) < 0 ||
	    role_env_peer(env, ROLE_SPOOLER, spooler_handlers, courier,
		&courier->spooler, err) < 0 ||
	    role_env_peer(env, ROLE_QUERY, query_handlers, courier,
		&courier->query, err) < 0)
		return -1;
	if (courier->spooler == NULL || courier->query == NULL)
		return error_set(err, ERROR_SYSTEM,
		    "courier without spooler and query");
	puller_set_query(courier->puller, courier->query);
	if (http_fetcher_new(env->loop, env->config->host.address,
		&courier->fetcher, err) < 0)
		return -1;
	courier_upstream_read(&env->config->center, &courier->sources.center);
	courier_upstream_read(&env->config->management,
	    &courier->sources.management);
	return filler_new(COURIER_SLOTS, courier->spooler, &courier->filler,
	    err);
}

int
courier_open(struct role_env *env, struct courier **ret_courier,
    struct error *err)
{
	struct courier *courier = calloc(1, sizeof(*courier));

	if (courier == NULL)
		return error_set_memory(err);
	courier->env = env;
	if (open_parts(courier, err) < 0) {
		courier_close(courier);
		return -1;
	}
	*ret_courier = courier;
	return 0;
}

void
courier_close(struct courier *courier)
{
	if (courier == NULL)
		return;
	while (courier->peers != NULL) {
		struct courier_peer *peer = courier->peers;

		courier->peers = peer->next;
		courier_peer_free(peer);
	}
	while (courier->finishing.first != NULL)
		courier_call_drop(courier->finishing.first);
	http_fetcher_free(courier->fetcher);
	filler_free(courier->filler);
	peer_close(courier->spooler);
	peer_close(courier->query);
	puller_free(courier->puller);
	directory_view_free(courier->view);
	tls_free(courier->tls);
	free(courier);
}

int
courier_start(struct role_env *env, struct error *err)
{
	struct courier *courier;
	int rc;

	if (courier_open(env, &courier, err) < 0)
		return -1;
	rc = role_env_run(env, err);
	courier_close(courier);
	return rc;
}
