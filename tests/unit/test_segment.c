#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/sha256.h"
#include "harness/file_fault.h"
#include "harness/scratch.h"
#include "store/segment.h"
#include "sys/file.h"

static const struct id label = { { 1, 2, 3 } };

struct box {
	char path[SCRATCH_PATH_SIZE];
	int dir;
	uint64_t generation;
	struct segments_options options;
	struct segments *segments;
};

static void
reopen(struct box *box)
{
	struct error err = { 0 };

	segments_close(box->segments);
	box->segments = NULL;
	box->generation += 100;
	if (segments_open(box->dir, &box->options, box->generation,
		&box->segments, &err) < 0)
		fail_msg("%s", err.text);
}

static int
set_up(void **state)
{
	struct box *box = calloc(1, sizeof(*box));
	struct error err = { 0 };

	file_fault_clear();
	scratch_make(box->path);
	assert_int_equal(file_open_dir(box->path, &box->dir, &err), 0);
	box->options.segment_mib = 1;
	box->options.reads_disk = true;
	reopen(box);
	*state = box;
	return 0;
}

static int
tear_down(void **state)
{
	struct box *box = *state;

	file_fault_clear();
	segments_close(box->segments);
	file_close(box->dir);
	scratch_remove(box->path);
	free(box);
	return 0;
}

/* Byte `at` of the payload named `number`. */
static uint8_t
byte_of(uint64_t number, size_t at)
{
	return (uint8_t)(number * 31 + at * 7 + at / 251);
}

static uint8_t *
make_data(uint64_t number, size_t len)
{
	uint8_t *data = malloc(len + 1);

	assert_non_null(data);
	for (size_t i = 0; i < len; i++)
		data[i] = byte_of(number, i);
	return data;
}

static int
write_payload(struct box *box, uint64_t number, size_t len,
    struct payload *payload, struct error *err)
{
	struct segment_writer *writer = NULL;
	uint8_t *data = make_data(number, len);
	int rc =
	    segment_writer_new(box->segments, number, &label, &writer, err);

	for (size_t at = 0, part; rc == 0 && at < len; at += part) {
		part = len - at < 5000 ? len - at : 5000;
		rc = segment_writer_put(writer, data + at, part, err);
	}
	free(data);
	if (rc < 0) {
		segment_writer_abort(writer);
		return -1;
	}
	return segment_writer_finish(writer, payload, err);
}

/* 1 if it reads back as it was written, 0 if it differs, -1. */
static int
read_payload(struct box *box, const struct payload *payload, struct error *err)
{
	struct segment_reader *reader = NULL;
	const uint8_t *data = NULL;
	size_t at = 0, len = 0;
	int more, rc = 1;

	assert_int_equal(segment_reader_new(box->segments, payload, &reader,
			     err),
	    0);
	while ((more = segment_reader_next(reader, &data, &len, err)) > 0) {
		for (size_t i = 0; i < len; i++)
			if (data[i] != byte_of(payload->number, at + i))
				rc = 0;
		at += len;
	}
	segment_reader_free(reader);
	if (more < 0)
		return -1;
	return at == payload->length ? rc : 0;
}

static void
check_sizes(struct box *box)
{
	static const size_t sizes[] = { 0, 1,
		PAYLOAD_BLOCK - PAYLOAD_HEADER_LEN,
		PAYLOAD_BLOCK - PAYLOAD_HEADER_LEN + 1, 16384,
		PAYLOAD_FRAME_DATA - 1, PAYLOAD_FRAME_DATA,
		PAYLOAD_FRAME_DATA + 1, 3 * PAYLOAD_FRAME_DATA + 5 };
	struct payload payloads[ARRAY_LEN(sizes)] = { 0 };
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		uint8_t *data = make_data(i + 1, sizes[i]);
		struct digest digest;

		assert_int_equal(write_payload(box, i + 1, sizes[i],
				     &payloads[i], &err),
		    0);
		sha256(data, sizes[i], &digest);
		assert_int_equal(payloads[i].length, sizes[i]);
		assert_true(digest_equal(&digest, &payloads[i].digest));
		free(data);
	}
	assert_int_equal(segments_sync(box->segments, &err), 0);
	reopen(box);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		assert_int_equal(segments_claim(box->segments, &payloads[i],
				     &err),
		    0);
		assert_int_equal(read_payload(box, &payloads[i], &err), 1);
		payload_free(&payloads[i]);
	}
}

