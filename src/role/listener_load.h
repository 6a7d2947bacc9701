/*
 * How many requests live, in all and of each caller, so that one host that
 * asks too much does not take what the others need (T-LOAD-02, T-LOAD-03).
 */
#ifndef ROLE_LISTENER_LOAD_H
#define ROLE_LISTENER_LOAD_H

#include <stddef.h>

#include "base/attr.h"

struct digest;
struct error;

struct listener_load;

int listener_load_new(size_t live_max, size_t caller_max,
    struct listener_load **ret_load, struct error *err) MUST_CHECK;
void listener_load_free(struct listener_load *load);

/*
 * Count one more request of the caller with this certificate (zeros for local
 * ones).  Fails with ERROR_BUSY: E6206 (too many in all) or E6208 (too many of
 * this caller); then nothing is counted.
 */
int listener_load_add(struct listener_load *load, const struct digest *caller,
    struct error *err) MUST_CHECK;
void listener_load_remove(struct listener_load *load,
    const struct digest *caller);

#endif
