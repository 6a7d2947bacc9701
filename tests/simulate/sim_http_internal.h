/*
 * What stands in for http/: sim_http.c has the connections and what travels on
 * them, sim_http_client.c and sim_http_server.c the two sides.
 */
#ifndef SIMULATE_SIM_HTTP_INTERNAL_H
#define SIMULATE_SIM_HTTP_INTERNAL_H

#include "base/bytes.h"
#include "http/http_client.h"
#include "http/http_path.h"
#include "http/http_request.h"
#include "http/http_server.h"
#include "simulate/sim.h"

enum { SIM_HEADERS_MAX = 24 };

enum item_kind {
	ITEM_OPEN, /* to the server; answered by opened or close */
	ITEM_OPENED,
	ITEM_HEADERS,
	ITEM_DATA,
	ITEM_END,
	ITEM_RESET,
	ITEM_CLOSE,
};

enum { TO_SERVER, TO_CLIENT };

struct sim_header {
	char *name;
	char *value;
};

struct sim_headers {
	struct sim_header list[SIM_HEADERS_MAX];
	size_t count;
};

/* What travels. */
struct item {
	struct item *next; /* among those that a clogged way holds */
	struct conn *conn;
	int to;
	enum item_kind kind;
	uint64_t stream;
	int status;
	bool has_body;
	struct sim_headers headers;
	struct error error; /* of a close that refuses */
	size_t len;
	uint8_t *data;
};

struct conn {
	struct conn *next;
	struct http_client *client; /* NULL: closed there */
	struct http_server *server; /* NULL: not yet, or closed there */
	struct sim_role *client_role;
	struct sim_role *server_role;
	int client_host; /* -1: the clerks */
	int server_host;
	bool is_local;
	bool is_broken; /* nothing but the close arrives any more */
	bool was_open;
	int64_t last_at[2];
	struct http_peer peer;
	struct http_request *requests;
};

/* A body on its way out of its source. */
struct outbody {
	struct bytes bytes;
	size_t sent;
	http_pull_fn pull;
	void *ctx;
	bool is_waiting;
};

struct http_client {
	struct sim_role *role;
	struct conn *conn;
	const struct tls *tls;
	struct digest expected[HTTP_EXPECTED_MAX];
	size_t expected_count;
	struct http_limits limits;
	const struct http_client_events *events;
	void *ctx;
	struct http_stream *streams;
	uint64_t next_stream;
	struct sim_event *watch; /* handshake, then silence */
	bool is_open;
	bool is_closed;
};

struct http_server {
	struct sim_role *role;
	const struct tls *tls;
	const struct http_server_events *events;
	void *ctx;
	int door;
	struct http_limits limits;
};

void sim_headers_add(struct sim_headers *headers, const char *name,
    const char *value);
const char *sim_headers_get(const struct sim_headers *headers,
    const char *name);
void sim_headers_free(struct sim_headers *headers);

/* Send; the item's contents are the net's then. */
struct item *item_new(struct conn *conn, int to, enum item_kind kind,
    uint64_t stream);
void item_send(struct item *item);
void item_data(struct item *item, const void *data, size_t len);

/* The next piece of a body, of any size. */
enum http_pull outbody_next(struct outbody *out, uint8_t *to, size_t size,
    size_t *ret_len);
void outbody_init(struct outbody *out, const struct http_body *body);
size_t piece_size(void);

struct conn *conn_new(struct http_client *client, int server_host);
struct http_server *door_server(int host, bool is_local);

/* The two sides, in their roles. */
void client_take(struct http_client *client, struct item *item);
void server_take(struct http_server *server, struct item *item);

/* Nothing is left of a side whose process is gone. */
void server_forget(struct conn *conn);

#endif
