/*
 * When a host judges again, and that it gets through.  What is judged, and how:
 * test_review.c; with centers and gateways: tests/scenario/78-judged-again.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin_make.h"
#include "directory/directory.h"
#include "directory/directory_image.h"
#include "harness/scratch.h"
#include "json/json_write.h"
#include "role/bulletins/bulletins_internal.h"
#include "role/env.h"
#include "role/spool/spool.h"
#include "role/status/review.h"
#include "role/status/reviewer.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/loop.h"

enum { LETTERS = REVIEWER_SLICE * 2 + 50 };

static const int64_t hour = 3600000;

static struct {
	char folder[SCRATCH_PATH_SIZE];
	struct config config;
	struct role_env env;
	struct store *store;
	struct bulletins bulletins;
	struct spool spool;
	struct bytes images[2];
	struct directory *directories[2]; /* serials 1 and 2 */
	struct measure hold;
	int64_t revoked_at;
	struct reviewer *reviewer;
	int rewinds;
	int64_t since;
	int judged; /* since the last rewind */
	int told;
	int fails_at; /* that call of judge_next; 0: none */
	int opens_at; /* ... brings the second directory */
} box;

/* ---- what is played ---------------------------------------------------- */

static void
go_back(void *ctx, int64_t since_ms)
{
	(void)ctx;
	box.rewinds++;
	box.since = since_ms;
	box.judged = 0;
}

static void
open_directory(uint64_t serial)
{
	box.bulletins.directory = box.directories[serial - 1];
	reviewer_on_news(box.reviewer);
}

static int
judge_next(void *ctx, struct error *err)
{
	(void)ctx;
	if (box.judged == LETTERS)
		return 0;
	box.judged++;
	if (box.judged == box.opens_at) {
		box.opens_at = 0;
		open_directory(2);
	}
	if (box.judged != box.fails_at)
		return 1;
	box.fails_at = 0;
	return error_set(err, ERROR_BUSY, "told to fail");
}

static void
tell(void *ctx)
{
	(void)ctx;
	box.told++;
}

static void
broken(void *ctx, const struct error *err)
{
	(void)ctx;
	fail_msg("store broken: %s", err->text);
}

/* One organisation; by the second directory its module was revoked. */
static void
write_body(void *context, struct json_writer *writer)
{
	static const uint8_t der[] = { 0x30, 2, 'm', '1' };
	bool is_revoked = *(const uint64_t *)context == 2;

	json_write_begin_array(writer, "organisations");
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "code", "376490000A");
	json_write_text(writer, "name", "機關");
	json_write_text(writer, "kind", "agency");
	json_write_text(writer, "status", "active");
	json_write_text(writer, "center", "");
	json_write_text(writer, "supervisor", "");
	json_write_text(writer, "successor", "");
	json_write_text(writer, "host", "gateway-a");
	json_write_begin_object(writer, "accepts");
	json_write_int(writer, "letter_bytes", 0);
	json_write_end(writer);
	json_write_begin_array(writer, "keys");
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "use", "module");
	json_write_text(writer, "state", is_revoked ? "revoked" : "active");
	json_write_time(writer, "not_after", INT64_C(4893456000000));
	json_write_base64(writer, "certificate", der, sizeof(der));
	if (is_revoked) {
		json_write_begin_object(writer, "revoked");
		json_write_text(writer, "reason", "key_compromise");
		json_write_time(writer, "at", box.revoked_at);
		json_write_end(writer);
	}
	json_write_end(writer);
	json_write_end(writer);
	json_write_end(writer);
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
	struct directory_sources sources = { .directory = &bulletin,
		.root_serial = 1,
		.timestamp_serial = 1 };
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (bulletin_format(&draft, write_body, &serial, &json, &err) < 0 ||
	    bulletin_parse(json.data, json.len, &bulletin, &err) < 0 ||
	    directory_image_build(&sources, image, &err) < 0 ||
	    directory_open(image->data, image->len,
		&box.directories[serial - 1], &err) < 0)
		fail_msg("%s", err.text);
	bulletin_free(&bulletin);
	bytes_free(&json);
}

/* ---- the host ---------------------------------------------------------- */

static void
adopt(uint64_t serial)
{
	box.bulletins.held[0].type = BULLETIN_DIRECTORY;
	box.bulletins.held[0].serial = serial;
	box.bulletins.held_count = 1;
}

static void
hold(void)
{
	box.hold = (struct measure){ .id = "H-1",
		.subject = MEASURE_ORGANISATION,
		.name = "376490000A",
		.direction = MEASURE_SENDING,
		.from_ms = 10 * hour,
		.until_ms = 20 * hour };
	box.bulletins.measures.holds = &box.hold;
	box.bulletins.measures.hold_count = 1;
	box.bulletins.measures_version++;
	reviewer_on_news(box.reviewer);
}

