/*
 * Messages between roles (role/message.h): what hosts ask each other, on its way inside a center or gateway.
 */
#ifndef ROLE_MESSAGE_CENTER_H
#define ROLE_MESSAGE_CENTER_H

#include <stdbool.h>
#include <stdint.h>

#include "envelope/bundle.h"
#include "model/digest.h"
#include "model/id.h"
#include "model/org.h"
#include "role/codec.h"
#include "role/message/message_type.h"

/*
 * Center: listener to spooler and query.
 */

/*
 * After its content was uploaded.  With `upload` 0 only an offer of content
 * from `offset` on: answered by arriving, or, for a waybill that is accepted
 * already, by submitted.
 */
struct message_submit {
	uint8_t kind; /* enum bundle_type */
	char host[MESSAGE_HOST_SIZE];
	struct digest fingerprint;
	uint64_t upload;
	uint64_t offset;      /* of the content in this request */
	uint64_t content_len; /* from there on */
	struct blob waybill;  /* struct message_waybill */
	struct blob cms;
	struct blob receipt; /* of the origin, relays only */

	/* Of what comes from another center that decided it before. */
	struct blob moved; /* list of struct message_verify_receipt */
	uint8_t reached;   /* enum delivery_state, where it was */
	uint8_t flags;     /* enum message_moved_flag */
	int64_t held_ms;   /* so long its clock stood */
};

enum message_moved_flag { MESSAGE_MOVED_UNREADABLE = 1 };

struct message_submitted {
	bool is_repeat;
	struct blob receipt;
};

struct message_arriving {
	uint64_t ticket; /* for the upload of the content */
};

/* How much of the content of a waybill from this host is durable. */
struct message_offset_read {
	char host[MESSAGE_HOST_SIZE];
	struct digest waybill; /* digest */
	bool is_move;          /* it is for a delivery that moves */
};

struct message_offset {
	bool is_accepted; /* all of it */
	uint64_t offset;
};

struct message_act_submit {
	char host[MESSAGE_HOST_SIZE];
	struct digest fingerprint;
	struct blob act; /* struct message_act */
	struct blob cms;
	uint64_t epoch; /* of the log, as the host knows it; 0: untold */
	bool is_again;  /* it was stated in an earlier epoch of the log */
	char center[MESSAGE_HOST_SIZE]; /* that had the delivery; "": untold */
};

struct message_acted {
	bool is_repeat;
	struct blob receipt;
	struct blob key_part; /* for fetched and rewrap only */
	struct blob addendum; /* CMS, when that key part came later */
	struct blob answer;   /* another center's, in place of all that */
};

/* An addendum with its key part. */
struct message_rewrap_submit {
	char host[MESSAGE_HOST_SIZE];
	struct digest fingerprint;
	struct blob addendum; /* struct message_addendum */
	struct blob cms;
	struct blob key_part;
};

/* A receipt of another center; answered by done. */
struct message_receipt_submit {
	char host[MESSAGE_HOST_SIZE];
	struct digest fingerprint;
	struct blob receipt; /* struct message_receipt */
	struct blob json;
};

/* Listener to spooler: cosign it if it continues what was cosigned before. */
struct message_witness {
	char host[MESSAGE_HOST_SIZE];
	struct digest fingerprint;
	struct blob checkpoint; /* struct message_checkpoint */
};

struct message_witnessed {
	bool is_cosigned; /* else `size` is what the log must begin at */
	uint64_t size;
	struct blob line; /* of the note */
};

/* Answered when the host's feed has something above `after`: at once or
 * later. */
struct message_watch {
	char host[MESSAGE_HOST_SIZE];
	uint64_t after;
};

struct message_watched {
	uint64_t newest;
};

/* MESSAGE_UNWATCH, no body.  The asker of the request with this id is gone. */

struct message_feed_acknowledge {
	char host[MESSAGE_HOST_SIZE];
	uint64_t through;
	uint64_t epoch;    /* of the log, as the host knows it; 0: untold */
	bool is_caught_up; /* nothing more of before that epoch will come */
	bool is_restored;  /* the host has forgotten what it acknowledged */
};

/* To query. */
struct message_feed_read {
	char host[MESSAGE_HOST_SIZE];
	uint64_t after;
	uint32_t limit;
	uint64_t epoch; /* as in feed_acknowledge */
};

struct message_feed {
	struct blob json;
};

/* To query. */
struct message_delivery_read {
	char host[MESSAGE_HOST_SIZE];
	struct id waybill_id;
	char recipient[ORG_TEXT_SIZE];
};

struct message_delivery {
	struct blob records; /* W R L P of the bundle */
	uint64_t payload;
	uint64_t content_len; /* all of it */
};

/* To query: those newer than named in `have`. */
struct message_bulletins_read {
	char have[MESSAGE_HAVE_SIZE];
};

struct message_bulletins {
	struct blob bundle;
};

/* Parts of the directory (docs/protocol.md 6.3): GET /v1/directory/pages. */
struct message_pages_read {
	struct digest root;
	uint16_t from; /* pages from here */
	uint16_t to;   /* up to, without it; 0: their digests */
};

struct message_pages {
	struct blob data;
};

#endif
