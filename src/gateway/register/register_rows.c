/* The registers, a piece at a time, each found by its index. */
#include "gateway/register/register.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "envelope/act.h"
#include "gateway/inbox/inbox_rows.h"
#include "json/json_write.h"
#include "model/event.h"
#include "model/resend.h"
#include "model/times.h"
#include "store/query.h"
#include "store/rows.h"

enum {
	DAY_MS = 24 * 3600 * 1000,
	TAIPEI_MS = 8 * 3600 * 1000,
	YEAR_LEN = 4,
	ROC_YEAR_0 = 1911,
	WORD_SIZE = 48,
};

/* ---- where a piece begins and ends ---------------------------------------- */

/* "TIME.ROW.COUNT" of the last row. */
struct place {
	int64_t time;
	int64_t row;
	int64_t count;
};

static int
parse_place(const struct register_ask *ask, struct place *to, struct error *err)
{
	const char *at = ask->cursor;
	int64_t *fields[] = { &to->time, &to->row, &to->count };
	char part[24];
	uint64_t number;

	*to = (struct place){ .time = ask->from_day * DAY_MS - TAIPEI_MS,
		.row = -1 };
	for (size_t i = 0; *ask->cursor != '\0' && i < ARRAY_LEN(fields); i++) {
		size_t len = strcspn(at, ".");

		if (!text_copy_len(part, sizeof(part), at, len) ||
		    !text_parse_u64(part, INT64_MAX, &number))
			return error_set_id(err, "E6204", ERROR_MALFORMED,
			    "cursor is none that a list gave");
		*fields[i] = (int64_t)number;
		at += len + (at[len] == '.');
	}
	return 0;
}

static void
end_piece(struct register_table *table, const struct place *last, bool is_more,
    struct register_piece *piece)
{
	if (is_more)
		snprintf(piece->next, sizeof(piece->next),
		    "%" PRId64 ".%" PRId64 ".%" PRId64, last->time, last->row,
		    table->rows);
	else
		register_table_tail(table);
	if (table->format != REGISTER_JSON)
		return;
	json_write_end(piece->writer);
	json_write_text(piece->writer, "next", piece->next);
	json_write_end(piece->writer);
}

static void
begin_piece(struct register_table *table, const char *cursor)
{
	if (table->format == REGISTER_JSON) {
		json_write_begin_object(table->writer, NULL);
		json_write_begin_array(table->writer, "rows");
	} else if (cursor[0] == '\0') {
		register_table_head(table);
	}
}

/* RFC 3339, and for people 115/11/27 09:05 in UTC+08:00; "" for none. */
static void
put_time(struct register_table *table, int64_t at)
{
	char text[TIMES_RFC3339_SIZE] = "";
	char local[TIMES_RFC3339_SIZE] = "";
	char word[WORD_SIZE] = "";
	char year[YEAR_LEN + 1];
	uint64_t number = 0;

	if (at > 0) {
		times_format(at, text);
		times_format(at + TAIPEI_MS, local);
		(void)text_copy_len(year, sizeof(year), local, YEAR_LEN);
		(void)text_parse_u64(year, 9999, &number);
		snprintf(word, sizeof(word), "%d/%.2s/%.2s %.5s",
		    (int)number - ROC_YEAR_0, local + 5, local + 8, local + 11);
	}
	register_table_word(table, text, word);
}

static void
put_id(struct register_table *table, struct query *query, int column)
{
	char text[ID_TEXT_SIZE] = "";
	struct id id;

	if (!query_is_null(query, column)) {
		query_id(query, column, &id);
		id_format(&id, text);
	}
	register_table_text(table, text);
}

static void
put_speed(struct register_table *table, int64_t speed)
{
	static const char *const words[SPEED_COUNT] = { "普通件", "速件",
		"最速件" };
	bool is_known = speed >= 0 && speed < SPEED_COUNT;

	register_table_word(table,
	    is_known ? speed_name((enum speed)speed) : "",
	    is_known ? words[speed] : "");
}

/* ---- what came in --------------------------------------------------------- */

static const struct register_column in_columns[] = {
	{ "receive_number", "收文號" },
	{ "received_at", "收文時間" },
	{ "sender_name", "來文機關" },
	{ "sender", "來文機關代碼" },
	{ "reference", "來文字號" },
	{ "subject", "主旨" },
	{ "speed", "速別" },
	{ "recipient", "受文者代碼" },
	{ "attachments", "附件數" },
	{ "state", "狀態" },
	{ "answered_at", "簽收或退文時間" },
	{ "reason", "退文原因" },
	{ "unit", "承辦單位" },
	{ "person", "承辦人" },
	{ "replaced", "註記" },
	{ "waybill_id", "交換識別碼" },
};

