#include "gateway/sending/recipient_limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "gateway/gateway.h"
#include "gateway/sending/ask.h"
#include "json/json_write.h"
#include "store/query.h"
#include "store/rows.h"

static const char center_prefix[] = "center:";

const char recipient_limits_schema[] =
    "CREATE TABLE recipient_limit ("
    " organisation TEXT NOT NULL, subject TEXT NOT NULL,"
    " letter_bytes INTEGER NOT NULL, attachments INTEGER NOT NULL,"
    " file_name INTEGER NOT NULL, plain_names INTEGER NOT NULL,"
    " note TEXT NOT NULL, PRIMARY KEY (organisation, subject))"
    " STRICT, WITHOUT ROWID;";

void
recipient_limits_free(struct recipient_limits *limits)
{
	free(limits->list);
	*limits = (struct recipient_limits){ 0 };
}

/* ---- rows ------------------------------------------------------------ */

static void
read_limit(struct query *query, struct recipient_limit *limit)
{
	*limit = (struct recipient_limit){ .letter_bytes = query_int(query, 1),
		.attachments = query_int(query, 2),
		.file_name = query_int(query, 3),
		.plain_names = query_int(query, 4) != 0 };
	text_copy(limit->of, sizeof(limit->of), query_text(query, 0));
	text_copy(limit->note, sizeof(limit->note), query_text(query, 5));
}

/* Most organisations have none: what the most would take is 600 KiB. */
static int
add_limit(struct query *query, struct recipient_limits *limits,
    struct error *err)
{
	size_t count = limits->count;

	if ((count & (count - 1)) == 0) {
		struct recipient_limit *list = realloc(limits->list,
		    (count == 0 ? 1 : 2 * count) * sizeof(*list));

		if (list == NULL)
			return error_set_memory(err);
		limits->list = list;
	}
	read_limit(query, &limits->list[limits->count++]);
	return 0;
}

int
recipient_limits_load(struct rows *rows, const struct org_code *code,
    struct recipient_limits *limits, struct error *err)
{
	struct org_code organisation = org_code_parent(code);
	struct query *query;
	int more = 0;

	if (query_begin(rows,
		"SELECT subject, letter_bytes, attachments, file_name,"
		" plain_names, note FROM recipient_limit"
		" WHERE organisation = ?1 ORDER BY subject",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, organisation.text);
	while (limits->count < RECIPIENT_LIMITS_MAX &&
	    (more = query_next(query, err)) > 0 &&
	    (more = add_limit(query, limits, err)) == 0)
		;
	query_end(query);
	return more;
}

static int
save(struct rows *rows, const struct org_code *organisation,
    const struct recipient_limit *limit, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT OR REPLACE INTO recipient_limit (organisation, subject,"
		" letter_bytes, attachments, file_name, plain_names, note)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, organisation->text);
	query_bind_text(query, 2, limit->of);
	query_bind_int(query, 3, limit->letter_bytes);
	query_bind_int(query, 4, limit->attachments);
	query_bind_int(query, 5, limit->file_name);
	query_bind_int(query, 6, limit->plain_names);
	query_bind_text(query, 7, limit->note);
	return query_finish(query, err);
}

static int
drop(struct rows *rows, const struct org_code *organisation, const char *of,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"DELETE FROM recipient_limit WHERE organisation = ?1"
		" AND subject = ?2",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, organisation->text);
	query_bind_text(query, 2, of);
	return query_finish(query, err);
}

/* ---- what holds ------------------------------------------------------ */

static void
tighten(int64_t *value, int64_t by)
{
	if (by > 0 && (*value == 0 || by < *value))
		*value = by;
}

void
recipient_limit_tighten(struct recipient_limit *limit,
    const struct recipient_limit *by)
{
	tighten(&limit->letter_bytes, by->letter_bytes);
	tighten(&limit->attachments, by->attachments);
	tighten(&limit->file_name, by->file_name);
	limit->plain_names = limit->plain_names || by->plain_names;
}

static bool
is_about(const char *of, const struct org_code *code, const char *center)
{
	struct org_code parent = org_code_parent(code);
	size_t len = sizeof(center_prefix) - 1;

	return text_equal(of, "*") || text_equal(of, code->text) ||
	    text_equal(of, parent.text) ||
	    (text_starts(of, center_prefix) && text_equal(of + len, center));
}

struct recipient_limit
recipient_limits_for(const struct recipient_limits *limits,
    const struct org_code *code, const char *center)
{
	struct recipient_limit limit = { .letter_bytes = 0 };

	for (size_t i = 0; i < limits->count; i++)
		if (is_about(limits->list[i].of, code, center))
			recipient_limit_tighten(&limit, &limits->list[i]);
	text_copy(limit.of, sizeof(limit.of), code->text);
	return limit;
}

static int64_t
count_characters(const char *name)
{
	int64_t count = 0;

	for (; *name != '\0'; name++)
		count += ((unsigned char)*name & 0xc0) != 0x80;
	return count;
}

static bool
is_plain(const char *name)
{
	for (; *name != '\0'; name++)
		if ((unsigned char)*name >= 0x80)
			return false;
	return true;
}

const char *
recipient_limit_judge_name(const struct recipient_limit *limit,
    const char *name)
{
	if (limit->file_name > 0 && count_characters(name) > limit->file_name)
		return "E6612";
	if (limit->plain_names && !is_plain(name))
		return "E6613";
	return NULL;
}

void
recipient_limit_suggest(const struct recipient_limit *limit, const char *name,
    size_t number, char to[MESSAGE_FILE_NAME_SIZE])
{
	const char *extension = strrchr(name, '.');

	if (extension == NULL || !is_plain(extension) || strlen(extension) > 8)
		extension = "";
	snprintf(to, MESSAGE_FILE_NAME_SIZE, "attachment-%zu%s", number,
	    extension);
	if (recipient_limit_judge_name(limit, to) != NULL)
		snprintf(to, MESSAGE_FILE_NAME_SIZE, "a%zu%s", number,
		    extension);
}

/* ---- reading --------------------------------------------------------- */

void
recipient_limit_write(const struct recipient_limit *limit,
    struct json_writer *writer)
{
	json_write_int(writer, "letter_bytes", limit->letter_bytes);
	json_write_int(writer, "attachments", limit->attachments);
	json_write_int(writer, "file_name", limit->file_name);
	json_write_bool(writer, "plain_names", limit->plain_names);
}

int
recipient_limits_write(struct rows *rows, const struct org_code *code,
    struct json_writer *writer, struct error *err)
{
	struct recipient_limits limits = { 0 };
	int rc = recipient_limits_load(rows, code, &limits, err);

	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, "limits");
	for (size_t i = 0; rc == 0 && i < limits.count; i++) {
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "of", limits.list[i].of);
		recipient_limit_write(&limits.list[i], writer);
		json_write_text(writer, "note", limits.list[i].note);
		json_write_end(writer);
	}
	json_write_end(writer);
	json_write_end(writer);
	recipient_limits_free(&limits);
	return rc;
}

