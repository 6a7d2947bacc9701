#include "center/log/center_stamp.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/log/center_stamp_rows.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "crypto/time_token.h"
#include "exchange/retry.h"
#include "role/message.h"
#include "service/config.h"
#include "store/leaves.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	SERVERS_MAX = 8,
	TICK_MS = 1000,
	IDLE_MS = 30 * 1000, /* the log has not grown: look again */
	TIMEOUT_MS = 30 * 1000,
	SKEW_MS = 10 * 60 * 1000, /* of their clock against ours */
};

/* A server of a time-stamping authority. */
struct server {
	struct group_op op; /* first: the group hands it back */
	struct center_stamp *stamp;
	char url[MESSAGE_URL_SIZE];
	char address[MESSAGE_ADDRESS_SIZE];
	struct retry retry;
	int64_t due_at;
	uint64_t stamped; /* records of the last checkpoint that it stamped */

	/* The question under way. */
	bool is_busy;
	uint64_t size;
	struct bytes note;
	struct digest digest;
	uint64_t nonce;
	struct bytes body; /* the verifier's answer */
	struct message_stamp found;
};

struct center_stamp {
	struct center *center;
	struct loop_timer *timer;
	struct retry_bounds bounds;
	int64_t interval_ms;
	struct server servers[SERVERS_MAX];
	size_t count;
};

/* ---- the end --------------------------------------------------------- */

static int64_t
now_of(const struct server *server)
{
	return spool_now(&server->stamp->center->spool);
}

static void
fail(struct server *server, const struct error *failure)
{
	uint32_t random = 0;
	struct error ignored = { 0 };
	struct log_line line;

	if (random_fill(&random, sizeof(random), &ignored) < 0)
		random = 0;
	retry_failed(&server->retry, &server->stamp->bounds, now_of(server), 0,
	    random);
	server->due_at = server->retry.next_at;
	server->is_busy = false;
	log_begin(&line, &server->stamp->center->spool.env->log,
	    LOG_LEVEL_WARNING, "log.stamp");
	log_text(&line, "url", server->url);
	log_error(&line, failure);
	log_end(&line);
}

static int
apply(struct group_op *op, struct error *err)
{
	struct server *server = (struct server *)(void *)op;

	return center_stamp_row_add(store_rows(
					server->stamp->center->spool.store),
	    server->url, server->size, &server->note, &server->found,
	    now_of(server), err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct server *server = (struct server *)(void *)op;
	struct log_line line;

	if (failure != NULL) {
		fail(server, failure);
		return;
	}
	retry_succeeded(&server->retry);
	server->stamped = server->size;
	server->due_at = now_of(server) + server->stamp->interval_ms;
	server->is_busy = false;
	log_begin(&line, &server->stamp->center->spool.env->log,
	    LOG_LEVEL_NOTICE, "log.stamped");
	log_u64(&line, "size", server->size);
	log_text(&line, "authority", server->found.authority);
	log_end(&line);
}

/* ---- answers --------------------------------------------------------- */

static void
on_verified(void *ctx, struct ipc_message *message)
{
	struct server *server = ctx;
	struct error err = { 0 };
	int64_t away;

	bytes_clear(&server->body);
	bytes_put(&server->body, message->body, message->len);
	if (message_read(message, MESSAGE_STAMP, &server->found, &err) == 0 &&
	    bytes_failed(&server->body, &err) == 0 &&
	    codec_decode(message_fields(MESSAGE_STAMP), server->body.data,
		server->body.len, &server->found, &err) == 0) {
		away = server->found.time - now_of(server);
		if (away > SKEW_MS || away < -SKEW_MS)
			error_set_id(&err, "E3602", ERROR_UNTRUSTED,
			    "time stamp: %lld s away from the clock here",
			    (long long)away / 1000);
	}
	if (err.code != ERROR_NONE) {
		fail(server, &err);
		return;
	}
	server->op.apply = apply;
	server->op.finish = finish;
	group_add(server->stamp->center->spool.group, &server->op);
}

static void
on_fetched(void *ctx, struct ipc_message *message)
{
	struct server *server = ctx;
	struct message_verify_stamp verify = { .digest = server->digest,
		.nonce = server->nonce };
	struct message_fetched fetched;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_FETCHED, &fetched, &err) == 0 &&
	    fetched.status != 200)
		error_set_id(&err, "E6305", ERROR_BUSY,
		    "it answers with status %u", fetched.status);
	if (err.code == ERROR_NONE) {
		verify.response = fetched.body;
		if (peer_ask(server->stamp->center->spool.verifier,
			MESSAGE_VERIFY_STAMP, &verify, -1, on_verified, server,
			NULL, &err) == 0)
			return;
	}
	fail(server, &err);
}

