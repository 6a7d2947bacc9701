#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "log/tile_path.h"

static void
names_are_those_of_tlog_tiles(void **state)
{
	static const struct {
		const char *text;
		struct tile_path path;
	} cases[] = {
		{ "0/000", { false, 0, 0, 256 } },
		{ "1/067", { false, 1, 67, 256 } },
		{ "0/x001/x234/067", { false, 0, 1234067, 256 } },
		{ "3/x001/000.p/8", { false, 3, 1000, 8 } },
		{ "entries/x002/003.p/255", { true, 0, 2003, 255 } },
		{ "7/x018/x446/x744/x073/x709/551",
		    { false, 7, 18446744073709551, 256 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tile_path path;
		char text[TILE_PATH_SIZE];

		assert_true(tile_path_parse(cases[i].text, &path));
		assert_int_equal(path.is_entries, cases[i].path.is_entries);
		assert_int_equal(path.level, cases[i].path.level);
		assert_int_equal(path.index, cases[i].path.index);
		assert_int_equal(path.width, cases[i].path.width);
		tile_path_format(&path, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void
other_names_are_none(void **state)
{
	static const char *const cases[] = { "", "0", "0/", "0/00", "0/0000",
		"0/1", "x/000", "8/000", "00/000", "-1/000", "0/000/",
		"0/000.p", "0/000.p/", "0/000.p/0", "0/000.p/256", "0/000.p/01",
		"0/x000/001", "0/001/002", "0/x001", "0/x001/", "0/x001/x002",
		"entries", "entries/", "entries/0/000",
		"0/x001/x002/x003/x004/x005/x006/007", "0/000 ", " 0/000",
		"0/000.p/-1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tile_path path;

		if (tile_path_parse(cases[i], &path))
			fail_msg("%s was taken", cases[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_those_of_tlog_tiles),
		cmocka_unit_test(other_names_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