/* ---- changing -------------------------------------------------------- */

static int
read_of(const struct sending_ask *ask, struct recipient_limit *limit,
    struct error *err)
{
	struct org_code code;

	if (sending_ask_text(ask, "of", true, limit->of, sizeof(limit->of),
		err) < 0)
		return -1;
	if (text_equal(limit->of, "*") || org_code_parse(limit->of, &code) ||
	    (text_starts(limit->of, center_prefix) &&
		limit->of[sizeof(center_prefix) - 1] != '\0'))
		return 0;
	return error_set_id(err, "E6204", ERROR_MALFORMED,
	    "of is a code, center:NAME, or *");
}

static int
read_number(const struct sending_ask *ask, const char *name, int64_t *to,
    struct error *err)
{
	const struct json_value *value = sending_ask_member(ask, name);

	if (value == NULL ||
	    (json_value_integer(value, to) && *to >= 0 &&
		*to <= INT64_C(1) << 40))
		return 0;
	return error_set_id(err, "E6204", ERROR_MALFORMED,
	    "%s must be a number, 0 for no limit", name);
}

static int
read_limit_of(const struct sending_ask *ask, struct recipient_limit *limit,
    struct error *err)
{
	const struct json_value *plain = sending_ask_member(ask, "plain_names");

	if (read_of(ask, limit, err) < 0 ||
	    read_number(ask, "letter_bytes", &limit->letter_bytes, err) < 0 ||
	    read_number(ask, "attachments", &limit->attachments, err) < 0 ||
	    read_number(ask, "file_name", &limit->file_name, err) < 0 ||
	    sending_ask_text(ask, "note", false, limit->note,
		sizeof(limit->note), err) < 0)
		return -1;
	if (plain == NULL || json_value_bool(plain, &limit->plain_names))
		return 0;
	return error_set_id(err, "E6204", ERROR_MALFORMED,
	    "plain_names must be true or false");
}

/* One that limits nothing is none. */
static int
change(struct sending_ask *ask, struct error *err)
{
	struct rows *rows = sending_ask_rows(ask);
	struct recipient_limit limit = { .letter_bytes = 0 };
	struct recipient_limits known = { 0 };
	struct org_code code, organisation;
	bool is_none;
	int rc;

	if (sending_ask_organisation(ask, &code, err) < 0 ||
	    read_limit_of(ask, &limit, err) < 0)
		return -1;
	organisation = org_code_parent(&code);
	is_none = limit.letter_bytes == 0 && limit.attachments == 0 &&
	    limit.file_name == 0 && !limit.plain_names;
	rc = recipient_limits_load(rows, &code, &known, err);
	if (rc == 0 && !is_none && known.count == RECIPIENT_LIMITS_MAX)
		rc = error_set_id(err, "E6417", ERROR_DENIED,
		    "%d limits are kept already", RECIPIENT_LIMITS_MAX);
	recipient_limits_free(&known);
	if (rc < 0 ||
	    (is_none ? drop(rows, &organisation, limit.of, err)
		     : save(rows, &organisation, &limit, err)) < 0)
		return -1;
	return recipient_limits_write(rows, &code, &ask->writer, err);
}

void
recipient_limits_request(struct gateway *gateway, struct peer *peer,
    uint32_t id, const struct message_request *request)
{
	sending_ask_begin(gateway, peer, id, request, change);
}
