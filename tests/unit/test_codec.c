#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "role/codec.h"
#include "role/message.h"

/* Room for the struct of any message. */
union body {
	max_align_t align;
	uint8_t bytes[6144];
};

static const uint8_t some_bytes[] = { 0, 1, 0xff, 'a', 0, 7 };

static void
fill_field(const struct codec_field *field, uint8_t *to, unsigned seed)
{
	struct blob blob = blob_of(some_bytes, seed % sizeof(some_bytes));
	struct error error = { 0 };
	uint64_t number = 0x0102030405060708u * (seed + 1);
	bool flag = seed % 2 == 0;

	switch (field->kind) {
	case CODEC_BOOL:
		memcpy(to, &flag, sizeof(flag));
		break;
	case CODEC_U8:
		memcpy(to, &number, 1);
		break;
	case CODEC_U16:
		memcpy(to, &number, 2);
		break;
	case CODEC_U32:
		memcpy(to, &number, 4);
		break;
	case CODEC_U64:
	case CODEC_TIME:
		memcpy(to, &number, 8);
		break;
	case CODEC_DIGEST:
		memset(to, (int)seed, sizeof(struct digest));
		break;
	case CODEC_ID:
		memset(to, (int)seed, sizeof(struct id));
		break;
	case CODEC_TEXT:
		memset(to, 'x', field->size - 1 - seed % field->size);
		break;
	case CODEC_BLOB:
		memcpy(to, &blob, sizeof(blob));
		break;
	case CODEC_ERROR:
		error_set_id(&error, "E2101", ERROR_MALFORMED, "line %u", seed);
		memcpy(to, &error, sizeof(error));
		break;
	case CODEC_END:
		break;
	}
}

static void
fill(const struct codec_field *fields, union body *to, unsigned seed)
{
	memset(to, 0, sizeof(*to));
	for (; fields->kind != CODEC_END; fields++)
		fill_field(fields, to->bytes + fields->offset, seed++);
}

static bool
decodes(const struct codec_field *fields, const uint8_t *data, size_t len,
    union body *to)
{
	struct error err = { 0 };
	int rc = codec_decode(fields, data, len, to, &err);

	if (rc < 0)
		assert_int_equal(err.code, ERROR_MALFORMED);
	return rc == 0;
}

static void
every_message_comes_back_as_it_was_sent(void **state)
{
	(void)state;
	for (uint16_t type = MESSAGE_READY; type < MESSAGE_COUNT; type++) {
		const struct codec_field *fields = message_fields(type);

		assert_non_null(fields);
		for (unsigned seed = 0; seed < 300; seed += 7) {
			struct bytes first = { 0 };
			struct bytes second = { 0 };
			union body sent;
			union body got;

			fill(fields, &sent, seed);
			codec_encode(fields, &sent, &first);
			memset(&got, 0x5a, sizeof(got));
			assert_true(
			    decodes(fields, first.data, first.len, &got));
			codec_encode(fields, &got, &second);
			assert_int_equal(first.len, second.len);
			if (first.len > 0)
				assert_memory_equal(first.data, second.data,
				    first.len);
			bytes_free(&first);
			bytes_free(&second);
		}
	}
}

static void
a_message_cut_short_or_too_long_is_refused(void **state)
{
	(void)state;
	for (uint16_t type = MESSAGE_READY; type < MESSAGE_COUNT; type++) {
		const struct codec_field *fields = message_fields(type);
		struct bytes whole = { 0 };
		union body body;

		fill(fields, &body, 5);
		codec_encode(fields, &body, &whole);
		for (size_t len = 0; len < whole.len; len++)
			assert_false(decodes(fields, whole.data, len, &body));
		bytes_put_u8(&whole, 0);
		assert_false(decodes(fields, whole.data, whole.len, &body));
		bytes_free(&whole);
	}
}

