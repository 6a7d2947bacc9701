/*
 * Documents per second that the store makes durable: payload, row and log leaf
 * each, with 1, 16 and 256 documents in a group.
 *
 *	bench_store [<directory> [<payload bytes> [<seconds>]]]
 *
 * Without a directory it works in one below the working directory and removes
 * it.
 */
#define _DEFAULT_SOURCE

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/text.h"
#include "bench/result.h"
#include "harness/scratch.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"

enum {
	DEFAULT_LEN = 16384,
	DEFAULT_SECONDS = 5,
	ROW_LEN = 1024,
	KEEP_MAX = 8192,
	KEEP_BYTES = 256 * 1024 * 1024,
};

static const char *const migrations[] = {
	"CREATE TABLE bench (payload INTEGER PRIMARY KEY, data BLOB NOT NULL)",
};

struct bench {
	struct store *store;
	uint8_t *data;
	size_t len;
	uint64_t acknowledged;
	uint64_t numbers[KEEP_MAX]; /* of the newest payloads, to be removed */
	uint64_t stored;
	uint64_t keep;
};

static double
seconds_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
acknowledge(void *context, const struct error *why)
{
	struct bench *bench = context;

	if (why == NULL)
		bench->acknowledged++;
}

static int
add_row(struct bench *bench, uint64_t number, struct error *err)
{
	struct query *query = NULL;

	if (query_begin(store_rows(bench->store),
		"INSERT INTO bench (payload, data) VALUES (?1, ?2)", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)number);
	query_bind_data(query, 2, bench->data, ROW_LEN);
	return query_finish(query, err);
}

static int
add_document(struct bench *bench, struct error *err)
{
	const struct id label = { { 1 } };
	const struct digest salt = { { 2 } };
	struct segment_writer *writer = NULL;
	struct payload payload = { 0 };
	uint64_t *number = &bench->numbers[bench->stored % bench->keep];
	uint64_t index = 0;

	/* The oldest goes, so that blocks are used again as in daily work. */
	if (*number != 0 &&
	    store_payload_remove(bench->store, *number, err) < 0)
		return -1;
	memcpy(bench->data, &bench->stored, sizeof(bench->stored));
	if (store_payload_new(bench->store, &label, &writer, err) < 0)
		return -1;
	if (segment_writer_put(writer, bench->data, bench->len, err) < 0) {
		segment_writer_abort(writer);
		return -1;
	}
	if (store_payload_add(bench->store, writer, &payload, err) < 0)
		return -1;
	*number = payload.number;
	payload_free(&payload);
	bench->stored++;
	if (add_row(bench, *number, err) < 0 ||
	    leaves_append(store_leaves(bench->store), &salt, bench->data, 400,
		&index, err) < 0)
		return -1;
	return store_after(bench->store, acknowledge, bench, err);
}

static void
show(const struct bench *bench, unsigned group, double rate, double cpu_us,
    double slowest_ms)
{
	char name[64];

	snprintf(name, sizeof(name), "store.rate.group%u", group);
	result_print(name, rate, "documents/s",
	    "%zu bytes, row and log leaf, %u in a commit", bench->len, group);
	snprintf(name, sizeof(name), "store.cpu.group%u", group);
	result_print(name, cpu_us, "us", "processor time of one document");
	snprintf(name, sizeof(name), "store.slowest.group%u", group);
	result_print(name, slowest_ms, "ms", "the slowest commit");
}

static int
run(struct bench *bench, unsigned group, double seconds, struct error *err)
{
	double start = seconds_of(CLOCK_MONOTONIC);
	double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	double slowest = 0, now = start;
	uint64_t before = bench->acknowledged, count;

	while (now - start < seconds) {
		double began = now;

		if (store_begin(bench->store, err) < 0)
			return -1;
		for (unsigned i = 0; i < group; i++)
			if (add_document(bench, err) < 0) {
				store_abort(bench->store, err);
				return -1;
			}
		if (store_commit(bench->store, err) < 0)
			return -1;
		now = seconds_of(CLOCK_MONOTONIC);
		if (now - began > slowest)
			slowest = now - began;
	}
	cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	count = bench->acknowledged - before;
	show(bench, group, (double)count / (now - start),
	    cpu / (double)count * 1e6, slowest * 1e3);
	return store_idle(bench->store, err);
}

static int
bench_all(struct bench *bench, double seconds, struct error *err)
{
	static const unsigned groups[] = { 1, 16, 256 };
	struct segments_state now;

	/* Fill the circle once, so that every run overwrites. */
	while (bench->stored < bench->keep) {
		if (store_begin(bench->store, err) < 0)
			return -1;
		for (unsigned i = 0; i < 256; i++)
			if (add_document(bench, err) < 0) {
				store_abort(bench->store, err);
				return -1;
			}
		if (store_commit(bench->store, err) < 0)
			return -1;
	}
	segments_state(store_segments(bench->store), &now);
	printf("payload=%zu direct=%s segments=%u\n", bench->len,
	    now.is_direct ? "yes" : "no", now.segments);
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (run(bench, groups[i], seconds, err) < 0)
			return -1;
	return 0;
}

int
main(int argc, char **argv)
{
	char scratch[SCRATCH_PATH_SIZE];
	struct store_options options = { .dir = scratch,
		.application_id = 1,
		.migrations = migrations,
		.migration_count = 1,
		.allow_volatile = true };
	static struct bench bench;
	uint64_t len = DEFAULT_LEN, seconds = DEFAULT_SECONDS;
	struct error err = { 0 };
	int rc;

	if (argc > 4 || (argc > 2 && !text_parse_u64(argv[2], 1 << 30, &len)) ||
	    (argc > 3 && !text_parse_u64(argv[3], 3600, &seconds))) {
		fprintf(stderr,
		    "usage: bench_store <directory> "
		    "[<payload bytes> [<seconds>]]\n");
		return 64;
	}
	if (argc > 1)
		options.dir = argv[1];
	else
		scratch_make(scratch);
	bench.len = (size_t)len;
	bench.keep = KEEP_BYTES / (len + 1) < KEEP_MAX
	    ? KEEP_BYTES / (len + 1) + 1
	    : KEEP_MAX;
	bench.data = malloc(bench.len + ROW_LEN);
	if (bench.data == NULL)
		return 71;
	memset(bench.data, 0x5a, bench.len + ROW_LEN);
	rc = store_open(&options, NULL, NULL, &bench.store, &err);
	if (rc == 0)
		rc = bench_all(&bench, (double)seconds, &err);
	if (rc < 0)
		fprintf(stderr, "bench_store: %s\n", err.text);
	store_close(bench.store);
	if (argc == 1)
		scratch_remove(scratch);
	free(bench.data);
	return rc < 0 ? 1 : 0;
}
