/*
 * What a letter has that is long and hardly ever read.  It stands apart: a
 * letter changes its row at each step, and a row that changes is written whole.
 */
#include "gateway/inbox/inbox_rows.h"

#include "base/bytes.h"
#include "base/error.h"
#include "gateway/inbox/inbox.h"
#include "store/query.h"
#include "store/rows.h"

const char inbox_part_schema[] =
    "CREATE TABLE inbox_part ("
    " letter INTEGER PRIMARY KEY REFERENCES inbox_letter,"
    " cms BLOB, records BLOB, key_part BLOB, addendum BLOB) STRICT;"
    "INSERT INTO inbox_part SELECT id, cms, records, key_part, addendum"
    " FROM inbox_letter WHERE cms IS NOT NULL OR key_part IS NOT NULL"
    " OR addendum IS NOT NULL;"
    "ALTER TABLE inbox_letter DROP COLUMN cms;"
    "ALTER TABLE inbox_letter DROP COLUMN records;"
    "ALTER TABLE inbox_letter DROP COLUMN key_part;"
    "ALTER TABLE inbox_letter DROP COLUMN addendum;";

int
inbox_row_set_waybill(struct rows *rows, int64_t row, struct blob cms,
    struct blob records, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO inbox_part (letter, cms, records)"
		" VALUES (?1, ?2, ?3) ON CONFLICT (letter) DO UPDATE SET"
		" cms = excluded.cms, records = excluded.records",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_data(query, 2, cms.data, cms.len);
	query_bind_data(query, 3, records.data, records.len);
	return query_finish(query, err);
}

int
inbox_row_set_key_part(struct rows *rows, int64_t row, struct blob key_part,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO inbox_part (letter, key_part) VALUES (?1, ?2)"
		" ON CONFLICT (letter) DO UPDATE SET"
		" key_part = excluded.key_part",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_data(query, 2, key_part.data, key_part.len);
	return query_finish(query, err);
}

int
inbox_row_set_addendum(struct rows *rows, int64_t row, struct blob cms,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO inbox_part (letter, addendum) VALUES (?1, ?2)"
		" ON CONFLICT (letter) DO UPDATE SET"
		" addendum = excluded.addendum",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_data(query, 2, cms.data, cms.len);
	return query_finish(query, err);
}

int
inbox_row_key_part(struct rows *rows, int64_t row, struct bytes *to,
    struct error *err)
{
	struct query *query;
	const void *data;
	size_t len;
	int found;

	if (query_begin(rows,
		"SELECT key_part FROM inbox_part WHERE letter = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	found = query_next(query, err);
	if (found > 0) {
		data = query_data(query, 0, &len);
		bytes_put(to, data, len);
	}
	query_end(query);
	if (found == 0)
		return error_set(err, ERROR_SYSTEM, "row %lld is missing",
		    (long long)row);
	return found < 0 ? -1 : bytes_failed(to, err);
}
