#include "role/requests/requests_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "store/query.h"
#include "store/rows.h"

enum { HOUR_MS = 3600 * 1000, NUMBER_SIZE = 24 };

const char requests_schema[] =
    "CREATE TABLE case_request ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
    " key TEXT UNIQUE, host TEXT NOT NULL, target TEXT NOT NULL,"
    " definition TEXT NOT NULL, organisation TEXT NOT NULL,"
    " move TEXT NOT NULL, evidence TEXT NOT NULL, name TEXT NOT NULL,"
    " at INTEGER NOT NULL, digest BLOB NOT NULL, body BLOB,"
    " failures INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0,"
    " is_taken INTEGER NOT NULL DEFAULT 0,"
    " is_open INTEGER NOT NULL DEFAULT 1, case_id TEXT NOT NULL DEFAULT '',"
    " case_state TEXT NOT NULL DEFAULT '',"
    " state BLOB, refused BLOB, changed INTEGER NOT NULL DEFAULT 0,"
    " changed_at INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX case_request_due ON case_request (due)"
    " WHERE body IS NOT NULL;"
    "CREATE INDEX case_request_host ON case_request (host, at);"
    "CREATE INDEX case_request_news ON case_request (host, changed);"
    "CREATE INDEX case_request_open ON case_request (is_open, number);"
    "CREATE INDEX case_request_case ON case_request (case_id);"
    /* How far news of the host above are known, and our own number of news. */
    "CREATE TABLE case_request_place (one INTEGER PRIMARY KEY"
    " CHECK (one = 1), after INTEGER NOT NULL, changed INTEGER NOT NULL)"
    " STRICT;"
    "INSERT INTO case_request_place VALUES (1, 0, 0);";

const char requests_again_schema[] =
    "ALTER TABLE case_request ADD COLUMN is_handed INTEGER NOT NULL DEFAULT 0;"
    "DROP INDEX case_request_due;"
    "CREATE INDEX case_request_due ON case_request (due)"
    " WHERE body IS NOT NULL AND is_handed = 0;"
    /* The host above's, and whether news came of a request that is not here. */
    "ALTER TABLE case_request_place ADD COLUMN"
    " epoch INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE case_request_place ADD COLUMN"
    " missed INTEGER NOT NULL DEFAULT 0;";

void
requests_organisation(const struct case_request *request,
    char to[ORG_TEXT_SIZE])
{
	struct json_document *document = NULL;
	struct error ignored = { 0 };
	const char *text = NULL;

	to[0] = '\0';
	if (json_read(request->fields.data, request->fields.len,
		CASE_REQUEST_MAX, &document, &ignored) < 0)
		return;
	text = json_value_text(
	    json_value_member(json_root(document), "organisation"));
	if (text == NULL || !text_copy(to, ORG_TEXT_SIZE, text))
		to[0] = '\0';
	json_document_free(document);
}

/* ---- keeping -------------------------------------------------------------------- */

/* 1: the same is here; 0: it is not; -1, also for another one of this id. */
static int
find_same(struct rows *rows, const char *id, const struct digest *digest,
    struct error *err)
{
	struct digest known = { { 0 } };
	struct query *query;
	int more;

