/*
 * What the query roles of all tiers share: the store opened read-only, payload
 * handed out in slots, bulletins, and the directory.  A tier embeds `struct
 * queries` as its first member, so that the handlers here fit into its tables.
 */
#ifndef ROLE_QUERIES_H
#define ROLE_QUERIES_H

#include <stdint.h>

#include "base/attr.h"
#include "model/digest.h"
#include "model/version.h"
#include "role/env.h"
#include "role/message.h"
#include "role/peer.h"

struct arena;
struct bytes;
struct directory_view;
struct error;
struct json_writer;
struct query_links;
struct rows;
struct store_view;

/* How a check of GET /v1/health came out. */
enum queries_check { QUERIES_OK, QUERIES_WARNING, QUERIES_FAILED };

enum { QUERIES_CODE_SIZE = 80 };

/* What was read of the release bulletin of that digest. */
struct queries_release {
	struct digest digest;
	enum queries_check state;
	char text[128]; /* its version and check code */
	char version[VERSION_SIZE];
	char least[VERSION_SIZE];
	char code[QUERIES_CODE_SIZE];
	uint64_t serial;
	int64_t issued_at;
	int64_t alarm_at; /* what was refused then is in the log; 0: nothing */
};

struct queries {
	struct role_env *env;
	struct store_view *view; /* NULL until the spooler made the store */
	struct peer *listener;
	struct peer *courier; /* NULL at management */
	struct peer *spooler;
	struct arena *to_listener;
	struct arena *to_courier;
	struct directory_view *directory;
	struct loop_timer *open_timer;
	struct loop_timer *alarm_timer; /* role/query/queries_release.h */
	struct queries_pages *pages;    /* NULL before anybody asked for them */
	struct query_links *links;
	const char *language; /* of the request that is answered */
	struct queries_release release;
	const struct queries_tier *tier;
};

struct queries_tier {
	uint32_t application_id;       /* as in struct spool_tier, all three */
	const char *const *migrations; /* those of the spooler */
	size_t migration_count;
	const struct peer_handler *listener_handlers;
	/* Checks of the tier in GET /v1/health, by queries_write_check(). */
	void (
	    *write_checks)(struct queries *queries, struct json_writer *writer);
	bool has_conflicts; /* has that table of role/log/witness.h */
};

/* Opens the channels now and the store as soon as it is there. */
int queries_open(struct queries *queries, struct role_env *env,
    const struct queries_tier *tier, struct error *err) MUST_CHECK;

/*
 * The rows, for a request; NULL with ERROR_BUSY while the store is not there.
 */
struct rows *queries_rows(struct queries *queries, struct error *err);

/* NULL while it is not known. */
const struct directory *queries_directory(const struct queries *queries);

/*
 * One check of GET /v1/health.  `id` is the message for people of one that is not
 * well, "" for none; `text` says more, for who looks after the host.
 */
void queries_write_check(const struct queries *queries,
    struct json_writer *writer, const char *name, enum queries_check state,
    const char *id, const char *text);

/* The same from rows: `state` appends the text; "" for `ret_id` is well. */
typedef int (*queries_state_fn)(struct rows *rows, int64_t now_ms,
    const char **ret_id, struct bytes *to, struct error *err);
void queries_write_state(struct queries *queries, struct json_writer *writer,
    const char *name, queries_state_fn state);

/* The whole answer, what `ready` in it says, and how fresh trust is. */
void queries_write_health(struct queries *queries, struct json_writer *writer);
bool queries_is_ready(const struct queries *queries);
const char *queries_grade(const struct queries *queries);

/* For the handler tables: messages payload_read, payload_free, bulletins_read. */
void queries_on_payload_read(void *ctx, struct peer *peer,
    struct ipc_message *message);
void queries_on_payload_free(void *ctx, struct peer *peer,
    struct ipc_message *message);
void queries_on_bulletins_read(void *ctx, struct peer *peer,
    struct ipc_message *message);

/* "/readyz": as GET /v1/health, with status 503 while the host is not ready. */
extern const char queries_ready_path[];

/*
 * The answers that every host gives: that, and on its control socket GET
 * /v1/health and GET /v1/bulletins, and with that table GET /v1/conflicts.  False if the request is another one.
 */
bool queries_answer(struct queries *queries, struct peer *peer, uint32_t id,
    const struct message_request *request);

/*
 * GET /v1/bulletins/{type} and /v1/bulletins/{type}/{name}: the newest one in
 * CMS.  False if the request is another one.
 */
bool queries_answer_bulletin(struct queries *queries, struct peer *peer,
    uint32_t id, const struct message_request *request);

/* For the handler tables: message pages_read. */
void queries_on_pages_read(void *ctx, struct peer *peer,
    struct ipc_message *message);

/*
 * GET /v1/directory?q=, /v1/directory/{code}[?serial=N] and
 * /v1/directory/{code}/history, on every host.  False if the request is another
 * one.
 */
bool queries_answer_directory(struct queries *queries, struct peer *peer,
    uint32_t id, const struct message_request *request);

/* Message request, for a tier that has no answers but those. */
void queries_on_request(void *ctx, struct peer *peer,
    struct ipc_message *message);

/* Answer with a JSON body, which is freed. */
void queries_reply(struct peer *peer, uint32_t id, int status,
    struct bytes *json);

#endif
