/* How many lines outsiders can cause. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/log_gate.h"

static void
so_many_a_second_and_then_how_many_more(void **state)
{
	struct log_gate gate = { 0 };
	uint64_t held = 9;
	unsigned passed = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		passed += log_gate_pass(&gate, 5000 + i, &held);
	assert_int_equal(passed, LOG_GATE_LINES);
	assert_int_equal(held, 0);
	assert_true(log_gate_pass(&gate, 6000, &held));
	assert_int_equal(held, 100 - LOG_GATE_LINES);
	assert_true(log_gate_pass(&gate, 6001, &held));
	assert_int_equal(held, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_a_second_and_then_how_many_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
