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
#include "crypto/merkle.h"
#include "crypto/sha256.h"
#include "envelope/keypart.h"
#include "envelope/leaf.h"
#include "envelope/waybill.h"

/* docs/protocol.md 3 and 4, byte for byte. */
static const char head_json[] =
    "{\"format\":\"yizhan-head-1\",\"environment\":\"demo\","
    "\"waybill_id\":\"019aa9f5-4e4e-7001-8203-040506070809\","
    "\"document_id\":\"019aa9f5-4e4e-7a01-8203-040506070809\","
    "\"sender\":\"376490000A\",\"module\":\"1111111111111111111111111111111111"
    "111111111111111111111111111111\",\"center\":\"center-a\","
    "\"created\":\"2026-11-22T03:04:05.678Z\","
    "\"not_after\":\"2026-12-22T03:04:05.678Z\",\"speed\":\"fast\","
    "\"message\":0,\"earlier\":\"\"}";

static const char leaf_json[] =
    "{\"format\":\"yizhan-leaf-1\",\"recipient\":\"376490000AU000001\","
    "\"center\":\"center-b\",\"seal\":\"2222222222222222222222222222222222222222"
    "222222222222222222222222\",\"key_part\":\"333333333333333333333333333333"
    "3333333333333333333333333333333333\"}";

static const char keypart_json[] =
    "{\"format\":\"yizhan-key-1\",\"head\":\"444444444444444444444444444444444444"
    "4444444444444444444444444444\",\"recipient\":\"376490000B\","
    "\"key\":\"5555555555555555555555555555555555555555555555555555555555555555"
    "\",\"random\":\"66666666666666666666666666666666666666666666666666666666666"
    "66666\",\"package\":\"777777777777777777777777777777777777777777777777777777"
    "7777777777\"}";

static void
put_waybill(char *to, size_t size)
{
	char quoted[2 * HEAD_MAX];
	size_t at = 0;

	for (const char *from = head_json; *from != '\0'; from++) {
		if (*from == '"')
			quoted[at++] = '\\';
		quoted[at++] = *from;
	}
	quoted[at] = '\0';
	snprintf(to, size,
	    "{\"format\":\"yizhan-waybill-1\",\"head\":\"%s\","
	    "\"content\":{\"sha256\":\"888888888888888888888888888888888888888888"
	    "8888888888888888888888\",\"length\":1048577},\"recipients\":{\"root\":"
	    "\"9999999999999999999999999999999999999999999999999999999999999999\","
	    "\"count\":2},\"commitment\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaa\"}",
	    quoted);
}

static void
same(const struct bytes *out, const char *text)
{
	assert_int_equal(out->len, strlen(text));
	assert_memory_equal(out->data, text, out->len);
}

