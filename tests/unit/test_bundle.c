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
#include "envelope/bundle.h"

/* What a reader told, as text: kind, length, bytes. */
static int
note_begin(void *context, enum bundle_kind kind, uint64_t len,
    struct error *err)
{
	(void)err;
	bytes_put_format(context, "%c%llu:", (char)kind,
	    (unsigned long long)len);
	return 0;
}

static int
note_data(void *context, const uint8_t *data, size_t len, struct error *err)
{
	(void)err;
	bytes_put(context, data, len);
	return 0;
}

static int
note_end(void *context, struct error *err)
{
	(void)err;
	bytes_put_text(context, ";");
	return 0;
}

static const struct bundle_handler handler = { note_begin, note_data,
	note_end };

/* A bundle of records "x" of these kinds. */
static struct bytes
bundle_of(const char *kinds)
{
	struct bytes out = { 0 };

	bundle_put_magic(&out);
	for (; *kinds != '\0'; kinds++)
		bundle_put(&out, (enum bundle_kind) * kinds, "x", 1);
	return out;
}

static int
read_all(enum bundle_type type, const struct bytes *in, size_t piece,
    struct bytes *told, struct error *err)
{
	struct bundle_reader reader =
	    bundle_reader_of(type, 100, &handler, told);

	for (size_t at = 0; at < in->len; at += piece) {
		size_t left = in->len - at;

		if (bundle_reader_push(&reader, in->data + at,
			left < piece ? left : piece, err) < 0)
			return -1;
	}
	return bundle_reader_finish(&reader, err);
}

static void
records_come_out_as_they_went_in_by_pieces_of_any_size(void **state)
{
	static const size_t pieces[] = { 1, 2, 7, 8, 9, 10, 1000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct bytes in = { 0 };
		struct bytes told = { 0 };
		struct error err = { 0 };

		bundle_put_magic(&in);
		bundle_put(&in, BUNDLE_WAYBILL, "waybill", 7);
		bundle_put(&in, BUNDLE_LEAF, "leaf", 4);
		bundle_put(&in, BUNDLE_KEY_PART, "", 0);
		bundle_put_head(&in, BUNDLE_CONTENT, 3);
		bytes_put(&in, "abc", 3);
		if (read_all(BUNDLE_SUBMISSION, &in, pieces[i], &told, &err) <
		    0)
			fail_msg("%s", err.text);
		bytes_put_u8(&told, 0);
		assert_string_equal((char *)told.data,
		    "W7:waybill;L4:leaf;K0:;C3:abc;");
		bytes_free(&in);
		bytes_free(&told);
	}
}

