#include "center/log/center_stamp_rows.h"

#include "base/error.h"
#include "center/log/center_stamp.h"
#include "log/stamp_lines.h"
#include "role/message.h"
#include "store/query.h"
#include "store/rows.h"

enum { GOOD_FOR_MS = 3 * 24 * 60 * 60 * 1000 };

const char center_stamp_schema[] =
    "CREATE TABLE log_stamp ("
    " id INTEGER PRIMARY KEY, url TEXT NOT NULL, authority TEXT NOT NULL,"
    " size INTEGER NOT NULL, note BLOB NOT NULL, token BLOB NOT NULL,"
    " time INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX log_stamp_size ON log_stamp (size);"
    "CREATE INDEX log_stamp_url ON log_stamp (url, at);";

int
center_stamp_row_add(struct rows *rows, const char *url, uint64_t size,
    const struct bytes *note, const struct message_stamp *stamp, int64_t now_ms,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO log_stamp (url, authority, size, note, token,"
		" time, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, url);
	query_bind_text(query, 2, stamp->authority);
	query_bind_int(query, 3, (int64_t)size);
	query_bind_data(query, 4, note->data, note->len);
	query_bind_data(query, 5, stamp->token.data, stamp->token.len);
	query_bind_int(query, 6, stamp->time);
	query_bind_int(query, 7, now_ms);
	return query_finish(query, err);
}

int
center_stamp_row_last(struct rows *rows, const char *url, int64_t *ret_at_ms,
    uint64_t *ret_size, struct error *err)
{
	struct query *query;
	int found;

	*ret_at_ms = 0;
	*ret_size = 0;
	if (query_begin(rows,
		"SELECT at, size FROM log_stamp WHERE url = ?1"
		" ORDER BY at DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, url);
	found = query_next(query, err);
	if (found > 0) {
		*ret_at_ms = query_int(query, 0);
		*ret_size = (uint64_t)query_int(query, 1);
	}
	query_end(query);
	return found < 0 ? -1 : 0;
}

/* The size that is to be told of; 0 for none. */
static int
find_size(struct rows *rows, uint64_t wanted, uint64_t *ret_size,
    struct error *err)
{
	struct query *query;
	int found;

	*ret_size = 0;
	if (query_begin(rows,
		"SELECT coalesce((SELECT min(size) FROM log_stamp"
		" WHERE size >= ?1), (SELECT max(size) FROM log_stamp), 0)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)wanted);
	found = query_next(query, err);
	if (found > 0)
		*ret_size = (uint64_t)query_int(query, 0);
	query_end(query);
	return found < 0 ? -1 : 0;
}

/* Columns token, note. */
static int
put_stamps(struct query *query, struct bytes *to, struct error *err)
{
	struct bytes note = { 0 };
	int more;

	for (int i = 0; (more = query_next(query, err)) > 0; i++) {
		size_t len;
		const void *data = query_data(query, 0, &len);

		if (i < STAMP_LINES_MAX)
			stamp_lines_put(data, len, to);
		data = query_data(query, 1, &len);
		bytes_clear(&note);
		bytes_put(&note, data, len);
	}
	stamp_lines_end(to);
	bytes_put(to, note.data, note.len);
	to->failed = to->failed || note.failed;
	bytes_free(&note);
	return more < 0 ? -1 : bytes_failed(to, err);
}

int
center_stamp_read(struct rows *rows, uint64_t size, uint64_t *ret_size,
    struct bytes *to, struct error *err)
{
	struct query *query;
	int rc;

	if (find_size(rows, size, ret_size, err) < 0)
		return -1;
	if (*ret_size == 0)
		return 0;
	if (query_begin(rows,
		"SELECT token, note FROM log_stamp WHERE size = ?1 ORDER BY id",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)*ret_size);
	rc = put_stamps(query, to, err);
	query_end(query);
	return rc < 0 ? -1 : 1;
}

int
center_stamp_state(struct rows *rows, int64_t now_ms, const char **ret_id,
    struct bytes *to, struct error *err)
{
	struct query *query;
	int found;

	*ret_id = "";
	if (query_begin(rows,
		"SELECT size, at, authority FROM log_stamp"
		" ORDER BY at DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	found = query_next(query, err);
	if (found > 0) {
		if (now_ms - query_int(query, 1) >= GOOD_FOR_MS)
			*ret_id = "E6935";
		bytes_put_format(to, "%lld records stamped by %s",
		    (long long)query_int(query, 0), query_text(query, 2));
	} else if (found == 0) {
		bytes_put_text(to, "no time stamp yet");
	}
	query_end(query);
	return found < 0 ? -1 : bytes_failed(to, err);
}
