#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "cli/doc/doc_wait.h"
#include "json/json_read.h"

static enum doc_wait
judge(const char *json, enum delivery_state wanted)
{
	struct json_document *document;
	struct error err = { 0 };
	enum doc_wait found;

	assert_int_equal(json_read(json, strlen(json), 65536, &document, &err),
	    0);
	found = doc_wait_judge(json_root(document), wanted);
	json_document_free(document);
	return found;
}

static void
every_delivery_must_be_there(void **state)
{
	static const char json[] =
	    "{\"deliveries\":[{\"state\":\"confirmed\",\"events\":[]},"
	    "{\"state\":\"relayed\",\"events\":[]}]}";

	(void)state;
	assert_int_equal(judge(json, DELIVERY_RELAYED), DOC_WAIT_THERE);
	assert_int_equal(judge(json, DELIVERY_OPENED), DOC_WAIT_MORE);
	assert_int_equal(judge(json, DELIVERY_CONFIRMED), DOC_WAIT_MORE);
}

static void
a_returned_letter_was_delivered_but_not_signed_for(void **state)
{
	static const char json[] =
	    "{\"deliveries\":[{\"state\":\"returned\",\"events\":["
	    "{\"event\":\"accepted\"},{\"event\":\"opened\"},"
	    "{\"event\":\"returned\"}]}]}";

	(void)state;
	assert_int_equal(judge(json, DELIVERY_OPENED), DOC_WAIT_THERE);
	assert_int_equal(judge(json, DELIVERY_CONFIRMED), DOC_WAIT_ENDED);
}

static void
no_end_but_confirmed_counts_as_confirmed(void **state)
{
	static const char *const ends[] = { "returned", "refused", "expired",
		"withdrawn", "quarantined", "paper" };
	char json[200];

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(json, sizeof(json),
		    "{\"deliveries\":[{\"events\":[],\"state\":\"%s\"}]}",
		    ends[i]);
		assert_int_equal(judge(json, DELIVERY_CONFIRMED),
		    DOC_WAIT_ENDED);
	}
}

static void
one_that_ended_waits_for_the_others(void **state)
{
	(void)state;
	assert_int_equal(
	    judge("{\"deliveries\":[{\"state\":\"expired\"},"
		  "{\"state\":\"fetched\"},{\"state\":\"confirmed\"}]}",
		DELIVERY_CONFIRMED),
	    DOC_WAIT_MORE);
	assert_int_equal(judge("{\"deliveries\":[{\"state\":\"expired\"},"
			       "{\"state\":\"confirmed\"}]}",
			     DELIVERY_CONFIRMED),
	    DOC_WAIT_ENDED);
}

static void
what_is_not_understood_is_never_there(void **state)
{
	(void)state;
	assert_int_equal(judge("{}", DELIVERY_ACCEPTED), DOC_WAIT_MORE);
	assert_int_equal(judge("{\"deliveries\":[]}", DELIVERY_ACCEPTED),
	    DOC_WAIT_MORE);
	assert_int_equal(judge("{\"deliveries\":[{\"state\":\"new\"}]}",
			     DELIVERY_ACCEPTED),
	    DOC_WAIT_MORE);
}

static void
times_are_numbers_with_a_unit(void **state)
{
	static const char *const bad[] = { "", "s", "-1", "1d", "1.5h", "1h5",
		" 1", "1 h", "99999999999999999999h", "1000001" };
	uint64_t s;

	(void)state;
	assert_true(doc_wait_parse_time("90", &s) && s == 90);
	assert_true(doc_wait_parse_time("90s", &s) && s == 90);
	assert_true(doc_wait_parse_time("5m", &s) && s == 300);
	assert_true(doc_wait_parse_time("1h", &s) && s == 3600);
	assert_true(doc_wait_parse_time("0", &s) && s == 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(doc_wait_parse_time(bad[i], &s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_delivery_must_be_there),
		cmocka_unit_test(
		    a_returned_letter_was_delivered_but_not_signed_for),
		cmocka_unit_test(no_end_but_confirmed_counts_as_confirmed),
		cmocka_unit_test(one_that_ended_waits_for_the_others),
		cmocka_unit_test(what_is_not_understood_is_never_there),
		cmocka_unit_test(times_are_numbers_with_a_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
