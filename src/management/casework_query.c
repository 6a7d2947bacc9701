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
#include "http/http_path.h"
#include "json/json_write.h"
#include "management/casework_json.h"
#include "management/casework_query_internal.h"
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

const char *
casework_read_param(const struct casework_read *asked, const char *name)
{
	const char *value = http_target_param(asked->target, name);

	return value != NULL ? value : "";
}

bool
casework_read_may_see(const struct casework_read *asked,
    const char *organisation)
{
	return management_may_see(asked->caller,
	    queries_directory(asked->casework->queries), organisation);
}

static int
find_case(const struct casework_read *asked, const char *id,
    struct casework_case *ret_case, struct error *err)
{
	struct casework_case file = { .number = 0 };

	if (casework_load(asked->rows, asked->casework->library, id, &file,
		err) < 0)
		return -1;
	if (!casework_read_may_see(asked, file.organisation)) {
		casework_case_free(&file);
		return error_set_id(err, "E7110", ERROR_NOT_FOUND,
		    "no case %.40s", id);
	}
	*ret_case = file;
	return 0;
}

static int
write_definitions(struct casework_read *asked, struct error *err)
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
write_case(struct casework_read *asked, struct error *err)
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
read_attachment(struct casework_read *asked, struct error *err)
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

static int
write_release_reports(struct casework_read *asked, struct error *err)
{
	struct queries *queries = asked->casework->queries;

	return release_reports_write(asked->rows, queries_directory(queries),
	    queries->env->config->host.name, asked->writer, err);
}

/* ---- requests ------------------------------------------------------------ */

static const struct reading {
	const char *pattern;
	int (*write)(struct casework_read *asked, struct error *err);
} readings[] = {
	{ "/v1/cases", casework_read_list },
	{ "/v1/cases/{}", write_case },
	{ "/v1/cases/{}/attachments/{}", read_attachment },
	{ "/v1/case-definitions", write_definitions },
	{ "/v1/case-changes", casework_read_changes },
	{ "/v1/case-steps", casework_read_steps },
	{ "/v1/people", casework_read_people },
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
reply(struct casework_read *asked, struct peer *peer, uint32_t id,
    struct bytes *json)
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
	struct casework_read asked = { .casework = casework,
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
