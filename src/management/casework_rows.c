#include "management/casework_rows.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "case/case_library.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store_backup.h"

static const char schema[] =
    "CREATE TABLE case_file ("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  id TEXT NOT NULL UNIQUE,"
    "  key TEXT UNIQUE," /* Idempotency-Key of who opened it */
    "  definition TEXT NOT NULL,"
    "  subject TEXT NOT NULL,"
    "  organisation TEXT NOT NULL,"
    "  center TEXT NOT NULL,"
    "  fields TEXT NOT NULL,"
    "  opened INTEGER NOT NULL,"
    /* For lists: what the steps come to. */
    "  state TEXT NOT NULL DEFAULT '',"
    "  since INTEGER NOT NULL DEFAULT 0,"
    "  due INTEGER," /* NULL: no deadline */
    "  is_open INTEGER NOT NULL DEFAULT 1,"
    /* Its changes wait for bulletins; when it must be looked at again. */
    "  waits INTEGER NOT NULL DEFAULT 0,"
    "  look_at INTEGER,"
    "  code_salt BLOB, code_hash BLOB,"
    "  code_until INTEGER NOT NULL DEFAULT 0,"
    "  code_tries INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX case_file_due ON case_file (due) WHERE is_open = 1;"
    "CREATE INDEX case_file_waits ON case_file (number) WHERE waits = 1;"
    "CREATE INDEX case_file_look ON case_file (look_at)"
    "  WHERE look_at IS NOT NULL;"
    "CREATE INDEX case_file_organisation ON case_file (organisation);"
    "CREATE TABLE case_step ("
    "  place INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  case_number INTEGER NOT NULL REFERENCES case_file (number),"
    "  sequence INTEGER NOT NULL,"
    "  at INTEGER NOT NULL,"
    "  kind TEXT NOT NULL,"
    "  move TEXT NOT NULL,"
    "  evidence TEXT NOT NULL,"
    "  person TEXT NOT NULL,"
    "  offices INTEGER NOT NULL,"
    "  flags INTEGER NOT NULL,"
    "  note TEXT NOT NULL,"
    "  consent BLOB,"
    "  record BLOB NOT NULL," /* what the log has */
    "  digest BLOB NOT NULL CHECK (length(digest) = 32),"
    "  leaf INTEGER," /* its place in the log; NULL: not yet */
    "  UNIQUE (case_number, sequence)) STRICT;"
    "CREATE INDEX case_step_leaf ON case_step (place) WHERE leaf IS NULL;"
    "CREATE TRIGGER case_step_stays BEFORE DELETE ON case_step"
    " BEGIN SELECT RAISE(ABORT, 'steps stay'); END;"
    "CREATE TRIGGER case_step_is_final BEFORE UPDATE OF place, case_number,"
    "  sequence, at, kind, move, evidence, person, offices, flags, note,"
    "  consent, record, digest ON case_step"
    " BEGIN SELECT RAISE(ABORT, 'steps stay as they are'); END;"
    "CREATE TRIGGER case_step_is_new BEFORE INSERT ON case_step"
    " WHEN EXISTS (SELECT 1 FROM case_step WHERE place = NEW.place"
    "  OR (case_number = NEW.case_number AND sequence = NEW.sequence))"
    " BEGIN SELECT RAISE(ABORT, 'steps stay as they are'); END;"
    "CREATE TABLE case_attachment ("
    "  case_number INTEGER NOT NULL REFERENCES case_file (number),"
    "  number INTEGER NOT NULL,"
    "  sequence INTEGER NOT NULL," /* of the step */
    "  evidence TEXT NOT NULL,"
    "  name TEXT NOT NULL,"
    "  type TEXT NOT NULL,"
    "  digest BLOB NOT NULL CHECK (length(digest) = 32),"
    "  data BLOB NOT NULL,"
    "  content BLOB," /* of a request file: what was signed */
    "  PRIMARY KEY (case_number, number)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE case_notice ("
    "  number INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  case_number INTEGER NOT NULL REFERENCES case_file (number),"
    "  name TEXT NOT NULL,"
    "  since INTEGER NOT NULL,"
    "  at INTEGER NOT NULL,"
    "  audience INTEGER NOT NULL,"
    "  text_zh TEXT NOT NULL,"
    "  text_en TEXT NOT NULL,"
    "  UNIQUE (case_number, name, since)) STRICT;"
    "CREATE TABLE person ("
    "  fingerprint TEXT PRIMARY KEY,"
    "  name TEXT NOT NULL,"
    "  organisation TEXT NOT NULL,"
    "  offices INTEGER NOT NULL,"
    "  is_ended INTEGER NOT NULL,"
    "  case_id TEXT NOT NULL,"
    "  since INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    /* What hosts asked for: of which case, by which way. */
    "CREATE TABLE case_request (id TEXT PRIMARY KEY, digest BLOB NOT NULL,"
    "  host TEXT NOT NULL, center TEXT NOT NULL,"
    "  case_number INTEGER NOT NULL REFERENCES case_file (number),"
    "  is_opening INTEGER NOT NULL, at INTEGER NOT NULL)"
    "  STRICT, WITHOUT ROWID;"
    "CREATE INDEX case_request_case ON case_request (case_number);"
    "CREATE INDEX case_request_host ON case_request (host, at);"
    "CREATE TABLE officer (fingerprint TEXT PRIMARY KEY)"
    " STRICT, WITHOUT ROWID;";

