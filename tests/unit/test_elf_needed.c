#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "release/elf_needed.h"

static uint8_t *program;
static size_t program_len;

/* This test itself: a program that certainly needs something. */
static int
read_program(void **state)
{
	FILE *file = fopen("/proc/self/exe", "rb");

	(void)state;
	assert_non_null(file);
	program = malloc(64u << 20);
	assert_non_null(program);
	program_len = fread(program, 1, 64u << 20, file);
	fclose(file);
	return 0;
}

static int
free_program(void **state)
{
	(void)state;
	free(program);
	return 0;
}

static int
find(void *context, const char *soname, struct error *err)
{
	unsigned *found = context;

	(void)err;
	*found |= text_equal(soname, "libc.so.6") ? 1u : 0;
	*found |= text_starts(soname, "libcmocka.so") ? 2u : 0;
	*found |= text_starts(soname, "libarchive.so") ? 4u : 0;
	return 0;
}

static int
stop(void *context, const char *soname, struct error *err)
{
	(void)context;
	return error_set(err, ERROR_DENIED, "%s", soname);
}

static void
what_a_program_needs_is_told(void **state)
{
	struct error err = { 0 };
	unsigned found = 0;

	(void)state;
	assert_int_equal(elf_needed(program, program_len, find, &found, &err),
	    0);
	assert_int_equal(found, 3);
	assert_int_equal(elf_needed(program, program_len, stop, NULL, &err),
	    -1);
	assert_int_equal(err.code, ERROR_DENIED);
}

static void
what_is_no_program_or_cut_is_refused(void **state)
{
	struct error err = { 0 };
	unsigned found = 0;

	(void)state;
	assert_int_equal(elf_needed("#!/bin/sh\n", 10, find, &found, &err), -1);
	assert_string_equal(err.id, "E7607");
	assert_int_equal(elf_needed(program, 20, find, &found, &err), -1);
	/* Its segments lie behind the cut. */
	assert_int_equal(elf_needed(program, sizeof(Elf64_Ehdr) + 1024, find,
			     &found, &err),
	    -1);
	assert_int_equal(found, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_program_needs_is_told),
		cmocka_unit_test(what_is_no_program_or_cut_is_refused),
	};

	return cmocka_run_group_tests(tests, read_program, free_program);
}
