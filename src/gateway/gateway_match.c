#include "gateway/gateway_match.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "gateway/inbox/inbox.h"
#include "gateway/outbox/outbox.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "model/id.h"
#include "model/org.h"
#include "role/listener/web_files.h"
#include "role/spool/spool.h"
#include "store/store.h"

/* The segments of an act; false for another request. */
static bool
is_act(const char *path, struct http_segments *ret_names, bool *ret_is_inbox)
{
	static const char *const inbox[] = { "/v1/inbox/{}/{}:confirm",
		"/v1/inbox/{}/{}:return", "/v1/inbox/{}/{}:notice",
		"/v1/inbox/{}/{}:assign", "/v1/inbox/{}/{}:hand-back" };
	static const char *const outbox[] = { "/v1/outbox/{}/{}:withdraw",
		"/v1/outbox/{}/{}:paper" };

	for (size_t i = 0; i < ARRAY_LEN(inbox); i++)
		if (http_path_match(inbox[i], path, ret_names)) {
			*ret_is_inbox = true;
			return true;
		}
	for (size_t i = 0; i < ARRAY_LEN(outbox); i++)
		if (http_path_match(outbox[i], path, ret_names)) {
			*ret_is_inbox = false;
			return true;
		}
	return false;
}

/* As query answers GET; ERROR_NOT_FOUND for no letter. */
static int
write_letter(const struct spool *spool, const struct http_segments *names,
    bool is_inbox, struct json_writer *writer, struct error *err)
{
	const struct outbox_reading reading = {
		.rows = store_rows(spool->store),
		.directory = spool_directory(spool),
		.now = spool_now(spool),
	};
	struct org_code code;
	struct id id;

	if (!id_parse(names->text[0], &id) ||
	    !org_code_parse(names->text[1], &code))
		return error_set(err, ERROR_NOT_FOUND, "no such letter");
	return is_inbox ? inbox_read_one(reading.rows, reading.directory, &id,
			      &code, writer, err)
			: outbox_read_one(&reading, &id, writer, err);
}

int
gateway_match_check(const struct spool *spool,
    const struct message_request *request, struct error *err)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct http_segments names;
	char tag[WEB_TAG_SIZE];
	bool is_inbox;
	int rc = -1;

	if (request->match[0] == '\0' ||
	    !is_act(request->path, &names, &is_inbox))
		return 0;
	if (write_letter(spool, &names, is_inbox, &writer, err) == 0 &&
	    json_write_done(&writer, err) == 0) {
		web_tag(json.data, json.len, tag);
		rc = web_matches(request->match, tag)
		    ? 0
		    : error_set_id(err, "E6410", ERROR_EXISTS,
			  "the letter is %s now", tag);
	}
	bytes_free(&json);
	return rc;
}
