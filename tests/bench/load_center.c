/*
 * Load for one center, over its real door: HTTP/2 with client certificates.
 *
 *	load_center FOLDER [KEY=VALUE...]
 *
 * FOLDER is that of `yizhan demo --setup`; center-a must be running.  Submits
 * letters of gateway-1's organisation that were made in advance, and plays,
 * where `acts` is not 0, gateway-2 too: it follows the feed, fetches, and
 * posts as many acts (fetched, opened, confirmed), while gateway-1 follows its
 * own feed until it has heard of the last act of every letter.
 *
 *	count=1000 bytes=16384 connections=4 streams=16   load
 *	recipients=1 acts=0
 *	backlog=256 with acts: letters on the way at once, to their last act
 *	batch=1     so many waybills, and so many acts, under one signature
 *	rate=0      letters per second at even distances; 0: as fast as it goes
 *	again=0     milliseconds after which a letter that was refused with 429 or
 *	            503 is sent again, whatever Retry-After says; 0: that is a failure
 *	tell=0      1: print "accepted ID" of each as soon as its receipt is here
 *	inline=0    1: make each letter when it is sent (to fill a store)
 *	idle=0      only open that many connections with a parked feed each
 *
 * Prints "ready", waits for a line on stdin, does it, and prints one line of
 * JSON.
 */
#include "bench/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/result.h"
#include "envelope/batch.h"
#include "model/times.h"
#include "sys/clock.h"
#include "sys/loop.h"

enum { STALLED_MS = 60 * 1000, TICK_MS = 1 };

#define CENTER "127.0.0.21"

/* ---- asking ---------------------------------------------------------- */

void
load_fail(const struct error *err)
{
	fprintf(stderr, "load_center: %s\n", err->text);
	exit(EXIT_FAILURE);
}

static void
on_closed(void *ctx, const struct error *err)
{
	(void)ctx;
	load_fail(err);
}

static void
on_open(void *ctx)
{
	struct load *load = ctx;

	load->opened++;
}

static const struct http_client_events client_events = { .on_open = on_open,
	.on_closed = on_closed };

static struct http_client *
connect_as(struct load *load, int gateway)
{
	static const char *const sources[] = { "127.0.0.31", "127.0.0.32" };
	struct http_client_options options = { .loop = load->loop,
		.tls = load->tls[gateway],
		.host = CENTER,
		.port = 7443,
		.source = sources[gateway],
		.expected_count = 1,
		.fd = -1,
		.authority = "center-a",
		.events = &client_events,
		.ctx = load };
	struct http_client *client;
	struct error err = { 0 };

	options.expected[0] = letter_fingerprint(load->folder, "center-a");
	if (http_client_new(&options, &client, &err) < 0)
		load_fail(&err);
	return client;
}

void
load_ask(struct http_client *client, const char *method, const char *target,
    const char *type, struct bytes *body,
    const struct http_stream_events *events, void *ctx)
{
	char now[TIMES_RFC3339_SIZE];
	struct http_header headers[] = { { "yizhan-time", now },
		{ "content-type", type } };
	struct http_outgoing request = { .method = method,
		.target = target,
		.headers = headers,
		.header_count = type != NULL ? 2 : 1,
		.body = { .bytes = body } };
	struct http_stream *stream;
	struct error err = { 0 };

	times_format(clock_now_ms(), now);
	if (http_client_send(client, &request, events, ctx, &stream, &err) < 0)
		load_fail(&err);
}

void
load_check_status(struct load *load, struct http_stream *stream,
    const struct error *err, const char *what)
{
	int status = err == NULL ? http_stream_status(stream) : 0;

	load->progress_us = clock_steady_us();
	if (status == 200 || status == 201)
		return;
	if (load->failed++ == 0)
		fprintf(stderr, "%s: status %d %s\n", what, status,
		    err != NULL ? err->text : "");
}

void
load_check_end(struct load *load)
{
	const struct options *options = &load->options;

	if (load->failed > 0 ||
	    (load->accepted == options->count &&
		(options->acts == 0 ||
		    (load->fetched == options->count &&
			load->heard == options->count))))
		loop_stop(load->loop);
}

/* ---- submitting ------------------------------------------------------ */

struct flight {
	struct load *load;
	struct http_client *client;
	uint64_t index;
	struct loop_timer *again; /* of one that was refused */
};