static void
payloads_of_all_sizes_read_back(void **state)
{
	check_sizes(*state);
}

static void
buffered_writing_does_the_same(void **state)
{
	struct box *box = *state;
	struct segments_state now;

	box->options.buffered = true;
	reopen(box);
	segments_state(box->segments, &now);
	assert_false(now.is_direct);
	check_sizes(box);
}

static void
without_direct_writes_it_says_so_and_buffers(void **state)
{
	struct box *box = *state;
	struct segments_state now;

	file_fault_set(FILE_FAULT_DIRECT, 0, 100, EINVAL);
	reopen(box);
	segments_state(box->segments, &now);
	assert_false(now.is_direct);
	check_sizes(box);
}

static void
payloads_may_arrive_interleaved(void **state)
{
	enum { COUNT = 5, LEN = 600000 };
	struct box *box = *state;
	struct segment_writer *writers[COUNT] = { 0 };
	struct payload payloads[COUNT] = { 0 };
	struct error err = { 0 };

	for (uint64_t i = 0; i < COUNT; i++)
		assert_int_equal(segment_writer_new(box->segments, i + 1,
				     &label, &writers[i], &err),
		    0);
	for (size_t at = 0; at < LEN; at++)
		for (uint64_t i = 0; i < COUNT; i++) {
			uint8_t byte = byte_of(i + 1, at);

			assert_int_equal(segment_writer_put(writers[i], &byte,
					     1, &err),
			    0);
		}
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(segment_writer_finish(writers[i], &payloads[i],
				     &err),
		    0);

	for (size_t i = 0; i < COUNT; i++) {
		assert_true(payloads[i].extent_count > 1);
		assert_int_equal(read_payload(box, &payloads[i], &err), 1);
		payload_free(&payloads[i]);
	}
}

static void
reading_may_begin_anywhere(void **state)
{
	struct box *box = *state;
	struct segment_reader *reader = NULL;
	struct payload payload = { 0 };
	struct error err = { 0 };
	const uint8_t *data = NULL;
	size_t len = 0;

	assert_int_equal(write_payload(box, 1, 600000, &payload, &err), 0);
	assert_int_equal(segment_reader_new(box->segments, &payload, &reader,
			     &err),
	    0);
	segment_reader_seek(reader, 300001);
	assert_int_equal(segment_reader_next(reader, &data, &len, &err), 1);
	assert_int_equal(data[0], byte_of(1, 300001));
	segment_reader_seek(reader, 600000);
	assert_int_equal(segment_reader_next(reader, &data, &len, &err), 0);
	segment_reader_seek(reader, UINT64_MAX);
	assert_int_equal(segment_reader_next(reader, &data, &len, &err), 0);
	segment_reader_free(reader);
	payload_free(&payload);
}

static void
flip(struct box *box, uint32_t segment, uint64_t offset, int bit)
{
	char name[32];
	uint8_t byte;
	int fd;

	snprintf(name, sizeof(name), "%08x.seg", segment);
	fd = openat(box->dir, name, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, (off_t)offset), 1);
	byte ^= (uint8_t)(1 << bit);
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)offset), 1);
	close(fd);
}

