#include "gateway/sending/desk_draft.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "document/document.h"
#include "store/query.h"
#include "store/rows.h"

/* state: 3 is sent. */
const char desk_draft_schema[] =
    "CREATE TABLE draft ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, draft_id BLOB NOT NULL UNIQUE,"
    " key TEXT NOT NULL, digest BLOB NOT NULL, organisation TEXT NOT NULL,"
    " title TEXT NOT NULL, note TEXT NOT NULL, state INTEGER NOT NULL,"
    " version INTEGER NOT NULL, made_by TEXT NOT NULL,"
    " made_at INTEGER NOT NULL, changed_by TEXT NOT NULL,"
    " changed_at INTEGER NOT NULL, document BLOB NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX draft_key ON draft (key) WHERE key <> '';"
    "CREATE INDEX draft_open ON draft (organisation) WHERE state < 3;"
    "CREATE INDEX draft_document ON draft (document) WHERE state = 3;"
    "CREATE TABLE draft_file ("
    " draft INTEGER NOT NULL REFERENCES draft, position INTEGER NOT NULL,"
    " name TEXT NOT NULL, payload INTEGER NOT NULL, len INTEGER NOT NULL,"
    " digest BLOB NOT NULL, PRIMARY KEY (draft, position),"
    " UNIQUE (draft, name)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE draft_step ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " draft INTEGER NOT NULL REFERENCES draft, at INTEGER NOT NULL,"
    " actor TEXT NOT NULL, is_person INTEGER NOT NULL,"
    " version INTEGER NOT NULL, step INTEGER NOT NULL,"
    " note TEXT NOT NULL) STRICT;"
    "CREATE INDEX draft_step_draft ON draft_step (draft, id);";

#define COLUMNS                                                        \
	"id, draft_id, key, digest, organisation, title, note, state," \
	" version, made_by, made_at, changed_by, changed_at, document"

/* ---- drafts ---------------------------------------------------------- */

/* Steps the query to its row, reads it, and ends the query. */
static int
read_draft(struct query *query, struct desk_draft *ret_draft, struct error *err)
{
	struct desk_draft draft = { 0 };
	int found = query_next(query, err);
	int64_t state;

	if (found <= 0)
		goto done;
	draft.row = query_int(query, 0);
	query_id(query, 1, &draft.id);
	query_digest(query, 3, &draft.digest);
	state = query_int(query, 7);
	draft.version = query_int(query, 8);
	draft.made_at = query_int(query, 10);
	draft.changed_at = query_int(query, 12);
	query_id(query, 13, &draft.document);
	if (!text_copy(draft.key, sizeof(draft.key), query_text(query, 2)) ||
	    !org_code_parse(query_text(query, 4), &draft.organisation) ||
	    !text_copy(draft.title, sizeof(draft.title),
		query_text(query, 5)) ||
	    !text_copy(draft.note, sizeof(draft.note), query_text(query, 6)) ||
	    state < 0 || state >= DESK_DRAFT_STATE_COUNT ||
	    !text_copy(draft.made_by, sizeof(draft.made_by),
		query_text(query, 9)) ||
	    !text_copy(draft.changed_by, sizeof(draft.changed_by),
		query_text(query, 11)))
		found = error_set(err, ERROR_SYSTEM,
		    "row %lld of the drafts is damaged", (long long)draft.row);
	else if (query_failed(query, err) < 0)
		found = -1;
	draft.state = (enum desk_draft_state)state;
	if (found > 0)
		*ret_draft = draft;
done:
	query_end(query);
	return found;
}

int
desk_draft_find(struct rows *rows, const struct id *id,
    struct desk_draft *ret_draft, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"SELECT " COLUMNS " FROM draft WHERE draft_id = ?1", &query,
		err) < 0)
		return -1;
	query_bind_id(query, 1, id);
	return read_draft(query, ret_draft, err);
}

int
desk_draft_find_key(struct rows *rows, const char *key,
    struct desk_draft *ret_draft, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"SELECT " COLUMNS " FROM draft WHERE key = ?1 AND key <> ''",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, key);
	return read_draft(query, ret_draft, err);
}