static void
turn(int count)
{
	struct error err = { 0 };

	while (count-- > 0)
		assert_int_equal(loop_run_once(box.env.loop, &err), 0);
}

static int
set_up(void **state)
{
	static const char *const migrations[] = { review_schema };
	static const struct reviewer_tier tier = { go_back, judge_next, tell };
	struct store_options options = { .dir = box.folder,
		.application_id = 7,
		.migrations = migrations,
		.migration_count = 1,
		.segments = { .segment_mib = 1, .first_count = 1 },
		.allow_volatile = true };
	struct error err = { 0 };

	(void)state;
	memset(&box, 0, sizeof(box));
	scratch_make(box.folder);
	box.env.config = &box.config;
	box.revoked_at = role_env_now(&box.env) - 24 * hour;
	make_directory(1);
	make_directory(2);
	box.env.log = (struct log){ .fd = STDERR_FILENO,
		.level = LOG_LEVEL_ERROR,
		.role = "test" };
	box.env.config = &box.config;
	box.spool.env = &box.env;
	box.spool.bulletins = &box.bulletins;
	box.spool.hooks.broken = broken;
	if (loop_new(&box.env.loop, &err) < 0 ||
	    store_open(&options, NULL, NULL, &box.store, &err) < 0 ||
	    group_new(box.env.loop, box.store, &box.spool.hooks, NULL,
		&box.spool.group, &err) < 0)
		fail_msg("%s", err.text);
	box.spool.store = box.store;
	if (reviewer_new(&box.spool, &tier, NULL, &box.reviewer, &err) < 0)
		fail_msg("%s", err.text);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	reviewer_free(box.reviewer);
	group_free(box.spool.group);
	store_close(box.store);
	loop_free(box.env.loop);
	for (size_t i = 0; i < 2; i++) {
		directory_close(box.directories[i]);
		bytes_free(&box.images[i]);
	}
	scratch_remove(box.folder);
	return 0;
}

/* ---- tests ------------------------------------------------------------- */

static void
nothing_is_judged_before_its_time_nor_without_reason(void **state)
{
	(void)state;
	hold();
	turn(20);
	assert_int_equal(box.rewinds, 0);
	box.bulletins.measures.hold_count = 0;
	reviewer_start(box.reviewer);
	turn(20);
	assert_int_equal(box.rewinds, 0);
	assert_int_equal(box.judged, 0);
}

static void
all_is_judged_in_slices_and_once(void **state)
{
	(void)state;
	reviewer_start(box.reviewer);
	turn(20);
	hold();
	turn(40);
	assert_int_equal(box.rewinds, 1);
	assert_int_equal(box.since, 9 * hour);
	assert_int_equal(box.judged, LETTERS);
	assert_int_equal(box.told, 3);

	box.bulletins.measures_version++;
	reviewer_on_news(box.reviewer);
	turn(40);
	assert_int_equal(box.rewinds, 1);
}

/*
 * A host that is started after the serial of a directory was adopted and before
 * its content is opened has looked at the old content, whatever the serial says.
 */
static void
a_directory_that_is_adopted_before_it_is_opened_is_looked_at(void **state)
{
	(void)state;
	box.bulletins.directory = box.directories[0];
	adopt(2);
	reviewer_start(box.reviewer);
	turn(20);
	assert_int_equal(box.rewinds, 0);

	open_directory(2);
	turn(40);
	assert_int_equal(box.rewinds, 1);
	assert_int_equal(box.since, box.revoked_at - hour);
	assert_int_equal(box.judged, LETTERS);
}

static void
what_comes_while_it_judges_is_looked_at_afterwards(void **state)
{
	(void)state;
	box.bulletins.directory = box.directories[0];
	reviewer_start(box.reviewer);
	turn(20);
	box.opens_at = REVIEWER_SLICE + 7;
	hold();
	turn(40);
	assert_int_equal(box.rewinds, 2);
	/* The hold was not looked back for to its end. */
	assert_int_equal(box.since, 9 * hour);
	assert_int_equal(box.judged, LETTERS);
}

/* A slice that fails is undone, and all begins again after a while. */
static void
what_failed_begins_again(void **state)
{
	(void)state;
	reviewer_start(box.reviewer);
	turn(20);
	box.fails_at = REVIEWER_SLICE + 7;
	hold();
	while (box.rewinds < 2)
		turn(1);
	turn(40);
	assert_int_equal(box.rewinds, 2);
	assert_int_equal(box.judged, LETTERS);
}

#define WITH_BOX(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BOX(nothing_is_judged_before_its_time_nor_without_reason),
		WITH_BOX(all_is_judged_in_slices_and_once),
		WITH_BOX(
		    a_directory_that_is_adopted_before_it_is_opened_is_looked_at),
		WITH_BOX(what_comes_while_it_judges_is_looked_at_afterwards),
		WITH_BOX(what_failed_begins_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
