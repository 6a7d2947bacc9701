#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "http/http_client.h"
#include "role/courier/courier_internal.h"
#include "role/env.h"
#include "role/peer.h"
#include "service/config.h"
#include "sys/loop.h"

static void
log_link(const struct courier_peer *peer, enum log_level level,
    const char *event, const struct error *err)
{
	struct log_line line;

	log_begin(&line, &peer->courier->env->log, level, event);
	log_text(&line, "peer", peer->name);
	if (err != NULL)
		log_error(&line, err);
	log_end(&line);
}

/* Tell the query role, for who asks how the host is, when it is news. */
static void
tell_link(struct courier_peer *peer, const struct error *failure)
{
	struct courier *courier = peer->courier;
	struct message_link news = { .is_well = failure == NULL,
		.since = role_env_now(courier->env) };

	if (peer->was_told && peer->is_well && news.is_well)
		return;
	peer->was_told = true;
	peer->is_well = news.is_well;
	text_copy(news.peer, sizeof(news.peer), peer->name);
	if (failure != NULL) {
		text_copy(news.code, sizeof(news.code),
		    error_message_id(failure));
		text_copy(news.why, sizeof(news.why), failure->text);
	}
	peer_tell(courier->query, MESSAGE_LINK, 0, &news, -1);
}

/* Free the connection; its calls must be gone. */
static void
link_free(struct courier_link *link)
{
	struct courier_peer *peer = link->peer;
	struct courier_link **at = &peer->links;

	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	if (peer->link == link)
		peer->link = NULL;
	http_client_free(link->client);
	free(link);
}

static void
fail_waiting(struct courier_peer *peer, const struct error *failure)
{
	while (peer->waiting.first != NULL)
		courier_call_fail(peer->waiting.first, failure);
}

static void
retry_later(struct courier_peer *peer)
{
	loop_timer_start(peer->retry, peer->retry_ms);
	peer->retry_ms = peer->retry_ms * 2 < COURIER_RETRY_MAX_MS
	    ? peer->retry_ms * 2
	    : COURIER_RETRY_MAX_MS;
	peer->attempt++;
}

static void go(struct courier_peer *peer);

static void
on_open(void *ctx)
{
	struct courier_link *link = ctx;
	struct courier_peer *peer = link->peer;

	link->is_open = true;
	peer->retry_ms = COURIER_RETRY_FIRST_MS;
	log_link(peer, LOG_LEVEL_NOTICE, "peer.connected", NULL);
	tell_link(peer, NULL);
	go(peer);
}

/* http_client ended its streams before, so no call is left on the link. */
static void
on_closed(void *ctx, const struct error *err)
{
	struct courier_link *link = ctx;
	struct courier_peer *peer = link->peer;
	bool was_current = peer->link == link;
	bool was_open = link->is_open;
	struct error failure = *err;

	log_link(peer,
	    link->is_open && failure.code == ERROR_BUSY ? LOG_LEVEL_NOTICE
							: LOG_LEVEL_WARNING,
	    "peer.closed", &failure);
	link_free(link);
	if (!was_current)
		return;
	if (!was_open)
		tell_link(peer, &failure);
	/* The wrong peer will be no better in a second; silence may be. */
	if (failure.code == ERROR_UNTRUSTED)
		fail_waiting(peer, &failure);
	retry_later(peer);
}

static const struct http_client_events client_events = { on_open, on_closed };

static int
connect_to(struct courier_peer *peer, const struct courier_target *target,
    struct error *err)
{
	struct role_env *env = peer->courier->env;
	struct courier_link *link = calloc(1, sizeof(*link));
	struct http_client_options options = {
		.loop = env->loop,
		.tls = peer->courier->tls,
		.host = target->host,
		.port = target->port,
		.source = env->config->host.address[0] != '\0'
		    ? env->config->host.address
		    : NULL,
		.expected_count = target->expected_count,
		.fd = -1,
		.authority = peer->name,
		.limits = { .handshake_ms = COURIER_WAIT_MS },
		.events = &client_events,
		.ctx = link,
	};

	if (link == NULL)
		return error_set_memory(err);
	link->peer = peer;
	link->target = *target;
	memcpy(options.expected, target->expected, sizeof(options.expected));
	if (http_client_new(&options, &link->client, err) < 0) {
		free(link);
		return -1;
	}
	link->next = peer->links;
	peer->links = link;
	peer->link = link;
	return 0;
}

