#include "store/query.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "store/rows_internal.h"

static void
query_free(struct query *query)
{
	sqlite3_finalize(query->stmt);
	free(query);
}

void
rows_drop_queries(struct rows *rows)
{
	for (size_t i = 0; i < ROWS_QUERY_SLOTS; i++) {
		if (rows->queries[i] == NULL)
			continue;
		query_free(rows->queries[i]);
		rows->queries[i] = NULL;
	}
	rows->query_count = 0;
	memset(rows->near, 0, sizeof(rows->near));
}

static size_t
slot_of(const char *sql)
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (; *sql != '\0'; sql++)
		hash = (hash ^ (uint8_t)*sql) * 16777619U;
	return hash % ROWS_QUERY_SLOTS;
}

/* The statement's slot, or the empty one where it belongs. */
static struct query **
find_slot(struct rows *rows, const char *sql)
{
	size_t at = slot_of(sql);

	while (rows->queries[at] != NULL &&
	    !text_equal(rows->queries[at]->sql, sql))
		at = (at + 1) % ROWS_QUERY_SLOTS;
	return &rows->queries[at];
}

static int
prepare(struct rows *rows, const char *sql, struct query **ret_query,
    struct error *err)
{
	struct query *query = calloc(1, sizeof(*query));
	const char *rest = NULL;
	int code;

	if (query == NULL)
		return error_set_memory(err);
	query->rows = rows;
	query->sql = sql;
	code = sqlite3_prepare_v3(rows->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
	    &query->stmt, &rest);
	if (code != SQLITE_OK) {
		query_free(query);
		return rows_fail(rows, code, sql, err);
	}
	assert(query->stmt != NULL && *rest == '\0');
	*ret_query = query;
	return 0;
}

/* Literals stay where they are: their addresses are found faster. */
static size_t
near_slot_of(const char *sql)
{
	uint64_t address = (uintptr_t)sql;

	return (size_t)((address * 0x9e3779b97f4a7c15u) >> 32) %
	    ROWS_NEAR_SLOTS;
}

static int
find_or_prepare(struct rows *rows, const char *sql, struct query **ret_query,
    struct error *err)
{
	struct query **slot = find_slot(rows, sql);
	struct query *query = *slot;

	if (query == NULL || query->is_open) {
		bool may_keep =
		    query == NULL && rows->query_count < ROWS_QUERY_SLOTS / 2;

		if (prepare(rows, sql, &query, err) < 0)
			return -1;
		query->is_single_use = !may_keep;
		if (may_keep) {
			*slot = query;
			rows->query_count++;
		}
	}
	*ret_query = query;
	return 0;
}

int
query_begin(struct rows *rows, const char *sql, struct query **ret_query,
    struct error *err)
{
	size_t at = near_slot_of(sql);
	struct query *query = rows->near[at].query;

	if (query == NULL || rows->near[at].sql != sql || query->is_open) {
		if (find_or_prepare(rows, sql, &query, err) < 0)
			return -1;
		if (!query->is_single_use) {
			rows->near[at].sql = sql;
			rows->near[at].query = query;
		}
	}
	query->is_open = true;
	*ret_query = query;
	return 0;
}

void
query_again(struct query *query)
{
	sqlite3_reset(query->stmt);
	sqlite3_clear_bindings(query->stmt);
	query->failed = SQLITE_OK;
	query->is_damaged = false;
}

void
query_end(struct query *query)
{
	if (query == NULL)
		return;
	if (query->is_single_use) {
		query_free(query);
		return;
	}
	query_again(query);
	query->is_open = false;
}

static void
keep_failure(struct query *query, int code)
{
	if (query->failed == SQLITE_OK)
		query->failed = code;
}

void
query_bind_int(struct query *query, int at, int64_t value)
{
	keep_failure(query, sqlite3_bind_int64(query->stmt, at, value));
}

void
query_bind_text(struct query *query, int at, const char *text)
{
	keep_failure(query,
	    sqlite3_bind_text(query->stmt, at, text, -1, SQLITE_STATIC));
}

