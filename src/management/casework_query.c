#include "management/casework_query.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "case/case_library.h"
#include "directory/directory.h"
#include "directory/registration.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "management/casework_effect.h"
#include "management/casework_json.h"
#include "management/casework_requests.h"
#include "management/casework_rows.h"
#include "management/management_access.h"
#include "management/release_reports.h"
#include "role/env.h"
#include "role/listener/listener.h"
#include "role/query/queries.h"
#include "role/requests/requests_query.h"
#include "service/config.h"
#include "store/query.h"
#include "store/rows.h"

enum { LIST_MAX = 500, LIST_USUAL = 100, STEPS_MAX = 1000 };

struct casework_query {
	struct queries *queries;
	struct case_library *library;
	struct rows *rows; /* NULL until the spooler has made them */
};

/* One request. */
struct asked {
	struct casework_query *casework;
	struct rows *rows;
	const struct management_caller *caller;
	const struct http_target *target;
	struct http_segments segments;
	int64_t now_ms;
	struct json_writer *writer;
	const char *type; /* of a body that is no JSON, as `raw` is */
	struct bytes raw;
};

static const char *
param(const struct asked *asked, const char *name)
{
	const char *value = http_target_param(asked->target, name);

	return value != NULL ? value : "";
}

static bool
may_see(const struct asked *asked, const char *organisation)
{
	return management_may_see(asked->caller,
	    queries_directory(asked->casework->queries), organisation);
}

static int
find_case(const struct asked *asked, const char *id,
    struct casework_case *ret_case, struct error *err)
{
	struct casework_case file = { .number = 0 };

	if (casework_load(asked->rows, asked->casework->library, id, &file,
		err) < 0)
		return -1;
	if (!may_see(asked, file.organisation)) {
		casework_case_free(&file);
		return error_set_id(err, "E7110", ERROR_NOT_FOUND,
		    "no case %.40s", id);
	}
	*ret_case = file;
	return 0;
}

/* ---- lists ---------------------------------------------------------------------- */

/* Columns number, id, definition, subject, organisation, state, since, due, is_open, opened. */
static void
write_line(const struct asked *asked, struct query *query)
{
	const struct case_definition *definition =
	    case_library_find(asked->casework->library, query_text(query, 2));
	int state = definition == NULL
	    ? CASE_NONE
	    : case_find_state(definition, query_text(query, 5));
	struct json_writer *writer = asked->writer;
	bool is_open = query_int(query, 8) != 0;
	int64_t due = query_is_null(query, 7) ? INT64_MAX : query_int(query, 7);

	json_write_begin_object(writer, NULL);
	json_write_text(writer, "id", query_text(query, 1));
	json_write_text(writer, "definition", query_text(query, 2));
	if (definition != NULL && state != CASE_NONE) {
		json_write_begin_object(writer, "title");
		json_write_text(writer, "zh", definition->title.zh);
		json_write_text(writer, "en", definition->title.en);
		json_write_end(writer);
		json_write_begin_object(writer, "state_title");
		json_write_text(writer, "zh",
		    definition->states[state].title.zh);
		json_write_text(writer, "en",
		    definition->states[state].title.en);
		json_write_end(writer);
	}
	json_write_text(writer, "subject", query_text(query, 3));
	json_write_text(writer, "organisation", query_text(query, 4));
	json_write_text(writer, "state", query_text(query, 5));
	json_write_bool(writer, "open", is_open);
	json_write_time(writer, "since", query_int(query, 6));
	casework_json_time(writer, "due", due);
	json_write_bool(writer, "overdue", is_open && due <= asked->now_ms);
	json_write_time(writer, "opened", query_int(query, 9));
	json_write_end(writer);
}

static int
read_limit(const struct asked *asked, uint64_t *ret_limit, uint64_t *ret_cursor,
    struct error *err)
{
	const char *limit = param(asked, "limit");
	const char *cursor = param(asked, "cursor");

