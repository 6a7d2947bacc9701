#include "envelope/batch.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/merkle.h"
#include "crypto/sha256.h"
#include "json/json_decode.h"
#include "json/json_write.h"

enum { MAGIC_LEN = 8 };

static const char format[] = "yizhan-batch-1";
static const char magic[] = "YZITEM1\n";

/* The label is what the leaf begins with, so that no tree passes as another. */
static const struct {
	const char *name;
	const char *label;
} types[BATCH_TYPE_COUNT] = {
	[BATCH_WAYBILL] = { "waybill", "yizhan-batch-1 waybill\n" },
	[BATCH_ACT] = { "act", "yizhan-batch-1 act\n" },
};

int
batch_encode(const struct batch *batch, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_text(&writer, "environment", batch->environment);
	json_write_text(&writer, "type", types[batch->type].name);
	json_write_int(&writer, "count", batch->count);
	json_write_digest(&writer, "root", &batch->root);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static bool
parse_type(const char *text, void *field)
{
	for (int i = 0; i < BATCH_TYPE_COUNT; i++) {
		if (text_equal(types[i].name, text)) {
			*(enum batch_type *)field = (enum batch_type)i;
			return true;
		}
	}
	return false;
}

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	{ .name = "environment",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct batch, environment),
	    .parse = envelope_field_name },
	{ .name = "type",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct batch, type),
	    .parse = parse_type },
	{ .name = "count",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct batch, count),
	    .size = sizeof(uint32_t),
	    .min = 1,
	    .max = BATCH_ITEMS_MAX },
	{ .name = "root",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct batch, root) },
};

int
batch_decode(const void *json, size_t len, struct batch *ret_batch,
    struct error *err)
{
	struct batch batch = { .type = BATCH_WAYBILL };

	if (envelope_field_decode(json, len, BATCH_MAX, fields,
		ARRAY_LEN(fields), "E3801", "batch", &batch, err) < 0)
		return -1;
	*ret_batch = batch;
	return 0;
}

struct digest
batch_leaf(enum batch_type type, const void *statement, size_t len)
{
	static const uint8_t leaf_prefix = 0x00;
	const char *label = types[type].label;
	const struct sha256_part parts[] = { { &leaf_prefix, 1 },
		{ label, strlen(label) }, { statement, len } };
	struct digest digest;

	sha256_parts(parts, ARRAY_LEN(parts), &digest);
	return digest;
}

bool
batch_is_item(const void *data, size_t len)
{
	return len >= MAGIC_LEN && memcmp(data, magic, MAGIC_LEN) == 0;
}

void
batch_item_put(const struct batch_item *item, struct bytes *to)
{
	bytes_put(to, magic, MAGIC_LEN);
	bytes_put_u32(to, item->index);
	bytes_put_u32(to, item->count);
	bytes_put_u32(to, (uint32_t)item->path_count);
	bytes_put(to, item->path, item->path_count * DIGEST_LEN);
	bytes_put_u32(to, (uint32_t)item->statement_len);
	bytes_put(to, item->statement, item->statement_len);
	bytes_put(to, item->cms, item->cms_len);
}

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E3801", ERROR_MALFORMED,
	    "item of a batch: %s", what);
}

int
batch_item_parse(const void *data, size_t len, struct batch_item *ret_item,
    struct error *err)
{
	struct cursor cursor = cursor_of(data, len);
	struct batch_item item = { 0 };

	if (!batch_is_item(data, len))
		return malformed(err, "it does not begin as one");
	cursor_take(&cursor, MAGIC_LEN);
	item.index = cursor_u32(&cursor);
	item.count = cursor_u32(&cursor);
	item.path_count = cursor_u32(&cursor);
	if (item.count == 0 || item.count > BATCH_ITEMS_MAX ||
	    item.index >= item.count || item.path_count > BATCH_PATH_MAX)
		return malformed(err, "index, count or path beyond the limits");
	cursor_copy(&cursor, item.path, item.path_count * DIGEST_LEN);
	item.statement_len = cursor_u32(&cursor);
	if (item.statement_len == 0 || item.statement_len > BATCH_STATEMENT_MAX)
		return malformed(err, "a statement of no possible length");
	item.statement = cursor_take(&cursor, item.statement_len);
	if (cursor.failed || cursor.left == 0)
		return malformed(err, "it is cut off");
	item.cms = cursor.data;
	item.cms_len = cursor.left;
	*ret_item = item;
	return 0;
}

int
batch_check_item(const struct batch *batch, enum batch_type type,
    const struct batch_item *item, struct error *err)
{
	struct digest leaf =
	    batch_leaf(type, item->statement, item->statement_len);
	struct digest root;

	if (batch->type != type)
		return error_set_id(err, "E3802", ERROR_UNTRUSTED,
		    "a batch of the type %s where %s was due",
		    types[batch->type].name, types[type].name);
	if (batch->count != item->count)
		return error_set_id(err, "E3802", ERROR_UNTRUSTED,
		    "an item of %u where %u were signed", item->count,
		    batch->count);
	if (!merkle_root_of_path(&leaf, item->index, item->count, item->path,
		item->path_count, &root) ||
	    !digest_equal(&root, &batch->root))
		return error_set_id(err, "E3802", ERROR_UNTRUSTED,
		    "item %u is not one of the batch", item->index);
	return 0;
}
