/*
 * What the query role says of requests of cases: to people here, and to hosts
 * below, each of its own.
 */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "role/env.h"
#include "role/listener/listener.h"
#include "role/query/queries.h"
#include "role/requests/requests_query.h"
#include "role/requests/requests_rows.h"
#include "service/config.h"

enum { LIST_USUAL = 100, LIST_MAX = 200 };

static int
read_number(const struct http_target *target, const char *name, uint64_t max,
    uint64_t otherwise, uint64_t *ret_number, struct error *err)
{
	const char *text = http_target_param(target, name);

	*ret_number = otherwise;
	if (text == NULL || text[0] == '\0' ||
	    text_parse_u64(text, max, ret_number))
		return 0;
	return error_set_id(err, "E6204", ERROR_MALFORMED,
	    "%s is no number that a list gave", name);
}

int
requests_read_news(const struct directory *directory, const char *home,
    const struct message_request *request, const struct http_target *target,
    struct directory_caller *ret_caller, int64_t *ret_after, struct error *err)
{
	uint64_t after = 0;

	if (directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	*ret_caller =
	    directory_identify(directory, &request->fingerprint, "", home);
	if (read_number(target, "after", INT64_MAX, 0, &after, err) < 0)
		return -1;
	*ret_after = (int64_t)after;
	return 0;
}

static int
write_news(struct queries *queries, struct rows *rows,
    const struct message_request *request, const struct http_target *target,
    struct json_writer *writer, struct error *err)
{
	struct directory_caller caller;
	int64_t after;

	if (requests_read_news(queries_directory(queries),
		queries->env->config->host.name, request, target, &caller,
		&after, err) < 0)
		return -1;
	if (caller.kind != HOST_GATEWAY)
		return error_set_id(err, "E7302", ERROR_DENIED,
		    "not a gateway");
	return requests_write_news(rows, caller.name, after, writer, err);
}

static int
write_list(struct rows *rows, const char *scope,
    const struct http_target *target, struct json_writer *writer,
    struct error *err)
{
	uint64_t limit, cursor;

	if (read_number(target, "limit", INT32_MAX, LIST_USUAL, &limit, err) <
		0 ||
	    read_number(target, "cursor", INT64_MAX, INT64_MAX, &cursor, err) <
		0)
		return -1;
	if (limit == 0 || limit > LIST_MAX)
		limit = LIST_MAX;
	return requests_write_list(rows, scope, (int64_t)cursor,
	    (unsigned)limit, writer, err);
}

static int
write(struct queries *queries, const struct message_request *request,
    const struct http_target *target, struct json_writer *writer,
    struct error *err)
{
	struct http_segments segments = { .count = 0 };
	struct rows *rows = queries_rows(queries, err);
	const char *scope =
	    request->door == LISTENER_LOCAL ? "" : request->scope;

	if (rows == NULL)
		return -1;
	if (request->door == LISTENER_HOSTS)
		return write_news(queries, rows, request, target, writer, err);
	if (http_path_match("/v1/case-requests/{}", target->path, &segments))
		return requests_write_one(rows, scope, segments.text[0], writer,
		    err);
	return write_list(rows, scope, target, writer, err);
}

bool
queries_answer_requests(struct queries *queries, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct http_target target = { .param_count = 0 };
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	if (!text_equal(request->method, "GET") ||
	    !text_starts(request->path, "/v1/case-requests") ||
	    config_has_kind(queries->env->config, CONFIG_MANAGEMENT))
		return false;
	if (http_target_parse(request->path, strlen(request->path), &target,
		&err) == 0 &&
	    write(queries, request, &target, &writer, &err) == 0 &&
	    json_write_done(&writer, &err) == 0) {
		queries_reply(peer, id, 200, &json);
	} else {
		bytes_free(&json);
		peer_refuse(peer, id, &err);
	}
	http_target_free(&target);
	return true;
}
