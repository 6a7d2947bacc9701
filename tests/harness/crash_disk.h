/*
 * A disk that remembers: stands in, by being linked into the test program, for
 * the system calls that change files (open, pwrite, fdatasync, rename ...), for
 * this program's own layer and for SQLite alike.  What happens below one
 * directory becomes one ordered history in memory that outlives the process;
 * from it every state that a crash could have left can be laid out again.
 *
 * The model is harsher than ext4 and XFS: of what was not synced any sectors
 * may be there and others not, in any order; a name is there only after a sync
 * of its directory, or by luck; a sector of 512 bytes is whole.
 */
#ifndef HARNESS_CRASH_DISK_H
#define HARNESS_CRASH_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CRASH_NAME_SIZE = 48, /* of a path below the root */
	CRASH_SAID_LEN = 48,
	CRASH_PATH_SIZE = 256,
	CRASH_DIRS_MAX = 64,
};

/* Something that the program said to the outside: it has to hold from then. */
struct crash_said {
	uint32_t kind; /* the subject's own */
	uint32_t number;
	uint8_t data[CRASH_SAID_LEN];
};

enum crash_op_type {
	CRASH_CREATE,      /* name, inode */
	CRASH_MKDIR,       /* name */
	CRASH_SYMLINK,     /* name, inode, data: where it leads */
	CRASH_RMDIR,       /* name */
	CRASH_RENAME,      /* name, to */
	CRASH_UNLINK,      /* name */
	CRASH_WRITE,       /* inode, at, len, data */
	CRASH_RESIZE,      /* inode, at: the new length */
	CRASH_SYNC,        /* inode */
	CRASH_SYNC_FAILED, /* inode: what it did not sync never will be */
	CRASH_SYNC_DIR,
	CRASH_SAID,
};

struct crash_op {
	enum crash_op_type type;
	uint32_t inode;
	uint32_t dir; /* that has the name, or is synced; 0: the root */
	uint32_t len;
	uint64_t at;
	uint64_t data; /* in the history's bytes; 0: zeros */
	char name[CRASH_NAME_SIZE];
	char to[CRASH_NAME_SIZE];
};

/* In memory that is shared with forked children. */
struct crash_history {
	size_t first; /* operations before describe what was there */
	size_t count;
	uint32_t inodes;
	uint64_t used; /* of bytes */
	struct crash_op *ops;
	uint8_t *bytes;
};

struct crash_history *crash_history_new(void);
void crash_history_free(struct crash_history *history);

/*
 * Record from now on what happens below `root`, an absolute path without
 * links; what is there counts as durable.  One at a time.
 */
void crash_disk_begin(struct crash_history *history, const char *root);
void crash_disk_end(void);

/* Put it into the history, if one is being recorded. */
void crash_disk_say(uint32_t kind, uint32_t number, const void *data,
    size_t len);

/* Which calls fail(), for what happens below the root. */
enum crash_call {
	CRASH_CALL_READ,
	CRASH_CALL_WRITE,
	CRASH_CALL_SYNC,
	CRASH_CALL_OPEN,
	CRASH_CALL_RESIZE, /* also reserving */
	CRASH_CALL_NAME,   /* rename, unlink, mkdir, symlink */
	CRASH_CALLS,
	CRASH_CALL_ANY = CRASH_CALLS,
};

/* Instead of a number of errno: half of the bytes are written. */
enum { CRASH_SHORT = -1 };

/*
 * Let the `nth` such call from now on, counted from 0, fail with `number`, and
 * with `for_ever` all later ones.
 */
void crash_disk_fail(enum crash_call call, unsigned nth, bool for_ever,
    int number);

/* Calls of that kind since crash_disk_begin(); how many were made to fail. */
unsigned crash_disk_calls(enum crash_call call);
unsigned crash_disk_failed(void);

/* What stands on the disk, and what may stand there. */
struct crash_state;

struct crash_state *crash_state_new(const struct crash_history *history);
void crash_state_free(struct crash_state *state);

/* Go on to the state behind the next operation; false at the end. */
bool crash_state_next(struct crash_state *state);

/* Operations so far; changes that no sync covers yet. */
size_t crash_state_at(const struct crash_state *state);
size_t crash_state_pending(const struct crash_state *state);

enum { CRASH_LOSE_ALL = 0, CRASH_KEEP_ALL = 1 }; /* else at random by it */

/*
 * Make `root`, which exists, hold one of the possible states after a crash
 * here.
 */
void crash_state_lay_out(const struct crash_state *state, uint64_t choice,
    const char *root);

/* A number from a number: the same for the same. */
uint64_t crash_random(uint64_t *seed);

#endif