/* ---- asking ---------------------------------------------------------- */

static int
ask(struct server *server, struct error *err)
{
	struct message_fetch fetch = { .type = "application/timestamp-query",
		.answer_max = TIME_TOKEN_MAX,
		.timeout_ms = TIMEOUT_MS };
	struct bytes query = { 0 };
	int rc = -1;

	memcpy(fetch.url, server->url, sizeof(fetch.url));
	memcpy(fetch.address, server->address, sizeof(fetch.address));
	sha256(server->note.data, server->note.len, &server->digest);
	if (random_fill(&server->nonce, sizeof(server->nonce), err) < 0)
		return -1;
	server->nonce |= 1; /* 0 is none */
	if (time_token_request(&server->digest, server->nonce, &query, err) ==
	    0) {
		fetch.body = blob_of_bytes(&query);
		rc = peer_ask(server->stamp->center->spool.courier,
		    MESSAGE_FETCH, &fetch, -1, on_fetched, server, NULL, err);
	}
	bytes_free(&query);
	return rc;
}

static void
begin(struct server *server)
{
	struct error err = { 0 };
	struct leaves *leaves =
	    store_leaves(server->stamp->center->spool.store);

	bytes_clear(&server->note);
	if (leaves_checkpoint_find(leaves, UINT64_MAX, &server->size,
		&server->note, &err) < 0 ||
	    server->size == server->stamped) {
		/* Nothing that was not stamped before. */
		server->due_at = now_of(server) + IDLE_MS;
		return;
	}
	server->is_busy = true;
	if (ask(server, &err) < 0)
		fail(server, &err);
}

static void
on_tick(void *ctx)
{
	struct center_stamp *stamp = ctx;

	for (size_t i = 0; i < stamp->count; i++) {
		struct server *server = &stamp->servers[i];

		if (!server->is_busy && server->due_at <= now_of(server))
			begin(server);
	}
}

/* ---- life ------------------------------------------------------------ */

void
center_stamp_start(struct center_stamp *stamp)
{
	struct rows *rows = store_rows(stamp->center->spool.store);

	for (size_t i = 0; i < stamp->count; i++) {
		struct server *server = &stamp->servers[i];
		struct error err = { 0 };
		int64_t at = 0;

		if (center_stamp_row_last(rows, server->url, &at,
			&server->stamped, &err) < 0)
			log_failure(&stamp->center->spool.env->log,
			    LOG_LEVEL_WARNING, "log.stamp", &err);
		if (at > 0)
			server->due_at = at + stamp->interval_ms;
	}
	if (stamp->count > 0)
		loop_timer_repeat(stamp->timer, TICK_MS);
}

/* "URL" or "URL ADDRESS", as the configuration has checked. */
static bool
add_server(struct center_stamp *stamp, const char *text, size_t len)
{
	struct server *server = &stamp->servers[stamp->count];
	size_t url_len = strcspn(text, " ,");
	size_t address_len = url_len < len ? len - url_len - 1 : 0;

	if (stamp->count == SERVERS_MAX ||
	    !text_copy_len(server->url, sizeof(server->url), text, url_len) ||
	    !text_copy_len(server->address, sizeof(server->address),
		text + len - address_len, address_len))
		return false;
	server->stamp = stamp;
	stamp->count++;
	return true;
}

static int
read_servers(struct center_stamp *stamp, const char *text, struct error *err)
{
	while (*text != '\0') {
		size_t len = strcspn(text, ",");

		if (!add_server(stamp, text, len))
			return error_set_id(err, "E1103", ERROR_MALFORMED,
			    "[timestamp] urls: too long, or more than %d",
			    SERVERS_MAX);
		text += len;
		text += strspn(text, ", ");
	}
	return 0;
}

int
center_stamp_new(struct center *center, struct center_stamp **ret_stamp,
    struct error *err)
{
	const struct config *config = center->spool.env->config;
	struct center_stamp *stamp = calloc(1, sizeof(*stamp));

	if (stamp == NULL)
		return error_set_memory(err);
	stamp->center = center;
	stamp->interval_ms = config->timestamp.interval_s * 1000;
	stamp->bounds = (struct retry_bounds){ config->courier.retry_first_ms,
		config->courier.retry_max_ms };
	if (read_servers(stamp, config->timestamp.urls, err) < 0 ||
	    loop_timer_new(center->spool.env->loop, on_tick, stamp,
		&stamp->timer, err) < 0) {
		free(stamp);
		return -1;
	}
	*ret_stamp = stamp;
	return 0;
}