/* What decodes has one encoding only, so nothing hides in a message. */
static void
a_flipped_bit_changes_the_meaning_or_is_refused(void **state)
{
	(void)state;
	for (uint16_t type = MESSAGE_READY; type < MESSAGE_COUNT; type++) {
		const struct codec_field *fields = message_fields(type);
		struct bytes whole = { 0 };
		union body body;

		fill(fields, &body, 5);
		codec_encode(fields, &body, &whole);
		for (size_t bit = 0; bit < whole.len * 8; bit++) {
			struct bytes again = { 0 };
			uint8_t mask = (uint8_t)(1u << (bit % 8));

			whole.data[bit / 8] ^= mask;
			if (decodes(fields, whole.data, whole.len, &body)) {
				codec_encode(fields, &body, &again);
				assert_int_equal(again.len, whole.len);
				assert_memory_equal(again.data, whole.data,
				    whole.len);
			}
			whole.data[bit / 8] ^= mask;
			bytes_free(&again);
		}
		bytes_free(&whole);
	}
}

static void
text_with_a_nul_or_without_room_is_refused(void **state)
{
	const struct codec_field *fields = message_fields(MESSAGE_WATCH);
	struct message_watch watch = { .host = "center-a" };
	struct bytes whole = { 0 };
	union body body;

	(void)state;
	codec_encode(fields, &watch, &whole);
	assert_true(decodes(fields, whole.data, whole.len, &body));
	whole.data[6] = '\0';
	assert_false(decodes(fields, whole.data, whole.len, &body));

	bytes_clear(&whole);
	bytes_put_u32(&whole, MESSAGE_HOST_SIZE);
	memset(bytes_extend(&whole, MESSAGE_HOST_SIZE), 'h', MESSAGE_HOST_SIZE);
	bytes_put_u64(&whole, 1);
	assert_false(decodes(fields, whole.data, whole.len, &body));
	bytes_free(&whole);
}

static void
a_list_is_read_item_by_item(void **state)
{
	struct message_packed_file file = { .name = "letter.di", .len = 7 };
	struct message_packed_file got;
	struct error err = { 0 };
	struct bytes list = { 0 };
	struct blob left;

	(void)state;
	message_list_add(&list, MESSAGE_PACKED_FILE, &file);
	file.len = 8;
	message_list_add(&list, MESSAGE_PACKED_FILE, &file);

	left = blob_of_bytes(&list);
	for (uint64_t len = 7; len <= 8; len++) {
		assert_int_equal(codec_next(message_fields(MESSAGE_PACKED_FILE),
				     &left, &got, &err),
		    1);
		assert_string_equal(got.name, "letter.di");
		assert_int_equal(got.len, len);
	}
	assert_int_equal(codec_next(message_fields(MESSAGE_PACKED_FILE), &left,
			     &got, &err),
	    0);
	bytes_free(&list);
}

static void
a_broken_list_is_refused_where_it_breaks(void **state)
{
	struct message_packed_file file = { .name = "letter.di" };
	struct message_packed_file got;
	struct error err = { 0 };
	struct bytes list = { 0 };
	struct blob left;

	(void)state;
	message_list_add(&list, MESSAGE_PACKED_FILE, &file);
	bytes_put_u8(&list, 0);

	left = blob_of_bytes(&list);
	assert_int_equal(codec_next(message_fields(MESSAGE_PACKED_FILE), &left,
			     &got, &err),
	    1);
	assert_int_equal(codec_next(message_fields(MESSAGE_PACKED_FILE), &left,
			     &got, &err),
	    -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	bytes_free(&list);
}

static void
a_number_that_is_no_type_has_no_fields(void **state)
{
	(void)state;
	assert_null(message_fields(MESSAGE_NONE));
	assert_null(message_fields(MESSAGE_COUNT));
	assert_null(message_fields(UINT16_MAX));
	assert_non_null(message_name(UINT16_MAX));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_comes_back_as_it_was_sent),
		cmocka_unit_test(a_message_cut_short_or_too_long_is_refused),
		cmocka_unit_test(
		    a_flipped_bit_changes_the_meaning_or_is_refused),
		cmocka_unit_test(text_with_a_nul_or_without_room_is_refused),
		cmocka_unit_test(a_list_is_read_item_by_item),
		cmocka_unit_test(a_broken_list_is_refused_where_it_breaks),
		cmocka_unit_test(a_number_that_is_no_type_has_no_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
