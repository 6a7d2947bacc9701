/*
 * Between the parts of the courier: its channels (courier.c), its connections
 * (courier_link.c), its calls (courier_call.c) and their answers
 * (courier_answer.c).
 */
#ifndef ROLE_COURIER_INTERNAL_H
#define ROLE_COURIER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "envelope/bundle.h"
#include "role/courier/courier.h"
#include "role/courier/courier_target.h"
#include "role/message.h"

struct courier_call;
struct courier_link;
struct filler_upload;
struct http_client;
struct http_fetcher;
struct http_stream;
struct loop_timer;
struct pull;

enum {
	COURIER_SLOTS = 64,       /* of its arena */
	COURIER_STREAMS_MAX = 96, /* to one peer; the rest waits */
	COURIER_WAIT_MS = 5000,   /* for a connection */
	COURIER_RETRY_FIRST_MS = 50,
	COURIER_RETRY_MAX_MS = 2000,
};

struct courier_queue {
	struct courier_call *first, *last;
};

struct courier {
	struct role_env *env;
	struct peer *spooler;
	struct peer *query;
	struct filler *filler;
	struct puller *puller;
	struct directory_view *view;
	struct tls *tls;
	struct courier_sources sources;
	struct courier_peer *peers;
	struct http_fetcher *fetcher;   /* for servers that are no hosts */
	struct courier_queue finishing; /* content on its way to the spooler */
};

/* Whom we call, by the name that the spooler uses. */
struct courier_peer {
	struct courier *courier;
	struct courier_peer *next;
	char name[MESSAGE_HOST_SIZE];
	struct courier_link *link;  /* takes new calls; NULL for none */
	struct courier_link *links; /* all, also those that are leaving */
	struct courier_queue waiting;
	struct loop_timer *retry;
	bool was_told; /* the query role, that it is well or not: */
	bool is_well;
	uint32_t retry_ms;
	unsigned attempt;
};

/* One connection. */
struct courier_link {
	struct courier_peer *peer;
	struct courier_link *next;
	struct courier_target target;
	struct http_client *client;
	struct courier_queue calls; /* that are under way on it */
	size_t call_count;
	bool is_open;
};

/* One request of the spooler, until it is answered. */
struct courier_call {
	struct courier *courier;
	struct courier_call *next, *previous;
	struct courier_queue *queue; /* where it hangs; NULL for nowhere */
	struct courier_link *link;   /* while it is under way */
	struct courier_peer *peer;
	uint32_t id;
	struct message_call spec; /* but its body */
	struct bytes body;
	struct loop_timer *timer; /* while it waits */
	struct http_stream *stream;
	struct pull *pull;

	/* The answer. */
	struct message_called called; /* but its body */
	struct bytes answer;
	bool is_bundle; /* and `reader` takes it apart */
	struct bundle_reader reader;
	enum bundle_kind kind; /* of the record at hand */
	struct filler_upload *upload;
	size_t streamed; /* bytes of this piece that the upload has */
	struct error failure;
};

/* Hang a call into a queue, out of the one where it was; NULL for none. */
void courier_call_move(struct courier_call *call, struct courier_queue *queue);

/* It leaves its connection, where another one may take its place. */
void courier_call_leave(struct courier_call *call);

/* courier_link.c: a call for the peer, now or when there is a connection. */
int courier_peer_get(struct courier *courier, const char *name,
    struct courier_peer **ret_peer, struct error *err) MUST_CHECK;
void courier_peer_add(struct courier_peer *peer, struct courier_call *call);
void courier_peer_free(struct courier_peer *peer);

/* A call left its connection: send what waits, or connect again soon. */
void courier_peer_next(struct courier_peer *peer);

/* The directory changed: drop connections to what is no longer the peer. */
void courier_peer_review(struct courier_peer *peer);

/* courier_call.c: from the message on; the call frees itself in the end. */
void courier_call_begin(struct courier *courier, struct ipc_message *message);
int courier_call_send(struct courier_call *call, struct http_client *client,
    struct error *err) MUST_CHECK;

/* Answer the spooler, and free the call. */
void courier_call_fail(struct courier_call *call, const struct error *failure);
void courier_call_finish(struct courier_call *call);

/* Free it, without a word. */
void courier_call_drop(struct courier_call *call);

/* courier_fetch.c: the same for a server outside of the network. */
void courier_fetch_begin(struct courier *courier, struct ipc_message *message);

/* courier_answer.c */
extern const struct http_stream_events courier_answer_events;

#endif
