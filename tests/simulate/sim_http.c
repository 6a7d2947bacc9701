#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "simulate/sim_http_internal.h"
#include "simulate/sim_net.h"

enum { DOOR_FIRST = 700, PIECE_MAX = 8192 };

/* The way from one host to another; the clerks' door never clogs. */
struct way {
	bool is_clogged;
	struct item *first;
	struct item **last;
};

static struct way ways[SIM_HOSTS][SIM_HOSTS];
static struct http_server *doors[SIM_HOSTS][2];
static struct conn *conns;

unsigned sim_net_twice_in;
int64_t sim_net_slowest = 30 * SIM_MS;

/* ---- headers -------------------------------------------------------------- */

void
sim_headers_add(struct sim_headers *headers, const char *name,
    const char *value)
{
	struct sim_header *header;

	if (headers->count == SIM_HEADERS_MAX)
		abort();
	header = &headers->list[headers->count++];
	header->name = text_dup(name);
	header->value = text_dup(value);
	if (header->name == NULL || header->value == NULL)
		abort();
}

const char *
sim_headers_get(const struct sim_headers *headers, const char *name)
{
	for (size_t i = 0; i < headers->count; i++)
		if (text_equal(headers->list[i].name, name))
			return headers->list[i].value;
	return NULL;
}

void
sim_headers_free(struct sim_headers *headers)
{
	for (size_t i = 0; i < headers->count; i++) {
		free(headers->list[i].name);
		free(headers->list[i].value);
	}
	headers->count = 0;
}

/* ---- bodies --------------------------------------------------------------- */

void
outbody_init(struct outbody *out, const struct http_body *body)
{
	memset(out, 0, sizeof(*out));
	if (body == NULL)
		return;
	out->pull = body->pull;
	out->ctx = body->ctx;
	if (body->bytes != NULL) {
		out->bytes = *body->bytes;
		memset(body->bytes, 0, sizeof(*body->bytes));
	}
}

size_t
piece_size(void)
{
	if (sim_chance(8))
		return (size_t)sim_between(1, 100);
	return (size_t)sim_between(2000, PIECE_MAX);
}

enum http_pull
outbody_next(struct outbody *out, uint8_t *to, size_t size, size_t *ret_len)
{
	size_t left = out->bytes.len - out->sent;
	size_t len = left < size ? left : size;

	if (out->pull != NULL) {
		enum http_pull pull = out->pull(out->ctx, to, size, ret_len);

		out->is_waiting = pull == HTTP_PULL_WAIT;
		return pull;
	}
	if (len > 0)
		memcpy(to, out->bytes.data + out->sent, len);
	out->sent += len;
	*ret_len = len;
	return len == left ? HTTP_PULL_END : HTTP_PULL_MORE;
}

/* ---- items ---------------------------------------------------------------- */

struct item *
item_new(struct conn *conn, int to, enum item_kind kind, uint64_t stream)
{
	struct item *item = calloc(1, sizeof(*item));

	if (item == NULL)
		abort();
	item->conn = conn;
	item->to = to;
	item->kind = kind;
	item->stream = stream;
	return item;
}

void
item_data(struct item *item, const void *data, size_t len)
{
	item->data = malloc(len + 1);
	if (item->data == NULL)
		abort();
	if (len > 0)
		memcpy(item->data, data, len);
	item->len = len;
}

static void
item_free(struct item *item)
{
	sim_headers_free(&item->headers);
	free(item->data);
	free(item);
}

static struct way *
way_of(const struct item *item)
{
	const struct conn *conn = item->conn;

	if (conn->client_host < 0)
		return NULL;
	return item->to == TO_SERVER
	    ? &ways[conn->client_host][conn->server_host]
	    : &ways[conn->server_host][conn->client_host];
}

static void
refuse(struct conn *conn, const char *why)
{
	struct item *item = item_new(conn, TO_CLIENT, ITEM_CLOSE, 0);

	error_set_id(&item->error, "E6004", ERROR_BUSY, "%s", why);
	item_send(item);
}

/* A connection comes to a door, if there is one. */
static void
arrive(struct conn *conn)
{
	struct http_server *server = doors[conn->server_host][conn->is_local];

	if (conn->client == NULL || conn->is_broken)
		return;
	if (server == NULL) {
		refuse(conn, "connection refused");
		return;
	}
	conn->server = server;
	conn->server_role = server->role;
	item_send(item_new(conn, TO_CLIENT, ITEM_OPENED, 0));
}

static void
take(void *arg)
{
	struct item *item = arg;
	struct conn *conn = item->conn;

	sim_hash(&item->kind, sizeof(item->kind));
	sim_hash(item->data, item->len);
	if (conn->is_broken && item->kind != ITEM_CLOSE) {
		item_free(item);
		return;
	}
	if (item->to == TO_SERVER && conn->server != NULL)
		server_take(conn->server, item);
	else if (item->to == TO_CLIENT && conn->client != NULL)
		client_take(conn->client, item);
	item_free(item);
}

static void pass(void *arg);

static void
schedule(struct item *item, int64_t at)
{
	struct conn *conn = item->conn;

	if (at < conn->last_at[item->to])
		at = conn->last_at[item->to];
	conn->last_at[item->to] = at;
	sim_at(at, NULL, pass, item);
}

