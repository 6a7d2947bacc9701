#include "role/contents/notices.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "http/http_path.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/message.h"
#include "role/peer.h"
#include "role/query/queries.h"
#include "role/spool/group.h"
#include "service/log.h"
#include "store/query.h"

/* ---- what is different ------------------------------------------------------- */

struct sides {
	struct json_document *before;
	struct json_document *after;
};

static const struct json_value *
root_of(const struct json_document *document)
{
	return document != NULL ? json_root(document) : NULL;
}

static bool
is_of_host(const struct json_document *document, const char *host)
{
	const char *text =
	    json_value_text(json_value_member(root_of(document), "host"));

	return text != NULL && host[0] != '\0' && text_equal(text, host);
}

/* Keys by their fingerprint: nobody reads certificates. */
static void
write_key(struct json_writer *writer, const struct json_value *key)
{
	const char *text =
	    json_value_text(json_value_member(key, "certificate"));
	const char *use = json_value_text(json_value_member(key, "use"));
	const char *state = json_value_text(json_value_member(key, "state"));
	struct digest fingerprint = { { 0 } };
	struct bytes der = { 0 };
	struct error ignored = { 0 };

	if (text != NULL &&
	    base64_parse(text, strlen(text), &der, &ignored) == 0)
		sha256(der.data, der.len, &fingerprint);
	bytes_free(&der);
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "use", use != NULL ? use : "");
	json_write_text(writer, "state", state != NULL ? state : "");
	json_write_digest(writer, "sha256", &fingerprint);
	json_write_end(writer);
}

static int
write_value(struct json_writer *writer, const char *key, bool is_keys,
    const struct json_value *value, struct error *err)
{
	struct bytes json = { 0 };
	int rc = 0;

	if (value == NULL) {
		json_write_null(writer, key);
	} else if (is_keys) {
		json_write_begin_array(writer, key);
		for (size_t i = 0; i < json_value_count(value); i++)
			write_key(writer, json_value_item(value, i));
		json_write_end(writer);
	} else if ((rc = json_value_put(value, &json, err)) == 0) {
		json_write_raw(writer, key, json.data, json.len);
	}
	bytes_free(&json);
	return rc;
}

static bool
is_same(const struct json_value *a, const struct json_value *b)
{
	struct bytes left = { 0 };
	struct bytes right = { 0 };
	struct error ignored = { 0 };
	bool same = a != NULL && b != NULL &&
	    json_value_put(a, &left, &ignored) == 0 &&
	    json_value_put(b, &right, &ignored) == 0 && left.len == right.len &&
	    memcmp(left.data, right.data, left.len) == 0;

	bytes_free(&left);
	bytes_free(&right);
	return same;
}

struct comparing {
	struct json_writer *writer;
	const struct sides *sides;
};

static int
compare_member(const char *key, const struct json_value *value, void *context,
    struct error *err)
{
	const struct comparing *comparing = context;
	const struct json_value *before =
	    json_value_member(root_of(comparing->sides->before), key);
	const struct json_value *after =
	    json_value_member(root_of(comparing->sides->after), key);
	bool is_keys = text_equal(key, "keys");

	(void)value;
	if (is_same(before, after))
		return 0;
	json_write_begin_object(comparing->writer, NULL);
	json_write_text(comparing->writer, "field", key);
	if (write_value(comparing->writer, "before", is_keys, before, err) <
		0 ||
	    write_value(comparing->writer, "after", is_keys, after, err) < 0)
		return -1;
	json_write_end(comparing->writer);
	return 0;
}