/* T-STO-07: whatever is damaged reads as lost, never as good. */
static void
any_flipped_bit_reads_as_lost(void **state)
{
	struct box *box = *state;
	struct payload payload = { 0 };
	struct error err = { 0 };
	uint64_t start;

	box->options.buffered = true;
	reopen(box);
	assert_int_equal(write_payload(box, 9, 5000, &payload, &err), 0);
	assert_int_equal(segments_sync(box->segments, &err), 0);
	start = (uint64_t)payload.extents[0].block * PAYLOAD_BLOCK;

	for (uint64_t at = 0; at < PAYLOAD_HEADER_LEN + 5000; at++) {
		int bit = (int)(at % 8);

		err = (struct error){ 0 };
		flip(box, payload.extents[0].segment, start + at, bit);
		assert_int_equal(read_payload(box, &payload, &err), -1);
		assert_int_equal(err.code, ERROR_MALFORMED);
		assert_string_equal(err.id, "E5002");
		flip(box, payload.extents[0].segment, start + at, bit);
	}
	assert_int_equal(read_payload(box, &payload, &err), 1);
	payload_free(&payload);
}

static void
another_payload_at_the_place_reads_as_lost(void **state)
{
	struct box *box = *state;
	struct payload mine = { 0 }, other = { 0 };
	struct error err = { 0 };

	assert_int_equal(write_payload(box, 1, 100, &mine, &err), 0);
	segments_free(box->segments, &mine);
	box->options.count_max = 1;
	reopen(box);
	assert_int_equal(write_payload(box, 2, 100, &other, &err), 0);
	assert_int_equal(other.extents[0].block, mine.extents[0].block);

	assert_int_equal(read_payload(box, &mine, &err), -1);
	assert_string_equal(err.id, "E5002");
	payload_free(&mine);
	payload_free(&other);
}

static void
what_was_written_last_is_read_from_memory(void **state)
{
	struct box *box = *state;
	struct payload payload = { 0 };
	struct error err = { 0 };
	uint64_t start;

	box->options.reads_disk = false;
	box->options.buffered = true;
	reopen(box);
	assert_int_equal(write_payload(box, 9, 5000, &payload, &err), 0);
	assert_int_equal(segments_sync(box->segments, &err), 0);
	start = (uint64_t)payload.extents[0].block * PAYLOAD_BLOCK;
	flip(box, payload.extents[0].segment, start, 0);
	assert_int_equal(read_payload(box, &payload, &err), 1);

	reopen(box);
	assert_int_equal(read_payload(box, &payload, &err), -1);
	payload_free(&payload);
}

