/*
 * Load for a peer that is measured beside us.
 *
 *	load_peer smtp|amqp|nats PORT FOLDER [KEY=VALUE...]
 *
 * FOLDER has ca.pem, client.pem and client.key.  Every connection is a process
 * of its own, so that the generator is not what limits.
 *
 *	count=1000 bytes=16384   messages, and how long
 *	connections=16 window=4  unacknowledged messages of each connection
 *	consumers=0              processes that take and acknowledge them
 *
 * Prints "ready", waits for a line on stdin, does it, and prints one line of
 * JSON.
 */
#define _DEFAULT_SOURCE

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "bench/peer.h"
#include "bench/result.h"

enum { PROCESSES_MAX = 256, STALLED_MS = 60000, PATH_SIZE = 4096 };

struct options {
	uint64_t port, count, bytes, connections, window, consumers;
};

/* Shared by all processes. */
struct shared {
	atomic_uint_fast64_t ready, consumed, acknowledged;
	atomic_uint_fast64_t opening_us;      /* of the processor, to connect */
	uint64_t *accepted_us, *delivered_us; /* count of each */
};

struct load {
	const struct peer_protocol *protocol;
	struct options options;
	struct peer_files files;
	struct shared *shared;
	int go[2]; /* a pipe: its end is the sign to begin */
	pid_t children[PROCESSES_MAX];
	size_t child_count;
	uint64_t started_us;
};

struct publisher {
	struct load *load;
	uint64_t *sent_at; /* 0 once acknowledged */
	uint64_t acknowledged;
};

static uint64_t
now_us(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (uint64_t)at.tv_sec * 1000000 + (uint64_t)at.tv_nsec / 1000;
}

static void
pause_ms(long ms)
{
	const struct timespec span = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&span, NULL);
}

static void *
share(size_t len)
{
	void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		abort();
	return memory;
}

/* ---- children -------------------------------------------------------- */

static void
wait_for_go(struct load *load)
{
	char none;

	atomic_fetch_add(&load->shared->opening_us,
	    (uint64_t)(result_cpu_seconds() * 1e6));
	atomic_fetch_add(&load->shared->ready, 1);
	close(load->go[1]);
	if (read(load->go[0], &none, 1) != 0)
		exit(EXIT_FAILURE);
}

static void
on_acknowledged(void *ctx, uint64_t number)
{
	struct publisher *publisher = ctx;
	struct shared *shared = publisher->load->shared;

	if (publisher->sent_at[number] == 0)
		return;
	shared->accepted_us[atomic_fetch_add(&shared->acknowledged, 1)] =
	    now_us() - publisher->sent_at[number];
	publisher->sent_at[number] = 0;
	publisher->acknowledged++;
}

static void
publish(struct load *load, struct peer *peer, uint64_t count)
{
	const struct options *options = &load->options;
	struct publisher publisher = { .load = load };
	uint8_t *body = malloc(options->bytes);
	uint64_t sent = 0;

	publisher.sent_at = calloc(count + 1, sizeof(uint64_t));
	if (body == NULL || publisher.sent_at == NULL)
		abort();
	memset(body, 'b', options->bytes);
	load->protocol->open(peer, false);
	wait_for_go(load);
	while (publisher.acknowledged < count) {
		while (sent < count &&
		    sent - publisher.acknowledged < options->window) {
			publisher.sent_at[sent] = now_us();
			memcpy(body, &publisher.sent_at[sent], PEER_STAMP_LEN);
			load->protocol->send(peer, sent++, body,
			    options->bytes);
		}
		load->protocol->await(peer, on_acknowledged, &publisher);
	}
	free(body);
	free(publisher.sent_at);
}

static void
consume(struct load *load, struct peer *peer)
{
	struct shared *shared = load->shared;

	load->protocol->open(peer, true);
	wait_for_go(load);
	for (;;) {
		uint8_t stamp[PEER_STAMP_LEN];
		uint64_t sent_at, index;

		load->protocol->consume(peer, stamp);
		memcpy(&sent_at, stamp, sizeof(sent_at));
		index = atomic_fetch_add(&shared->consumed, 1);
		/* Whatever a peer delivers twice is not counted. */
		if (index < load->options.count)
			shared->delivered_us[index] = now_us() - sent_at;
	}
}

static void
start(struct load *load, unsigned index, bool is_consumer)
{
	const struct options *options = &load->options;
	uint64_t count = options->count / options->connections +
	    (index < options->count % options->connections ? 1 : 0);
	static struct peer peer;
	pid_t pid = fork();

	if (pid < 0)
		peer_fail("fork", "failed");
	if (pid > 0) {
		load->children[load->child_count++] = pid;
		return;
	}
	peer = (struct peer){ .files = load->files,
		.port = (uint16_t)options->port,
		.index = index };
	if (is_consumer)
		consume(load, &peer);
	else
		publish(load, &peer, count);
	_exit(EXIT_SUCCESS);
}

/* ---- the parent ------------------------------------------------------ */

static void
kill_children(struct load *load)
{
	for (size_t i = 0; i < load->child_count; i++)
		if (load->children[i] > 0)
			kill(load->children[i], SIGKILL);
	while (wait(NULL) > 0)
		continue;
}

