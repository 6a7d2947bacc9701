#include "gateway/sending/board.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "gateway/gateway.h"
#include "gateway/inbox/inbox_rows.h"
#include "gateway/sending/ask.h"
#include "json/json_write.h"
#include "model/times.h"
#include "role/people/people_admit.h"
#include "service/config.h"
#include "store/query.h"
#include "store/rows.h"

enum { ROW_TEXT_SIZE = 24, REASON_SIZE = 256, DAYS_MAX = 3660 };

#define DAY_MS (INT64_C(24) * 3600 * 1000)

const char board_schema[] =
    "CREATE TABLE board_notice ("
    " letter INTEGER PRIMARY KEY REFERENCES inbox_letter,"
    " until INTEGER NOT NULL, withdrawn_at INTEGER NOT NULL,"
    " reason TEXT NOT NULL, changed_by TEXT NOT NULL,"
    " changed_at INTEGER NOT NULL) STRICT;";

/*
 * ?1: codes with commas around each; ?2: now; ?3: milliseconds that a notice is
 * up; ?4: the state returned.  A message about a letter (1 to 6) is no notice by
 * itself, but one that takes its place (1, 2, 3, 6) is.
 */
#define IS_UP                                                               \
	" l.shown > 0 AND l.first = 0 AND l.state < ?4"                     \
	" AND instr(?1, ',' || l.recipient || ',') > 0"                     \
	" AND l.message NOT IN (4, 5)"                                      \
	" AND coalesce(n.until, l.received_at + ?3) > ?2"                   \
	" AND coalesce(n.withdrawn_at, 0) = 0"                              \
	" AND NOT EXISTS (SELECT 1 FROM inbox_letter AS x"                  \
	" WHERE x.earlier = l.document_id AND x.message IN (1, 2, 3, 4, 6)" \
	" AND x.sender = l.sender AND x.recipient = l.recipient"            \
	" AND x.shown > 0)"

#define COLUMNS                                                            \
	"SELECT l.id, l.waybill_id, l.recipient, l.sender, l.reference,"   \
	" l.subject, l.received_at, coalesce(n.until, l.received_at + ?3)" \
	" FROM inbox_letter AS l LEFT JOIN board_notice AS n"              \
	" ON n.letter = l.id WHERE"

/* ---- which ----------------------------------------------------------- */

static int
check_board(const struct config *config, struct error *err)
{
	if (config->board.codes[0] != '\0')
		return 0;
	return error_set_id(err, "E6622", ERROR_NOT_FOUND,
	    "there is no bulletin board here");
}

/* ",CODE,CODE,". */
static int
put_codes(const struct config *config, struct bytes *to, struct error *err)
{
	bytes_put_format(to, ",%s,", config->board.codes);
	bytes_put_u8(to, '\0');
	return bytes_failed(to, err);
}

/* The first four parameters of IS_UP. */
static void
bind(struct query *query, const struct board_reading *reading,
    const struct bytes *codes)
{
	query_bind_text(query, 1, (const char *)codes->data);
	query_bind_int(query, 2, reading->now);
	query_bind_int(query, 3, reading->config->board.days * DAY_MS);
	query_bind_int(query, 4, INBOX_RETURNED);
}

/* ---- one ------------------------------------------------------------- */

static void
write_members(const struct board_reading *reading, struct query *query,
    struct json_writer *writer)
{
	struct id waybill_id;

	query_id(query, 1, &waybill_id);
	json_write_id(writer, "waybill_id", &waybill_id);
	json_write_text(writer, "code", query_text(query, 2));
	json_write_text(writer, "sender", query_text(query, 3));
	json_write_text(writer, "sender_name",
	    directory_name_of(reading->directory, query_text(query, 3)));
	json_write_text(writer, "reference", query_text(query, 4));
	json_write_text(writer, "subject", query_text(query, 5));
	json_write_time(writer, "published_at", query_int(query, 6));
	json_write_time(writer, "until", query_int(query, 7));
}

/* The names of good.nat.gov.tw's open data. */
static void
write_open_data(const struct board_reading *reading, struct query *query,
    struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	json_write_int(writer, "Index", query_int(query, 0));
	json_write_text(writer, "SendUnitName",
	    directory_name_of(reading->directory, query_text(query, 3)));
	json_write_text(writer, "SendNo", query_text(query, 4));
	json_write_text(writer, "Subject", query_text(query, 5));
	json_write_time(writer, "SendDate", query_int(query, 6));
	json_write_time(writer, "DueDate", query_int(query, 7));
	json_write_end(writer);
}

