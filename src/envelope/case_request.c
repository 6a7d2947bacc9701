#include "envelope/case_request.h"

#include <string.h>

#include "base/error.h"
#include "crypto/sha256.h"
#include "json/json_decode.h"
#include "json/json_read.h"
#include "json/json_write.h"

static const char format[] = "yizhan-case-request-1";
static const char id[] = "E7301";

void
case_request_free(struct case_request *request)
{
	bytes_free(&request->fields);
}

int
case_request_encode(const struct case_request *request, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_text(&writer, "environment", request->environment);
	json_write_id(&writer, "id", &request->id);
	json_write_text(&writer, "host", request->host);
	json_write_time(&writer, "time", request->time_ms);
	json_write_text(&writer, "case", request->target);
	json_write_text(&writer, "definition", request->definition);
	json_write_text(&writer, "move", request->move);
	json_write_text(&writer, "note", request->note);
	if (request->fields.len > 0) {
		json_write_raw(&writer, "fields", request->fields.data,
		    request->fields.len);
	} else {
		json_write_begin_object(&writer, "fields");
		json_write_end(&writer);
	}
	json_write_text(&writer, "evidence", request->evidence);
	json_write_text(&writer, "name", request->file_name);
	json_write_int(&writer, "length", request->file_len);
	envelope_field_write_digest(&writer, "file", &request->file);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

/* A digest, or "" for none. */
static bool
parse_file(const char *text, void *field)
{
	struct digest *digest = field;

	*digest = (struct digest){ { 0 } };
	return text[0] == '\0' || digest_parse(text, digest);
}

struct decoding {
	struct case_request request;
	const struct json_value *fields;
};

#define AT(member) offsetof(struct decoding, request.member)
#define TEXT(key, member, bytes)                                            \
	{                                                                   \
		.name = key, .kind = JSON_FIELD_TEXT, .offset = AT(member), \
		.size = (bytes)                                             \
	}

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	{ .name = "environment",
	    .kind = JSON_FIELD_PARSED,
	    .offset = AT(environment),
	    .parse = envelope_field_name },
	{ .name = "id", .kind = JSON_FIELD_ID, .offset = AT(id) },
	{ .name = "host",
	    .kind = JSON_FIELD_PARSED,
	    .offset = AT(host),
	    .parse = envelope_field_name },
	{ .name = "time", .kind = JSON_FIELD_TIME, .offset = AT(time_ms) },
	TEXT("case", target, CASE_REQUEST_TARGET_SIZE),
	TEXT("definition", definition, CASE_CONSENT_MOVE_SIZE),
	TEXT("move", move, CASE_CONSENT_MOVE_SIZE),
	TEXT("note", note, CASE_CONSENT_NOTE_SIZE),
	{ .name = "fields",
	    .kind = JSON_FIELD_VALUE,
	    .offset = offsetof(struct decoding, fields) },
	TEXT("evidence", evidence, CASE_CONSENT_MOVE_SIZE),
	TEXT("name", file_name, CASE_REQUEST_FILE_NAME_SIZE),
	{ .name = "length",
	    .kind = JSON_FIELD_INT,
	    .offset = AT(file_len),
	    .size = sizeof(int64_t),
	    .min = 0,
	    .max = CASE_REQUEST_FILE_MAX },
	{ .name = "file",
	    .kind = JSON_FIELD_PARSED,
	    .offset = AT(file),
	    .parse = parse_file },
};

/* One thing at a time; a file has a name and an evidence, or there is none. */
static int
check(const struct case_request *request, struct error *err)
{
	bool is_new = request->target[0] == '\0';
	bool has_file = request->evidence[0] != '\0';

	if (is_new != (request->definition[0] != '\0') ||
	    (is_new && request->move[0] != '\0') ||
	    (!is_new && request->move[0] == '\0' && !has_file))
		return error_set_id(err, id, ERROR_MALFORMED,
		    "it asks for a new case, or for evidence or a move of one");
	if (has_file != (request->file_len > 0) ||
	    has_file != (request->file_name[0] != '\0') ||
	    strchr(request->file_name, '/') != NULL)
		return error_set_id(err, id, ERROR_MALFORMED,
		    "a file has a name, bytes, and what it is evidence of");
	return 0;
}

