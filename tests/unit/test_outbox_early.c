/*
 * Receipts whose bulletins are not here yet: kept, judged again, and never lost
 * without a word.  Who says that they are early: test_verify_receipt.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "bulletin/bulletin_make.h"
#include "directory/directory.h"
#include "directory/directory_image.h"
#include "gateway/outbox/outbox_early.h"
#include "gateway/outbox/outbox_internal.h"
#include "harness/scratch.h"
#include "json/json_write.h"
#include "role/bulletins/bulletins_internal.h"
#include "role/env.h"
#include "role/message.h"
#include "role/peer.h"
#include "service/config.h"
#include "store/rows.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"
#include "sys/process.h"

enum { TURNS = 60 };

static const int64_t day = INT64_C(86400000);

static struct {
	char folder[SCRATCH_PATH_SIZE];
	struct config config;
	struct role_env env;
	struct bulletins bulletins;
	struct bytes images[2];
	struct directory *directories[2]; /* serials 1 and 2 */
	struct gateway gateway;
	struct outbox outbox;
	struct peer *verifier; /* its side */
	struct error answer;   /* the verifier's to all */
	int asked;
	int done;
	struct error failure; /* of the last */
} box;

/* ---- what is played ---------------------------------------------------- */

static void
on_verify(void *ctx, struct peer *peer, struct ipc_message *message)
{
	(void)ctx;
	box.asked++;
	peer_refuse(peer, message->id, &box.answer);
}

static void
answers(const char *id, enum error_code code)
{
	box.answer = (struct error){ 0 };
	error_set_id(&box.answer, id, code, "as the test wants it");
}

static void
on_gone(void *ctx)
{
	(void)ctx;
}

static void
on_done(void *ctx, const struct error *failure)
{
	(void)ctx;
	box.done++;
	box.failure = failure != NULL ? *failure : (struct error){ 0 };
}

static void
broken(void *ctx, const struct error *err)
{
	(void)ctx;
	fail_msg("store broken: %s", err->text);
}

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

static void
open_verifier(void)
{
	static const struct peer_handler verifier[] = {
		{ MESSAGE_VERIFY_RECEIPT, on_verify }, { MESSAGE_NONE, NULL }
	};
	static const struct peer_handler none[] = { { MESSAGE_NONE, NULL } };
	struct error err = { 0 };
	int fds[2];

	if (process_socketpair(fds, &err) < 0 ||
	    peer_open(box.env.loop, fds[0], "verifier", none, NULL, on_gone,
		&box.env.log, &box.gateway.spool.verifier, &err) < 0 ||
	    peer_open(box.env.loop, fds[1], "spooler", verifier, NULL, on_gone,
		&box.env.log, &box.verifier, &err) < 0)
		fail_msg("%s", err.text);
}

static int
set_up(void **state)
{
	static const char *const migrations[] = { outbox_early_schema };
	struct store_options options = { .dir = box.folder,
		.application_id = 7,
		.migrations = migrations,
		.migration_count = 1,
		.segments = { .segment_mib = 1, .first_count = 1 },
		.allow_volatile = true };
	struct spool *spool = &box.gateway.spool;
	struct error err = { 0 };

	(void)state;
	memset(&box, 0, sizeof(box));
	scratch_make(box.folder);
	make_directory(1);
	make_directory(2);
	box.env.config = &box.config;
	box.env.log = (struct log){ .fd = STDERR_FILENO,
		.level = LOG_LEVEL_ERROR,
		.role = "test" };
	spool->env = &box.env;
	spool->bulletins = &box.bulletins;
	spool->hooks.broken = broken;
	if (loop_new(&box.env.loop, &err) < 0 ||
	    store_open(&options, NULL, NULL, &spool->store, &err) < 0 ||
	    group_new(box.env.loop, spool->store, &spool->hooks, NULL,
		&spool->group, &err) < 0)
		fail_msg("%s", err.text);
	open_verifier();
	box.gateway.environment = "demo";
	box.gateway.center = "center-a";
	box.gateway.outbox = &box.outbox;
	box.outbox.gateway = &box.gateway;
	box.bulletins.directory = box.directories[0];
	if (outbox_early_new(&box.outbox, &box.outbox.early, &err) < 0)
		fail_msg("%s", err.text);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	outbox_early_free(box.outbox.early);
	peer_close(box.gateway.spool.verifier);
	peer_close(box.verifier);
	group_free(box.gateway.spool.group);
	store_close(box.gateway.spool.store);
	loop_free(box.env.loop);
	for (size_t i = 0; i < 2; i++) {
		directory_close(box.directories[i]);
		bytes_free(&box.images[i]);
	}
	scratch_remove(box.folder);
	return 0;
}

/* ---- helpers ----------------------------------------------------------- */

static void
turn(void)
{
	struct error err = { 0 };

	for (int i = 0; i < TURNS; i++)
		assert_int_equal(loop_run_once(box.env.loop, &err), 0);
}

