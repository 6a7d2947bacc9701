#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/http_memory.h"

static const size_t sizes[] = { 1, 100, 16383, 16384, 16394, 70000 };

enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

static void
blocks_of_all_sizes_keep_what_is_in_them(void **state)
{
	(void)state;
	for (size_t from = 0; from < SIZES; from++) {
		for (size_t to = 0; to < SIZES; to++) {
			size_t least =
			    sizes[from] < sizes[to] ? sizes[from] : sizes[to];
			uint8_t *block = http_memory.malloc(sizes[from], NULL);

			assert_non_null(block);
			memset(block, 7, sizes[from]);
			block = http_memory.realloc(block, sizes[to], NULL);
			assert_non_null(block);
			for (size_t i = 0; i < least; i++)
				assert_int_equal(block[i], 7);
			memset(block, 8, sizes[to]);
			http_memory.free(block, NULL);
		}
	}
	http_memory.free(NULL, NULL);
}

static void
counted_blocks_are_zeros(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		uint8_t *block = http_memory.calloc(sizes[i], 1, NULL);

		assert_non_null(block);
		for (size_t at = 0; at < sizes[i]; at++)
			assert_int_equal(block[at], 0);
		http_memory.free(block, NULL);
	}
	assert_null(http_memory.calloc(SIZE_MAX / 2, 3, NULL));
	assert_null(http_memory.malloc(SIZE_MAX, NULL));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_of_all_sizes_keep_what_is_in_them),
		cmocka_unit_test(counted_blocks_are_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
