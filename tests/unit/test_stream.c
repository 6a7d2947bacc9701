#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/stream.h"

enum {
	FIRST = STREAM_SEGMENT_LEN - STREAM_HEADER_LEN - STREAM_TAG_LEN,
	REST = STREAM_SEGMENT_LEN - STREAM_TAG_LEN,
};

static const struct secret_key key = { { 1, 2, 3 } };
static const char aad[] = "head";

static int
collect(void *context, const uint8_t *data, size_t len, struct error *err)
{
	bytes_put(context, data, len);
	return bytes_failed(context, err);
}

/* Bytes that differ from place to place. */
static struct bytes
pattern(size_t len)
{
	struct bytes plain = { 0 };
	uint8_t *to = bytes_extend(&plain, len);
	uint32_t at = 1;

	for (size_t i = 0; i < len; i++) {
		at = at * 1664525 + 1013904223;
		to[i] = (uint8_t)(at >> 24);
	}
	return plain;
}

/* Put `in` through in pieces of `piece`. */
static int
run(struct stream *stream, const struct bytes *in, size_t piece,
    struct error *err)
{
	for (size_t at = 0; at < in->len; at += piece) {
		size_t left = in->len - at;

		if (stream_push(stream, in->data + at,
			left < piece ? left : piece, err) < 0)
			return -1;
	}
	return stream_finish(stream, err);
}

static struct bytes
encrypted(struct stream *stream, const struct bytes *plain, size_t piece)
{
	struct bytes out = { 0 };
	struct error err = { 0 };

	if (stream_begin_encrypt(stream, &key, aad, 4, collect, &out, &err) <
		0 ||
	    run(stream, plain, piece, &err) < 0)
		fail_msg("%s", err.text);
	return out;
}

static int
decrypt(struct stream *stream, const struct bytes *in, size_t piece,
    struct bytes *out, struct error *err)
{
	out->len = 0;
	if (stream_begin_decrypt(stream, &key, aad, 4, collect, out, err) < 0)
		return -1;
	return run(stream, in, piece, err);
}

static struct stream *
new_stream(void)
{
	struct stream *stream;
	struct error err = { 0 };

	if (stream_new(NULL, &stream, &err) < 0)
		fail_msg("%s", err.text);
	return stream;
}

static void
every_length_comes_back(void **state)
{
	static const size_t lengths[] = { 0, 1, 4096, FIRST - 1, FIRST,
		FIRST + 1, FIRST + REST - 1, FIRST + REST, FIRST + REST + 1,
		FIRST + 2 * REST + 5 };
	static const size_t pieces[] = { 1000, STREAM_SEGMENT_LEN, SIZE_MAX };
	struct stream *stream = new_stream();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
		for (size_t j = 0; j < ARRAY_LEN(pieces); j++) {
			struct bytes plain = pattern(lengths[i]);
			struct bytes back = { 0 };
			struct error err = { 0 };
			struct bytes out =
			    encrypted(stream, &plain, pieces[j] / 2);

			assert_int_equal(out.len, stream_length(lengths[i]));
			if (decrypt(stream, &out, pieces[j] / 3, &back, &err) <
			    0)
				fail_msg("%zu: %s", lengths[i], err.text);
			assert_int_equal(back.len, plain.len);
			assert_memory_equal(back.data, plain.data, plain.len);
			bytes_free(&plain);
			bytes_free(&back);
			bytes_free(&out);
		}
	stream_free(stream);
}

static void
refused(struct stream *stream, const struct bytes *in, size_t plain_max)
{
	struct bytes back = { 0 };
	struct error err = { 0 };

	assert_int_equal(decrypt(stream, in, 70000, &back, &err), -1);
	assert_int_equal(err.code, ERROR_UNTRUSTED);
	assert_string_equal(err.id, "E3030");
	assert_true(back.len <= plain_max);
	bytes_free(&back);
}

static void
no_byte_of_a_short_one_can_be_flipped(void **state)
{
	struct stream *stream = new_stream();
	struct bytes plain = pattern(50);
	struct bytes out = encrypted(stream, &plain, 50);

	(void)state;
	for (size_t i = 0; i < out.len; i++) {
		out.data[i] ^= 0x80;
		refused(stream, &out, 0);
		out.data[i] ^= 0x80;
	}
	stream_free(stream);
	bytes_free(&plain);
	bytes_free(&out);
}

static void
a_cut_stream_is_refused(void **state)
{
	static const size_t lengths[] = { 0, 1, 39, 40, 55, 56, 1000,
		STREAM_SEGMENT_LEN - 1, STREAM_SEGMENT_LEN,
		STREAM_SEGMENT_LEN + 1, STREAM_SEGMENT_LEN + 16,
		2 * STREAM_SEGMENT_LEN, 2 * STREAM_SEGMENT_LEN + 1 };
	struct stream *stream = new_stream();
	struct bytes plain = pattern(FIRST + REST + 100);
	struct bytes out = encrypted(stream, &plain, 4096);

	(void)state;
	assert_int_equal(out.len, 2 * STREAM_SEGMENT_LEN + 116);
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		out.len = lengths[i];
		refused(stream, &out, FIRST + REST);
	}
	out.len = 2 * STREAM_SEGMENT_LEN + 116;
	bytes_put_u8(&out, 0);
	refused(stream, &out, FIRST + REST);
	stream_free(stream);
	bytes_free(&plain);
	bytes_free(&out);
}