void
query_bind_data(struct query *query, int at, const void *data, size_t len)
{
	/* NULL would be bound as NULL; no bytes are not the same. */
	keep_failure(query,
	    sqlite3_bind_blob64(query->stmt, at, len == 0 ? "" : data,
		(sqlite3_uint64)len, SQLITE_STATIC));
}

void
query_bind_null(struct query *query, int at)
{
	keep_failure(query, sqlite3_bind_null(query->stmt, at));
}

void
query_bind_digest(struct query *query, int at, const struct digest *digest)
{
	query_bind_data(query, at, digest->bytes, DIGEST_LEN);
}

void
query_bind_id(struct query *query, int at, const struct id *id)
{
	query_bind_data(query, at, id->bytes, ID_LEN);
}

int
query_failed(const struct query *query, struct error *err)
{
	if (!query->is_damaged)
		return 0;
	return error_set_id(err, "E5006", ERROR_MALFORMED,
	    "a column has a wrong length: %s", query->sql);
}

int
query_next(struct query *query, struct error *err)
{
	int code;

	if (query_failed(query, err) < 0)
		return -1;
	if (query->failed != SQLITE_OK)
		return rows_fail(query->rows, query->failed, query->sql, err);
	/* A full disk ends a transaction: what follows must not go on alone. */
	if (query->rows->in_transaction &&
	    !rows_is_open_transaction(query->rows))
		return error_set_id(err, "E5001", ERROR_BUSY,
		    "the transaction was undone by an earlier failure");
	code = sqlite3_step(query->stmt);
	if (code == SQLITE_ROW)
		return 1;
	return code == SQLITE_DONE
	    ? 0
	    : rows_fail(query->rows, code, query->sql, err);
}

int
query_finish(struct query *query, struct error *err)
{
	int more = query_next(query, err);

	assert(more <= 0);
	query_end(query);
	return more;
}

int
query_finish_int(struct query *query, int64_t *ret_number, struct error *err)
{
	int found = query_next(query, err);

	if (found >= 0)
		*ret_number = found > 0 ? query_int(query, 0) : 0;
	query_end(query);
	return found < 0 ? -1 : 0;
}

int
query_take(struct query *query, struct bytes *to, struct error *err)
{
	int found = query_next(query, err);

	if (found > 0) {
		size_t len;
		const void *data = query_data(query, 0, &len);

		bytes_put(to, data, len);
		if (bytes_failed(to, err) < 0)
			found = -1;
	}
	query_end(query);
	return found;
}

int
query_run(struct rows *rows, const char *sql, struct error *err)
{
	struct query *query;

	if (query_begin(rows, sql, &query, err) < 0)
		return -1;
	return query_finish(query, err);
}

int64_t
query_int(struct query *query, int column)
{
	return sqlite3_column_int64(query->stmt, column);
}

const char *
query_text(struct query *query, int column)
{
	const unsigned char *text = sqlite3_column_text(query->stmt, column);

	return text == NULL ? "" : (const char *)text;
}

const void *
query_data(struct query *query, int column, size_t *ret_len)
{
	const void *data = sqlite3_column_blob(query->stmt, column);

	*ret_len = (size_t)sqlite3_column_bytes(query->stmt, column);
	return data;
}

static void
copy_exactly(struct query *query, int column, void *to, size_t wanted)
{
	size_t len = 0;
	const void *data = query_data(query, column, &len);

	memset(to, 0, wanted);
	if (query_is_null(query, column))
		return;
	if (len != wanted)
		query->is_damaged = true;
	else
		memcpy(to, data, wanted);
}

void
query_digest(struct query *query, int column, struct digest *ret_digest)
{
	copy_exactly(query, column, ret_digest->bytes, DIGEST_LEN);
}

void
query_id(struct query *query, int column, struct id *ret_id)
{
	copy_exactly(query, column, ret_id->bytes, ID_LEN);
}

bool
query_is_null(struct query *query, int column)
{
	return sqlite3_column_type(query->stmt, column) == SQLITE_NULL;
}
