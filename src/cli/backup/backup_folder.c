#include "cli/backup/backup_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "sys/file.h"

enum { CHUNK = 1024 * 1024, DIGEST_FILE_MAX = 256 };

static const char segments_name[] = "segments";

/* ---- making ---------------------------------------------------------- */

/* The last slash of the first `len` bytes; NULL for none. */
static const char *
last_slash(const char *path, size_t len)
{
	while (len > 0 && path[len - 1] != '/')
		len--;
	return len > 0 ? path + len - 1 : NULL;
}

static int
split(const char *path, struct backup_folder *folder, struct error *err)
{
	size_t len = strlen(path);
	const char *slash;

	while (len > 1 && path[len - 1] == '/')
		len--;
	slash = last_slash(path, len);
	if (len == 0 || (slash != NULL && slash + 1 == path + len) ||
	    len >= sizeof(folder->path) - sizeof(".partial"))
		return error_set(err, ERROR_MALFORMED, "%.80s names no folder",
		    path);
	if (slash == NULL)
		text_copy(folder->parent, sizeof(folder->parent), ".");
	else
		text_copy_len(folder->parent, sizeof(folder->parent), path,
		    slash == path ? 1 : (size_t)(slash - path));
	slash = slash == NULL ? path : slash + 1;
	if (!text_copy_len(folder->name, sizeof(folder->name), slash,
		(size_t)(path + len - slash)))
		return error_set(err, ERROR_MALFORMED, "%.80s is too long",
		    path);
	snprintf(folder->path, sizeof(folder->path), "%.*s.partial", (int)len,
	    path);
	return 0;
}

static int
refuse_any(void *ctx, const char *name, struct error *err)
{
	return error_set_id(err, "E5042", ERROR_EXISTS, "%s holds %s",
	    (const char *)ctx, name);
}

static int
check_free(int parent, const struct backup_folder *folder, struct error *err)
{
	struct error missing = { 0 };
	char name[sizeof(folder->name)];
	int dir = -1;
	int rc;

	if (file_open_dir_at(parent, folder->name, &dir, &missing) < 0) {
		if (missing.code == ERROR_NOT_FOUND)
			return 0;
		*err = missing;
		return -1;
	}
	text_copy(name, sizeof(name), folder->name);
	rc = file_list(dir, refuse_any, name, err);
	file_close(dir);
	return rc;
}

int
backup_folder_begin(const char *path, struct backup_folder *folder,
    struct error *err)
{
	char partial[sizeof(folder->name) + sizeof(".partial")];
	int parent = -1;
	int rc = -1;

	if (split(path, folder, err) < 0)
		return -1;
	snprintf(partial, sizeof(partial), "%s.partial", folder->name);
	if (file_open_dir(folder->parent, &parent, err) == 0 &&
	    check_free(parent, folder, err) == 0) {
		backup_folder_remove(folder->path);
		rc = file_make_dir(parent, partial, err);
	}
	file_close(parent);
	return rc;
}

int
backup_folder_finish(const struct backup_folder *folder, struct error *err)
{
	char partial[sizeof(folder->name) + sizeof(".partial")];
	int parent = -1, dir = -1;
	int rc = -1;

	snprintf(partial, sizeof(partial), "%s.partial", folder->name);
	if (file_open_dir(folder->parent, &parent, err) == 0 &&
	    file_open_dir(folder->path, &dir, err) == 0 &&
	    file_sync(dir, err) == 0)
		rc = file_rename(parent, partial, parent, folder->name, err);
	file_close(dir);
	file_close(parent);
	return rc;
}

void
backup_folder_abandon(const struct backup_folder *folder)
{
	backup_folder_remove(folder->path);
}

int
backup_folder_write_manifest(const struct backup_folder *folder,
    struct backup_manifest *manifest, struct error *err)
{
	char digest[DIGEST_TEXT_SIZE];
	struct bytes json = { 0 };
	struct bytes line = { 0 };
	int dir = -1;
	int rc = -1;