static int
write_files(struct rows *rows, int64_t letter, struct json_writer *writer,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT name, len FROM inbox_file WHERE letter = ?1"
		" ORDER BY position",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, letter);
	json_write_begin_array(writer, "files");
	while ((more = query_next(query, err)) > 0) {
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name", query_text(query, 0));
		json_write_int(writer, "length", query_int(query, 1));
		json_write_end(writer);
	}
	json_write_end(writer);
	query_end(query);
	return more;
}

/* 1 and the query at its row; 0 or -1: no query. */
static int
find(const struct board_reading *reading, const struct id *waybill_id,
    const struct org_code *code, const struct bytes *codes,
    struct query **ret_query, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(reading->rows,
		COLUMNS " l.waybill_id = ?5 AND l.recipient = ?6 AND" IS_UP,
		&query, err) < 0)
		return -1;
	bind(query, reading, codes);
	query_bind_id(query, 5, waybill_id);
	query_bind_text(query, 6, code->text);
	found = query_next(query, err);
	if (found > 0)
		*ret_query = query;
	else
		query_end(query);
	return found;
}

/* `writer` NULL: only whether it is up. */
static int
read_one(const struct board_reading *reading, const struct id *waybill_id,
    const struct org_code *code, struct json_writer *writer, struct error *err)
{
	struct bytes codes = { 0 };
	struct query *query;
	int found = -1;

	if (check_board(reading->config, err) == 0 &&
	    put_codes(reading->config, &codes, err) == 0)
		found = find(reading, waybill_id, code, &codes, &query, err);
	bytes_free(&codes);
	if (found <= 0)
		return found < 0 ? -1
				 : error_set_id(err, "E6622", ERROR_NOT_FOUND,
				       "there is no such notice on the board");
	if (writer != NULL) {
		json_write_begin_object(writer, NULL);
		write_members(reading, query, writer);
		found = write_files(reading->rows, query_int(query, 0), writer,
		    err);
		json_write_end(writer);
	}
	query_end(query);
	return found < 0 ? -1 : 0;
}

int
board_write_one(const struct board_reading *reading,
    const struct id *waybill_id, const struct org_code *code,
    struct json_writer *writer, struct error *err)
{
	return read_one(reading, waybill_id, code, writer, err);
}

int
board_check(const struct board_reading *reading, const struct id *waybill_id,
    const struct org_code *code, struct error *err)
{
	return read_one(reading, waybill_id, code, NULL, err);
}

/* ---- a list ---------------------------------------------------------- */

static int
begin_list(const struct board_reading *reading, const struct board_list *list,
    const struct bytes *codes, struct query **ret_query, struct error *err)
{
	uint64_t before = INT64_MAX;

	if (list->cursor[0] != '\0' &&
	    !text_parse_u64(list->cursor, INT64_MAX, &before))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "cursor is none that a list gave");
	if (query_begin(reading->rows,
		COLUMNS " l.id < ?5 AND (?6 = '' OR instr(l.subject, ?6) > 0"
			" OR instr(l.reference, ?6) > 0) AND" IS_UP
			" ORDER BY l.id DESC LIMIT ?7",
		ret_query, err) < 0)
		return -1;
	bind(*ret_query, reading, codes);
	query_bind_int(*ret_query, 5, (int64_t)before);
	query_bind_text(*ret_query, 6, list->search);
	query_bind_int(*ret_query, 7, (int64_t)list->limit + 1);
	return 0;
}

static int
write_rows(const struct board_reading *reading, const struct board_list *list,
    struct query *query, struct json_writer *writer, struct error *err)
{
	char next[ROW_TEXT_SIZE] = "";
	int64_t oldest = 0;
	unsigned count = 0;
	int more;

	if (!list->is_open_data)
		json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, list->is_open_data ? NULL : "notices");
	while ((more = query_next(query, err)) > 0 && count++ < list->limit) {
		oldest = query_int(query, 0);
		if (list->is_open_data) {
			write_open_data(reading, query, writer);
			continue;
		}
		json_write_begin_object(writer, NULL);
		write_members(reading, query, writer);
		json_write_end(writer);
	}
	json_write_end(writer);
	if (list->is_open_data)
		return more < 0 ? -1 : 0;
	if (more > 0)
		snprintf(next, sizeof(next), "%" PRId64, oldest);
	json_write_text(writer, "next", next);
	json_write_end(writer);
	return more < 0 ? -1 : 0;
}

int
board_write_list(const struct board_reading *reading,
    const struct board_list *list, struct json_writer *writer,
    struct error *err)
{
	struct bytes codes = { 0 };
	struct query *query;
	int rc = -1;

	if (check_board(reading->config, err) == 0 &&
	    put_codes(reading->config, &codes, err) == 0 &&
	    begin_list(reading, list, &codes, &query, err) == 0) {
		rc = write_rows(reading, list, query, writer, err);
		query_end(query);
	}
	bytes_free(&codes);
	return rc;
}