int
casework_rows_open(const char *folder, bool is_writer, struct rows **ret_rows,
    struct error *err)
{
	static const char *const migrations[] = { schema };
	char path[PATH_MAX];
	struct rows_options options = {
		.path = path,
		.application_id = CASEWORK_APPLICATION_ID,
		.migrations = migrations,
		.migration_count = ARRAY_LEN(migrations),
		.read_only = !is_writer,
		/* The store beside it has looked at the file system. */
		.allow_volatile = true,
	};

	if (snprintf(path, sizeof(path), "%s/%s", folder,
		store_beside_casework) >= (int)sizeof(path))
		return error_set(err, ERROR_MALFORMED, "path too long");
	return rows_open(&options, ret_rows, err);
}

void
casework_case_free(struct casework_case *file)
{
	free(file->fields);
	file->fields = NULL;
}

/* ---- loading ------------------------------------------------------------------ */

static int
no_case(struct error *err, const char *id)
{
	return error_set_id(err, "E7110", ERROR_NOT_FOUND, "no case %.40s", id);
}

static int
read_case(struct query *query, const struct case_library *library,
    struct casework_case *file, struct error *err)
{
	const void *salt;
	size_t len;

	file->number = query_int(query, 0);
	file->definition = case_library_find(library, query_text(query, 1));
	if (file->definition == NULL)
		return error_set(err, ERROR_MALFORMED,
		    "this program has no definition %s", query_text(query, 1));
	file->opened_ms = query_int(query, 6);
	salt = query_data(query, 7, &len);
	if (len == CASEWORK_SALT_LEN) {
		memcpy(file->code_salt, salt, len);
		query_digest(query, 8, &file->code_hash);
	}
	file->code_until_ms = query_int(query, 9);
	file->code_tries = query_int(query, 10);
	file->fields = text_dup(query_text(query, 5));
	if (file->fields == NULL)
		return error_set_memory(err);
	if (!text_copy(file->subject, sizeof(file->subject),
		query_text(query, 2)) ||
	    !text_copy(file->organisation, sizeof(file->organisation),
		query_text(query, 3)) ||
	    !text_copy(file->center, sizeof(file->center),
		query_text(query, 4)))
		return error_set(err, ERROR_MALFORMED,
		    "a row of the case is too long");
	return 0;
}

static int
load_row(struct rows *rows, const struct case_library *library, const char *id,
    struct casework_case *file, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT number, definition, subject, organisation, center,"
		" fields, opened, code_salt, code_hash, code_until, code_tries"
		" FROM case_file WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, id);
	more = query_next(query, err);
	if (more == 0)
		more = no_case(err, id);
	else if (more > 0)
		more = read_case(query, library, file, err);
	if (more == 0)
		more = query_failed(query, err);
	query_end(query);
	return more;
}

static int
read_step(struct query *query, const struct case_definition *definition,
    struct case_step *step, struct error *err)
{
	int64_t flags = query_int(query, 6);

