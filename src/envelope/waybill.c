#include "envelope/waybill.h"

#include <string.h>

#include "base/error.h"
#include "crypto/sha256.h"
#include "json/json_decode.h"
#include "json/json_write.h"

static const char format[] = "yizhan-waybill-1";

int
waybill_encode(const struct waybill *waybill, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_text(&writer, "head", waybill->head_text);
	json_write_begin_object(&writer, "content");
	json_write_digest(&writer, "sha256", &waybill->content);
	json_write_int(&writer, "length", (int64_t)waybill->content_len);
	json_write_end(&writer);
	json_write_begin_object(&writer, "recipients");
	json_write_digest(&writer, "root", &waybill->root);
	json_write_int(&writer, "count", waybill->count);
	json_write_end(&writer);
	json_write_digest(&writer, "commitment", &waybill->commitment);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static const struct json_field content_fields[] = {
	{ .name = "sha256",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct waybill, content) },
	{ .name = "length",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct waybill, content_len),
	    .size = sizeof(uint64_t),
	    .max = INT64_MAX },
};

static const struct json_field recipients_fields[] = {
	{ .name = "root",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct waybill, root) },
	{ .name = "count",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct waybill, count),
	    .size = sizeof(uint32_t),
	    .min = 1,
	    .max = WAYBILL_RECIPIENTS_MAX },
};

/* The inner objects fill the same struct: their offset is 0. */
static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	{ .name = "head",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct waybill, head_text),
	    .size = HEAD_MAX + 1 },
	{ .name = "content",
	    .kind = JSON_FIELD_OBJECT,
	    .fields = content_fields,
	    .field_count = ARRAY_LEN(content_fields) },
	{ .name = "recipients",
	    .kind = JSON_FIELD_OBJECT,
	    .fields = recipients_fields,
	    .field_count = ARRAY_LEN(recipients_fields) },
	{ .name = "commitment",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct waybill, commitment) },
};

int
waybill_decode(const void *json, size_t len, struct waybill *ret_waybill,
    struct error *err)
{
	struct waybill waybill = { 0 };
	size_t head_len;

	if (envelope_field_decode(json, len, WAYBILL_MAX, fields,
		ARRAY_LEN(fields), "E3101", "waybill", &waybill, err) < 0)
		return -1;
	head_len = strlen(waybill.head_text);
	if (head_decode(waybill.head_text, head_len, &waybill.head, err) < 0)
		return -1;
	sha256(waybill.head_text, head_len, &waybill.head_digest);
	sha256(json, len, &waybill.digest);
	*ret_waybill = waybill;
	return 0;
}
