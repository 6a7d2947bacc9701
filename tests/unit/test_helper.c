#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "sys/helper.h"

/* Counts, in the copy; and does what it is told. */
static void
work(void *ctx, const void *message, size_t len, struct bytes *answer)
{
	int *count = ctx;
	const char *text = message;

	++*count;
	if (len == 5 && memcmp(text, "crash", 5) == 0)
		abort();
	if (len == 4 && memcmp(text, "hang", 4) == 0)
		for (;;)
			pause();
	if (len == 4 && memcmp(text, "long", 4) == 0)
		bytes_extend(answer, HELPER_MESSAGE_MAX);
	bytes_put_u8(answer, (uint8_t)*count);
	bytes_put(answer, message, len);
}

static int
ask(struct helper *helper, const char *text, struct bytes *answer)
{
	struct error err = { 0 };
	int rc;

	bytes_clear(answer);
	rc = helper_ask(helper, text, strlen(text), answer, &err);
	if (rc < 0)
		assert_int_equal(err.code, ERROR_BUSY);
	return rc;
}

static void
a_copy_answers_and_remembers(void **unused)
{
	struct helper *helper = NULL;
	struct bytes answer = { 0 };
	struct error err = { 0 };
	int count = 0;

	(void)unused;
	assert_int_equal(helper_start("", 5, work, &count, &helper, &err), 0);
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(ask(helper, "hello", &answer), 0);
		assert_int_equal(answer.len, 6);
		assert_int_equal(answer.data[0], i);
		assert_memory_equal(answer.data + 1, "hello", 5);
	}
	assert_int_equal(count, 0);
	helper_stop(helper);
	bytes_free(&answer);
}

/* What it does may kill it, or never end: the next question is answered. */
static void
another_copy_takes_the_place_of_one_that_died(void **unused)
{
	static const char *const ways[] = { "crash", "long", "hang" };
	struct helper *helper = NULL;
	struct bytes answer = { 0 };
	struct error err = { 0 };
	int count = 0;

	(void)unused;
	assert_int_equal(helper_start("", 1, work, &count, &helper, &err), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(ask(helper, ways[i], &answer), -1);
		assert_int_equal(answer.len, 0);
		assert_int_equal(ask(helper, "hello", &answer), 0);
		assert_int_equal(answer.data[0], 1);
	}
	helper_stop(helper);
	bytes_free(&answer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_answers_and_remembers),
		cmocka_unit_test(another_copy_takes_the_place_of_one_that_died),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
