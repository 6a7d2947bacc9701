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

/* A connected pair of SOCK_SEQPACKET sockets, non-blocking, close-on-exec. */
int process_socketpair(int ret_fds[2], struct error *err) MUST_CHECK;

/*
 * `len` bytes as a memory file whose contents and size are sealed: whoever gets
 * the descriptor can map it and trust that it never changes.
 */
int process_seal(const void *data, size_t len, int *ret_fd,
    struct error *err) MUST_CHECK;

#endif
