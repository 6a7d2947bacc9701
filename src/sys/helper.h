/*
 * A copy of this process outside of its walls: made before the sandbox closes,
 * for what the sandbox forbids, such as a library that needs files, devices or
 * the network.  It is kept alive: when it dies, of what it does or because one
 * piece of work takes too long, another one takes its place.
 *
 * What it does is asked for by messages over a pair of SOCK_SEQPACKET sockets.
 * An answer may come late, of a question that was given up: number them.
 */
#ifndef SYS_HELPER_H
#define SYS_HELPER_H

#include <sys/types.h>

#include "base/attr.h"

struct bytes;
struct error;

enum { HELPER_MESSAGE_MAX = 20000 };

/*
 * Runs in the copy: answer one message.  It may forget all that it did when it
 * is in a new copy, so every message must stand alone.
 */
typedef void (*helper_work_fn)(void *ctx, const void *message, size_t len,
    struct bytes *answer);

struct helper;

/*
 * The copy has standard error, its socket, nothing else; it becomes `user` when
 * this process is root.  `work_s` is the most that one message may take.  What
 * `ctx` points to is copied with the process.
 */
int helper_start(const char *user, unsigned work_s, helper_work_fn work,
    void *ctx, struct helper **ret_helper, struct error *err) MUST_CHECK;

/*
 * Ask and wait for the answer, which is appended.  ERROR_BUSY when the copy
 * died meanwhile, or nothing comes within `work_s` and a little more.
 */
int helper_ask(struct helper *helper, const void *message, size_t len,
    struct bytes *answer, struct error *err) MUST_CHECK;

/* Ends the copy. */
void helper_stop(struct helper *helper);

#endif
