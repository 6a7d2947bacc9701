#include "gateway/sending/desk_upload.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "gateway/gateway.h"
#include "gateway/sending/desk_draft.h"
#include "http/http_path.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/spool/partials.h"
#include "role/spool/uploads.h"
#include "service/config.h"
#include "store/payload.h"
#include "store/store.h"

enum { BODY_MAX = 4096, NUMBER_SIZE = 24, LIMIT_SIZE = 40 };

static const int64_t kept_ms = (int64_t)7 * 24 * 3600 * 1000;

/* One request, until it is answered. */
struct asking {
	struct gateway *gateway;
	struct peer *peer;
	uint32_t id;
	uint16_t status;

	/* The file. */
	struct desk_draft draft;
	char name[MESSAGE_FILE_NAME_SIZE];
	uint64_t length;
	struct digest sha256;
};

static struct rows *
rows_of(const struct asking *asking)
{
	return store_rows(asking->gateway->spool.store);
}

static void
refuse(struct asking *asking, const struct error *failure)
{
	peer_refuse(asking->peer, asking->id, failure);
	free(asking);
}

/* ---- what is asked for -------------------------------------------------- */

static int
check_name(const char *name, struct error *err)
{
	size_t len = strlen(name);

	if (len == 0 || len >= MESSAGE_FILE_NAME_SIZE || name[0] == '.' ||
	    strpbrk(name, "/\\") != NULL || !text_is_utf8(name, len))
		return error_set_id(err, "E6812", ERROR_MALFORMED,
		    "name is that of a file, without folders");
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			return error_set_id(err, "E6812", ERROR_MALFORMED,
			    "name has control characters");
	return 0;
}

static int
set_file(struct asking *asking, const char *name, uint64_t length,
    const char *sha256, struct error *err)
{
	const struct config *config = asking->gateway->spool.env->config;
	uint64_t max = (uint64_t)config->limits.letter_bytes;

	if (check_name(name, err) < 0)
		return -1;
	if (length == 0 || length > max)
		return error_set_id(err, "E6812", ERROR_MALFORMED,
		    "length is 1 to %" PRIu64, max);
	if (!digest_parse(sha256, &asking->sha256))
		return error_set_id(err, "E6812", ERROR_MALFORMED,
		    "sha256 is 64 hex digits in lower case");
	text_copy(asking->name, sizeof(asking->name), name);
	asking->length = length;
	return 0;
}

static int
load_draft(struct asking *asking, const char *draft,
    const struct message_request *request, struct error *err)
{
	if (desk_draft_load(rows_of(asking), draft, request->scope,
		&asking->draft, err) < 0)
		return -1;
	if (asking->draft.state == DESK_DRAFT_SENT)
		return error_set_id(err, "E6606", ERROR_DENIED,
		    "the draft was sent");
	return 0;
}

/* Draft, name, length and digest, which are all that it is known by. */
static void
put_name(const struct asking *asking, struct digest *ret_name)
{
	char id[ID_TEXT_SIZE], hex[DIGEST_TEXT_SIZE];
	char text[MESSAGE_FILE_NAME_SIZE + ID_TEXT_SIZE + DIGEST_TEXT_SIZE +
	    NUMBER_SIZE + 24];
	int len;

	id_format(&asking->draft.id, id);
	digest_format(&asking->sha256, hex);
	len = snprintf(text, sizeof(text), "upload-1/%s/%" PRIu64 "/%s/%s", id,
	    asking->length, hex, asking->name);
	sha256(text, (size_t)len, ret_name);
}

static struct partials_content
content_of(const struct asking *asking, char host[MESSAGE_HOST_SIZE])
{
	struct partials_content content = { .host = host,
		.label = asking->draft.id,
		.total = asking->length,
		.ends_at = spool_now(&asking->gateway->spool) + kept_ms };

	snprintf(host, MESSAGE_HOST_SIZE, "draft:%s",
	    asking->draft.organisation.text);
	put_name(asking, &content.name);
	return content;
}

/* ---- the answer ----------------------------------------------------------- */

static void
add_header(struct bytes *to, const char *name, const char *value)
{
	bytes_put(to, name, strlen(name) + 1);
	bytes_put(to, value, strlen(value) + 1);
}

static void
put_target(const struct asking *asking, struct bytes *to)
{
	char id[ID_TEXT_SIZE], sha256[DIGEST_TEXT_SIZE];

	id_format(&asking->draft.id, id);
	digest_format(&asking->sha256, sha256);
	bytes_put_format(to,
	    "/v1/drafts/%s/uploads/%s?length=%" PRIu64 "&name=", id, sha256,
	    asking->length);
	http_path_put(to, asking->name);
	bytes_put_u8(to, '\0');
}

