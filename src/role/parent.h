/*
 * The first process of a host: binds the sockets, starts the roles with the
 * channels that service/roles.c allows, and starts them all again when one
 * ends.  It parses its configuration and nothing else, and carries no data.
 */
#ifndef ROLE_PARENT_H
#define ROLE_PARENT_H

#include "base/attr.h"

struct config;
struct error;

/*
 * Run the host until SIGTERM or SIGINT.  Listening sockets stay open while
 * roles are started again, so a connection waits instead of being refused.
 * `ready_fd` (-1 for none) gets the line "ready\n" when every role is.
 *
 * Fails with ERROR_EXISTS when another process runs this data folder, with
 * ERROR_DENIED when it lies on storage that forgets (tmpfs, network).
 */
int parent_run(const struct config *config, int ready_fd,
    struct error *err) MUST_CHECK;

#endif
