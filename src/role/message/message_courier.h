/*
 * Messages between roles (role/message.h): what the courier calls and fetches.
 */
#ifndef ROLE_MESSAGE_COURIER_H
#define ROLE_MESSAGE_COURIER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "envelope/bundle.h"
#include "role/codec.h"
#include "role/message/message_type.h"

/*
 * Courier: the spooler's HTTP client.
 */

enum {
	MESSAGE_SERIALS_SIZE = 128
}; /* of four types (role/bulletins/serials.h) */

/* `peer`: a center's name, or "management".  `body` comes first, then the
 * payload if there is one. */
struct message_call {
	char peer[MESSAGE_HOST_SIZE];
	char method[MESSAGE_METHOD_SIZE];
	char path[MESSAGE_PATH_SIZE];
	char type[MESSAGE_TYPE_SIZE]; /* content type */
	struct blob body;
	uint64_t payload; /* 0: none */
	uint64_t payload_offset;
	uint64_t payload_len; /* from there on */
	uint64_t ticket;      /* for the content part of the answer, or 0 */
	uint32_t timeout_ms;
	bool
	    is_bundle; /* the answer is a bundle: its content part becomes an upload */
};

struct message_called {
	uint16_t status;
	char type[MESSAGE_TYPE_SIZE];
	struct blob
	    body;        /* for a bundle: the records before the content part */
	uint64_t upload; /* of the content part */
	uint64_t upload_len;
	int64_t peer_time; /* yizhan-time of the answer, 0 if it had none */
	char serials[MESSAGE_SERIALS_SIZE]; /* its yizhan-serials */
	uint32_t retry_after_s;             /* of a refusal, 0 if it had none */
};

/* From a server outside of the network (http/http_fetch.h). */
struct message_fetch {
	char url[MESSAGE_URL_SIZE];
	char address[MESSAGE_ADDRESS_SIZE]; /* "": it is in the URL */
	char type[MESSAGE_TYPE_SIZE];       /* "": GET, without a body */
	struct blob headers;                /* name NUL value NUL ... */
	struct blob body;
	uint32_t answer_max;
	uint32_t timeout_ms;
};

struct message_fetched {
	uint16_t status;
	char type[MESSAGE_TYPE_SIZE];
	struct blob body;
};

/* Courier to query, unasked: how it stands with a peer, when that changes. */
struct message_link {
	char peer[MESSAGE_HOST_SIZE];
	bool is_well;  /* connected, or closed while nobody had a call */
	int64_t since; /* ms */
	char code[ERROR_ID_SIZE]; /* of the failure; "" when it is well */
	char why[ERROR_TEXT_SIZE];
};

#endif
