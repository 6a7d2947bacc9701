#include "envelope/epoch_record.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "envelope/envelope_field.h"
#include "json/json_decode.h"
#include "json/json_write.h"

static const char format[] = "yizhan-epoch-1";

void
epoch_record_free(struct epoch_record *record)
{
	free(record->checkpoint);
	free(record->cosigned);
	record->checkpoint = record->cosigned = NULL;
}

static void
write_serials(struct json_writer *writer,
    const struct statement_serials *serials)
{
	json_write_begin_object(writer, "serials");
	json_write_int(writer, "root", (int64_t)serials->root);
	json_write_int(writer, "network", (int64_t)serials->network);
	json_write_end(writer);
}

int
epoch_record_encode(const struct epoch_record *record, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_text(&writer, "environment", record->environment);
	json_write_text(&writer, "center", record->center);
	json_write_text(&writer, "origin", record->origin);
	json_write_text(&writer, "previous", record->previous);
	json_write_int(&writer, "records", (int64_t)record->records);
	json_write_digest(&writer, "root", &record->root);
	json_write_text(&writer, "checkpoint",
	    record->checkpoint != NULL ? record->checkpoint : "");
	json_write_text(&writer, "cosigned",
	    record->cosigned != NULL ? record->cosigned : "");
	if (record->backup_at == 0)
		json_write_text(&writer, "backup", "");
	else
		json_write_time(&writer, "backup", record->backup_at);
	json_write_time(&writer, "time", record->time_ms);
	write_serials(&writer, &record->serials);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

#define SERIAL(key, field)                                           \
	{                                                            \
		.name = key, .kind = JSON_FIELD_INT,                 \
		.offset = offsetof(struct statement_serials, field), \
		.size = sizeof(uint64_t), .max = INT64_MAX           \
	}

static const struct json_field serial_fields[] = {
	SERIAL("root", root),
	SERIAL("network", network),
};

#define TEXT(key, field)                                        \
	{                                                       \
		.name = key, .kind = JSON_FIELD_TEXT,           \
		.offset = offsetof(struct epoch_record, field), \
		.size = EPOCH_ORIGIN_SIZE                       \
	}

#define NOTE(key, field)                                        \
	{                                                       \
		.name = key, .kind = JSON_FIELD_TEXT_HEAP,      \
		.offset = offsetof(struct epoch_record, field), \
		.max = EPOCH_NOTE_MAX                           \
	}

#define NAME(key, field)                                        \
	{                                                       \
		.name = key, .kind = JSON_FIELD_PARSED,         \
		.offset = offsetof(struct epoch_record, field), \
		.parse = envelope_field_name                    \
	}

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	NAME("environment", environment),
	NAME("center", center),
	TEXT("origin", origin),
	TEXT("previous", previous),
	{ .name = "records",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct epoch_record, records),
	    .size = sizeof(uint64_t),
	    .max = INT64_MAX },
	{ .name = "root",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct epoch_record, root) },
	NOTE("checkpoint", checkpoint),
	NOTE("cosigned", cosigned),
	{ .name = "backup",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct epoch_record, backup_at),
	    .may_empty = true },
	{ .name = "time",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct epoch_record, time_ms) },
	{ .name = "serials",
	    .kind = JSON_FIELD_OBJECT,
	    .offset = offsetof(struct epoch_record, serials),
	    .fields = serial_fields,
	    .field_count = ARRAY_LEN(serial_fields) },
};

int
epoch_record_decode(const void *json, size_t len, struct epoch_record *record,
    struct error *err)
{
	if (envelope_field_decode(json, len, EPOCH_RECORD_MAX, fields,
		ARRAY_LEN(fields), "E3112", "epoch", record, err) < 0) {
		epoch_record_free(record);
		return -1;
	}
	return 0;
}
