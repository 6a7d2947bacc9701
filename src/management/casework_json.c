#include "management/casework_json.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "json/json_write.h"
#include "management/casework_rows.h"
#include "policy/office.h"
#include "store/query.h"

enum { CERTIFICATE_MAX = 8192 }; /* bytes of one that is shown */

static const char certificate_evidence[] = "certificate";

static void
write_words(struct json_writer *writer, const char *key,
    const struct case_words *words)
{
	json_write_begin_object(writer, key);
	json_write_text(writer, "zh", words->zh);
	json_write_text(writer, "en", words->en);
	json_write_end(writer);
}

void
casework_json_offices(struct json_writer *writer, const char *key,
    unsigned offices)
{
	json_write_begin_array(writer, key);
	for (int i = 0; i < OFFICE_COUNT; i++)
		if ((offices >> i & 1) != 0)
			json_write_text(writer, NULL,
			    office_name((enum office)i));
	json_write_end(writer);
}

void
casework_json_time(struct json_writer *writer, const char *key, int64_t at_ms)
{
	if (at_ms == INT64_MAX)
		json_write_text(writer, key, "");
	else
		json_write_time(writer, key, at_ms);
}

static void
write_evidence_names(const struct case_definition *definition, uint32_t bits,
    const char *key, struct json_writer *writer)
{
	json_write_begin_array(writer, key);
	for (int i = 0; i < definition->evidence_count; i++)
		if ((bits >> i & 1) != 0)
			json_write_text(writer, NULL,
			    definition->evidence[i].name);
	json_write_end(writer);
}

/* ---- definitions --------------------------------------------------------------- */

static void
write_move(const struct case_definition *definition,
    const struct case_move *move, struct json_writer *writer)
{
	json_write_text(writer, "name", move->name);
	write_words(writer, "title", &move->title);
	json_write_text(writer, "to", definition->states[move->to].name);
	casework_json_offices(writer, "offices", move->offices);
	json_write_int(writer, "persons", move->persons);
	json_write_bool(writer, "signed", move->is_signed);
	json_write_bool(writer, "code", move->needs_code);
	json_write_bool(writer, "note", move->needs_note);
	write_evidence_names(definition, move->needs, "needs", writer);
}

static void
write_states(const struct case_definition *definition,
    struct json_writer *writer)
{
	json_write_begin_array(writer, "states");
	for (int i = 0; i < definition->state_count; i++) {
		const struct case_state *state = &definition->states[i];

		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name", state->name);
		write_words(writer, "title", &state->title);
		json_write_bool(writer, "final", state->is_final);
		json_write_int(writer, "days", state->days);
		json_write_text(writer, "due",
		    state->due == CASE_NONE
			? ""
			: definition->moves[state->due].name);
		json_write_text(writer, "effect", state->effect);
		json_write_end(writer);
	}
	json_write_end(writer);
}

static void
write_moves(const struct case_definition *definition,
    struct json_writer *writer)
{
	json_write_begin_array(writer, "moves");
	for (int i = 0; i < definition->move_count; i++) {
		const struct case_move *move = &definition->moves[i];

		json_write_begin_object(writer, NULL);
		write_move(definition, move, writer);
		json_write_begin_array(writer, "from");
		for (int k = 0; k < definition->state_count; k++)
			if ((move->from >> k & 1) != 0)
				json_write_text(writer, NULL,
				    definition->states[k].name);
		json_write_end(writer);
		json_write_text(writer, "when", case_when_name(move->when));
		json_write_end(writer);
	}
	json_write_end(writer);
}

static void
write_fields(const struct case_definition *definition,
    struct json_writer *writer)
{
	json_write_begin_array(writer, "fields");
	for (int i = 0; i < definition->field_count; i++) {
		const struct case_field *field = &definition->fields[i];

		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name", field->name);
		write_words(writer, "title", &field->title);
		json_write_text(writer, "kind",
		    case_field_kind_name(field->kind));
		json_write_bool(writer, "required", field->is_required);
		json_write_end(writer);
	}
	json_write_end(writer);
	json_write_begin_array(writer, "evidence");
	for (int i = 0; i < definition->evidence_count; i++) {
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name", definition->evidence[i].name);
		write_words(writer, "title", &definition->evidence[i].title);
		json_write_end(writer);
	}
	json_write_end(writer);
}

void
casework_json_definition(const struct case_definition *definition,
    struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "name", definition->name);
	write_words(writer, "title", &definition->title);
	json_write_text(writer, "clause", definition->clause);
	json_write_text(writer, "first",
	    definition->states[definition->first].name);
	json_write_text(writer, "subject",
	    definition->fields[definition->subject].name);
	json_write_bool(writer, "code", definition->has_code);
	write_fields(definition, writer);
	write_states(definition, writer);
	write_moves(definition, writer);
	json_write_end(writer);
}

/* ---- one case -------------------------------------------------------------------- */

static int
write_steps(struct rows *rows, int64_t number, struct json_writer *writer,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT sequence, at, kind, move, evidence, person, note,"
		" digest, leaf, consent IS NOT NULL FROM case_step"
		" WHERE case_number = ?1 ORDER BY sequence",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, number);
	json_write_begin_array(writer, "steps");
	while ((more = query_next(query, err)) > 0) {
		struct digest digest;

		query_digest(query, 7, &digest);
		json_write_begin_object(writer, NULL);
		json_write_int(writer, "sequence", query_int(query, 0));
		json_write_time(writer, "at", query_int(query, 1));
		json_write_text(writer, "kind", query_text(query, 2));
		json_write_text(writer, "move", query_text(query, 3));
		json_write_text(writer, "evidence", query_text(query, 4));
		json_write_text(writer, "by", query_text(query, 5));
		json_write_text(writer, "note", query_text(query, 6));
		json_write_bool(writer, "signed", query_int(query, 9) != 0);
		json_write_digest(writer, "sha256", &digest);
		if (query_is_null(query, 8))
			json_write_null(writer, "entry");
		else
			json_write_int(writer, "entry", query_int(query, 8));
		json_write_end(writer);
	}
	json_write_end(writer);
	query_end(query);
	return more;
}