static void
give_up(struct load *load, const char *why)
{
	fprintf(stderr, "load_peer: %s\n", why);
	kill_children(load);
	exit(EXIT_FAILURE);
}

/* Children that ended; one that failed ends all. */
static void
look_after(struct load *load)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < load->child_count; i++)
			if (load->children[i] == pid)
				load->children[i] = 0;
		if (status != 0)
			give_up(load, "a connection failed");
	}
}

/* Until `*counter` is `count`; when it stands still, the end. */
static void
await(struct load *load, const atomic_uint_fast64_t *counter, uint64_t count)
{
	uint64_t last = 0, since = now_us();

	while (atomic_load(counter) < count) {
		uint64_t current = atomic_load(counter);

		if (current != last)
			since = now_us();
		last = current;
		if (now_us() - since > STALLED_MS * 1000ull)
			give_up(load, "nothing happens any more");
		look_after(load);
		pause_ms(1);
	}
}

static void
print_spread(const char *prefix, uint64_t *times, size_t count)
{
	result_sort(times, count);
	printf(",\"%sp50_ms\":%.3f,\"%sp99_ms\":%.3f", prefix,
	    (double)result_percentile(times, count, 50) / 1e3, prefix,
	    (double)result_percentile(times, count, 99) / 1e3);
}

static void
run(struct load *load)
{
	const struct options *options = &load->options;
	struct shared *shared = load->shared;
	char line[16];
	double seconds, cpu_us;

	for (unsigned i = 0; i < options->connections; i++)
		start(load, i, false);
	for (unsigned i = 0; i < options->consumers; i++)
		start(load, i, true);
	await(load, &shared->ready, options->connections + options->consumers);
	printf("ready\n");
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL)
		give_up(load, "no line to begin");
	load->started_us = now_us();
	close(load->go[1]);
	await(load, &shared->acknowledged, options->count);
	if (options->consumers > 0)
		await(load, &shared->consumed, options->count);
	seconds = (double)(now_us() - load->started_us) / 1e6;
	kill_children(load);
	cpu_us = result_cpu_seconds() * 1e6 -
	    (double)atomic_load(&shared->opening_us);
	printf("{\"count\":%llu,\"failed\":0,\"seconds\":%.6f,"
	       "\"client_cpu_us\":%.1f",
	    (unsigned long long)options->count, seconds,
	    cpu_us / (double)options->count);
	print_spread("", shared->accepted_us, options->count);
	if (options->consumers > 0)
		print_spread("cycle_", shared->delivered_us, options->count);
	printf("}\n");
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
		{ "connections=", &options->connections, PROCESSES_MAX / 2 },
		{ "window=", &options->window, 1024 },
		{ "consumers=", &options->consumers, PROCESSES_MAX / 2 },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (text_starts(text, known[i].name))
			return text_parse_u64(text + strlen(known[i].name),
			    known[i].max, known[i].value);
	return false;
}

static const struct peer_protocol *
find_protocol(const char *name)
{
	static const struct peer_protocol *const known[] = { &peer_amqp,
		&peer_nats, &peer_smtp };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (text_equal(known[i]->name, name))
			return known[i];
	return NULL;
}

static bool
read_arguments(struct load *load, int argc, char **argv)
{
	struct options *options = &load->options;
	bool is_good =
	    argc > 3 && text_parse_u64(argv[2], UINT16_MAX, &options->port);

	*options = (struct options){ .port = options->port,
		.count = 1000,
		.bytes = 16384,
		.connections = 16,
		.window = 4 };
	for (int i = 4; i < argc; i++)
		is_good = is_good && take_option(options, argv[i]);
	load->protocol = is_good ? find_protocol(argv[1]) : NULL;
	return load->protocol != NULL && options->count > 0 &&
	    options->connections > 0 && options->window > 0 &&
	    options->bytes > 512 &&
	    (options->consumers == 0 || load->protocol->can_consume);
}

int
main(int argc, char **argv)
{
	static struct load load;
	static struct peer peer;
	static char authority[PATH_SIZE], certificate[PATH_SIZE],
	    key[PATH_SIZE];

	if (!read_arguments(&load, argc, argv)) {
		fprintf(stderr,
		    "usage: load_peer smtp|amqp|nats PORT FOLDER "
		    "[KEY=VALUE...]\n");
		return 64;
	}
	signal(SIGPIPE, SIG_IGN);
	snprintf(authority, sizeof(authority), "%s/ca.pem", argv[3]);
	snprintf(certificate, sizeof(certificate), "%s/client.pem", argv[3]);
	snprintf(key, sizeof(key), "%s/client.key", argv[3]);
	load.files = (struct peer_files){ authority, certificate, key };
	load.shared = share(sizeof(*load.shared));
	load.shared->accepted_us = share(load.options.count * sizeof(uint64_t));
	load.shared->delivered_us =
	    share(load.options.count * sizeof(uint64_t));
	if (pipe(load.go) < 0)
		return EXIT_FAILURE;
	peer = (struct peer){ .files = load.files,
		.port = (uint16_t)load.options.port };
	if (load.protocol->set_up != NULL)
		load.protocol->set_up(&peer);
	run(&load);
	return EXIT_SUCCESS;
}
