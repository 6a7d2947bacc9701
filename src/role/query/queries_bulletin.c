#include "role/query/queries.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "store/query.h"

enum { PATH_PART_SIZE = 48 };

static const char prefix[] = "/v1/bulletins/";

/* "directory" or "access/center-a". */
static bool
read_path(const char *path, enum bulletin_type *ret_type,
    char name[BULLETIN_NAME_SIZE])
{
	char type[PATH_PART_SIZE];
	size_t len = strcspn(path, "/");

	if (!text_copy_len(type, sizeof(type), path, len) ||
	    !bulletin_type_parse(type, ret_type))
		return false;
	return text_copy(name, BULLETIN_NAME_SIZE,
	    path[len] == '/' ? path + len + 1 : "");
}

static int
send_newest(struct queries *queries, struct peer *peer, uint32_t id,
    const char *path, struct error *err)
{
	struct rows *rows = queries_rows(queries, err);
	struct message_response response = { .status = 200,
		.type = "application/cms" };
	char name[BULLETIN_NAME_SIZE];
	enum bulletin_type type;
	struct query *query;
	int more;

	if (!read_path(path, &type, name))
		return error_set(err, ERROR_NOT_FOUND,
		    "no such type of bulletin: %s", path);
	if (rows == NULL ||
	    query_begin(rows,
		"SELECT cms FROM bulletin WHERE type = ?1 AND name = ?2"
		" ORDER BY place DESC LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, type);
	query_bind_text(query, 2, name);
	more = query_next(query, err);
	if (more > 0) {
		response.body.data = query_data(query, 0, &response.body.len);
		peer_tell(peer, MESSAGE_RESPONSE, id, &response, -1);
	} else if (more == 0) {
		error_set(err, ERROR_NOT_FOUND, "no bulletin %s yet", path);
	}
	query_end(query);
	return more > 0 ? 0 : -1;
}

bool
queries_answer_bulletin(struct queries *queries, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct error err = { 0 };

	if (!text_equal(request->method, "GET") ||
	    !text_starts(request->path, prefix))
		return false;
	if (send_newest(queries, peer, id, request->path + strlen(prefix),
		&err) < 0)
		peer_refuse(peer, id, &err);
	return true;
}
