/*
 * A stand-in for sys/file.c by linking: the same functions, which can be told
 * to fail, and which can take back what was written and not yet synced, as a
 * power cut does.
 */
#ifndef HARNESS_FILE_FAULT_H
#define HARNESS_FILE_FAULT_H

#include <stdint.h>

enum file_fault_call {
	FILE_FAULT_READ,
	FILE_FAULT_WRITE,
	FILE_FAULT_SYNC, /* file_sync() and file_sync_data() */
	FILE_FAULT_ALLOCATE,
	FILE_FAULT_RENAME,
	FILE_FAULT_DIRECT, /* file_open_direct() */
	FILE_FAULT_CALLS
};

/*
 * Let the call after the next `after` ones fail with `number` (of errno), and
 * `times` - 1 more.
 */
void file_fault_set(enum file_fault_call call, unsigned after, unsigned times,
    int number);

/* Nothing fails any more; forget what was recorded. */
void file_fault_clear(void);

/* Calls since file_fault_clear(). */
unsigned file_fault_count(enum file_fault_call call);

/* Remember from now on what each write destroys, until it is synced. */
void file_fault_record(void);

/*
 * Take back about half of the sectors that were written and not synced, chosen
 * by `seed`.  Returns how many writes were not synced.
 */
unsigned file_fault_power_cut(uint64_t seed);

#endif