	if (!case_step_kind_parse(query_text(query, 0), &step->kind) ||
	    !text_copy(step->person, sizeof(step->person),
		query_text(query, 3)))
		return error_set(err, ERROR_MALFORMED, "a step of no kind");
	step->move = case_find_move(definition, query_text(query, 1));
	step->evidence = case_find_evidence(definition, query_text(query, 2));
	step->offices = (unsigned)query_int(query, 4);
	step->at_ms = query_int(query, 5);
	step->is_signed = (flags & 1) != 0;
	step->has_code = (flags & 2) != 0;
	step->has_note = (flags & 4) != 0;
	if ((step->kind == CASE_STEP_MOVE && step->move == CASE_NONE) ||
	    (step->kind == CASE_STEP_ATTACH && step->evidence == CASE_NONE))
		return error_set(err, ERROR_MALFORMED,
		    "this program's %s has no %s%s", definition->name,
		    query_text(query, 1), query_text(query, 2));
	return 0;
}

/* The status is what all steps make of it. */
static int
load_steps(struct rows *rows, struct casework_case *file, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT kind, move, evidence, person, offices, at, flags,"
		" digest FROM case_step WHERE case_number = ?1"
		" ORDER BY sequence",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, file->number);
	while ((more = query_next(query, err)) > 0) {
		struct case_step step = { .at_ms = 0 };

		if (read_step(query, file->definition, &step, err) < 0) {
			more = -1;
			break;
		}
		case_apply(file->definition, &file->status, &step);
		query_digest(query, 7, &file->last);
	}
	query_end(query);
	return more;
}

int
casework_load(struct rows *rows, const struct case_library *library,
    const char *id, struct casework_case *ret_case, struct error *err)
{
	struct casework_case file = { .number = 0 };

	if (!text_copy(file.id, sizeof(file.id), id))
		return no_case(err, id);
	if (load_row(rows, library, id, &file, err) < 0 ||
	    load_steps(rows, &file, err) < 0) {
		casework_case_free(&file);
		return -1;
	}
	*ret_case = file;
	return 0;
}

/* ---- cases ---------------------------------------------------------------------- */

int
casework_insert(struct rows *rows, struct casework_case *file, const char *key,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO case_file (id, key, definition, subject,"
		" organisation, center, fields, opened)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, file->id);
	if (key[0] != '\0')
		query_bind_text(query, 2, key);
	else
		query_bind_null(query, 2);
	query_bind_text(query, 3, file->definition->name);
	query_bind_text(query, 4, file->subject);
	query_bind_text(query, 5, file->organisation);
	query_bind_text(query, 6, file->center);
	query_bind_text(query, 7, file->fields);
	query_bind_int(query, 8, file->opened_ms);
	if (query_finish(query, err) < 0)
		return -1;
	file->number = rows_last_id(rows);
	return 0;
}

int
casework_find_key(struct rows *rows, const char *key,
    char ret_id[CASEWORK_ID_SIZE], struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, "SELECT id FROM case_file WHERE key = ?1", &query,
		err) < 0)
		return -1;
	query_bind_text(query, 1, key);
	found = query_next(query, err);
	if (found > 0)
		text_copy(ret_id, CASEWORK_ID_SIZE, query_text(query, 0));
	query_end(query);
	return found;
}

int
casework_save_code(struct rows *rows, const struct casework_case *file,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE case_file SET code_salt = ?2, code_hash = ?3,"
		" code_until = ?4, code_tries = ?5 WHERE number = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, file->number);
	query_bind_data(query, 2, file->code_salt, CASEWORK_SALT_LEN);
	query_bind_digest(query, 3, &file->code_hash);
	query_bind_int(query, 4, file->code_until_ms);
	query_bind_int(query, 5, file->code_tries);
	return query_finish(query, err);
}

/* The one number that a statement with at most one value yields. */
static int
count(struct rows *rows, const char *sql, int64_t value, int64_t *ret_count,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows, sql, &query, err) < 0)
		return -1;
	query_bind_int(query, 1, value);
	more = query_next(query, err);
	if (more > 0)
		*ret_count = query_int(query, 0);
	query_end(query);
	return more < 0 ? -1 : 0;
}

int
casework_count_codes(struct rows *rows, int64_t since_ms, int64_t *ret_count,
    struct error *err)
{
	return count(rows,
	    "SELECT count(*) FROM case_step AS s JOIN case_file AS f"
	    " ON f.number = s.case_number WHERE s.at >= ?1"
	    " AND f.code_hash IS NOT NULL AND s.kind IN ('open', 'code')",
	    since_ms, ret_count, err);
}

int
casework_count_all(struct rows *rows, int64_t *ret_count, struct error *err)
{
	return count(rows,
	    "SELECT coalesce(max(number), 0) FROM case_file WHERE number > ?1",
	    0, ret_count, err);
}

