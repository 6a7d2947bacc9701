#include "role/peer.h"

#include <stdlib.h>

#include "base/error.h"
#include "service/log.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum { BUCKETS = 1024 };

struct pending {
	struct pending *next;
	uint32_t id;
	peer_answer_fn answer;
	void *ctx;
};

struct peer {
	struct ipc *ipc;
	struct loop *loop;
	const char *name;
	const struct peer_handler *handlers;
	void *ctx;
	void (*on_gone)(void *ctx);
	const struct log *log;
	struct pending *buckets[BUCKETS]; /* by id */
	size_t pending_count;
	uint32_t last_id;
};

/* Take the request out of the table; NULL if it is not there. */
static struct pending *
take_pending(struct peer *peer, uint32_t id)
{
	struct pending **at = &peer->buckets[id % BUCKETS];
	struct pending *found;

	while (*at != NULL && (*at)->id != id)
		at = &(*at)->next;
	found = *at;
	if (found == NULL)
		return NULL;
	*at = found->next;
	peer->pending_count--;
	return found;
}

static void
on_answer(struct peer *peer, struct ipc_message *message)
{
	struct pending *pending = take_pending(peer, message->id);
	peer_answer_fn answer;
	void *ctx;

	if (pending == NULL)
		return; /* forgotten */
	answer = pending->answer;
	ctx = pending->ctx;
	free(pending);
	answer(ctx, message);
}

static void
on_message(void *ctx, struct ipc *ipc, struct ipc_message *message)
{
	struct peer *peer = ctx;
	const struct peer_handler *handler = peer->handlers;
	struct error err = { 0 };

	(void)ipc;
	for (; handler->type != MESSAGE_NONE; handler++) {
		if ((uint16_t)handler->type == message->type) {
			handler->handle(peer->ctx, peer, message);
			return;
		}
	}
	if (message->id != 0 && peer->last_id != 0) {
		on_answer(peer, message);
		return;
	}
	error_set(&err, ERROR_MALFORMED, "message %s from %s is not for us",
	    message_name(message->type), peer->name);
	log_failure(peer->log, LOG_LEVEL_ERROR, "role.message", &err);
	if (message->id != 0)
		peer_refuse(peer, message->id, &err);
}

static void
on_closed(void *ctx, struct ipc *ipc)
{
	struct peer *peer = ctx;

	(void)ipc;
	if (peer->on_gone != NULL)
		peer->on_gone(peer->ctx);
	else
		loop_stop(peer->loop);
}

static const struct ipc_events ipc_events = { on_message, on_closed };

int
peer_open(struct loop *loop, int fd, const char *name,
    const struct peer_handler *handlers, void *ctx, void (*on_gone)(void *ctx),
    const struct log *log, struct peer **ret_peer, struct error *err)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (peer == NULL)
		return error_set_memory(err);
	peer->loop = loop;
	peer->name = name;
	peer->handlers = handlers;
	peer->ctx = ctx;
	peer->on_gone = on_gone;
	peer->log = log;
	if (ipc_open(loop, fd, &ipc_events, peer, &peer->ipc, err) < 0) {
		free(peer);
		return error_prefix(err, "channel to %s", name);
	}
	*ret_peer = peer;
	return 0;
}

void
peer_close(struct peer *peer)
{
	if (peer == NULL)
		return;
	ipc_close(peer->ipc);
	for (size_t i = 0; i < BUCKETS; i++) {
		while (peer->buckets[i] != NULL) {
			struct pending *pending = peer->buckets[i];

			peer->buckets[i] = pending->next;
			free(pending);
		}
	}
	free(peer);
}

int
peer_ask(struct peer *peer, enum message_type type, const void *body, int fd,
    peer_answer_fn answer, void *ctx, uint32_t *ret_id, struct error *err)
{
	struct pending *pending = calloc(1, sizeof(*pending));
	struct pending **bucket;

	if (pending == NULL)
		return error_set_memory(err);
	/* 0 means no request; ids of four billion ago have been answered. */
	if (++peer->last_id == 0)
		peer->last_id = 1;
	if (message_send(peer->ipc, type, peer->last_id, body, fd, err) < 0) {
		free(pending);
		return -1;
	}
	pending->id = peer->last_id;
	pending->answer = answer;
	pending->ctx = ctx;
	bucket = &peer->buckets[pending->id % BUCKETS];
	pending->next = *bucket;
	*bucket = pending;
	peer->pending_count++;
	if (ret_id != NULL)
		*ret_id = pending->id;
	return 0;
}

void
peer_forget(struct peer *peer, uint32_t id)
{
	free(take_pending(peer, id));
}

void
peer_tell(struct peer *peer, enum message_type type, uint32_t id,
    const void *body, int fd)
{
	struct error err = { 0 };

	if (message_send(peer->ipc, type, id, body, fd, &err) < 0) {
		error_prefix(&err, "%s to %s", message_name((uint16_t)type),
		    peer->name);
		log_failure(peer->log, LOG_LEVEL_ERROR, "role.message", &err);
	}
}

void
peer_refuse(struct peer *peer, uint32_t id, const struct error *error)
{
	struct message_failed failed = { .error = *error };

	peer_tell(peer, MESSAGE_FAILED, id, &failed, -1);
}

size_t
peer_pending(const struct peer *peer)
{
	return peer->pending_count;
}

const char *
peer_name(const struct peer *peer)
{
	return peer->name;
}
