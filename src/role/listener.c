#include "role/listener.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "directory/directory.h"
#include "http/http_request.h"
#include "http/http_server.h"
#include "role/directory_view.h"
#include "role/env.h"
#include "role/filler.h"
#include "role/host_identity.h"
#include "role/listener_load.h"
#include "role/listener_request.h"
#include "role/peer.h"
#include "role/puller.h"
#include "service/config.h"
#include "sys/loop.h"
#include "sys/process.h"

/*
 * What comes while we drain waits for those who come after us, so it must not
 * take long: less than a courier waits for a connection.
 */
enum { DRAIN_SPREAD_MS = 500, DRAIN_MS = 4000 };

/* Descriptors that are not for connections: arenas, channels, the other port. */
enum { SPARE_DESCRIPTORS = 256 };

static void
on_arena(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct listener *listener = ctx;
	struct error err = { 0 };

	(void)peer;
	if (puller_take_arena(listener->puller, message, &err) < 0)
		log_failure(&listener->env->log, LOG_LEVEL_ERROR, "listener",
		    &err);
}

static void
on_upload_free(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct listener *listener = ctx;

	(void)peer;
	filler_take_back(listener->filler, message);
}

static void
on_directory(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct listener *listener = ctx;
	struct error err = { 0 };

	(void)peer;
	if (directory_view_take(listener->view, message, &err) < 0) {
		log_failure(&listener->env->log, LOG_LEVEL_ERROR, "listener",
		    &err);
		return;
	}
	listener_request_wake_all(listener);
}

static int
take_connections(struct listener_door *door, struct error *err)
{
	if (door->server == NULL || door->listen_fd < 0)
		return 0;
	return http_server_listen(door->server, door->listen_fd, err);
}

static void
on_open(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct listener *listener = ctx;
	struct error err = { 0 };

	(void)peer;
	(void)message;
	if (listener->is_open || listener->is_draining)
		return;
	listener->is_open = true;
	if (take_connections(&listener->hosts, &err) == 0 &&
	    take_connections(&listener->control, &err) == 0)
		return;
	log_failure(&listener->env->log, LOG_LEVEL_ERROR, "listener", &err);
	loop_stop(listener->env->loop);
}

static const struct peer_handler spooler_handlers[] = {
	{ MESSAGE_OPEN, on_open },
	{ MESSAGE_UPLOAD_FREE, on_upload_free },
	{ MESSAGE_DIRECTORY, on_directory },
	{ MESSAGE_NONE, NULL },
};

static const struct peer_handler query_handlers[] = {
	{ MESSAGE_ARENA, on_arena },
	{ MESSAGE_NONE, NULL },
};

static const struct peer_handler verifier_handlers[] = {
	{ MESSAGE_NONE, NULL },
};

static void
on_request(void *ctx, struct http_request *http)
{
	listener_request_begin(ctx, http);
}

/* A connection that never became one: what it was refused for is a finding. */
static void
on_refused(void *ctx, const struct http_peer *peer, const struct error *err)
{
	struct listener_door *door = ctx;
	struct listener *listener = door->listener;
	struct log_line line;
	uint64_t held;

	if (!log_gate_pass(&listener->refusals, role_env_now(listener->env),
		&held))
		return;
	log_begin(&line, &listener->env->log, LOG_LEVEL_WARNING,
	    "connection.refused");
	log_text(&line, "address", peer->net.host);
	log_error(&line, err);
	if (held > 0)
		log_u64(&line, "not_logged", held);
	log_end(&line);
}

static bool
may_connect(void *ctx, const struct net_peer *peer)
{
	struct listener_door *door = ctx;

	/* Who may use the local socket: this user, and root. */
	if (door->is_local)
		return peer->is_local &&
		    (peer->uid == 0 || peer->uid == geteuid());
	return true;
}

/* Told by the certificate alone: what it may ask for is seen later. */
static bool
is_known(void *ctx, const struct http_peer *peer)
{
	struct listener_door *door = ctx;
	const struct directory *directory =
	    directory_view_directory(door->listener->view);

	return directory != NULL && peer->has_cert &&
	    directory_identify(directory, &peer->fingerprint, peer->net.host)
		.kind != HOST_UNKNOWN;
}

static void
tell_if_drained(struct listener *listener)
{
	if (!listener->hosts.is_drained || !listener->control.is_drained)
		return;
	loop_timer_cancel(listener->deadline);
	role_env_drained(listener->env);
}

static void
on_drained(void *ctx)
{
	struct listener_door *door = ctx;

	door->is_drained = true;
	tell_if_drained(door->listener);
}

static const struct http_server_events server_events = {
	.on_request = on_request,
	.may_connect = may_connect,
	.is_known = is_known,
	.on_refused = on_refused,
	.on_drained = on_drained,
};

static void
drain(struct listener_door *door)
{
	if (door->server == NULL)
		door->is_drained = true;
	else
		http_server_drain(door->server,
		    door->is_local ? 0 : DRAIN_SPREAD_MS);
}

static void
on_deadline(void *ctx)
{
	struct listener *listener = ctx;
	struct log_line line;

	log_begin(&line, &listener->env->log, LOG_LEVEL_NOTICE,
	    "listener.cut_off");
	log_u64(&line, "requests",
	    (listener->hosts.server != NULL
		    ? http_server_counts(listener->hosts.server).streams
		    : 0) +
		(listener->control.server != NULL
			? http_server_counts(listener->control.server).streams
			: 0));
	log_end(&line);
	role_env_drained(listener->env);
}

