#include "cli/backup/backup_record.h"

#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_decode.h"
#include "json/json_write.h"
#include "sys/file.h"

enum { RECORD_MAX = 16384 };

static const char name[] = "backup.json";
static const char format[] = "yizhan-backup-record-1";

#define TIME(key, field)                                         \
	{                                                        \
		.name = key, .kind = JSON_FIELD_TIME,            \
		.offset = offsetof(struct backup_record, field), \
		.may_empty = true                                \
	}

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	TIME("backup_at", backup_at),
	{ .name = "to",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct backup_record, to),
	    .size = BACKUP_RECORD_PATH_SIZE },
	{ .name = "manifest",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct backup_record, manifest) },
	TIME("drill_at", drill_at),
	TIME("drill_of", drill_of),
	TIME("failed_at", failed_at),
};

int
backup_record_read(const char *folder, struct backup_record *ret_record,
    struct error *err)
{
	struct backup_record record = { 0 };
	struct error why = { 0 };
	struct bytes json = { 0 };
	int dir = -1;
	int rc = -1;

	if (file_open_dir(folder, &dir, err) < 0)
		return -1;
	if (file_read_all(dir, name, RECORD_MAX, &json, &why) == 0)
		rc = json_decode(json.data, json.len, RECORD_MAX, fields,
		    ARRAY_LEN(fields), &record, err);
	else if (why.code == ERROR_NOT_FOUND)
		rc = 0;
	else
		*err = why;
	file_close(dir);
	bytes_free(&json);
	if (rc == 0)
		*ret_record = record;
	return rc < 0 ? error_prefix(err, "%s", name) : 0;
}

static void
put_time(struct json_writer *writer, const char *key, int64_t at)
{
	if (at == 0)
		json_write_text(writer, key, "");
	else
		json_write_time(writer, key, at);
}

int
backup_record_write(const char *folder, const struct backup_record *record,
    struct error *err)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	int dir = -1;
	int rc = -1;

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	put_time(&writer, "backup_at", record->backup_at);
	json_write_text(&writer, "to", record->to);
	json_write_digest(&writer, "manifest", &record->manifest);
	put_time(&writer, "drill_at", record->drill_at);
	put_time(&writer, "drill_of", record->drill_of);
	put_time(&writer, "failed_at", record->failed_at);
	json_write_end(&writer);
	if (json_write_done(&writer, err) == 0 &&
	    bytes_failed(&json, err) == 0 &&
	    file_open_dir(folder, &dir, err) == 0)
		rc = file_replace(dir, name, json.data, json.len, err);
	file_close(dir);
	bytes_free(&json);
	return rc;
}
