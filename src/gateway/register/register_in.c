/* 收文登記簿: what came in. */
#include "gateway/register/register.h"

#include "base/error.h"
#include "directory/directory.h"
#include "envelope/act.h"
#include "gateway/inbox/inbox_rows.h"
#include "gateway/register/register_internal.h"
#include "model/resend.h"
#include "store/query.h"
#include "store/rows.h"

/* What cannot be opened is given up, and gets its place, so much later. */
enum { GIVEN_UP_DAYS = 31 };

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
	register_put_time(table, query_int(query, 0));
	register_table_text(table,
	    directory_name_of(directory, query_text(query, 3)));
	register_table_text(table, query_text(query, 3));
	register_table_text(table, query_text(query, 4));
	register_table_text(table, query_text(query, 5));
	register_put_speed(table, query_int(query, 6));
	register_table_text(table, query_text(query, 7));
	register_table_number(table, query_int(query, 8));
	put_state(table, query_int(query, 9));
	register_put_time(table, query_int(query, 10));
	put_reason(table, query_int(query, 11));
	register_table_text(table, query_text(query, 12));
	register_table_text(table, query_text(query, 13));
	put_later(table, query_int(query, 14));
	register_put_id(table, query, 15);
	register_table_end_row(table);
}

static int
put_row(struct register_walk *walk, int64_t row, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(walk->rows,
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
		" FROM inbox_letter AS l WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	found = query_next(query, err);
	if (found > 0)
		put_in(&walk->table, walk->directory, query);
	query_end(query);
	return found < 0 ? -1 : 0;
}

#define WANTED                               \
	" (?11 < 0 OR l.state = ?11)"        \
	" AND (?7 = '' OR l.unit = ?7"       \
	" OR (?7 = 'none' AND l.unit = ''))" \
	" AND (?12 < 0 OR l.speed = ?12)"    \
	" AND substr(l.recipient, 1, length(?5)) = ?5"

static const char by_period[] =
    "SELECT received_at, id," WANTED " FROM inbox_letter AS l"
    " WHERE shown > 0 AND first = 0 AND substr(recipient, 1, 10) = ?1"
    " AND (received_at, id) > (?2, ?3) AND received_at < ?4"
    " ORDER BY received_at, id LIMIT ?6";
static const char by_words[] =
    "SELECT s.rowid, l.id," WANTED " AND l.first = 0"
    " AND substr(l.recipient, 1, 10) = ?1"
    " AND l.received_at >= ?10 AND l.received_at < ?4"
    " FROM inbox_search AS s CROSS JOIN inbox_letter AS l"
    " ON l.shown = s.rowid AND l.shown > 0"
    " WHERE inbox_search MATCH ?8 AND s.rowid > ?2 AND s.rowid <= ?9"
    " ORDER BY s.rowid LIMIT ?6";

/* Of letters that were opened: their place is of the moment they came. */
static const struct register_places places = {
	.last_before =
	    "SELECT shown FROM inbox_letter WHERE shown > 0 AND first = 0"
	    " AND substr(recipient, 1, 10) = ?1 AND received_at < ?2"
	    " AND state IN (2, 3) ORDER BY received_at DESC, id DESC LIMIT 1",
	.first_from =
	    "SELECT shown FROM inbox_letter WHERE shown > 0 AND first = 0"
	    " AND substr(recipient, 1, 10) = ?1 AND received_at >= ?2"
	    " AND state IN (2, 3) ORDER BY received_at, id LIMIT 1",
	.later_days = GIVEN_UP_DAYS,
};

int
register_read_in(struct rows *rows, const struct directory *directory,
    const struct register_ask *ask, struct register_piece *piece,
    struct error *err)
{
	struct register_walk walk = { .table = { .name = "收文登記簿",
					  .columns = in_columns,
					  .count = ARRAY_LEN(in_columns) },
		.rows = rows,
		.directory = directory,
		.places = &places,
		.put = put_row };
	enum inbox_state state = INBOX_STATE_COUNT;
	bool is_by_words = ask->question[0] != '\0';
	struct query *query;
	int64_t speed;

	if (ask->state[0] != '\0' && !inbox_state_parse(ask->state, &state))
		return error_set_id(err, "E4315", ERROR_MALFORMED,
		    "state %.40s", ask->state);
	if (register_speed(ask, &speed, err) < 0 ||
	    register_walk_begin(&walk, ask, piece, err) < 0 ||
	    query_begin(rows, is_by_words ? by_words : by_period, &query, err) <
		0)
		return -1;
	register_bind(query, ask, &walk);
	query_bind_int(query, 11, state == INBOX_STATE_COUNT ? -1 : (int)state);
	query_bind_int(query, 12, speed);
	return register_walk_run(&walk, ask, query, piece, err);
}
