/*
 * Crashes a program at every operation on its disk, in many ways each, and has
 * the program look what it finds; now and then also has it recover, and
 * crashes the recovery, three deep (T-STO-03, T-STO-04).
 */
#ifndef HARNESS_CRASH_EXPLORE_H
#define HARNESS_CRASH_EXPLORE_H

#include "harness/crash_disk.h"

enum { CRASH_COMPLAINT_SIZE = 512, CRASH_DEPTH_MAX = 3 };

struct crash_subject {
	const char *name;
	/*
	 * Work on what lies in `dir`, saying by crash_disk_say() what has to
	 * hold from then on.  Round 0 finds an empty directory, later ones what
	 * a crash left.  Runs in a process of its own, which then ends.
	 */
	void (*run)(const char *dir, unsigned round, uint64_t seed);
	/*
	 * Open what a crash left in `dir` and compare: 0, or -1 with what is
	 * wrong.  `said` is all that was said before the crash, in order.
	 */
	int (*check)(const char *dir, const struct crash_said *said,
	    size_t count, char complaint[CRASH_COMPLAINT_SIZE]);
};

struct crash_options {
	uint64_t seed;
	unsigned runs;        /* histories, each with another seed */
	unsigned variants;    /* at random at each point, beside none and all */
	unsigned stride;      /* every such point only; 0 and 1: all */
	unsigned deep_one_in; /* of so many states one is recovered; 0: none */
	unsigned deep_points; /* crashes of each recovery */
	unsigned workers;     /* processes at a time; 0: 1 */
};

struct crash_counts {
	uint64_t runs, operations, points, states, torn;
	uint64_t recoveries[CRASH_DEPTH_MAX + 1]; /* by depth, from 1 */
	uint64_t deep_states;
	uint64_t said;
	uint64_t bad;
	char first[2 * CRASH_COMPLAINT_SIZE]; /* the first complaint */
};

/* Explore; with something wrong, `bad` is not 0. */
void crash_explore(const struct crash_subject *subject,
    const struct crash_options *options, struct crash_counts *ret_counts);

/* One line with all counts, to standard error. */
void crash_print(const char *name, const struct crash_counts *counts);

/* A number of the environment, or `initial` without one. */
unsigned crash_option(const char *name, unsigned initial);

/* Options of the environment: CRASH_RUNS, CRASH_VARIANTS ... or as given. */
struct crash_options crash_options_of(struct crash_options initial);

/* A new directory in memory if there is one, and removing it. */
void crash_dir_make(char path[CRASH_PATH_SIZE]);
void crash_dir_remove(const char *path);

/* Run `subject` in a child and record it; its exit status as of waitpid(). */
int crash_record(const struct crash_subject *subject,
    struct crash_history *history, const char *dir, unsigned round,
    uint64_t seed);

/* What was said before operation `at`, appended to `to`, `*count` of them. */
void crash_said_before(const struct crash_history *history, size_t at,
    struct crash_said *to, size_t max, size_t *count);

#endif