/* `[{"field","before","after"}]` */
static int
put_what(const struct sides *sides, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	struct comparing comparing = { &writer, sides };

	json_write_begin_array(&writer, NULL);
	if (json_value_each(root_of(sides->after != NULL ? sides->after
							 : sides->before),
		compare_member, &comparing, err) < 0)
		return -1;
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

/* ---- noting --------------------------------------------------------------------- */

static int
forget_oldest(struct rows *rows, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"DELETE FROM directory_notice WHERE id IN (SELECT id FROM"
		" directory_notice ORDER BY read_at IS NULL DESC, id DESC"
		" LIMIT -1 OFFSET ?1)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, NOTICES_MAX);
	return query_finish(query, err);
}

static int
insert(struct rows *rows, const struct notices_author *author, const char *code,
    const char *action, const char *what, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO directory_notice (code, serial, at, action,"
		" signers, what) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, code);
	query_bind_int(query, 2, (int64_t)author->serial);
	query_bind_int(query, 3, author->at);
	query_bind_text(query, 4, action);
	query_bind_text(query, 5, author->signers);
	query_bind_text(query, 6, what);
	return query_finish(query, err) < 0 ? -1 : forget_oldest(rows, err);
}

static int
note(struct rows *rows, const struct notices_author *author, const char *code,
    const struct sides *sides, struct error *err)
{
	struct bytes what = { 0 };
	int rc = -1;

	if (!is_of_host(sides->before, author->host) &&
	    !is_of_host(sides->after, author->host))
		return 0;
	if (put_what(sides, &what, err) == 0) {
		bytes_put_u8(&what, '\0');
		rc = bytes_failed(&what, err);
	}
	if (rc == 0)
		rc = insert(rows, author, code,
		    sides->before == NULL      ? "added"
			: sides->after == NULL ? "removed"
					       : "changed",
		    (const char *)what.data, err);
	bytes_free(&what);
	return rc;
}

int
notices_note(struct rows *rows, const struct notices_author *author,
    const char *code, const void *before, size_t before_len, const void *after,
    size_t after_len, struct error *err)
{
	struct sides sides = { NULL, NULL };
	int rc = -1;

	if ((before_len == 0 ||
		json_read(before, before_len, before_len, &sides.before, err) ==
		    0) &&
	    (after_len == 0 ||
		json_read(after, after_len, after_len, &sides.after, err) == 0))
		rc = note(rows, author, code, &sides, err);
	json_document_free(sides.before);
	json_document_free(sides.after);
	return rc;
}

/* ---- telling ---------------------------------------------------------------------- */

void
notices_log(struct rows *rows, const struct log *log, uint64_t serial)
{
	struct error err = { 0 };
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT code, action, signers, what FROM directory_notice"
		" WHERE serial = ?1 LIMIT 100",
		&query, &err) < 0) {
		log_failure(log, LOG_LEVEL_WARNING, "directory.changed", &err);
		return;
	}
	query_bind_int(query, 1, (int64_t)serial);
	while ((more = query_next(query, &err)) > 0) {
		struct log_line line;

		log_begin(&line, log, LOG_LEVEL_NOTICE, "directory.changed");
		log_text(&line, "code", query_text(query, 0));
		log_text(&line, "action", query_text(query, 1));
		log_u64(&line, "serial", serial);
		log_text(&line, "signers", query_text(query, 2));
		log_text(&line, "what", query_text(query, 3));
		log_end(&line);
	}
	query_end(query);
}

static void
write_one(struct json_writer *writer, struct query *query)
{
	const char *what = query_text(query, 6);

	json_write_begin_object(writer, NULL);
	json_write_int(writer, "id", query_int(query, 0));
	json_write_text(writer, "code", query_text(query, 1));
	json_write_int(writer, "serial", query_int(query, 2));
	json_write_time(writer, "at", query_int(query, 3));
	json_write_text(writer, "action", query_text(query, 4));
	json_write_text(writer, "signers", query_text(query, 5));
	json_write_raw(writer, "what", what, strlen(what));
	if (query_is_null(query, 7))
		json_write_null(writer, "read");
	else
		json_write_time(writer, "read", query_int(query, 7));
	json_write_end(writer);
}

