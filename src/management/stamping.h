/*
 * The timestamp bulletin: a short-lived statement, by an online key, of which
 * bulletin of each type is the newest.  Made anew every minute and whenever
 * something was published, so that a host can tell late news from no news.
 */
#ifndef MANAGEMENT_STAMPING_H
#define MANAGEMENT_STAMPING_H

#include "base/attr.h"

struct error;
struct management;
struct stamping;

int stamping_new(struct management *management, struct stamping **ret_stamping,
    struct error *err) MUST_CHECK;
void stamping_free(struct stamping *stamping);

/* Make one soon, and then every minute. */
void stamping_wake(struct stamping *stamping);

#endif