/*
 * A certificate that was issued is for all to see, and goes down to the host
 * that asked for it with its case (docs/crypto-module.md 11).
 */
static void
write_content(struct query *query, int column, const char *evidence,
    struct json_writer *writer)
{
	size_t len;
	const void *data = query_data(query, column, &len);

	if (text_equal(evidence, certificate_evidence) &&
	    len <= CERTIFICATE_MAX)
		json_write_base64(writer, "content", data, len);
}

static int
write_attachments(struct rows *rows, int64_t number, struct json_writer *writer,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT number, evidence, name, type, digest, length(data),"
		" iif(evidence = 'certificate', data, x'')"
		" FROM case_attachment WHERE case_number = ?1 ORDER BY number",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, number);
	json_write_begin_array(writer, "attachments");
	while ((more = query_next(query, err)) > 0) {
		struct digest digest;

		query_digest(query, 4, &digest);
		json_write_begin_object(writer, NULL);
		json_write_int(writer, "number", query_int(query, 0));
		json_write_text(writer, "evidence", query_text(query, 1));
		json_write_text(writer, "name", query_text(query, 2));
		json_write_text(writer, "type", query_text(query, 3));
		json_write_digest(writer, "sha256", &digest);
		json_write_int(writer, "length", query_int(query, 5));
		write_content(query, 6, query_text(query, 1), writer);
		json_write_end(writer);
	}
	json_write_end(writer);
	query_end(query);
	return more;
}

static void
write_audience(struct json_writer *writer, int64_t bits)
{
	json_write_begin_array(writer, "to");
	for (int i = 0; i < CASE_AUDIENCE_COUNT; i++)
		if ((bits >> i & 1) != 0)
			json_write_text(writer, NULL,
			    case_audience_name((enum case_audience)i));
	json_write_end(writer);
}

static int
write_notices(struct rows *rows, int64_t number, struct json_writer *writer,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT name, at, audience, text_zh, text_en FROM case_notice"
		" WHERE case_number = ?1 ORDER BY number",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, number);
	json_write_begin_array(writer, "notices");
	while ((more = query_next(query, err)) > 0) {
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name", query_text(query, 0));
		json_write_time(writer, "at", query_int(query, 1));
		write_audience(writer, query_int(query, 2));
		json_write_begin_object(writer, "text");
		json_write_text(writer, "zh", query_text(query, 3));
		json_write_text(writer, "en", query_text(query, 4));
		json_write_end(writer);
		json_write_end(writer);
	}
	json_write_end(writer);
	query_end(query);
	return more;
}

/* What can be done now, by whom, and what is missing for it. */
static void
write_possible(const struct casework_case *file, struct json_writer *writer)
{
	const struct case_definition *definition = file->definition;

	json_write_begin_array(writer, "moves");
	for (int i = 0; i < definition->move_count; i++) {
		const struct case_move *move = &definition->moves[i];

		if ((move->from >> file->status.state & 1) == 0)
			continue;
		json_write_begin_object(writer, NULL);
		write_move(definition, move, writer);
		json_write_int(writer, "persons_missing",
		    case_missing_persons(definition, &file->status, i));
		write_evidence_names(definition,
		    move->needs & ~file->status.evidence, "missing", writer);
		json_write_end(writer);
	}
	json_write_end(writer);
}

static void
write_head(const struct casework_case *file, int64_t now_ms,
    struct json_writer *writer)
{
	const struct case_definition *definition = file->definition;
	const struct case_state *state =
	    &definition->states[file->status.state];

	json_write_text(writer, "id", file->id);
	json_write_text(writer, "definition", definition->name);
	write_words(writer, "title", &definition->title);
	json_write_text(writer, "state", state->name);
	write_words(writer, "state_title", &state->title);
	json_write_bool(writer, "open",
	    !case_is_over(definition, &file->status));
	json_write_time(writer, "since", file->status.since_ms);
	casework_json_time(writer, "due",
	    case_due_ms(definition, &file->status));
	json_write_bool(writer, "overdue",
	    case_is_overdue(definition, &file->status, now_ms));
	json_write_text(writer, "effect", state->effect);
	json_write_text(writer, "subject", file->subject);
	json_write_text(writer, "organisation", file->organisation);
	json_write_time(writer, "opened", file->opened_ms);
	json_write_raw(writer, "fields", file->fields, strlen(file->fields));
	json_write_digest(writer, "last", &file->last);
}

int
casework_json_case(struct rows *rows, const struct casework_case *file,
    int64_t now_ms, const char *code, struct json_writer *writer,
    struct error *err)
{
	json_write_begin_object(writer, NULL);
	write_head(file, now_ms, writer);
	if (code != NULL) {
		json_write_text(writer, "code", code);
		json_write_time(writer, "code_until", file->code_until_ms);
	}
	write_possible(file, writer);
	if (write_attachments(rows, file->number, writer, err) < 0 ||
	    write_steps(rows, file->number, writer, err) < 0 ||
	    write_notices(rows, file->number, writer, err) < 0)
		return -1;
	json_write_end(writer);
	return 0;
}
