#include "center/send/center_send_show.h"

#include <inttypes.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "center/send/center_send_rows.h"
#include "envelope/statement.h"
#include "json/json_write.h"
#include "model/event.h"
#include "role/query/metrics.h"
#include "store/leaves.h"
#include "store/query.h"

enum { SHOWN_MAX = 200 };

static const char *
kind_name(int64_t kind)
{
	static const char *const names[] = { [CENTER_SEND_RELAY] = "relay",
		[CENTER_SEND_RECEIPT] = "receipt",
		[CENTER_SEND_WITHDRAWAL] = "withdrawal",
		[CENTER_SEND_REWRAP] = "addendum",
		[CENTER_SEND_MOVE] = "move" };

	return kind > 0 && kind < (int64_t)ARRAY_LEN(names) ? names[kind]
							    : "other";
}

/* ---- how much -------------------------------------------------------- */

static const char count_sql[] =
    "SELECT center, kind, count(*), sum(is_aside), sum(is_held) FROM send"
    " GROUP BY center, kind ORDER BY center, kind";

static int
write_counts(struct rows *rows, struct json_writer *writer, struct error *err)
{
	char center[MESSAGE_HOST_SIZE] = "";
	struct query *query;
	int more;

	if (query_begin(rows, count_sql, &query, err) < 0)
		return -1;
	json_write_begin_array(writer, "destinations");
	while ((more = query_next(query, err)) > 0) {
		if (!text_equal(center, query_text(query, 0))) {
			if (center[0] != '\0') {
				json_write_end(writer);
				json_write_end(writer);
			}
			text_copy(center, sizeof(center), query_text(query, 0));
			json_write_begin_object(writer, NULL);
			json_write_text(writer, "center", center);
			json_write_begin_array(writer, "waiting");
		}
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "kind", kind_name(query_int(query, 1)));
		json_write_int(writer, "count", query_int(query, 2));
		json_write_int(writer, "set_aside", query_int(query, 3));
		json_write_int(writer, "held", query_int(query, 4));
		json_write_end(writer);
	}
	query_end(query);
	if (center[0] != '\0') {
		json_write_end(writer);
		json_write_end(writer);
	}
	json_write_end(writer);
	return more;
}

static int
put_figures(struct rows *rows, const char *name, int column, struct bytes *to,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows, count_sql, &query, err) < 0)
		return -1;
	while ((more = query_next(query, err)) > 0)
		bytes_put_format(to,
		    "%s{peer=\"%s\",kind=\"%s\"} %" PRId64 "\n", name,
		    query_text(query, 0), kind_name(query_int(query, 1)),
		    query_int(query, column));
	query_end(query);
	return more;
}

int
center_send_figures(struct rows *rows, struct bytes *to, struct error *err)
{
	metrics_put_head(to, "yizhan_queue_waiting", "gauge",
	    "What waits for another center, set aside or not.");
	if (put_figures(rows, "yizhan_queue_waiting", 2, to, err) < 0)
		return -1;
	metrics_put_head(to, "yizhan_queue_set_aside", "gauge",
	    "What another center refused, until its next try.");
	if (put_figures(rows, "yizhan_queue_set_aside", 3, to, err) < 0)
		return -1;
	return bytes_failed(to, err);
}

int
center_send_state(struct rows *rows, int64_t *ret_count, struct bytes *to,
    struct error *err)
{
	struct query *query;
	int more;

	*ret_count = 0;
	if (query_begin(rows,
		"SELECT center, reason, count(*) FROM send"
		" WHERE is_aside = 1 AND retry_at > 0 GROUP BY center, reason",
		&query, err) < 0)
		return -1;
	while ((more = query_next(query, err)) > 0) {
		bytes_put_format(to, "%s%s %s: %" PRId64,
		    *ret_count > 0 ? ", " : "", query_text(query, 0),
		    query_text(query, 1), query_int(query, 2));
		*ret_count += query_int(query, 2);
	}
	query_end(query);
	return more;
}

/* ---- what is set aside ----------------------------------------------- */

/* A receipt says itself what it is about. */
static void
write_stated(struct leaves *leaves, uint64_t entry, struct json_writer *writer)
{
	struct statement statement = { 0 };
	struct error ignored = { 0 };
	struct bytes text = { 0 };
	struct digest salt;

	if (leaves_find(leaves, entry, &salt, &text, &ignored) == 0 &&
	    statement_decode((const char *)text.data, text.len, &statement,
		&ignored) == 0) {
		json_write_id(writer, "waybill_id", &statement.waybill_id);
		json_write_text(writer, "recipient", statement.recipient.text);
		json_write_text(writer, "event", event_name(statement.event));
	}
	statement_free(&statement);
	bytes_free(&text);
}

/* Columns kind, center, reason, failures, retry_at, entry, waybill, waybill_id,
 * recipient. */
static void
write_aside(struct query *query, struct leaves *leaves,
    struct json_writer *writer)
{
	bool is_ours = query_int(query, 0) == CENTER_SEND_RECEIPT &&
	    query_int(query, 6) == 0;
	struct id id;

	json_write_begin_object(writer, NULL);
	json_write_text(writer, "kind", kind_name(query_int(query, 0)));
	json_write_text(writer, "center", query_text(query, 1));
	json_write_text(writer, "code", query_text(query, 2));
	json_write_int(writer, "failures", query_int(query, 3));
	json_write_time(writer, "next_at", query_int(query, 4));
	if (is_ours) {
		write_stated(leaves, (uint64_t)query_int(query, 5), writer);
	} else if (!query_is_null(query, 7)) {
		query_id(query, 7, &id);
		json_write_id(writer, "waybill_id", &id);
		if (!query_is_null(query, 8))
			json_write_text(writer, "recipient",
			    query_text(query, 8));
	}
	json_write_end(writer);
}

int
center_send_show(struct rows *rows, struct leaves *leaves,
    struct json_writer *writer, struct error *err)
{
	struct query *query;
	int more;

	json_write_begin_object(writer, NULL);
	if (write_counts(rows, writer, err) < 0 ||
	    query_begin(rows,
		"SELECT s.kind, s.center, s.reason, s.failures, s.retry_at,"
		" s.entry, s.waybill, w.waybill_id, d.recipient FROM send AS s"
		" LEFT JOIN delivery AS d"
		" ON s.kind IN (3, 4, 5) AND d.id = s.waybill"
		" LEFT JOIN waybill AS w"
		" ON w.id = iif(s.kind = 1, s.waybill, d.waybill)"
		" WHERE s.is_aside = 1 AND s.retry_at > 0"
		" ORDER BY s.center, s.retry_at LIMIT ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, SHOWN_MAX);
	json_write_begin_array(writer, "set_aside");
	while ((more = query_next(query, err)) > 0)
		write_aside(query, leaves, writer);
	query_end(query);
	json_write_end(writer);
	json_write_end(writer);
	return more < 0 ? -1 : json_write_done(writer, err);
}
