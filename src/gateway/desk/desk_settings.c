#include "gateway/desk/desk_settings.h"

#include "base/error.h"
#include "base/text.h"
#include "gateway/inbox/inbox_history.h"
#include "json/json_write.h"
#include "store/query.h"
#include "store/rows.h"

/* The newest row of an organisation counts; the others tell who changed what. */
const char desk_settings_schema[] =
    "CREATE TABLE desk_setting ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, organisation TEXT NOT NULL,"
    " is_limited INTEGER NOT NULL, number_form TEXT NOT NULL,"
    " times TEXT NOT NULL, urgent_at_once INTEGER NOT NULL,"
    " at INTEGER NOT NULL, actor TEXT NOT NULL, behalf TEXT NOT NULL) STRICT;"
    "CREATE INDEX desk_setting_organisation"
    " ON desk_setting (organisation, id);";

static int
read_settings(struct query *query, struct desk_settings *settings,
    struct error *err)
{
	settings->is_limited = query_int(query, 0) != 0;
	settings->times.urgent_at_once = query_int(query, 3) != 0;
	if (text_copy(settings->number_form, sizeof(settings->number_form),
		query_text(query, 1)) &&
	    text_copy(settings->times_text, sizeof(settings->times_text),
		query_text(query, 2)) &&
	    receive_number_check(settings->number_form, err) == 0 &&
	    receive_times_parse(settings->times_text, &settings->times, err) ==
		0)
		return 1;
	return error_set_id(err, "E5006", ERROR_MALFORMED,
	    "the settings of %s are damaged", settings->organisation.text);
}

int
desk_settings_find(struct rows *rows, const struct org_code *code,
    struct desk_settings *ret_settings, struct error *err)
{
	struct desk_settings settings = { .organisation = org_code_parent(code),
		.times = { .urgent_at_once = true } };
	struct query *query;
	int found;

	text_copy(settings.number_form, sizeof(settings.number_form),
	    receive_number_form);
	if (query_begin(rows,
		"SELECT is_limited, number_form, times, urgent_at_once"
		" FROM desk_setting WHERE organisation = ?1"
		" ORDER BY id DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, settings.organisation.text);
	found = query_next(query, err);
	if (found > 0)
		found = read_settings(query, &settings, err);
	query_end(query);
	if (found >= 0)
		*ret_settings = settings;
	return found < 0 ? -1 : 0;
}

int
desk_settings_save(struct rows *rows, const struct desk_settings *settings,
    const struct inbox_actor *actor, int64_t now, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO desk_setting (organisation, is_limited,"
		" number_form, times, urgent_at_once, at, actor, behalf)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, settings->organisation.text);
	query_bind_int(query, 2, settings->is_limited);
	query_bind_text(query, 3, settings->number_form);
	query_bind_text(query, 4, settings->times_text);
	query_bind_int(query, 5, settings->times.urgent_at_once);
	query_bind_int(query, 6, now);
	query_bind_text(query, 7, actor->name);
	query_bind_text(query, 8, actor->behalf);
	return query_finish(query, err);
}

void
desk_settings_write(const struct desk_settings *settings,
    struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	json_write_org(writer, "organisation", &settings->organisation);
	json_write_text(writer, "unit_sees",
	    settings->is_limited ? "assigned" : "all");
	json_write_text(writer, "receive_number", settings->number_form);
	json_write_text(writer, "receive_times", settings->times_text);
	json_write_bool(writer, "urgent_at_once",
	    settings->times.urgent_at_once);
	json_write_end(writer);
}