static void
a_head_is_written_as_it_was_read(void **state)
{
	struct head head;
	struct bytes out = { 0 };
	struct error err = { 0 };

	(void)state;
	if (head_decode(head_json, strlen(head_json), &head, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(head.created_at, 1795316645678);
	assert_true(id_is_nil(&head.earlier));
	assert_int_equal(head_encode(&head, &out, &err), 0);
	same(&out, head_json);
	head.earlier = head.document_id;
	head.message = 6;
	out.len = 0;
	assert_int_equal(head_encode(&head, &out, &err), 0);
	assert_int_equal(head_decode(out.data, out.len, &head, &err), 0);
	assert_int_equal(head.message, 6);
	assert_true(id_equal(&head.earlier, &head.document_id));
	bytes_free(&out);
}

/* `text` with `from` replaced by `to`, in a static buffer of the test. */
static const char *
altered(const char *text, const char *from, const char *to)
{
	static char out[8192];
	const char *at = strstr(text, from);

	assert_non_null(at);
	snprintf(out, sizeof(out), "%.*s%s%s", (int)(at - text), text, to,
	    at + strlen(from));
	return out;
}

static void
other_heads_are_refused(void **state)
{
	static const char *const changes[][2] = {
		{ "demo", "Demo" },
		{ "demo", "" },
		{ "demo", "12345678901234567890123456789012345678901" },
		{ "\"message\":0", "\"message\":7" },
		{ "\"message\":0", "\"message\":-1" },
		{ "fast", "urgent" },
		{ "376490000A", "376490000A1" },
		{ "2026-12-22", "2026-10-22" },
		{ "\"earlier\":\"\"", "\"earlier\":\"\",\"more\":1" },
		{ ",\"earlier\":\"\"", "" },
		/* Neither a letter without DM nor a test is about another. */
		{ "\"earlier\":\"\"",
		    "\"earlier\":\"019aa9f5-4e4e-7001-8203-040506070809\"" },
		{ "\"message\":0,\"earlier\":\"\"",
		    "\"message\":5,\"earlier\":"
		    "\"019aa9f5-4e4e-7001-8203-040506070809\"" },
		{ "yizhan-head-1", "yizhan-head-2" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		const char *text =
		    altered(head_json, changes[i][0], changes[i][1]);
		struct head head;
		struct error err = { 0 };

		assert_int_equal(head_decode(text, strlen(text), &head, &err),
		    -1);
		assert_string_equal(err.id, "E3100");
		assert_int_equal(err.code, ERROR_MALFORMED);
	}
}

static void
a_waybill_is_written_as_it_was_read(void **state)
{
	char text[4096];
	struct waybill waybill;
	struct digest digest;
	struct bytes out = { 0 };
	struct error err = { 0 };

	(void)state;
	put_waybill(text, sizeof(text));
	if (waybill_decode(text, strlen(text), &waybill, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(waybill.head_text, head_json);
	assert_int_equal(waybill.content_len, 1048577);
	assert_int_equal(waybill.count, 2);
	sha256(head_json, strlen(head_json), &digest);
	assert_true(digest_equal(&digest, &waybill.head_digest));
	sha256(text, strlen(text), &digest);
	assert_true(digest_equal(&digest, &waybill.digest));
	assert_int_equal(waybill_encode(&waybill, &out, &err), 0);
	same(&out, text);
	bytes_free(&out);
}

static void
other_waybills_are_refused(void **state)
{
	static const char *const changes[][2] = {
		{ "\"count\":2", "\"count\":0" },
		{ "\"count\":2", "\"count\":5001" },
		{ "\"length\":1048577", "\"length\":-1" },
		{ "yizhan-head-1", "yizhan-head-9" },
		{ "\"commitment\"", "\"subject\":\"\",\"commitment\"" },
	};
	char text[4096];

	(void)state;
	put_waybill(text, sizeof(text));
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		const char *bad = altered(text, changes[i][0], changes[i][1]);
		struct waybill waybill;
		struct error err = { 0 };

		assert_int_equal(waybill_decode(bad, strlen(bad), &waybill,
				     &err),
		    -1);
		assert_int_equal(err.code, ERROR_MALFORMED);
		assert_true(text_starts(err.id, "E310"));
	}
}

static void
a_leaf_is_written_as_it_was_read(void **state)
{
	struct leaf leaf;
	struct bytes out = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(leaf_decode(leaf_json, strlen(leaf_json), &leaf, &err),
	    0);
	assert_string_equal(leaf.recipient.text, "376490000AU000001");
	assert_int_equal(leaf_encode(&leaf, &out, &err), 0);
	same(&out, leaf_json);
	assert_int_equal(leaf_decode(leaf_json, strlen(leaf_json) - 1, &leaf,
			     &err),
	    -1);
	assert_string_equal(err.id, "E3102");
	bytes_free(&out);
}

static void
a_key_part_is_written_as_it_was_read(void **state)
{
	struct keypart part;
	struct bytes out = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(keypart_decode(keypart_json, strlen(keypart_json),
			     &part, &err),
	    0);
	assert_int_equal(part.key.bytes[31], 0x55);
	assert_int_equal(keypart_encode(&part, &out, &err), 0);
	same(&out, keypart_json);
	bytes_wipe(&out);
}

static void
no_secret_gets_into_an_error(void **state)
{
	const char *bad =
	    altered(keypart_json, "\"random\":\"66", "\"random\":\"zz");
	struct keypart part;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(keypart_decode(bad, strlen(bad), &part, &err), -1);
	assert_string_equal(err.id, "E3103");
	assert_null(strstr(err.text, "66"));
}

static void
the_commitment_is_that_of_the_definition(void **state)
{
	struct bytes input = { 0 };
	struct digest want, got;
	struct keypart part;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(keypart_decode(keypart_json, strlen(keypart_json),
			     &part, &err),
	    0);
	got = keypart_commitment(&part);
	bytes_put_text(&input, "yizhan-commitment-1");
	bytes_put_u8(&input, 0);
	for (int i = 0; i < 32; i++)
		bytes_put_u8(&input, 0x66);
	for (int i = 0; i < 32; i++)
		bytes_put_u8(&input, 0x55);
	for (int i = 0; i < 32; i++)
		bytes_put_u8(&input, 0x77);
	sha256(input.data, input.len, &want);
	assert_true(digest_equal(&want, &got));
	bytes_free(&input);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_is_written_as_it_was_read),
		cmocka_unit_test(other_heads_are_refused),
		cmocka_unit_test(a_waybill_is_written_as_it_was_read),
		cmocka_unit_test(other_waybills_are_refused),
		cmocka_unit_test(a_leaf_is_written_as_it_was_read),
		cmocka_unit_test(a_key_part_is_written_as_it_was_read),
		cmocka_unit_test(no_secret_gets_into_an_error),
		cmocka_unit_test(the_commitment_is_that_of_the_definition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
