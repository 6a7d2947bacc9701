#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "cli/cli.h"
#include "cli/progress.h"

static void
shows(uint64_t total, uint64_t done, int64_t after_ms, const char *expected)
{
	struct cli cli = { 0 };
	struct progress progress =
	    progress_start(&cli, "letter.di", total, 1000);
	struct bytes text = { 0 };

	progress_format(&progress, done, 1000 + after_ms, &text);
	bytes_put_u8(&text, '\0');
	assert_string_equal((const char *)text.data, expected);
	bytes_free(&text);
}

static void
bytes_rate_and_time_left_are_shown(void **state)
{
	(void)state;
	shows(UINT64_C(3) << 30, UINT64_C(300) << 20, 10000,
	    "letter.di  300 MiB of 3.0 GiB  30.0 MiB/s  1:32 left");
	shows(UINT64_C(1) << 40, UINT64_C(1) << 20, 1000,
	    "letter.di  1.0 MiB of 1.0 TiB  1.0 MiB/s  291:16:15 left");
	shows(0, 512, 1000, "letter.di  512 B  512 B/s");
	shows(2048, 2048, 2000, "letter.di  2.0 KiB of 2.0 KiB  1.0 KiB/s");
}

static void
no_rate_is_guessed_from_too_little(void **state)
{
	(void)state;
	shows(2048, 1024, 100, "letter.di  1.0 KiB of 2.0 KiB");
	shows(2048, 0, 5000, "letter.di  0 B of 2.0 KiB");
	shows(2048, 1024, 0, "letter.di  1.0 KiB of 2.0 KiB");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_rate_and_time_left_are_shown),
		cmocka_unit_test(no_rate_is_guessed_from_too_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
