/*
 * Starting this executable again as a role, with exactly the descriptors that
 * the role is to have.
 */
#ifndef SYS_PROCESS_H
#define SYS_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

#include "base/attr.h"

struct error;

/*
 * Run /proc/self/exe with `argv` (NULL at its end).  The child has standard
 * error, `fds[i]` as descriptor 3 + i, and nothing else; it gets SIGKILL when
 * this process ends.  The caller keeps and closes its own `fds`.
 */
int process_spawn(char *const argv[], const int *fds, size_t fd_count,
    pid_t *ret_pid, struct error *err) MUST_CHECK;

/*
 * Become the program `name` in the folder of this executable, with this
 * process's descriptors.  Returns when there is none.
 */
void process_become(const char *name, char *const argv[]);

/* Path of this executable as it is found now. */
int process_path(char *to, size_t size, struct error *err) MUST_CHECK;

/*
 * As process_spawn(), but the program at `path`, whichever that is by now;
 * without descriptors.
 */
int process_spawn_path(const char *path, char *const argv[], pid_t *ret_pid,
    struct error *err) MUST_CHECK;

/*
 * Go on in this same process as the program at `path`, with standard error and
 * `fds[i]` as descriptor 3 + i and nothing else.  If there is no such program
 * any more, as this one.  Returns only when it cannot: then nothing is left to
 * go on with.
 */
void process_replace(const char *path, char *const argv[], const int *fds,
    size_t count);

/* Let `numbers` (ends with 0) wait from now on, or come. */
void process_hold_signals(const int *numbers);
void process_release_signals(const int *numbers);

/* As many descriptors as this process may have: their number. */
size_t process_raise_descriptors(void);

/* A connected pair of SOCK_SEQPACKET sockets, non-blocking, close-on-exec. */
int process_socketpair(int ret_fds[2], struct error *err) MUST_CHECK;

/*
 * `len` bytes as a memory file whose contents and size are sealed: whoever gets
 * the descriptor can map it and trust that it never changes.
 */
int process_seal(const void *data, size_t len, int *ret_fd,
    struct error *err) MUST_CHECK;

#endif
