#include "role/listener/listener.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "directory/directory.h"
#include "http/http_request.h"
#include "http/http_server.h"
#include "role/contents/directory_view.h"
#include "role/env.h"
#include "role/filler.h"
#include "role/host_identity.h"
#include "role/listener/listener_load.h"
#include "role/listener/listener_request.h"
#include "role/peer.h"
#include "role/query/puller.h"
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

static int
open_all(struct listener *listener, struct error *err)
{
	for (int i = 0; i < LISTENER_CALLERS_COUNT; i++)
		if (take_connections(&listener->doors[i], err) < 0)
			return -1;
	return 0;
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
	if (open_all(listener, &err) == 0)
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

/*
 * Told by the certificate alone: what it may ask for is seen later.  Of people
 * it says nothing: they are known from their first request on.
 */
static bool
is_known(void *ctx, const struct http_peer *peer)
{
	struct listener_door *door = ctx;
	const struct directory *directory =
	    directory_view_directory(door->listener->view);

	return door->callers == LISTENER_HOSTS && directory != NULL &&
	    peer->has_cert &&
	    directory_identify(directory, &peer->fingerprint, peer->net.host,
		door->listener->env->config->host.name)
		.kind != HOST_UNKNOWN;
}

static void
tell_if_drained(struct listener *listener)
{
	for (int i = 0; i < LISTENER_CALLERS_COUNT; i++)
		if (!listener->doors[i].is_drained)
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
	uint64_t requests = 0;

	for (int i = 0; i < LISTENER_CALLERS_COUNT; i++)
		if (listener->doors[i].server != NULL)
			requests +=
			    http_server_counts(listener->doors[i].server)
				.streams;
	log_begin(&line, &listener->env->log, LOG_LEVEL_NOTICE,
	    "listener.cut_off");
	log_u64(&line, "requests", requests);
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
	for (int i = 0; i < LISTENER_CALLERS_COUNT; i++)
		drain(&listener->doors[i]);
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

/* A TLS identity once it is needed. */
static int
need_tls(struct listener *listener, enum listener_callers callers,
    const struct tls **ret_tls, struct error *err)
{
	const struct config *config = listener->env->config;
	bool is_hosts = callers == LISTENER_HOSTS;
	struct tls **tls = is_hosts ? &listener->tls : &listener->people_tls;

	if (callers == LISTENER_LOCAL)
		return 0;
	if (*tls == NULL &&
	    (is_hosts ? host_identity_server(config, tls, err)
		      : host_identity_people(config, tls, err)) < 0)
		return -1;
	*ret_tls = *tls;
	return 0;
}

static int
open_door(struct listener *listener, enum listener_callers callers,
    const struct listener_route *routes, int fd, struct error *err)
{
	struct listener_door *door = &listener->doors[callers];
	struct http_server_options options = {
		.loop = listener->env->loop,
		.limits = limits_of(listener->env->config),
		.events = &server_events,
		.ctx = door,
	};

	door->listener = listener;
	door->callers = callers;
	door->is_local = callers == LISTENER_LOCAL;
	door->routes = routes;
	door->listen_fd = fd;
	if (routes == NULL || fd < 0)
		return 0;
	if (need_tls(listener, callers, &options.tls, err) < 0)
		return -1;
	return http_server_new(&options, &door->server, err);
}

static int
open_parts(struct listener *listener, const struct listener_tables *tables,
    struct error *err)
{
	struct role_env *env = listener->env;
	const int fds[LISTENER_CALLERS_COUNT] = {
		[LISTENER_HOSTS] = env->hosts_fd,
		[LISTENER_LOCAL] = env->control_fd,
		[LISTENER_PEOPLE] = env->people_fd,
		[LISTENER_OPERATORS] = env->operators_fd,
	};
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
	for (int i = 0; i < LISTENER_CALLERS_COUNT; i++)
		if (open_door(listener, (enum listener_callers)i, tables->of[i],
			fds[i], err) < 0)
			return -1;
	return 0;
}

int
listener_open(struct role_env *env, const struct listener_tables *tables,
    struct listener **ret_listener, struct error *err)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	if (listener == NULL)
		return error_set_memory(err);
	listener->env = env;
	if (open_parts(listener, tables, err) < 0) {
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
	for (int i = 0; i < LISTENER_CALLERS_COUNT; i++)
		http_server_free(listener->doors[i].server);
	tls_free(listener->tls);
	tls_free(listener->people_tls);
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
listener_start(struct role_env *env, const struct listener_tables *tables,
    struct error *err)
{
	struct listener *listener;
	int rc;

	if (listener_open(env, tables, &listener, err) < 0)
		return -1;
	rc = role_env_run(env, err);
	listener_close(listener);
	return rc;
}
