#include "gateway/sending/desk_group.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "store/query.h"
#include "store/rows.h"

const char desk_group_schema[] =
    "CREATE TABLE desk_group ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, organisation TEXT NOT NULL,"
    " code TEXT NOT NULL, version INTEGER NOT NULL,"
    " UNIQUE (organisation, code)) STRICT;"
    "CREATE TABLE desk_group_version ("
    " desk_group INTEGER NOT NULL REFERENCES desk_group,"
    " version INTEGER NOT NULL, title TEXT NOT NULL,"
    " changed_by TEXT NOT NULL, changed_at INTEGER NOT NULL,"
    " PRIMARY KEY (desk_group, version)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE desk_group_member ("
    " desk_group INTEGER NOT NULL REFERENCES desk_group,"
    " version INTEGER NOT NULL, position INTEGER NOT NULL,"
    " code TEXT NOT NULL, name TEXT NOT NULL,"
    " with_attachments INTEGER NOT NULL, is_copy INTEGER NOT NULL,"
    " PRIMARY KEY (desk_group, version, position))"
    " STRICT, WITHOUT ROWID;";

void
desk_group_free(struct desk_group *group)
{
	free(group->members);
	*group = (struct desk_group){ 0 };
}

struct desk_member *
desk_group_add_member(struct desk_group *group, struct error *err)
{
	struct desk_member *members;

	if (group->count >= DESK_GROUP_MEMBERS_MAX) {
		error_set_id(err, "E6615", ERROR_MALFORMED,
		    "a group has at most %d members", DESK_GROUP_MEMBERS_MAX);
		return NULL;
	}
	members = realloc(group->members,
	    (group->count + 1) * sizeof(*group->members));
	if (members == NULL) {
		error_set_memory(err);
		return NULL;
	}
	group->members = members;
	members[group->count] =
	    (struct desk_member){ .with_attachments = true };
	return &members[group->count++];
}

bool
desk_group_code_is_good(const char *code)
{
	size_t len = strlen(code);

	if (len == 0 || len >= DESK_GROUP_CODE_SIZE)
		return false;
	for (; *code != '\0'; code++)
		if (!((*code >= '0' && *code <= '9') ||
			(*code >= 'A' && *code <= 'Z') ||
			(*code >= 'a' && *code <= 'z') || *code == '-'))
			return false;
	return true;
}

/* ---- reading --------------------------------------------------------- */

static int
read_members(struct rows *rows, struct desk_group *group, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT code, name, with_attachments, is_copy"
		" FROM desk_group_member WHERE desk_group = ?1 AND version = ?2"
		" ORDER BY position",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, group->row);
	query_bind_int(query, 2, group->version);
	while ((more = query_next(query, err)) > 0) {
		struct desk_member *member = desk_group_add_member(group, err);

		if (member == NULL) {
			more = -1;
			break;
		}
		if (!org_code_parse(query_text(query, 0), &member->code))
			continue;
		text_copy(member->name, sizeof(member->name),
		    query_text(query, 1));
		member->with_attachments = query_int(query, 2) != 0;
		member->is_copy = query_int(query, 3) != 0;
	}
	query_end(query);
	return more;
}

int
desk_group_find(struct rows *rows, const struct org_code *organisation,
    const char *code, int64_t version, struct desk_group *group,
    struct error *err)
{
	struct org_code parent = org_code_parent(organisation);
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT g.id, v.version, v.title, v.changed_by, v.changed_at"
		" FROM desk_group AS g JOIN desk_group_version AS v"
		" ON v.desk_group = g.id WHERE g.organisation = ?1"
		" AND g.code = ?2"
		" AND v.version = CASE ?3 WHEN 0 THEN g.version ELSE ?3 END",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, parent.text);
	query_bind_text(query, 2, code);
	query_bind_int(query, 3, version);
	found = query_next(query, err);
	if (found > 0) {
		group->organisation = parent;
		group->row = query_int(query, 0);
		group->version = query_int(query, 1);
		text_copy(group->code, sizeof(group->code), code);
		text_copy(group->title, sizeof(group->title),
		    query_text(query, 2));
		text_copy(group->changed_by, sizeof(group->changed_by),
		    query_text(query, 3));
		group->changed_at = query_int(query, 4);
	}
	query_end(query);
	if (found > 0 && read_members(rows, group, err) < 0)
		found = -1;
	return found;
}