	*ret_limit = LIST_USUAL;
	*ret_cursor = INT64_MAX;
	if ((limit[0] != '\0' &&
		(!text_parse_u64(limit, LIST_MAX, ret_limit) ||
		    *ret_limit == 0)) ||
	    (cursor[0] != '\0' &&
		!text_parse_u64(cursor, INT64_MAX, ret_cursor)))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "limit is 1 to %d, cursor what the list before gave",
		    LIST_MAX);
	return 0;
}

static int
begin_list(struct asked *asked, struct query **ret_query, uint64_t cursor,
    struct error *err)
{
	const char *open = param(asked, "open");

	if (query_begin(asked->rows,
		"SELECT number, id, definition, subject, organisation, state,"
		" since, due, is_open, opened FROM case_file"
		" WHERE number < ?1 AND (?2 = '' OR definition = ?2)"
		" AND (?3 = '' OR state = ?3)"
		" AND (?4 = '' OR organisation = ?4)"
		" AND (?5 = 0 OR (is_open = 1 AND due <= ?6))"
		" AND (?7 = 0 OR is_open = 1)"
		" ORDER BY number DESC",
		ret_query, err) < 0)
		return -1;
	query_bind_int(*ret_query, 1, (int64_t)cursor);
	query_bind_text(*ret_query, 2, param(asked, "definition"));
	query_bind_text(*ret_query, 3, param(asked, "state"));
	query_bind_text(*ret_query, 4, param(asked, "organisation"));
	query_bind_int(*ret_query, 5,
	    http_target_param(asked->target, "overdue") != NULL);
	query_bind_int(*ret_query, 6, asked->now_ms);
	query_bind_int(*ret_query, 7,
	    http_target_param(asked->target, "open") != NULL &&
		!text_equal(open, "0"));
	return 0;
}

static int
write_list(struct asked *asked, struct error *err)
{
	uint64_t limit, cursor, count = 0;
	int64_t last = 0;
	struct query *query;
	char next[24] = "";
	int more;

	if (read_limit(asked, &limit, &cursor, err) < 0 ||
	    begin_list(asked, &query, cursor, err) < 0)
		return -1;
	json_write_begin_object(asked->writer, NULL);
	json_write_begin_array(asked->writer, "cases");
	while ((more = query_next(query, err)) > 0) {
		if (!may_see(asked, query_text(query, 4)))
			continue;
		if (count == limit) {
			snprintf(next, sizeof(next), "%" PRId64, last);
			break;
		}
		last = query_int(query, 0);
		write_line(asked, query);
		count++;
	}
	query_end(query);
	json_write_end(asked->writer);
	json_write_text(asked->writer, "next", next);
	json_write_end(asked->writer);
	return more < 0 ? -1 : 0;
}

static int
write_definitions(struct asked *asked, struct error *err)
{
	const struct case_library *library = asked->casework->library;

	(void)err;
	json_write_begin_object(asked->writer, NULL);
	json_write_begin_array(asked->writer, "definitions");
	for (size_t i = 0; i < case_library_count(library); i++)
		casework_json_definition(case_library_at(library, i),
		    asked->writer);
	json_write_end(asked->writer);
	json_write_end(asked->writer);
	return 0;
}

static int
write_case(struct asked *asked, struct error *err)
{
	struct casework_case file = { .number = 0 };
	int rc;

	if (find_case(asked, asked->segments.text[0], &file, err) < 0)
		return -1;
	rc = casework_json_case(asked->rows, &file, asked->now_ms, NULL,
	    asked->writer, err);
	casework_case_free(&file);
	return rc;
}

