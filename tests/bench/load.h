/*
 * What load_center.c (submitting, as gateway-1) and load_gateway.c (feeds, and
 * gateway-2, which fetches) share.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdint.h>

#include "bench/bench_letter.h"
#include "http/http_client.h"

enum {
	CLIENTS_MAX = 512,
	LOAD_TARGET_SIZE = 160,
	LOAD_WAIT_S = 20, /* that a feed is parked */
};

struct options {
	uint64_t count, bytes, connections, streams, recipients, acts, rate,
	    is_inline, idle, backlog, batch, again_ms, tells;
};

struct load {
	const char *folder;
	struct options options;
	struct loop *loop;
	struct letter_maker *maker;
	struct letter *letters; /* count of them */
	uint64_t *sent_at, *accepted_us, *cycle_us;
	struct tls *tls[2]; /* gateway-1, gateway-2 */
	struct http_client *clients[2][CLIENTS_MAX];
	struct loop_timer *timer; /* of `rate`, and for what stalls */
	uint64_t started_us, progress_us;
	uint64_t sent, accepted, failed;
	uint64_t refused;       /* for want of room, and sent again */
	uint64_t silent;        /* ... without saying when to come again */
	uint64_t full, full_us; /* accepted, and when, as the last was sent */
	uint64_t told, fetching, fetched; /* by gateway-2 */
	uint32_t *queue;                  /* told, in order */
	uint64_t heard;            /* last acts that gateway-1 heard of */
	struct http_client **free; /* each as often as it has streams to use */
	size_t free_count;
	uint64_t opened;
	uint64_t early; /* deliveries that were told but not there yet */
};

struct feed {
	struct load *load;
	int gateway;
	uint64_t after;
	struct bytes body;
};

/* Ask for the feed, and for what follows when it was answered, and so on. */
void load_read_feed(struct feed *feed);

/* `type` and `body` NULL for none; the body is taken over. */
void load_ask(struct http_client *client, const char *method,
    const char *target, const char *type, struct bytes *body,
    const struct http_stream_events *events, void *ctx);

/* Count the answer as a failure unless it is 200 or 201. */
void load_check_status(struct load *load, struct http_stream *stream,
    const struct error *err, const char *what);

/* Submit as many as streams and `backlog` allow. */
void load_submit(struct load *load);

/* Stop the loop when all is done, or something failed. */
void load_check_end(struct load *load);

void load_fail(const struct error *err);

#endif
