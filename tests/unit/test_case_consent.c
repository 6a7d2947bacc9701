#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "envelope/case_consent.h"

static void
what_is_signed_is_read_again(void **state)
{
	struct case_consent consent = { .environment = "demo",
		.id = "115-000012-7K2M",
		.move = "approve",
		.note = "同意",
		.time_ms = INT64_C(1795608000000) };
	struct case_consent read = { .time_ms = 0 };
	struct bytes json = { 0 };
	struct error err = { 0 };

	(void)state;
	consent.after.bytes[3] = 7;
	assert_int_equal(case_consent_encode(&consent, &json, &err), 0);
	assert_int_equal(case_consent_decode(json.data, json.len, &read, &err),
	    0);
	assert_memory_equal(&read, &consent, sizeof(read));
	bytes_free(&json);
}

static void
another_form_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"{}",
		"{\"format\":\"yizhan-case-consent-1\"}",
		"{\"format\":\"yizhan-case-consent-2\",\"environment\":\"demo\""
		",\"case\":\"1\",\"after\":\"00\",\"move\":\"\",\"note\":\"\","
		"\"time\":\"2026-11-26T02:00:00.000Z\"}",
	};
	struct case_consent consent;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };

		assert_int_equal(case_consent_decode(cases[i], strlen(cases[i]),
				     &consent, &err),
		    -1);
		assert_string_equal(error_message_id(&err), "E7116");
	}
}

/* The log has digests of what persons wrote, never their words. */
static void
a_record_has_no_words_of_persons(void **state)
{
	struct case_record record = { .environment = "demo",
		.id = "115-000012-7K2M",
		.definition = "change-name",
		.sequence = 3,
		.kind = "move",
		.move = "check",
		.state = "checked",
		.evidence = "",
		.person = "uid 0",
		.time_ms = INT64_C(1795608000000) };
	struct bytes json = { 0 };
	struct error err = { 0 };

	(void)state;
	record.note.bytes[0] = 1;
	assert_int_equal(case_record_encode(&record, &json, &err), 0);
	bytes_put_u8(&json, '\0');
	assert_string_equal((const char *)json.data,
	    "{\"format\":\"yizhan-case-step-1\",\"environment\":\"demo\","
	    "\"case\":\"115-000012-7K2M\",\"definition\":\"change-name\","
	    "\"sequence\":3,\"kind\":\"move\",\"move\":\"check\","
	    "\"state\":\"checked\",\"evidence\":\"\",\"by\":\"uid 0\","
	    "\"content\":\"\",\"note\":\"0100000000000000000000000000000000000"
	    "000000000000000000000000000\",\"consent\":\"\","
	    "\"time\":\"2026-11-25T12:00:00.000Z\"}");
	bytes_free(&json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_signed_is_read_again),
		cmocka_unit_test(another_form_is_refused),
		cmocka_unit_test(a_record_has_no_words_of_persons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