int
desk_draft_find_row(struct rows *rows, int64_t row,
    struct desk_draft *ret_draft, struct error *err)
{
	struct query *query;

	if (query_begin(rows, "SELECT " COLUMNS " FROM draft WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	return read_draft(query, ret_draft, err);
}

int
desk_draft_find_document(struct rows *rows, const struct id *document_id,
    struct desk_draft *ret_draft, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"SELECT " COLUMNS
		" FROM draft WHERE document = ?1 AND state = 3",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, document_id);
	return read_draft(query, ret_draft, err);
}

int
desk_draft_add(struct rows *rows, struct desk_draft *draft, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO draft (draft_id, key, digest, organisation, title,"
		" note, state, version, made_by, made_at, changed_by,"
		" changed_at, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
		" ?9, ?10, ?9, ?10, ?11)",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, &draft->id);
	query_bind_text(query, 2, draft->key);
	query_bind_digest(query, 3, &draft->digest);
	query_bind_text(query, 4, draft->organisation.text);
	query_bind_text(query, 5, draft->title);
	query_bind_text(query, 6, draft->note);
	query_bind_int(query, 7, draft->state);
	query_bind_int(query, 8, draft->version);
	query_bind_text(query, 9, draft->made_by);
	query_bind_int(query, 10, draft->made_at);
	query_bind_id(query, 11, &draft->document);
	if (query_finish(query, err) < 0)
		return -1;
	draft->row = rows_last_id(rows);
	return 0;
}

int
desk_draft_save(struct rows *rows, const struct desk_draft *draft,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE draft SET title = ?2, note = ?3, state = ?4,"
		" version = ?5, changed_by = ?6, changed_at = ?7, document = ?8"
		" WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, draft->row);
	query_bind_text(query, 2, draft->title);
	query_bind_text(query, 3, draft->note);
	query_bind_int(query, 4, draft->state);
	query_bind_int(query, 5, draft->version);
	query_bind_text(query, 6, draft->changed_by);
	query_bind_int(query, 7, draft->changed_at);
	query_bind_id(query, 8, &draft->document);
	return query_finish(query, err);
}

/* One statement that names a draft's row. */
static int
run_with_row(struct rows *rows, const char *sql, int64_t row, struct error *err)
{
	struct query *query;

	if (query_begin(rows, sql, &query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	return query_finish(query, err);
}

int
desk_draft_remove(struct rows *rows, int64_t row, struct error *err)
{
	if (run_with_row(rows, "DELETE FROM draft_file WHERE draft = ?1", row,
		err) < 0 ||
	    run_with_row(rows, "DELETE FROM draft_step WHERE draft = ?1", row,
		err) < 0)
		return -1;
	return run_with_row(rows, "DELETE FROM draft WHERE id = ?1", row, err);
}

int
desk_draft_step_add(struct rows *rows, const struct desk_draft *draft,
    const struct desk_draft_actor *actor, enum desk_draft_step step,
    const char *note, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO draft_step (draft, at, actor, is_person, version,"
		" step, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, draft->row);
	query_bind_int(query, 2, draft->changed_at);
	query_bind_text(query, 3, actor->name);
	query_bind_int(query, 4, actor->is_person);
	query_bind_int(query, 5, draft->version);
	query_bind_int(query, 6, step);
	query_bind_text(query, 7, note);
	return query_finish(query, err);
}

int
desk_draft_usage(struct rows *rows, const struct org_code *organisation,
    struct desk_draft_usage *ret_usage, struct error *err)
{
	struct query *query;
	int more;

	*ret_usage = (struct desk_draft_usage){ 0 };
	if (query_begin(rows,
		"SELECT count(DISTINCT d.id), coalesce(sum(f.len), 0)"
		" FROM draft AS d LEFT JOIN draft_file AS f ON f.draft = d.id"
		" WHERE d.organisation = ?1 AND d.state < 3",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, organisation->text);
	more = query_next(query, err);
	if (more > 0) {
		ret_usage->drafts = query_int(query, 0);
		ret_usage->bytes = query_int(query, 1);
	}
	query_end(query);
	return more < 0 ? -1 : 0;
}

/* ---- files ----------------------------------------------------------- */

static int
add_room(struct outbox_files *files, struct error *err)
{
	struct outbox_file *list =
	    realloc(files->list, (files->count + 1) * sizeof(*list));

	if (list == NULL)
		return error_set_memory(err);
	files->list = list;
	list[files->count] = (struct outbox_file){ 0 };
	return 0;
}

int
desk_draft_files(struct rows *rows, int64_t row, struct outbox_files *files,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT name, payload, len, digest FROM draft_file"
		" WHERE draft = ?1 ORDER BY position",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	while ((more = query_next(query, err)) > 0) {
		struct outbox_file *file;

		if (add_room(files, err) < 0) {
			more = -1;
			break;
		}
		file = &files->list[files->count++];
		text_copy(file->name, sizeof(file->name), query_text(query, 0));
		file->kind = document_kind_of_name(file->name);
		file->payload = (uint64_t)query_int(query, 1);
		file->len = (uint64_t)query_int(query, 2);
		query_digest(query, 3, &file->digest);
		files->size += file->len;
	}
	query_end(query);
	return more;
}

int
desk_draft_file_add(struct rows *rows, int64_t row,
    const struct outbox_file *file, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO draft_file (draft, position, name, payload, len,"
		" digest) SELECT ?1, coalesce(max(position) + 1, 0), ?2, ?3,"
		" ?4, ?5 FROM draft_file WHERE draft = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_text(query, 2, file->name);
	query_bind_int(query, 3, (int64_t)file->payload);
	query_bind_int(query, 4, (int64_t)file->len);
	query_bind_digest(query, 5, &file->digest);
	return query_finish(query, err);
}

int
desk_draft_file_remove(struct rows *rows, int64_t row, const char *name,
    uint64_t *ret_payload, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"DELETE FROM draft_file WHERE draft = ?1 AND name = ?2"
		" RETURNING payload",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_text(query, 2, name);
	found = query_next(query, err);
	if (found > 0) {
		*ret_payload = (uint64_t)query_int(query, 0);
		/* To its end, so that the row is gone. */
		if (query_next(query, err) < 0)
			found = -1;
	}
	query_end(query);
	return found;
}

static int
move_files(struct rows *rows, const char *sql, int64_t row, int64_t document,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows, sql, &query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_int(query, 2, document);
	return query_finish(query, err);
}

int
desk_draft_files_remove(struct rows *rows, int64_t row, struct error *err)
{
	return run_with_row(rows, "DELETE FROM draft_file WHERE draft = ?1",
	    row, err);
}

int
desk_draft_files_to_letter(struct rows *rows, int64_t row, int64_t document,
    struct error *err)
{
	if (move_files(rows,
		"INSERT INTO outbox_file (document, position, name, payload,"
		" len, digest) SELECT ?2, position, name, payload, len, digest"
		" FROM draft_file WHERE draft = ?1",
		row, document, err) < 0)
		return -1;
	return desk_draft_files_remove(rows, row, err);
}

/* Copies of a series have files in common, which come back once. */
int
desk_draft_files_from_letter(struct rows *rows, int64_t row, int64_t document,
    struct error *err)
{
	if (move_files(rows,
		"INSERT INTO draft_file (draft, position, name, payload, len,"
		" digest) SELECT ?1, (SELECT coalesce(max(position) + 1, 0)"
		" FROM draft_file WHERE draft = ?1) + position, name, payload,"
		" len, digest FROM outbox_file WHERE document = ?2"
		" AND name NOT IN"
		" (SELECT name FROM draft_file WHERE draft = ?1)",
		row, document, err) < 0)
		return -1;
	return run_with_row(rows, "DELETE FROM outbox_file WHERE document = ?1",
	    document, err);
}
