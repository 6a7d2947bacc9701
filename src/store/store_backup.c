#include "store/store_backup.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "store/payload.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store_internal.h"
#include "sys/file.h"

enum {
	WORD_BITS = 64,
	CHUNK = 1024 * 1024,
	CHUNK_BLOCKS = CHUNK / PAYLOAD_BLOCK,
	SEGMENTS_MAX = 1 << 20,
	BLOCKS_MAX = 1 << 20, /* the largest segment that can be configured */
};

static const char rows_name[] = "rows.db";
static const char folder[] = "segments";

const char store_beside_casework[] = "casework.db";
const char store_beside_folder[] = "releases";

/* Lines to which is only added: what is there when they are copied. */
static const struct {
	const char *name, *place;
} beside_files[] = {
	{ "releases.history", "releases/history" },
	{ "releases.history.1", "releases/history.1" },
};
enum { BESIDE_FILE_MAX = 4 << 20 };

/* The blocks of one segment that a row names. */
struct map {
	uint64_t *bits;
	uint32_t blocks; /* room in `bits` */
	bool has_file;
};

struct copying {
	const struct store_backup_options *options;
	int from, to; /* folders of the segments */
	int to_dir;
	struct map *maps; /* segment n is maps[n - 1] */
	uint32_t count;
	uint8_t *chunk;
};

/* ---- which blocks are in use ----------------------------------------- */

static int
reach(struct copying *copying, uint32_t number, struct error *err)
{
	struct map *maps;

	if (number <= copying->count)
		return 0;
	maps = realloc(copying->maps, number * sizeof(*maps));
	if (maps == NULL)
		return error_set_memory(err);
	memset(maps + copying->count, 0,
	    (number - copying->count) * sizeof(*maps));
	copying->maps = maps;
	copying->count = number;
	return 0;
}

/* Extents that cannot be are those of a lost payload: nothing to copy. */
static int
mark(struct copying *copying, const struct payload_extent *extent,
    struct error *err)
{
	uint64_t end = (uint64_t)extent->block + extent->blocks;
	struct map *map;

	if (extent->segment == 0 || extent->segment > SEGMENTS_MAX ||
	    end > BLOCKS_MAX)
		return 0;
	if (reach(copying, extent->segment, err) < 0)
		return -1;
	map = &copying->maps[extent->segment - 1];
	if (end > map->blocks) {
		size_t old = map->blocks / WORD_BITS;
		size_t size = (size_t)(end + CHUNK_BLOCKS - 1) / CHUNK_BLOCKS *
		    (CHUNK_BLOCKS / WORD_BITS);
		uint64_t *bits = realloc(map->bits, size * sizeof(*bits));

		if (bits == NULL)
			return error_set_memory(err);
		memset(bits + old, 0, (size - old) * sizeof(*bits));
		map->bits = bits;
		map->blocks = (uint32_t)(size * WORD_BITS);
	}
	for (uint32_t i = extent->block; i < end; i++)
		map->bits[i / WORD_BITS] |= UINT64_C(1) << i % WORD_BITS;
	return 0;
}

static int
mark_all(struct copying *copying, struct error *err)
{
	struct query *query = NULL;
	int more;

	if (query_begin(copying->options->rows,
		"SELECT number, label, length, digest, extents FROM payload",
		&query, err) < 0)
		return -1;
	while ((more = query_next(query, err)) > 0) {
		struct payload payload = { 0 };
		struct error lost = { 0 };
		int rc = 0;

		if (store_payload_read(query, &payload, &lost) == 0)
			for (size_t i = 0; i < payload.extent_count && rc == 0;
			     i++)
				rc = mark(copying, &payload.extents[i], err);
		payload_free(&payload);
		if (rc < 0) {
			more = -1;
			break;
		}
	}
	query_end(query);
	return more;
}

static bool
is_used(const struct map *map, uint64_t block)
{
	/* The first block says which segment it is. */
	return block == 0 ||
	    (block < map->blocks &&
		(map->bits[block / WORD_BITS] >> block % WORD_BITS & 1) != 0);
}

/* ---- rows ------------------------------------------------------------ */

static int
tell(struct copying *copying, const char *name, uint64_t length,
    struct sha256 *sha, struct error *err)
{
	struct store_file file = { .length = length };

	text_copy(file.name, sizeof(file.name), name);
	sha256_final(sha, &file.digest);
	return copying->options->tell(copying->options->ctx, &file, err);
}

static int
step(struct copying *copying, uint64_t bytes, struct error *err)
{
	return copying->options->step(copying->options->ctx, bytes, err);
}

static int
step_rows(void *ctx, uint64_t bytes, struct error *err)
{
	return step(ctx, bytes, err);
}

/* Also the check that what was written can be read. */
static int
digest_rows(struct copying *copying, const char *name, struct sha256 *sha,
    struct error *err)
{
	uint64_t at = 0;
	size_t len = 1;
	int fd = -1;

