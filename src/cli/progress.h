/*
 * How far a long transfer is: bytes, rate and time left, on one line of a
 * terminal that is written over and over.  Silent where standard error is no
 * terminal, with -q and with --json.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct bytes;
struct cli;

struct progress {
	const char *label; /* not ours */
	uint64_t total;    /* 0: not known */
	int64_t started_ms;
	int64_t shown_ms;
	bool is_shown;
};

/* Instants are of a clock that never goes back. */
struct progress progress_start(const struct cli *cli, const char *label,
    uint64_t total, int64_t now_ms);

/* Show it, at most ten times a second. */
void progress_update(struct progress *progress, uint64_t done, int64_t now_ms);

/* Clear the line; before anything else is written to standard error. */
void progress_end(struct progress *progress);

/* "letter.di  1.5 MiB of 3.0 GiB  12 MiB/s  4:12 left" */
void progress_format(const struct progress *progress, uint64_t done,
    int64_t now_ms, struct bytes *to);

#endif
