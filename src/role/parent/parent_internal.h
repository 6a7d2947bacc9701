/*
 * Between the parts of the parent: what lives (parent.c), how roles begin
 * (parent_start.c), how the host goes on as another program
 * (parent_renewal.c).
 */
#ifndef ROLE_PARENT_INTERNAL_H
#define ROLE_PARENT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "role/parent/parent_sockets.h"
#include "service/log.h"
#include "service/roles.h"

struct config;
struct error;
struct loop;
struct peer;
struct peer_handler;

enum { PARENT_PATH_SIZE = 4096 };

/* What follows when the roles have ended. */
enum goal {
	GOAL_SERVE,   /* start them again */
	GOAL_END,     /* end */
	GOAL_RENEWAL, /* go on as the program and configuration of then */
};

struct child {
	struct parent *parent;
	enum role role;
	pid_t pid; /* 0: not running */
	struct peer *peer;
	bool is_ready;
};

struct parent {
	const struct config *config;
	struct log log;
	struct loop *loop;
	struct loop_signal *signals[4];
	struct loop_timer *restart;
	struct loop_timer *deadline;
	struct child children[ROLE_COUNT];
	const char *config_path; /* not ours */
	char program[PARENT_PATH_SIZE];
	pid_t check_pid; /* looks at what a renewal would start; 0: none */
	struct parent_sockets sockets;
	int config_fd;
	int lock_fd;
	int ready_fd;
	uint64_t restart_ms;
	uint64_t started_at; /* of loop_now_ms() */
	enum goal goal;
	bool is_stopping; /* the roles have been told */
};

/* SIGCHLD; SIGTERM and SIGINT end, SIGHUP renews; ends with 0. */
extern const int parent_signals[5];

/*
 * Start every role that this host needs, with its channels.  `handlers` are for
 * what roles say to us, with their struct child.
 */
int parent_start_roles(struct parent *parent,
    const struct peer_handler *handlers, struct error *err) MUST_CHECK;

/* From now on the roles end, and then `goal` follows. */
void parent_leave(struct parent *parent, enum goal goal);

/*
 * SIGHUP: before anything ends, can the program that lies there now read the
 * configuration of now?  Its process is `check_pid`.
 */
void parent_renewal_begin(struct parent *parent);
void parent_renewal_checked(struct parent *parent, int status);

/* All roles have ended.  Returns only when there is nothing to go on with. */
void parent_renew(struct parent *parent, struct error *err);

#endif