/* ---- changing -------------------------------------------------------- */

struct notice {
	int64_t letter;
	int64_t until;
	int64_t withdrawn_at;
	char reason[REASON_SIZE];
};

/* Also one that is down; within the caller's scope. */
static int
load(struct sending_ask *ask, const struct config *config,
    struct notice *notice, struct error *err)
{
	struct http_segments segments;
	struct bytes codes = { 0 };
	struct query *query;
	struct org_code code;
	struct id waybill_id;
	int found = 0;

	if (check_board(config, err) < 0 || put_codes(config, &codes, err) < 0)
		goto failed;
	if (!http_path_match("/v1/board/{}/{}:change", ask->target.path,
		&segments) ||
	    !id_parse(segments.text[0], &waybill_id) ||
	    !org_code_parse(segments.text[1], &code) ||
	    !people_may_see(ask->scope, code.text))
		goto none;
	if (query_begin(sending_ask_rows(ask),
		"SELECT l.id, coalesce(n.until, l.received_at + ?4),"
		" coalesce(n.withdrawn_at, 0), coalesce(n.reason, '')"
		" FROM inbox_letter AS l LEFT JOIN board_notice AS n"
		" ON n.letter = l.id WHERE l.waybill_id = ?1"
		" AND l.recipient = ?2 AND l.shown > 0"
		" AND instr(?3, ',' || l.recipient || ',') > 0",
		&query, err) < 0)
		goto failed;
	query_bind_id(query, 1, &waybill_id);
	query_bind_text(query, 2, code.text);
	query_bind_text(query, 3, (const char *)codes.data);
	query_bind_int(query, 4, config->board.days * DAY_MS);
	found = query_next(query, err);
	if (found > 0) {
		notice->letter = query_int(query, 0);
		notice->until = query_int(query, 1);
		notice->withdrawn_at = query_int(query, 2);
		text_copy(notice->reason, sizeof(notice->reason),
		    query_text(query, 3));
	}
	query_end(query);
	if (found < 0)
		goto failed;
none:
	bytes_free(&codes);
	return found > 0 ? 0
			 : error_set_id(err, "E6622", ERROR_NOT_FOUND,
			       "there is no such notice on the board");
failed:
	bytes_free(&codes);
	return -1;
}

static int
save(struct sending_ask *ask, const struct notice *notice, struct error *err)
{
	char actor[MESSAGE_NAME_SIZE];
	struct query *query;

	if (sending_ask_actor(ask, actor, sizeof(actor), err) < 0 ||
	    query_begin(sending_ask_rows(ask),
		"INSERT OR REPLACE INTO board_notice (letter, until,"
		" withdrawn_at, reason, changed_by, changed_at)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, notice->letter);
	query_bind_int(query, 2, notice->until);
	query_bind_int(query, 3, notice->withdrawn_at);
	query_bind_text(query, 4, notice->reason);
	query_bind_text(query, 5, actor);
	query_bind_int(query, 6, sending_ask_now(ask));
	return query_finish(query, err);
}

/* Its last moment, and whether it is taken down; what is not named stays. */
static int
read_change(struct sending_ask *ask, struct notice *notice, struct error *err)
{
	const char *until = json_value_text(sending_ask_member(ask, "until"));
	const struct json_value *down = sending_ask_member(ask, "withdrawn");
	int64_t now = sending_ask_now(ask);
	bool is_down = false;

	if (sending_ask_member(ask, "until") != NULL &&
	    (until == NULL || !times_read(until, &notice->until) ||
		notice->until > now + DAYS_MAX * DAY_MS))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "until must be a time within %d days", DAYS_MAX);
	if (down != NULL && !json_value_bool(down, &is_down))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "withdrawn must be true or false");
	if (down != NULL)
		notice->withdrawn_at = is_down ? now : 0;
	if (sending_ask_member(ask, "reason") == NULL)
		return 0;
	return sending_ask_text(ask, "reason", false, notice->reason,
	    sizeof(notice->reason), err);
}

static int
change(struct sending_ask *ask, struct error *err)
{
	const struct config *config = ask->gateway->spool.env->config;
	struct notice notice = { 0 };

	if (load(ask, config, &notice, err) < 0 ||
	    read_change(ask, &notice, err) < 0 || save(ask, &notice, err) < 0)
		return -1;
	json_write_begin_object(&ask->writer, NULL);
	json_write_time(&ask->writer, "until", notice.until);
	json_write_bool(&ask->writer, "withdrawn", notice.withdrawn_at > 0);
	json_write_text(&ask->writer, "reason", notice.reason);
	json_write_end(&ask->writer);
	return 0;
}

bool
board_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	if (!text_starts(request->path, "/v1/board/"))
		return false;
	sending_ask_begin(gateway, peer, id, request, change);
	return true;
}