	if (backup_manifest_encode(manifest, &json, err) == 0) {
		digest_format(&manifest->digest, digest);
		bytes_put_format(&line, "%s  %s\n", digest,
		    backup_manifest_name);
	}
	if (err->code == ERROR_NONE && bytes_failed(&line, err) == 0 &&
	    file_open_dir(folder->path, &dir, err) == 0 &&
	    file_replace(dir, backup_manifest_name, json.data, json.len, err) ==
		0)
		rc = file_replace(dir, backup_digest_name, line.data, line.len,
		    err);
	file_close(dir);
	bytes_free(&json);
	bytes_free(&line);
	return rc;
}

/* ---- reading --------------------------------------------------------- */

/* "<hex>  manifest.json\n", as sha256sum has it. */
static int
check_digest(const struct backup_manifest *manifest, const struct bytes *line,
    struct error *err)
{
	char digest[DIGEST_TEXT_SIZE];
	char wanted[DIGEST_FILE_MAX];

	digest_format(&manifest->digest, digest);
	snprintf(wanted, sizeof(wanted), "%s  %s\n", digest,
	    backup_manifest_name);
	if (line->len == strlen(wanted) &&
	    memcmp(line->data, wanted, line->len) == 0)
		return 0;
	return error_set_id(err, "E5040", ERROR_MALFORMED,
	    "%s is not the one of %s", backup_manifest_name,
	    backup_digest_name);
}

int
backup_folder_read_manifest(const char *path, struct backup_manifest *manifest,
    struct error *err)
{
	struct bytes json = { 0 };
	struct bytes line = { 0 };
	struct error why = { 0 };
	int dir = -1;
	int rc = -1;

	if (file_open_dir(path, &dir, err) < 0)
		return -1;
	if (file_read_all(dir, backup_manifest_name, BACKUP_MANIFEST_MAX, &json,
		&why) < 0 ||
	    file_read_all(dir, backup_digest_name, DIGEST_FILE_MAX, &line,
		&why) < 0)
		error_set_id(err, "E5040",
		    why.code == ERROR_NOT_FOUND ? ERROR_NOT_FOUND
						: ERROR_MALFORMED,
		    "%s", why.text);
	else if (backup_manifest_decode(json.data, json.len, manifest, err) ==
	    0)
		rc = check_digest(manifest, &line, err);
	file_close(dir);
	bytes_free(&json);
	bytes_free(&line);
	return rc < 0 ? error_prefix(err, "%s", path) : 0;
}

/* One copy of a backup's files. */
struct copying {
	const struct backup_manifest *manifest;
	int from, to;
	uint8_t *chunk;
	struct sha256 *sha;
	backup_fault_fn tell;
	void *ctx;
	const char *folder; /* being listed: "" or "segments/" */
};

/* Full of what was there, so that blocks of a restored store have room. */
static int
copy_bytes(struct copying *copying, int from, int to, uint64_t *ret_len,
    struct error *err)
{
	uint64_t at = 0;
	size_t len;

	do {
		if (file_read_at(from, copying->chunk, CHUNK, at, &len, err) <
			0 ||
		    file_write_at(to, copying->chunk, len, at, err) < 0)
			return -1;
		sha256_update(copying->sha, copying->chunk, len);
		at += len;
	} while (len == CHUNK);
	*ret_len = at;
	return file_sync(to, err);
}

static int
copy_file(struct copying *copying, const struct store_file *file,
    struct error *err)
{
	struct error missing = { 0 };
	struct digest digest;
	uint64_t len = 0;
	int from = -1, to = -1;
	int rc;

	if (file_open(copying->from, file->name, FILE_READ, &from, &missing) <
	    0) {
		copying->tell(copying->ctx, file->name, missing.text);
		return 0;
	}
	rc = file_open(copying->to, file->name, FILE_CREATE, &to, err);
	if (rc == 0)
		rc = copy_bytes(copying, from, to, &len, err);
	sha256_final(copying->sha, &digest);
	file_close(from);
	file_close(to);
	if (rc < 0)
		return -1;
	if (len != file->length)
		copying->tell(copying->ctx, file->name,
		    "has another length than the manifest says");
	else if (!digest_equal(&digest, &file->digest))
		copying->tell(copying->ctx, file->name,
		    "is not what was written");
	return 0;
}

