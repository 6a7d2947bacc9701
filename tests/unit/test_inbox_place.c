/*
 * When a refusal of a letter is the last word: never by a directory older than
 * the one by which its center took it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "bulletin/bulletin_make.h"
#include "directory/directory.h"
#include "directory/directory_image.h"
#include "gateway/gateway.h"
#include "gateway/inbox/inbox_place.h"
#include "gateway/inbox/inbox_review.h"
#include "harness/scratch.h"
#include "json/json_write.h"
#include "role/bulletins/bulletins_internal.h"
#include "role/env.h"
#include "service/config.h"
#include "store/rows.h"

enum { TRIES = 3 };

static const int64_t hour = 3600000;

static struct {
	struct config config;
	struct role_env env;
	struct bulletins bulletins;
	struct bytes images[2];
	struct directory *directories[2]; /* serials 1 and 2 */
	struct gateway gateway;
} box;

static void
write_body(void *context, struct json_writer *writer)
{
	(void)context;
	json_write_begin_array(writer, "organisations");
	json_write_end(writer);
}

static void
make_directory(uint64_t serial)
{
	struct bytes *image = &box.images[serial - 1];
	struct digest previous = { { 1 } };
	struct bulletin_draft draft = { .environment = "demo",
		.type = BULLETIN_DIRECTORY,
		.name = "",
		.serial = serial,
		.issued_ms = 1000,
		.expires_ms = 2000,
		.previous = serial > 1 ? &previous : NULL };
	struct bulletin bulletin = { 0 };
	struct directory_sources sources = { .directory = &bulletin };
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (bulletin_format(&draft, write_body, NULL, &json, &err) < 0 ||
	    bulletin_parse(json.data, json.len, &bulletin, &err) < 0 ||
	    directory_image_build(&sources, image, &err) < 0 ||
	    directory_open(image->data, image->len,
		&box.directories[serial - 1], &err) < 0)
		fail_msg("%s", err.text);
	bulletin_free(&bulletin);
	bytes_free(&json);
}

/* Directory 1, and a timestamp of now. */
static int
set_up(void **state)
{
	(void)state;
	memset(&box, 0, sizeof(box));
	make_directory(1);
	make_directory(2);
	box.env.config = &box.config;
	box.gateway.spool.env = &box.env;
	box.gateway.spool.bulletins = &box.bulletins;
	box.bulletins.directory = box.directories[0];
	box.bulletins.held[0].type = BULLETIN_TIMESTAMP;
	box.bulletins.held[0].fresh_at = role_env_now(&box.env);
	box.bulletins.held_count = 1;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		directory_close(box.directories[i]);
		bytes_free(&box.images[i]);
	}
	return 0;
}

static bool
is_final(const char *id, enum error_code code, uint32_t failures,
    uint64_t directory)
{
	struct error refusal = { 0 };

	error_set_id(&refusal, id, code, "as the test wants it");
	return inbox_place_is_final(&box.gateway, failures, directory,
	    &refusal);
}

static void
what_a_directory_decides_is_final_after_some_tries(void **state)
{
	(void)state;
	assert_false(is_final("E4308", ERROR_UNTRUSTED, TRIES - 1, 1));
	assert_true(is_final("E4308", ERROR_UNTRUSTED, TRIES, 1));
	assert_true(is_final("E4303", ERROR_UNTRUSTED, TRIES, 0));
	/* The system's own trouble never is, a forgery at once. */
	assert_false(is_final("E1001", ERROR_BUSY, 100, 1));
	assert_true(is_final("E4307", ERROR_UNTRUSTED, 0, 9));
	box.bulletins.held[0].fresh_at -= 2 * hour;
	assert_false(is_final("E4303", ERROR_UNTRUSTED, 100, 1));
}

/* The sender has a new key, which its center knows by the next directory. */
static void
an_older_directory_says_nothing_for_good(void **state)
{
	(void)state;
	assert_false(is_final("E4303", ERROR_UNTRUSTED, 100, 2));
	assert_false(is_final("E4308", ERROR_UNTRUSTED, 100, 2));
	assert_false(is_final("E4302", ERROR_UNTRUSTED, 100, 2));
	assert_true(is_final("E4302", ERROR_UNTRUSTED, TRIES, 1));
	/* A reader that dies of a letter has nothing to do with it. */
	assert_true(is_final("E2291", ERROR_MALFORMED, TRIES, 2));
	box.bulletins.directory = box.directories[1];
	assert_true(is_final("E4303", ERROR_UNTRUSTED, TRIES, 2));
	box.bulletins.directory = NULL;
	assert_false(is_final("E4303", ERROR_UNTRUSTED, 100, 2));
}

static void
the_directory_is_kept_with_the_letter(void **state)
{
	static const char table[] =
	    "CREATE TABLE inbox_review (letter INTEGER PRIMARY KEY,"
	    " module BLOB NOT NULL, at INTEGER NOT NULL,"
	    " doubt TEXT NOT NULL DEFAULT '') STRICT;";
	const char *all[] = { table, inbox_review_directory_schema };
	char folder[SCRATCH_PATH_SIZE];
	char path[SCRATCH_PATH_SIZE + 16];
	struct rows_options options = { .path = path,
		.application_id = 1,
		.migrations = all,
		.migration_count = 2,
		.allow_volatile = true };
	struct digest module = { { 7 } };
	struct inbox_taken taken = { .module = &module,
		.at_ms = 5,
		.directory = 41 };
	struct rows *rows;
	struct error err = { 0 };
	uint64_t found = 1;

	(void)state;
	scratch_make(folder);
	snprintf(path, sizeof(path), "%s/rows.db", folder);
	if (rows_open(&options, &rows, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(inbox_review_directory(rows, 1, &found, &err), 0);
	assert_int_equal(found, 0);
	assert_int_equal(inbox_review_add(rows, 1, &taken, &err), 0);
	assert_int_equal(inbox_review_directory(rows, 1, &found, &err), 0);
	assert_int_equal(found, 41);
	/* Fetched again, it may have been taken over by another. */
	taken.directory = 42;
	assert_int_equal(inbox_review_add(rows, 1, &taken, &err), 0);
	assert_int_equal(inbox_review_directory(rows, 1, &found, &err), 0);
	assert_int_equal(found, 42);
	rows_close(rows);
	scratch_remove(folder);
}

#define WITH_BOX(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BOX(what_a_directory_decides_is_final_after_some_tries),
		WITH_BOX(an_older_directory_says_nothing_for_good),
		cmocka_unit_test(the_directory_is_kept_with_the_letter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