static void
moved_segments_are_refused(void **state)
{
	struct stream *stream = new_stream();
	struct bytes plain = pattern(FIRST + 3 * REST);
	struct bytes out = encrypted(stream, &plain, 4096);
	struct bytes moved = { 0 };

	(void)state;
	/* The second and third segment change places. */
	bytes_put(&moved, out.data, STREAM_SEGMENT_LEN);
	bytes_put(&moved, out.data + 2 * STREAM_SEGMENT_LEN,
	    STREAM_SEGMENT_LEN);
	bytes_put(&moved, out.data + STREAM_SEGMENT_LEN, STREAM_SEGMENT_LEN);
	bytes_put(&moved, out.data + 3 * STREAM_SEGMENT_LEN,
	    STREAM_SEGMENT_LEN);
	refused(stream, &moved, FIRST);
	/* The third one is left out. */
	moved.len = 0;
	bytes_put(&moved, out.data, 2 * STREAM_SEGMENT_LEN);
	bytes_put(&moved, out.data + 3 * STREAM_SEGMENT_LEN,
	    STREAM_SEGMENT_LEN);
	refused(stream, &moved, FIRST + REST);
	/* The last one comes twice. */
	moved.len = 0;
	bytes_put(&moved, out.data, out.len);
	bytes_put(&moved, out.data + 3 * STREAM_SEGMENT_LEN,
	    STREAM_SEGMENT_LEN);
	refused(stream, &moved, FIRST + 2 * REST);
	stream_free(stream);
	bytes_free(&plain);
	bytes_free(&out);
	bytes_free(&moved);
}

static void
another_head_or_key_does_not_open_it(void **state)
{
	struct secret_key wrong = key;
	struct stream *stream = new_stream();
	struct bytes plain = pattern(50);
	struct bytes out = encrypted(stream, &plain, 50);
	struct bytes back = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(stream_begin_decrypt(stream, &key, "Head", 4, collect,
			     &back, &err),
	    0);
	assert_int_equal(run(stream, &out, 50, &err), -1);
	wrong.bytes[31] ^= 1;
	assert_int_equal(stream_begin_decrypt(stream, &wrong, aad, 4, collect,
			     &back, &err),
	    0);
	assert_int_equal(run(stream, &out, 50, &err), -1);
	assert_int_equal(back.len, 0);
	stream_free(stream);
	bytes_free(&plain);
	bytes_free(&out);
	bytes_free(&back);
}

static void
salts_and_nonces_are_fresh_t_cry_09(void **state)
{
	struct stream *stream = new_stream();
	struct bytes plain = pattern(50);
	struct bytes one = encrypted(stream, &plain, 50);
	struct bytes two = encrypted(stream, &plain, 50);

	(void)state;
	assert_memory_not_equal(one.data + 1, two.data + 1, 32);
	assert_memory_not_equal(one.data + 33, two.data + 33, 7);
	assert_memory_not_equal(one.data + 40, two.data + 40, 66);
	stream_free(stream);
	bytes_free(&plain);
	bytes_free(&one);
	bytes_free(&two);
}

static int
full(void *context, const uint8_t *data, size_t len, struct error *err)
{
	(void)context;
	(void)data;
	return len == STREAM_HEADER_LEN
	    ? 0
	    : error_set(err, ERROR_BUSY, "disk full");
}

static void
a_full_disk_is_told_and_ends_the_stream(void **state)
{
	struct stream *stream = new_stream();
	struct bytes plain = pattern(2 * STREAM_SEGMENT_LEN);
	struct error err = { 0 };

	(void)state;
	assert_int_equal(stream_begin_encrypt(stream, &key, aad, 4, full, NULL,
			     &err),
	    0);
	assert_int_equal(stream_push(stream, plain.data, plain.len, &err), -1);
	assert_int_equal(err.code, ERROR_BUSY);
	assert_int_equal(stream_finish(stream, &err), -1);
	stream_free(stream);
	bytes_free(&plain);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_comes_back),
		cmocka_unit_test(no_byte_of_a_short_one_can_be_flipped),
		cmocka_unit_test(a_cut_stream_is_refused),
		cmocka_unit_test(moved_segments_are_refused),
		cmocka_unit_test(another_head_or_key_does_not_open_it),
		cmocka_unit_test(salts_and_nonces_are_fresh_t_cry_09),
		cmocka_unit_test(a_full_disk_is_told_and_ends_the_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
