/*
 * simulate: histories of a whole network in one process, by seed.
 *
 *   simulate --seed N [--trace] [--short | --long] [--letters N] [--steps N]
 *       [--bug NAME]
 *   simulate --first N --count N [--jobs N] [--seconds N] [--until-broken] ...
 *
 * Docs: docs/simulation.md.
 */
#define _XOPEN_SOURCE 700

#include <ftw.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "json/json_read.h"
#include "simulate/bugs.h"
#include "simulate/check.h"
#include "simulate/history.h"
#include "simulate/sim.h"
#include "simulate/world.h"

enum { JOBS_MAX = 64, PROGRESS_S = 10, WHY_SIZE = 512 };

struct options {
	struct history_options history;
	uint64_t count;
	uint64_t jobs;
	uint64_t seconds;
	bool is_one;
	bool until_broken; /* the first of them is the last */
};

/* What a copy of this process tells of its history. */
struct result {
	uint64_t seed;
	bool is_good;
	uint64_t hash;
	uint64_t events;
	int64_t simulated_us;
	struct check_counts counts;
	char why[WHY_SIZE];
};

struct totals {
	uint64_t good;
	uint64_t bad;
	uint64_t longs; /* of both */
	uint64_t events;
	double simulated_s;
	struct check_counts counts;
};

static char folder[] = "/var/tmp/simulate-XXXXXX";
static pid_t owner;

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

