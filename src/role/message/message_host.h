/*
 * Messages between roles (role/message.h): the life of a role, answers that every request may get, shared memory, the directory.
 */
#ifndef ROLE_MESSAGE_HOST_H
#define ROLE_MESSAGE_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "role/message/message_type.h"

/*
 * Life of a role: with the parent.
 */

/* Role to parent: start-up is over and the sandbox closed. */
struct message_ready {
	bool has_landlock;
};

/*
 * MESSAGE_OPEN, no body.  Spooler to listener: keys and bulletins of before are
 * there, so I can do what you ask me.  Connections wait until then.
 *
 * MESSAGE_DRAIN, no body.  Parent to listener: take nothing new, finish what
 * runs, for as long as you may; then tell me MESSAGE_DRAINED (no body).
 *
 * MESSAGE_STOP, no body.  Parent to role: exit.
 */

/*
 * Answers that every request may get.
 */

/* The request failed; nothing changed. */
struct message_failed {
	struct error error;
};

/* MESSAGE_DONE, no body.  The request succeeded and is durable. */

/*
 * Shared memory and directory, sent unasked.
 */

/*
 * MESSAGE_ARENA, no body.  With a descriptor: the arena through which the
 * sender of this message fills slots for the receiver.
 */

/*
 * Spooler to all, with a descriptor: a new directory image, sealed.  Without
 * one the image is as it was.
 */
struct message_directory {
	uint64_t root; /* serials */
	uint64_t directory;
	uint64_t network;
	uint64_t timestamp;
	uint64_t measures; /* sum of those of hold, suspension, restoration */
	int64_t fresh_at;  /* of the newest timestamp: bulletins.h */
};

#endif