/* It is overloaded, says so, and says when to come again. */
static bool
is_refused(struct flight *flight, const struct http_stream *stream,
    const struct error *err)
{
	struct load *load = flight->load;
	int status = err == NULL ? http_stream_status(stream) : 0;
	const char *after;
	uint64_t seconds;

	if (load->options.again_ms == 0 || (status != 429 && status != 503))
		return false;
	after = http_stream_header(stream, "retry-after");
	if (after == NULL || !text_parse_u64(after, 3600, &seconds) ||
	    seconds == 0)
		load->silent++;
	load->refused++;
	load->progress_us = clock_steady_us();
	return true;
}

static void
tell(const struct load *load, uint64_t index)
{
	char id[ID_TEXT_SIZE];

	id_format(&load->letters[index].waybill_id, id);
	printf("accepted %s\n", id);
	fflush(stdout);
}

static void
on_submitted(void *ctx, struct http_stream *stream, const struct error *err)
{
	struct flight *flight = ctx;
	struct load *load = flight->load;
	struct http_client *client = flight->client;

	if (is_refused(flight, stream, err)) {
		loop_timer_start(flight->again, load->options.again_ms);
		return;
	}
	load_check_status(load, stream, err, "submission");
	if (load->options.tells != 0 && load->failed == 0)
		tell(load, flight->index);
	load->accepted_us[load->accepted++] =
	    clock_steady_us() - load->sent_at[flight->index];
	loop_timer_free(flight->again);
	free(flight);
	load->free[load->free_count++] = client;
	load_submit(load);
	load_check_end(load);
}

/* These, and what is signed of them, together. */
static void
make_letters(struct load *load, uint64_t first, uint64_t count)
{
	const struct options *options = &load->options;

	for (uint64_t i = first; i < first + count; i++)
		letter_make(load->maker, (uint32_t)i, options->bytes,
		    (unsigned)options->recipients, (unsigned)options->acts,
		    &load->letters[i]);
	letter_sign(load->maker, &load->letters[first], count);
}

/* A letter that may be refused is kept for the next time. */
static void
hand_in(void *ctx)
{
	static const struct http_stream_events events = { .on_end =
							      on_submitted };
	struct flight *flight = ctx;
	struct load *load = flight->load;
	struct bytes *body = &load->letters[flight->index].body;
	struct bytes copy = { 0 };

	if (load->options.again_ms > 0) {
		bytes_put(&copy, body->data, body->len);
		if (copy.failed)
			abort();
		body = &copy;
	}
	load_ask(flight->client, "POST", "/v1/waybills",
	    "application/vnd.yizhan.bundle", body, &events, flight);
	bytes_free(&copy);
}

static void
submit(struct load *load, struct http_client *client)
{
	const struct options *options = &load->options;
	struct flight *flight = calloc(1, sizeof(*flight));
	uint64_t index = load->sent++;
	struct error err = { 0 };

	if (flight == NULL)
		abort();
	*flight = (struct flight){ load, client, index, NULL };
	if (options->again_ms > 0 &&
	    loop_timer_new(load->loop, hand_in, flight, &flight->again, &err) <
		0)
		load_fail(&err);
	if (options->is_inline)
		make_letters(load, index, 1);
	/* With a rate, from when it was due: waiting counts. */
	load->sent_at[index] = options->rate == 0
	    ? clock_steady_us()
	    : load->started_us + index * 1000000 / options->rate;
	hand_in(flight);
	if (load->sent == options->count) {
		load->full = load->accepted;
		load->full_us = clock_steady_us();
	}
}

void
load_submit(struct load *load)
{
	const struct options *options = &load->options;

	while (options->rate == 0 && load->free_count > 0 &&
	    load->sent < options->count &&
	    (options->acts == 0 ||
		load->sent - load->fetched < options->backlog))
		submit(load, load->free[--load->free_count]);
}

/* ---- running --------------------------------------------------------- */

static void
on_tick(void *ctx)
{
	struct load *load = ctx;
	const struct options *options = &load->options;
	uint64_t now = clock_steady_us();
	uint64_t due = (now - load->started_us) * options->rate / 1000000 + 1;

	if (now - load->progress_us > STALLED_MS * 1000ull) {
		fprintf(stderr, "nothing happens any more\n");
		load->failed++;
		loop_stop(load->loop);
	}
	while (options->rate > 0 && load->sent < options->count &&
	    load->sent < due)
		submit(load,
		    load->clients[0][load->sent % options->connections]);
}

