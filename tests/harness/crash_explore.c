#define _GNU_SOURCE

#include "harness/crash_explore.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

/* All directories lie in one, so that none is left. */
#define BASE "CRASH_BASE"

enum { SAID_MAX = 20000, WORKERS_MAX = 16 };

/* One process at work: its share of the points. */
struct explorer {
	const struct crash_subject *subject;
	const struct crash_options *options;
	struct crash_counts *counts; /* shared with the parent */
	struct crash_history *histories[CRASH_DEPTH_MAX + 1];
	char dirs[CRASH_DEPTH_MAX + 2][CRASH_PATH_SIZE];
	struct crash_said *said;
	size_t said_count;
	uint64_t seed;
};

/* ---- directories --------------------------------------------------------- */

void
crash_dir_make(char path[CRASH_PATH_SIZE])
{
	char resolved[4096];
	const char *base = getenv(BASE);
	char draft[CRASH_PATH_SIZE];

	if (base == NULL)
		base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : ".";

	snprintf(draft, sizeof(draft), "%s/crash-XXXXXX", base);
	if (mkdtemp(draft) == NULL || realpath(draft, resolved) == NULL ||
	    strlen(resolved) >= CRASH_PATH_SIZE) {
		perror("mkdtemp");
		abort();
	}
	memcpy(path, resolved, strlen(resolved) + 1);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void
crash_dir_remove(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- recording ------------------------------------------------------------ */

int
crash_record(const struct crash_subject *subject, struct crash_history *history,
    const char *dir, unsigned round, uint64_t seed)
{
	int status = 0;
	pid_t child;

	fflush(NULL);
	child = fork();
	assert(child >= 0);
	if (child == 0) {
		crash_disk_begin(history, dir);
		subject->run(dir, round, seed);
		crash_disk_end();
		_exit(0);
	}
	assert(waitpid(child, &status, 0) == child);
	return status;
}

void
crash_said_before(const struct crash_history *history, size_t at,
    struct crash_said *to, size_t max, size_t *count)
{
	for (size_t i = history->first; i < at; i++) {
		const struct crash_op *op = &history->ops[i];

		if (op->type != CRASH_SAID)
			continue;
		assert(*count < max);
		memcpy(&to[(*count)++], history->bytes + op->data, sizeof(*to));
	}
}

/* ---- exploring ------------------------------------------------------------- */

static void
complain(struct explorer *explorer, unsigned depth, size_t at, uint64_t choice,
    const char *what)
{
	struct crash_counts *counts = explorer->counts;

	if (counts->bad++ == 0)
		snprintf(counts->first, sizeof(counts->first),
		    "run seed %llu, depth %u, operation %zu, choice %llu: %s",
		    (unsigned long long)explorer->seed, depth, at,
		    (unsigned long long)choice, what);
}

static void recover(struct explorer *explorer, unsigned depth, uint64_t choice);

/* The state stands in dirs[depth]: what does the subject find? */
static void
look(struct explorer *explorer, unsigned depth, size_t at, uint64_t choice)
{
	const struct crash_options *options = explorer->options;
	char complaint[CRASH_COMPLAINT_SIZE] = "";
	uint64_t chance = choice ^ (at * 0x9e3779b97f4a7c15U) ^ explorer->seed;

	if (depth < CRASH_DEPTH_MAX && options->deep_one_in > 0 &&
	    crash_random(&chance) % (options->deep_one_in << (depth / 2)) ==
		0) {
		recover(explorer, depth + 1, choice);
		return;
	}
	if (explorer->subject->check(explorer->dirs[depth], explorer->said,
		explorer->said_count, complaint) < 0)
		complain(explorer, depth, at, choice, complaint);
}

/* One point of the history at `depth`, in so many ways. */
static void
crash_here(struct explorer *explorer, const struct crash_state *state,
    unsigned depth, unsigned variants)
{
	const struct crash_history *history = explorer->histories[depth];
	size_t at = crash_state_at(state), before = explorer->said_count;
	size_t pending = crash_state_pending(state);
	uint64_t ways = pending == 0 ? 1 : 2 + variants;

	crash_said_before(history, at, explorer->said, SAID_MAX,
	    &explorer->said_count);
	explorer->counts->points++;
	for (uint64_t way = 0; way < ways; way++) {
		uint64_t choice =
		    way < 2 ? way : way + explorer->seed * 1000003;

		crash_state_lay_out(state, choice, explorer->dirs[depth]);
		explorer->counts->states++;
		explorer->counts->torn += way >= 2;
		explorer->counts->deep_states += depth > 0;
		look(explorer, depth, at, choice);
	}
	explorer->said_count = before;
}

/*
 * Let the subject recover from what stands in dirs[depth - 1], recorded, and
 * crash that at some points.
 */
static void
recover(struct explorer *explorer, unsigned depth, uint64_t choice)
{
	struct crash_history *history = explorer->histories[depth];
	char complaint[CRASH_COMPLAINT_SIZE] = "";
	uint64_t seed = explorer->seed + choice * 31 + depth;
	size_t before = explorer->said_count;
	struct crash_state *state;
	size_t length, stride;
	int status = crash_record(explorer->subject, history,
	    explorer->dirs[depth - 1], depth, seed);

	explorer->counts->recoveries[depth]++;
	length = history->count - history->first;
	if (status != 0) {
		snprintf(complaint, sizeof(complaint),
		    "the recovery ended with %x", (unsigned)status);
		complain(explorer, depth, length, choice, complaint);
		return;
	}
	/* The recovery itself, uncut, and then cut here and there. */
	crash_said_before(history, history->count, explorer->said, SAID_MAX,
	    &explorer->said_count);
	if (explorer->subject->check(explorer->dirs[depth - 1], explorer->said,
		explorer->said_count, complaint) < 0)
		complain(explorer, depth, length, choice, complaint);
	explorer->said_count = before;
	stride = length / (explorer->options->deep_points + 1) + 1;
	state = crash_state_new(history);
	for (size_t next = 1 + crash_random(&seed) % stride;
	     crash_state_next(state);) {
		if (crash_state_at(state) - history->first != next)
			continue;
		next += 1 + crash_random(&seed) % (2 * stride);
		crash_here(explorer, state, depth, 1);
	}
	crash_state_free(state);
}

/* Every worker goes through the history, and crashes at its share of it. */
static void
explore_one(struct explorer *explorer, unsigned worker, unsigned workers)
{
	unsigned stride =
	    explorer->options->stride == 0 ? 1 : explorer->options->stride;
	struct crash_state *state = crash_state_new(explorer->histories[0]);
	uint64_t point = explorer->seed % stride;

	/* The first complaint will do. */
	while (explorer->counts->bad == 0 && crash_state_next(state)) {
		if (point % stride == 0 && point / stride % workers == worker)
			crash_here(explorer, state, 0,
			    explorer->options->variants);
		point++;
	}
	crash_state_free(state);
}

static void
work(const struct crash_subject *subject, const struct crash_options *options,
    struct crash_history *first, uint64_t seed, struct crash_counts *counts,
    unsigned worker, unsigned workers)
{
	struct explorer explorer = { .subject = subject,
		.options = options,
		.counts = counts,
		.seed = seed,
		.histories = { first } };

	explorer.said = calloc(SAID_MAX, sizeof(*explorer.said));
	assert(explorer.said != NULL);
	for (unsigned i = 1; i <= CRASH_DEPTH_MAX; i++)
		explorer.histories[i] = crash_history_new();
	for (unsigned i = 0; i < CRASH_DEPTH_MAX + 2; i++)
		crash_dir_make(explorer.dirs[i]);
	explore_one(&explorer, worker, workers);
	for (unsigned i = 0; i < CRASH_DEPTH_MAX + 2; i++)
		crash_dir_remove(explorer.dirs[i]);
	for (unsigned i = 1; i <= CRASH_DEPTH_MAX; i++)
		crash_history_free(explorer.histories[i]);
	free(explorer.said);
}

static void
add_counts(struct crash_counts *to, const struct crash_counts *from)
{
	to->points += from->points;
	to->states += from->states;
	to->torn += from->torn;
	to->deep_states += from->deep_states;
	for (unsigned i = 0; i <= CRASH_DEPTH_MAX; i++)
		to->recoveries[i] += from->recoveries[i];
	if (to->bad == 0)
		memcpy(to->first, from->first, sizeof(to->first));
	to->bad += from->bad;
}

static void
explore_run(const struct crash_subject *subject,
    const struct crash_options *options, struct crash_history *history,
    uint64_t seed, struct crash_counts *parts, struct crash_counts *to)
{
	unsigned workers = options->workers == 0 ? 1 : options->workers;
	pid_t children[WORKERS_MAX];

	assert(workers <= WORKERS_MAX);
	memset(parts, 0, WORKERS_MAX * sizeof(*parts));
	fflush(NULL);
	for (unsigned i = 0; i < workers; i++) {
		children[i] = fork();
		assert(children[i] >= 0);
		if (children[i] == 0) {
			work(subject, options, history, seed, &parts[i], i,
			    workers);
			_exit(0);
		}
	}
	for (unsigned i = 0; i < workers; i++) {
		int status = 0;

		assert(waitpid(children[i], &status, 0) == children[i]);
		if (status != 0) {
			parts[i].bad++;
			snprintf(parts[i].first, sizeof(parts[i].first),
			    "worker %u of run seed %llu ended with %x after "
			    "%llu states",
			    i, (unsigned long long)seed, (unsigned)status,
			    (unsigned long long)parts[i].states);
		}
		add_counts(to, &parts[i]);
	}
}

void
crash_explore(const struct crash_subject *subject,
    const struct crash_options *options, struct crash_counts *ret_counts)
{
	struct crash_history *history = crash_history_new();
	struct crash_counts *parts = mmap(NULL, WORKERS_MAX * sizeof(*parts),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct crash_counts counts = { 0 };
	char base[CRASH_PATH_SIZE];

	crash_dir_make(base);
	setenv(BASE, base, 1);
	assert(parts != MAP_FAILED);
	for (unsigned run = 0; run < options->runs && counts.bad == 0; run++) {
		uint64_t seed = options->seed + run;
		char dir[CRASH_PATH_SIZE];
		int status;

		crash_dir_make(dir);
		status = crash_record(subject, history, dir, 0, seed);
		crash_dir_remove(dir);
		if (status != 0) {
			counts.bad++;
			snprintf(counts.first, sizeof(counts.first),
			    "run seed %llu ended with %x",
			    (unsigned long long)seed, (unsigned)status);
			break;
		}
		counts.runs++;
		counts.operations += history->count - history->first;
		for (size_t i = history->first; i < history->count; i++)
			counts.said += history->ops[i].type == CRASH_SAID;
		explore_run(subject, options, history, seed, parts, &counts);
	}
	munmap(parts, WORKERS_MAX * sizeof(*parts));
	crash_history_free(history);
	unsetenv(BASE);
	crash_dir_remove(base);
	*ret_counts = counts;
}

void
crash_print(const char *name, const struct crash_counts *counts)
{
	fprintf(stderr,
	    "%s: %llu runs, %llu operations, %llu crash points, %llu states "
	    "(%llu torn or reordered; %llu in crashed recoveries: %llu + %llu "
	    "+ %llu), %llu bad\n",
	    name, (unsigned long long)counts->runs,
	    (unsigned long long)counts->operations,
	    (unsigned long long)counts->points,
	    (unsigned long long)counts->states,
	    (unsigned long long)counts->torn,
	    (unsigned long long)counts->deep_states,
	    (unsigned long long)counts->recoveries[1],
	    (unsigned long long)counts->recoveries[2],
	    (unsigned long long)counts->recoveries[3],
	    (unsigned long long)counts->bad);
}

unsigned
crash_option(const char *name, unsigned initial)
{
	const char *text = getenv(name);
	uint64_t value;

	return text != NULL && text_parse_u64(text, UINT32_MAX, &value)
	    ? (unsigned)value
	    : initial;
}

struct crash_options
crash_options_of(struct crash_options options)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	options.seed = crash_option("CRASH_SEED", (unsigned)options.seed);
	options.runs = crash_option("CRASH_RUNS", options.runs);
	options.variants = crash_option("CRASH_VARIANTS", options.variants);
	options.stride = crash_option("CRASH_STRIDE", options.stride);
	options.deep_one_in =
	    crash_option("CRASH_DEEP_ONE_IN", options.deep_one_in);
	options.deep_points =
	    crash_option("CRASH_DEEP_POINTS", options.deep_points);
	options.workers = crash_option("CRASH_WORKERS", (unsigned)processors);
	if (options.workers > WORKERS_MAX)
		options.workers = WORKERS_MAX;
	return options;
}