static void
put_state(struct register_table *table, int64_t state)
{
	static const char *const words[INBOX_STATE_COUNT] = {
		[INBOX_ANNOUNCED] = "",
		[INBOX_FETCHED] = "",
		[INBOX_OPENED] = "未簽收",
		[INBOX_CONFIRMED] = "已簽收",
		[INBOX_RETURNED] = "已退文",
		[INBOX_UNREADABLE] = "無法開啟",
		[INBOX_REFUSED] = "檢核不符",
		[INBOX_ENDED] = "已結束",
	};
	bool is_known = state >= 0 && state < INBOX_STATE_COUNT;

	register_table_word(table,
	    is_known ? inbox_state_name((enum inbox_state)state) : "",
	    is_known ? words[state] : "");
}

static void
put_reason(struct register_table *table, int64_t reason)
{
	static const char *const words[ACT_REASON_COUNT] = {
		[ACT_REASON_NONE] = "",
		[ACT_REASON_MISDIRECTED] = "誤送",
		[ACT_REASON_INCOMPLETE] = "疏漏",
		[ACT_REASON_ATTACHMENT_MISSING] = "附件缺漏",
		[ACT_REASON_UNREADABLE] = "無法開啟",
		[ACT_REASON_KEY] = "金鑰不符",
		[ACT_REASON_MALWARE] = "惡意程式",
		[ACT_REASON_OTHER] = "其他",
	};
	bool is_known = reason >= 0 && reason < ACT_REASON_COUNT;

	register_table_word(table,
	    is_known ? act_reason_name((enum act_reason)reason) : "",
	    is_known ? words[reason] : "");
}

static const char *
name_of(const struct directory *directory, const char *code)
{
	struct directory_org org;
	struct org_code parsed;

	return directory != NULL && org_code_parse(code, &parsed) &&
		directory_find_org(directory, &parsed, &org)
	    ? org.name
	    : "";
}

/* What the newest letter that is about this one makes of it. */
static void
put_later(struct register_table *table, int64_t message)
{
	static const char *const words[RESEND_EFFECT_COUNT] = {
		[RESEND_NONE] = "",
		[RESEND_REPLACES] = "已由後文取代",
		[RESEND_RETRACTS] = "來文機關表示誤發",
	};
	enum resend_effect effect = resend_effect((int)message);

	register_table_word(table, resend_effect_name(effect), words[effect]);
}

static void
put_in(struct register_table *table, const struct directory *directory,
    struct query *query)
{
	register_table_begin_row(table);
	register_table_text(table, query_text(query, 2));
	put_time(table, query_int(query, 0));
	register_table_text(table, name_of(directory, query_text(query, 3)));
	register_table_text(table, query_text(query, 3));
	register_table_text(table, query_text(query, 4));
	register_table_text(table, query_text(query, 5));
	put_speed(table, query_int(query, 6));
	register_table_text(table, query_text(query, 7));
	register_table_number(table, query_int(query, 8));
	put_state(table, query_int(query, 9));
	put_time(table, query_int(query, 10));
	put_reason(table, query_int(query, 11));
	register_table_text(table, query_text(query, 12));
	register_table_text(table, query_text(query, 13));
	put_later(table, query_int(query, 14));
	put_id(table, query, 15);
	register_table_end_row(table);
}

int
register_read_in(struct rows *rows, const struct directory *directory,
    const struct register_ask *ask, struct register_piece *piece,
    struct error *err)
{
	struct register_table table = { .format = ask->format,
		.name = "收文登記簿",
		.columns = in_columns,
		.count = ARRAY_LEN(in_columns),
		.to = piece->to,
		.writer = piece->writer };
	struct place place;
	struct query *query;
	unsigned count = 0;
	int more;

	if (parse_place(ask, &place, err) < 0 ||
	    query_begin(rows,
		"SELECT received_at, id, receive_number, coalesce(sender, ''),"
		" reference, subject, speed, recipient,"
		" (SELECT count(*) FROM inbox_file AS f WHERE f.letter = l.id"
		" AND lower(substr(f.name, -3)) NOT IN ('.di', '.sw', '.dm')),"
		" state, (SELECT max(h.at) FROM inbox_history AS h"
		" WHERE h.letter = l.id AND h.act < 2), reason, unit,"
		" coalesce((SELECT name FROM person WHERE id = l.assignee),"
		" ''), (SELECT n.message FROM inbox_letter AS n"
		" WHERE n.earlier = l.document_id AND n.message > 0"
		" AND n.sender = l.sender AND n.recipient = l.recipient"
		" AND n.payload > 0 ORDER BY n.shown DESC LIMIT 1), waybill_id"
		" FROM inbox_letter AS l WHERE shown > 0 AND first = 0"
		" AND substr(recipient, 1, 10) = ?1"
		" AND (received_at, id) > (?2, ?3) AND received_at < ?4"
		" AND substr(recipient, 1, length(?5)) = ?5"
		" ORDER BY received_at, id",
		&query, err) < 0)
		return -1;
	table.rows = place.count;
	query_bind_text(query, 1, ask->organisation.text);
	query_bind_int(query, 2, place.time);
	query_bind_int(query, 3, place.row);
	query_bind_int(query, 4, (ask->until_day + 1) * DAY_MS - TAIPEI_MS);
	query_bind_text(query, 5, ask->scope);
	begin_piece(&table, ask->cursor);
	while ((more = query_next(query, err)) > 0 && count++ < ask->limit) {
		place.time = query_int(query, 0);
		place.row = query_int(query, 1);
		put_in(&table, directory, query);
	}
	query_end(query);
	if (more >= 0)
		end_piece(&table, &place, more > 0, piece);
	return more < 0 ? -1 : 0;
}

