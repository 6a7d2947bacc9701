#include "store/store_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "store/leaves.h"
#include "store/payload.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"
#include "sys/file.h"

enum { CACHED_MAX = 16, PATH_SIZE = 4096, SEGMENTS_MAX = 65536 };

/* A payload that is being read, and its last frame. */
struct cached {
	struct payload payload;
	uint64_t frame;
	size_t frame_len; /* of its data; 0: none is held */
	uint64_t used_at; /* for choosing the oldest */
	uint8_t *data;    /* PAYLOAD_FRAME bytes */
};

struct store_view {
	struct rows *rows;
	struct leaves *leaves;
	int segments_dir;
	int *segment_fds; /* by number - 1; -1: not open yet */
	size_t segment_count;
	struct cached cached[CACHED_MAX];
	uint64_t clock;
};

int
store_view_open(const struct store_view_options *options,
    struct store_view **ret_view, struct error *err)
{
	struct store_view *view = calloc(1, sizeof(*view));
	struct store_options store = { .dir = options->dir,
		.application_id = options->application_id,
		.migrations = options->migrations,
		.migration_count = options->migration_count,
		.allow_volatile = true };
	char path[PATH_SIZE];

	if (view == NULL)
		return error_set_memory(err);
	view->segments_dir = -1;
	snprintf(path, sizeof(path), "%s/segments", options->dir);
	if (store_open_reader(&store, &view->rows, err) < 0 ||
	    leaves_open(view->rows, &view->leaves, err) < 0 ||
	    file_open_dir(path, &view->segments_dir, err) < 0) {
		store_view_close(view);
		return -1;
	}
	*ret_view = view;
	return 0;
}

void
store_view_close(struct store_view *view)
{
	if (view == NULL)
		return;
	for (size_t i = 0; i < CACHED_MAX; i++) {
		payload_free(&view->cached[i].payload);
		free(view->cached[i].data);
	}
	for (size_t i = 0; i < view->segment_count; i++)
		file_close(view->segment_fds[i]);
	free(view->segment_fds);
	file_close(view->segments_dir);
	leaves_free(view->leaves);
	rows_close(view->rows);
	free(view);
}

struct rows *
store_view_rows(struct store_view *view)
{
	return view->rows;
}

int
store_view_begin(struct store_view *view, struct error *err)
{
	return query_run(store_view_rows(view), "BEGIN", err);
}

/* Nothing was changed, so there is nothing that could fail to be kept. */
void
store_view_end(struct store_view *view)
{
	struct error ignored = { 0 };

	if (query_run(store_view_rows(view), "COMMIT", &ignored) < 0)
		rows_rollback(store_view_rows(view));
}

int
store_view_leaves(struct store_view *view, struct leaves **ret_leaves,
    struct error *err)
{
	if (leaves_follow(view->leaves, err) < 0)
		return -1;
	*ret_leaves = view->leaves;
	return 0;
}

/* ---- payload --------------------------------------------------------- */

static int
find_payload(struct store_view *view, uint64_t number,
    struct payload *ret_payload, struct error *err)
{
	struct payload payload = { .number = number };
	struct query *query;
	int found;

