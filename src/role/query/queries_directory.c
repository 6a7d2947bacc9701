/*
 * The directory for people and programs of the host: search, one entry as of
 * any serial that is kept, and what became of it (docs/directory.md).
 */
#include "role/query/queries.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "directory/directory.h"
#include "directory/directory_search.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "role/contents/contents.h"
#include "store/query.h"

enum {
	LIST_DEFAULT = 50,
	LIST_MAX = 200,
	OFFSET_MAX = 1000000,
	VERSIONS_MAX = 200, /* of an entry, the newest */
};

/* A request that is being answered. */
struct asking {
	struct queries *queries;
	struct http_target target;
	struct http_segments segments;
	struct json_writer writer;
};

static int
read_number(const struct asking *asking, const char *name, uint64_t otherwise,
    uint64_t max, uint64_t *ret_number, struct error *err)
{
	const char *text = http_target_param(&asking->target, name);

	*ret_number = otherwise;
	if (text == NULL || text[0] == '\0' ||
	    text_parse_u64(text, max, ret_number))
		return 0;
	return error_set_id(err, "E6204", ERROR_MALFORMED,
	    "%s must be a number up to %llu", name, (unsigned long long)max);
}

/* ---- search -------------------------------------------------------------- */

static void
write_line(struct asking *asking, const struct directory_org *org)
{
	struct json_writer *writer = &asking->writer;
	const struct directory *directory = queries_directory(asking->queries);
	struct directory_org receiver;
	struct directory_key seal;

	json_write_begin_object(writer, NULL);
	json_write_org(writer, "code", &org->code);
	json_write_text(writer, "name", org->name);
	json_write_text(writer, "kind", org_kind_name(org->kind));
	json_write_text(writer, "status", org_status_name(org->status));
	json_write_text(writer, "center", org->center);
	json_write_text(writer, "receiver",
	    directory_find_receiver(directory, &org->code, &receiver, &seal)
		? receiver.code.text
		: "");
	json_write_text(writer, "successor", org->successor.text);
	json_write_int(writer, "letter_bytes",
	    (int64_t)org->accepts_letter_bytes);
	json_write_end(writer);
}

/* All of them, in the order of codes. */
static size_t
list_all(const struct directory *directory, size_t skip, size_t max,
    uint32_t *ret_indices, size_t *ret_total)
{
	size_t count = directory_org_count(directory);
	size_t written = 0;

	*ret_total = count;
	for (; skip < count && written < max; skip++)
		ret_indices[written++] = (uint32_t)skip;
	return written;
}

static int
search(struct asking *asking, struct error *err)
{
	struct json_writer *writer = &asking->writer;
	const struct directory *directory = queries_directory(asking->queries);
	const char *text = http_target_param(&asking->target, "q");
	uint32_t indices[LIST_MAX];
	uint64_t limit, offset;
	size_t count, total;

	if (read_number(asking, "limit", LIST_DEFAULT, UINT32_MAX, &limit,
		err) < 0 ||
	    read_number(asking, "offset", 0, OFFSET_MAX, &offset, err) < 0)
		return -1;
	limit = limit < LIST_MAX ? limit : LIST_MAX;
	if (text != NULL && strlen(text) > DIRECTORY_QUERY_MAX)
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "q is longer than %d bytes", DIRECTORY_QUERY_MAX);
	count = text != NULL && text[0] != '\0'
	    ? directory_search(directory, text, (size_t)offset, (size_t)limit,
		  indices, &total)
	    : list_all(directory, (size_t)offset, (size_t)limit, indices,
		  &total);
	json_write_begin_object(writer, NULL);
	json_write_int(writer, "serial",
	    (int64_t)directory_serials(directory).directory);
	json_write_int(writer, "total", (int64_t)total);
	json_write_int(writer, "offset", (int64_t)offset);
	json_write_begin_array(writer, "organisations");
	for (size_t i = 0; i < count; i++) {
		struct directory_org org =
		    directory_org_at(directory, indices[i]);

		write_line(asking, &org);
	}
	json_write_end(writer);
	json_write_end(writer);
	return 0;
}

/* ---- one entry ------------------------------------------------------------- */

static int
read_code(const struct asking *asking, struct org_code *ret_code,
    struct error *err)
{
	if (org_code_parse(asking->segments.text[0], ret_code))
		return 0;
	return error_set(err, ERROR_NOT_FOUND, "%s is no code",
	    asking->segments.text[0]);
}

static void
write_serial(struct json_writer *writer, const char *key, struct query *query,
    int column)
{
	if (query_is_null(query, column))
		json_write_null(writer, key);
	else
		json_write_int(writer, key, query_int(query, column));
}

/* Columns since, until, JSON. */
static void
write_version(struct json_writer *writer, struct query *query)
{
	size_t len;
	const void *json = query_data(query, 2, &len);

	write_serial(writer, "since", query, 0);
	write_serial(writer, "until", query, 1);
	json_write_raw(writer, "entry", json, len);
}