	if (file_open(copying->to_dir, name, FILE_WRITE, &fd, err) < 0)
		return -1;
	while (len > 0) {
		if (file_read_at(fd, copying->chunk, CHUNK, at, &len, err) <
			0 ||
		    step(copying, 0, err) < 0) {
			file_close(fd);
			return -1;
		}
		sha256_update(sha, copying->chunk, len);
		at += len;
	}
	if (file_sync(fd, err) < 0) {
		file_close(fd);
		return -1;
	}
	file_close(fd);
	return tell(copying, name, at, sha, err);
}

static int
copy_beside(struct copying *copying, struct sha256 *sha, struct error *err)
{
	const struct store_beside *beside = &copying->options->beside;
	struct error ignored = { 0 };
	char path[PATH_MAX];
	int rc;

	if (beside->rows == NULL)
		return 0;
	if (snprintf(path, sizeof(path), "%s/%s", copying->options->to,
		beside->name) >= (int)sizeof(path))
		return error_set(err, ERROR_MALFORMED, "path too long");
	if (rows_run(beside->rows, "SAVEPOINT backup", err) < 0)
		return -1;
	rc = rows_backup(beside->rows, path, step_rows, copying, err);
	if (rows_run(beside->rows, "RELEASE backup", &ignored) < 0)
		rows_rollback(beside->rows);
	return rc < 0 ? -1 : digest_rows(copying, beside->name, sha, err);
}

static int
copy_beside_file(struct copying *copying, int from, const char *name,
    const char *place, struct sha256 *sha, struct error *err)
{
	struct bytes lines = { 0 };
	struct error missing = { 0 };
	int rc = file_read_all(from, place, BESIDE_FILE_MAX, &lines, &missing);

	if (rc == 0) {
		sha256_update(sha, lines.data, lines.len);
		rc = file_replace(copying->to_dir, name, lines.data, lines.len,
			 err) < 0
		    ? -1
		    : tell(copying, name, lines.len, sha, err);
	} else if (missing.code == ERROR_NOT_FOUND) {
		rc = 0;
	} else {
		*err = missing;
	}
	bytes_free(&lines);
	return rc;
}

static int
copy_beside_files(struct copying *copying, struct sha256 *sha,
    struct error *err)
{
	int from = -1;
	int rc = file_open_dir(copying->options->from, &from, err);

	for (size_t i = 0; i < ARRAY_LEN(beside_files) && rc == 0; i++)
		rc = copy_beside_file(copying, from, beside_files[i].name,
		    beside_files[i].place, sha, err);
	file_close(from);
	return rc;
}

/* Rows, and which blocks they name, in one snapshot. */
static int
copy_rows(struct copying *copying, struct sha256 *sha, struct error *err)
{
	struct rows *rows = copying->options->rows;
	struct error ignored = { 0 };
	char path[PATH_MAX];
	int rc = -1;

	if (snprintf(path, sizeof(path), "%s/%s", copying->options->to,
		rows_name) >= (int)sizeof(path))
		return error_set(err, ERROR_MALFORMED, "path too long");
	if (rows_run(rows, "SAVEPOINT backup", err) < 0)
		return -1;
	if (mark_all(copying, err) == 0 &&
	    (copying->options->look == NULL ||
		copying->options->look(copying->options->ctx, rows, err) ==
		    0) &&
	    rows_backup(rows, path, step_rows, copying, err) == 0)
		rc = 0;
	if (rows_run(rows, "RELEASE backup", &ignored) < 0)
		rows_rollback(rows);
	return rc < 0 ? -1 : digest_rows(copying, rows_name, sha, err);
}

/* ---- segments -------------------------------------------------------- */

/* The number of a segment's name, 0 for another name. */
static uint32_t
number_of(const char *name)
{
	uint32_t number = 0;

	for (int i = 0; i < 8; i++) {
		char c = name[i];

		if (c >= '0' && c <= '9')
			number = number << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			number = number << 4 | (uint32_t)(c - 'a' + 10);
		else
			return 0;
	}
	return text_equal(name + 8, ".seg") && number <= SEGMENTS_MAX ? number
								      : 0;
}

const char *
store_file_place(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(beside_files); i++)
		if (text_equal(name, beside_files[i].name))
			return beside_files[i].place;
	return name;
}

bool
store_file_name_is_good(const char *name)
{
	if (store_file_place(name) != name)
		return true;
	if (text_equal(name, rows_name) ||
	    text_equal(name, store_beside_casework))
		return true;
	return text_starts(name, "segments/") &&
	    number_of(name + strlen("segments/")) != 0;
}

static int
visit(void *ctx, const char *name, struct error *err)
{
	struct copying *copying = ctx;
	uint32_t number = number_of(name);

	if (number == 0)
		return 0;
	if (reach(copying, number, err) < 0)
		return -1;
	copying->maps[number - 1].has_file = true;
	return 0;
}

