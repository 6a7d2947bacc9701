#include "role/people/people_deputies.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "json/json_write.h"
#include "policy/deputy_rules.h"
#include "store/query.h"
#include "store/rows.h"

enum { PLACE_SIZE = 24 };

const char people_deputies_schema[] =
    "CREATE TABLE deputy ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, organisation TEXT NOT NULL,"
    " principal INTEGER NOT NULL REFERENCES person,"
    " person INTEGER NOT NULL REFERENCES person,"
    " starts_at INTEGER NOT NULL, ends_at INTEGER NOT NULL,"
    " ended_at INTEGER NOT NULL DEFAULT 0, made_at INTEGER NOT NULL,"
    " by TEXT NOT NULL, reason TEXT NOT NULL) STRICT;"
    "CREATE INDEX deputy_principal ON deputy (principal, ends_at);"
    "CREATE INDEX deputy_person ON deputy (person, ends_at);";

static int
check_count(struct rows *rows, const struct deputy *deputy, int64_t now,
    struct error *err)
{
	struct query *query;
	int64_t count;
	int found;

	if (query_begin(rows,
		"SELECT count(*) FROM deputy WHERE principal = ?1"
		" AND ends_at > ?2 AND ended_at = 0",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, deputy->principal);
	query_bind_int(query, 2, now);
	found = query_next(query, err);
	count = found > 0 ? query_int(query, 0) : 0;
	query_end(query);
	if (found >= 0 && count >= PEOPLE_DEPUTIES_MAX)
		return error_set_id(err, "E6716", ERROR_DENIED,
		    "%d deputies are named already", PEOPLE_DEPUTIES_MAX);
	return found < 0 ? -1 : 0;
}

int
deputy_add(struct rows *rows, struct deputy *deputy, int64_t now,
    struct error *err)
{
	struct query *query;

	if (check_count(rows, deputy, now, err) < 0 ||
	    query_begin(rows,
		"INSERT INTO deputy (organisation, principal, person,"
		" starts_at, ends_at, made_at, by, reason)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, deputy->organisation.text);
	query_bind_int(query, 2, deputy->principal);
	query_bind_int(query, 3, deputy->person);
	query_bind_int(query, 4, deputy->starts_at);
	query_bind_int(query, 5, deputy->ends_at);
	query_bind_int(query, 6, now);
	query_bind_text(query, 7, deputy->by);
	query_bind_text(query, 8, deputy->reason);
	if (query_finish(query, err) < 0)
		return -1;
	deputy->row = rows_last_id(rows);
	return 0;
}

int
deputy_find(struct rows *rows, int64_t row, struct deputy *ret_deputy,
    struct error *err)
{
	struct deputy deputy = { .row = row };
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT organisation, principal, person, starts_at, ends_at,"
		" ended_at, by, reason FROM deputy WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	found = query_next(query, err);
	if (found > 0) {
		deputy.principal = query_int(query, 1);
		deputy.person = query_int(query, 2);
		deputy.starts_at = query_int(query, 3);
		deputy.ends_at = query_int(query, 4);
		deputy.ended_at = query_int(query, 5);
		if (!org_code_parse(query_text(query, 0),
			&deputy.organisation) ||
		    !text_copy(deputy.by, sizeof(deputy.by),
			query_text(query, 6)) ||
		    !text_copy(deputy.reason, sizeof(deputy.reason),
			query_text(query, 7)))
			found = error_set_id(err, "E5006", ERROR_MALFORMED,
			    "deputy %lld is damaged", (long long)row);
	}
	query_end(query);
	if (found > 0)
		*ret_deputy = deputy;
	return found;
}

int
deputy_end(struct rows *rows, int64_t row, int64_t now, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE deputy SET ended_at = ?2 WHERE id = ?1"
		" AND ended_at = 0",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_int(query, 2, now);
	return query_finish(query, err);
}

int
deputy_end_all(struct rows *rows, int64_t person, int64_t now,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE deputy SET ended_at = ?2 WHERE"
		" (principal = ?1 OR person = ?1) AND ended_at = 0"
		" AND ends_at > ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, person);
	query_bind_int(query, 2, now);
	return query_finish(query, err);
}

/* ---- the list ----------------------------------------------------------- */

static const char *
state_of(struct query *query, int64_t now)
{
	const struct deputy_time time = {
		.starts_at = query_int(query, 5),
		.ends_at = query_int(query, 6),
		.ended_at = query_int(query, 7),
	};

	return deputy_state_name(deputy_state(&time, now));
}

static void
write_person(struct json_writer *writer, const char *key, int64_t row,
    const char *name)
{
	json_write_begin_object(writer, key);
	json_write_int(writer, "id", row);
	json_write_text(writer, "name", name);
	json_write_end(writer);
}

static void
write_deputy(struct query *query, int64_t now, struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	json_write_int(writer, "id", query_int(query, 0));
	write_person(writer, "deputy", query_int(query, 1),
	    query_text(query, 2));
	write_person(writer, "for", query_int(query, 3), query_text(query, 4));
	json_write_time(writer, "from", query_int(query, 5));
	json_write_time(writer, "until", query_int(query, 6));
	if (query_int(query, 7) != 0)
		json_write_time(writer, "ended_at", query_int(query, 7));
	else
		json_write_text(writer, "ended_at", "");
	json_write_text(writer, "state", state_of(query, now));
	json_write_text(writer, "by", query_text(query, 8));
	json_write_text(writer, "reason", query_text(query, 9));
	json_write_text(writer, "organisation", query_text(query, 10));
	json_write_end(writer);
}

int
deputy_write_list(struct rows *rows, const struct deputy_list_ask *ask,
    struct json_writer *writer, struct error *err)
{
	char next[PLACE_SIZE] = "";
	struct query *query;
	unsigned count = 0;
	int64_t last = 0;
	int more;

	if (query_begin(rows,
		"SELECT d.id, p.id, p.name, q.id, q.name, d.starts_at,"
		" d.ends_at, d.ended_at, d.by, d.reason, d.organisation"
		" FROM deputy AS d JOIN person AS p ON p.id = d.person"
		" JOIN person AS q ON q.id = d.principal"
		" WHERE d.id < ?1"
		" AND substr(d.organisation, 1, length(?2)) = ?2"
		" AND (?3 = 0 OR d.person = ?3 OR d.principal = ?3)"
		" ORDER BY d.id DESC",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, ask->before);
	query_bind_text(query, 2, ask->scope);
	query_bind_int(query, 3, ask->person);
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "deputies");
	while ((more = query_next(query, err)) > 0 && count++ < ask->limit) {
		last = query_int(query, 0);
		write_deputy(query, ask->now, writer);
	}
	json_write_end(writer);
	query_end(query);
	if (more > 0)
		snprintf(next, sizeof(next), "%" PRId64, last);
	json_write_text(writer, "next", next);
	json_write_end(writer);
	return more < 0 ? -1 : 0;
}
