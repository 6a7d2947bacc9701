#include "envelope/leaf.h"

#include "base/error.h"
#include "json/json_decode.h"
#include "json/json_write.h"

static const char format[] = "yizhan-leaf-1";

int
leaf_encode(const struct leaf *leaf, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_org(&writer, "recipient", &leaf->recipient);
	json_write_text(&writer, "center", leaf->center);
	json_write_digest(&writer, "seal", &leaf->seal);
	json_write_digest(&writer, "key_part", &leaf->key_part);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	{ .name = "recipient",
	    .kind = JSON_FIELD_ORG,
	    .offset = offsetof(struct leaf, recipient) },
	{ .name = "center",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct leaf, center),
	    .parse = envelope_field_name },
	{ .name = "seal",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct leaf, seal) },
	{ .name = "key_part",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct leaf, key_part) },
};

int
leaf_decode(const void *json, size_t len, struct leaf *ret_leaf,
    struct error *err)
{
	struct leaf leaf = { 0 };

	if (envelope_field_decode(json, len, LEAF_MAX, fields,
		ARRAY_LEN(fields), "E3102", "recipient's leaf", &leaf, err) < 0)
		return -1;
	*ret_leaf = leaf;
	return 0;
}
