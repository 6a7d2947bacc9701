/*
 * Messages between roles (role/message.h): payload into the store and out of it.
 */
#ifndef ROLE_MESSAGE_PAYLOAD_H
#define ROLE_MESSAGE_PAYLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "role/message/message_type.h"

/*
 * Payload into the store: listener or courier to spooler.  Uploads are
 * numbered by the filler, per channel.
 */

struct message_upload_begin {
	uint64_t upload;
	uint64_t len;    /* UINT64_MAX: not known yet */
	uint64_t ticket; /* of what goes on with a partial, else 0 */
};

struct message_upload_data {
	uint64_t upload;
	uint16_t slot;
	uint32_t len;
};

/* Spooler to filler: the slot was copied. */
struct message_upload_free {
	uint16_t slot;
};

/* Filler to spooler: forget it. */
struct message_upload_abort {
	uint64_t upload;
};

/*
 * Payload out of the store: query to listener or courier.
 */

/* Ask for one slot at most. */
struct message_payload_read {
	uint64_t payload;
	uint64_t offset;
};

struct message_payload_data {
	uint16_t slot;
	uint32_t len;
	bool is_last;
};

/* Reader to query: the slot was copied. */
struct message_payload_free {
	uint16_t slot;
};

#endif
