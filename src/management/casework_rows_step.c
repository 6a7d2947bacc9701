#include "management/casework_rows.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "envelope/case_consent.h"
#include "store/query.h"
#include "store/rows.h"

/* ---- steps -------------------------------------------------------------------- */

static const char *
move_name(const struct casework_case *file, const struct case_step *step)
{
	return step->kind == CASE_STEP_MOVE
	    ? file->definition->moves[step->move].name
	    : "";
}

static const char *
evidence_name(const struct casework_case *file, const struct case_step *step)
{
	return step->kind == CASE_STEP_ATTACH
	    ? file->definition->evidence[step->evidence].name
	    : "";
}

/* What the log has of it; the status is the one after the step. */
static int
encode_record(const struct casework_case *file, const char *environment,
    const struct casework_step *step, struct bytes *to, struct error *err)
{
	struct case_record record = {
		.environment = environment,
		.id = file->id,
		.definition = file->definition->name,
		.sequence = file->status.step_count,
		.kind = case_step_kind_name(step->step.kind),
		.move = move_name(file, &step->step),
		.state = file->definition->states[file->status.state].name,
		.evidence = evidence_name(file, &step->step),
		.person = step->step.person,
		.content = step->content,
		.time_ms = step->step.at_ms,
	};

	if (step->note[0] != '\0')
		sha256(step->note, strlen(step->note), &record.note);
	if (step->consent != NULL)
		sha256(step->consent->data, step->consent->len,
		    &record.consent);
	return case_record_encode(&record, to, err);
}

