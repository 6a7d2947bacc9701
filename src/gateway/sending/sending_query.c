/* Reads of the desk that sends: part of the query role (gateway_query.c). */
#include "base/error.h"
#include "base/text.h"
#include "gateway/gateway_query_internal.h"
#include "gateway/outbox/outbox_series.h"
#include "gateway/sending/ask.h"
#include "gateway/sending/board.h"
#include "gateway/sending/desk_draft.h"
#include "gateway/sending/desk_group.h"
#include "gateway/sending/letterhead.h"
#include "gateway/sending/recipient_limits.h"
#include "gateway/sending/settings.h"
#include "role/env.h"
#include "role/query/queries.h"

/* Whose desk it is about. */
static int
read_organisation(const struct gateway_asked *asked, struct org_code *ret_code,
    struct error *err)
{
	return sending_organisation(asked->queries->env->config, asked->scope,
	    gateway_query_param(asked, "organisation"), ret_code, err);
}

int
gateway_query_sending(struct gateway_asked *asked, struct error *err)
{
	struct org_code code;

	if (read_organisation(asked, &code, err) < 0)
		return -1;
	return sending_settings_write(asked->reading.rows,
	    asked->queries->env->config, &code, &asked->writer, err);
}

/* Of who asks; of another unit where one is named. */
int
gateway_query_letterhead(struct gateway_asked *asked, struct error *err)
{
	const struct person *person = people_rights(&asked->caller);
	const char *unit = gateway_query_param(asked, "unit");
	struct letterhead_of of = { .unit = person->unit,
		.person = person->row,
		.name = person->name };
	struct org_code code;

	if (read_organisation(asked, &code, err) < 0)
		return -1;
	of.organisation = org_code_parent(&code);
	if (unit[0] != '\0')
		of.unit = unit;
	return letterhead_write(asked->reading.rows, &of, &asked->writer, err);
}

/* ---- drafts ---------------------------------------------------------- */

int
gateway_query_drafts(struct gateway_asked *asked, struct error *err)
{
	struct desk_draft_list list = { .scope = asked->scope,
		.state = gateway_query_param(asked, "state"),
		.cursor = gateway_query_param(asked, "cursor") };

	if (gateway_query_limit(asked, &list.limit, err) < 0)
		return -1;
	return desk_draft_write_list(asked->reading.rows, &list, &asked->writer,
	    err);
}

static int
load_draft(struct gateway_asked *asked, struct desk_draft *ret_draft,
    struct error *err)
{
	return desk_draft_load(asked->reading.rows, asked->segments.text[0],
	    asked->scope, ret_draft, err);
}

int
gateway_query_draft(struct gateway_asked *asked, struct error *err)
{
	struct desk_draft draft;

	if (load_draft(asked, &draft, err) < 0)
		return -1;
	return desk_draft_write(asked->reading.rows, &draft, true,
	    &asked->writer, err);
}

int
gateway_query_draft_file(struct gateway_asked *asked, struct error *err)
{
	struct outbox_files files = { 0 };
	struct desk_draft draft;
	uint64_t index;
	int rc;

	if (load_draft(asked, &draft, err) < 0)
		return -1;
	rc = desk_draft_files(asked->reading.rows, draft.row, &files, err);
	if (rc == 0 &&
	    (!text_parse_u64(asked->segments.text[1], DOCUMENT_INPUTS_MAX,
		 &index) ||
		index >= files.count))
		rc = error_set_id(err, "E6604", ERROR_NOT_FOUND,
		    "the draft has no file %s", asked->segments.text[1]);
	if (rc == 0) {
		const struct outbox_file *file = &files.list[index];

		asked->bytes = (struct inbox_bytes){ .payload = file->payload,
			.len = file->len };
		text_copy(asked->bytes.name, sizeof(asked->bytes.name),
		    file->name);
	}
	outbox_files_free(&files);
	return rc;
}

static int
print_draft(struct gateway_asked *asked, enum message_format format,
    struct error *err)
{
	struct desk_draft draft;

	if (load_draft(asked, &draft, err) < 0)
		return -1;
	asked->format = format;
	return printing_of_draft(asked->queries, asked->reading.rows, draft.row,
	    draft.changed_at, &asked->printing, err);
}

int
gateway_query_draft_print(struct gateway_asked *asked, struct error *err)
{
	return print_draft(asked, MESSAGE_FORMAT_PDF, err);
}

int
gateway_query_draft_view(struct gateway_asked *asked, struct error *err)
{
	return print_draft(asked, MESSAGE_FORMAT_HTML, err);
}

int
gateway_query_series(struct gateway_asked *asked, struct error *err)
{
	return outbox_series_read(&asked->reading, asked->segments.text[0],
	    asked->scope, &asked->writer, err);
}

/* ---- groups, and what recipients take -------------------------------- */

int
gateway_query_recipient_limits(struct gateway_asked *asked, struct error *err)
{
	struct org_code code;

	if (read_organisation(asked, &code, err) < 0)
		return -1;
	return recipient_limits_write(asked->reading.rows, &code,
	    &asked->writer, err);
}

