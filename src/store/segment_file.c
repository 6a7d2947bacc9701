/*
 * The files: NNNNNNNN.seg, complete; NNNNNNNN.new, being made, removed at the
 * next start; probe, removed at once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "store/segment_internal.h"
#include "sys/file.h"

enum {
	DEFAULT_MIB = 64,
	MIB = 1024 * 1024,
	HEAD_LEN = 8 + 4 + 4 + 4, /* of block 0, then its digest, then zeros */
	SEGMENTS_MAX = 1 << 20,
};

static const uint8_t magic[8] = "YZSEGMT1";
static const char probe_name[] = "probe";

static void
name_of(uint32_t number, const char *suffix, char to[SEGMENT_NAME_SIZE])
{
	snprintf(to, SEGMENT_NAME_SIZE, "%08x.%s", number, suffix);
}

/* The number of a complete segment's name; 0 for any other name. */
static uint32_t
number_of(const char *name)
{
	uint8_t bytes[4];
	char digits[9];
	struct cursor cursor;

	if (strlen(name) != 12 || !text_ends(name, ".seg") ||
	    !text_copy_len(digits, sizeof(digits), name, 8) ||
	    !hex_parse(digits, bytes, sizeof(bytes)))
		return 0;
	cursor = cursor_of(bytes, sizeof(bytes));
	return cursor_u32(&cursor);
}

static int
visit_name(void *context, const char *name, struct error *err)
{
	struct segments *segments = context;
	uint32_t number = number_of(name);

	if (text_ends(name, ".new") || text_equal(name, probe_name))
		return file_remove(segments->dir, name, err);
	if (number > SEGMENTS_MAX)
		return error_set_id(err, "E5002", ERROR_MALFORMED,
		    "segment file %s has a number too high", name);
	if (number > segments->count)
		segments->count = number;
	return 0;
}

static int
put_head(uint32_t number, uint32_t blocks, struct bytes *to, struct error *err)
{
	struct digest digest;

	bytes_put(to, magic, sizeof(magic));
	bytes_put_u32(to, number);
	bytes_put_u32(to, blocks);
	bytes_put_u32(to, PAYLOAD_BLOCK);
	if (bytes_failed(to, err) < 0)
		return -1;
	sha256(to->data, to->len, &digest);
	bytes_put(to, digest.bytes, sizeof(digest.bytes));
	return bytes_failed(to, err);
}

static int
open_file(const struct segments *segments, const char *name, int *ret_fd,
    struct error *err)
{
	return segments->is_direct
	    ? file_open_direct(segments->dir, name, FILE_WRITE, ret_fd, err)
	    : file_open(segments->dir, name, FILE_WRITE, ret_fd, err);
}

/*
 * Take up an existing file.  One that is missing or damaged stays as it is,
 * with fd -1: its payloads are lost, the rest of the store goes on.
 */
static int
adopt(struct segments *segments, uint32_t number, uint8_t *block,
    struct error *err)
{
	struct segment *segment = &segments->list[number - 1];
	struct error ignored = { 0 };
	char name[SEGMENT_NAME_SIZE];
	struct bytes head = { 0 };
	uint64_t len = 0;
	size_t got = 0;
	int fd = -1;
	int rc = 0;

	name_of(number, "seg", name);
	if (open_file(segments, name, &fd, &ignored) < 0 ||
	    file_size(fd, &len, &ignored) < 0 ||
	    file_read_at(fd, block, PAYLOAD_BLOCK, 0, &got, &ignored) < 0)
		goto done;
	segment->blocks = (uint32_t)(len / PAYLOAD_BLOCK);
	rc = put_head(number, segment->blocks, &head, err);
	if (rc < 0 || got != PAYLOAD_BLOCK || len % PAYLOAD_BLOCK != 0 ||
	    memcmp(block, head.data, head.len) != 0)
		goto done;
	rc = segment_space_new(segment, err);
	if (rc < 0)
		goto done;
	segment->fd = fd;
	fd = -1;
done:
	file_close(fd);
	bytes_free(&head);
	return rc;
}

/* True if what is written directly comes back. */
static bool
probe(int dir, uint8_t *block)
{
	struct error ignored = { 0 };
	size_t got = 0;
	int made = -1, fd = -1;
	bool is_good = false;

	for (size_t i = 0; i < PAYLOAD_BLOCK; i++)
		block[i] = (uint8_t)(i * 7 + i / 256);
	if (file_open(dir, probe_name, FILE_CREATE, &made, &ignored) < 0 ||
	    file_open_direct(dir, probe_name, FILE_WRITE, &fd, &ignored) < 0 ||
	    file_write_at(fd, block, PAYLOAD_BLOCK, 0, &ignored) < 0)
		goto done;
	memset(block, 0, PAYLOAD_BLOCK);
	if (file_read_at(fd, block, PAYLOAD_BLOCK, 0, &got, &ignored) < 0 ||
	    got != PAYLOAD_BLOCK)
		goto done;
	is_good = true;
	for (size_t i = 0; i < PAYLOAD_BLOCK; i++)
		if (block[i] != (uint8_t)(i * 7 + i / 256))
			is_good = false;
done:
	file_close(made);
	file_close(fd);
	return is_good;
}