static int
read_attachment(struct asked *asked, struct error *err)
{
	struct casework_case file = { .number = 0 };
	struct query *query;
	uint64_t number;
	int found;

	if (!text_parse_u64(asked->segments.text[1], INT64_MAX, &number))
		return error_set_id(err, "E7110", ERROR_NOT_FOUND,
		    "no such attachment");
	if (find_case(asked, asked->segments.text[0], &file, err) < 0)
		return -1;
	casework_case_free(&file);
	if (query_begin(asked->rows,
		"SELECT data FROM case_attachment"
		" WHERE case_number = ?1 AND number = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, file.number);
	query_bind_int(query, 2, (int64_t)number);
	found = query_next(query, err);
	if (found > 0) {
		size_t len;
		const void *data = query_data(query, 0, &len);

		bytes_put(&asked->raw, data, len);
		/* Whatever it was called, nothing runs it. */
		asked->type = "application/octet-stream";
		found = bytes_failed(&asked->raw, err) < 0 ? -1 : 1;
	} else if (found == 0) {
		found = error_set_id(err, "E7110", ERROR_NOT_FOUND,
		    "no such attachment");
	}
	query_end(query);
	return found < 0 ? -1 : 0;
}

/* ---- changes ---------------------------------------------------------------------- */

struct changes {
	struct asked *asked;
	const char *wanted; /* one case, or "" for all */
};

static int
put_changes(struct changes *changes, const struct casework_case *file,
    const char *effect, struct error *err)
{
	struct asked *asked = changes->asked;
	struct registration registration = { .has_host = false };
	struct casework_facts facts = { .directory = queries_directory(
					    asked->casework->queries),
		.now_ms = asked->now_ms };
	struct bytes content = { 0 };
	struct bytes json = { 0 };
	struct digest digest;
	int rc = casework_find_request(asked->rows, file->number, &digest,
	    &content, err);

	if (rc > 0) {
		rc = registration_decode(content.data, content.len,
		    &registration, err);
		facts.registration = &registration;
	}
	if (rc == 0)
		rc = casework_effect_put(file, effect, &facts, &json, err);
	if (rc == 0) {
		json_write_begin_object(asked->writer, NULL);
		json_write_text(asked->writer, "case", file->id);
		json_write_text(asked->writer, "effect", effect);
		json_write_raw(asked->writer, "changes", json.data, json.len);
		json_write_end(asked->writer);
	}
	bytes_free(&json);
	bytes_free(&content);
	registration_free(&registration);
	return rc;
}

/* One that cannot be made must not keep the others back. */
static void
put_failure(struct asked *asked, const struct casework_case *file,
    const char *effect, const struct error *failure)
{
	json_write_begin_object(asked->writer, NULL);
	json_write_text(asked->writer, "case", file->id);
	json_write_text(asked->writer, "effect", effect);
	json_write_begin_array(asked->writer, "changes");
	json_write_end(asked->writer);
	json_write_text(asked->writer, "failed", failure->text);
	json_write_end(asked->writer);
}

static int
visit_case(void *ctx, const char *id, struct error *err)
{
	struct changes *changes = ctx;
	struct asked *asked = changes->asked;
	struct casework_case file = { .number = 0 };
	struct error failure = { 0 };
	const char *effect;

	if (changes->wanted[0] != '\0' && !text_equal(changes->wanted, id))
		return 0;
	if (casework_load(asked->rows, asked->casework->library, id, &file,
		err) < 0)
		return -1;
	effect = file.definition->states[file.status.state].effect;
	if (effect[0] != '\0' && !casework_effect_is_ours(effect) &&
	    put_changes(changes, &file, effect, &failure) < 0) {
		if (changes->wanted[0] != '\0') {
			*err = failure;
			casework_case_free(&file);
			return -1;
		}
		put_failure(asked, &file, effect, &failure);
	}
	casework_case_free(&file);
	return 0;
}

static int
write_changes(struct asked *asked, struct error *err)
{
	struct changes changes = { asked, param(asked, "case") };

	json_write_begin_object(asked->writer, NULL);
	json_write_begin_array(asked->writer, "cases");
	if (casework_each_waiting(asked->rows, visit_case, &changes, err) < 0)
		return -1;
	json_write_end(asked->writer);
	json_write_end(asked->writer);
	return 0;
}

/* ---- steps and people ----------------------------------------------------------------- */

static int
write_steps(struct asked *asked, struct error *err)
{
	const char *after_text = param(asked, "after");
	uint64_t after = 0;
	struct query *query;
	int more;

	if (after_text[0] != '\0' &&
	    !text_parse_u64(after_text, INT64_MAX, &after))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "after is a place that a list before gave");
	if (query_begin(asked->rows,
		"SELECT place, record, leaf, consent FROM case_step"
		" WHERE place > ?1 ORDER BY place LIMIT ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)after);
	query_bind_int(query, 2, STEPS_MAX);
	json_write_begin_object(asked->writer, NULL);
	json_write_begin_array(asked->writer, "steps");
	while ((more = query_next(query, err)) > 0) {
		size_t len;
		const void *data = query_data(query, 1, &len);

		json_write_begin_object(asked->writer, NULL);
		json_write_int(asked->writer, "place", query_int(query, 0));
		json_write_text_len(asked->writer, "record", data, len);
		if (query_is_null(query, 2))
			json_write_null(asked->writer, "entry");
		else
			json_write_int(asked->writer, "entry",
			    query_int(query, 2));
		data = query_data(query, 3, &len);
		if (data != NULL)
			json_write_base64(asked->writer, "consent", data, len);
		json_write_end(asked->writer);
	}
	json_write_end(asked->writer);
	json_write_end(asked->writer);
	query_end(query);
	return more;
}

static int
write_people(struct asked *asked, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(asked->rows,
		"SELECT name, organisation, fingerprint, offices, is_ended,"
		" case_id, since FROM person ORDER BY name, fingerprint",
		&query, err) < 0)
		return -1;
	json_write_begin_object(asked->writer, NULL);
	json_write_begin_array(asked->writer, "people");
	while ((more = query_next(query, err)) > 0) {
		json_write_begin_object(asked->writer, NULL);
		json_write_text(asked->writer, "name", query_text(query, 0));
		json_write_text(asked->writer, "organisation",
		    query_text(query, 1));
		json_write_text(asked->writer, "certificate",
		    query_text(query, 2));
		casework_json_offices(asked->writer, "offices",
		    (unsigned)query_int(query, 3));
		json_write_bool(asked->writer, "ended",
		    query_int(query, 4) != 0);
		json_write_text(asked->writer, "case", query_text(query, 5));
		json_write_time(asked->writer, "since", query_int(query, 6));
		json_write_end(asked->writer);
	}
	json_write_end(asked->writer);
	json_write_end(asked->writer);
	query_end(query);
	return more;
}

static int
write_release_reports(struct asked *asked, struct error *err)
{
	struct queries *queries = asked->casework->queries;

	return release_reports_write(asked->rows, queries_directory(queries),
	    queries->env->config->host.name, asked->writer, err);
}

/* ---- requests ---------------------------------------------------------------------------- */

static const struct reading {
	const char *pattern;
	int (*write)(struct asked *asked, struct error *err);
} readings[] = {
	{ "/v1/cases", write_list },
	{ "/v1/cases/{}", write_case },
	{ "/v1/cases/{}/attachments/{}", read_attachment },
	{ "/v1/case-definitions", write_definitions },
	{ "/v1/case-changes", write_changes },
	{ "/v1/case-steps", write_steps },
	{ "/v1/people", write_people },
	{ "/v1/release-reports", write_release_reports },
};

/* The spooler may not have made the database when we began. */
struct rows *
casework_query_rows(struct casework_query *casework, struct error *err)
{
	if (casework->rows == NULL &&
	    casework_rows_open(casework->queries->env->config->host.data, false,
		&casework->rows, err) < 0) {
		casework->rows = NULL;
		error_set(err, ERROR_BUSY, "casework is not there yet");
	}
	return casework->rows;
}

static const struct reading *
find_reading(const char *path, struct http_segments *segments)
{
	for (size_t i = 0; i < ARRAY_LEN(readings); i++)
		if (http_path_match(readings[i].pattern, path, segments))
			return &readings[i];
	return NULL;
}

static void
reply(struct asked *asked, struct peer *peer, uint32_t id, struct bytes *json)
{
	struct message_response response = { .status = 200,
		.body = blob_of_bytes(&asked->raw) };

	if (asked->type == NULL) {
		queries_reply(peer, id, 200, json);
		return;
	}
	text_copy(response.type, sizeof(response.type), asked->type);
	peer_tell(peer, MESSAGE_RESPONSE, id, &response, -1);
	bytes_free(json);
}

bool
casework_query_answer(struct casework_query *casework, struct peer *peer,
    uint32_t id, const struct message_request *request,
    const struct management_caller *caller)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct http_target target = { .param_count = 0 };
	struct asked asked = { .casework = casework,
		.caller = caller,
		.target = &target,
		.writer = &writer,
		.now_ms = role_env_now(casework->queries->env) };
	const struct reading *reading;
	struct error err = { 0 };
	int rc = -1;

	if (!text_equal(request->method, "GET") ||
	    http_target_parse(request->path, strlen(request->path), &target,
		&err) < 0)
		return false;
	reading = find_reading(target.path, &asked.segments);
	if (reading != NULL) {
		asked.rows = casework_query_rows(casework, &err);
		if (asked.rows != NULL)
			rc = reading->write(&asked, &err);
		if (rc == 0 && asked.type == NULL)
			rc = json_write_done(&writer, &err);
		if (rc == 0) {
			reply(&asked, peer, id, &json);
		} else {
			bytes_free(&json);
			peer_refuse(peer, id, &err);
		}
	}
	bytes_free(&asked.raw);
	http_target_free(&target);
	return reading != NULL;
}

static int
write_news(struct casework_query *casework,
    const struct message_request *request, struct json_writer *writer,
    struct error *err)
{
	struct casework_news news = { .library = casework->library,
		.now_ms = role_env_now(casework->queries->env) };
	struct http_target target = { .param_count = 0 };
	struct directory_caller caller;
	int rc = -1;

	news.rows = casework_query_rows(casework, err);
	if (news.rows == NULL ||
	    http_target_parse(request->path, strlen(request->path), &target,
		err) < 0)
		return -1;
	if (requests_read_news(queries_directory(casework->queries),
		casework->queries->env->config->host.name, request, &target,
		&caller, &news.after, err) == 0) {
		news.center = caller.name;
		rc = caller.kind == HOST_CENTER
		    ? casework_requests_write_news(&news, writer, err)
		    : error_set_id(err, "E7302", ERROR_DENIED, "not a center");
	}
	http_target_free(&target);
	return rc;
}

bool
casework_query_answer_host(struct casework_query *casework, struct peer *peer,
    uint32_t id, const struct message_request *request)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	if (request->door != LISTENER_HOSTS ||
	    !text_starts(request->path, "/v1/case-requests"))
		return false;
	if (write_news(casework, request, &writer, &err) == 0 &&
	    json_write_done(&writer, &err) == 0) {
		queries_reply(peer, id, 200, &json);
	} else {
		bytes_free(&json);
		peer_refuse(peer, id, &err);
	}
	return true;
}