/* Blocks change hands between small frames and large ones, many times over. */
static void
memory_never_shows_what_stood_there_before(void **state)
{
	static const size_t lens[] = { 100, 100000, 100000, 250000, 5000,
		130000 };
	struct box *box = *state;
	struct payload before = { 0 };
	struct error err = { 0 };

	box->options.reads_disk = false;
	box->options.count_max = 1;
	reopen(box);
	for (uint64_t i = 1; i <= 600; i++) {
		struct payload payload = { 0 };

		if (write_payload(box, i, lens[i % 6], &payload, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(read_payload(box, &payload, &err), 1);
		if (i > 1) {
			assert_int_equal(read_payload(box, &before, &err), 1);
			segments_free(box->segments, &before);
			payload_free(&before);
		}
		before = payload;
	}
	payload_free(&before);
}

static uint64_t
used(const struct box *box)
{
	struct segments_state now;

	segments_state(box->segments, &now);
	return now.blocks_used;
}

static void
freed_blocks_are_used_again(void **state)
{
	struct box *box = *state;
	struct error err = { 0 };

	box->options.count_max = 1;
	reopen(box);
	for (uint64_t i = 1; i <= 50; i++) {
		struct payload payload = { 0 };

		assert_int_equal(write_payload(box, i, 700000, &payload, &err),
		    0);
		assert_int_equal(read_payload(box, &payload, &err), 1);
		segments_free(box->segments, &payload);
		payload_free(&payload);
		assert_int_equal(used(box), 0);
	}
}

static void
a_lease_keeps_freed_blocks(void **state)
{
	struct box *box = *state;
	struct segment_lease *lease = NULL, *later = NULL;
	struct payload payload = { 0 }, other = { 0 };
	struct error err = { 0 };

	box->options.count_max = 1;
	reopen(box);
	assert_int_equal(write_payload(box, 1, 700000, &payload, &err), 0);
	assert_int_equal(segment_lease_take(box->segments, &lease, &err), 0);
	segments_free(box->segments, &payload);
	assert_int_equal(segment_lease_take(box->segments, &later, &err), 0);

	assert_int_equal(write_payload(box, 2, 700000, &other, &err), -1);
	assert_true(error_is_temporary(&err));
	assert_int_equal(read_payload(box, &payload, &err), 1);

	/* The later lease began after the blocks were free. */
	segment_lease_drop(lease);
	assert_int_equal(write_payload(box, 2, 700000, &other, &err), 0);
	segment_lease_drop(later);
	assert_int_equal(read_payload(box, &other, &err), 1);
	payload_free(&payload);
	payload_free(&other);
}

static void
an_aborted_payload_leaves_nothing(void **state)
{
	struct box *box = *state;
	struct segment_writer *writer = NULL;
	uint8_t *data = make_data(1, 600000);
	struct error err = { 0 };

	assert_int_equal(segment_writer_new(box->segments, 1, &label, &writer,
			     &err),
	    0);
	assert_int_equal(segment_writer_put(writer, data, 600000, &err), 0);
	assert_true(used(box) > 0);

	segment_writer_abort(writer);

	assert_int_equal(used(box), 0);
	free(data);
}

/* A gathered frame of a dead payload must not destroy a later large one. */
static void
what_was_gathered_never_overwrites(void **state)
{
	struct box *box = *state;
	struct payload small = { 0 }, large = { 0 };
	struct error err = { 0 };

	box->options.count_max = 1;
	reopen(box);
	assert_int_equal(write_payload(box, 1, 700000, &large, &err), 0);
	assert_int_equal(write_payload(box, 2, 100, &small, &err), 0);
	segments_free(box->segments, &small);
	segments_free(box->segments, &large);
	payload_free(&small);
	payload_free(&large);
	assert_int_equal(write_payload(box, 3, 250000, &large, &err), 0);
	assert_int_equal(segments_sync(box->segments, &err), 0);
	assert_int_equal(read_payload(box, &large, &err), 1);
	payload_free(&large);
}

static void
a_full_disk_is_temporary(void **state)
{
	struct box *box = *state;
	struct payload first = { 0 }, second = { 0 };
	struct segments_state now;
	struct error err = { 0 };

	assert_int_equal(write_payload(box, 1, 900000, &first, &err), 0);
	file_fault_set(FILE_FAULT_ALLOCATE, 0, 1, ENOSPC);

	assert_int_equal(write_payload(box, 2, 900000, &second, &err), -1);

	assert_true(error_is_temporary(&err));
	assert_string_equal(err.id, "E5001");
	segments_state(box->segments, &now);
	assert_int_equal(now.segments, 1);
	assert_false(now.is_broken);
	assert_int_equal(write_payload(box, 2, 900000, &second, &err), 0);
	assert_int_equal(read_payload(box, &first, &err), 1);
	payload_free(&first);
	payload_free(&second);
}

/* T-STO-08: the kernel forgets the error; we must not. */
static void
after_a_failed_sync_nothing_is_accepted(void **state)
{
	struct box *box = *state;
	struct payload payload = { 0 };
	struct error err = { 0 };

	assert_int_equal(write_payload(box, 1, 100, &payload, &err), 0);
	payload_free(&payload);
	file_fault_set(FILE_FAULT_SYNC, 0, 1, EIO);
	assert_int_equal(segments_sync(box->segments, &err), -1);
	assert_string_equal(err.id, "E5003");

	err = (struct error){ 0 };
	assert_int_equal(segments_sync(box->segments, &err), -1);
	assert_int_equal(err.code, ERROR_SYSTEM);
	assert_int_equal(write_payload(box, 2, 100, &payload, &err), -1);
	assert_int_equal(segments_grow(box->segments, UINT64_MAX, &err), -1);
}

static void
a_failed_write_fails_the_sync_of_its_group(void **state)
{
	struct box *box = *state;
	struct payload payload = { 0 };
	struct error err = { 0 };

	assert_int_equal(write_payload(box, 1, 100, &payload, &err), 0);
	payload_free(&payload);
	file_fault_set(FILE_FAULT_WRITE, 0, 1, ENOSPC);
	assert_int_equal(segments_sync(box->segments, &err), -1);
	assert_true(error_is_temporary(&err));
	/* Asking again must not turn the failure into a success. */
	assert_int_equal(segments_sync(box->segments, &err), -1);

	segments_forget_failure(box->segments);
	assert_int_equal(write_payload(box, 2, 100, &payload, &err), 0);
	assert_int_equal(segments_sync(box->segments, &err), 0);
	assert_int_equal(read_payload(box, &payload, &err), 1);
	payload_free(&payload);
}

/* docs/store.md: "being made". */
static void
a_half_made_segment_is_removed(void **state)
{
	struct box *box = *state;
	struct segments_state now;
	struct error err = { 0 };
	int fd = -1;

	assert_int_equal(file_open(box->dir, "00000002.new", FILE_CREATE, &fd,
			     &err),
	    0);
	file_close(fd);
	assert_int_equal(file_open(box->dir, "probe", FILE_CREATE, &fd, &err),
	    0);
	file_close(fd);

	reopen(box);

	segments_state(box->segments, &now);
	assert_int_equal(now.segments, 1);
	assert_int_equal(file_open(box->dir, "00000002.new", FILE_READ, &fd,
			     &err),
	    -1);
	assert_int_equal(file_open(box->dir, "probe", FILE_READ, &fd, &err),
	    -1);
}

static void
cut(struct box *box, const char *name, off_t len)
{
	int fd = openat(box->dir, name, O_RDWR);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, len), 0);
	close(fd);
}

