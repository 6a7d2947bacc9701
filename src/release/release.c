#include "release/release.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "json/json_decode.h"
#include "json/json_read.h"

const char release_manifest_name[] = "release.json";
const char release_digest_name[] = "release.sha256";
const char release_sbom_path[] = "sbom.cdx.json";

static const struct json_field file_fields[] = {
	{ .name = "path",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct release_file, path),
	    .size = TEXTS_PATH_SIZE },
	{ .name = "bytes",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct release_file, bytes),
	    .size = sizeof(uint64_t),
	    .max = INT64_MAX },
	{ .name = "sha256",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct release_file, sha256) },
};

static const struct json_field fields[] = {
	{ .name = "version",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct release, version),
	    .size = VERSION_SIZE },
	{ .name = "least",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct release, least),
	    .size = VERSION_SIZE,
	    .optional = true },
	{ .name = "summary",
	    .kind = JSON_FIELD_TEXT_HEAP,
	    .offset = offsetof(struct release, summary),
	    .max = TEXTS_VALUE_MAX },
	{ .name = "files",
	    .kind = JSON_FIELD_LIST,
	    .offset = offsetof(struct release, files),
	    .count_offset = offsetof(struct release, count),
	    .size = sizeof(struct release_file),
	    .max = TEXTS_FILES_MAX,
	    .fields = file_fields,
	    .field_count = ARRAY_LEN(file_fields) },
};

void
release_free(struct release *release)
{
	free(release->summary);
	free(release->files);
	*release = (struct release){ 0 };
}

static int
compare_files(const void *a, const void *b)
{
	return strcmp(((const struct release_file *)a)->path,
	    ((const struct release_file *)b)->path);
}

/* "bin" cannot be a file when "bin/yizhan" is one; the files are in order. */
static bool
is_folder(const struct release *release, const char *path)
{
	size_t len = strlen(path);
	size_t low = 0, high = release->count;

	/* The first that is not before PATH/. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *other = release->files[middle].path;
		int order = strncmp(other, path, len);

		if (order < 0 || (order == 0 && other[len] < '/'))
			low = middle + 1;
		else
			high = middle;
	}
	return low < release->count &&
	    text_starts(release->files[low].path, path) &&
	    release->files[low].path[len] == '/';
}

static int
check_files(struct release *release, struct error *err)
{
	if (release->count > 1)
		qsort(release->files, release->count, sizeof(release->files[0]),
		    compare_files);
	for (size_t i = 0; i < release->count; i++) {
		const struct release_file *file = &release->files[i];

		if (!texts_path_is_good(file->path))
			return error_set(err, ERROR_MALFORMED,
			    "a path that is not below a folder");
		if (i > 0 && text_equal(file->path, file[-1].path))
			return error_set(err, ERROR_MALFORMED, "%.80s twice",
			    file->path);
		if (file->bytes > RELEASE_BYTES_MAX ||
		    release->bytes > RELEASE_BYTES_MAX - file->bytes)
			return error_set(err, ERROR_MALFORMED,
			    "more than 4 GiB in all");
		release->bytes += file->bytes;
	}
	for (size_t i = 0; i < release->count; i++)
		if (is_folder(release, release->files[i].path))
			return error_set(err, ERROR_MALFORMED,
			    "%.80s is a file and a folder",
			    release->files[i].path);
	return 0;
}

static int
check(struct release *release, struct error *err)
{
	if (!version_is_good(release->version) ||
	    (release->least[0] != '\0' && !version_is_good(release->least)))
		return error_set(err, ERROR_MALFORMED,
		    "a version that is not like 0.2.0");
	return check_files(release, err);
}

int
release_read(const struct json_value *body, struct release *ret_release,
    struct error *err)
{
	struct release release = { 0 };
	struct bytes json = { 0 };
	int rc = -1;

	if (json_decode_value(body, fields, ARRAY_LEN(fields), &release, err) ==
		0 &&
	    check(&release, err) == 0 &&
	    json_value_put(body, &json, err) == 0) {
		sha256(json.data, json.len, &release.code);
		*ret_release = release;
		rc = 0;
	}
	bytes_free(&json);
	if (rc == 0)
		return 0;
	release_free(&release);
	if (err->code == ERROR_MALFORMED)
		text_copy(err->id, sizeof(err->id), "E7601");
	return -1;
}

int
release_parse(const void *json, size_t len, struct release *ret_release,
    struct error *err)
{
	struct json_document *document = NULL;
	int rc;

	if (json_read(json, len, RELEASE_JSON_MAX, &document, err) < 0) {
		if (err->code == ERROR_MALFORMED)
			text_copy(err->id, sizeof(err->id), "E7601");
		return -1;
	}
	rc = release_read(json_root(document), ret_release, err);
	json_document_free(document);
	return rc;
}

const struct release_file *
release_find(const struct release *release, const char *path)
{
	for (size_t i = 0; i < release->count; i++)
		if (text_equal(release->files[i].path, path))
			return &release->files[i];
	return NULL;
}

bool
release_file_runs(const struct release_file *file)
{
	return text_starts(file->path, "bin/");
}

int
release_may_follow(const struct release *release, const char *installed,
    bool is_disowned, struct error *err)
{
	if (installed[0] == '\0' || is_disowned ||
	    version_compare(release->version, installed) >= 0)
		return 0;
	return error_set_id(err, "E7605", ERROR_DENIED,
	    "%s is lower than %s, which is installed", release->version,
	    installed);
}

int
release_may_return(const struct release *in_force, const char *version,
    struct error *err)
{
	if (in_force->least[0] == '\0' ||
	    version_compare(version, in_force->least) >= 0)
		return 0;
	return error_set_id(err, "E7605", ERROR_DENIED,
	    "%s may no longer run: the release in force asks for %s or higher",
	    version, in_force->least);
}
