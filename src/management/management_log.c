#include "management/management_log.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/log_entry.h"
#include "envelope/bundle.h"
#include "json/json_write.h"
#include "management/management.h"
#include "management/management_epoch.h"
#include "role/log/cosign.h"
#include "service/config.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/store.h"

enum { ACTS_MAX = 1000 };

const char management_log_schema[] =
    /* Which entries are acts; what they say stands in the log alone. */
    "CREATE TABLE administration (entry INTEGER PRIMARY KEY) STRICT;";

static struct rows *
rows_of(const struct management *management)
{
	return store_rows(management->spool.store);
}

/* ---- entries ---------------------------------------------------------- */

static int
append_published(struct management *management,
    const struct log_entry_published *published, uint64_t *ret_entry,
    struct error *err)
{
	struct bytes json = { 0 };
	int rc = -1;

	if (log_entry_put_published(published, &json, err) == 0 &&
	    bytes_failed(&json, err) == 0)
		rc = host_log_append(&management->log, &json, ret_entry, err);
	bytes_free(&json);
	return rc;
}

int
management_log_on_store(void *ctx, const struct bulletins_stored *stored,
    int64_t *ret_entry, struct error *err)
{
	struct management *management = ctx;
	struct log_entry_published published = { .type = stored->type,
		.serial = stored->serial,
		.sha256 = stored->digest,
		.time_ms = spool_now(&management->spool) };
	uint64_t entry;

	text_copy(published.environment, sizeof(published.environment),
	    management->spool.env->config->host.environment);
	text_copy(published.name, sizeof(published.name), stored->name);
	/* A checkpoint is asked for only where a timestamp is the end of it. */
	if (stored->type == BULLETIN_TIMESTAMP) {
		management->timestamp = published;
		management->has_timestamp = true;
		return 0;
	}
	if (append_published(management, &published, &entry, err) < 0)
		return -1;
	*ret_entry = (int64_t)entry;
	return 0;
}

int
management_log_seal(void *ctx, struct error *err)
{
	struct management *management = ctx;
	struct query *query;
	uint64_t entry;

	if (!management->has_timestamp)
		return 0;
	management->has_timestamp = false;
	if (append_published(management, &management->timestamp, &entry, err) <
		0 ||
	    query_begin(rows_of(management),
		"UPDATE bulletin SET entry = ?1 WHERE type = ?2"
		" AND serial = ?3 AND entry IS NULL",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)entry);
	query_bind_int(query, 2, BULLETIN_TIMESTAMP);
	query_bind_int(query, 3, (int64_t)management->timestamp.serial);
	return query_finish(query, err);
}

void
management_log_attest(void *ctx)
{
	struct management *management = ctx;

	host_log_attest(&management->log);
}

int
management_log_keep(void *ctx, struct error *err)
{
	struct management *management = ctx;

	return host_log_keep(&management->log, err);
}

static int
save_act(struct management *management, uint64_t entry, struct error *err)
{
	struct query *query;

	if (query_begin(rows_of(management),
		"INSERT INTO administration (entry) VALUES (?1)", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)entry);
	return query_finish(query, err);
}

int
management_log_act(struct management *management,
    const struct management_act *act, uint64_t *ret_entry, struct error *err)
{
	const struct config *config = management->spool.env->config;
	struct log_entry_act entry = { .time_ms =
					   spool_now(&management->spool) };
	struct bytes json = { 0 };
	int rc = -1;

	text_copy(entry.environment, sizeof(entry.environment),
	    config->host.environment);
	text_copy(entry.host, sizeof(entry.host), config->host.name);
	if (!text_copy(entry.act, sizeof(entry.act), act->act) ||
	    !text_copy(entry.by, sizeof(entry.by), act->by) ||
	    !text_copy(entry.about, sizeof(entry.about), act->about) ||
	    !text_copy(entry.detail, sizeof(entry.detail), act->detail))
		return error_set_id(err, "E3610", ERROR_MALFORMED,
		    "an act of administration is too long for the log");
	if (log_entry_put_act(&entry, &json, err) == 0 &&
	    bytes_failed(&json, err) == 0 &&
	    host_log_append(&management->log, &json, ret_entry, err) == 0)
		rc = save_act(management, *ret_entry, err);
	bytes_free(&json);
	return rc;
}

/* ---- reading ---------------------------------------------------------- */

