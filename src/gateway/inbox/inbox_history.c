#include "gateway/inbox/inbox_history.h"

#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "json/json_write.h"
#include "store/query.h"
#include "store/rows.h"

const char inbox_history_schema[] =
    "CREATE TABLE inbox_history ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " letter INTEGER NOT NULL REFERENCES inbox_letter, at INTEGER NOT NULL,"
    " act INTEGER NOT NULL, actor TEXT NOT NULL, behalf TEXT NOT NULL,"
    " unit TEXT NOT NULL, unit_name TEXT NOT NULL, person TEXT NOT NULL,"
    " note TEXT NOT NULL) STRICT;"
    "CREATE INDEX inbox_history_letter ON inbox_history (letter, id);"
    /* 3 to 5 are assign, reassign, hand_back (events/happenings_rows.c). */
    "CREATE TRIGGER happening_assignment AFTER INSERT ON inbox_history"
    " WHEN NEW.act >= 3"
    " BEGIN INSERT INTO happening (kind, subject, at, state, flags, reason)"
    " VALUES (3, NEW.letter, NEW.at, NEW.act, 0, NEW.note); END;";

static const char *const names[INBOX_ACT_COUNT] = {
	[INBOX_ACT_CONFIRM] = "confirm",
	[INBOX_ACT_RETURN] = "return",
	[INBOX_ACT_NOTICE] = "notice",
	[INBOX_ACT_ASSIGN] = "assign",
	[INBOX_ACT_REASSIGN] = "reassign",
	[INBOX_ACT_HAND_BACK] = "hand_back",
};

const char *
inbox_act_name(enum inbox_act act)
{
	return names[act];
}

struct inbox_actor
inbox_actor_of(const struct message_request *request)
{
	struct inbox_actor actor = { 0 };

	if (request->actor[0] == '\0')
		snprintf(actor.name, sizeof(actor.name), "uid %u",
		    (unsigned)request->uid);
	else
		text_copy(actor.name, sizeof(actor.name), request->actor);
	text_copy(actor.behalf, sizeof(actor.behalf), request->behalf);
	return actor;
}

static int
check_count(struct rows *rows, int64_t letter, struct error *err)
{
	struct query *query;
	int64_t count;
	int found;

	if (query_begin(rows,
		"SELECT count(*) FROM inbox_history WHERE letter = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, letter);
	found = query_next(query, err);
	count = found > 0 ? query_int(query, 0) : 0;
	query_end(query);
	if (found >= 0 && count >= INBOX_HISTORY_MAX)
		return error_set_id(err, "E6704", ERROR_DENIED,
		    "%d acts are on record for the letter", INBOX_HISTORY_MAX);
	return found < 0 ? -1 : 0;
}

int
inbox_history_add(struct rows *rows, const struct inbox_history_entry *entry,
    struct error *err)
{
	struct query *query;

	if (check_count(rows, entry->letter, err) < 0 ||
	    query_begin(rows,
		"INSERT INTO inbox_history (letter, at, act, actor, behalf,"
		" unit, unit_name, person, note)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, entry->letter);
	query_bind_int(query, 2, entry->at);
	query_bind_int(query, 3, entry->act);
	query_bind_text(query, 4, entry->actor->name);
	query_bind_text(query, 5, entry->actor->behalf);
	query_bind_text(query, 6, entry->unit);
	query_bind_text(query, 7, entry->unit_name);
	query_bind_text(query, 8, entry->person);
	query_bind_text(query, 9, entry->note);
	return query_finish(query, err);
}

static void
write_entry(struct query *query, struct json_writer *writer)
{
	int64_t act = query_int(query, 1);

	json_write_begin_object(writer, NULL);
	json_write_time(writer, "at", query_int(query, 0));
	json_write_text(writer, "act",
	    act >= 0 && act < INBOX_ACT_COUNT
		? inbox_act_name((enum inbox_act)act)
		: "");
	json_write_text(writer, "by", query_text(query, 2));
	json_write_text(writer, "for", query_text(query, 3));
	json_write_text(writer, "unit", query_text(query, 4));
	json_write_text(writer, "unit_name", query_text(query, 5));
	json_write_text(writer, "person", query_text(query, 6));
	json_write_text(writer, "note", query_text(query, 7));
	json_write_end(writer);
}

int
inbox_history_write(struct rows *rows, int64_t letter,
    struct json_writer *writer, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT at, act, actor, behalf, unit, unit_name, person, note"
		" FROM inbox_history WHERE letter = ?1 ORDER BY id",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, letter);
	json_write_begin_array(writer, "history");
	while ((more = query_next(query, err)) > 0)
		write_entry(query, writer);
	json_write_end(writer);
	query_end(query);
	return more;
}
