/*
 * The listening sockets of a host: bound once by its parent, or found open when
 * it starts, and never closed while it serves or goes over to a new program.
 * So whoever connects meanwhile waits instead of being refused.
 */
#ifndef ROLE_PARENT_SOCKETS_H
#define ROLE_PARENT_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "sys/activation.h"

struct config;
struct error;

enum { PARENT_SOCKETS_MAX = 4 };

struct parent_sockets {
	int hosts_fd;  /* -1: none, as of all of them */
	int people_fd; /* and document systems */
	int operators_fd;
	int control_fd;
	int inherited[ACTIVATION_MAX];
	size_t inherited_count;
	bool is_lent; /* those were somebody else's: a path stays */
};

#define PARENT_SOCKETS_NONE                       \
	((struct parent_sockets){ .hosts_fd = -1, \
	    .people_fd = -1,                      \
	    .operators_fd = -1,                   \
	    .control_fd = -1 })

/* Take what is open already.  Before any other descriptor is made. */
int parent_sockets_inherit(struct parent_sockets *sockets,
    struct error *err) MUST_CHECK;

/*
 * Of what was inherited keep what listens where `config` says, and close the
 * rest; open what is missing.
 */
int parent_sockets_bind(struct parent_sockets *sockets,
    const struct config *config, struct error *err) MUST_CHECK;

/* Those that are open, for the next program; returns their number. */
size_t parent_sockets_list(const struct parent_sockets *sockets,
    int ret_fds[PARENT_SOCKETS_MAX]);

/* The host ends. */
void parent_sockets_close(struct parent_sockets *sockets,
    const struct config *config);

#endif