static int
write_act(struct query *query, struct json_writer *writer, struct error *err)
{
	struct log_entry_act act;
	size_t len;
	const void *json = query_data(query, 1, &len);

	if (log_entry_read_act(json, len, &act, err) < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_int(writer, "entry", query_int(query, 0));
	json_write_time(writer, "time", act.time_ms);
	json_write_text(writer, "act", act.act);
	json_write_text(writer, "by", act.by);
	json_write_text(writer, "about", act.about);
	json_write_text(writer, "detail", act.detail);
	json_write_end(writer);
	return 0;
}

int
management_log_write_acts(struct rows *rows, uint64_t after,
    struct json_writer *writer, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT entry, statement FROM administration JOIN leaf"
		" ON position = entry WHERE entry > ?1 ORDER BY entry LIMIT ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)after);
	query_bind_int(query, 2, ACTS_MAX);
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "acts");
	while ((more = query_next(query, err)) > 0)
		if (write_act(query, writer, err) < 0) {
			more = -1;
			break;
		}
	json_write_end(writer);
	json_write_end(writer);
	query_end(query);
	return more;
}

/* ---- witnesses --------------------------------------------------------- */

/* 1 and the timestamp that is this entry, or 0. */
static int
find_timestamp(struct rows *rows, uint64_t entry, struct bytes *cms,
    struct error *err)
{
	struct query *query;
	const void *data;
	size_t len;
	int found;

	if (query_begin(rows,
		"SELECT cms FROM bulletin WHERE type = ?1 AND entry = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, BULLETIN_TIMESTAMP);
	query_bind_int(query, 2, (int64_t)entry);
	found = query_next(query, err);
	if (found > 0) {
		data = query_data(query, 0, &len);
		bytes_put(cms, data, len);
		if (bytes_failed(cms, err) < 0)
			found = -1;
	}
	query_end(query);
	return found;
}

static bool
may_begin(void *ctx, uint64_t size)
{
	struct management *management = ctx;
	struct bytes cms = { 0 };
	struct error err = { 0 };
	bool ends_well =
	    find_timestamp(rows_of(management), size - 1, &cms, &err) > 0;

	bytes_free(&cms);
	return ends_well;
}

static int
wrap(void *ctx, const struct bytes *note, const struct bytes *request,
    struct bytes *to, struct error *err)
{
	struct management *management = ctx;
	struct bytes receipt = { 0 };
	struct bytes cms = { 0 };
	struct note parsed;
	uint64_t size;
	int rc = -1;

	if (note_parse(note->data, note->len, &parsed, err) < 0)
		return -1;
	size = parsed.checkpoint.size;
	if (find_timestamp(rows_of(management), size - 1, &cms, err) > 0 &&
	    host_log_receipt_by(store_leaves(management->spool.store), size - 1,
		size, note, &receipt, err) == 0) {
		bundle_put_magic(to);
		bundle_put(to, BUNDLE_COSIGN, request->data, request->len);
		bundle_put(to, BUNDLE_RECEIPT, receipt.data, receipt.len);
		bundle_put(to, BUNDLE_BULLETIN, cms.data, cms.len);
		rc = bytes_failed(to, err);
	} else if (err->code == ERROR_NONE) {
		error_set(err, ERROR_BUSY,
		    "the checkpoint does not end with a timestamp");
	}
	bytes_free(&receipt);
	bytes_free(&cms);
	return rc;
}

static int
on_good(void *ctx, uint64_t size, const struct bytes *note, struct error *err)
{
	struct management *management = ctx;

	return bulletins_show(management->spool.bulletins,
	    store_leaves(management->spool.store), size, note, err);
}

static void
on_end(void *ctx)
{
	struct management *management = ctx;

	bulletins_shown(management->spool.bulletins);
}

static void
on_checkpoint(struct host_log *log)
{
	struct management *management = (struct management *)(void *)log->spool;

	if (may_begin(management, leaves_size(store_leaves(log->spool->store))))
		cosign_wake(management->cosign);
}

/* ---- life ------------------------------------------------------------- */

int
management_log_start(struct management *management, struct error *err)
{
	const struct cosign_options options = { .log = &management->log,
		.soon_ms = 0,
		.retry_ms = 500,
		.timeout_ms = 5000,
		.is_urgent = true,
		.may_begin = may_begin,
		.wrap = wrap,
		.on_good = on_good,
		.on_end = on_end,
		.ctx = management };

	management->log.on_checkpoint = on_checkpoint;
	if (management_epoch_note_restored(management, err) < 0)
		return -1;
	return cosign_new(&options, &management->cosign, err);
}
