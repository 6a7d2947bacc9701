/*
 * The simulated world under the product's roles: one virtual time, one source
 * of randomness, one queue of events.  Everything that happens is an event; the
 * same seed gives the same events in the same order (T-SIM-01).
 *
 * A role is what is a process of its own outside: its event loop, channels and
 * connections belong to it, and only one of its callbacks runs at a time.
 */
#ifndef SIMULATE_SIM_H
#define SIMULATE_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <ucontext.h>

#include "base/attr.h"
#include "service/roles.h"

struct role_env;
struct sim_event;

enum {
	SIM_CENTERS = 3,
	SIM_GATEWAYS = 20,
	SIM_HOSTS = 1 + SIM_CENTERS + SIM_GATEWAYS,
	SIM_MANAGEMENT = 0,
	SIM_CENTER = 1,                /* the first of them */
	SIM_GATEWAY = 1 + SIM_CENTERS, /* ... and of these */
	SIM_MS = 1000,                 /* microseconds */
	SIM_S = 1000 * SIM_MS,
	SIM_STACK = 512 * 1024,
};

struct sim_host;

struct sim_role {
	struct sim_host *host; /* NULL: the clerks, who never crash */
	enum role role;
	bool is_running;
	int64_t free_at; /* its present work ends then */
	int64_t spent;   /* by the callback that runs */
	struct role_env *env;
	ucontext_t context; /* of its start; waits in loop_run() for ever */
	uint8_t *stack;
	size_t ipc_most; /* messages on their way from it, at most */
};

struct sim_host {
	int index;
	char name[32];
	char address[32];
	struct sim_role roles[ROLE_COUNT];
	bool is_up;
	uint64_t starts;
	int64_t started_at;
	int64_t clock_offset_ms; /* of its clock from the true time */
	int64_t disk_slow_us;    /* what a sync costs beside the usual */
	uint32_t disk_fail_in;  /* the n-th disk call from now fails; 0: none */
	bool has_failed_rows;   /* one of the spooler's rows or their log did */
	uint32_t disk_full_for; /* so many writes find no room */
	uint32_t die_in;        /* the n-th disk call from now never returns */
	bool die_is_power;      /* ... with the power */
	bool wants_restart;
};

struct sim {
	int64_t now; /* microseconds since the start */
	uint64_t seed;
	uint64_t random;
	uint64_t hash; /* of all that happened */
	uint64_t events;
	uint64_t events_max;   /* the end, when so many happened; 0: none */
	struct sim_role *role; /* whose callback runs; NULL: the simulator's */
	struct sim_host hosts[SIM_HOSTS];
	struct sim_role clerks;
	bool is_calm;  /* no faults, no chance beyond the order of events */
	bool is_quiet; /* nothing of a failed invariant is told */
	bool wants_trace;
	bool has_failed; /* an invariant was broken */
	char why[512];
	const char *folder; /* real files: keys and the root */
};

extern struct sim sim;

/* ---- chance ------------------------------------------------------------ */

uint64_t sim_random(void);
/* Below `limit`, which is at least 1. */
uint64_t sim_below(uint64_t limit);
int64_t sim_between(int64_t least, int64_t most);
/* True once in `in` times, and never while all is calm (BUGGIFY). */
bool sim_chance(uint64_t in);

/* ---- time and events ---------------------------------------------------- */

typedef void (*sim_fn)(void *arg);

/* Milliseconds since 1970 at the start. */
enum { SIM_EPOCH_S = 1795000000 };

/* The time inside the callback that runs. */
int64_t sim_time(void);
/* True time of day, milliseconds. */
int64_t sim_day_ms(void);
/* What the running callback does takes so long. */
void sim_spend(int64_t us);

/*
 * Call `fn` at `at` or, when the role is at work, after that; not at all when
 * the role is gone by then.  NULL: the simulator's own.
 */
struct sim_event *sim_at(int64_t at, struct sim_role *role, sim_fn fn,
    void *arg);
/* NULL does nothing; not for one that was called. */
void sim_cancel(struct sim_event *event);

/* Run events until `until`; false when an invariant was broken. */
bool sim_run(int64_t until);

/* ---- trace --------------------------------------------------------------- */

void sim_hash(const void *data, size_t len);
/* A line of the trace, which is part of the hash. */
void sim_note(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* An invariant is broken: the history ends with it. */
void sim_broken(const char *invariant, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* ---- hosts --------------------------------------------------------------- */

/* Start all roles of a host. */
void sim_host_start(struct sim_host *host);

/*
 * All roles of a host end, without a word.  With the power goes what its disk
 * was given and not told to sync.
 */
void sim_host_kill(struct sim_host *host, bool with_power);
/* The same from inside one of its callbacks, which ends here. */
noreturn void sim_host_die(struct sim_host *host, bool with_power);

/* The host of a role, "center-a spooler". */
struct sim_host *sim_host_of(const struct sim_role *role);

/* A role begins; returns when it waits for events, or has ended. */
void sim_role_enter(struct sim_role *role);
/* Inside a role: nothing but events from now on. */
void sim_role_wait(void);

/* ---- what stands in for the system ---------------------------------------- */

/* sim_ipc.c: two ends of a channel, as numbers below 1000. */
void sim_ipc_pair(int ret_fds[2]);
void sim_ipc_forget(struct sim_host *host);
size_t sim_ipc_most(void);

/* sim_http.c: the number of a listening door. */
int sim_http_door(const struct sim_host *host, bool is_local);
void sim_http_forget(struct sim_host *host);

/* sim_loop.c */
void sim_loop_forget(struct sim_host *host);

/* Reads what spoolers tell, to watch over the invariants; sim_check.c. */
struct ipc_message;
void sim_watch_ipc(const struct sim_role *from, const struct sim_role *to,
    const struct ipc_message *message);

#endif
