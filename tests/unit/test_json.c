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
#include "base/text.h"
#include "json/json_decode.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "model/digest.h"
#include "model/event.h"
#include "model/id.h"
#include "model/org.h"

struct part {
	int32_t number;
};

struct letter {
	char subject[8];
	char *note;
	int64_t length;
	uint8_t small;
	bool urgent;
	struct digest digest;
	struct id id;
	struct org_code sender;
	int64_t sent_at;
	enum speed speed;
	enum event event;
	uint8_t key[4];
	struct bytes blob;
	struct part inner;
	struct part *parts;
	size_t part_count;
	int64_t sum;
	int64_t extra;
};

static const struct json_field part_fields[] = {
	{ .name = "n",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct part, number),
	    .size = sizeof(int32_t),
	    .min = -5,
	    .max = 5 },
};

static int
add_item(const struct json_value *value, size_t index, void *field,
    struct error *err)
{
	int64_t number;
	int64_t *sum = field;

	(void)index;
	if (!json_value_integer(value, &number))
		return error_set(err, ERROR_MALFORMED, "no number");
	*sum += number;
	return 0;
}

static const struct json_field letter_fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = "letter-1" },
	{ .name = "subject",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct letter, subject),
	    .size = 8 },
	{ .name = "note",
	    .kind = JSON_FIELD_TEXT_HEAP,
	    .offset = offsetof(struct letter, note),
	    .max = 10 },
	{ .name = "length",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct letter, length),
	    .size = 8,
	    .min = 0,
	    .max = INT64_MAX },
	{ .name = "small",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct letter, small),
	    .size = 1,
	    .min = 0,
	    .max = 255 },
	{ .name = "urgent",
	    .kind = JSON_FIELD_BOOL,
	    .offset = offsetof(struct letter, urgent) },
	{ .name = "digest",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct letter, digest),
	    .may_empty = true },
	{ .name = "id",
	    .kind = JSON_FIELD_ID,
	    .offset = offsetof(struct letter, id) },
	{ .name = "sender",
	    .kind = JSON_FIELD_ORG,
	    .offset = offsetof(struct letter, sender) },
	{ .name = "sent",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct letter, sent_at) },
	{ .name = "speed",
	    .kind = JSON_FIELD_SPEED,
	    .offset = offsetof(struct letter, speed) },
	{ .name = "event",
	    .kind = JSON_FIELD_EVENT,
	    .offset = offsetof(struct letter, event) },
	{ .name = "key",
	    .kind = JSON_FIELD_HEX,
	    .offset = offsetof(struct letter, key),
	    .size = 4 },
	{ .name = "blob",
	    .kind = JSON_FIELD_BASE64,
	    .offset = offsetof(struct letter, blob),
	    .max = 4 },
	{ .name = "inner",
	    .kind = JSON_FIELD_OBJECT,
	    .offset = offsetof(struct letter, inner),
	    .fields = part_fields,
	    .field_count = 1 },
	{ .name = "parts",
	    .kind = JSON_FIELD_LIST,
	    .offset = offsetof(struct letter, parts),
	    .size = sizeof(struct part),
	    .max = 3,
	    .fields = part_fields,
	    .field_count = 1,
	    .count_offset = offsetof(struct letter, part_count) },
	{ .name = "numbers",
	    .kind = JSON_FIELD_EACH,
	    .offset = offsetof(struct letter, sum),
	    .item = add_item },
	{ .name = "extra",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct letter, extra),
	    .size = 8,
	    .max = 9,
	    .optional = true },
};

static const char good[] =
    "{\"format\":\"letter-1\",\"subject\":\"hello\",\"note\":\"n\","
    "\"length\":12,\"small\":255,\"urgent\":true,\"digest\":\"\","
    "\"id\":\"00000000-03e8-7fff-bfff-000000000000\","
    "\"sender\":\"376490000A\",\"sent\":\"2026-11-22T03:04:05.678Z\","
    "\"speed\":\"fast\",\"event\":\"opened\",\"key\":\"01020304\","
    "\"blob\":\"AQI=\",\"inner\":{\"n\":-5},"
    "\"parts\":[{\"n\":1},{\"n\":2}],\"numbers\":[1,2,3]}";

