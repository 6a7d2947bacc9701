/*
 * The walls around a role: no new privileges, its own user, a list of system
 * calls (seccomp) and a list of folders (Landlock).  Entered as the last line
 * of a role's start (architecture.md 4, T-SBX-01).
 *
 * Every list is one that allows; what is not on it fails with EPERM.  Starting
 * programs, tracing, mounting, keys, modules and the like kill the process.
 */
#ifndef SYS_SANDBOX_H
#define SYS_SANDBOX_H

#include <stdbool.h>

#include "base/attr.h"

struct error;

/* What a role may do beside reading and writing what it already has open. */
struct sandbox {
	bool may_accept;    /* accept connections on listening sockets it has */
	bool may_connect;   /* open internet sockets */
	bool may_fork;      /* make copies of itself (not run programs) */
	bool may_open;      /* open files below `folder` */
	bool may_write;     /* ... and create, change and remove them */
	const char *folder; /* absolute; NULL when it may open nothing */
	const char *user;   /* switch to this user when started as root */
};

/*
 * Enter; there is no way back.  Where the running kernel has no Landlock the
 * folder rule is left out and `*ret_has_landlock` says so; the system call
 * list holds everywhere.
 */
int sandbox_enter(const struct sandbox *sandbox, bool *ret_has_landlock,
    struct error *err) MUST_CHECK;

#endif