/*
 * Those who wait for news hear that there is none yet, and ask again on
 * another connection; requests under way, and those that cross our goodbye,
 * are served.
 */
static void
on_drain(void *ctx)
{
	struct listener *listener = ctx;

	if (listener->is_draining)
		return;
	listener->is_draining = true;
	loop_timer_start(listener->deadline, DRAIN_MS);
	drain(&listener->hosts);
	drain(&listener->control);
	listener_request_end_waits(listener);
	tell_if_drained(listener);
}

static int
open_channels(struct listener *listener, struct error *err)
{
	struct role_env *env = listener->env;

	if (role_env_peer(env, ROLE_SPOOLER, spooler_handlers, listener,
		&listener->spooler, err) < 0 ||
	    role_env_peer(env, ROLE_QUERY, query_handlers, listener,
		&listener->query, err) < 0 ||
	    role_env_peer(env, ROLE_VERIFIER, verifier_handlers, listener,
		&listener->verifier, err) < 0)
		return -1;
	if (listener->spooler == NULL || listener->query == NULL ||
	    listener->verifier == NULL)
		return error_set(err, ERROR_SYSTEM,
		    "listener without spooler, query and verifier");
	puller_set_query(listener->puller, listener->query);
	return filler_new(LISTENER_SLOTS, listener->spooler, &listener->filler,
	    err);
}

/* What the configuration says, within what descriptors allow. */
static struct http_limits
limits_of(const struct config *config)
{
	size_t descriptors = process_raise_descriptors();
	uint64_t room = descriptors > 2 * SPARE_DESCRIPTORS
	    ? descriptors - SPARE_DESCRIPTORS
	    : descriptors / 2;
	struct http_limits limits = {
		.connections_max = (uint32_t)config->limits.connections,
		.source_max = (uint32_t)config->limits.per_address,
		.handshake_ms = (uint32_t)config->limits.handshake_s * 1000,
		.first_ms = (uint32_t)config->limits.handshake_s * 1000,
		.headers_ms = (uint32_t)config->limits.handshake_s * 1000,
		.body_ms = (uint32_t)config->limits.body_s * 1000,
		.write_ms = (uint32_t)config->limits.read_s * 1000,
		.idle_ms = (uint32_t)config->limits.idle_s * 1000,
	};

	if (limits.connections_max > room)
		limits.connections_max = (uint32_t)room;
	return limits;
}

static int
open_door(struct listener_door *door, struct listener *listener,
    const struct listener_route *routes, int fd, struct error *err)
{
	struct http_server_options options = {
		.loop = listener->env->loop,
		.tls = door->is_local ? NULL : listener->tls,
		.limits = limits_of(listener->env->config),
		.events = &server_events,
		.ctx = door,
	};

	door->listener = listener;
	door->routes = routes;
	door->listen_fd = fd;
	if (routes == NULL || fd < 0)
		return 0;
	return http_server_new(&options, &door->server, err);
}

static int
open_parts(struct listener *listener, const struct listener_route *hosts,
    const struct listener_route *control, struct error *err)
{
	struct role_env *env = listener->env;
	struct listener_load_limits limits = {
		.live = LISTENER_LIVE_MAX,
		.caller = LISTENER_CALLER_MAX,
		.places = (size_t)env->config->limits.submissions,
	};

	if (directory_view_new(&listener->view, err) < 0 ||
	    puller_new(&listener->puller, err) < 0 ||
	    listener_load_new(&limits, &listener->load, err) < 0 ||
	    loop_timer_new(env->loop, on_deadline, listener,
		&listener->deadline, err) < 0 ||
	    open_channels(listener, err) < 0)
		return -1;
	if (hosts != NULL &&
	    host_identity_server(env->config, &listener->tls, err) < 0)
		return -1;
	if (open_door(&listener->hosts, listener, hosts, env->hosts_fd, err) <
	    0)
		return -1;
	listener->control.is_local = true;
	return open_door(&listener->control, listener, control, env->control_fd,
	    err);
}

int
listener_open(struct role_env *env, const struct listener_route *hosts,
    const struct listener_route *control, struct listener **ret_listener,
    struct error *err)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	if (listener == NULL)
		return error_set_memory(err);
	listener->env = env;
	if (open_parts(listener, hosts, control, err) < 0) {
		listener_close(listener);
		return -1;
	}
	env->on_drain = on_drain;
	env->ctx = listener;
	*ret_listener = listener;
	return 0;
}

void
listener_close(struct listener *listener)
{
	if (listener == NULL)
		return;
	/* Requests first: they hold uploads and pulls. */
	http_server_free(listener->hosts.server);
	http_server_free(listener->control.server);
	tls_free(listener->tls);
	filler_free(listener->filler);
	peer_close(listener->spooler);
	peer_close(listener->query);
	peer_close(listener->verifier);
	puller_free(listener->puller);
	directory_view_free(listener->view);
	listener_load_free(listener->load);
	loop_timer_free(listener->deadline);
	free(listener);
}

int
listener_start(struct role_env *env, const struct listener_route *hosts,
    const struct listener_route *control, struct error *err)
{
	struct listener *listener;
	int rc;

	if (listener_open(env, hosts, control, &listener, err) < 0)
		return -1;
	rc = role_env_run(env, err);
	listener_close(listener);
	return rc;
}