void
casework_query_write_check(struct casework_query *casework,
    struct json_writer *writer)
{
	struct error err = { 0 };
	struct rows *rows = casework_query_rows(casework, &err);
	int64_t open = 0, overdue = 0;
	char text[64] = "";

	if (rows == NULL || casework_count_open(rows, &open, &err) < 0 ||
	    casework_count_overdue(rows, role_env_now(casework->queries->env),
		&overdue, &err) < 0) {
		queries_write_check(casework->queries, writer, "cases",
		    QUERIES_FAILED, "E6930", err.text);
		return;
	}
	snprintf(text, sizeof(text), "%" PRId64 " open, %" PRId64 " overdue",
	    open, overdue);
	queries_write_check(casework->queries, writer, "cases",
	    overdue > 0 ? QUERIES_WARNING : QUERIES_OK, "E6936", text);
}

int
casework_query_new(struct queries *queries,
    struct casework_query **ret_casework, struct error *err)
{
	struct casework_query *casework = calloc(1, sizeof(*casework));

	if (casework == NULL)
		return error_set_memory(err);
	casework->queries = queries;
	if (case_library_new(&casework->library, err) < 0) {
		free(casework);
		return -1;
	}
	*ret_casework = casework;
	return 0;
}

void
casework_query_free(struct casework_query *casework)
{
	if (casework == NULL)
		return;
	case_library_free(casework->library);
	rows_close(casework->rows);
	free(casework);
}
