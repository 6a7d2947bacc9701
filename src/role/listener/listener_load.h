/*
 * How many requests live, in all and of each caller, so that one host that
 * asks too much does not take what the others need (T-LOAD-02, T-LOAD-03).
 *
 * New work (submissions) has a bounded number of places, from its head to its
 * answer: that bounds every queue behind the listener.  Who finds none hears at
 * once, before its body, when to come again.  What ends work that has begun
 * (acts, receipts, feeds) needs no place, so it is never behind new work here.
 */
#ifndef ROLE_LISTENER_LOAD_H
#define ROLE_LISTENER_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"

struct error;

struct listener_load;

struct listener_load_limits {
	size_t live;   /* requests in all */
	size_t caller; /* ... of one caller */
	size_t places; /* for new work */
};

/* A request, as it is counted. */
struct listener_load_entry {
	struct digest caller; /* its certificate; zeros for local ones */
	bool is_local;        /* they share with nobody */
	bool is_work;         /* new work: takes a place */
	bool is_counted;      /* set and used here alone, as the next ones */
	bool is_held;
	uint64_t since_ms;
};

enum {
	LISTENER_LOAD_AT_ONCE = 64, /* refusals of a second */
	LISTENER_LOAD_HOLD_MS = 1000,
	LISTENER_LOAD_HELD_MAX = 2048,
};

int listener_load_new(const struct listener_load_limits *limits,
    struct listener_load **ret_load, struct error *err) MUST_CHECK;
void listener_load_free(struct listener_load *load);

/*
 * Count one more request.  Fails with ERROR_BUSY, `retry_after_s` set: E6206
 * (too many in all) or E6208 (too many of this caller); then nothing is
 * counted.  `random` spreads the callers who come again.
 */
int listener_load_add(struct listener_load *load,
    struct listener_load_entry *entry, uint64_t now_ms, uint32_t random,
    struct error *err) MUST_CHECK;

/*
 * How many requests the caller of this one may have open at a time, and how
 * many more now; 0 of those for one that was not counted.
 */
size_t listener_load_max(const struct listener_load *load);
size_t listener_load_left(struct listener_load *load,
    const struct listener_load_entry *entry);

/*
 * Of a request that was not counted: milliseconds for which its refusal is to be
 * held back.  The first LISTENER_LOAD_AT_ONCE of a second hear at once; the
 * others as long after as they have to wait anyway, so that whoever asks again
 * and again without waiting, with as many requests as he may have open, does not
 * have the host refuse him instead of doing its work.  0 too when so many are
 * held that they would take room.
 */
uint32_t listener_load_hold(struct listener_load *load,
    struct listener_load_entry *entry, uint64_t now_ms);

/* It ended; does nothing when it was neither counted nor held. */
void listener_load_remove(struct listener_load *load,
    struct listener_load_entry *entry, uint64_t now_ms);

/*
 * How many of `places` one of `callers` may have, itself among them: an equal
 * share, with one left over for who comes next.  At least 1.  Pure.
 */
size_t listener_load_share(size_t places, size_t callers);

/*
 * Seconds after which `waiting` pieces of work are done when `working` at a
 * time take `each_ms` (0: not known yet), within 1 and 60, and up to as many
 * again by `random`, so that those who were refused together do not come back
 * together.  Pure.
 */
uint32_t listener_load_wait_s(uint64_t waiting, uint64_t working,
    uint64_t each_ms, uint32_t random);

#endif
