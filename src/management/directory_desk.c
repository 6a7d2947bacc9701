#include "management/directory_desk.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/address_book.h"
#include "directory/directory_prepare.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "management/directory_ended.h"
#include "role/bulletins/bulletins.h"
#include "role/message.h"
#include "role/peer.h"
#include "role/query/queries.h"

static void
write_problems(const struct address_book *book, struct json_writer *writer)
{
	json_write_int(writer, "problem_count", (int64_t)book->problem_count);
	json_write_begin_array(writer, "problems");
	for (size_t i = 0;
	     i < book->problem_count && i < ADDRESS_BOOK_PROBLEMS_MAX; i++) {
		const struct address_problem *problem = &book->problems[i];

		json_write_begin_object(writer, NULL);
		json_write_int(writer, "line", problem->line);
		json_write_int(writer, "column", problem->column);
		json_write_text(writer, "rule", problem->id);
		json_write_text(writer, "text", problem->text);
		json_write_end(writer);
	}
	json_write_end(writer);
}

/* `"supervises":"<code>"` or `"serves":"<center>"`, neither for all. */
static int
read_wish(const struct json_value *asked, struct bulletins_wish *wish,
    struct error *err)
{
	const char *center =
	    json_value_text(json_value_member(asked, "center"));
	const char *code =
	    json_value_text(json_value_member(asked, "supervises"));
	const char *serves =
	    json_value_text(json_value_member(asked, "serves"));

	wish->center = center != NULL ? center : "";
	if (code != NULL && code[0] != '\0') {
		wish->scope.kind = SCOPE_SUPERVISED;
		if (!org_code_parse(code, &wish->scope.organisation))
			return error_set_id(err, "E6204", ERROR_MALFORMED,
			    "supervises must be a code");
	} else if (serves != NULL && serves[0] != '\0') {
		wish->scope.kind = SCOPE_SERVED;
		if (!text_copy(wish->scope.center, sizeof(wish->scope.center),
			serves))
			return error_set_id(err, "E6204", ERROR_MALFORMED,
			    "serves must be the name of a center");
	}
	return 0;
}

/* Certificates that ended three months ago go. */
static int
prepare_ended(struct bulletins *bulletins, int64_t now_ms, struct bytes *body,
    struct bytes *was, struct error *err)
{
	const struct directory *directory = bulletins_directory(bulletins);
	struct json_document *document = NULL;
	struct bytes entries = { 0 };
	int rc = -1;

	if (directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	if (directory_ended_entries(directory, now_ms, &entries, err) == 0 &&
	    json_read(entries.data, entries.len, entries.len, &document, err) ==
		0)
		rc = bulletins_prepare_entries(bulletins, json_root(document),
		    body, was, err);
	json_document_free(document);
	bytes_free(&entries);
	return rc;
}

static int
prepare(struct bulletins *bulletins, int64_t now_ms,
    const struct json_value *asked, struct bytes *json, struct error *err)
{
	struct bulletins_wish wish = { .center = "" };
	struct json_writer writer = json_writer_to(json);
	const struct json_value *entries = json_value_member(asked, "entries");
	struct address_book book = { .count = 0 };
	struct bytes body = { 0 };
	struct bytes was = { 0 };
	int rc = -1;

	if (json_value_member(asked, "ended") != NULL)
		rc = prepare_ended(bulletins, now_ms, &body, &was, err);
	else if (entries != NULL)
		rc = bulletins_prepare_entries(bulletins, entries, &body, &was,
		    err);
	else if (read_wish(asked, &wish, err) == 0 &&
	    directory_edits_read(asked, &book, err) == 0)
		rc = bulletins_prepare_directory(bulletins, &wish, &book, &body,
		    &was, err);
	if (rc == 0) {
		json_write_begin_object(&writer, NULL);
		write_problems(&book, &writer);
		if (book.problem_count == 0) {
			json_write_raw(&writer, "body", body.data, body.len);
			json_write_raw(&writer, "was", was.data, was.len);
		}
		json_write_end(&writer);
		rc = json_write_done(&writer, err);
	}
	address_book_free(&book);
	bytes_free(&body);
	bytes_free(&was);
	return rc;
}

void
directory_desk_prepare(struct bulletins *bulletins, int64_t now_ms,
    struct peer *peer, uint32_t id, const struct message_request *request)
{
	struct json_document *document = NULL;
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (json_read(request->body.data, request->body.len, ADDRESS_BOOK_MAX,
		&document, &err) == 0 &&
	    prepare(bulletins, now_ms, json_root(document), &json, &err) == 0)
		queries_reply(peer, id, 200, &json);
	else
		peer_refuse(peer, id, &err);
	json_document_free(document);
	bytes_free(&json);
}
