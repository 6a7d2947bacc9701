#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/cert.h"
#include "harness/pki.h"
#include "harness/scratch.h"
#include "role/keeper/keeper_uses.h"

static struct {
	struct pki pki;
	char dir[SCRATCH_PATH_SIZE];
	char path[SCRATCH_PATH_SIZE + 16];
	struct keeper_key items[2];
	struct keeper_keys keys;
	struct keeper_uses uses;
	struct error err;
} box;

static int
set_up(void **state)
{
	(void)state;
	memset(&box, 0, sizeof(box));
	pki_new(&box.pki);
	scratch_make(box.dir);
	snprintf(box.path, sizeof(box.path), "%s/keeper.uses", box.dir);
	box.items[0] =
	    (struct keeper_key){ .name = "module", .cert = box.pki.sub.cert };
	box.items[1] =
	    (struct keeper_key){ .name = "log", .cert = box.pki.root.cert };
	box.keys = (struct keeper_keys){ .items = box.items, .count = 2 };
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	pki_free(&box.pki);
	scratch_remove(box.dir);
	return 0;
}

static void
start(void)
{
	box.items[0].uses = box.items[1].uses = 0;
	if (keeper_uses_open(box.path, &box.keys, &box.uses, &box.err) < 0)
		fail_msg("%s", box.err.text);
}

static void
use(size_t index, size_t times)
{
	struct keeper_key *key = &box.items[index];

	for (size_t i = 0; i < times; i++) {
		assert_int_equal(keeper_uses_reserve(&box.uses, key,
				     key->uses + 1, &box.err),
		    0);
		key->uses++;
	}
}

/* Killed: nothing is written at the end. */
static void
crash(void)
{
	close(box.uses.fd);
	free(box.uses.keys);
}

static void
a_stop_in_order_leaves_the_exact_number(void **state)
{
	(void)state;
	start();
	use(0, 300);
	use(1, 1);
	keeper_uses_close(&box.uses, &box.keys);
	start();
	assert_int_equal(box.items[0].uses, 300);
	assert_int_equal(box.items[1].uses, 1);
	use(1, 2);
	keeper_uses_close(&box.uses, &box.keys);
	start();
	assert_int_equal(box.items[0].uses, 300);
	assert_int_equal(box.items[1].uses, 3);
	keeper_uses_close(&box.uses, &box.keys);
}

static void
after_a_crash_no_use_is_forgotten(void **state)
{
	static const size_t times[] = { 1, 256, 257, 258, 1000 };
	uint64_t before = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		start();
		assert_in_range(box.items[0].uses, before,
		    before + KEEPER_USES_AHEAD);
		use(0, times[i]);
		before = box.items[0].uses;
		crash();
	}
	start();
	assert_in_range(box.items[0].uses, before, before + KEEPER_USES_AHEAD);
	keeper_uses_close(&box.uses, &box.keys);
}

/* Flip one byte at `offset`. */
static void
damage(long offset)
{
	FILE *file = fopen(box.path, "r+b");
	int c;

	assert_non_null(file);
	assert_int_equal(fseek(file, offset, SEEK_SET), 0);
	c = fgetc(file);
	assert_int_equal(fseek(file, offset, SEEK_SET), 0);
	fputc(c ^ 1, file);
	fclose(file);
}

static void
a_record_that_was_cut_leaves_the_one_before(void **state)
{
	(void)state;
	start();
	use(0, 1);
	crash();
	/* Two turns at the start, so the third one stands in the second half. */
	damage(128 + 40);
	start();
	assert_int_equal(box.items[0].uses, 0);
	use(0, 5);
	keeper_uses_close(&box.uses, &box.keys);
	start();
	assert_int_equal(box.items[0].uses, 5);
	keeper_uses_close(&box.uses, &box.keys);
}

static void
another_certificate_is_counted_anew(void **state)
{
	struct bytes text = { 0 };

	(void)state;
	start();
	use(0, 7);
	keeper_uses_close(&box.uses, &box.keys);
	box.keys.count = 1;
	box.items[0].cert = box.pki.root.cert;
	start();
	assert_int_equal(box.items[0].uses, 0);
	keeper_uses_close(&box.uses, &box.keys);
	box.items[0].cert = box.pki.sub.cert;
	start();
	assert_int_equal(box.items[0].uses, 7);
	keeper_uses_close(&box.uses, &box.keys);
	keeper_uses_put_metrics(box.path, &text);
	bytes_put_u8(&text, '\0');
	assert_non_null(strstr((const char *)text.data,
	    "yizhan_module_key_uses_total{key=\"module\",certificate=\""));
	assert_non_null(strstr((const char *)text.data, "\"} 7\n"));
	bytes_free(&text);
}

#define WITH_BOX(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BOX(a_stop_in_order_leaves_the_exact_number),
		WITH_BOX(after_a_crash_no_use_is_forgotten),
		WITH_BOX(a_record_that_was_cut_leaves_the_one_before),
		WITH_BOX(another_certificate_is_counted_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
