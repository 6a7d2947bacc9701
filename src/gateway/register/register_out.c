/* 發文登記簿: what was sent. */
#include "gateway/register/register.h"

#include "base/error.h"
#include "base/text.h"
#include "gateway/register/register_internal.h"
#include "store/query.h"
#include "store/rows.h"

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
	register_put_time(table, query_int(query, 0));
	for (int i = 2; i < 5; i++)
		register_table_text(table, query_text(query, i));
	register_put_speed(table, query_int(query, 5));
	for (int i = 6; i < 15; i++)
		register_table_number(table, query_int(query, i));
	register_put_id(table, query, 15);
	register_table_end_row(table);
}

static int
put_row(struct register_walk *walk, int64_t row, struct error *err)
{
	struct query *query;
	int found;

	/* Of deliveries 5 is confirmed, 6 returned, 9 withdrawn, 11 paper
	 * (model/event.h). */
	if (query_begin(walk->rows,
		"SELECT o.created_at, o.id, o.sender, o.reference, o.subject,"
		" max(w.speed), (SELECT count(*) FROM outbox_file AS f"
		" WHERE f.document = o.id"
		" AND lower(substr(f.name, -3)) NOT IN ('.di', '.sw', '.dm')),"
		" count(d.id), sum(d.state = 5), sum(d.state < 5),"
		" sum(d.state = 6), sum(d.state = 11), sum(d.state = 9),"
		" sum(d.state IN (7, 8, 10)), o.message, o.document_id"
		" FROM outbox_document AS o"
		" LEFT JOIN outbox_waybill AS w ON w.document = o.id"
		" LEFT JOIN outbox_delivery AS d ON d.waybill = w.id"
		" WHERE o.id = ?1 GROUP BY o.id",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	found = query_next(query, err);
	if (found > 0)
		put_out(&walk->table, query);
	query_end(query);
	return found < 0 ? -1 : 0;
}

/* ---- which of them -------------------------------------------------------- */

/* States of deliveries, as bits: one is of `some`, and none of `no`. */
struct standing {
	const char *name;
	int64_t some;
	int64_t no;
};

static const struct standing standings[] = {
	{ "open", 0x1f, 0 },
	{ "confirmed", 1 << 5, ~INT64_C(0x20) },
	{ "returned", 1 << 6, 0 },
	{ "withdrawn", 1 << 9, 0 },
	{ "paper", 1 << 11, 0 },
	{ "failed", 1 << 7 | 1 << 8 | 1 << 10, 0 },
};

static int
find_standing(const struct register_ask *ask, struct standing *ret_standing,
    struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(standings); i++)
		if (text_equal(ask->state, standings[i].name)) {
			*ret_standing = standings[i];
			return 0;
		}
	if (ask->state[0] == '\0')
		return 0;
	return error_set_id(err, "E4315", ERROR_MALFORMED, "state %.40s",
	    ask->state);
}

#define SOME(mask)                                       \
	"EXISTS (SELECT 1 FROM outbox_waybill AS w"      \
	" JOIN outbox_delivery AS d ON d.waybill = w.id" \
	" WHERE w.document = o.id AND (1 << d.state) & " mask " <> 0)"

/* 3 is undone. */
#define WANTED                                                        \
	" o.hold <> 3 AND substr(o.sender, 1, length(?5)) = ?5"       \
	" AND (?7 = '' OR o.sender = ?7"                              \
	" OR (?7 = 'none' AND length(o.sender) = 10))"                \
	" AND (?13 < 0 OR EXISTS (SELECT 1 FROM outbox_waybill AS w"  \
	" WHERE w.document = o.id AND w.speed = ?13))"                \
	" AND (?11 = 0 OR " SOME("?11") ")"                           \
					" AND (?12 = 0 OR NOT " SOME( \
					    "?12") ")"

static const char by_period[] =
    "SELECT created_at, id," WANTED " FROM outbox_document AS o"
    " WHERE is_draft = 0 AND substr(sender, 1, 10) = ?1"
    " AND (created_at, id) > (?2, ?3) AND created_at < ?4"
    " ORDER BY created_at, id LIMIT ?6";
static const char by_words[] =
    "SELECT s.rowid, o.id," WANTED " AND o.is_draft = 0"
    " AND substr(o.sender, 1, 10) = ?1"
    " AND o.created_at >= ?10 AND o.created_at < ?4"
    " FROM outbox_search AS s CROSS JOIN outbox_document AS o"
    " ON o.id = s.rowid WHERE outbox_search MATCH ?8"
    " AND s.rowid > ?2 AND s.rowid <= ?9"
    " ORDER BY s.rowid LIMIT ?6";

static const struct register_places places = {
	.last_before = "SELECT id FROM outbox_document WHERE is_draft = 0"
		       " AND substr(sender, 1, 10) = ?1 AND created_at < ?2"
		       " ORDER BY created_at DESC, id DESC LIMIT 1",
	.first_from = "SELECT id FROM outbox_document WHERE is_draft = 0"
		      " AND substr(sender, 1, 10) = ?1 AND created_at >= ?2"
		      " ORDER BY created_at, id LIMIT 1",
	.later_days = 1,
};

int
register_read_out(struct rows *rows, const struct register_ask *ask,
    struct register_piece *piece, struct error *err)
{
	struct register_walk walk = { .table = { .name = "發文登記簿",
					  .columns = out_columns,
					  .count = ARRAY_LEN(out_columns) },
		.rows = rows,
		.places = &places,
		.put = put_row };
	struct standing standing = { 0 };
	bool is_by_words = ask->question[0] != '\0';
	struct query *query;
	int64_t speed;

	if (find_standing(ask, &standing, err) < 0 ||
	    register_speed(ask, &speed, err) < 0 ||
	    register_walk_begin(&walk, ask, piece, err) < 0 ||
	    query_begin(rows, is_by_words ? by_words : by_period, &query, err) <
		0)
		return -1;
	register_bind(query, ask, &walk);
	query_bind_int(query, 11, standing.some);
	query_bind_int(query, 12, standing.no);
	query_bind_int(query, 13, speed);
	return register_walk_run(&walk, ask, query, piece, err);
}
