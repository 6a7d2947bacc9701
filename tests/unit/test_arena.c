#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "sys/arena.h"
#include "sys/process.h"

static void
both_sides_see_the_same_bytes(void **state)
{
	struct error err = { 0 };
	struct arena *mine;
	struct arena *theirs;
	uint16_t slot;

	(void)state;
	assert_int_equal(arena_create(4, &mine, &err), 0);
	assert_int_equal(arena_open(dup(arena_fd(mine)), &theirs, &err), 0);
	assert_true(arena_take(mine, &slot));
	memcpy(arena_slot(mine, slot), "letter", 7);
	assert_string_equal((char *)arena_slot(theirs, slot), "letter");
	assert_null(arena_slot(theirs, 4));
	arena_free(theirs);
	arena_free(mine);
}

static void
a_slot_given_twice_is_free_once(void **state)
{
	struct error err = { 0 };
	struct arena *arena;
	uint16_t slot, other;

	(void)state;
	assert_int_equal(arena_create(2, &arena, &err), 0);
	assert_true(arena_take(arena, &slot));
	assert_true(arena_take(arena, &other));
	assert_false(arena_take(arena, &other));
	arena_give(arena, slot);
	arena_give(arena, slot);
	arena_give(arena, 77);
	assert_int_equal(arena_free_count(arena), 1);
	arena_free(arena);
}

static void
what_can_still_shrink_is_refused(void **state)
{
	struct error err = { 0 };
	struct arena *arena;
	int fds[2];

	(void)state;
	assert_int_equal(process_socketpair(fds, &err), 0);
	assert_int_equal(arena_open(fds[0], &arena, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	close(fds[1]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_see_the_same_bytes),
		cmocka_unit_test(a_slot_given_twice_is_free_once),
		cmocka_unit_test(what_can_still_shrink_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
