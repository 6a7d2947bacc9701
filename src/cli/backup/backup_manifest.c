#include "cli/backup/backup_manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "json/json_decode.h"
#include "json/json_write.h"

static const char format[] = "yizhan-backup-1";

const char backup_manifest_name[] = "manifest.json";
const char backup_digest_name[] = "manifest.sha256";

void
backup_manifest_free(struct backup_manifest *manifest)
{
	free(manifest->log.checkpoint);
	free(manifest->log.cosigned);
	free(manifest->files);
	*manifest = (struct backup_manifest){ 0 };
}

int
backup_manifest_add(struct backup_manifest *manifest,
    const struct store_file *file, struct error *err)
{
	struct store_file *files;

	if (manifest->file_count == BACKUP_FILES_MAX)
		return error_set(err, ERROR_DENIED, "more than %d files",
		    BACKUP_FILES_MAX);
	files = realloc(manifest->files,
	    (manifest->file_count + 1) * sizeof(*files));
	if (files == NULL)
		return error_set_memory(err);
	manifest->files = files;
	files[manifest->file_count++] = *file;
	return 0;
}

static void
put_log(struct json_writer *writer, const struct backup_log *log)
{
	json_write_begin_object(writer, "log");
	json_write_text(writer, "origin", log->origin);
	json_write_int(writer, "size", (int64_t)log->size);
	json_write_digest(writer, "root", &log->root);
	json_write_text(writer, "checkpoint",
	    log->checkpoint != NULL ? log->checkpoint : "");
	json_write_text(writer, "cosigned",
	    log->cosigned != NULL ? log->cosigned : "");
	json_write_end(writer);
}

int
backup_manifest_encode(struct backup_manifest *manifest, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	size_t at = to->len;

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_text(&writer, "environment", manifest->environment);
	json_write_text(&writer, "host", manifest->host);
	json_write_text(&writer, "kind", manifest->kind);
	json_write_text(&writer, "version", manifest->version);
	json_write_time(&writer, "made", manifest->made_at);
	put_log(&writer, &manifest->log);
	json_write_begin_array(&writer, "files");
	for (size_t i = 0; i < manifest->file_count; i++) {
		const struct store_file *file = &manifest->files[i];

		json_write_begin_object(&writer, NULL);
		json_write_text(&writer, "name", file->name);
		json_write_int(&writer, "length", (int64_t)file->length);
		json_write_digest(&writer, "sha256", &file->digest);
		json_write_end(&writer);
	}
	json_write_end(&writer);
	json_write_end(&writer);
	if (json_write_done(&writer, err) < 0 || bytes_failed(to, err) < 0)
		return -1;
	sha256(to->data + at, to->len - at, &manifest->digest);
	return 0;
}

/* ---- reading --------------------------------------------------------- */

#define TEXT(key, type, field)                        \
	{                                             \
		.name = key, .kind = JSON_FIELD_TEXT, \
		.offset = offsetof(type, field),      \
		.size = sizeof(((type *)NULL)->field) \
	}

static const struct json_field log_fields[] = {
	TEXT("origin", struct backup_log, origin),
	{ .name = "size",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct backup_log, size),
	    .size = sizeof(uint64_t),
	    .max = INT64_MAX },
	{ .name = "root",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct backup_log, root) },
	{ .name = "checkpoint",
	    .kind = JSON_FIELD_TEXT_HEAP,
	    .offset = offsetof(struct backup_log, checkpoint),
	    .max = 65536 },
	{ .name = "cosigned",
	    .kind = JSON_FIELD_TEXT_HEAP,
	    .offset = offsetof(struct backup_log, cosigned),
	    .max = 65536 },
};

static const struct json_field file_fields[] = {
	TEXT("name", struct store_file, name),
	{ .name = "length",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct store_file, length),
	    .size = sizeof(uint64_t),
	    .max = INT64_MAX },
	{ .name = "sha256",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct store_file, digest) },
};

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	TEXT("environment", struct backup_manifest, environment),
	TEXT("host", struct backup_manifest, host),
	TEXT("kind", struct backup_manifest, kind),
	TEXT("version", struct backup_manifest, version),
	{ .name = "made",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct backup_manifest, made_at) },
	{ .name = "log",
	    .kind = JSON_FIELD_OBJECT,
	    .offset = offsetof(struct backup_manifest, log),
	    .fields = log_fields,
	    .field_count = ARRAY_LEN(log_fields) },
	{ .name = "files",
	    .kind = JSON_FIELD_LIST,
	    .offset = offsetof(struct backup_manifest, files),
	    .size = sizeof(struct store_file),
	    .max = BACKUP_FILES_MAX,
	    .fields = file_fields,
	    .field_count = ARRAY_LEN(file_fields),
	    .count_offset = offsetof(struct backup_manifest, file_count) },
};

/* In the order in which a store is copied, so that none comes twice. */
static int
check_files(const struct backup_manifest *manifest, struct error *err)
{
	const struct store_file *files = manifest->files;
	bool has_rows = false;

	for (size_t i = 0; i < manifest->file_count; i++)
		has_rows = has_rows || text_equal(files[i].name, "rows.db");
	if (!has_rows)
		return error_set_id(err, "E5040", ERROR_MALFORMED,
		    "the manifest names no rows");
	for (size_t i = 0; i < manifest->file_count; i++)
		if (!store_file_name_is_good(files[i].name) ||
		    (i > 0 && strcmp(files[i - 1].name, files[i].name) >= 0))
			return error_set_id(err, "E5040", ERROR_MALFORMED,
			    "the manifest names a file that cannot be there: "
			    "number %zu",
			    i + 1);
	return 0;
}

int
backup_manifest_decode(const void *json, size_t len,
    struct backup_manifest *manifest, struct error *err)
{
	struct error why = { 0 };

	if (json_decode(json, len, BACKUP_MANIFEST_MAX, fields,
		ARRAY_LEN(fields), manifest, &why) < 0)
		return error_set_id(err, "E5040", ERROR_MALFORMED, "%s: %s",
		    backup_manifest_name, why.text);
	if (check_files(manifest, err) < 0)
		return -1;
	sha256(json, len, &manifest->digest);
	return 0;
}