	if (query_begin(view->rows,
		"SELECT label, length, digest, extents FROM payload"
		" WHERE number = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)number);
	found = query_next(query, err);
	if (found > 0) {
		size_t len;
		const void *extents;

		query_id(query, 0, &payload.label);
		payload.length = (uint64_t)query_int(query, 1);
		query_digest(query, 2, &payload.digest);
		extents = query_data(query, 3, &len);
		if (payload_parse_extents(&payload, extents, len, err) < 0)
			found = -1;
	}
	query_end(query);
	if (found == 0)
		error_set(err, ERROR_NOT_FOUND, "no payload %llu",
		    (unsigned long long)number);
	if (found <= 0) {
		payload_free(&payload);
		return -1;
	}
	*ret_payload = payload;
	return 0;
}

/* The payload's place in the cache, the oldest given up for it; or NULL. */
static struct cached *
find_cached(struct store_view *view, uint64_t number, struct error *err)
{
	struct cached *oldest = &view->cached[0];
	struct payload payload;

	for (size_t i = 0; i < CACHED_MAX; i++) {
		struct cached *cached = &view->cached[i];

		if (cached->payload.number == number) {
			cached->used_at = ++view->clock;
			return cached;
		}
		if (cached->used_at < oldest->used_at)
			oldest = cached;
	}
	if (oldest->data == NULL) {
		oldest->data = malloc(PAYLOAD_FRAME);
		if (oldest->data == NULL) {
			error_set_memory(err);
			return NULL;
		}
	}
	if (find_payload(view, number, &payload, err) < 0)
		return NULL;
	payload_free(&oldest->payload);
	oldest->payload = payload;
	oldest->frame_len = 0;
	oldest->used_at = ++view->clock;
	return oldest;
}

static int
open_segment(struct store_view *view, uint32_t number, int *ret_fd,
    struct error *err)
{
	char name[32];

	if (number == 0 || number > SEGMENTS_MAX)
		return error_set(err, ERROR_MALFORMED, "segment %u", number);
	if (number > view->segment_count) {
		int *fds = realloc(view->segment_fds, number * sizeof(*fds));

		if (fds == NULL)
			return error_set_memory(err);
		view->segment_fds = fds;
		while (view->segment_count < number)
			fds[view->segment_count++] = -1;
	}
	if (view->segment_fds[number - 1] < 0) {
		snprintf(name, sizeof(name), "%08x.seg", number);
		if (file_open(view->segments_dir, name, FILE_READ,
			&view->segment_fds[number - 1], err) < 0) {
			view->segment_fds[number - 1] = -1;
			return -1;
		}
	}
	*ret_fd = view->segment_fds[number - 1];
	return 0;
}

static int
load_frame(struct store_view *view, struct cached *cached, uint64_t frame,
    struct error *err)
{
	const struct payload *payload = &cached->payload;
	struct payload_extent place;
	struct payload_frame_name name;
	size_t len, got;
	int fd = -1;

	cached->frame_len = 0;
	if (payload_locate(payload, frame, &place, err) < 0 ||
	    open_segment(view, place.segment, &fd, err) < 0)
		return -1;
	name = (struct payload_frame_name){ .generation = place.generation,
		.number = payload->number,
		.label = payload->label,
		.frame = frame,
		.segment = place.segment,
		.block = place.block,
		.data_len =
		    (uint32_t)payload_frame_len(payload->length, frame) };
	len = (size_t)payload_frame_blocks(name.data_len) * PAYLOAD_BLOCK;
	if (file_read_at(fd, cached->data, len,
		(uint64_t)place.block * PAYLOAD_BLOCK, &got, err) < 0)
		return -1;
	if (got != len)
		return error_set_id(err, "E5002", ERROR_MALFORMED,
		    "segment %u ends before block %u", place.segment,
		    place.block + place.blocks);
	if (payload_frame_check(&name, cached->data, err) < 0)
		return -1;
	cached->frame = frame;
	cached->frame_len = name.data_len;
	return 0;
}

int
store_view_read(struct store_view *view, uint64_t number, uint64_t offset,
    void *to, size_t size, size_t *ret_len, struct error *err)
{
	uint64_t frame = offset / PAYLOAD_FRAME_DATA;
	size_t skip = (size_t)(offset % PAYLOAD_FRAME_DATA);
	struct cached *cached = find_cached(view, number, err);
	size_t len;

	if (cached == NULL)
		return -1;
	*ret_len = 0;
	if (offset >= cached->payload.length)
		return 0;
	if ((cached->frame_len == 0 || cached->frame != frame) &&
	    load_frame(view, cached, frame, err) < 0) {
		/* It may have been removed and its row be gone by now. */
		cached->payload.number = 0;
		return -1;
	}
	len = cached->frame_len - skip < size ? cached->frame_len - skip : size;
	memcpy(to, cached->data + PAYLOAD_HEADER_LEN + skip, len);
	*ret_len = len;
	return 0;
}
