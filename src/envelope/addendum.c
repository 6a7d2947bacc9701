#include "envelope/addendum.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_decode.h"
#include "json/json_write.h"

static const char format[] = "yizhan-rewrap-1";

/* As it is decoded: the leaf is a text of its own. */
struct parts {
	struct addendum addendum;
	char leaf[LEAF_MAX + 1];
};

int
addendum_encode(const struct addendum *addendum, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	struct bytes leaf = { 0 };
	int rc = -1;

	if (leaf_encode(&addendum->leaf, &leaf, err) < 0)
		goto done;
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_text(&writer, "environment", addendum->environment);
	json_write_digest(&writer, "waybill", &addendum->waybill);
	json_write_id(&writer, "waybill_id", &addendum->waybill_id);
	json_write_org(&writer, "recipient", &addendum->recipient);
	json_write_org(&writer, "receiver", &addendum->receiver);
	json_write_digest(&writer, "old", &addendum->old_leaf);
	json_write_text_len(&writer, "leaf", (const char *)leaf.data, leaf.len);
	json_write_int(&writer, "directory", (int64_t)addendum->directory);
	json_write_time(&writer, "time", addendum->time_at);
	json_write_end(&writer);
	rc = json_write_done(&writer, err);
done:
	bytes_free(&leaf);
	return rc;
}

#define ADDENDUM(field) offsetof(struct parts, addendum.field)

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	{ .name = "environment",
	    .kind = JSON_FIELD_PARSED,
	    .offset = ADDENDUM(environment),
	    .parse = envelope_field_name },
	{ .name = "waybill",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = ADDENDUM(waybill) },
	{ .name = "waybill_id",
	    .kind = JSON_FIELD_ID,
	    .offset = ADDENDUM(waybill_id) },
	{ .name = "recipient",
	    .kind = JSON_FIELD_ORG,
	    .offset = ADDENDUM(recipient) },
	{ .name = "receiver",
	    .kind = JSON_FIELD_ORG,
	    .offset = ADDENDUM(receiver) },
	{ .name = "old",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = ADDENDUM(old_leaf) },
	{ .name = "leaf",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct parts, leaf),
	    .size = LEAF_MAX + 1 },
	{ .name = "directory",
	    .kind = JSON_FIELD_INT,
	    .offset = ADDENDUM(directory),
	    .size = sizeof(uint64_t),
	    .min = 1,
	    .max = INT64_MAX },
	{ .name = "time",
	    .kind = JSON_FIELD_TIME,
	    .offset = ADDENDUM(time_at) },
};

int
addendum_decode(const void *json, size_t len, struct addendum *ret_addendum,
    struct error *err)
{
	struct parts parts = { .leaf = "" };
	struct addendum *addendum = &parts.addendum;

	if (envelope_field_decode(json, len, ADDENDUM_MAX, fields,
		ARRAY_LEN(fields), "E3107", "addendum", &parts, err) < 0 ||
	    leaf_decode(parts.leaf, strlen(parts.leaf), &addendum->leaf, err) <
		0)
		return -1;
	if (!org_code_equal(&addendum->leaf.recipient, &addendum->recipient))
		return error_set_id(err, "E3107", ERROR_MALFORMED,
		    "addendum: its leaf is of another recipient");
	*ret_addendum = *addendum;
	return 0;
}