/* Whether the chunk has anything; what nobody names in it becomes zeros. */
static bool
clean_chunk(struct copying *copying, const struct map *map, uint64_t block,
    size_t len)
{
	bool has_any = false;

	for (size_t at = 0; at < len; at += PAYLOAD_BLOCK, block++) {
		if (is_used(map, block))
			has_any = true;
		else
			memset(copying->chunk + at, 0,
			    len - at < PAYLOAD_BLOCK ? len - at
						     : PAYLOAD_BLOCK);
	}
	return has_any;
}

static bool
has_used(const struct map *map, uint64_t block)
{
	for (uint64_t i = block; i < block + CHUNK_BLOCKS; i++)
		if (is_used(map, i))
			return true;
	return false;
}

static int
copy_chunk(struct copying *copying, const struct map *map, int from, int to,
    uint64_t at, size_t len, struct error *err)
{
	uint64_t block = at / PAYLOAD_BLOCK;
	size_t got = len;

	if (!has_used(map, block)) {
		memset(copying->chunk, 0, len);
		return 0;
	}
	if (file_read_at(from, copying->chunk, len, at, &got, err) < 0)
		return -1;
	memset(copying->chunk + got, 0, len - got);
	if (clean_chunk(copying, map, block, len) &&
	    file_write_at(to, copying->chunk, len, at, err) < 0)
		return -1;
	return step(copying, len, err);
}

static int
copy_chunks(struct copying *copying, const struct map *map, int from, int to,
    uint64_t size, struct sha256 *sha, struct error *err)
{
	static const uint8_t zero[1];

	/* The last byte makes the file as long as the segment. */
	if (size > 0 && file_write_at(to, zero, 1, size - 1, err) < 0)
		return -1;
	for (uint64_t at = 0; at < size; at += CHUNK) {
		size_t len = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

		if (copy_chunk(copying, map, from, to, at, len, err) < 0)
			return -1;
		sha256_update(sha, copying->chunk, len);
	}
	return file_sync(to, err);
}

static int
copy_segment(struct copying *copying, uint32_t number, struct sha256 *sha,
    struct error *err)
{
	char name[STORE_FILE_NAME_SIZE];
	const char *file = name + sizeof(folder);
	int from = -1, to = -1;
	uint64_t size = 0;
	int rc = -1;

	snprintf(name, sizeof(name), "%s/%08x.seg", folder, number);
	if (file_open(copying->from, file, FILE_READ, &from, err) == 0 &&
	    file_size(from, &size, err) == 0 &&
	    file_open(copying->to, file, FILE_CREATE, &to, err) == 0)
		rc = copy_chunks(copying, &copying->maps[number - 1], from, to,
		    size, sha, err);
	file_close(from);
	file_close(to);
	return rc < 0 ? error_prefix(err, "%s", name)
		      : tell(copying, name, size, sha, err);
}

static int
copy_segments(struct copying *copying, struct sha256 *sha, struct error *err)
{
	int from = -1;
	int rc = -1;

	if (file_open_dir(copying->options->from, &from, err) == 0 &&
	    file_open_dir_at(from, folder, &copying->from, err) == 0 &&
	    file_make_dir(copying->to_dir, folder, err) == 0 &&
	    file_open_dir_at(copying->to_dir, folder, &copying->to, err) == 0 &&
	    file_list(copying->from, visit, copying, err) == 0)
		rc = 0;
	file_close(from);
	for (uint32_t i = 0; i < copying->count && rc == 0; i++)
		if (copying->maps[i].has_file)
			rc = copy_segment(copying, i + 1, sha, err);
	/* The names of the files. */
	return rc < 0 || file_sync(copying->to, err) < 0 ? -1 : 0;
}

int
store_backup(const struct store_backup_options *options, struct error *err)
{
	struct copying copying = { .options = options,
		.from = -1,
		.to = -1,
		.to_dir = -1,
		.chunk = malloc(CHUNK) };
	struct sha256 *sha = NULL;
	int rc = -1;

	if (copying.chunk == NULL)
		error_set_memory(err);
	else if (sha256_new(&sha, err) == 0 &&
	    file_open_dir(options->to, &copying.to_dir, err) == 0 &&
	    copy_beside(&copying, sha, err) == 0 &&
	    copy_beside_files(&copying, sha, err) == 0 &&
	    copy_rows(&copying, sha, err) == 0)
		rc = copy_segments(&copying, sha, err);
	for (uint32_t i = 0; i < copying.count; i++)
		free(copying.maps[i].bits);
	free(copying.maps);
	free(copying.chunk);
	sha256_free(sha);
	file_close(copying.from);
	file_close(copying.to);
	file_close(copying.to_dir);
	return rc;
}