static void
put_json(const struct asking *asking, uint64_t offset, const char *target,
    struct bytes *to)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "upload", target);
	json_write_text(&writer, "name", asking->name);
	json_write_int(&writer, "length", (int64_t)asking->length);
	json_write_digest(&writer, "sha256", &asking->sha256);
	json_write_int(&writer, "offset", (int64_t)offset);
	json_write_end(&writer);
}

static void
answer(struct asking *asking, uint64_t offset, bool is_complete)
{
	struct message_response response = { .status = asking->status,
		.type = "application/json" };
	struct bytes target = { 0 }, json = { 0 }, headers = { 0 };
	char number[NUMBER_SIZE], limit[LIMIT_SIZE];
	struct error err = { 0 };

	put_target(asking, &target);
	if (bytes_failed(&target, &err) == 0) {
		put_json(asking, offset, (const char *)target.data, &json);
		if (asking->status == 201)
			add_header(&headers, "location",
			    (const char *)target.data);
		snprintf(number, sizeof(number), "%" PRIu64, offset);
		add_header(&headers, "upload-offset", number);
		snprintf(number, sizeof(number), "%" PRIu64, asking->length);
		add_header(&headers, "upload-length", number);
		add_header(&headers, "upload-complete",
		    is_complete ? "?1" : "?0");
		/* Whole frames are durable: a smaller part brings nothing on. */
		snprintf(limit, sizeof(limit), "min-append-size=%d",
		    PAYLOAD_FRAME_DATA);
		add_header(&headers, "upload-limit", limit);
	}
	response.body = blob_of_bytes(&json);
	response.headers = blob_of_bytes(&headers);
	if (bytes_failed(&json, &err) < 0 || bytes_failed(&headers, &err) < 0)
		peer_refuse(asking->peer, asking->id, &err);
	else
		peer_tell(asking->peer, MESSAGE_RESPONSE, asking->id, &response,
		    -1);
	bytes_free(&target);
	bytes_free(&json);
	bytes_free(&headers);
	free(asking);
}

static void
on_offset(void *ctx, uint64_t offset)
{
	answer(ctx, offset, false);
}

/* 1 if the draft has this very file already. */
static int
is_there(const struct asking *asking, struct error *err)
{
	struct outbox_files files = { 0 };
	int found =
	    desk_draft_files(rows_of(asking), asking->draft.row, &files, err);

	for (size_t i = 0; found >= 0 && i < files.count; i++)
		found |= text_equal(files.list[i].name, asking->name) &&
		    files.list[i].len == asking->length &&
		    digest_equal(&files.list[i].digest, &asking->sha256);
	outbox_files_free(&files);
	return found;
}

/* How far it is; a transfer that is under way is broken off. */
static void
tell(struct asking *asking)
{
	char host[MESSAGE_HOST_SIZE];
	struct partials_content content = content_of(asking, host);
	struct error err = { 0 };
	int found = is_there(asking, &err);

	if (found < 0)
		refuse(asking, &err);
	else if (found > 0)
		answer(asking, asking->length, true);
	else
		partials_offset(asking->gateway->spool.partials, host,
		    &content.name, on_offset, asking);
}

/* ---- a part ------------------------------------------------------------------ */

static void
on_ticket(void *ctx, uint64_t ticket, const struct error *failure)
{
	struct asking *asking = ctx;
	struct message_response response = { .status = 200,
		.type = "application/json" };
	struct bytes headers = { 0 };
	char number[NUMBER_SIZE];
	struct error err = { 0 };

	if (failure != NULL) {
		refuse(asking, failure);
		return;
	}
	snprintf(number, sizeof(number), "%" PRIu64, ticket);
	add_header(&headers, "yizhan-ticket", number);
	response.headers = blob_of_bytes(&headers);
	if (bytes_failed(&headers, &err) < 0)
		peer_refuse(asking->peer, asking->id, &err);
	else
		peer_tell(asking->peer, MESSAGE_RESPONSE, asking->id, &response,
		    -1);
	bytes_free(&headers);
	free(asking);
}

static void
open_ticket(struct asking *asking, uint64_t offset)
{
	char host[MESSAGE_HOST_SIZE];
	struct partials_content content = content_of(asking, host);

	partials_open(asking->gateway->spool.partials, &content, offset,
	    on_ticket, asking);
}

static int
read_part(const struct message_request *request, struct message_file *ret_part,
    struct error *err)
{
	struct blob list = request->files;
	int more =
	    codec_next(message_fields(MESSAGE_FILE), &list, ret_part, err);

	if (more > 0)
		return 0;
	return more < 0 ? -1 : error_set(err, ERROR_MALFORMED, "no part came");
}

