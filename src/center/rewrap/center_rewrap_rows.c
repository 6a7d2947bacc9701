#include "center/rewrap/center_rewrap_rows.h"

#include "base/error.h"
#include "store/query.h"
#include "store/rows.h"

const char center_rewrap_schema[] =
    "CREATE TABLE rewrap ("
    " delivery INTEGER PRIMARY KEY REFERENCES delivery,"
    " asked_at INTEGER NOT NULL DEFAULT 0,"
    " serial INTEGER NOT NULL DEFAULT 0, seal BLOB,"
    " receiver TEXT NOT NULL DEFAULT '', addendum BLOB, key_part BLOB)"
    " STRICT;"
    "CREATE INDEX rewrap_asked ON rewrap (asked_at) WHERE asked_at > 0;"
    /* Queued, accepted, relayed, fetched: enum delivery_state. */
    "CREATE INDEX delivery_unopened ON delivery (id) WHERE state < 4;";

void
center_rewrap_free(struct center_rewrap *rewrap)
{
	bytes_free(&rewrap->addendum);
	bytes_free(&rewrap->key_part);
}

static void
take_column(struct query *query, int column, struct bytes *to)
{
	size_t len;
	const void *data = query_data(query, column, &len);

	bytes_put(to, data, len);
}

static int
read_rewrap(struct query *query, struct center_rewrap *rewrap,
    struct error *err)
{
	rewrap->asked_at = query_int(query, 0);
	rewrap->serial = (uint64_t)query_int(query, 1);
	if (rewrap->serial == 0)
		return 1;
	query_digest(query, 2, &rewrap->seal);
	if (!org_code_parse(query_text(query, 3), &rewrap->receiver))
		return error_set(err, ERROR_SYSTEM,
		    "a rewrapped delivery's row is damaged");
	take_column(query, 4, &rewrap->addendum);
	take_column(query, 5, &rewrap->key_part);
	return bytes_failed(&rewrap->addendum, err) < 0 ||
		bytes_failed(&rewrap->key_part, err) < 0
	    ? -1
	    : 1;
}

int
center_rewrap_find(struct rows *rows, int64_t delivery,
    struct center_rewrap *rewrap, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT asked_at, serial, seal, receiver, addendum, key_part"
		" FROM rewrap WHERE delivery = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	found = query_next(query, err);
	if (found > 0)
		found = read_rewrap(query, rewrap, err);
	query_end(query);
	return found;
}

int
center_rewrap_ask(struct rows *rows, int64_t delivery, int64_t at,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO rewrap (delivery, asked_at) VALUES (?1, ?2)"
		" ON CONFLICT (delivery) DO UPDATE SET"
		" asked_at = excluded.asked_at",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_int(query, 2, at);
	return query_finish(query, err);
}

int
center_rewrap_set(struct rows *rows, int64_t delivery,
    const struct message_addendum *addendum, struct blob cms,
    struct blob key_part, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO rewrap (delivery, serial, seal, receiver,"
		" addendum, key_part) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
		" ON CONFLICT (delivery) DO UPDATE SET"
		" asked_at = 0,"
		" serial = excluded.serial, seal = excluded.seal,"
		" receiver = excluded.receiver, addendum = excluded.addendum,"
		" key_part = excluded.key_part",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_int(query, 2, (int64_t)addendum->directory);
	query_bind_digest(query, 3, &addendum->seal);
	query_bind_text(query, 4, addendum->receiver);
	query_bind_data(query, 5, cms.data, cms.len);
	query_bind_data(query, 6, key_part.data, key_part.len);
	return query_finish(query, err);
}

int
center_rewrap_overdue(struct rows *rows, int64_t before, int64_t *ret_delivery,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT delivery FROM rewrap WHERE asked_at > 0"
		" AND asked_at < ?1 ORDER BY asked_at LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, before);
	found = query_next(query, err);
	if (found > 0)
		*ret_delivery = query_int(query, 0);
	query_end(query);
	return found;
}

int
center_unopened_next(struct rows *rows, const char *center, int64_t after,
    int64_t *ret_delivery, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id FROM delivery WHERE state < 4 AND center = ?1"
		" AND id > ?2 ORDER BY id LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, center);
	query_bind_int(query, 2, after);
	found = query_next(query, err);
	if (found > 0)
		*ret_delivery = query_int(query, 0);
	query_end(query);
	return found;
}
