#include "cli/backup/backup_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/backup/backup_seal.h"
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

/* The name under which the manifest lies. */
static void
name_manifest(const struct backup_key *key, char to[BACKUP_SEALED_NAME_SIZE])
{
	if (key != NULL)
		backup_sealed_name(backup_manifest_name, to);
	else
		text_copy(to, BACKUP_SEALED_NAME_SIZE, backup_manifest_name);
}

/* "<hex>  manifest.json\n", as sha256sum has it. */
static void
put_digest_line(const struct digest *of, const char *name, struct bytes *to)
{
	char digest[DIGEST_TEXT_SIZE];

	digest_format(of, digest);
	bytes_put_format(to, "%s  %s\n", digest, name);
}

static int
encode_manifest(struct backup_manifest *manifest, const struct backup_key *key,
    struct bytes *to, struct error *err)
{
	struct bytes json = { 0 };
	int rc = -1;

	if (key == NULL)
		return backup_manifest_encode(manifest, to, err);
	if (backup_manifest_encode(manifest, &json, err) == 0 &&
	    backup_seal_bytes(key, backup_manifest_name, json.data, json.len,
		to, err) == 0) {
		sha256(to->data, to->len, &manifest->digest);
		rc = 0;
	}
	bytes_free(&json);
	return rc;
}

int
backup_folder_write_manifest(const struct backup_folder *folder,
    const struct backup_key *key, struct backup_manifest *manifest,
    struct error *err)
{
	char name[BACKUP_SEALED_NAME_SIZE];
	struct bytes data = { 0 };
	struct bytes line = { 0 };
	int dir = -1;
	int rc = -1;

	name_manifest(key, name);
	if (encode_manifest(manifest, key, &data, err) == 0)
		put_digest_line(&manifest->digest, name, &line);
	if (err->code == ERROR_NONE && bytes_failed(&line, err) == 0 &&
	    file_open_dir(folder->path, &dir, err) == 0 &&
	    file_replace(dir, name, data.data, data.len, err) == 0)
		rc = file_replace(dir, backup_digest_name, line.data, line.len,
		    err);
	file_close(dir);
	bytes_free(&data);
	bytes_free(&line);
	return rc;
}

/* ---- reading --------------------------------------------------------- */

static int
check_digest(const struct digest *of, const char *name,
    const struct bytes *line, struct error *err)
{
	struct bytes wanted = { 0 };
	bool is_same;

	put_digest_line(of, name, &wanted);
	if (bytes_failed(&wanted, err) < 0)
		return -1;
	is_same = line->len == wanted.len &&
	    memcmp(line->data, wanted.data, line->len) == 0;
	bytes_free(&wanted);
	return is_same
	    ? 0
	    : error_set_id(err, "E5040", ERROR_MALFORMED,
		  "%s is not the one of %s", name, backup_digest_name);
}

static int
take_bytes(void *ctx, const uint8_t *data, size_t len, struct error *err)
{
	struct bytes *to = ctx;

	if (len > BACKUP_MANIFEST_MAX - to->len)
		return error_set(err, ERROR_MALFORMED, "it is too long");
	bytes_put(to, data, len);
	return bytes_failed(to, err);
}

/* Its text, and the digest of what lies there. */
static int
read_manifest(int dir, const struct backup_key *key, const char *name,
    struct bytes *json, struct digest *ret_digest, struct error *err)
{
	struct bytes data = { 0 };
	int fd = -1;
	int rc = file_read_all(dir, name,
	    (size_t)stream_length(BACKUP_MANIFEST_MAX), &data, err);

	if (rc == 0)
		sha256(data.data, data.len, ret_digest);
	if (rc == 0 && key == NULL)
		bytes_put(json, data.data, data.len);
	bytes_free(&data);
	if (rc < 0 || key == NULL)
		return rc < 0 ? -1 : bytes_failed(json, err);
	rc = file_open(dir, name, FILE_READ, &fd, err);
	if (rc == 0)
		rc = backup_open_file(key, backup_manifest_name, fd, take_bytes,
		    json, err);
	file_close(fd);
	return rc;
}

int
backup_folder_read_manifest(const char *path, const struct backup_key *key,
    struct backup_manifest *manifest, struct error *err)
{
	char name[BACKUP_SEALED_NAME_SIZE];
	struct digest digest = { 0 };
	struct bytes json = { 0 };
	struct bytes line = { 0 };
	struct error why = { 0 };
	int dir = -1;
	int rc = -1;

	if (key == NULL && backup_is_sealed(path))
		return error_set_id(err, "E4601", ERROR_DENIED,
		    "%s is encrypted", path);
	name_manifest(key, name);
	if (file_open_dir(path, &dir, err) < 0)
		return -1;
	if (read_manifest(dir, key, name, &json, &digest, &why) < 0 ||
	    file_read_all(dir, backup_digest_name, DIGEST_FILE_MAX, &line,
		&why) < 0)
		error_set_id(err, "E5040",
		    why.code == ERROR_NOT_FOUND ? ERROR_NOT_FOUND
						: ERROR_MALFORMED,
		    "%s: %s", name, why.text);
	else if (check_digest(&digest, name, &line, err) == 0)
		rc = backup_manifest_decode(json.data, json.len, manifest, err);
	if (rc == 0)
		manifest->digest = digest;
	file_close(dir);
	bytes_free(&json);
	bytes_free(&line);
	return rc < 0 ? error_prefix(err, "%s", path) : 0;
}