int
casework_count_open(struct rows *rows, int64_t *ret_count, struct error *err)
{
	return count(rows,
	    "SELECT count(*) FROM case_file WHERE is_open = 1 AND number > ?1",
	    0, ret_count, err);
}

int
casework_count_overdue(struct rows *rows, int64_t now_ms, int64_t *ret_count,
    struct error *err)
{
	return count(rows,
	    "SELECT count(*) FROM case_file WHERE is_open = 1 AND due <= ?1",
	    now_ms, ret_count, err);
}

int
casework_count_attachments(struct rows *rows, int64_t number,
    int64_t *ret_count, struct error *err)
{
	return count(rows,
	    "SELECT count(*) FROM case_attachment WHERE case_number = ?1",
	    number, ret_count, err);
}

/* One after the other by number, since a visit may change what is visited. */
static int
each(struct rows *rows, const char *sql, int64_t now_ms,
    casework_visit_fn visit, void *ctx, struct error *err)
{
	int64_t after = 0;
	int more = 1;

	while (more > 0) {
		char id[CASEWORK_ID_SIZE] = "";
		struct query *query;

		if (query_begin(rows, sql, &query, err) < 0)
			return -1;
		query_bind_int(query, 1, after);
		query_bind_int(query, 2, now_ms);
		more = query_next(query, err);
		if (more > 0) {
			after = query_int(query, 0);
			text_copy(id, sizeof(id), query_text(query, 1));
		}
		query_end(query);
		if (more > 0 && visit(ctx, id, err) < 0)
			return -1;
	}
	return more;
}

int
casework_each_waiting(struct rows *rows, casework_visit_fn visit, void *ctx,
    struct error *err)
{
	return each(rows,
	    "SELECT number, id FROM case_file WHERE waits = 1"
	    " AND number > ?1 AND ?2 = 0 ORDER BY number LIMIT 1",
	    0, visit, ctx, err);
}

int
casework_each_due(struct rows *rows, int64_t now_ms, casework_visit_fn visit,
    void *ctx, struct error *err)
{
	return each(rows,
	    "SELECT number, id FROM case_file WHERE look_at <= ?2"
	    " AND number > ?1 ORDER BY number LIMIT 1",
	    now_ms, visit, ctx, err);
}

int
casework_save_look(struct rows *rows, const struct casework_case *file,
    int64_t now_ms, struct error *err)
{
	int64_t at = case_next_look_ms(file->definition, &file->status, now_ms);
	struct query *query;

	if (query_begin(rows,
		"UPDATE case_file SET look_at = ?2 WHERE number = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, file->number);
	if (at == INT64_MAX)
		query_bind_null(query, 2);
	else
		query_bind_int(query, 2, at);
	return query_finish(query, err);
}

/* ---- all of it --------------------------------------------------------------------- */

struct checking {
	struct rows *rows;
	const struct case_library *library;
	size_t count;
};

static int
check_case(struct checking *checking, const char *id, const char *state,
    struct error *err)
{
	struct casework_case file = { .number = 0 };
	int rc =
	    casework_load(checking->rows, checking->library, id, &file, err);

	if (rc == 0 &&
	    !text_equal(state, file.definition->states[file.status.state].name))
		rc = error_set(err, ERROR_MALFORMED,
		    "case %s: its steps lead to another state than %.32s", id,
		    state);
	checking->count++;
	casework_case_free(&file);
	return rc;
}

int
casework_check(struct rows *rows, const struct case_library *library,
    size_t *ret_count, struct error *err)
{
	struct checking checking = { rows, library, 0 };
	int64_t after = 0;
	int more = 1;

	if (rows_check(rows, err) < 0)
		return -1;
	while (more > 0) {
		char id[CASEWORK_ID_SIZE] = "";
		char state[CASE_NAME_SIZE] = "";
		struct query *query;

		if (query_begin(rows,
			"SELECT number, id, state FROM case_file"
			" WHERE number > ?1 ORDER BY number LIMIT 1",
			&query, err) < 0)
			return -1;
		query_bind_int(query, 1, after);
		more = query_next(query, err);
		if (more > 0) {
			after = query_int(query, 0);
			text_copy(id, sizeof(id), query_text(query, 1));
			text_copy(state, sizeof(state), query_text(query, 2));
		}
		query_end(query);
		if (more > 0 && check_case(&checking, id, state, err) < 0)
			return -1;
	}
	*ret_count = checking.count;
	return more;
}
