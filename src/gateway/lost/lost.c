#include "gateway/lost/lost.h"

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "gateway/inbox/inbox_rows.h"
#include "gateway/lost/lost_decide.h"
#include "json/json_write.h"
#include "model/event.h"
#include "role/message.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"

enum { LETTERS_MAX = 500 };

const char lost_schema[] =
    "CREATE TABLE restored ("
    " one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL,"
    " backup_at INTEGER NOT NULL) STRICT;"
    /* `recipient` is ours, of what was received; else empty. */
    "CREATE TABLE lost_letter ("
    " id INTEGER PRIMARY KEY, waybill BLOB NOT NULL,"
    " recipient TEXT NOT NULL, waybill_id BLOB NOT NULL,"
    " sender TEXT NOT NULL, seen_at INTEGER NOT NULL,"
    " UNIQUE (waybill, recipient)) STRICT;"
    "CREATE INDEX lost_letter_name ON lost_letter (waybill_id);"
    "CREATE TABLE lost_receipt ("
    " entry BLOB PRIMARY KEY, letter INTEGER NOT NULL REFERENCES lost_letter,"
    " recipient TEXT NOT NULL, event INTEGER NOT NULL,"
    " time INTEGER NOT NULL, json BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX lost_receipt_letter ON lost_receipt"
    " (letter, recipient, time);";

/* ---- taking ---------------------------------------------------------- */

int
lost_restored(struct rows *rows, const struct store_restored *restored,
    struct error *err)
{
	struct query *query;

	/* The oldest backup counts, when there were several restores. */
	if (query_begin(rows,
		"INSERT INTO restored (one, at, backup_at) VALUES (1, ?1, ?2)"
		" ON CONFLICT (one) DO UPDATE SET at = excluded.at,"
		" backup_at = min(backup_at, excluded.backup_at)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, restored->at_ms);
	query_bind_int(query, 2, restored->backup_at_ms);
	return query_finish(query, err);
}

static int
was_restored(struct rows *rows, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, "SELECT 1 FROM restored", &query, err) < 0)
		return -1;
	found = query_next(query, err);
	query_end(query);
	return found;
}

static bool
is_served(const struct directory *directory, const char *text, const char *host)
{
	struct directory_org receiver;
	struct directory_key seal;
	struct org_code code;

	return directory != NULL && org_code_parse(text, &code) &&
	    directory_find_receiver(directory, &code, &receiver, &seal) &&
	    text_equal(receiver.host, host);
}

static int
add_letter(struct rows *rows, const struct message_receipt *receipt,
    const char *recipient, int64_t now_ms, int64_t *ret_letter,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"INSERT INTO lost_letter (waybill, recipient, waybill_id, sender,"
		" seen_at) VALUES (?1, ?2, ?3, ?4, ?5)"
		" ON CONFLICT (waybill, recipient) DO UPDATE"
		" SET seen_at = seen_at RETURNING id",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, &receipt->waybill);
	query_bind_text(query, 2, recipient);
	query_bind_id(query, 3, &receipt->waybill_id);
	query_bind_text(query, 4, receipt->sender);
	query_bind_int(query, 5, now_ms);
	more = query_next(query, err);
	if (more > 0) {
		*ret_letter = query_int(query, 0);
		more = query_next(query, err);
	}
	query_end(query);
	return more;
}

static int
add_receipt(struct rows *rows, int64_t letter,
    const struct message_receipt *receipt, struct blob json, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR IGNORE INTO lost_receipt (entry, letter, recipient,"
		" event, time, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, &receipt->entry);
	query_bind_int(query, 2, letter);
	query_bind_text(query, 3, receipt->recipient);
	query_bind_int(query, 4, receipt->event);
	query_bind_int(query, 5, receipt->time);
	query_bind_data(query, 6, json.data, json.len);
	return query_finish(query, err);
}

/* The inbox has it, so nothing of it was lost: 1 or 0. */
static int
is_received(struct rows *rows, const struct message_receipt *receipt,
    struct error *err)
{
	struct inbox_row row;
	struct org_code recipient;

	return org_code_parse(receipt->recipient, &recipient)
	    ? inbox_row_find_name(rows, &receipt->waybill_id, &recipient, &row,
		  err)
	    : 0;
}

int
lost_take(struct rows *rows, const struct directory *directory,
    const char *host, const struct message_receipt *receipt, struct blob json,
    int64_t now_ms, struct error *err)
{
	bool was_sent = is_served(directory, receipt->sender, host);
	int64_t letter = 0;
	int found = was_restored(rows, err);

	if (found <= 0)
		return found;
	if (!was_sent && !is_served(directory, receipt->recipient, host))
		return 0;
	found = was_sent ? 0 : is_received(rows, receipt, err);
	if (found != 0)
		return found;
	if (add_letter(rows, receipt, was_sent ? "" : receipt->recipient,
		now_ms, &letter, err) < 0 ||
	    add_receipt(rows, letter, receipt, json, err) < 0)
		return -1;
	return 1;
}

/* ---- showing --------------------------------------------------------- */

/* Whose it is: the sender's, or the recipient's when it came in. */
#define IS_OF_SCOPE                                                           \
	"substr(iif(l.recipient = '', l.sender, l.recipient), 1, length(?1))" \
	" = ?1"

int
lost_count(struct rows *rows, const char *scope, int64_t *ret_count,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT count(*) FROM lost_letter AS l WHERE " IS_OF_SCOPE
		" AND l.action = 0",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, scope);
	found = query_next(query, err);
	*ret_count = found > 0 ? query_int(query, 0) : 0;
	query_end(query);
	return found < 0 ? -1 : 0;
}