static void
each_type_has_its_order_and_no_other(void **state)
{
	static const struct {
		enum bundle_type type;
		const char *kinds;
		bool good;
	} cases[] = {
		{ BUNDLE_SUBMISSION, "WLKC", true },
		{ BUNDLE_SUBMISSION, "WLKLKC", true },
		{ BUNDLE_SUBMISSION, "WC", false },
		{ BUNDLE_SUBMISSION, "WLC", false },
		{ BUNDLE_SUBMISSION, "WLK", false },
		{ BUNDLE_SUBMISSION, "LKC", false },
		{ BUNDLE_SUBMISSION, "WLKCC", false },
		{ BUNDLE_SUBMISSION, "WLKCL", false },
		{ BUNDLE_SUBMISSION, "WWLKC", false },
		{ BUNDLE_SUBMISSION, "WRLKC", true },
		{ BUNDLE_SUBMISSION, "WRRLKC", false },
		{ BUNDLE_SUBMISSION, "", false },
		{ BUNDLE_RELAY, "WRLKPC", true },
		{ BUNDLE_RELAY, "WRLKPLKPC", true },
		{ BUNDLE_RELAY, "WRLKC", false },
		{ BUNDLE_RELAY, "WLKPC", false },
		{ BUNDLE_DELIVERY, "WRLPC", true },
		{ BUNDLE_DELIVERY, "WRLP", true },
		{ BUNDLE_DELIVERY, "WRL", false },
		{ BUNDLE_DELIVERY, "WRLKPC", false },
		{ BUNDLE_DELIVERY, "WRLPLPC", false },
		{ BUNDLE_RECEIPTS, "", true },
		{ BUNDLE_RECEIPTS, "RRR", true },
		{ BUNDLE_RECEIPTS, "RB", false },
		{ BUNDLE_BULLETINS, "", true },
		{ BUNDLE_BULLETINS, "BB", true },
		{ BUNDLE_BULLETINS, "C", false },
		{ BUNDLE_FILES, "NFNF", true },
		{ BUNDLE_FILES, "NN", false },
		{ BUNDLE_FILES, "NFN", false },
		{ BUNDLE_FILES, "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bytes in = bundle_of(cases[i].kinds);
		struct bytes told = { 0 };
		struct error err = { 0 };
		int rc = read_all(cases[i].type, &in, 5, &told, &err);

		if (rc != (cases[i].good ? 0 : -1))
			fail_msg("%s: %d %s", cases[i].kinds, rc, err.text);
		if (rc < 0) {
			assert_string_equal(err.id, "E3105");
			assert_int_equal(err.code, ERROR_MALFORMED);
		}
		bytes_free(&in);
		bytes_free(&told);
	}
}

static void
cut_bundles_and_other_files_are_refused(void **state)
{
	struct bytes in = bundle_of("WLKC");
	size_t len = in.len;
	struct bytes told = { 0 };
	struct error err = { 0 };

	(void)state;
	for (in.len = 0; in.len < len; in.len++)
		assert_int_equal(read_all(BUNDLE_SUBMISSION, &in, 1000, &told,
				     &err),
		    -1);
	in.data[0] = 'X';
	assert_int_equal(read_all(BUNDLE_SUBMISSION, &in, 1000, &told, &err),
	    -1);
	bytes_free(&in);
	bytes_free(&told);
}

static void
limits_are_kept_before_bytes_are_taken(void **state)
{
	static const struct {
		const char *before;
		enum bundle_kind kind;
		uint64_t len;
	} cases[] = {
		{ "", BUNDLE_WAYBILL, BUNDLE_RECORD_MAX + 1 },
		{ "WL", BUNDLE_KEY_PART, UINT64_MAX },
		{ "WLK", BUNDLE_CONTENT, 101 },
		{ "WLK", BUNDLE_CONTENT, UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bytes in = bundle_of(cases[i].before);
		struct bytes told = { 0 };
		struct error err = { 0 };

		bundle_put_head(&in, cases[i].kind, cases[i].len);
		assert_int_equal(read_all(BUNDLE_SUBMISSION, &in, 100, &told,
				     &err),
		    -1);
		assert_string_equal(err.id, "E3106");
		bytes_free(&in);
		bytes_free(&told);
	}
}

/* A directory of many organisations is longer than other records. */
static void
a_bulletin_may_be_as_long_as_the_reader_allows(void **state)
{
	const size_t len = BUNDLE_RECORD_MAX + 1;
	struct bytes in = { 0 };
	struct bytes told = { 0 };
	struct error err = { 0 };
	struct bundle_reader reader;

	(void)state;
	bundle_put_magic(&in);
	bundle_put_head(&in, BUNDLE_BULLETIN, len);
	memset(bytes_extend(&in, len), 'b', len);

	reader = bundle_reader_of(BUNDLE_BULLETINS, len, &handler, &told);
	assert_int_equal(bundle_reader_push(&reader, in.data, in.len, &err), 0);
	assert_int_equal(bundle_reader_finish(&reader, &err), 0);
	reader = bundle_reader_of(BUNDLE_BULLETINS, len - 1, &handler, &told);
	assert_int_equal(bundle_reader_push(&reader, in.data, in.len, &err),
	    -1);
	assert_string_equal(err.id, "E3106");
	bytes_free(&in);
	bytes_free(&told);
}

static int
refuse_all(void *context, const uint8_t *data, size_t len, struct error *err)
{
	(void)context;
	(void)data;
	(void)len;
	return error_set(err, ERROR_BUSY, "disk full");
}

static void
a_reader_that_refused_stays_so(void **state)
{
	struct bundle_handler full = { note_begin, refuse_all, note_end };
	struct bytes in = bundle_of("WLKC");
	struct bytes told = { 0 };
	struct error err = { 0 };
	struct bundle_reader reader =
	    bundle_reader_of(BUNDLE_SUBMISSION, 100, &full, &told);

	(void)state;
	assert_int_equal(bundle_reader_push(&reader, in.data, in.len, &err),
	    -1);
	assert_int_equal(err.code, ERROR_BUSY);
	assert_int_equal(bundle_reader_push(&reader, in.data, in.len, &err),
	    -1);
	assert_int_equal(bundle_reader_finish(&reader, &err), -1);
	bytes_free(&in);
	bytes_free(&told);
}

static void
too_many_recipients_are_refused(void **state)
{
	struct bytes in = bundle_of("W");
	struct bytes told = { 0 };
	struct error err = { 0 };

	(void)state;
	for (int i = 0; i < BUNDLE_RECIPIENTS_MAX; i++) {
		bundle_put(&in, BUNDLE_LEAF, "", 0);
		bundle_put(&in, BUNDLE_KEY_PART, "", 0);
	}
	bundle_put(&in, BUNDLE_CONTENT, "x", 1);
	assert_int_equal(read_all(BUNDLE_SUBMISSION, &in, 999, &told, &err), 0);
	in.len -= 1 + BUNDLE_RECORD_HEAD_LEN;
	bundle_put(&in, BUNDLE_LEAF, "", 0);
	assert_int_equal(read_all(BUNDLE_SUBMISSION, &in, 999, &told, &err),
	    -1);
	assert_string_equal(err.id, "E3106");
	bytes_free(&in);
	bytes_free(&told);
}

static void
a_path_is_read_back(void **state)
{
	struct digest path[3] = { { { 1 } }, { { 2 } }, { { 3 } } };
	struct digest back[MERKLE_PATH_MAX];
	struct bytes out = { 0 };
	struct error err = { 0 };
	uint32_t index;
	size_t count;

	(void)state;
	bundle_put_path(&out, 4999, path, 3);
	assert_int_equal(out.data[0], 'P');
	assert_int_equal(bundle_parse_path(out.data + BUNDLE_RECORD_HEAD_LEN,
			     out.len - BUNDLE_RECORD_HEAD_LEN, &index, back,
			     &count, &err),
	    0);
	assert_int_equal(index, 4999);
	assert_int_equal(count, 3);
	assert_memory_equal(back, path, sizeof(path));
	assert_int_equal(bundle_parse_path(out.data + BUNDLE_RECORD_HEAD_LEN,
			     out.len - BUNDLE_RECORD_HEAD_LEN - 1, &index, back,
			     &count, &err),
	    -1);
	out.data[BUNDLE_RECORD_HEAD_LEN + 7] = 65;
	assert_int_equal(bundle_parse_path(out.data + BUNDLE_RECORD_HEAD_LEN,
			     out.len - BUNDLE_RECORD_HEAD_LEN, &index, back,
			     &count, &err),
	    -1);
	bytes_free(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    records_come_out_as_they_went_in_by_pieces_of_any_size),
		cmocka_unit_test(each_type_has_its_order_and_no_other),
		cmocka_unit_test(cut_bundles_and_other_files_are_refused),
		cmocka_unit_test(limits_are_kept_before_bytes_are_taken),
		cmocka_unit_test(
		    a_bulletin_may_be_as_long_as_the_reader_allows),
		cmocka_unit_test(a_reader_that_refused_stays_so),
		cmocka_unit_test(too_many_recipients_are_refused),
		cmocka_unit_test(a_path_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