/* It got through, unless the way is clogged; then it is the receiver's. */
static void
pass(void *arg)
{
	struct item *item = arg;
	struct way *way = way_of(item);

	if (way != NULL && (way->is_clogged || way->first != NULL)) {
		if (way->first == NULL)
			way->last = &way->first;
		item->next = NULL;
		*way->last = item;
		way->last = &item->next;
		return;
	}
	if (item->kind == ITEM_OPEN) {
		arrive(item->conn);
		item_free(item);
		return;
	}
	sim_at(sim.now,
	    item->to == TO_SERVER ? item->conn->server_role
				  : item->conn->client_role,
	    take, item);
}

void
item_send(struct item *item)
{
	int64_t slowest = item->conn->is_local ? SIM_MS / 10 : sim_net_slowest;
	int64_t least = item->conn->is_local ? 20 : 200;
	int64_t after = sim_chance(10) ? sim_between(least, slowest)
				       : sim_between(least, least * 5);

	schedule(item, sim_time() + after);
}

/* ---- ways ----------------------------------------------------------------- */

void
sim_net_clog(int from, int to)
{
	ways[from][to].is_clogged = true;
}

bool
sim_net_is_clogged(int from, int to)
{
	return ways[from][to].is_clogged;
}

void
sim_net_clear(int from, int to)
{
	struct way *way = &ways[from][to];
	struct item *item = way->first;

	way->is_clogged = false;
	way->first = NULL;
	while (item != NULL) {
		struct item *next = item->next;

		schedule(item, sim_time() + sim_between(1, 200));
		item = next;
	}
}

/* ---- connections ----------------------------------------------------------- */

struct http_server *
door_server(int host, bool is_local)
{
	return doors[host][is_local];
}

int
sim_http_door(const struct sim_host *host, bool is_local)
{
	return DOOR_FIRST + host->index * 2 + (is_local ? 1 : 0);
}

struct conn *
conn_new(struct http_client *client, int server_host)
{
	struct conn *conn = calloc(1, sizeof(*conn));
	const struct sim_host *host = sim_host_of(client->role);

	if (conn == NULL)
		abort();
	conn->client = client;
	conn->client_role = client->role;
	conn->client_host = host != NULL ? host->index : -1;
	conn->server_host = server_host;
	conn->is_local = client->tls == NULL;
	conn->next = conns;
	conns = conn;
	return conn;
}

/* Both sides will notice; what is on its way is lost. */
static void
break_conn(struct conn *conn)
{
	if (conn->is_broken)
		return;
	conn->is_broken = true;
	item_send(item_new(conn, TO_CLIENT, ITEM_CLOSE, 0));
	if (conn->server != NULL)
		item_send(item_new(conn, TO_SERVER, ITEM_CLOSE, 0));
}

void
sim_net_break_one(void)
{
	size_t count = 0;
	size_t chosen;

	for (struct conn *conn = conns; conn != NULL; conn = conn->next)
		count += !conn->is_local && !conn->is_broken &&
			conn->client != NULL && conn->server != NULL
		    ? 1
		    : 0;
	if (count == 0)
		return;
	chosen = (size_t)sim_below(count);
	for (struct conn *conn = conns; conn != NULL; conn = conn->next) {
		if (conn->is_local || conn->is_broken || conn->client == NULL ||
		    conn->server == NULL)
			continue;
		if (chosen-- == 0) {
			sim_note("connection %d to %d breaks",
			    conn->client_host, conn->server_host);
			break_conn(conn);
			return;
		}
	}
}

/* Drop those that nobody has any more. */
static void
sweep_conns(void)
{
	struct conn **at = &conns;

	while (*at != NULL) {
		if ((*at)->client == NULL && (*at)->server == NULL)
			*at = (*at)->next;
		else
			at = &(*at)->next;
	}
}

void
sim_http_forget(struct sim_host *host)
{
	doors[host->index][0] = doors[host->index][1] = NULL;
	for (struct conn *conn = conns; conn != NULL; conn = conn->next) {
		if (conn->client_host == host->index) {
			conn->client = NULL;
			break_conn(conn);
		}
		if (conn->server_host == host->index) {
			server_forget(conn);
			conn->server = NULL;
			break_conn(conn);
		}
	}
	sweep_conns();
}

/* ---- doors ----------------------------------------------------------------- */

int
http_server_new(const struct http_server_options *options,
    struct http_server **ret_server, struct error *err)
{
	struct http_server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		return error_set_memory(err);
	server->role = sim.role;
	server->tls = options->tls;
	server->events = options->events;
	server->ctx = options->ctx;
	server->limits = http_limits_of(&options->limits);
	*ret_server = server;
	return 0;
}

/* Only when its role did not start. */
void
http_server_free(struct http_server *server)
{
	(void)server;
}

int
http_server_listen(struct http_server *server, int listen_fd, struct error *err)
{
	int door = listen_fd - DOOR_FIRST;

	(void)err;
	server->door = door;
	doors[door / 2][door % 2] = server;
	return 0;
}

int
http_server_serve(struct http_server *server, int fd,
    const struct net_peer *peer, struct error *err)
{
	(void)server;
	(void)fd;
	(void)peer;
	return error_set(err, ERROR_SYSTEM, "not simulated");
}

void
http_server_drain(struct http_server *server, uint32_t spread_ms)
{
	(void)server;
	(void)spread_ms;
}

struct http_server_counts
http_server_counts(const struct http_server *server)
{
	(void)server;
	return (struct http_server_counts){ 0 };
}