int
gateway_query_groups(struct gateway_asked *asked, struct error *err)
{
	struct org_code code;

	if (read_organisation(asked, &code, err) < 0)
		return -1;
	if (!text_equal(gateway_query_param(asked, "as"), "csv"))
		return desk_group_write_list(asked->reading.rows, &code,
		    asked->reading.directory, &asked->writer, err);
	asked->type = "text/csv; charset=utf-8";
	return desk_group_write_csv(asked->reading.rows, &code, &asked->json,
	    err);
}

/* The group that the path names, as of the version that is asked for. */
static int
load_group(struct gateway_asked *asked, struct desk_group *group,
    struct error *err)
{
	const char *text = gateway_query_param(asked, "version");
	struct org_code code;
	uint64_t version = 0;
	int found;

	if (text[0] != '\0' && !text_parse_u64(text, INT64_MAX, &version))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "version must be a number");
	if (read_organisation(asked, &code, err) < 0)
		return -1;
	found = desk_group_find(asked->reading.rows, &code,
	    asked->segments.text[0], (int64_t)version, group, err);
	if (found == 0)
		return error_set_id(err, "E6616", ERROR_NOT_FOUND,
		    "there is no such group, or not that version");
	return found < 0 ? -1 : 0;
}

int
gateway_query_group(struct gateway_asked *asked, struct error *err)
{
	struct desk_group group = { 0 };
	int rc = load_group(asked, &group, err);

	if (rc == 0)
		desk_group_write(&group, asked->reading.directory,
		    &asked->writer);
	desk_group_free(&group);
	return rc;
}

int
gateway_query_group_history(struct gateway_asked *asked, struct error *err)
{
	struct desk_group group = { 0 };
	int rc = load_group(asked, &group, err);

	if (rc == 0)
		rc = desk_group_write_history(asked->reading.rows, &group,
		    &asked->writer, err);
	desk_group_free(&group);
	return rc;
}

/* ---- the bulletin board, of which anybody may ask ---------------------- */

enum { BOARD_FILES_MAX = 2000 };

static struct board_reading
board_reading_of(const struct gateway_asked *asked)
{
	return (struct board_reading){ .rows = asked->reading.rows,
		.directory = asked->reading.directory,
		.config = asked->queries->env->config,
		.now = asked->reading.now };
}

int
gateway_query_board(struct gateway_asked *asked, struct error *err)
{
	const struct board_reading reading = board_reading_of(asked);
	struct board_list list = {
		.search = gateway_query_param(asked, "q"),
		.cursor = gateway_query_param(asked, "cursor"),
		.is_open_data =
		    text_equal(gateway_query_param(asked, "as"), "opendata"),
	};

	if (gateway_query_limit(asked, &list.limit, err) < 0)
		return -1;
	return board_write_list(&reading, &list, &asked->writer, err);
}

/* The notice that the path names, which has to be up. */
static int
read_notice(const struct gateway_asked *asked, struct id *ret_waybill_id,
    struct org_code *ret_code, struct error *err)
{
	const struct board_reading reading = board_reading_of(asked);

	if (!id_parse(asked->segments.text[0], ret_waybill_id) ||
	    !org_code_parse(asked->segments.text[1], ret_code))
		return error_set_id(err, "E6622", ERROR_NOT_FOUND,
		    "a notice is named by an id and a code");
	return board_check(&reading, ret_waybill_id, ret_code, err);
}

int
gateway_query_board_one(struct gateway_asked *asked, struct error *err)
{
	const struct board_reading reading = board_reading_of(asked);
	struct id waybill_id;
	struct org_code code;

	if (read_notice(asked, &waybill_id, &code, err) < 0)
		return -1;
	return board_write_one(&reading, &waybill_id, &code, &asked->writer,
	    err);
}

int
gateway_query_board_file(struct gateway_asked *asked, struct error *err)
{
	struct id waybill_id;
	struct org_code code;
	uint64_t index;

	if (read_notice(asked, &waybill_id, &code, err) < 0)
		return -1;
	if (!text_parse_u64(asked->segments.text[2], BOARD_FILES_MAX, &index))
		return error_set_id(err, "E6622", ERROR_NOT_FOUND,
		    "%s is no file", asked->segments.text[2]);
	return inbox_find_file(asked->reading.rows, &waybill_id, &code,
	    (unsigned)index, &asked->bytes, err);
}

int
gateway_query_board_view(struct gateway_asked *asked, struct error *err)
{
	struct id waybill_id;
	struct org_code code;

	if (read_notice(asked, &waybill_id, &code, err) < 0)
		return -1;
	/* Whoever reads it does not keep those who work here from printing. */
	if (printing_public_begin(&asked->printing, asked->public_views, err) <
	    0)
		return -1;
	asked->format = MESSAGE_FORMAT_HTML;
	return printing_of_inbox(asked->queries, asked->reading.rows,
	    &waybill_id, &code, &asked->printing, err);
}
