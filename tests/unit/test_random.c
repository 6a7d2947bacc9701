#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "crypto/random.h"

enum { DRAWS = 200, LEN = 32 };

static void
draw(uint8_t *to, size_t len)
{
	struct error err = { 0 };

	assert_int_equal(random_draw(to, len, &err), 0);
}

static void
nothing_is_drawn_twice(void **state)
{
	static uint8_t drawn[DRAWS][LEN];

	(void)state;
	for (size_t i = 0; i < DRAWS; i++) {
		draw(drawn[i], LEN);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(drawn[i], drawn[j], LEN);
	}
}

static void
more_than_the_stock_is_drawn_as_well(void **state)
{
	static uint8_t much[5000];
	static const uint8_t zeros[LEN];

	(void)state;
	draw(much, sizeof(much));
	assert_memory_not_equal(much, zeros, LEN);
	assert_memory_not_equal(much + sizeof(much) - LEN, zeros, LEN);
}

/* The stock that both have after a fork is drawn from by its owner alone. */
static void
a_copy_of_the_process_draws_its_own(void **state)
{
	uint8_t ours[LEN], theirs[LEN];
	int ends[2];
	int status = 0;
	pid_t child;

	(void)state;
	draw(ours, LEN);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct error err = { 0 };

		_exit(random_draw(theirs, LEN, &err) == 0 &&
			    write(ends[1], theirs, LEN) == LEN
			? 0
			: 1);
	}
	draw(ours, LEN);
	assert_int_equal(read(ends[0], theirs, LEN), LEN);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_memory_not_equal(ours, theirs, LEN);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_drawn_twice),
		cmocka_unit_test(more_than_the_stock_is_drawn_as_well),
		cmocka_unit_test(a_copy_of_the_process_draws_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
