#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "envelope/epoch_record.h"

/* docs/protocol.md 5, byte for byte. */
static const char json[] =
    "{\"format\":\"yizhan-epoch-1\",\"environment\":\"demo\","
    "\"center\":\"center-a\",\"origin\":\"yizhan/demo/center-a/2\","
    "\"previous\":\"yizhan/demo/center-a/1\",\"records\":12,"
    "\"root\":\"1111111111111111111111111111111111111111111111111111111111111111"
    "\",\"checkpoint\":\"yizhan/demo/center-a/1\\n12\\n\",\"cosigned\":\"\","
    "\"backup\":\"2026-11-22T03:04:05.678Z\","
    "\"time\":\"2026-11-22T04:04:05.678Z\","
    "\"serials\":{\"root\":1,\"network\":2}}";

static void
a_record_is_written_as_it_was_read(void **state)
{
	struct epoch_record record = { 0 };
	struct bytes out = { 0 };
	struct error err = { 0 };

	(void)state;
	if (epoch_record_decode(json, strlen(json), &record, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(record.records, 12);
	assert_string_equal(record.previous, "yizhan/demo/center-a/1");
	assert_int_equal(record.serials.network, 2);
	assert_int_equal(epoch_record_encode(&record, &out, &err), 0);
	assert_int_equal(out.len, strlen(json));
	assert_memory_equal(out.data, json, out.len);
	epoch_record_free(&record);
	bytes_free(&out);
}

static void
what_is_cut_off_or_more_is_refused(void **state)
{
	char text[sizeof(json) + 8];

	(void)state;
	for (size_t len = 0; len < strlen(json); len++) {
		struct epoch_record record = { 0 };
		struct error err = { 0 };

		assert_int_equal(epoch_record_decode(json, len, &record, &err),
		    -1);
		assert_string_equal(err.id, "E3112");
	}
	memcpy(text, json, sizeof(json));
	memcpy(text + strlen(json) - 1, ",\"x\":1}", sizeof(",\"x\":1}"));
	{
		struct epoch_record record = { 0 };
		struct error err = { 0 };

		assert_int_equal(epoch_record_decode(text, strlen(text),
				     &record, &err),
		    -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_written_as_it_was_read),
		cmocka_unit_test(what_is_cut_off_or_more_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
