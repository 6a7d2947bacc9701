#include "role/people/people_units.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "json/json_write.h"
#include "store/query.h"
#include "store/rows.h"

const char people_units_schema[] =
    "CREATE TABLE unit ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, organisation TEXT NOT NULL,"
    " code TEXT NOT NULL, name TEXT NOT NULL, is_closed INTEGER NOT NULL,"
    " created_at INTEGER NOT NULL, UNIQUE (organisation, code)) STRICT;";

#define COLUMNS "SELECT id, organisation, code, name, is_closed FROM unit"

bool
unit_code_is_possible(const char *code)
{
	static const char possible[] = "0123456789"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz._-";
	size_t len = strlen(code);

	/* "none" is the word for letters of no unit. */
	return len > 0 && len < PEOPLE_UNIT_SIZE &&
	    strspn(code, possible) == len && !text_equal(code, "none");
}

/* Takes the query's row and ends it. */
static int
read_unit(struct query *query, struct unit *ret_unit, struct error *err)
{
	struct unit unit = { 0 };
	int more = query_next(query, err);

	if (more > 0) {
		unit.row = query_int(query, 0);
		unit.is_closed = query_int(query, 4) != 0;
		if (!org_code_parse(query_text(query, 1), &unit.organisation) ||
		    !text_copy(unit.code, sizeof(unit.code),
			query_text(query, 2)) ||
		    !text_copy(unit.name, sizeof(unit.name),
			query_text(query, 3)))
			more = error_set_id(err, "E5006", ERROR_MALFORMED,
			    "unit %lld is damaged", (long long)unit.row);
	}
	query_end(query);
	if (more > 0)
		*ret_unit = unit;
	return more;
}

int
unit_find_row(struct rows *rows, int64_t row, struct unit *ret_unit,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows, COLUMNS " WHERE id = ?1", &query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	return read_unit(query, ret_unit, err);
}

static bool
find_in_directory(const struct directory *directory,
    const struct org_code *organisation, const char *code,
    struct unit *ret_unit)
{
	struct directory_org org;
	struct org_code parsed;

	if (directory == NULL || !org_code_parse(code, &parsed) ||
	    !org_code_is_unit(&parsed) ||
	    !text_starts(code, organisation->text) ||
	    !directory_find_org(directory, &parsed, &org))
		return false;
	*ret_unit = (struct unit){ .organisation = *organisation,
		.is_closed = org.status == ORG_DISSOLVED };
	text_copy(ret_unit->code, sizeof(ret_unit->code), code);
	/* A longer name is cut: it is only shown. */
	(void)text_copy(ret_unit->name, sizeof(ret_unit->name), org.name);
	return true;
}

int
unit_find(struct rows *rows, const struct directory *directory,
    const struct org_code *organisation, const char *code,
    struct unit *ret_unit, struct error *err)
{
	struct org_code parent = org_code_parent(organisation);
	struct query *query;

	if (find_in_directory(directory, &parent, code, ret_unit))
		return 1;
	if (query_begin(rows, COLUMNS " WHERE organisation = ?1 AND code = ?2",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, parent.text);
	query_bind_text(query, 2, code);
	return read_unit(query, ret_unit, err);
}

int
unit_check(struct rows *rows, const struct directory *directory,
    const struct org_code *organisation, const char *code,
    struct unit *ret_unit, struct error *err)
{
	int found;