	if (query_begin(rows, "SELECT digest FROM case_request WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, id);
	more = query_next(query, err);
	if (more > 0)
		query_digest(query, 0, &known);
	query_end(query);
	if (more <= 0)
		return more;
	return digest_equal(&known, digest)
	    ? 1
	    : error_set_id(err, "E7305", ERROR_EXISTS, "request %s", id);
}

static int
check_flood(struct rows *rows, const char *host, int64_t now, struct error *err)
{
	struct query *query;
	int64_t hour, waiting;

	if (query_begin(rows,
		"SELECT count(*) FROM case_request WHERE host = ?1"
		" AND at > ?2",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, host);
	query_bind_int(query, 2, now - HOUR_MS);
	if (query_finish_int(query, &hour, err) < 0 ||
	    query_begin(rows,
		"SELECT count(*) FROM case_request WHERE host = ?1"
		" AND body IS NOT NULL AND is_handed = 0",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, host);
	if (query_finish_int(query, &waiting, err) < 0)
		return -1;
	if (hour < REQUESTS_HOUR_MAX && waiting < REQUESTS_WAITING_MAX)
		return 0;
	error_set_id(err, "E7303", ERROR_BUSY,
	    "%s: %" PRId64 " within an hour, %" PRId64 " not handed up yet",
	    host, hour, waiting);
	err->retry_after_s = 600;
	return -1;
}

static int
forget_oldest(struct rows *rows, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"DELETE FROM case_request WHERE is_open = 0 AND number <="
		" (SELECT max(number) FROM case_request) - ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, REQUESTS_KEPT_MAX);
	return query_finish(query, err);
}

int
requests_keep(struct rows *rows, const struct case_request *request,
    const struct bytes *body, const char *key, int64_t now, struct error *err)
{
	char organisation[ORG_TEXT_SIZE];
	char id[ID_TEXT_SIZE];
	struct digest digest;
	struct query *query;
	int found;

	id_format(&request->id, id);
	sha256(body->data, body->len, &digest);
	requests_organisation(request, organisation);
	found = find_same(rows, id, &digest, err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	if (check_flood(rows, request->host, now, err) < 0 ||
	    query_begin(rows,
		"INSERT INTO case_request (id, key, host, target, definition,"
		" organisation, move, evidence, name, at, digest, body)"
		" VALUES (?1, ?2, ?3, ?4, ?5,"
		/* Of what follows another one it is the same. */
		" coalesce(nullif(?6, ''), (SELECT organisation FROM"
		" case_request WHERE ?4 <> '' AND (id = ?4 OR case_id = ?4)"
		" LIMIT 1), ''),"
		" ?7, ?8, ?9, ?10, ?11, ?12)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, id);
	if (key[0] != '\0')
		query_bind_text(query, 2, key);
	else
		query_bind_null(query, 2);
	query_bind_text(query, 3, request->host);
	query_bind_text(query, 4, request->target);
	query_bind_text(query, 5, request->definition);
	query_bind_text(query, 6, organisation);
	query_bind_text(query, 7, request->move);
	query_bind_text(query, 8, request->evidence);
	query_bind_text(query, 9, request->file_name);
	query_bind_int(query, 10, now);
	query_bind_digest(query, 11, &digest);
	query_bind_data(query, 12, body->data, body->len);
	if (query_finish(query, err) < 0 || forget_oldest(rows, err) < 0)
		return -1;
	return 1;
}

int
requests_find_key(struct rows *rows, const char *key, char to[ID_TEXT_SIZE],
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows, "SELECT id FROM case_request WHERE key = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, key);
	more = query_next(query, err);
	if (more > 0)
		text_copy(to, ID_TEXT_SIZE, query_text(query, 0));
	query_end(query);
	return more;
}

int
requests_find_target(struct rows *rows, const char *target,
    char to_organisation[ORG_TEXT_SIZE], struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT organisation FROM case_request WHERE id = ?1"
		" OR (case_id = ?1 AND ?1 <> '') ORDER BY number LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, target);
	more = query_next(query, err);
	if (more > 0)
		text_copy(to_organisation, ORG_TEXT_SIZE, query_text(query, 0));
	query_end(query);
	return more;
}

/* ---- reading -------------------------------------------------------------------------------- */

static void
write_json(struct json_writer *writer, const char *key, struct query *query,
    int column)
{
	size_t len = 0;
	const void *data = query_data(query, column, &len);

	if (data == NULL)
		json_write_null(writer, key);
	else
		json_write_raw(writer, key, data, len);
}

#define REQUEST_COLUMNS                                                    \
	"SELECT number, id, host, target, definition, organisation, move," \
	" evidence, name, at, body IS NULL OR is_handed = 1, is_taken,"    \
	" is_open, case_id,"                                               \
	" state, refused, case_state FROM case_request"

static void
write_one(struct query *query, bool is_whole, struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "id", query_text(query, 1));
	json_write_text(writer, "host", query_text(query, 2));
	json_write_text(writer, "about", query_text(query, 3));
	json_write_text(writer, "definition", query_text(query, 4));
	json_write_text(writer, "organisation", query_text(query, 5));
	json_write_text(writer, "move", query_text(query, 6));
	json_write_text(writer, "evidence", query_text(query, 7));
	json_write_text(writer, "name", query_text(query, 8));
	json_write_time(writer, "at", query_int(query, 9));
	json_write_bool(writer, "handed_up", query_int(query, 10) != 0);
	json_write_bool(writer, "taken", query_int(query, 11) != 0);
	json_write_bool(writer, "open", query_int(query, 12) != 0);
	json_write_text(writer, "case_id", query_text(query, 13));
	json_write_text(writer, "state", query_text(query, 16));
	if (is_whole)
		write_json(writer, "case", query, 14);
	write_json(writer, "refused", query, 15);
	json_write_end(writer);
}

int
requests_write_list(struct rows *rows, const char *scope, int64_t before,
    unsigned limit, struct json_writer *writer, struct error *err)
{
	char next[NUMBER_SIZE] = "";
	struct query *query;
	int64_t last = 0;
	unsigned count = 0;
	int more;

	if (query_begin(rows,
		REQUEST_COLUMNS " WHERE number < ?1"
				" AND substr(organisation, 1, length(?2)) = ?2"
				" ORDER BY number DESC",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, before);
	query_bind_text(query, 2, scope);
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "requests");
	while ((more = query_next(query, err)) > 0 && count++ < limit) {
		last = query_int(query, 0);
		write_one(query, false, writer);
	}
	query_end(query);
	json_write_end(writer);
	if (more > 0)
		snprintf(next, sizeof(next), "%" PRId64, last);
	json_write_text(writer, "next", next);
	json_write_end(writer);
	return more < 0 ? -1 : 0;
}

int
requests_write_one(struct rows *rows, const char *scope, const char *id,
    struct json_writer *writer, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		REQUEST_COLUMNS " WHERE (id = ?1 OR (case_id = ?1"
				" AND definition <> '')) AND ?1 <> ''"
				" AND substr(organisation, 1, length(?2)) = ?2",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, id);
	query_bind_text(query, 2, scope);
	more = query_next(query, err);
	if (more > 0)
		write_one(query, true, writer);
	query_end(query);
	if (more == 0)
		return error_set_id(err, "E7304", ERROR_NOT_FOUND,
		    "request %.40s", id);
	return more < 0 ? -1 : 0;
}

int
requests_write_news(struct rows *rows, const char *host, int64_t after,
    struct json_writer *writer, struct error *err)
{
	size_t bytes = 0;
	struct query *query;
	int64_t newest = 0, next;
	int more;

	if (query_begin(rows, "SELECT changed FROM case_request_place", &query,
		err) < 0 ||
	    query_finish_int(query, &newest, err) < 0)
		return -1;
	/* Our rows are older than what was asked from: a backup. */
	next = after = after > newest ? 0 : after;
	if (query_begin(rows,
		"SELECT id, is_taken, is_open, case_id, state, refused, changed"
		" FROM case_request WHERE host = ?1 AND changed > ?2"
		" ORDER BY changed",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, host);
	query_bind_int(query, 2, after);
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "requests");
	while ((more = query_next(query, err)) > 0) {
		size_t state_len = 0, refused_len = 0;

		query_data(query, 4, &state_len);
		query_data(query, 5, &refused_len);
		bytes += state_len + refused_len + 256;
		if (bytes > REQUESTS_NEWS_MAX)
			break;
		next = query_int(query, 6);
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "id", query_text(query, 0));
		json_write_bool(writer, "taken", query_int(query, 1) != 0);
		json_write_bool(writer, "open", query_int(query, 2) != 0);
		json_write_text(writer, "case_id", query_text(query, 3));
		write_json(writer, "case", query, 4);
		write_json(writer, "refused", query, 5);
		json_write_end(writer);
	}
	query_end(query);
	json_write_end(writer);
	json_write_int(writer, "next", more == 0 ? newest : next);
	json_write_end(writer);
	return more < 0 ? -1 : 0;
}
