/*
 * A listener or a courier in a test: its environment, and what stands at the
 * other ends of its channels.  The test plays spooler, query and verifier.
 *
 * The network has center-a (this host, 127.0.0.1), center-b (127.0.0.3) and
 * management (127.0.0.4); center-a's access list has gateway-1 (127.0.0.9) with
 * one code.
 */
#ifndef HARNESS_FAKE_HOST_H
#define HARNESS_FAKE_HOST_H

#include <stdint.h>

#include "base/bytes.h"
#include "harness/http_pair.h"
#include "harness/scratch.h"
#include "role/env.h"
#include "role/message.h"
#include "role/peer.h"

struct arena;

#define FAKE_CODE "376490000A"

enum { FAKE_EVENTS_MAX = 256 };

/* A message that the role under test sent, or a request of it. */
struct fake_event {
	struct peer *from;
	uint16_t type;  /* MESSAGE_NONE once taken by fake_host_await() */
	uint16_t taken; /* its type then */
	uint32_t id;
	struct bytes body;
};

struct fake_host {
	char folder[SCRATCH_PATH_SIZE];
	struct loop *loop;
	struct role_env env;
	int log_fd;
	struct pair_identity own;     /* center-a */
	struct pair_identity gateway; /* gateway-1 */
	struct pair_identity other;   /* center-b */
	uint16_t other_port;          /* of center-b, in the image */
	struct peer *spooler;         /* to the role, as these */
	struct peer *query;
	struct peer *verifier;
	struct arena *arena;   /* of the role, as the spooler maps it */
	struct arena *payload; /* of query */
	struct bytes uploaded; /* all that came as upload_data */
	bool keeps_slots;      /* upload_free is not sent */
	uint16_t kept[64];
	size_t kept_count;
	struct fake_event events[FAKE_EVENTS_MAX]; /* not arena, data, free */
	size_t event_count;
};

/* `role` is ROLE_LISTENER or ROLE_COURIER; `kind` as in host.kind. */
void fake_host_init(struct fake_host *host, enum role role, const char *kind);
void fake_host_free(struct fake_host *host);

/* Send a directory image with this serial of the directory. */
void fake_host_publish(struct fake_host *host, uint64_t serial);

/* Run the loop a while; until there is an event of that type (the first one
 * not taken yet), or fail the test. */
void fake_host_run(struct fake_host *host);
struct fake_event *fake_host_await(struct fake_host *host, uint16_t type);
bool fake_host_has(const struct fake_host *host, uint16_t type);
size_t fake_host_count(const struct fake_host *host, uint16_t type);

/* Run until `*flag`, or fail the test. */
void fake_host_until(struct fake_host *host, const bool *flag);

/* Decode an event as its type. */
void fake_event_read(const struct fake_event *event, void *ret_body);

/* Give back the slots that were kept, and keep none any more. */
void fake_host_give_back(struct fake_host *host);

/* Answer a payload_read with `len` bytes 'p'. */
void fake_host_give_payload(struct fake_host *host,
    const struct fake_event *event, size_t len, bool is_last);

/* True if the log has a line with both texts. */
bool fake_host_logged(struct fake_host *host, const char *a, const char *b);

#endif