/* The serial that is asked for; the one in force without one. */
static int
read_serial(const struct asking *asking, struct rows *rows,
    uint64_t *ret_serial, struct error *err)
{
	struct contents_state state;

	if (contents_read_state(rows, &state, err) < 0 ||
	    read_number(asking, "serial", state.serial, INT64_MAX, ret_serial,
		err) < 0)
		return -1;
	if (*ret_serial <= state.serial && *ret_serial >= state.oldest)
		return 0;
	return error_set_id(err, "E3905", ERROR_NOT_FOUND,
	    "directories %llu to %llu are kept here",
	    (unsigned long long)state.oldest, (unsigned long long)state.serial);
}

static int
show(struct asking *asking, struct error *err)
{
	struct json_writer *writer = &asking->writer;
	struct rows *rows = queries_rows(asking->queries, err);
	struct query *query;
	struct org_code code;
	uint64_t serial;
	int found;

	if (rows == NULL || read_code(asking, &code, err) < 0 ||
	    read_serial(asking, rows, &serial, err) < 0)
		return -1;
	found = contents_find(rows, code.text, serial, &query, err);
	if (found <= 0)
		return found < 0 ? -1
				 : error_set_id(err, "E3906", ERROR_NOT_FOUND,
				       "%s is not in directory %llu", code.text,
				       (unsigned long long)serial);
	json_write_begin_object(writer, NULL);
	json_write_int(writer, "serial", (int64_t)serial);
	write_version(writer, query);
	json_write_end(writer);
	query_end(query);
	return 0;
}

/* ---- its history ------------------------------------------------------------ */

static int
write_versions(struct asking *asking, struct rows *rows,
    const struct org_code *code, uint64_t serial, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT since, until, json,"
		" (SELECT issued FROM bulletin WHERE type = ?2"
		"  AND name = '' AND serial = since ORDER BY place DESC"
		"  LIMIT 1)"
		" FROM directory_entry WHERE code = ?1 AND since <= ?3"
		" ORDER BY since DESC LIMIT ?4",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, code->text);
	query_bind_int(query, 2, BULLETIN_DIRECTORY);
	query_bind_int(query, 3, (int64_t)serial);
	query_bind_int(query, 4, VERSIONS_MAX);
	json_write_begin_array(&asking->writer, "versions");
	while ((more = query_next(query, err)) > 0) {
		json_write_begin_object(&asking->writer, NULL);
		write_version(&asking->writer, query);
		if (query_is_null(query, 3))
			json_write_null(&asking->writer, "issued");
		else
			json_write_time(&asking->writer, "issued",
			    query_int(query, 3));
		json_write_end(&asking->writer);
	}
	json_write_end(&asking->writer);
	query_end(query);
	return more;
}

static int
history(struct asking *asking, struct error *err)
{
	struct rows *rows = queries_rows(asking->queries, err);
	struct contents_state state;
	struct org_code code;

	if (rows == NULL || read_code(asking, &code, err) < 0 ||
	    contents_read_state(rows, &state, err) < 0)
		return -1;
	json_write_begin_object(&asking->writer, NULL);
	json_write_org(&asking->writer, "code", &code);
	json_write_int(&asking->writer, "serial", (int64_t)state.serial);
	json_write_int(&asking->writer, "oldest", (int64_t)state.oldest);
	if (write_versions(asking, rows, &code, state.serial, err) < 0)
		return -1;
	json_write_end(&asking->writer);
	return 0;
}

/* ---- which ----------------------------------------------------------------- */

static int
answer(struct asking *asking, const char *request, struct error *err)
{
	const char *path;

	if (http_target_parse(request, strlen(request), &asking->target, err) <
	    0)
		return -1;
	if (queries_directory(asking->queries) == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	path = asking->target.path;
	if (text_equal(path, "/v1/directory"))
		return search(asking, err);
	if (http_path_match("/v1/directory/{}", path, &asking->segments))
		return show(asking, err);
	if (http_path_match("/v1/directory/{}/history", path,
		&asking->segments))
		return history(asking, err);
	return error_set_id(err, "E6201", ERROR_NOT_FOUND,
	    "there is nothing at %s", path);
}

bool
queries_answer_directory(struct queries *queries, struct peer *peer,
    uint32_t id, const struct message_request *request)
{
	struct asking asking = { .queries = queries };
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (!text_equal(request->method, "GET") ||
	    !text_starts(request->path, "/v1/directory"))
		return false;
	asking.writer = json_writer_to(&json);
	if (answer(&asking, request->path, &err) == 0 &&
	    json_write_done(&asking.writer, &err) == 0)
		queries_reply(peer, id, 200, &json);
	else
		peer_refuse(peer, id, &err);
	http_target_free(&asking.target);
	bytes_free(&json);
	return true;
}