static void
wait_for_go(void)
{
	char line[16];

	printf("ready\n");
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL)
		exit(EXIT_FAILURE);
}

static void
prepare(struct load *load)
{
	const struct options *options = &load->options;
	size_t count = options->count;

	/* With a rate more may be on the way than there are streams. */
	load->free = calloc(count + options->connections * options->streams,
	    sizeof(struct http_client *));
	load->letters = calloc(count, sizeof(*load->letters));
	load->sent_at = calloc(count, sizeof(*load->sent_at));
	load->accepted_us = calloc(count, sizeof(*load->accepted_us));
	load->cycle_us = calloc(count, sizeof(*load->cycle_us));
	load->queue = calloc(count, sizeof(*load->queue));
	if (load->free == NULL || load->letters == NULL ||
	    load->sent_at == NULL || load->accepted_us == NULL ||
	    load->cycle_us == NULL || load->queue == NULL)
		abort();
	load->maker = letter_maker_new(load->folder);
	for (size_t i = 0; i < count && !options->is_inline;
	     i += options->batch)
		make_letters(load, i,
		    count - i < options->batch ? count - i : options->batch);
}

static void
open_clients(struct load *load, int gateway, uint64_t count)
{
	struct error err = { 0 };
	uint64_t wanted = load->opened + count;

	for (uint64_t i = 0; i < count; i++) {
		load->clients[gateway][i] = connect_as(load, gateway);
		/* A few at a time: handshakes take long. */
		while (load->opened + 8 < wanted - count + i)
			if (loop_run_once(load->loop, &err) < 0)
				load_fail(&err);
	}
	while (load->opened < wanted)
		if (loop_run_once(load->loop, &err) < 0)
			load_fail(&err);
}

static void
close_clients(struct load *load)
{
	for (int i = 0; i < 2; i++)
		for (int j = 0; j < CLIENTS_MAX; j++)
			http_client_free(load->clients[i][j]);
}

static void
print(struct load *load, double cpu)
{
	double seconds = (double)(clock_steady_us() - load->started_us) / 1e6;
	const struct options *options = &load->options;

	result_sort(load->accepted_us, load->accepted);
	printf("{\"count\":%llu,\"failed\":%llu,\"seconds\":%.6f,"
	       "\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"client_cpu_us\":%.1f",
	    (unsigned long long)load->accepted,
	    (unsigned long long)load->failed, seconds,
	    (double)result_percentile(load->accepted_us, load->accepted, 50) /
		1e3,
	    (double)result_percentile(load->accepted_us, load->accepted, 99) /
		1e3,
	    cpu * 1e6 / (double)options->count);
	printf(",\"refused\":%llu,\"silent\":%llu,\"full\":%llu,"
	       "\"full_seconds\":%.6f",
	    (unsigned long long)load->refused, (unsigned long long)load->silent,
	    (unsigned long long)load->full,
	    (double)(load->full_us - load->started_us) / 1e6);
	if (load->fetched > 0) {
		result_sort(load->cycle_us, load->fetched);
		printf(",\"early\":%llu,\"cycle_p50_ms\":%.3f,"
		       "\"cycle_p99_ms\":%.3f",
		    (unsigned long long)load->early,
		    (double)result_percentile(load->cycle_us, load->fetched,
			50) /
			1e3,
		    (double)result_percentile(load->cycle_us, load->fetched,
			99) /
			1e3);
	}
	printf("}\n");
	fflush(stdout);
}

static void
run(struct load *load)
{
	const struct options *options = &load->options;
	struct feed feeds[2] = { { .load = load, .gateway = 0 },
		{ .load = load, .gateway = 1 } };
	struct error err = { 0 };
	double cpu;

	prepare(load);
	open_clients(load, 0, options->connections);
	if (options->acts > 0)
		open_clients(load, 1, options->connections);
	wait_for_go();
	cpu = result_cpu_seconds();
	load->started_us = load->progress_us = clock_steady_us();
	if (loop_timer_new(load->loop, on_tick, load, &load->timer, &err) < 0)
		load_fail(&err);
	loop_timer_repeat(load->timer, options->rate > 0 ? TICK_MS : 1000);
	for (int i = 0; options->acts > 0 && i < 2; i++)
		load_read_feed(&feeds[i]);
	for (uint64_t i = options->connections * options->streams; i-- > 0;)
		load->free[load->free_count++] =
		    load->clients[0][i % options->connections];
	load_submit(load);
	if (loop_run(load->loop, &err) < 0)
		load_fail(&err);
	if (load->accepted > 0)
		print(load, result_cpu_seconds() - cpu);
	loop_timer_free(load->timer);
	bytes_free(&feeds[0].body);
	bytes_free(&feeds[1].body);
}