static int
count_unread(struct rows *rows, const char *scope, int64_t *ret_count,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT count(*) FROM directory_notice WHERE read_at IS NULL"
		" AND substr(code, 1, length(?1)) = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, scope);
	more = query_next(query, err);
	if (more > 0)
		*ret_count = query_int(query, 0);
	query_end(query);
	return more < 0 ? -1 : 0;
}

int
notices_write(struct rows *rows, bool all, const char *scope,
    struct json_writer *writer, struct error *err)
{
	struct query *query;
	int64_t unread = 0;
	int more;

	if (count_unread(rows, scope, &unread, err) < 0 ||
	    query_begin(rows,
		"SELECT id, code, serial, at, action, signers, what, read_at"
		" FROM directory_notice WHERE (?1 OR read_at IS NULL)"
		" AND substr(code, 1, length(?3)) = ?3"
		" ORDER BY id DESC LIMIT ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, all);
	query_bind_int(query, 2, NOTICES_LIST_MAX);
	query_bind_text(query, 3, scope);
	json_write_int(writer, "unread", unread);
	json_write_begin_array(writer, "notices");
	while ((more = query_next(query, err)) > 0)
		write_one(writer, query);
	json_write_end(writer);
	query_end(query);
	return more;
}

/* ---- read ---------------------------------------------------------------------------- */

struct reading {
	struct group_op op; /* first: the group hands it back */
	struct rows *rows;
	struct peer *peer;
	uint32_t id;
	uint64_t number;
	int64_t at;
	char scope[ORG_TEXT_SIZE]; /* whose it must be; "": anybody's */
};

static int
apply_read(struct group_op *op, struct error *err)
{
	const struct reading *reading = (struct reading *)(void *)op;
	struct query *query;
	int more;

	if (query_begin(reading->rows,
		"UPDATE directory_notice SET read_at = coalesce(read_at, ?2)"
		" WHERE id = ?1 AND substr(code, 1, length(?3)) = ?3"
		" RETURNING id",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)reading->number);
	query_bind_int(query, 2, reading->at);
	query_bind_text(query, 3, reading->scope);
	more = query_next(query, err);
	query_end(query);
	if (more > 0)
		return 0;
	return more < 0 ? -1
			: error_set(err, ERROR_NOT_FOUND, "no notice %llu",
			      (unsigned long long)reading->number);
}

static void
finish_read(struct group_op *op, const struct error *failure)
{
	struct reading *reading = (struct reading *)(void *)op;
	struct bytes json = { 0 };

	bytes_put_text(&json, "{}");
	if (failure != NULL || json.failed)
		peer_refuse(reading->peer, reading->id,
		    failure != NULL ? failure
				    : &(struct error){ .code = ERROR_BUSY });
	else
		queries_reply(reading->peer, reading->id, 200, &json);
	bytes_free(&json);
	free(reading);
}

bool
notices_answer(struct rows *rows, struct group *group, struct peer *peer,
    uint32_t id, const struct message_request *request, int64_t now)
{
	struct http_segments segments;
	struct reading *reading;
	struct error err = { 0 };
	uint64_t number;

	if (!text_equal(request->method, "POST") ||
	    !http_path_match("/v1/notices/{}:read", request->path, &segments))
		return false;
	reading = calloc(1, sizeof(*reading));
	if (reading == NULL)
		error_set_memory(&err);
	else if (!text_parse_u64(segments.text[0], INT64_MAX, &number))
		error_set(&err, ERROR_NOT_FOUND, "no notice %s",
		    segments.text[0]);
	if (err.code != ERROR_NONE) {
		free(reading);
		peer_refuse(peer, id, &err);
		return true;
	}
	*reading = (struct reading){ .op = { .apply = apply_read,
					 .finish = finish_read },
		.rows = rows,
		.peer = peer,
		.id = id,
		.number = number,
		.at = now };
	text_copy(reading->scope, sizeof(reading->scope), request->scope);
	group_add(group, &reading->op);
	return true;
}
