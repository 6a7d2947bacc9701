/* How it stands with the hosts that are called: kept, and told as checks. */
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
#include "json/json_write.h"
#include "role/message.h"
#include "role/query/queries.h"
#include "role/query/query_links.h"

enum { MANY = 100, KEPT = 64 };

static struct {
	struct queries queries;
	struct bytes json;
} box;

static int
set_up(void **state)
{
	(void)state;
	memset(&box, 0, sizeof(box));
	box.queries.language = "en";
	box.queries.links = query_links_new();
	assert_non_null(box.queries.links);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free(box.queries.links);
	bytes_free(&box.json);
	return 0;
}

static void
take(const char *peer, bool is_well, int64_t since, const char *why)
{
	struct message_link link = { .is_well = is_well, .since = since };

	text_copy(link.peer, sizeof(link.peer), peer);
	text_copy(link.why, sizeof(link.why), why);
	text_copy(link.code, sizeof(link.code), is_well ? "" : "E1001");
	query_links_take(box.queries.links, &link);
}

/* The checks as they stand in GET /v1/health. */
static const char *
told(void)
{
	struct json_writer writer;
	struct error err = { 0 };

	bytes_clear(&box.json);
	writer = json_writer_to(&box.json);
	json_write_begin_array(&writer, NULL);
	query_links_write(&box.queries, &writer);
	json_write_end(&writer);
	if (json_write_done(&writer, &err) < 0)
		fail_msg("%s", err.text);
	bytes_put_u8(&box.json, '\0');
	return (const char *)box.json.data;
}

static void
says(const char *wanted)
{
	if (strstr(told(), wanted) == NULL)
		fail_msg("%s is not in %s", wanted, told());
}

static size_t
count_of(const char *text, const char *wanted)
{
	size_t count = 0;

	for (; (text = strstr(text, wanted)) != NULL; text++)
		count++;
	return count;
}

static void
nobody_was_called_yet(void **state)
{
	(void)state;
	assert_string_equal(told(), "[]");
}

static void
a_link_is_well_or_says_why_not(void **state)
{
	(void)state;
	take("center-a", true, 0, "");
	take("center-b", false, 1000, "refused");
	says("{\"name\":\"link center-a\",\"state\":\"ok\",\"text\":"
	     "\"well since 1970-01-01T00:00:00.000Z\"}");
	says("\"name\":\"link center-b\",\"state\":\"failed\",\"text\":"
	     "\"no connection since 1970-01-01T00:00:01.000Z: refused\"");
	says("\"E1001\"");
}

/* However often it is tried: since when, and why it failed last. */
static void
a_failure_that_goes_on_began_with_the_first(void **state)
{
	(void)state;
	take("center-a", false, 1000, "refused");
	take("center-a", false, 9000, "timed out");
	says("since 1970-01-01T00:00:01.000Z: timed out");
	assert_int_equal(count_of(told(), "center-a"), 1);
}

static void
what_was_well_in_between_begins_anew(void **state)
{
	(void)state;
	take("center-a", false, 1000, "refused");
	take("center-a", true, 5000, "");
	says("well since 1970-01-01T00:00:05.000Z");
	take("center-a", false, 9000, "timed out");
	says("since 1970-01-01T00:00:09.000Z: timed out");
	take("center-a", true, 11000, "");
	take("center-a", true, 12000, "");
	says("well since 1970-01-01T00:00:12.000Z");
}

/* A limit, so that no list of peers grows without end; the known go on. */
static void
more_than_there_is_room_for_are_not_kept(void **state)
{
	(void)state;
	for (int i = 0; i < MANY; i++) {
		char peer[MESSAGE_HOST_SIZE];

		snprintf(peer, sizeof(peer), "center-%d-", i);
		take(peer, true, 0, "");
	}
	assert_int_equal(count_of(told(), "\"name\":"), KEPT);
	take("center-0-", false, 7000, "refused");
	says("since 1970-01-01T00:00:07.000Z: refused");
	assert_int_equal(count_of(told(), "\"name\":"), KEPT);
}

/* Memory ran out at the start: no checks, and no harm. */
static void
without_memory_there_are_no_checks(void **state)
{
	(void)state;
	free(box.queries.links);
	box.queries.links = NULL;
	take("center-a", true, 0, "");
	assert_string_equal(told(), "[]");
}

#define WITH_BOX(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BOX(nobody_was_called_yet),
		WITH_BOX(a_link_is_well_or_says_why_not),
		WITH_BOX(a_failure_that_goes_on_began_with_the_first),
		WITH_BOX(what_was_well_in_between_begins_anew),
		WITH_BOX(more_than_there_is_room_for_are_not_kept),
		WITH_BOX(without_memory_there_are_no_checks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