/* T-STO-09; docs/store.md: "damaged". */
static void
a_damaged_segment_loses_its_own_payloads_only(void **state)
{
	static const off_t lens[] = { 0, 100, 4096, 500000, 1048575 };
	struct box *box = *state;
	struct payload first = { 0 }, second = { 0 }, third = { 0 };
	struct segments_state now;
	struct error err = { 0 };
	uint64_t len = 0;
	int fd = -1;

	assert_int_equal(write_payload(box, 1, 900000, &first, &err), 0);
	assert_int_equal(write_payload(box, 2, 900000, &second, &err), 0);
	assert_int_equal(segments_sync(box->segments, &err), 0);
	for (size_t i = ARRAY_LEN(lens); i > 0; i--) {
		cut(box, "00000001.seg", lens[i - 1]);
		reopen(box);

		segments_state(box->segments, &now);
		assert_int_equal(now.damaged, 1);
		assert_int_equal(segments_claim(box->segments, &first, &err),
		    -1);
		assert_string_equal(err.id, "E5002");
		assert_int_equal(read_payload(box, &first, &err), -1);
		assert_int_equal(segments_claim(box->segments, &second, &err),
		    0);
		assert_int_equal(read_payload(box, &second, &err), 1);
		assert_int_equal(write_payload(box, 3, 900000, &third, &err),
		    0);
		assert_int_not_equal(third.extents[0].segment, 1);
		payload_free(&third);
	}
	/* It is left for a person to look at. */
	assert_int_equal(file_open(box->dir, "00000001.seg", FILE_READ, &fd,
			     &err),
	    0);
	assert_int_equal(file_size(fd, &len, &err), 0);
	assert_int_equal(len, 0);
	file_close(fd);
	payload_free(&first);
	payload_free(&second);
}

static void
a_missing_segment_is_no_reason_to_stop(void **state)
{
	struct box *box = *state;
	struct payload first = { 0 }, second = { 0 };
	struct segments_state now;
	struct error err = { 0 };

	assert_int_equal(write_payload(box, 1, 900000, &first, &err), 0);
	assert_int_equal(write_payload(box, 2, 900000, &second, &err), 0);
	assert_int_equal(segments_sync(box->segments, &err), 0);
	assert_int_equal(file_remove(box->dir, "00000001.seg", &err), 0);
	reopen(box);

	segments_state(box->segments, &now);
	assert_int_equal(now.segments, 2);
	assert_int_equal(now.damaged, 1);
	assert_int_equal(read_payload(box, &first, &err), -1);
	assert_int_equal(read_payload(box, &second, &err), 1);
	payload_free(&first);
	payload_free(&second);
}

