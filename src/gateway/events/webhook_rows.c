#include "gateway/events/webhook_rows.h"

#include "base/error.h"
#include "base/text.h"
#include "json/json_write.h"
#include "role/people/people_admit.h"
#include "store/query.h"
#include "store/rows.h"

enum { DEAD_LIST_MAX = 200 };

const char webhook_schema[] =
    "CREATE TABLE webhook ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL,"
    " organisation TEXT NOT NULL, is_enabled INTEGER NOT NULL,"
    " secret BLOB NOT NULL, after INTEGER NOT NULL,"
    " failures INTEGER NOT NULL DEFAULT 0,"
    " retry_at INTEGER NOT NULL DEFAULT 0,"
    " status INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL DEFAULT '',"
    " created_at INTEGER NOT NULL) STRICT;"
    "CREATE TABLE webhook_dead ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " webhook INTEGER NOT NULL REFERENCES webhook,"
    " event INTEGER NOT NULL, at INTEGER NOT NULL,"
    " status INTEGER NOT NULL, why TEXT NOT NULL) STRICT;"
    "CREATE INDEX webhook_dead_webhook ON webhook_dead (webhook, id);";

#define COLUMNS                                                                \
	"SELECT id, url, organisation, is_enabled, after, failures, retry_at," \
	" status, why FROM webhook"

static int
read_row(struct query *query, struct webhook *ret_webhook, struct error *err)
{
	struct webhook webhook = { .row = query_int(query, 0) };

	if (!text_copy(webhook.url, sizeof(webhook.url),
		query_text(query, 1)) ||
	    !org_code_parse(query_text(query, 2), &webhook.organisation) ||
	    !text_copy(webhook.why, sizeof(webhook.why), query_text(query, 8)))
		return error_set(err, ERROR_SYSTEM,
		    "webhook %lld is not as it was written",
		    (long long)webhook.row);
	webhook.is_enabled = query_int(query, 3) != 0;
	webhook.after = query_int(query, 4);
	webhook.failures = query_int(query, 5);
	webhook.retry_at = query_int(query, 6);
	webhook.status = query_int(query, 7);
	*ret_webhook = webhook;
	return 0;
}

static int
read_one(struct query *query, struct webhook *ret_webhook, struct error *err)
{
	int more = query_next(query, err);

	if (more > 0 && read_row(query, ret_webhook, err) < 0)
		more = -1;
	query_end(query);
	return more;
}

