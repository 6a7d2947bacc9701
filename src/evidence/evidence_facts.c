#include "evidence/evidence_facts.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_decode.h"
#include "json/json_write.h"

static const char format[] = "yizhan-evidence-2";

void
evidence_facts_free(struct evidence_facts *facts)
{
	free(facts->parts);
	*facts = (struct evidence_facts){ 0 };
}

static void
write_parts(const struct evidence_facts *facts, struct json_writer *writer)
{
	json_write_begin_array(writer, "parts");
	for (size_t i = 0; i < facts->part_count; i++) {
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "name", facts->parts[i].name);
		json_write_digest(writer, "sha256", &facts->parts[i].sha256);
		json_write_end(writer);
	}
	json_write_end(writer);
}

int
evidence_facts_encode(const struct evidence_facts *facts, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_text(&writer, "environment", facts->environment);
	json_write_id(&writer, "waybill_id", &facts->waybill_id);
	json_write_org(&writer, "sender", &facts->sender);
	json_write_org(&writer, "recipient", &facts->recipient);
	json_write_bool(&writer, "lacks_directory", facts->lacks_directory);
	write_parts(facts, &writer);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static bool
parse_part_name(const char *text, void *field)
{
	return text_copy(field, EVIDENCE_NAME_SIZE, text);
}

static const struct json_field item_fields[] = {
	{ .name = "name",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct evidence_item, name),
	    .parse = parse_part_name },
	{ .name = "sha256",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct evidence_item, sha256) },
};

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	{ .name = "environment",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct evidence_facts, environment),
	    .parse = envelope_field_name },
	{ .name = "waybill_id",
	    .kind = JSON_FIELD_ID,
	    .offset = offsetof(struct evidence_facts, waybill_id) },
	{ .name = "sender",
	    .kind = JSON_FIELD_ORG,
	    .offset = offsetof(struct evidence_facts, sender) },
	{ .name = "recipient",
	    .kind = JSON_FIELD_ORG,
	    .offset = offsetof(struct evidence_facts, recipient) },
	{ .name = "lacks_directory",
	    .kind = JSON_FIELD_BOOL,
	    .offset = offsetof(struct evidence_facts, lacks_directory) },
	{ .name = "parts",
	    .kind = JSON_FIELD_LIST,
	    .offset = offsetof(struct evidence_facts, parts),
	    .count_offset = offsetof(struct evidence_facts, part_count),
	    .size = sizeof(struct evidence_item),
	    .max = EVIDENCE_PARTS_MAX,
	    .fields = item_fields,
	    .field_count = ARRAY_LEN(item_fields) },
};

int
evidence_facts_decode(const void *json, size_t len,
    struct evidence_facts *ret_facts, struct error *err)
{
	struct evidence_facts facts = { 0 };

	if (envelope_field_decode(json, len, EVIDENCE_FACTS_MAX, fields,
		ARRAY_LEN(fields), "E3501", "evidence.json", &facts, err) < 0) {
		evidence_facts_free(&facts);
		return -1;
	}
	*ret_facts = facts;
	return 0;
}

/* ---- paths ----------------------------------------------------------- */

static void
write_hashes(struct json_writer *writer, const char *name,
    const struct digest *hashes, size_t count)
{
	json_write_begin_array(writer, name);
	for (size_t i = 0; i < count; i++)
		json_write_digest(writer, NULL, &hashes[i]);
	json_write_end(writer);
}

int
evidence_path_encode(const struct evidence_path *path, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_int(&writer, "index", (int64_t)path->index);
	if (path->count > 0)
		json_write_int(&writer, "count", (int64_t)path->count);
	write_hashes(&writer, "path", path->path, path->path_count);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static int
take_hash(const struct json_value *value, size_t index, struct digest *hashes,
    size_t *count, struct error *err)
{
	const char *text = json_value_text(value);

	if (index >= MERKLE_PATH_MAX || text == NULL ||
	    !digest_parse(text, &hashes[index]))
		return error_set(err, ERROR_MALFORMED, "hash %zu", index);
	*count = index + 1;
	return 0;
}

static int
take_path_hash(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct evidence_path *path = field;

	return take_hash(value, index, path->path, &path->path_count, err);
}

static const struct json_field path_fields[] = {
	{ .name = "index",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct evidence_path, index),
	    .size = sizeof(uint64_t),
	    .max = INT64_MAX },
	{ .name = "count",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct evidence_path, count),
	    .size = sizeof(uint64_t),
	    .min = 1,
	    .max = INT64_MAX,
	    .optional = true },
	{ .name = "path", .kind = JSON_FIELD_EACH, .item = take_path_hash },
};

int
evidence_path_decode(const void *json, size_t len,
    struct evidence_path *ret_path, struct error *err)
{
	struct evidence_path path = { 0 };

	if (envelope_field_decode(json, len, EVIDENCE_PATH_MAX, path_fields,
		ARRAY_LEN(path_fields), "E3501", "path", &path, err) < 0)
		return -1;
	*ret_path = path;
	return 0;
}

/* ---- proofs ---------------------------------------------------------- */

int
evidence_growth_encode(const struct evidence_growth *growth, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "checkpoint", growth->checkpoint);
	write_hashes(&writer, "proof", growth->proof, growth->proof_count);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static int
take_proof_hash(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	struct evidence_growth *growth = field;

	return take_hash(value, index, growth->proof, &growth->proof_count,
	    err);
}

static const struct json_field growth_fields[] = {
	{ .name = "checkpoint",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct evidence_growth, checkpoint),
	    .parse = parse_part_name },
	{ .name = "proof", .kind = JSON_FIELD_EACH, .item = take_proof_hash },
};

int
evidence_growth_decode(const void *json, size_t len,
    struct evidence_growth *ret_growth, struct error *err)
{
	struct evidence_growth growth = { 0 };

	if (envelope_field_decode(json, len, EVIDENCE_PATH_MAX, growth_fields,
		ARRAY_LEN(growth_fields), "E3501", "proof", &growth, err) < 0)
		return -1;
	*ret_growth = growth;
	return 0;
}