static int
write_restored(struct rows *rows, struct json_writer *writer, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows, "SELECT at, backup_at FROM restored", &query,
		err) < 0)
		return -1;
	found = query_next(query, err);
	if (found > 0) {
		json_write_time(writer, "restored_at", query_int(query, 0));
		json_write_time(writer, "backup_at", query_int(query, 1));
	}
	query_end(query);
	return found < 0 ? -1 : 0;
}

static int
write_events(struct rows *rows, const struct directory *directory,
    int64_t letter, struct json_writer *writer, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT recipient, event, time FROM lost_receipt"
		" WHERE letter = ?1 ORDER BY recipient, time, event",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, letter);
	json_write_begin_array(writer, "events");
	while ((more = query_next(query, err)) > 0) {
		int64_t event = query_int(query, 1);

		json_write_begin_object(writer, NULL);
		json_write_text(writer, "recipient", query_text(query, 0));
		json_write_text(writer, "name",
		    directory_name_of(directory, query_text(query, 0)));
		json_write_text(writer, "event",
		    event > EVENT_NONE && event < EVENT_COUNT
			? event_name((enum event)event)
			: "");
		json_write_time(writer, "time", query_int(query, 2));
		json_write_end(writer);
	}
	json_write_end(writer);
	query_end(query);
	return more;
}

/* Columns id, waybill_id, sender, recipient, action. */
static int
write_letter(struct rows *rows, const struct directory *directory,
    struct query *query, struct json_writer *writer, struct error *err)
{
	bool was_sent = query_text(query, 3)[0] == '\0';
	int64_t letter = query_int(query, 0);
	int64_t action = query_int(query, 4);
	struct id id;

	query_id(query, 1, &id);
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "direction", was_sent ? "sent" : "received");
	json_write_id(writer, "waybill_id", &id);
	json_write_text(writer, "sender", query_text(query, 2));
	json_write_text(writer, "sender_name",
	    directory_name_of(directory, query_text(query, 2)));
	json_write_text(writer, "recipient", query_text(query, 3));
	json_write_text(writer, "action",
	    action > 0 && action < LOST_ACTION_COUNT
		? lost_action_name((enum lost_action)action)
		: lost_action_name(LOST_OPEN));
	if (write_events(rows, directory, letter, writer, err) < 0 ||
	    lost_write_decisions(rows, letter, writer, err) < 0)
		return -1;
	json_write_end(writer);
	return 0;
}

int
lost_write_list(struct rows *rows, const struct directory *directory,
    const char *scope, bool only_open, struct json_writer *writer,
    struct error *err)
{
	struct query *query;
	int64_t open = 0;
	int more;

	json_write_begin_object(writer, NULL);
	if (write_restored(rows, writer, err) < 0 ||
	    lost_count(rows, scope, &open, err) < 0 ||
	    query_begin(rows,
		"SELECT l.id, l.waybill_id, l.sender, l.recipient, l.action"
		" FROM lost_letter AS l WHERE " IS_OF_SCOPE
		" AND l.action <= ?2 ORDER BY l.action <> 0, l.id DESC"
		" LIMIT ?3",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, scope);
	query_bind_int(query, 2, only_open ? LOST_OPEN : LOST_ACTION_COUNT);
	query_bind_int(query, 3, LETTERS_MAX);
	json_write_int(writer, "open", open);
	json_write_begin_array(writer, "letters");
	while ((more = query_next(query, err)) > 0) {
		if (write_letter(rows, directory, query, writer, err) < 0) {
			more = -1;
			break;
		}
	}
	query_end(query);
	json_write_end(writer);
	json_write_end(writer);
	return more;
}

int
lost_write_receipts(struct rows *rows, const struct id *waybill_id,
    const char *scope, struct json_writer *writer, struct error *err)
{
	struct query *query;
	bool has_any = false;
	int more;

	if (query_begin(rows,
		"SELECT r.json FROM lost_receipt AS r"
		" JOIN lost_letter AS l ON l.id = r.letter"
		" WHERE l.waybill_id = ?2 AND " IS_OF_SCOPE
		" ORDER BY r.time, r.event",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, scope);
	query_bind_id(query, 2, waybill_id);
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "receipts");
	while ((more = query_next(query, err)) > 0) {
		size_t len;
		const void *json = query_data(query, 0, &len);

		json_write_raw(writer, NULL, json, len);
		has_any = true;
	}
	json_write_end(writer);
	json_write_end(writer);
	query_end(query);
	if (more == 0 && !has_any)
		return error_set_id(err, "E4508", ERROR_NOT_FOUND,
		    "no letter was lost of that waybill");
	return more;
}