int
webhook_add(struct rows *rows, struct webhook *webhook,
    const struct bytes *sealed, int64_t now, struct error *err)
{
	struct query *query;
	int64_t count = 0;
	int more;

	if (query_begin(rows, "SELECT count(*) FROM webhook", &query, err) < 0)
		return -1;
	more = query_next(query, err);
	count = more > 0 ? query_int(query, 0) : 0;
	query_end(query);
	if (more < 0)
		return -1;
	if (count >= WEBHOOKS_MAX)
		return error_set_id(err, "E6417", ERROR_DENIED,
		    "%d webhooks are there", WEBHOOKS_MAX);
	if (query_begin(rows,
		"INSERT INTO webhook (url, organisation, is_enabled, secret,"
		" after, created_at) VALUES (?1, ?2, 1, ?3, ?4, ?5)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, webhook->url);
	query_bind_text(query, 2, webhook->organisation.text);
	query_bind_data(query, 3, sealed->data, sealed->len);
	query_bind_int(query, 4, webhook->after);
	query_bind_int(query, 5, now);
	if (query_finish(query, err) < 0)
		return -1;
	webhook->row = rows_last_id(rows);
	webhook->is_enabled = true;
	return 0;
}

int
webhook_find(struct rows *rows, int64_t row, struct webhook *ret_webhook,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows, COLUMNS " WHERE id = ?1", &query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	return read_one(query, ret_webhook, err);
}

int
webhook_next(struct rows *rows, int64_t row, struct webhook *ret_webhook,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		COLUMNS " WHERE id > ?1 AND is_enabled ORDER BY id LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	return read_one(query, ret_webhook, err);
}

int
webhook_save(struct rows *rows, const struct webhook *webhook,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE webhook SET is_enabled = ?2, after = ?3, failures = ?4,"
		" retry_at = ?5, status = ?6, why = ?7 WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, webhook->row);
	query_bind_int(query, 2, webhook->is_enabled);
	query_bind_int(query, 3, webhook->after);
	query_bind_int(query, 4, webhook->failures);
	query_bind_int(query, 5, webhook->retry_at);
	query_bind_int(query, 6, webhook->status);
	query_bind_text(query, 7, webhook->why);
	return query_finish(query, err);
}

int
webhook_secret(struct rows *rows, int64_t row, struct bytes *to,
    struct error *err)
{
	struct query *query;
	const void *data;
	size_t len;
	int more;

	if (query_begin(rows, "SELECT secret FROM webhook WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	more = query_next(query, err);
	if (more > 0) {
		data = query_data(query, 0, &len);
		bytes_put(to, data, len);
	}
	query_end(query);
	if (more == 0)
		return error_set(err, ERROR_NOT_FOUND, "no webhook %lld",
		    (long long)row);
	return more < 0 ? -1 : bytes_failed(to, err);
}

int
webhook_give_up(struct rows *rows, const struct webhook *webhook,
    int64_t number, int64_t now, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO webhook_dead (webhook, event, at, status, why)"
		" VALUES (?1, ?2, ?3, ?4, ?5)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, webhook->row);
	query_bind_int(query, 2, number);
	query_bind_int(query, 3, now);
	query_bind_int(query, 4, webhook->status);
	query_bind_text(query, 5, webhook->why);
	return query_finish(query, err);
}

/* ---- for people ------------------------------------------------------------ */

void
webhook_write(const struct webhook *webhook, struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	json_write_int(writer, "id", webhook->row);
	json_write_text(writer, "url", webhook->url);
	json_write_org(writer, "organisation", &webhook->organisation);
	json_write_bool(writer, "enabled", webhook->is_enabled);
	json_write_int(writer, "after", webhook->after);
	json_write_int(writer, "failures", webhook->failures);
	if (webhook->failures > 0)
		json_write_time(writer, "next_try", webhook->retry_at);
	json_write_int(writer, "status", webhook->status);
	json_write_text(writer, "why", webhook->why);
	json_write_end(writer);
}

int
webhook_write_list(struct rows *rows, const char *scope,
    struct json_writer *writer, struct error *err)
{
	struct webhook webhook;
	struct query *query;
	int more;

	if (query_begin(rows, COLUMNS " ORDER BY id", &query, err) < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "webhooks");
	while ((more = query_next(query, err)) > 0) {
		if (read_row(query, &webhook, err) < 0) {
			more = -1;
			break;
		}
		if (people_may_see(scope, webhook.organisation.text))
			webhook_write(&webhook, writer);
	}
	query_end(query);
	json_write_end(writer);
	json_write_end(writer);
	return more;
}

int
webhook_write_dead(struct rows *rows, int64_t row, struct json_writer *writer,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT event, at, status, why FROM webhook_dead"
		" WHERE webhook = ?1 ORDER BY id DESC LIMIT ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_int(query, 2, DEAD_LIST_MAX);
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "dead");
	while ((more = query_next(query, err)) > 0) {
		json_write_begin_object(writer, NULL);
		json_write_int(writer, "event", query_int(query, 0));
		json_write_time(writer, "at", query_int(query, 1));
		json_write_int(writer, "status", query_int(query, 2));
		json_write_text(writer, "why", query_text(query, 3));
		json_write_end(writer);
	}
	query_end(query);
	json_write_end(writer);
	json_write_end(writer);
	return more;
}
