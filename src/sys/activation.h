/*
 * Listening sockets that whoever started this process has opened for it, as
 * systemd does (sd_listen_fds(3)): descriptors from 3 on, their number in
 * LISTEN_FDS, whom they are for in LISTEN_PID.  A host that starts itself
 * anew hands its own sockets over the same way.
 */
#ifndef SYS_ACTIVATION_H
#define SYS_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/attr.h"

struct error;

enum {
	ACTIVATION_FIRST = 3, /* descriptor */
	ACTIVATION_MAX = 16,
};

/*
 * How many descriptors are handed to process `self` by what the two variables
 * say (NULL: not set).  0 also when they are for another process or make no
 * sense.  Pure.
 */
size_t activation_count(const char *listen_pid, const char *listen_fds,
    pid_t self);

/*
 * Take over what the environment names: non-blocking, and closed in whatever
 * this process starts.  Forgets the variables, so that nobody else believes
 * them.  `ret_fds` has room for ACTIVATION_MAX.  `*ret_is_lent` is true when
 * they were somebody else's to begin with.
 */
int activation_take(int *ret_fds, size_t *ret_count, bool *ret_is_lent,
    struct error *err) MUST_CHECK;

/* Say that descriptors 3 to 3 + count - 1 are for this very process. */
int activation_announce(size_t count, bool is_lent,
    struct error *err) MUST_CHECK;

/*
 * Tell whoever started this process how it is, as sd_notify(3) does: "READY=1",
 * "STOPPING=1".  Where nobody listens nothing happens.
 */
void activation_tell(const char *state);

#endif
