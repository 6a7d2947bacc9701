/*
 * Messages between roles (role/message.h): requests of people and programs, local and over the network.
 */
#ifndef ROLE_MESSAGE_REQUEST_H
#define ROLE_MESSAGE_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "model/digest.h"
#include "model/org.h"
#include "role/codec.h"
#include "role/message/message_type.h"

/*
 * Local API and management: listener to spooler or query.
 */

struct message_request {
	char method[MESSAGE_METHOD_SIZE];
	char path[MESSAGE_PATH_SIZE]; /* with its query */
	char type[MESSAGE_TYPE_SIZE];
	char key[MESSAGE_IDEMPOTENCY_SIZE]; /* Idempotency-Key */
	char language[MESSAGE_LANGUAGE_SIZE];
	uint32_t uid;
	struct digest fingerprint; /* zeros on the control socket */
	uint8_t door;              /* enum listener_callers */
	/* Of people and document systems: SHA-256 of what they show; zeros. */
	struct digest session;
	struct digest token;
	char address[MESSAGE_ADDRESS_SIZE];
	char match[MESSAGE_MATCH_SIZE]; /* If-Match */
	char trace[MESSAGE_TRACE_SIZE]; /* http/http_trace.h */
	/* Of a management host: in which office, for whom; "" for neither. */
	char office[MESSAGE_OFFICE_SIZE];
	char organisation[ORG_TEXT_SIZE];
	struct blob body;
	struct blob files; /* list of struct message_file */

	/* Not sent: set by people_admit() of whoever is asked. */
	char actor[MESSAGE_NAME_SIZE];  /* person, or name of the token */
	char behalf[MESSAGE_NAME_SIZE]; /* for whom as a deputy; "": nobody */
	char scope[ORG_TEXT_SIZE];      /* whose letters it is about; "": all */
	int64_t person; /* with whose rights: its row; 0: no person */
	char unit[MESSAGE_UNIT_SIZE]; /* of that person; "": registry desk */
	bool is_limited; /* sees only what was assigned to it or its unit */
};

/*
 * MESSAGE_ADMIT, listener to query, with a struct message_request without body:
 * may they, before their body is read?
 */
struct message_admitted {
	char actor[MESSAGE_NAME_SIZE];
	char scope[ORG_TEXT_SIZE];
	bool wants_touch; /* the session was last used some time ago */
};

/* Listener to spooler: the session is in use. */
struct message_touch {
	struct digest session;
};

struct message_file {
	char name[MESSAGE_FILE_NAME_SIZE];
	uint64_t upload;
	uint64_t len;
	/* Of the last part of a file (partials.h): all of it; 0 and zeros. */
	uint64_t total;
	struct digest wanted;
};

struct message_response {
	uint16_t status;
	char type[MESSAGE_TYPE_SIZE];
	struct blob body;
	uint64_t payload; /* 0: none; else it follows the body */
	uint64_t payload_offset;
	uint64_t payload_len;
	uint32_t pages; /* of a PDF, else 0 */
	char missing
	    [MESSAGE_MISSING_SIZE]; /* "U+4DAE U+...": no font has them */
	struct blob headers;        /* more fields: name NUL value NUL ... */
};

/* MESSAGE_CANCEL, no body.  The asker of the request with this id is gone. */

#endif