int
desk_group_load(struct rows *rows, const struct org_code *organisation,
    const char *code, struct desk_group *group, struct error *err)
{
	int found = desk_group_find(rows, organisation, code, 0, group, err);

	if (found == 0)
		return error_set_id(err, "E6616", ERROR_NOT_FOUND,
		    "there is no group %.40s", code);
	return found < 0 ? -1 : 0;
}

int
desk_group_count(struct rows *rows, const struct org_code *organisation,
    int64_t *ret_count, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT count(*) FROM desk_group WHERE organisation = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, organisation->text);
	more = query_next(query, err);
	*ret_count = more > 0 ? query_int(query, 0) : 0;
	query_end(query);
	return more < 0 ? -1 : 0;
}

int
desk_group_each(struct rows *rows, const struct org_code *organisation,
    desk_group_fn fn, void *ctx, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT code FROM desk_group WHERE organisation = ?1"
		" ORDER BY code",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, organisation->text);
	while ((more = query_next(query, err)) > 0)
		if (fn(ctx, query_text(query, 0), err) < 0) {
			more = -1;
			break;
		}
	query_end(query);
	return more;
}

/* ---- changing -------------------------------------------------------- */

static int
add_group(struct rows *rows, struct desk_group *group, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO desk_group (organisation, code, version)"
		" VALUES (?1, ?2, 0)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, group->organisation.text);
	query_bind_text(query, 2, group->code);
	if (query_finish(query, err) < 0)
		return -1;
	group->row = rows_last_id(rows);
	group->version = 0;
	return 0;
}

static int
add_version(struct rows *rows, const struct desk_group *group,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO desk_group_version (desk_group, version, title,"
		" changed_by, changed_at) VALUES (?1, ?2, ?3, ?4, ?5)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, group->row);
	query_bind_int(query, 2, group->version);
	query_bind_text(query, 3, group->title);
	query_bind_text(query, 4, group->changed_by);
	query_bind_int(query, 5, group->changed_at);
	return query_finish(query, err);
}

static int
add_member(struct rows *rows, const struct desk_group *group, size_t position,
    struct error *err)
{
	const struct desk_member *member = &group->members[position];
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO desk_group_member (desk_group, version, position,"
		" code, name, with_attachments, is_copy)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, group->row);
	query_bind_int(query, 2, group->version);
	query_bind_int(query, 3, (int64_t)position);
	query_bind_text(query, 4, member->code.text);
	query_bind_text(query, 5, member->name);
	query_bind_int(query, 6, member->with_attachments);
	query_bind_int(query, 7, member->is_copy);
	return query_finish(query, err);
}

/* One statement with a row and a version. */
static int
run(struct rows *rows, const char *sql, int64_t row, int64_t version,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows, sql, &query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_int(query, 2, version);
	return query_finish(query, err);
}

/* Those before it. */
static int
drop_versions(struct rows *rows, int64_t row, int64_t version,
    struct error *err)
{
	if (run(rows,
		"DELETE FROM desk_group_member WHERE desk_group = ?1"
		" AND version < ?2",
		row, version, err) < 0)
		return -1;
	return run(rows,
	    "DELETE FROM desk_group_version WHERE desk_group = ?1"
	    " AND version < ?2",
	    row, version, err);
}

int
desk_group_save(struct rows *rows, struct desk_group *group, struct error *err)
{
	if (group->row == 0 && add_group(rows, group, err) < 0)
		return -1;
	group->version++;
	if (add_version(rows, group, err) < 0 ||
	    run(rows, "UPDATE desk_group SET version = ?2 WHERE id = ?1",
		group->row, group->version, err) < 0)
		return -1;
	for (size_t i = 0; i < group->count; i++)
		if (add_member(rows, group, i, err) < 0)
			return -1;
	return drop_versions(rows, group->row,
	    group->version - DESK_GROUP_VERSIONS_MAX + 1, err);
}

int
desk_group_remove(struct rows *rows, int64_t row, struct error *err)
{
	if (drop_versions(rows, row, INT64_MAX, err) < 0)
		return -1;
	return run(rows, "DELETE FROM desk_group WHERE id = ?1 AND ?2 = ?2",
	    row, 0, err);
}