static bool
is_listed(const struct backup_manifest *manifest, const char *name)
{
	if (text_equal(name, backup_manifest_name) ||
	    text_equal(name, backup_digest_name) ||
	    text_equal(name, segments_name))
		return true;
	for (size_t i = 0; i < manifest->file_count; i++)
		if (text_equal(manifest->files[i].name, name))
			return true;
	return false;
}

static int
visit(void *ctx, const char *name, struct error *err)
{
	struct copying *copying = ctx;
	struct bytes whole = { 0 };

	(void)err;
	bytes_put_format(&whole, "%s%s", copying->folder, name);
	bytes_put_u8(&whole, '\0');
	if (!whole.failed &&
	    !is_listed(copying->manifest, (const char *)whole.data))
		copying->tell(copying->ctx, (const char *)whole.data,
		    "is not in the manifest");
	bytes_free(&whole);
	return 0;
}

static int
look_for_others(struct copying *copying, struct error *err)
{
	struct error missing = { 0 };
	int segments = -1;
	int rc;

	copying->folder = "";
	if (file_list(copying->from, visit, copying, err) < 0)
		return -1;
	/* Its files are missing then, which was told. */
	if (file_open_dir_at(copying->from, segments_name, &segments,
		&missing) < 0)
		return 0;
	copying->folder = "segments/";
	rc = file_list(segments, visit, copying, err);
	file_close(segments);
	return rc;
}

static int
sync_folders(struct copying *copying, struct error *err)
{
	int segments = -1;
	int rc = -1;

	if (file_open_dir_at(copying->to, segments_name, &segments, err) == 0 &&
	    file_sync(segments, err) == 0)
		rc = file_sync(copying->to, err);
	file_close(segments);
	return rc;
}

int
backup_folder_copy(const char *from, const char *to,
    const struct backup_manifest *manifest, backup_fault_fn tell, void *ctx,
    struct error *err)
{
	struct copying copying = { .manifest = manifest,
		.from = -1,
		.to = -1,
		.chunk = malloc(CHUNK),
		.tell = tell,
		.ctx = ctx };
	int rc = -1;

	if (copying.chunk == NULL)
		error_set_memory(err);
	else if (sha256_new(&copying.sha, err) == 0 &&
	    file_open_dir(from, &copying.from, err) == 0 &&
	    file_open_dir(to, &copying.to, err) == 0 &&
	    file_make_dir(copying.to, segments_name, err) == 0)
		rc = 0;
	for (size_t i = 0; i < manifest->file_count && rc == 0; i++)
		rc = copy_file(&copying, &manifest->files[i], err);
	if (rc == 0)
		rc = look_for_others(&copying, err);
	if (rc == 0)
		rc = sync_folders(&copying, err);
	file_close(copying.from);
	file_close(copying.to);
	sha256_free(copying.sha);
	free(copying.chunk);
	return rc;
}

/* ---- removing -------------------------------------------------------- */

static int
remove_one(void *ctx, const char *name, struct error *err)
{
	(void)err;
	/* Files alone: a folder is an error that does not matter. */
	(void)unlinkat(*(const int *)ctx, name, 0);
	return 0;
}

void
backup_folder_remove(const char *path)
{
	struct error ignored = { 0 };
	int dir = -1, segments = -1;

	if (file_open_dir(path, &dir, &ignored) < 0)
		return;
	if (file_open_dir_at(dir, segments_name, &segments, &ignored) == 0)
		(void)(file_list(segments, remove_one, &segments, &ignored) <
		    0);
	file_close(segments);
	(void)unlinkat(dir, segments_name, AT_REMOVEDIR);
	(void)(file_list(dir, remove_one, &dir, &ignored) < 0);
	file_close(dir);
	(void)rmdir(path);
}