int
case_request_decode(const void *json, size_t len,
    struct case_request *ret_request, struct error *err)
{
	struct json_document *document = NULL;
	struct decoding decoding = { .fields = NULL };
	struct error why = { 0 };
	int rc = -1;

	if (json_read(json, len, CASE_REQUEST_MAX, &document, &why) < 0 ||
	    json_decode_value(json_root(document), fields, ARRAY_LEN(fields),
		&decoding, &why) < 0)
		error_set_id(err, id, ERROR_MALFORMED, "%s", why.text);
	else if (!json_value_is_object(decoding.fields))
		error_set_id(err, id, ERROR_MALFORMED, "fields is no object");
	else if (check(&decoding.request, err) == 0)
		rc = json_value_put(decoding.fields, &decoding.request.fields,
		    err);
	if (rc == 0)
		rc = bytes_failed(&decoding.request.fields, err);
	json_document_free(document);
	if (rc < 0)
		case_request_free(&decoding.request);
	else
		*ret_request = decoding.request;
	return rc;
}

int
case_request_check_file(const struct case_request *request,
    const struct bytes *file, struct error *err)
{
	struct digest digest;

	sha256(file->data, file->len, &digest);
	if ((uint64_t)request->file_len == file->len &&
	    (file->len == 0 || digest_equal(&digest, &request->file)))
		return 0;
	return error_set_id(err, id, ERROR_MALFORMED,
	    "the file is not the one that was signed for");
}

/* ---- handing up ---------------------------------------------------------------- */

void
case_request_sent_free(struct case_request_sent *sent)
{
	bytes_free(&sent->cms);
	bytes_free(&sent->statement);
	bytes_free(&sent->file);
}

int
case_request_sent_encode(const struct case_request_sent *sent, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	if (sent->cms.len > 0)
		json_write_base64(&writer, "signed", sent->cms.data,
		    sent->cms.len);
	else
		json_write_base64(&writer, "statement", sent->statement.data,
		    sent->statement.len);
	if (sent->file.len > 0)
		json_write_base64(&writer, "file", sent->file.data,
		    sent->file.len);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static const struct json_field sent_fields[] = {
	{ .name = "signed",
	    .kind = JSON_FIELD_BASE64,
	    .offset = offsetof(struct case_request_sent, cms),
	    .max = CASE_REQUEST_CMS_MAX,
	    .optional = true },
	{ .name = "statement",
	    .kind = JSON_FIELD_BASE64,
	    .offset = offsetof(struct case_request_sent, statement),
	    .max = CASE_REQUEST_MAX,
	    .optional = true },
	{ .name = "file",
	    .kind = JSON_FIELD_BASE64,
	    .offset = offsetof(struct case_request_sent, file),
	    .max = CASE_REQUEST_FILE_MAX,
	    .optional = true },
};

int
case_request_sent_decode(const void *json, size_t len,
    struct case_request_sent *ret_sent, struct error *err)
{
	struct case_request_sent sent = { .file = { 0 } };
	struct error why = { 0 };

	if (json_decode(json, len, CASE_REQUEST_BODY_MAX, sent_fields,
		ARRAY_LEN(sent_fields), &sent, &why) == 0 &&
	    (sent.cms.len > 0) == (sent.statement.len > 0))
		error_set(&why, ERROR_MALFORMED,
		    "it is signed, or it is a statement");
	if (why.code != ERROR_NONE) {
		case_request_sent_free(&sent);
		return error_set_id(err, id,
		    why.code == ERROR_BUSY ? ERROR_BUSY : ERROR_MALFORMED, "%s",
		    why.text);
	}
	*ret_sent = sent;
	return 0;
}