static int
insert_step(struct rows *rows, const struct casework_case *file,
    const struct casework_step *step, const struct bytes *record,
    const struct digest *digest, struct error *err)
{
	const struct case_step *of = &step->step;
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO case_step (case_number, sequence, at, kind, move,"
		" evidence, person, offices, flags, note, consent, record,"
		" digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
		" ?11, ?12, ?13)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, file->number);
	query_bind_int(query, 2, file->status.step_count);
	query_bind_int(query, 3, of->at_ms);
	query_bind_text(query, 4, case_step_kind_name(of->kind));
	query_bind_text(query, 5, move_name(file, of));
	query_bind_text(query, 6, evidence_name(file, of));
	query_bind_text(query, 7, of->person);
	query_bind_int(query, 8, of->offices);
	query_bind_int(query, 9,
	    (of->is_signed ? 1 : 0) + (of->has_code ? 2 : 0) +
		(of->has_note ? 4 : 0));
	query_bind_text(query, 10, step->note);
	if (step->consent != NULL)
		query_bind_data(query, 11, step->consent->data,
		    step->consent->len);
	else
		query_bind_null(query, 11);
	query_bind_data(query, 12, record->data, record->len);
	query_bind_digest(query, 13, digest);
	return query_finish(query, err);
}

static int
update_case(struct rows *rows, const struct casework_case *file, int64_t now_ms,
    struct error *err)
{
	int64_t due = case_due_ms(file->definition, &file->status);
	struct query *query;

	if (query_begin(rows,
		"UPDATE case_file SET state = ?2, since = ?3, due = ?4,"
		" is_open = ?5, waits = ?6 WHERE number = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, file->number);
	query_bind_text(query, 2,
	    file->definition->states[file->status.state].name);
	query_bind_int(query, 3, file->status.since_ms);
	if (due == INT64_MAX)
		query_bind_null(query, 4);
	else
		query_bind_int(query, 4, due);
	query_bind_int(query, 5,
	    case_is_over(file->definition, &file->status) ? 0 : 1);
	query_bind_int(query, 6,
	    file->definition->states[file->status.state].effect[0] != '\0');
	return query_finish(query, err) < 0
	    ? -1
	    : casework_save_look(rows, file, now_ms, err);
}

/* Whom a move tells; only when it was made, not when one of two agreed. */
static int
tell(struct rows *rows, const struct casework_case *file,
    const struct case_step *step, int state_before, struct error *err)
{
	const struct case_definition *definition = file->definition;

	if (step->kind != CASE_STEP_MOVE ||
	    (file->status.state == state_before &&
		definition->moves[step->move].persons > 1))
		return 0;
	for (int i = 0; i < definition->notice_count; i++)
		if (definition->notices[i].move == step->move &&
		    casework_add_notice(rows, file, &definition->notices[i],
			step->at_ms, err) < 0)
			return -1;
	return 0;
}

int
casework_add_step(struct rows *rows, struct casework_case *file,
    const char *environment, const struct casework_step *step,
    struct error *err)
{
	int state_before = file->status.state;
	struct bytes record = { 0 };
	struct digest digest;
	int rc = -1;

	case_apply(file->definition, &file->status, &step->step);
	if (encode_record(file, environment, step, &record, err) == 0) {
		sha256(record.data, record.len, &digest);
		rc = insert_step(rows, file, step, &record, &digest, err);
	}
	bytes_free(&record);
	if (rc < 0 || update_case(rows, file, step->step.at_ms, err) < 0)
		return -1;
	file->last = digest;
	return tell(rows, file, &step->step, state_before, err);
}

/* ---- attachments ---------------------------------------------------------------- */

int
casework_add_attachment(struct rows *rows, const struct casework_case *file,
    const struct casework_attachment *attachment, const struct digest *digest,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO case_attachment (case_number, number, sequence,"
		" evidence, name, type, digest, data, content)"
		" SELECT ?1, count(*), ?2, ?3, ?4, ?5, ?6, ?7, ?8"
		" FROM case_attachment WHERE case_number = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, file->number);
	query_bind_int(query, 2, file->status.step_count);
	query_bind_text(query, 3,
	    file->definition->evidence[attachment->evidence].name);
	query_bind_text(query, 4, attachment->name);
	query_bind_text(query, 5, attachment->type);
	query_bind_digest(query, 6, digest);
	query_bind_data(query, 7, attachment->data, attachment->len);
	if (attachment->content != NULL)
		query_bind_data(query, 8, attachment->content,
		    attachment->content_len);
	else
		query_bind_null(query, 8);
	return query_finish(query, err);
}

int
casework_find_request(struct rows *rows, int64_t number,
    struct digest *ret_digest, struct bytes *content, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT content FROM case_attachment"
		" WHERE case_number = ?1 AND content IS NOT NULL"
		" ORDER BY number DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, number);
	found = query_next(query, err);
	if (found > 0) {
		size_t len;
		const void *data = query_data(query, 0, &len);

		sha256(data, len, ret_digest);
		bytes_put(content, data, len);
		if (bytes_failed(content, err) < 0)
			found = -1;
	}
	query_end(query);
	return found;
}

/* ---- notices -------------------------------------------------------------------- */

int
casework_add_notice(struct rows *rows, const struct casework_case *file,
    const struct case_notice *notice, int64_t now_ms, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO case_notice (case_number, name, since, at,"
		" audience, text_zh, text_en)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
		" ON CONFLICT (case_number, name, since) DO NOTHING",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, file->number);
	query_bind_text(query, 2, notice->name);
	query_bind_int(query, 3, file->status.since_ms);
	query_bind_int(query, 4, now_ms);
	query_bind_int(query, 5, notice->to);
	query_bind_text(query, 6, notice->zh);
	query_bind_text(query, 7, notice->en);
	return query_finish(query, err);
}

/* ---- persons ---------------------------------------------------------------------- */

int
casework_find_person(struct rows *rows, const char *fingerprint,
    struct casework_person *ret_person, struct error *err)
{
	struct casework_person *person = ret_person;
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT name, organisation, offices, is_ended FROM person"
		" WHERE fingerprint = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, fingerprint);
	found = query_next(query, err);
	if (found > 0) {
		*person =
		    (struct casework_person){ .offices =
						  (unsigned)query_int(query, 2),
			    .is_ended = query_int(query, 3) != 0 };
		text_copy(person->name, sizeof(person->name),
		    query_text(query, 0));
		text_copy(person->organisation, sizeof(person->organisation),
		    query_text(query, 1));
		text_copy(person->fingerprint, sizeof(person->fingerprint),
		    fingerprint);
	}
	query_end(query);
	return found;
}

int
casework_save_person(struct rows *rows, const struct casework_person *person,
    const char *id, int64_t now_ms, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO person (fingerprint, name, organisation, offices,"
		" is_ended, case_id, since) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
		" ON CONFLICT (fingerprint) DO UPDATE SET name = ?2,"
		" organisation = ?3, offices = ?4, is_ended = ?5,"
		" case_id = ?6, since = ?7",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, person->fingerprint);
	query_bind_text(query, 2, person->name);
	query_bind_text(query, 3, person->organisation);
	query_bind_int(query, 4, person->offices);
	query_bind_int(query, 5, person->is_ended ? 1 : 0);
	query_bind_text(query, 6, id);
	query_bind_int(query, 7, now_ms);
	return query_finish(query, err);
}

/* ---- officers ------------------------------------------------------------------- */

int
casework_is_officer(struct rows *rows, const char *fingerprint, bool *ret_is,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, "SELECT 1 FROM officer WHERE fingerprint = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, fingerprint);
	found = query_next(query, err);
	query_end(query);
	*ret_is = found > 0;
	return found < 0 ? -1 : 0;
}

static int
are_as_saved(struct rows *rows, const struct digest *officers, size_t count,
    bool *ret_are, struct error *err)
{
	char text[DIGEST_TEXT_SIZE];
	struct query *query;
	int64_t saved = 0;
	bool is_there = true;
	int found;

	if (query_begin(rows, "SELECT count(*) FROM officer", &query, err) < 0)
		return -1;
	found = query_next(query, err);
	if (found > 0)
		saved = query_int(query, 0);
	query_end(query);
	if (found < 0)
		return -1;
	for (size_t i = 0; i < count && is_there; i++) {
		digest_format(&officers[i], text);
		if (casework_is_officer(rows, text, &is_there, err) < 0)
			return -1;
	}
	*ret_are = is_there && saved == (int64_t)count;
	return 0;
}

int
casework_save_officers(struct rows *rows, const struct digest *officers,
    size_t count, struct error *err)
{
	char text[DIGEST_TEXT_SIZE];
	struct query *query;
	bool are_saved;

	if (are_as_saved(rows, officers, count, &are_saved, err) < 0)
		return -1;
	if (are_saved)
		return 0;
	if (rows_begin(rows, err) < 0)
		return -1;
	if (query_begin(rows, "DELETE FROM officer", &query, err) < 0 ||
	    query_finish(query, err) < 0)
		goto fail;
	for (size_t i = 0; i < count; i++) {
		digest_format(&officers[i], text);
		if (query_begin(rows,
			"INSERT OR IGNORE INTO officer VALUES (?1)", &query,
			err) < 0)
			goto fail;
		query_bind_text(query, 1, text);
		if (query_finish(query, err) < 0)
			goto fail;
	}
	return rows_commit(rows, err);
fail:
	rows_rollback(rows);
	return -1;
}