static void
begin_connect(struct courier_peer *peer)
{
	struct courier_target target;
	struct error err = { 0 };

	if (courier_target_find(&peer->courier->sources, peer->name,
		peer->attempt, &target, &err) < 0) {
		tell_link(peer, &err);
		fail_waiting(peer, &err);
		return;
	}
	if (connect_to(peer, &target, &err) < 0) {
		log_link(peer, LOG_LEVEL_WARNING, "peer.closed", &err);
		tell_link(peer, &err);
		retry_later(peer);
	}
}

static void
send_first(struct courier_peer *peer)
{
	struct courier_call *call = peer->waiting.first;
	struct courier_link *link = peer->link;
	struct error err = { 0 };

	loop_timer_free(call->timer);
	call->timer = NULL;
	courier_call_move(call, &link->calls);
	call->link = link;
	link->call_count++;
	if (courier_call_send(call, link->client, &err) < 0) {
		/* Out of the way first, so that no other one is sent here. */
		courier_call_leave(call);
		courier_call_fail(call, &err);
	}
}

static void
go(struct courier_peer *peer)
{
	/* One that was asked to leave finishes what it has. */
	if (peer->link != NULL && !http_client_is_usable(peer->link->client))
		peer->link = NULL;
	if (peer->waiting.first == NULL)
		return;
	if (peer->link == NULL && !loop_timer_is_running(peer->retry))
		begin_connect(peer);
	while (peer->link != NULL && peer->link->is_open &&
	    peer->waiting.first != NULL &&
	    peer->link->call_count < COURIER_STREAMS_MAX &&
	    http_client_is_usable(peer->link->client))
		send_first(peer);
}

void
courier_peer_next(struct courier_peer *peer)
{
	/*
	 * Within the end of a connection all its calls come here: a new one is
	 * made once for all of them.
	 */
	if (peer->link != NULL && !http_client_is_usable(peer->link->client)) {
		if (!loop_timer_is_running(peer->retry))
			loop_timer_start(peer->retry, COURIER_RETRY_FIRST_MS);
		return;
	}
	go(peer);
}

static void
on_retry(void *ctx)
{
	go(ctx);
}

int
courier_peer_get(struct courier *courier, const char *name,
    struct courier_peer **ret_peer, struct error *err)
{
	struct courier_peer *peer = courier->peers;

	while (peer != NULL && !text_equal(peer->name, name))
		peer = peer->next;
	*ret_peer = peer;
	if (peer != NULL)
		return 0;
	peer = calloc(1, sizeof(*peer));
	if (peer == NULL)
		return error_set_memory(err);
	peer->courier = courier;
	peer->retry_ms = COURIER_RETRY_FIRST_MS;
	text_copy(peer->name, sizeof(peer->name), name);
	if (loop_timer_new(courier->env->loop, on_retry, peer, &peer->retry,
		err) < 0) {
		free(peer);
		return -1;
	}
	peer->next = courier->peers;
	courier->peers = peer;
	*ret_peer = peer;
	return 0;
}

void
courier_peer_add(struct courier_peer *peer, struct courier_call *call)
{
	call->peer = peer;
	courier_call_move(call, &peer->waiting);
	go(peer);
}

static void
close_link(struct courier_link *link, const struct error *failure)
{
	/* Nothing new goes onto it. */
	if (link->peer->link == link)
		link->peer->link = NULL;
	while (link->calls.first != NULL) {
		if (failure != NULL)
			courier_call_fail(link->calls.first, failure);
		else
			courier_call_drop(link->calls.first);
	}
	link_free(link);
}

void
courier_peer_review(struct courier_peer *peer)
{
	struct courier_link *link = peer->links;
	struct courier_target target;
	struct error err = { 0 };
	bool is_known = courier_target_find(&peer->courier->sources, peer->name,
			    peer->attempt, &target, &err) == 0;

	error_set_id(&err, "E6301", ERROR_BUSY,
	    "the directory has another address or certificate for %s",
	    peer->name);
	while (link != NULL) {
		struct courier_link *next = link->next;

		if (!is_known || !courier_target_covers(&target, &link->target))
			close_link(link, &err);
		link = next;
	}
	go(peer);
}

void
courier_peer_free(struct courier_peer *peer)
{
	while (peer->waiting.first != NULL)
		courier_call_drop(peer->waiting.first);
	while (peer->links != NULL)
		close_link(peer->links, NULL);
	loop_timer_free(peer->retry);
	free(peer);
}
