/*
 * A directory for one test, below the working directory: not on tmpfs, where
 * nothing can be said about syncing.
 */
#ifndef HARNESS_SCRATCH_H
#define HARNESS_SCRATCH_H

enum { SCRATCH_PATH_SIZE = 256 };

/* Make it; the test ends when that fails. */
void scratch_make(char path[SCRATCH_PATH_SIZE]);

/* Remove it with everything in it. */
void scratch_remove(const char *path);

#endif