/* All of it is here: the draft takes it as it takes any file. */
static void
take(struct asking *asking, const struct message_request *request,
    const struct http_target *target, const struct message_file *part)
{
	struct message_request *asked = malloc(sizeof(*asked));
	struct message_file file = *part;
	struct bytes list = { 0 };
	const char *version = http_target_param(target, "version");
	char id[ID_TEXT_SIZE];
	struct error err = { 0 };

	if (asked == NULL) {
		error_set_memory(&err);
		refuse(asking, &err);
		return;
	}
	*asked = *request;
	text_copy(file.name, sizeof(file.name), asking->name);
	file.total = asking->length;
	file.wanted = asking->sha256;
	message_list_add(&list, MESSAGE_FILE, &file);
	asked->files = blob_of_bytes(&list);
	id_format(&asking->draft.id, id);
	snprintf(asked->path, sizeof(asked->path), "/v1/drafts/%s:files%s%.20s",
	    id, version != NULL ? "?version=" : "",
	    version != NULL ? version : "");
	if (bytes_failed(&list, &err) < 0)
		peer_refuse(asking->peer, asking->id, &err);
	else
		desk_draft_take(asking->gateway, asking->peer, asking->id,
		    asked);
	bytes_free(&list);
	free(asked);
	free(asking);
}

static void
end_part(struct asking *asking, const struct message_request *request,
    const struct http_target *target, uint64_t offset)
{
	struct spool *spool = &asking->gateway->spool;
	struct message_file part;
	struct upload *upload = NULL;
	struct error err = { 0 };

	if (read_part(request, &part, &err) < 0) {
		refuse(asking, &err);
		return;
	}
	if (offset + part.len == asking->length) {
		take(asking, request, target, &part);
		return;
	}
	if (uploads_take(spool->from_listener, part.upload, part.len, &upload,
		&err) < 0) {
		refuse(asking, &err);
		return;
	}
	/* The partial keeps what came; the offset is told once it is durable. */
	upload_free(upload);
	tell(asking);
}

/* ---- the request --------------------------------------------------------------- */

static void
create(struct asking *asking, const struct message_request *request,
    const char *draft)
{
	struct json_document *body = NULL;
	const struct json_value *root;
	const char *name, *sha256;
	int64_t length = 0;
	struct error err = { 0 };
	int rc = json_read(request->body.data, request->body.len, BODY_MAX,
	    &body, &err);

	asking->status = 201;
	if (rc == 0) {
		root = json_root(body);
		name = json_value_text(json_value_member(root, "name"));
		sha256 = json_value_text(json_value_member(root, "sha256"));
		if (!json_value_integer(json_value_member(root, "length"),
			&length) ||
		    length < 0)
			length = 0;
		rc = set_file(asking, name != NULL ? name : "",
		    (uint64_t)length, sha256 != NULL ? sha256 : "", &err);
	}
	if (rc == 0)
		rc = load_draft(asking, draft, request, &err);
	json_document_free(body);
	if (rc < 0)
		refuse(asking, &err);
	else
		tell(asking);
}

static void
go_on(struct asking *asking, const struct message_request *request,
    const struct http_target *target, const struct http_segments *segments)
{
	const char *name = http_target_param(target, "name");
	const char *length_text = http_target_param(target, "length");
	const char *offset_text = http_target_param(target, "offset");
	uint64_t length = 0;
	uint64_t offset = 0;
	struct error err = { 0 };

	if (length_text != NULL &&
	    !text_parse_u64(length_text, INT64_MAX, &length))
		length = 0;
	if (set_file(asking, name != NULL ? name : "", length,
		segments->text[1], &err) < 0 ||
	    load_draft(asking, segments->text[0], request, &err) < 0) {
		refuse(asking, &err);
	} else if (text_equal(request->method, "GET")) {
		tell(asking);
	} else if (offset_text == NULL ||
	    !text_parse_u64(offset_text, length, &offset)) {
		error_set_id(&err, "E6812", ERROR_MALFORMED,
		    "upload-offset is 0 to %" PRIu64, length);
		refuse(asking, &err);
	} else if (request->files.len == 0) {
		open_ticket(asking, offset);
	} else {
		end_part(asking, request, target, offset);
	}
}

bool
desk_upload_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct http_target target = { 0 };
	struct http_segments segments = { 0 };
	struct asking *asking;
	struct error err = { 0 };
	bool is_new, is_other;

	if (http_target_parse(request->path, strlen(request->path), &target,
		&err) < 0) {
		http_target_free(&target);
		return false;
	}
	is_new =
	    http_path_match("/v1/drafts/{}/uploads", target.path, &segments);
	is_other = !is_new &&
	    !http_path_match("/v1/drafts/{}/uploads/{}", target.path,
		&segments);
	asking = is_other ? NULL : calloc(1, sizeof(*asking));
	if (asking != NULL) {
		asking->gateway = gateway;
		asking->peer = peer;
		asking->id = id;
		asking->status = 200;
		if (is_new)
			create(asking, request, segments.text[0]);
		else
			go_on(asking, request, &target, &segments);
	} else if (!is_other) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
	}
	http_target_free(&target);
	return !is_other;
}
