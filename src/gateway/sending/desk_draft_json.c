#include "gateway/sending/desk_draft.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "json/json_write.h"
#include "store/query.h"
#include "store/rows.h"

enum { ROW_TEXT_SIZE = 24 };

static const char *const state_names[DESK_DRAFT_STATE_COUNT] = { "draft",
	"proofreading", "proofread", "sent" };

static const char *const step_names[DESK_DRAFT_STEP_COUNT] = { "made",
	"changed", "submitted", "passed", "sent_back", "sent", "undone" };

const char *
desk_draft_state_name(enum desk_draft_state state)
{
	return state_names[state];
}

bool
desk_draft_state_parse(const char *name, enum desk_draft_state *ret_state)
{
	for (int i = 0; i < DESK_DRAFT_STATE_COUNT; i++)
		if (text_equal(state_names[i], name)) {
			*ret_state = (enum desk_draft_state)i;
			return true;
		}
	return false;
}

/* ---- one ------------------------------------------------------------- */

static int
write_files(struct rows *rows, int64_t row, struct json_writer *writer,
    struct error *err)
{
	struct outbox_files files = { 0 };
	int rc = desk_draft_files(rows, row, &files, err);

	json_write_begin_array(writer, "files");
	for (size_t i = 0; rc == 0 && i < files.count; i++) {
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name", files.list[i].name);
		json_write_int(writer, "length", (int64_t)files.list[i].len);
		json_write_digest(writer, "sha256", &files.list[i].digest);
		json_write_end(writer);
	}
	json_write_end(writer);
	outbox_files_free(&files);
	return rc;
}

static void
write_step(struct query *query, struct json_writer *writer)
{
	int64_t step = query_int(query, 4);

	json_write_begin_object(writer, NULL);
	json_write_time(writer, "at", query_int(query, 0));
	json_write_text(writer, "by", query_text(query, 1));
	json_write_bool(writer, "logged_in", query_int(query, 2) != 0);
	json_write_int(writer, "version", query_int(query, 3));
	json_write_text(writer, "step",
	    step >= 0 && step < DESK_DRAFT_STEP_COUNT ? step_names[step] : "");
	json_write_text(writer, "note", query_text(query, 5));
	json_write_end(writer);
}

/* The newest last. */
static int
write_steps(struct rows *rows, int64_t row, struct json_writer *writer,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT at, actor, is_person, version, step, note FROM"
		" (SELECT * FROM draft_step WHERE draft = ?1"
		" ORDER BY id DESC LIMIT ?2) ORDER BY id",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_int(query, 2, DESK_DRAFT_STEPS_MAX);
	json_write_begin_array(writer, "steps");
	while ((more = query_next(query, err)) > 0)
		write_step(query, writer);
	json_write_end(writer);
	query_end(query);
	return more;
}

int
desk_draft_write(struct rows *rows, const struct desk_draft *draft,
    bool with_steps, struct json_writer *writer, struct error *err)
{
	json_write_begin_object(writer, NULL);
	json_write_id(writer, "id", &draft->id);
	json_write_org(writer, "organisation", &draft->organisation);
	json_write_text(writer, "title", draft->title);
	json_write_text(writer, "note", draft->note);
	json_write_text(writer, "state", state_names[draft->state]);
	json_write_int(writer, "version", draft->version);
	json_write_text(writer, "made_by", draft->made_by);
	json_write_time(writer, "made_at", draft->made_at);
	json_write_text(writer, "changed_by", draft->changed_by);
	json_write_time(writer, "changed_at", draft->changed_at);
	if (id_is_nil(&draft->document))
		json_write_text(writer, "document_id", "");
	else
		json_write_id(writer, "document_id", &draft->document);
	if (write_files(rows, draft->row, writer, err) < 0 ||
	    (with_steps && write_steps(rows, draft->row, writer, err) < 0))
		return -1;
	json_write_end(writer);
	return 0;
}

/* ---- a list ---------------------------------------------------------- */

static int
begin_list(struct rows *rows, const struct desk_draft_list *list,
    struct query **ret_query, struct error *err)
{
	enum desk_draft_state state = DESK_DRAFT_STATE_COUNT;
	uint64_t before = INT64_MAX;

	if (list->cursor[0] != '\0' &&
	    !text_parse_u64(list->cursor, INT64_MAX, &before))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "cursor is none that a list gave");
	if (list->state[0] != '\0' &&
	    !desk_draft_state_parse(list->state, &state))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "%.40s is no state of a draft", list->state);
	if (query_begin(rows,
		"SELECT id, draft_id FROM draft WHERE id < ?1"
		" AND substr(organisation, 1, length(?2)) = ?2"
		" AND (state = ?3 OR ?3 = ?4) ORDER BY id DESC",
		ret_query, err) < 0)
		return -1;
	query_bind_int(*ret_query, 1, (int64_t)before);
	query_bind_text(*ret_query, 2, list->scope);
	query_bind_int(*ret_query, 3, state);
	query_bind_int(*ret_query, 4, DESK_DRAFT_STATE_COUNT);
	return 0;
}

static int
write_item(struct rows *rows, const struct id *id, struct json_writer *writer,
    struct error *err)
{
	struct desk_draft draft;
	int found = desk_draft_find(rows, id, &draft, err);

	return found <= 0 ? found
			  : desk_draft_write(rows, &draft, false, writer, err);
}

int
desk_draft_write_list(struct rows *rows, const struct desk_draft_list *list,
    struct json_writer *writer, struct error *err)
{
	char next[ROW_TEXT_SIZE] = "";
	int64_t newest_left = 0;
	struct query *query;
	unsigned count = 0;
	int more;

	if (begin_list(rows, list, &query, err) < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "drafts");
	while ((more = query_next(query, err)) > 0 && count++ < list->limit) {
		struct id id;

		newest_left = query_int(query, 0);
		query_id(query, 1, &id);
		if (write_item(rows, &id, writer, err) < 0) {
			more = -1;
			break;
		}
	}
	query_end(query);
	json_write_end(writer);
	if (more > 0)
		snprintf(next, sizeof(next), "%" PRId64, newest_left);
	json_write_text(writer, "next", next);
	json_write_end(writer);
	return more < 0 ? -1 : 0;
}