static void
on_idle_end(void *ctx, struct http_stream *stream, const struct error *err)
{
	struct feed *feed = ctx;

	load_check_status(feed->load, stream, err, "feed");
}

/* Half of them as each gateway, each with a feed that waits. */
static void
stay_idle(struct load *load)
{
	static const struct http_stream_events events = { .on_end =
							      on_idle_end };
	static struct feed feeds[2][CLIENTS_MAX];
	uint64_t half = load->options.idle / 2;
	const struct timespec pause = { 0, 1000000 };
	struct error err = { 0 };
	uint64_t until;

	wait_for_go();
	open_clients(load, 0, half);
	open_clients(load, 1, load->options.idle - half);
	for (int i = 0; i < 2; i++)
		for (int j = 0; load->clients[i][j] != NULL; j++) {
			struct feed *feed = &feeds[i][j];
			char target[LOAD_TARGET_SIZE];

			feed->load = load;
			snprintf(target, sizeof(target),
			    "/v1/feed?after=%lld&wait=%d", (long long)INT64_MAX,
			    LOAD_WAIT_S);
			load_ask(load->clients[i][j], "GET", target, NULL, NULL,
			    &events, feed);
		}
	until = clock_steady_us() + 2000000;
	while (clock_steady_us() < until) {
		if (loop_run_once(load->loop, &err) < 0)
			load_fail(&err);
		nanosleep(&pause, NULL);
	}
	printf("{\"connections\":%llu}\n", (unsigned long long)load->opened);
	wait_for_go();
}

static bool
take_option(struct options *options, const char *text)
{
	const struct {
		const char *name;
		uint64_t *value, max;
	} known[] = {
		{ "count=", &options->count, 10000000 },
		{ "bytes=", &options->bytes, 64 * 1024 * 1024 },
		{ "connections=", &options->connections, CLIENTS_MAX },
		{ "streams=", &options->streams, 100 },
		{ "recipients=", &options->recipients, 5000 },
		{ "acts=", &options->acts, LETTER_ACTS },
		{ "rate=", &options->rate, 1000000 },
		{ "inline=", &options->is_inline, 1 },
		{ "backlog=", &options->backlog, 1000000 },
		{ "batch=", &options->batch, BATCH_ITEMS_MAX },
		{ "again=", &options->again_ms, 60000 },
		{ "tell=", &options->tells, 1 },
		{ "idle=", &options->idle, 2 * CLIENTS_MAX - 2 },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (text_starts(text, known[i].name))
			return text_parse_u64(text + strlen(known[i].name),
			    known[i].max, known[i].value);
	return false;
}

int
main(int argc, char **argv)
{
	static struct load load;
	struct options *options = &load.options;
	struct error err = { 0 };
	bool is_good = argc > 1;

	*options = (struct options){ .count = 1000,
		.bytes = 16384,
		.connections = 4,
		.streams = 16,
		.recipients = 1,
		.batch = 1,
		.backlog = 256 };
	for (int i = 2; i < argc; i++)
		is_good = is_good && take_option(options, argv[i]);
	if (!is_good || options->count == 0 || options->connections == 0 ||
	    options->streams == 0 || options->backlog == 0 ||
	    options->batch == 0 || options->recipients == 0) {
		fprintf(stderr, "usage: load_center FOLDER [KEY=VALUE...]\n");
		return 64;
	}
	load.folder = argv[1];
	if (loop_new(&load.loop, &err) < 0)
		return EXIT_FAILURE;
	load.tls[0] = letter_tls(load.folder, "gateway-1");
	load.tls[1] = letter_tls(load.folder, "gateway-2");
	if (options->idle > 0)
		stay_idle(&load);
	else
		run(&load);
	close_clients(&load);
	tls_free(load.tls[0]);
	tls_free(load.tls[1]);
	return load.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
