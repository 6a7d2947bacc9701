/*
 * A list of system calls for a process that computes: it reads, writes, asks
 * for memory, and ends.  Everything else fails with EPERM.
 *
 * The list is compiled once, by a process that then makes many copies of
 * itself; each copy enters it with one system call.
 */
#ifndef SYS_CONFINE_H
#define SYS_CONFINE_H

#include "base/attr.h"

struct error;

struct confine;

int confine_new(struct confine **ret_confine, struct error *err) MUST_CHECK;
void confine_free(struct confine *confine);

/* Enter; there is no way back.  Also inside the sandbox of sys/sandbox.h. */
int confine_enter(const struct confine *confine, struct error *err) MUST_CHECK;

#endif
