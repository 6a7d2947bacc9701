/*
 * A server and its clients in one process, on one loop, for the tests of
 * http/; and certificates that are as good or bad as a test wants them.
 */
#ifndef HARNESS_HTTP_PAIR_H
#define HARNESS_HTTP_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "http/http_client.h"
#include "http/http_request.h"
#include "http/http_server.h"
#include "http/tls.h"

enum { PAIR_PARKED_MAX = 1200 };

struct pair_identity {
	char cert[4096];
	char key[4096];
	struct tls_identity pem;
	struct digest fingerprint;
};

/* `algorithm` is "P-256", "P-384", "Ed25519" or a number of RSA bits. */
void pair_identity_make(const char *algorithm, const char *digest,
    struct pair_identity *ret_identity);

/*
 * The serving side answers:
 *   GET  /hello        200 "hello", with what it saw of the peer in headers
 *   POST /swallow      reads the body, consumes it by and by; 200 its length
 *   GET  /stream?size  so many bytes
 *   GET  /park         when pair_wake() is called
 *   POST /early        413 at once, without reading the body
 * and counts what it sees.
 */
struct pair {
	struct loop *loop;
	struct http_limits limits; /* to be set before pair_serve() */
	bool is_tls;
	struct pair_identity server_identity;
	struct pair_identity client_identity;
	struct tls *server_tls;
	struct tls *client_tls;
	struct http_server *server;
	int listen_fd;
	uint16_t port;

	struct http_request *parked[PAIR_PARKED_MAX];
	size_t parked_count;
	size_t closed_answered;
	size_t closed_broken;
	size_t refused;
	struct error refusal;
	size_t body_ends;
	uint64_t swallowed;
	size_t held_max; /* most bytes of a body handed out, not consumed */
	bool holds;      /* /swallow consumes nothing */
	bool is_drained;
};

void pair_init(struct pair *pair, bool is_tls);

/* Start the server: on a port of loopback, or for socket pairs. */
void pair_serve(struct pair *pair, enum tls_peer peer);
void pair_free(struct pair *pair);

/* Answer all that is parked. */
void pair_wake(struct pair *pair);

/* What a client of the pair needs, to be changed before it is opened. */
struct http_client_options pair_client_options(struct pair *pair);
struct http_client *pair_connect(struct pair *pair);

/* Run the loop until `*flag`, or fail the test after some seconds. */
void pair_run_until(struct pair *pair, const bool *flag);
/* Run it until nothing has happened for `ms`. */
void pair_run_for(struct pair *pair, uint32_t ms);

/* One request of a client and what became of it. */
struct pair_ask {
	struct pair *pair;
	struct http_client *client;
	struct http_stream *stream;
	bool has_headers;
	bool is_done;
	int status;
	uint64_t received;
	char text[256]; /* the beginning of the body */
	size_t text_len;
	bool holds; /* consumes nothing */
	size_t held;
	size_t held_max;
	uint64_t to_send;
	uint64_t sent;
	bool is_stuck; /* the source has nothing for now */
	struct error err;
};

void pair_ask(struct pair *pair, struct http_client *client, const char *method,
    const char *target, uint64_t body_len, struct pair_ask *ret_ask);

/* The callbacks of such a request, for one with headers of its own. */
extern const struct http_stream_events pair_ask_events;

/* The same, until it is done. */
void pair_ask_wait(struct pair *pair, struct http_client *client,
    const char *method, const char *target, uint64_t body_len,
    struct pair_ask *ret_ask);

#endif
