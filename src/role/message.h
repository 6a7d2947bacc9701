/*
 * Every message that roles of one host send each other, as a struct and the
 * table that encodes it.  Who sends what to whom: docs/processes.md.
 *
 * A request carries an id; its answer carries the same id and is one of the
 * named kind, or message_failed.
 */
#ifndef ROLE_MESSAGE_H
#define ROLE_MESSAGE_H

#include <stdint.h>

#include "base/error.h"
#include "role/codec.h"
#include "role/message/message_center.h"
#include "role/message/message_courier.h"
#include "role/message/message_host.h"
#include "role/message/message_keeper.h"
#include "role/message/message_payload.h"
#include "role/message/message_reader.h"
#include "role/message/message_request.h"
#include "role/message/message_type.h"
#include "role/message/message_verifier.h"

/* The table of a message type; NULL for a number that is none. */
const struct codec_field *message_fields(uint16_t type);

/* For logs: "upload_begin". */
const char *message_name(uint16_t type);

struct ipc;
struct ipc_message;

/*
 * Encode `body` (the struct that `type` names; NULL when it has no body) and
 * send it.  `fd` is -1 or stays the caller's.  Fails as ipc_send().
 */
int message_send(struct ipc *ipc, enum message_type type, uint32_t id,
    const void *body, int fd, struct error *err) MUST_CHECK;

/*
 * Fields that a message carries as name NUL value NUL ...: at most `max` of
 * them, borrowed.  What does not end is left out.
 */
struct http_header;
size_t message_read_headers(struct blob fields, struct http_header *ret_headers,
    size_t max);

/*
 * Decode `message` as `type` into `ret_body`.  When it is a message_failed
 * instead, its error becomes this one's; any other type is ERROR_MALFORMED.
 * Blobs live as long as the message.
 */
int message_read(const struct ipc_message *message, enum message_type type,
    void *ret_body, struct error *err) MUST_CHECK;

/* Append an item to a list that codec_next() reads. */
void message_list_add(struct bytes *list, enum message_type type,
    const void *item);

#endif