	if (code[0] == '\0') {
		*ret_unit = (struct unit){ .organisation =
					       org_code_parent(organisation) };
		return 0;
	}
	found = unit_find(rows, directory, organisation, code, ret_unit, err);
	if (found == 0 || (found > 0 && ret_unit->is_closed))
		return error_set_id(err, "E6711", ERROR_MALFORMED,
		    "%.10s has no %sunit %.40s", organisation->text,
		    found > 0 ? "open " : "", code);
	return found < 0 ? -1 : 0;
}

static int
check_count(struct rows *rows, const struct unit *unit, struct error *err)
{
	struct query *query;
	int64_t count;
	int found;

	if (query_begin(rows,
		"SELECT count(*) FROM unit WHERE organisation = ?1", &query,
		err) < 0)
		return -1;
	query_bind_text(query, 1, unit->organisation.text);
	found = query_next(query, err);
	count = found > 0 ? query_int(query, 0) : 0;
	query_end(query);
	if (found >= 0 && count >= PEOPLE_UNITS_MAX)
		return error_set_id(err, "E6713", ERROR_DENIED,
		    "%d units are listed", PEOPLE_UNITS_MAX);
	return found < 0 ? -1 : 0;
}

int
unit_add(struct rows *rows, struct unit *unit, int64_t now, struct error *err)
{
	struct error why = { 0 };
	struct query *query;

	if (check_count(rows, unit, err) < 0 ||
	    query_begin(rows,
		"INSERT INTO unit (organisation, code, name, is_closed,"
		" created_at) VALUES (?1, ?2, ?3, 0, ?4)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, unit->organisation.text);
	query_bind_text(query, 2, unit->code);
	query_bind_text(query, 3, unit->name);
	query_bind_int(query, 4, now);
	if (query_finish(query, &why) < 0) {
		if (why.code == ERROR_EXISTS)
			return error_set_id(err, "E6712", ERROR_EXISTS,
			    "unit %s is there", unit->code);
		*err = why;
		return -1;
	}
	unit->row = rows_last_id(rows);
	return 0;
}

int
unit_close(struct rows *rows, int64_t row, bool is_closed, struct error *err)
{
	struct query *query;

	if (query_begin(rows, "UPDATE unit SET is_closed = ?2 WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_int(query, 2, is_closed);
	return query_finish(query, err);
}

/* ---- the list ----------------------------------------------------------- */

static void
write_unit(struct json_writer *writer, int64_t row, const char *organisation,
    const char *code, const char *name, bool is_closed)
{
	json_write_begin_object(writer, NULL);
	json_write_int(writer, "id", row);
	json_write_text(writer, "organisation", organisation);
	json_write_text(writer, "code", code);
	json_write_text(writer, "name", name);
	json_write_bool(writer, "open", !is_closed);
	json_write_text(writer, "source", row == 0 ? "directory" : "local");
	json_write_end(writer);
}

/* An organisation is followed by its units. */
static void
write_of_directory(const struct directory *directory,
    const struct org_code *organisation, struct json_writer *writer)
{
	struct directory_org org;
	uint32_t count = (uint32_t)directory_org_count(directory);

	if (!directory_find_org(directory, organisation, &org))
		return;
	for (uint32_t i = org.index + 1; i < count; i++) {
		struct directory_org unit = directory_org_at(directory, i);

		if (!text_starts(unit.code.text, organisation->text))
			return;
		write_unit(writer, 0, organisation->text, unit.code.text,
		    unit.name, unit.status == ORG_DISSOLVED);
	}
}

/* Who works with letters, and so can be given some. */
static int
write_persons(struct rows *rows, const struct org_code *organisation,
    struct json_writer *writer, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT id, name, unit, role FROM person"
		" WHERE substr(organisation, 1, 10) = ?1 AND disabled_at = 0"
		" AND role IN (?2, ?3) ORDER BY unit, name",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, organisation->text);
	query_bind_int(query, 2, ACCESS_CLERK);
	query_bind_int(query, 3, ACCESS_SUPERVISOR);
	json_write_begin_array(writer, "persons");
	while ((more = query_next(query, err)) > 0) {
		json_write_begin_object(writer, NULL);
		json_write_int(writer, "id", query_int(query, 0));
		json_write_text(writer, "name", query_text(query, 1));
		json_write_text(writer, "unit", query_text(query, 2));
		json_write_text(writer, "role",
		    access_role_name((enum access_role)query_int(query, 3)));
		json_write_end(writer);
	}
	json_write_end(writer);
	query_end(query);
	return more;
}

int
unit_write_list(struct rows *rows, const struct directory *directory,
    const struct org_code *organisation, struct json_writer *writer,
    struct error *err)
{
	struct org_code parent = org_code_parent(organisation);
	struct query *query;
	int more;

	if (query_begin(rows, COLUMNS " WHERE organisation = ?1 ORDER BY code",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, parent.text);
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "units");
	if (directory != NULL)
		write_of_directory(directory, &parent, writer);
	while ((more = query_next(query, err)) > 0)
		write_unit(writer, query_int(query, 0), query_text(query, 1),
		    query_text(query, 2), query_text(query, 3),
		    query_int(query, 4) != 0);
	json_write_end(writer);
	query_end(query);
	if (more == 0)
		more = write_persons(rows, &parent, writer, err);
	json_write_end(writer);
	return more;
}
