#include "envelope/hold_record.h"

#include "base/bytes.h"
#include "base/error.h"
#include "json/json_decode.h"
#include "json/json_write.h"

static const char format[] = "yizhan-hold-1";

int
hold_record_encode(const struct hold_record *record, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	const struct hold *hold = &record->hold;

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_text(&writer, "environment", record->environment);
	json_write_text(&writer, "center", record->center);
	json_write_text(&writer, "action", hold_action_name(record->action));
	json_write_int(&writer, "hold", hold->id);
	json_write_text(&writer, "scope", hold_scope_name(hold->scope));
	json_write_text(&writer, "name", hold->name);
	json_write_text(&writer, "direction",
	    hold_direction_name(hold->direction));
	json_write_bool(&writer, "wait", hold->waits);
	json_write_text(&writer, "reason", record->reason);
	json_write_text(&writer, "by", record->by);
	json_write_time(&writer, "from", hold->from_ms);
	json_write_time(&writer, "until", hold->until_ms);
	json_write_time(&writer, "time", record->time_ms);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static bool
parse_action(const char *text, void *field)
{
	return hold_action_parse(text, field);
}

static bool
parse_scope(const char *text, void *field)
{
	return hold_scope_parse(text, field);
}

static bool
parse_direction(const char *text, void *field)
{
	return hold_direction_parse(text, field);
}

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	{ .name = "environment",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct hold_record, environment),
	    .parse = envelope_field_name },
	{ .name = "center",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct hold_record, center),
	    .parse = envelope_field_name },
	{ .name = "action",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct hold_record, action),
	    .parse = parse_action },
	{ .name = "hold",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct hold_record, hold.id),
	    .size = sizeof(int64_t),
	    .min = 1,
	    .max = INT64_MAX },
	{ .name = "scope",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct hold_record, hold.scope),
	    .parse = parse_scope },
	{ .name = "name",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct hold_record, hold.name),
	    .size = HOLD_NAME_SIZE },
	{ .name = "direction",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct hold_record, hold.direction),
	    .parse = parse_direction },
	{ .name = "wait",
	    .kind = JSON_FIELD_BOOL,
	    .offset = offsetof(struct hold_record, hold.waits) },
	{ .name = "reason",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct hold_record, reason),
	    .size = HOLD_REASON_SIZE },
	{ .name = "by",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct hold_record, by),
	    .size = HOLD_BY_SIZE },
	{ .name = "from",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct hold_record, hold.from_ms) },
	{ .name = "until",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct hold_record, hold.until_ms) },
	{ .name = "time",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct hold_record, time_ms) },
};

int
hold_record_decode(const void *json, size_t len, struct hold_record *ret_record,
    struct error *err)
{
	struct hold_record record = { 0 };

	if (envelope_field_decode(json, len, HOLD_RECORD_MAX, fields,
		ARRAY_LEN(fields), "E3110", "hold", &record, err) < 0)
		return -1;
	*ret_record = record;
	return 0;
}