static void
blocks_that_two_rows_name_are_never_written(void **state)
{
	struct box *box = *state;
	struct payload first = { 0 }, other = { 0 };
	struct error err = { 0 };

	assert_int_equal(write_payload(box, 1, 5000, &first, &err), 0);
	assert_int_equal(segments_sync(box->segments, &err), 0);
	reopen(box);
	assert_int_equal(segments_claim(box->segments, &first, &err), 0);
	assert_int_equal(segments_claim(box->segments, &first, &err), -1);
	assert_string_equal(err.id, "E5002");

	segments_free(box->segments, &first);
	assert_int_equal(write_payload(box, 2, 5000, &other, &err), 0);

	assert_int_not_equal(other.extents[0].segment,
	    first.extents[0].segment);
	assert_int_equal(read_payload(box, &first, &err), 1);
	payload_free(&first);
	payload_free(&other);
}

static void
too_many_writers_are_told_to_wait(void **state)
{
	struct box *box = *state;
	struct segment_writer *one = NULL, *two = NULL;
	struct error err = { 0 };

	box->options.writers_max = 1;
	reopen(box);
	assert_int_equal(segment_writer_new(box->segments, 1, &label, &one,
			     &err),
	    0);
	assert_int_equal(segment_writer_new(box->segments, 2, &label, &two,
			     &err),
	    -1);
	assert_true(error_is_temporary(&err));
	segment_writer_abort(one);
}

static void
extents_are_parsed_strictly(void **state)
{
	struct box *box = *state;
	struct payload payload = { 0 }, again = { 0 };
	struct bytes bytes = { 0 };
	struct error err = { 0 };

	assert_int_equal(write_payload(box, 1, 900000, &payload, &err), 0);
	payload_put_extents(&payload, &bytes);
	again.length = payload.length;
	assert_int_equal(payload_parse_extents(&again, bytes.data, bytes.len,
			     &err),
	    0);
	assert_int_equal(again.extent_count, payload.extent_count);

	for (size_t len = 0; len < bytes.len; len++)
		assert_int_equal(payload_parse_extents(&again, bytes.data, len,
				     &err),
		    -1);
	again.length = payload.length + PAYLOAD_FRAME_DATA;
	assert_int_equal(payload_parse_extents(&again, bytes.data, bytes.len,
			     &err),
	    -1);
	payload_free(&payload);
	payload_free(&again);
	bytes_free(&bytes);
}

#define BOX_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(payloads_of_all_sizes_read_back),
		BOX_TEST(buffered_writing_does_the_same),
		BOX_TEST(without_direct_writes_it_says_so_and_buffers),
		BOX_TEST(payloads_may_arrive_interleaved),
		BOX_TEST(reading_may_begin_anywhere),
		BOX_TEST(any_flipped_bit_reads_as_lost),
		BOX_TEST(another_payload_at_the_place_reads_as_lost),
		BOX_TEST(what_was_written_last_is_read_from_memory),
		BOX_TEST(memory_never_shows_what_stood_there_before),
		BOX_TEST(freed_blocks_are_used_again),
		BOX_TEST(a_lease_keeps_freed_blocks),
		BOX_TEST(an_aborted_payload_leaves_nothing),
		BOX_TEST(what_was_gathered_never_overwrites),
		BOX_TEST(a_full_disk_is_temporary),
		BOX_TEST(after_a_failed_sync_nothing_is_accepted),
		BOX_TEST(a_failed_write_fails_the_sync_of_its_group),
		BOX_TEST(a_half_made_segment_is_removed),
		BOX_TEST(a_damaged_segment_loses_its_own_payloads_only),
		BOX_TEST(a_missing_segment_is_no_reason_to_stop),
		BOX_TEST(blocks_that_two_rows_name_are_never_written),
		BOX_TEST(too_many_writers_are_told_to_wait),
		BOX_TEST(extents_are_parsed_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
