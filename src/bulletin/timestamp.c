#include "bulletin/timestamp.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "json/json_decode.h"
#include "json/json_write.h"

void
timestamp_free(struct timestamp *timestamp)
{
	free(timestamp->items);
	memset(timestamp, 0, sizeof(*timestamp));
}

static bool
parse_type(const char *text, void *field)
{
	enum bulletin_type *type = field;

	return bulletin_type_parse(text, type) && *type != BULLETIN_TIMESTAMP;
}

static int
check(const struct timestamp *timestamp, struct error *err)
{
	for (size_t i = 0; i < timestamp->item_count; i++) {
		const struct timestamp_item *item = &timestamp->items[i];

		if (timestamp_find(timestamp, item->type, item->name) != item)
			return error_set(err, ERROR_MALFORMED, "%s twice",
			    bulletin_type_name(item->type));
	}
	return 0;
}

int
timestamp_decode(const struct bulletin *bulletin,
    struct timestamp *ret_timestamp, struct error *err)
{
	static const struct json_field item_fields[] = {
		{ .name = "type",
		    .kind = JSON_FIELD_PARSED,
		    .offset = offsetof(struct timestamp_item, type),
		    .parse = parse_type },
		{ .name = "name",
		    .kind = JSON_FIELD_TEXT,
		    .offset = offsetof(struct timestamp_item, name),
		    .size = BULLETIN_NAME_SIZE },
		{ .name = "serial",
		    .kind = JSON_FIELD_INT,
		    .offset = offsetof(struct timestamp_item, serial),
		    .size = sizeof(uint64_t),
		    .min = 1,
		    .max = INT64_MAX },
		{ .name = "sha256",
		    .kind = JSON_FIELD_DIGEST,
		    .offset = offsetof(struct timestamp_item, sha256) },
	};
	static const struct json_field fields[] = {
		{ .name = "newest",
		    .kind = JSON_FIELD_LIST,
		    .offset = offsetof(struct timestamp, items),
		    .count_offset = offsetof(struct timestamp, item_count),
		    .size = sizeof(struct timestamp_item),
		    .max = TIMESTAMP_ITEMS_MAX,
		    .fields = item_fields,
		    .field_count = 4 },
	};
	struct timestamp timestamp = { 0 };

	if (bulletin->type != BULLETIN_TIMESTAMP)
		return error_set_id(err, "E7001", ERROR_MALFORMED,
		    "timestamp: a bulletin of another type");
	if (json_decode_value(bulletin->body, fields, 1, &timestamp, err) < 0 ||
	    check(&timestamp, err) < 0) {
		timestamp_free(&timestamp);
		if (err->code == ERROR_MALFORMED)
			text_copy(err->id, sizeof(err->id), "E7001");
		return error_prefix(err, "timestamp");
	}
	*ret_timestamp = timestamp;
	return 0;
}

void
timestamp_encode(const struct timestamp *timestamp, struct json_writer *writer)
{
	json_write_begin_array(writer, "newest");
	for (size_t i = 0; i < timestamp->item_count; i++) {
		const struct timestamp_item *item = &timestamp->items[i];

		json_write_begin_object(writer, NULL);
		json_write_text(writer, "type", bulletin_type_name(item->type));
		json_write_text(writer, "name", item->name);
		json_write_int(writer, "serial", (int64_t)item->serial);
		json_write_digest(writer, "sha256", &item->sha256);
		json_write_end(writer);
	}
	json_write_end(writer);
}

const struct timestamp_item *
timestamp_find(const struct timestamp *timestamp, enum bulletin_type type,
    const char *name)
{
	for (size_t i = 0; i < timestamp->item_count; i++)
		if (timestamp->items[i].type == type &&
		    text_equal(timestamp->items[i].name, name))
			return &timestamp->items[i];
	return NULL;
}

/* ---- two of them ----------------------------------------------------- */

static enum timestamp_order
compare_items(const struct timestamp *before, const struct timestamp *after)
{
	const struct timestamp_item *root =
	    timestamp_find(before, BULLETIN_ROOT, "");
	const struct timestamp_item *next =
	    timestamp_find(after, BULLETIN_ROOT, "");
	bool is_new_root =
	    root != NULL && next != NULL && next->serial > root->serial;
	enum timestamp_order order = TIMESTAMP_GOES_ON;

	for (size_t i = 0; i < before->item_count && !is_new_root; i++) {
		const struct timestamp_item *item = &before->items[i];
		const struct timestamp_item *other =
		    timestamp_find(after, item->type, item->name);

		if (other == NULL || other->serial < item->serial)
			order = TIMESTAMP_GOES_BACK;
		else if (other->serial == item->serial &&
		    !digest_equal(&other->sha256, &item->sha256))
			return TIMESTAMP_CONTRADICTS;
	}
	return order;
}

int
timestamp_compare(const struct bulletin *before, const struct bulletin *after,
    enum timestamp_order *ret_order, struct error *err)
{
	struct timestamp first = { 0 };
	struct timestamp second = { 0 };
	int rc = -1;

	if (timestamp_decode(before, &first, err) == 0 &&
	    timestamp_decode(after, &second, err) == 0) {
		*ret_order = compare_items(&first, &second);
		if (after->serial < before->serial &&
		    *ret_order == TIMESTAMP_GOES_ON)
			*ret_order = TIMESTAMP_GOES_BACK;
		if (after->serial == before->serial &&
		    !digest_equal(&after->digest, &before->digest))
			*ret_order = TIMESTAMP_CONTRADICTS;
		rc = 0;
	}
	timestamp_free(&first);
	timestamp_free(&second);
	return rc;
}