static void
come(const char *receipt)
{
	outbox_take_receipt(&box.outbox, blob_of(receipt, strlen(receipt)),
	    on_done, NULL);
	turn();
}

static void
look(void)
{
	outbox_early_look(box.outbox.early);
	turn();
}

static int64_t
count(void)
{
	struct error err = { 0 };
	int64_t kept = -1, oldest_at;

	assert_int_equal(outbox_early_count(store_rows(box.gateway.spool.store),
			     &kept, &oldest_at, &err),
	    0);
	return kept;
}

/* ---- tests ------------------------------------------------------------- */

/* The feed goes on, as after one that was taken. */
static void
one_that_is_early_is_kept_once(void **state)
{
	(void)state;
	answers(outbox_early_id, ERROR_BUSY);
	come("one");
	assert_int_equal(box.done, 1);
	assert_int_equal(box.failure.code, ERROR_NONE);
	assert_int_equal(count(), 1);
	come("two");
	come("one");
	assert_int_equal(box.done, 3);
	assert_int_equal(count(), 2);
}

static void
others_are_not_kept(void **state)
{
	(void)state;
	answers("E3408", ERROR_UNTRUSTED);
	come("one");
	assert_int_equal(box.failure.code, ERROR_NONE);
	answers("E1001", ERROR_BUSY);
	come("two");
	assert_int_equal(box.failure.code, ERROR_BUSY);
	assert_int_equal(count(), 0);
}

static void
it_is_judged_again_by_other_bulletins(void **state)
{
	(void)state;
	answers(outbox_early_id, ERROR_BUSY);
	for (int i = 0; i < 3; i++)
		come(&"abc"[i]);
	look();
	assert_int_equal(box.asked, 6);
	/* A timestamp is no news. */
	look();
	assert_int_equal(box.asked, 6);

	box.bulletins.directory = box.directories[1];
	look();
	assert_int_equal(box.asked, 9);
	assert_int_equal(count(), 3);
	look();
	assert_int_equal(box.asked, 9);
}

/* Refused by the bulletins that it waited for: that is the end of it. */
static void
what_was_judged_is_not_kept_any_longer(void **state)
{
	(void)state;
	answers(outbox_early_id, ERROR_BUSY);
	come("one");
	come("two");
	answers("E3408", ERROR_UNTRUSTED);
	look();
	assert_int_equal(box.asked, 4);
	assert_int_equal(count(), 0);
}

static void
what_could_not_be_judged_is_tried_again(void **state)
{
	(void)state;
	answers(outbox_early_id, ERROR_BUSY);
	come("one");
	answers("E1001", ERROR_BUSY);
	look();
	assert_int_equal(count(), 1);
	answers("E3408", ERROR_UNTRUSTED);
	look();
	assert_int_equal(count(), 0);
}

/* Whoever states a serial that never comes must not fill us for ever. */
static void
one_that_waits_for_what_never_comes_is_given_up(void **state)
{
	(void)state;
	answers(outbox_early_id, ERROR_BUSY);
	come("one");
	box.config.test.clock_offset_ms = (OUTBOX_EARLY_DAYS - 1) * day;
	look();
	assert_int_equal(count(), 1);
	box.config.test.clock_offset_ms = (OUTBOX_EARLY_DAYS + 1) * day;
	box.bulletins.directory = box.directories[1];
	box.env.log.level = LOG_LEVEL_ERROR;
	look();
	assert_int_equal(count(), 0);
}

/* Then the feed waits: nothing is thrown away. */
static void
more_than_there_is_room_for_stay_at_the_center(void **state)
{
	struct rows *rows = store_rows(box.gateway.spool.store);
	char sql[300];
	struct error err = { 0 };

	(void)state;
	snprintf(sql, sizeof(sql),
	    "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < %d) INSERT INTO outbox_early (digest, json, came_at)"
	    " SELECT randomblob(32), x'00', 1 FROM n",
	    OUTBOX_EARLY_MAX);
	if (rows_run(rows, sql, &err) < 0)
		fail_msg("%s", err.text);
	answers(outbox_early_id, ERROR_BUSY);
	come("one");
	assert_int_equal(box.failure.code, ERROR_BUSY);
	assert_int_equal(count(), OUTBOX_EARLY_MAX);
}

#define WITH_BOX(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BOX(one_that_is_early_is_kept_once),
		WITH_BOX(others_are_not_kept),
		WITH_BOX(it_is_judged_again_by_other_bulletins),
		WITH_BOX(what_was_judged_is_not_kept_any_longer),
		WITH_BOX(what_could_not_be_judged_is_tried_again),
		WITH_BOX(one_that_waits_for_what_never_comes_is_given_up),
		WITH_BOX(more_than_there_is_room_for_stay_at_the_center),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
