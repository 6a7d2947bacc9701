#include "management/stamping.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "json/json_write.h"
#include "management/management.h"
#include "service/config.h"
#include "store/query.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	EVERY_MS = 60000,
	SOON_MS = 20, /* several publications in a row make one timestamp */
	VALID_MS = 24 * 3600 * 1000,
};

struct stamping {
	struct group_op op; /* first: the group hands it back */
	struct management *management;
	struct loop_timer *timer;
	bool is_busy;     /* one is being signed or taken */
	bool is_overdue;  /* ... and another one is wanted after it */
	bool is_restored; /* timestamps were made that our data lack */
	struct store_restored restored;
};

static void
again(struct stamping *stamping, uint64_t after_ms)
{
	stamping->is_busy = false;
	loop_timer_start(stamping->timer,
	    stamping->is_overdue ? SOON_MS : after_ms);
	stamping->is_overdue = false;
}

static void
give_up(struct stamping *stamping, const struct error *why)
{
	log_failure(&stamping->management->spool.env->log, LOG_LEVEL_ERROR,
	    "bulletin.timestamp", why);
	again(stamping, EVERY_MS / 10);
}

/* ---- after a restore -------------------------------------------------- */

/*
 * Serials of timestamps that were made since the backup are known to hosts, with
 * other digests: go beyond all of them.  There is never more than one for each
 * SOON_MS.
 */
static uint64_t
serials_to_skip(const struct stamping *stamping)
{
	int64_t passed = spool_now(&stamping->management->spool) -
	    stamping->restored.backup_at_ms;

	if (!stamping->is_restored)
		return 0;
	return 1000 + (uint64_t)(passed > 0 ? passed : 0) / SOON_MS;
}

static int
apply_forget(struct group_op *op, struct error *err)
{
	struct stamping *stamping = (struct stamping *)(void *)op;

	return store_restored_clear(stamping->management->spool.store, err);
}

static void
finish_forget(struct group_op *op, const struct error *failure)
{
	struct stamping *stamping = (struct stamping *)(void *)op;

	if (failure == NULL)
		stamping->is_restored = false;
	again(stamping, EVERY_MS);
}

static void
on_taken(void *ctx, const struct error *failure)
{
	struct stamping *stamping = ctx;

	if (failure != NULL) {
		give_up(stamping, failure);
	} else if (stamping->is_restored) {
		stamping->op.apply = apply_forget;
		stamping->op.finish = finish_forget;
		group_add(stamping->management->spool.group, &stamping->op);
	} else {
		again(stamping, EVERY_MS);
	}
}

static void
on_signed(void *ctx, struct ipc_message *message)
{
	struct stamping *stamping = ctx;
	struct message_signature answer;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_SIGNATURE, &answer, &err) < 0)
		give_up(stamping, &err);
	else
		bulletins_offer(stamping->management->spool.bulletins,
		    answer.signature.data, answer.signature.len, on_taken,
		    stamping);
}

/* The newest of each, from what is durable. */
static int
write_newest(struct stamping *stamping, struct json_writer *writer,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(store_rows(stamping->management->spool.store),
		"SELECT type, name, serial, digest, max(place) FROM bulletin"
		" WHERE type <> ?1 GROUP BY type, name ORDER BY type, name",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, BULLETIN_TIMESTAMP);
	json_write_begin_array(writer, "newest");
	while ((more = query_next(query, err)) > 0) {
		enum bulletin_type type =
		    (enum bulletin_type)query_int(query, 0);
		const char *name = query_text(query, 1);
		struct digest digest;

		/* Whatever follows it may have a lower serial. */
		if (bulletins_is_disowned(stamping->management->spool.bulletins,
			type, name))
			continue;
		query_digest(query, 3, &digest);
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "type", bulletin_type_name(type));
		json_write_text(writer, "name", name);
		json_write_int(writer, "serial", query_int(query, 2));
		json_write_digest(writer, "sha256", &digest);
		json_write_end(writer);
	}
	json_write_end(writer);
	query_end(query);
	return more;
}

static int
write_timestamp(struct stamping *stamping, struct bytes *json,
    struct error *err)
{
	const struct spool *spool = &stamping->management->spool;
	struct json_writer writer = json_writer_to(json);
	int64_t now = spool_now(spool);
	struct digest previous;
	uint64_t serial = bulletins_serial(spool->bulletins, BULLETIN_TIMESTAMP,
	    "", &previous);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", "yizhan-bulletin-1");
	json_write_text(&writer, "environment",
	    spool->env->config->host.environment);
	json_write_text(&writer, "type", "timestamp");
	json_write_text(&writer, "name", "");
	json_write_int(&writer, "serial",
	    (int64_t)(serial + 1 + serials_to_skip(stamping)));
	json_write_time(&writer, "issued", now);
	json_write_time(&writer, "expires", now + VALID_MS);
	if (serial > 0)
		json_write_digest(&writer, "previous", &previous);
	else
		json_write_text(&writer, "previous", "");
	json_write_begin_object(&writer, "body");
	if (write_newest(stamping, &writer, err) < 0)
		return -1;
	json_write_end(&writer);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static void
stamp(void *ctx)
{
	struct stamping *stamping = ctx;
	const struct spool *spool = &stamping->management->spool;
	struct message_sign ask = { .key = "timestamp",
		.kind = KEEPER_BULLETIN,
		.time = spool_now(spool) };
	struct bytes json = { 0 };
	struct error err = { 0 };

	/* Nothing to stamp before the first root. */
	if (stamping->is_busy ||
	    bulletins_serials(spool->bulletins).root == 0 ||
	    spool_key_find(spool, "timestamp") == NULL)
		return;
	stamping->is_busy = true;
	if (write_timestamp(stamping, &json, &err) == 0) {
		ask.statement = blob_of_bytes(&json);
		if (peer_ask(spool->keeper, MESSAGE_SIGN, &ask, -1, on_signed,
			stamping, NULL, &err) == 0) {
			bytes_free(&json);
			return;
		}
	}
	bytes_free(&json);
	give_up(stamping, &err);
}

int
stamping_new(struct management *management, struct stamping **ret_stamping,
    struct error *err)
{
	struct stamping *stamping = calloc(1, sizeof(*stamping));
	int found;

	if (stamping == NULL)
		return error_set_memory(err);
	stamping->management = management;
	found = store_restored_find(store_rows(management->spool.store),
	    &stamping->restored, err);
	stamping->is_restored = found > 0;
	if (found < 0 ||
	    loop_timer_new(management->spool.env->loop, stamp, stamping,
		&stamping->timer, err) < 0) {
		free(stamping);
		return -1;
	}
	*ret_stamping = stamping;
	return 0;
}

void
stamping_free(struct stamping *stamping)
{
	if (stamping == NULL)
		return;
	loop_timer_free(stamping->timer);
	free(stamping);
}

void
stamping_wake(struct stamping *stamping)
{
	if (stamping->is_busy)
		stamping->is_overdue = true;
	else
		loop_timer_start(stamping->timer, SOON_MS);
}
