/*
 * A center whose disk fails under it: the play of center_play.h as a subject
 * of crash_explore.h, and the check of what must hold.
 */
#ifndef CRASH_CRASH_CENTER_H
#define CRASH_CRASH_CENTER_H

#include "harness/crash_explore.h"

enum { CENTER_LETTERS = 9, CENTER_LETTERS_AFTER = 2, CENTER_ROUND = 32 };

extern const struct crash_subject center_subject;
extern const struct crash_subject moves_subject; /* the same, with moves */

/* Make the keys and the directory, once before anything else. */
void crash_center_set_up(void);
void crash_center_tear_down(void);

/* Play one round; -1 if the spooler ended itself. */
int crash_center_run(const char *dir, unsigned round, uint64_t seed);

int crash_center_check(const char *dir, const struct crash_said *said,
    size_t count, char complaint[CRASH_COMPLAINT_SIZE]);

#endif