/* Only keys and the root are real files. */
static void
remove_folder(void)
{
	if (getpid() != owner)
		return;
	if (chdir("/") < 0 ||
	    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		fprintf(stderr, "simulate: %s is left\n", folder);
}

static void
on_signal(int number)
{
	(void)number;
	exit(130);
}

/* ---- one history -------------------------------------------------------------- */

static struct result
run_one(const struct options *options)
{
	struct result result = { .seed = options->history.seed };
	int64_t began = sim.now;

	result.is_good = history_run(&options->history);
	result.hash = sim.hash;
	result.events = sim.events;
	result.simulated_us = sim.now - began;
	result.counts = check_counts;
	memcpy(result.why, sim.why, sizeof(result.why));
	return result;
}

static void
print_result(const struct result *result)
{
	const struct check_counts *counts = &result->counts;

	printf("seed %" PRIu64 ": %s  hash %016" PRIx64 "  %" PRIu64
	       " events  %.0f s\n",
	    result->seed, result->is_good ? "ok" : "BROKEN", result->hash,
	    result->events, (double)result->simulated_us / SIM_S);
	if (!result->is_good)
		printf("  %s\n", result->why);
	else
		printf("  %zu letters accepted, %zu deliveries: %zu confirmed, "
		       "%zu returned, %zu refused; %zu entries, %zu receipts, "
		       "%zu leaves, %zu checkpoints, %zu repeats, %zu moves\n",
		    counts->accepted, counts->deliveries, counts->confirmed,
		    counts->returned, counts->refused, counts->entries,
		    counts->receipts, counts->leaves, counts->checkpoints,
		    counts->repeats, counts->moves);
}

/* ---- many ----------------------------------------------------------------------- */

struct job {
	pid_t pid; /* 0: idle */
	int fd;
	uint64_t seed;
};

static void
start_job(struct job *job, const struct options *options, uint64_t seed)
{
	int fds[2];

	if (pipe(fds) < 0 || fflush(NULL) != 0)
		abort();
	job->seed = seed;
	job->pid = fork();
	if (job->pid < 0)
		abort();
	if (job->pid == 0) {
		struct options own = *options;
		struct result result;

		close(fds[0]);
		own.history.seed = seed;
		result = run_one(&own);
		if (write(fds[1], &result, sizeof(result)) < 0)
			perror("simulate");
		sim.role = NULL;
		_exit(0);
	}
	close(fds[1]);
	job->fd = fds[0];
}

static void
add_counts(struct check_counts *to, const struct check_counts *from)
{
	to->accepted += from->accepted;
	to->deliveries += from->deliveries;
	to->confirmed += from->confirmed;
	to->returned += from->returned;
	to->refused += from->refused;
	to->entries += from->entries;
	to->leaves += from->leaves;
	to->receipts += from->receipts;
	to->repeats += from->repeats;
	to->checkpoints += from->checkpoints;
	to->moves += from->moves;
}

/* How to tell this history again. */
static void
print_again(const struct history_options *history)
{
	printf("  again: build/tests/simulate/simulate --seed %" PRIu64 "%s",
	    history->seed, history_is_long(history) ? " --long" : " --short");
	if (history->letters > 0)
		printf(" --letters %zu", history->letters);
	if (bug != BUG_NONE)
		printf(" --bug %s", bug_name(bug));
	printf(" --trace\n");
	fflush(stdout);
}

static void
end_job(struct job *job, const struct options *options, struct totals *totals)
{
	struct result result = { .seed = job->seed };
	struct history_options own = options->history;
	ssize_t len = read(job->fd, &result, sizeof(result));
	int status = 0;

	close(job->fd);
	waitpid(job->pid, &status, 0);
	job->pid = 0;
	if (len != (ssize_t)sizeof(result)) {
		memset(&result, 0, sizeof(result));
		result.seed = job->seed;
		snprintf(result.why, sizeof(result.why),
		    "ended with status %d, signal %d", WEXITSTATUS(status),
		    WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	}
	own.seed = job->seed;
	totals->longs += history_is_long(&own);
	totals->events += result.events;
	totals->simulated_s += (double)result.simulated_us / SIM_S;
	add_counts(&totals->counts, &result.counts);
	if (result.is_good) {
		totals->good++;
		return;
	}
	totals->bad++;
	print_result(&result);
	print_again(&own);
}

static void
print_totals(const char *when, const struct totals *totals, double seconds)
{
	const struct check_counts *counts = &totals->counts;

	printf("%s%" PRIu64 " histories, %" PRIu64 " of them long, %" PRIu64
	       " broken; %.1f simulated days, %.3g events, %.0f s\n",
	    when, totals->good + totals->bad, totals->longs, totals->bad,
	    totals->simulated_s / 86400, (double)totals->events, seconds);
	printf("  %zu letters accepted, 0 lost; %zu deliveries: %zu confirmed, "
	       "%zu returned, %zu refused\n"
	       "  %zu entries in inboxes, each once; %zu receipts, %zu leaves, "
	       "%zu checkpoints; %zu submissions repeated, %zu moves\n",
	    counts->accepted, counts->deliveries, counts->confirmed,
	    counts->returned, counts->refused, counts->entries,
	    counts->receipts, counts->leaves, counts->checkpoints,
	    counts->repeats, counts->moves);
	fflush(stdout);
}

static double
seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) +
	    (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

/* The oldest of those that run; each takes about as long as any other. */
static int
run_many(const struct options *options)
{
	struct job jobs[JOBS_MAX] = { { 0 } };
	struct totals totals = { 0 };
	struct timespec start;
	double told = 0;
	uint64_t started = 0;
	size_t running = 0;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		struct job *job = &jobs[started % options->jobs];
		double now = seconds_since(&start);
		bool is_over = started == options->count ||
		    (options->until_broken && totals.bad > 0) ||
		    (options->seconds > 0 && now > (double)options->seconds);

		if (job->pid != 0) {
			end_job(job, options, &totals);
			running--;
		}
		if (is_over && running == 0)
			break;
		if (now - told > PROGRESS_S) {
			told = now;
			print_totals("so far: ", &totals, now);
		}
		if (!is_over) {
			start_job(job, options,
			    options->history.seed + started++);
			running++;
			continue;
		}
		for (size_t i = 0; i < options->jobs; i++) {
			if (jobs[i].pid == 0)
				continue;
			end_job(&jobs[i], options, &totals);
			running--;
		}
	}
	print_totals("", &totals, seconds_since(&start));
	return totals.bad > 0 || totals.good == 0 ? 1 : 0;
}

/* ---- the command ------------------------------------------------------------------- */

static enum bug
parse_bug(const char *name)
{
	for (int i = 0; i < BUG_COUNT; i++)
		if (text_equal(bug_name((enum bug)i), name))
			return (enum bug)i;
	fprintf(stderr, "simulate: no bug is named %s\n", name);
	exit(64);
}

static uint64_t
parse_number(const char *text)
{
	uint64_t number;

	if (text_parse_u64(text, UINT64_MAX, &number))
		return number;
	fprintf(stderr, "simulate: %s is no number\n", text);
	exit(64);
}

static void
parse(int argc, char **argv, struct options *options)
{
	static const struct option list[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "first", required_argument, NULL, 'f' },
		{ "count", required_argument, NULL, 'c' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "seconds", required_argument, NULL, 't' },
		{ "letters", required_argument, NULL, 'l' },
		{ "steps", required_argument, NULL, 'n' },
		{ "bug", required_argument, NULL, 'b' },
		{ "short", no_argument, NULL, 'k' },
		{ "long", no_argument, NULL, 'g' },
		{ "until-broken", no_argument, NULL, 'u' },
		{ "trace", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int which;

	while ((which = getopt_long(argc, argv, "", list, NULL)) != -1) {
		if (which == 's' || which == 'f')
			options->history.seed = parse_number(optarg);
		if (which == 's')
			options->is_one = true;
		else if (which == 'c')
			options->count = parse_number(optarg);
		else if (which == 'j')
			options->jobs = parse_number(optarg);
		else if (which == 't')
			options->seconds = parse_number(optarg);
		else if (which == 'l')
			options->history.letters = parse_number(optarg);
		else if (which == 'n')
			options->history.steps = parse_number(optarg);
		else if (which == 'b')
			bug = parse_bug(optarg);
		else if (which == 'u')
			options->until_broken = true;
		else if (which == 'k')
			options->history.length = HISTORY_SHORT;
		else if (which == 'g')
			options->history.length = HISTORY_LONG;
		else if (which == 'v')
			sim.wants_trace = true;
		else if (which == '?')
			exit(64);
	}
	if (options->jobs < 1 || options->jobs > JOBS_MAX)
		options->jobs = 1;
}

int
main(int argc, char **argv)
{
	struct options options = { .history = { .seed = 1 },
		.count = 1,
		.jobs = 1 };

	parse(argc, argv, &options);
	/* A history takes some 100 MiB and then ends: none goes back before. */
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_TOP_PAD, 1 << 20);
	owner = getpid();
	if (mkdtemp(folder) == NULL || chdir(folder) < 0) {
		perror(folder);
		return 2;
	}
	atexit(remove_folder);
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	/* As the first verifier does, for all roles of this one process. */
	json_wipe_memory();
	world.stores_lie = bug == BUG_ACK_BEFORE_COMMIT;
	history_prepare();
	if (options.is_one) {
		struct result result = run_one(&options);

		print_result(&result);
		return result.is_good ? 0 : 1;
	}
	return run_many(&options);
}