static void
letter_release(struct letter *letter)
{
	free(letter->note);
	free(letter->parts);
	bytes_free(&letter->blob);
	memset(letter, 0, sizeof(*letter));
}

static int
decode(const char *text, struct letter *letter, struct error *err)
{
	return json_decode(text, strlen(text), 4096, letter_fields,
	    sizeof(letter_fields) / sizeof(letter_fields[0]), letter, err);
}

/* `good` with the first `from` replaced by `to` must be refused. */
static void
refused(const char *from, const char *to, const char *why)
{
	char text[2048];
	const char *at = strstr(good, from);
	struct letter letter = { 0 };
	struct error err = { 0 };

	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good), good, to,
	    at + strlen(from));
	assert_int_equal(decode(text, &letter, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", err.text, why);
	letter_release(&letter);
}

static void
every_kind_of_field_is_read(void **state)
{
	struct letter letter = { 0 };
	struct error err = { 0 };

	(void)state;
	if (decode(good, &letter, &err) < 0)
		fail_msg("%s", err.text);

	assert_string_equal(letter.subject, "hello");
	assert_string_equal(letter.note, "n");
	assert_int_equal(letter.length, 12);
	assert_int_equal(letter.small, 255);
	assert_true(letter.urgent);
	assert_string_equal(letter.sender.text, "376490000A");
	assert_int_equal(letter.speed, SPEED_FAST);
	assert_int_equal(letter.event, EVENT_OPENED);
	assert_memory_equal(letter.key, "\1\2\3\4", 4);
	assert_int_equal(letter.blob.len, 2);
	assert_int_equal(letter.inner.number, -5);
	assert_int_equal(letter.part_count, 2);
	assert_int_equal(letter.parts[1].number, 2);
	assert_int_equal(letter.sum, 6);
	letter_release(&letter);
}

static void
what_the_table_does_not_say_is_refused(void **state)
{
	(void)state;
	refused("\"urgent\":true,", "", "\"urgent\" is missing");
	refused("\"urgent\":true,", "\"urgent\":true,\"bad\":1,",
	    "unknown key \"bad\"");
	refused("\"format\":\"letter-1\",\"subject\":\"hello\"",
	    "\"subject\":\"hello\",\"format\":\"letter-1\"", "first key");
	refused("letter-1", "letter-2", "format");
	refused("hello", "hello hello", "too long");
	refused("\"note\":\"n\"", "\"note\":\"01234567890\"", "too long");
	refused("\"length\":12", "\"length\":-1", "length");
	refused("\"length\":12", "\"length\":\"12\"", "integer");
	refused("\"small\":255", "\"small\":256", "small");
	refused("\"urgent\":true", "\"urgent\":1", "urgent");
	refused("\"urgent\":true", "\"urgent\":null", "urgent");
	refused("00000000-03e8-7fff-bfff-000000000000",
	    "00000000-0000-0000-0000-000000000000", "id");
	refused("376490000A", "376490000a", "sender");
	refused("\"sender\":\"376490000A\"", "\"sender\":\"\"", "sender");
	refused("fast", "slow", "speed");
	refused("01020304", "0102030g", "key");
	refused("AQI=", "AQIDBAUG", "too long");
	refused("\"numbers\":[1", "\"numbers\":[true", "item 0");
	refused("{\"n\":2}", "{\"n\":2},{\"n\":2},{\"n\":2}", "too many");
	refused("{\"n\":2}", "{\"n\":6}", "parts: item 1: n");
}

static void
zeros_are_not_another_way_to_say_none(void **state)
{
	(void)state;
	refused("\"digest\":\"\"",
	    "\"digest\":\"0000000000000000000000000000000000000000000000000000"
	    "000000000000\"",
	    "digest");
}

static void
text_refused(const char *text, size_t len, const char *why)
{
	struct json_document *document = NULL;
	struct error err = { 0 };

	assert_int_equal(json_read(text, len, 64, &document, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", err.text, why);
}

static void
loose_json_is_refused_with_its_place(void **state)
{
	(void)state;
	text_refused("{\"a\":1,\"a\":1}", 13, "line 1");
	text_refused("{\"a\":\n 1.5}", 11, "line 2 column 2");
	text_refused("[1e3]", 5, "integer");
	text_refused("[99999999999999999999]", 22, "integer");
	text_refused("{\"a\":\"\\u0000\"}", 14, "line 1");
	text_refused("{\"a\":\"\0\"}", 9, "line 1");
	text_refused("{\"a\":\"\xff\"}", 9, "decode byte");
	text_refused("[1] 2", 5, "line 1");
	text_refused("[1,]", 4, "line 1");
	text_refused("\"a\"", 3, "line 1");
	text_refused("", 0, "line 1");
	text_refused("[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", 35, "too deep");
	text_refused("[                                                     "
		     "          ]",
	    65, "at most 64");
}

static void
sixteen_levels_are_enough(void **state)
{
	struct json_document *document = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(json_read("[[[[[[[[[[[[[[[[\"[[.5\"]]]]]]]]]]]]]]]]",
			     38, 64, &document, &err),
	    0);
	json_document_free(document);
}

static void
the_writer_writes_each_value_one_way(void **state)
{
	struct bytes out = { 0 };
	struct json_writer writer = json_writer_to(&out);
	struct error err = { 0 };

	(void)state;
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "t", "\"\\/\b\f\n\r\t\x01\x7f\xe9\xa9\x9b");
	json_write_int(&writer, "i", INT64_MIN);
	json_write_begin_array(&writer, "a");
	json_write_bool(&writer, NULL, true);
	json_write_begin_object(&writer, NULL);
	json_write_end(&writer);
	json_write_null(&writer, NULL);
	json_write_end(&writer);
	json_write_hex(&writer, "h", "\x01\xab", 2);
	json_write_base64(&writer, "b", "\1\2", 2);
	json_write_raw(&writer, "r", "{\"x\":1}", 7);
	json_write_time(&writer, "s", 0);
	json_write_end(&writer);

	assert_int_equal(json_write_done(&writer, &err), 0);
	bytes_put_u8(&out, 0);
	assert_string_equal((char *)out.data,
	    "{\"t\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7f\xe9\xa9\x9b\","
	    "\"i\":-9223372036854775808,\"a\":[true,{},null],"
	    "\"h\":\"01ab\",\"b\":\"AQI=\",\"r\":{\"x\":1},"
	    "\"s\":\"1970-01-01T00:00:00.000Z\"}");
	bytes_free(&out);
}

/* As the rule says it, one character after the other. */
static void
escape_slowly(const char *text, size_t len, struct bytes *out)
{
	static const char plain[] = "\b\t\n\f\r\"\\";
	static const char letters[] = "btnfr\"\\";

	bytes_put_u8(out, '"');
	for (size_t i = 0; i < len; i++) {
		const char *found = strchr(plain, text[i]);

		if (found != NULL)
			bytes_put_format(out, "\\%c", letters[found - plain]);
		else if ((unsigned char)text[i] < 0x20)
			bytes_put_format(out, "\\u%04x", text[i]);
		else
			bytes_put_u8(out, (uint8_t)text[i]);
	}
	bytes_put_u8(out, '"');
}

/* Wherever they stand, alone, in pairs, and behind letters of three bytes. */
static void
escapes_are_the_same_at_each_place(void **state)
{
	static const char *const fills[] = { "abcdefghijklmnopqrstuvwxyz01234",
		"\xe9\xa9\x9b\xe7\xab\x99\xe9\xa9\x9b\xe7\xab\x99"
		"\xe9\xa9\x9b\xe7\xab\x99\xe9\xa9\x9b\xe7\xab\x99" };
	struct bytes out = { 0 }, slow = { 0 };

	(void)state;
	for (size_t fill = 0; fill < ARRAY_LEN(fills); fill++)
		for (size_t at = 0; at < 24; at += fill == 0 ? 1 : 3)
			for (int c = 1; c < 0x80; c++) {
				char text[40];
				struct json_writer writer =
				    json_writer_to(&out);
				struct error err = { 0 };
				size_t len =
				    (size_t)snprintf(text, sizeof(text),
					"%.*s%c%c%s", (int)at, fills[fill], c,
					c % 3 == 0 ? c : 'x', fills[fill] + at);

				bytes_clear(&out);
				bytes_clear(&slow);
				json_write_text_len(&writer, NULL, text, len);
				escape_slowly(text, len, &slow);
				assert_int_equal(json_write_done(&writer, &err),
				    0);
				assert_int_equal(out.len, slow.len);
				assert_memory_equal(out.data, slow.data,
				    out.len);
			}
	bytes_free(&out);
	bytes_free(&slow);
}

static void
text_that_is_not_utf8_is_not_written_in_silence(void **state)
{
	struct bytes out = { 0 };
	struct json_writer writer = json_writer_to(&out);
	struct error err = { 0 };

	(void)state;
	json_write_text(&writer, NULL, "\xff");

	assert_int_equal(json_write_done(&writer, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	bytes_free(&out);
}

/* Our own form and any other of the same text mean the same. */
static void
white_space_makes_no_difference(void **state)
{
	struct pair {
		char text[8];
		int64_t number;
	};
	static const struct json_field fields[] = {
		{ .name = "text",
		    .kind = JSON_FIELD_TEXT,
		    .offset = offsetof(struct pair, text),
		    .size = 8 },
		{ .name = "number",
		    .kind = JSON_FIELD_INT,
		    .offset = offsetof(struct pair, number),
		    .size = 8,
		    .max = 99,
		    .optional = true },
	};
	static const struct {
		const char *json;
		int rc;
		int64_t number;
	} cases[] = {
		{ "{\"text\":\"a\\nb\",\"number\":42}", 0, 42 },
		{ "{ \"text\":\"a\\nb\", \"number\" : 42 }", 0, 42 },
		{ "{\"number\":42,\"text\":\"a\\u000ab\"}", 0, 42 },
		{ "{\"text\":\"a\\nb\"}", 0, 0 },
		{ "{\"text\":\"a\\nb\",\"number\":100}", -1, 0 },
		{ "{\"text\":\"a\\nb\",\"number\":042}", -1, 0 },
		{ "{\"text\":\"a\\nb\",\"number\":4.2}", -1, 0 },
		{ "{\"text\":\"a\\nb\",\"number\":42,}", -1, 0 },
		{ "{\"text\":\"a\\nb\",\"number\":42}}", -1, 0 },
		{ "{\"text\":\"a\\nb\",\"number\":42", -1, 0 },
		{ "{\"text\":\"a\\nb\",\"text\":\"a\"}", -1, 0 },
		{ "{\"text\":\"a\\nb\",\"other\":1}", -1, 0 },
		{ "{\"text\":\"\xff\"}", -1, 0 },
		{ "{\"text\":\"a\nb\"}", -1, 0 },
		{ "{\"text\":\"too long a text\"}", -1, 0 },
		{ "{\"text\":\"a\\", -1, 0 },
		{ "{", -1, 0 },
		{ "", -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pair pair = { .number = 0 };
		struct error err = { 0 };

		assert_int_equal(json_decode(cases[i].json,
				     strlen(cases[i].json), 100, fields,
				     ARRAY_LEN(fields), &pair, &err),
		    cases[i].rc);
		if (cases[i].rc < 0)
			continue;
		assert_string_equal(pair.text, "a\nb");
		assert_int_equal(pair.number, cases[i].number);
	}
}

/* Last of all: there is no way back from it. */
static void
a_reader_that_wipes_reads_the_same(void **state)
{
	(void)state;
	json_wipe_memory();
	every_kind_of_field_is_read(state);
	what_the_table_does_not_say_is_refused(state);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_field_is_read),
		cmocka_unit_test(what_the_table_does_not_say_is_refused),
		cmocka_unit_test(zeros_are_not_another_way_to_say_none),
		cmocka_unit_test(loose_json_is_refused_with_its_place),
		cmocka_unit_test(sixteen_levels_are_enough),
		cmocka_unit_test(the_writer_writes_each_value_one_way),
		cmocka_unit_test(escapes_are_the_same_at_each_place),
		cmocka_unit_test(
		    text_that_is_not_utf8_is_not_written_in_silence),
		cmocka_unit_test(white_space_makes_no_difference),
		cmocka_unit_test(a_reader_that_wipes_reads_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