/* One copy of a backup's files. */
struct copying {
	const struct backup_manifest *manifest;
	const struct backup_key *key; /* NULL: it is not encrypted */
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

/* Where the decrypted bytes of a file go. */
struct opening {
	struct copying *copying;
	int fd;
	uint64_t at;
};

static int
take_opened(void *ctx, const uint8_t *data, size_t len, struct error *err)
{
	struct opening *opening = ctx;

	if (file_write_at(opening->fd, data, len, opening->at, err) < 0)
		return -1;
	sha256_update(opening->copying->sha, data, len);
	opening->at += len;
	return 0;
}

/* What was changed is told, and is no failure of the copying. */
static int
open_bytes(struct copying *copying, const char *name, int from, int to,
    uint64_t *ret_len, struct error *err)
{
	struct opening opening = { copying, to, 0 };

	if (backup_open_file(copying->key, name, from, take_opened, &opening,
		err) < 0) {
		if (err->code != ERROR_UNTRUSTED)
			return -1;
		*err = (struct error){ 0 };
		*ret_len = UINT64_MAX;
		return 0;
	}
	*ret_len = opening.at;
	return file_sync(to, err);
}

static void
tell_difference(struct copying *copying, const struct store_file *file,
    const char *name, uint64_t len, const struct digest *digest)
{
	if (len == UINT64_MAX)
		copying->tell(copying->ctx, name, "is not what was encrypted");
	else if (len != file->length)
		copying->tell(copying->ctx, name,
		    "has another length than the manifest says");
	else if (!digest_equal(digest, &file->digest))
		copying->tell(copying->ctx, name, "is not what was written");
}

static int
copy_file(struct copying *copying, const struct store_file *file,
    struct error *err)
{
	const char *place = store_file_place(file->name);
	char name[BACKUP_SEALED_NAME_SIZE];
	struct error missing = { 0 };
	struct digest digest;
	uint64_t len = 0;
	int from = -1, to = -1;
	int rc = -1;

	if (copying->key != NULL)
		backup_sealed_name(file->name, name);
	else
		text_copy(name, sizeof(name), file->name);
	if (file_open(copying->from, name, FILE_READ, &from, &missing) < 0) {
		copying->tell(copying->ctx, name, missing.text);
		return 0;
	}
	if (place == file->name ||
	    file_make_dir(copying->to, store_beside_folder, err) == 0)
		rc = file_open(copying->to, place, FILE_CREATE, &to, err);
	if (rc == 0)
		rc = copying->key != NULL
		    ? open_bytes(copying, file->name, from, to, &len, err)
		    : copy_bytes(copying, from, to, &len, err);
	sha256_final(copying->sha, &digest);
	file_close(from);
	file_close(to);
	if (rc == 0)
		tell_difference(copying, file, name, len, &digest);
	return rc;
}

static bool
is_name_of(const struct copying *copying, const char *file, const char *name)
{
	char sealed[BACKUP_SEALED_NAME_SIZE];

	if (copying->key == NULL)
		return text_equal(file, name);
	backup_sealed_name(file, sealed);
	return text_equal(sealed, name);
}

static bool
is_listed(const struct copying *copying, const char *name)
{
	const struct backup_manifest *manifest = copying->manifest;

	if (is_name_of(copying, backup_manifest_name, name) ||
	    text_equal(name, backup_digest_name) ||
	    text_equal(name, segments_name) ||
	    (copying->key != NULL && backup_is_key_name(name)))
		return true;
	for (size_t i = 0; i < manifest->file_count; i++)
		if (is_name_of(copying, manifest->files[i].name, name))
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
	if (!whole.failed && !is_listed(copying, (const char *)whole.data))
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

/* The names in a folder of the copy; one that is not there has none. */
static int
sync_folder(struct copying *copying, const char *name, struct error *err)
{
	struct error why = { 0 };
	int dir = -1;
	int rc;

	if (file_open_dir_at(copying->to, name, &dir, &why) < 0) {
		if (why.code == ERROR_NOT_FOUND)
			return 0;
		*err = why;
		return -1;
	}
	rc = file_sync(dir, err);
	file_close(dir);
	return rc;
}

static int
sync_folders(struct copying *copying, struct error *err)
{
	return sync_folder(copying, segments_name, err) < 0 ||
		sync_folder(copying, store_beside_folder, err) < 0
	    ? -1
	    : file_sync(copying->to, err);
}

int
backup_folder_copy(const char *from, const char *to,
    const struct backup_manifest *manifest, const struct backup_key *key,
    backup_fault_fn tell, void *ctx, struct error *err)
{
	struct copying copying = { .manifest = manifest,
		.key = key,
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

static void
remove_below(int dir, const char *name)
{
	struct error ignored = { 0 };
	int below = -1;

	if (file_open_dir_at(dir, name, &below, &ignored) == 0)
		(void)(file_list(below, remove_one, &below, &ignored) < 0);
	file_close(below);
	(void)unlinkat(dir, name, AT_REMOVEDIR);
}

void
backup_folder_remove(const char *path)
{
	struct error ignored = { 0 };
	int dir = -1;

	if (file_open_dir(path, &dir, &ignored) < 0)
		return;
	remove_below(dir, segments_name);
	remove_below(dir, store_beside_folder);
	(void)(file_list(dir, remove_one, &dir, &ignored) < 0);
	file_close(dir);
	(void)rmdir(path);
}