/* ---- what was sent -------------------------------------------------------- */

static const struct register_column out_columns[] = {
	{ "sent_at", "發文時間" },
	{ "sender", "發文機關代碼" },
	{ "reference", "發文字號" },
	{ "subject", "主旨" },
	{ "speed", "速別" },
	{ "attachments", "附件數" },
	{ "recipients", "受文者數" },
	{ "confirmed", "已簽收" },
	{ "open", "未簽收" },
	{ "returned", "退文" },
	{ "paper", "改紙本" },
	{ "withdrawn", "撤回" },
	{ "failed", "未送達" },
	{ "message", "文書訊息" },
	{ "document_id", "公文識別碼" },
};

static void
put_out(struct register_table *table, struct query *query)
{
	register_table_begin_row(table);
	put_time(table, query_int(query, 0));
	for (int i = 2; i < 5; i++)
		register_table_text(table, query_text(query, i));
	put_speed(table, query_int(query, 5));
	for (int i = 6; i < 15; i++)
		register_table_number(table, query_int(query, i));
	put_id(table, query, 15);
	register_table_end_row(table);
}

int
register_read_out(struct rows *rows, const struct register_ask *ask,
    struct register_piece *piece, struct error *err)
{
	struct register_table table = { .format = ask->format,
		.name = "發文登記簿",
		.columns = out_columns,
		.count = ARRAY_LEN(out_columns),
		.to = piece->to,
		.writer = piece->writer };
	struct place place;
	struct query *query;
	unsigned count = 0;
	int more;

	/* 3 is undone; of deliveries 5 confirmed, 6 returned, 9 withdrawn, 11
	 * paper (model/event.h). */
	if (parse_place(ask, &place, err) < 0 ||
	    query_begin(rows,
		"SELECT o.created_at, o.id, o.sender, o.reference, o.subject,"
		" max(w.speed), (SELECT count(*) FROM outbox_file AS f"
		" WHERE f.document = o.id"
		" AND lower(substr(f.name, -3)) NOT IN ('.di', '.sw', '.dm')),"
		" count(d.id), sum(d.state = 5), sum(d.state < 5),"
		" sum(d.state = 6), sum(d.state = 11), sum(d.state = 9),"
		" sum(d.state IN (7, 8, 10)), o.message, o.document_id"
		" FROM (SELECT * FROM outbox_document WHERE is_draft = 0"
		" AND substr(sender, 1, 10) = ?1"
		" AND (created_at, id) > (?2, ?3) AND created_at < ?4"
		" AND hold <> 3 AND substr(sender, 1, length(?5)) = ?5"
		" ORDER BY created_at, id LIMIT ?6) AS o"
		" LEFT JOIN outbox_waybill AS w ON w.document = o.id"
		" LEFT JOIN outbox_delivery AS d ON d.waybill = w.id"
		" GROUP BY o.created_at, o.id ORDER BY o.created_at, o.id",
		&query, err) < 0)
		return -1;
	table.rows = place.count;
	query_bind_text(query, 1, ask->organisation.text);
	query_bind_int(query, 2, place.time);
	query_bind_int(query, 3, place.row);
	query_bind_int(query, 4, (ask->until_day + 1) * DAY_MS - TAIPEI_MS);
	query_bind_text(query, 5, ask->scope);
	query_bind_int(query, 6, (int64_t)ask->limit + 1);
	begin_piece(&table, ask->cursor);
	while ((more = query_next(query, err)) > 0 && count++ < ask->limit) {
		place.time = query_int(query, 0);
		place.row = query_int(query, 1);
		put_out(&table, query);
	}
	query_end(query);
	if (more >= 0)
		end_piece(&table, &place, more > 0, piece);
	return more < 0 ? -1 : 0;
}

/* ---- days ----------------------------------------------------------------- */

bool
register_day_parse(const char *text, int64_t *ret_day)
{
	char whole[TIMES_RFC3339_SIZE];
	int64_t at;

	if (strlen(text) != REGISTER_DAY_SIZE - 2)
		return false;
	snprintf(whole, sizeof(whole), "%sT00:00:00.000Z", text);
	if (!times_parse(whole, &at))
		return false;
	*ret_day = at / DAY_MS;
	return true;
}

void
register_day_format(int64_t day, char to[REGISTER_DAY_SIZE])
{
	char whole[TIMES_RFC3339_SIZE];

	times_format(day * DAY_MS, whole);
	(void)text_copy_len(to, REGISTER_DAY_SIZE, whole,
	    REGISTER_DAY_SIZE - 2);
}
