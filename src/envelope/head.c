#include "envelope/head.h"

#include "base/error.h"
#include "json/json_decode.h"
#include "json/json_write.h"
#include "model/resend.h"

static const char format[] = "yizhan-head-1";

int
head_encode(const struct head *head, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_text(&writer, "environment", head->environment);
	json_write_id(&writer, "waybill_id", &head->waybill_id);
	json_write_id(&writer, "document_id", &head->document_id);
	json_write_org(&writer, "sender", &head->sender);
	json_write_digest(&writer, "module", &head->module);
	json_write_text(&writer, "center", head->center);
	json_write_time(&writer, "created", head->created_at);
	json_write_time(&writer, "not_after", head->not_after_at);
	json_write_text(&writer, "speed", speed_name(head->speed));
	json_write_int(&writer, "message", head->message);
	if (id_is_nil(&head->earlier))
		json_write_text(&writer, "earlier", "");
	else
		json_write_id(&writer, "earlier", &head->earlier);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	{ .name = "environment",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct head, environment),
	    .parse = envelope_field_name },
	{ .name = "waybill_id",
	    .kind = JSON_FIELD_ID,
	    .offset = offsetof(struct head, waybill_id) },
	{ .name = "document_id",
	    .kind = JSON_FIELD_ID,
	    .offset = offsetof(struct head, document_id) },
	{ .name = "sender",
	    .kind = JSON_FIELD_ORG,
	    .offset = offsetof(struct head, sender) },
	{ .name = "module",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct head, module) },
	{ .name = "center",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct head, center),
	    .parse = envelope_field_name },
	{ .name = "created",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct head, created_at) },
	{ .name = "not_after",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct head, not_after_at) },
	{ .name = "speed",
	    .kind = JSON_FIELD_SPEED,
	    .offset = offsetof(struct head, speed) },
	{ .name = "message",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct head, message),
	    .size = sizeof(int),
	    .max = HEAD_MESSAGE_MAX },
	{ .name = "earlier",
	    .kind = JSON_FIELD_ID,
	    .offset = offsetof(struct head, earlier),
	    .may_empty = true },
};

int
head_decode(const void *json, size_t len, struct head *ret_head,
    struct error *err)
{
	struct head head = { 0 };

	if (envelope_field_decode(json, len, HEAD_MAX, fields,
		ARRAY_LEN(fields), "E3100", "head", &head, err) < 0)
		return -1;
	if (head.not_after_at < head.created_at)
		return error_set_id(err, "E3100", ERROR_MALFORMED,
		    "head: ends before it was created");
	if (!id_is_nil(&head.earlier) && !resend_names_earlier(head.message))
		return error_set_id(err, "E3100", ERROR_MALFORMED,
		    "head: message %d is about no earlier letter",
		    head.message);
	*ret_head = head;
	return 0;
}