int
segment_files_open(struct segments *segments, struct error *err)
{
	uint8_t *block = segments->run; /* not in use yet */
	uint32_t wanted = segments->options.first_count;

	if (file_list(segments->dir, visit_name, segments, err) < 0)
		return -1;
	if (!segments->options.buffered)
		segments->is_direct = probe(segments->dir, block);
	if (file_remove(segments->dir, probe_name, err) < 0)
		return -1;

	segments->list = calloc(segments->count + 1, sizeof(*segments->list));
	if (segments->list == NULL)
		return error_set_memory(err);
	for (uint32_t i = 0; i < segments->count; i++)
		segments->list[i].fd = -1;
	for (uint32_t i = 0; i < segments->count; i++)
		if (adopt(segments, i + 1, block, err) < 0)
			return -1;
	while (segments->count < (wanted == 0 ? 1 : wanted))
		if (segment_file_make(segments, err) < 0)
			return -1;
	return 0;
}

/*
 * Write every byte: on ext4 and XFS, overwriting written blocks is several
 * times faster than the first write to reserved ones.  Directly, where that
 * works: copied into the page cache, the zeros cost the processor more than
 * the payloads that will lie there.
 */
static int
write_zeros(const struct segments *segments, const char *draft, uint64_t len,
    struct error *err)
{
	uint8_t *zeros = aligned_alloc(FILE_DIRECT_ALIGN, MIB);
	int fd = -1;
	int rc = -1;

	if (zeros == NULL)
		return error_set_memory(err);
	memset(zeros, 0, MIB);
	if (open_file(segments, draft, &fd, err) < 0)
		goto done;
	for (uint64_t at = 0; at < len; at += MIB)
		if (file_write_at(fd, zeros, MIB, at, err) < 0)
			goto done;
	rc = 0;
done:
	file_close(fd);
	free(zeros);
	return rc;
}

static int
fill(const struct segments *segments, const char *draft, int fd,
    uint32_t number, uint64_t len, struct error *err)
{
	struct bytes head = { 0 };
	int rc = -1;

	if (file_allocate(fd, len, err) < 0 ||
	    write_zeros(segments, draft, len, err) < 0 ||
	    put_head(number, (uint32_t)(len / PAYLOAD_BLOCK), &head, err) < 0 ||
	    file_write_at(fd, head.data, head.len, 0, err) < 0)
		goto done;
	rc = file_sync(fd, err);
done:
	bytes_free(&head);
	return rc;
}

static int
add_slot(struct segments *segments, struct error *err)
{
	struct segment *list =
	    realloc(segments->list, (segments->count + 1) * sizeof(*list));

	if (list == NULL)
		return error_set_memory(err);
	segments->list = list;
	list[segments->count] = (struct segment){ .fd = -1 };
	return 0;
}

static int
check_room(const struct segments *segments, uint64_t len, struct error *err)
{
	uint64_t reserve = (uint64_t)segments->options.reserve_mib * MIB;
	enum file_system kind;
	uint64_t room;

	if (reserve == 0)
		return 0;
	if (file_system_of(segments->dir, &kind, &room, err) < 0)
		return -1;
	if (room >= len + reserve)
		return 0;
	return error_set_id(err, "E5001", ERROR_BUSY,
	    "%llu MiB are free; a segment takes %llu and leaves %u to the rows",
	    (unsigned long long)(room / MIB), (unsigned long long)(len / MIB),
	    segments->options.reserve_mib);
}

int
segment_file_make(struct segments *segments, struct error *err)
{
	uint32_t mib = segments->options.segment_mib;
	uint64_t len = (uint64_t)(mib == 0 ? DEFAULT_MIB : mib) * MIB;
	uint32_t max = segments->options.count_max;
	uint32_t number = segments->count + 1;
	char draft[SEGMENT_NAME_SIZE], name[SEGMENT_NAME_SIZE];
	struct segment segment = { .fd = -1,
		.blocks = (uint32_t)(len / PAYLOAD_BLOCK) };
	struct error ignored = { 0 };
	int fd = -1;
	int rc = -1;

	if (number > SEGMENTS_MAX || (max != 0 && number > max))
		return error_set_id(err, "E5001", ERROR_BUSY,
		    "all %u segments are full", segments->count);
	if (check_room(segments, len, err) < 0 || add_slot(segments, err) < 0)
		return -1;
	name_of(number, "new", draft);
	name_of(number, "seg", name);
	if (file_open(segments->dir, draft, FILE_CREATE, &fd, err) < 0)
		goto done;
	if (fill(segments, draft, fd, number, len, err) < 0)
		goto done;
	if (file_rename(segments->dir, draft, segments->dir, name, err) < 0)
		goto done;
	if (open_file(segments, name, &segment.fd, err) < 0)
		goto done;
	if (segment_space_new(&segment, err) < 0)
		goto done;
	segments->list[segments->count++] = segment;
	segment.fd = -1;
	rc = 0;
done:
	file_close(fd);
	file_close(segment.fd);
	if (rc < 0) {
		/* Also the complete name: it counts only from the next start */
		if (file_remove(segments->dir, draft, &ignored) == 0 &&
		    file_remove(segments->dir, name, &ignored) == 0)
			error_prefix(err, "making segment %s", name);
		if (error_is_temporary(err))
			memcpy(err->id, "E5001", sizeof("E5001"));
	}
	return rc;
}
