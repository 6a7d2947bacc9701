#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "crypto/sha256.h"
#include "harness/scratch.h"
#include "role/env.h"
#include "role/spool/group.h"
#include "role/spool/partials.h"
#include "service/config.h"
#include "store/segment.h"
#include "store/store.h"
#include "store/store_partial.h"
#include "sys/loop.h"

enum {
	TURN_NS = 1000000,
	TURNS = 2000,
	FRAME = PAYLOAD_FRAME_DATA,
	TOTAL = 5 * FRAME + 1000,
};

/* A store with partials; the test is the one who hands content in. */
struct fixture {
	char folder[SCRATCH_PATH_SIZE];
	struct loop *loop;
	struct role_env env;
	struct store *store;
	struct group *group;
	struct group_hooks hooks;
	struct partials *partials;

	bool has_offset, is_open, is_done;
	uint64_t offset;
	uint64_t ticket;
	struct error failure;
};

static struct fixture fixture;
static uint8_t content[TOTAL];
static struct digest content_digest;

static void
broken(void *ctx, const struct error *err)
{
	(void)ctx;
	fail_msg("store broken: %s", err->text);
}

static void
open_all(void)
{
	struct store_options options = { .dir = fixture.folder,
		.application_id = 7,
		.segments = { .segment_mib = 4, .first_count = 1 },
		.allow_volatile = true };
	struct error err = { 0 };

	if (store_open(&options, NULL, NULL, &fixture.store, &err) < 0 ||
	    group_new(fixture.loop, fixture.store, &fixture.hooks, &fixture,
		&fixture.group, &err) < 0 ||
	    partials_new(&fixture.env, fixture.store, fixture.group,
		&fixture.partials, &err) < 0)
		fail_msg("%s", err.text);
}

static void
close_all(void)
{
	partials_free(fixture.partials);
	group_free(fixture.group);
	store_close(fixture.store);
}

static int
set_up(void **state)
{
	char text[512];
	struct error err = { 0 };

	(void)state;
	memset(&fixture, 0, sizeof(fixture));
	for (size_t i = 0; i < TOTAL; i++)
		content[i] = (uint8_t)(i * 7 + i / 251);
	sha256(content, TOTAL, &content_digest);
	scratch_make(fixture.folder);
	snprintf(text, sizeof(text),
	    "[host]\nkind = management\nname = management\naddress = 127.0.0.1\n"
	    "data = /x\nenvironment = demo\n[trust]\nroot = /x/root\n"
	    "[limits]\npartials_host = 2\npartials_host_bytes = 4000000\n");
	if (config_parse_text(text, "test", &fixture.env.config, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(loop_new(&fixture.loop, &err), 0);
	fixture.hooks.broken = broken;
	fixture.env.loop = fixture.loop;
	fixture.env.log = (struct log){ .fd = STDERR_FILENO,
		.level = LOG_LEVEL_ERROR,
		.role = "test" };
	open_all();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	close_all();
	loop_free(fixture.loop);
	config_free(fixture.env.config);
	scratch_remove(fixture.folder);
	return 0;
}

static void
until(const bool *done)
{
	const struct timespec pause = { .tv_nsec = TURN_NS };
	struct error err = { 0 };

	for (int i = 0; i < TURNS && !*done; i++) {
		assert_int_equal(loop_run_once(fixture.loop, &err), 0);
		if (!*done)
			nanosleep(&pause, NULL);
	}
	assert_true(*done);
}

static void
on_offset(void *ctx, uint64_t offset)
{
	(void)ctx;
	fixture.offset = offset;
	fixture.has_offset = true;
}

static struct digest
name_of(uint8_t number)
{
	return (struct digest){ { number } };
}

static uint64_t
ask(const char *host, uint8_t number)
{
	struct digest name = name_of(number);

	fixture.has_offset = false;
	partials_offset(fixture.partials, host, &name, on_offset, NULL);
	until(&fixture.has_offset);
	return fixture.offset;
}

static void
on_open(void *ctx, uint64_t ticket, const struct error *failure)
{
	(void)ctx;
	fixture.ticket = ticket;
	fixture.failure = (struct error){ 0 };
	if (failure != NULL)
		fixture.failure = *failure;
	fixture.is_open = true;
}

/* The ticket; 0 and `fixture.failure` if there is none. */
static uint64_t
open_at(const char *host, uint8_t number, uint64_t offset, uint64_t total)
{
	struct partials_content what = { .host = host,
		.name = name_of(number),
		.label = { { number } },
		.total = total,
		.ends_at = INT64_MAX };

	fixture.is_open = false;
	partials_open(fixture.partials, &what, offset, on_open, NULL);
	until(&fixture.is_open);
	return fixture.ticket;
}

static void
put(uint64_t ticket, size_t from, size_t to)
{
	struct error err = { 0 };

	if (partials_put(fixture.partials, ticket, content + from, to - from,
		&err) < 0)
		fail_msg("%s", err.text);
}

/* What a request does with it in the end. */
struct storing {
	struct group_op op;
	struct digest wanted;
	uint64_t ticket;
	uint64_t number;
	bool fails; /* something else of the change does */
};

static int
apply(struct group_op *op, struct error *err)
{
	struct storing *storing = (struct storing *)(void *)op;
	struct payload payload = { 0 };

	if (partials_store(fixture.partials, storing->ticket, &storing->wanted,
		&payload, err) < 0)
		return -1;
	storing->number = payload.number;
	payload_free(&payload);
	if (!storing->fails)
		return 0;
	store_payload_undo(fixture.store, storing->number);
	return error_set(err, ERROR_BUSY, "something else failed");
}

static void
finish(struct group_op *op, const struct error *failure)
{
	(void)op;
	fixture.failure = (struct error){ 0 };
	if (failure != NULL)
		fixture.failure = *failure;
	fixture.is_done = true;
}

static uint64_t
store_it(uint64_t ticket, const struct digest *wanted, bool fails)
{
	struct storing storing = { .op = { .apply = apply, .finish = finish },
		.wanted = *wanted,
		.ticket = ticket,
		.fails = fails };
	struct error err = { 0 };

	assert_int_equal(partials_hold(fixture.partials, ticket, &err), 0);
	fixture.is_done = false;
	group_add(fixture.group, &storing.op);
	until(&fixture.is_done);
	return storing.number;
}

static void
check_stored(uint64_t number)
{
	struct payload payload = { 0 };
	struct segment_reader *reader = NULL;
	struct error err = { 0 };
	const uint8_t *data;
	size_t len, at = 0;

	assert_int_equal(store_payload_find(fixture.store, number, &payload,
			     &err),
	    0);
	assert_int_equal(payload.length, TOTAL);
	assert_true(digest_equal(&payload.digest, &content_digest));
	assert_int_equal(segment_reader_new(store_segments(fixture.store),
			     &payload, &reader, &err),
	    0);
	while (segment_reader_next(reader, &data, &len, &err) > 0) {
		assert_memory_equal(data, content + at, len);
		at += len;
	}
	assert_int_equal(at, TOTAL);
	segment_reader_free(reader);
	payload_free(&payload);
}

static uint64_t
blocks_used(void)
{
	struct segments_state state;

	segments_state(store_segments(fixture.store), &state);
	return state.blocks_used;
}

/* ---- tests ----------------------------------------------------------- */

static void
what_is_cut_goes_on_behind_whole_frames(void **state)
{
	uint64_t ticket = open_at("a", 1, 0, TOTAL);
	uint64_t blocks;

	(void)state;
	put(ticket, 0, 2 * FRAME + 7);
	partials_close(fixture.partials, ticket);
	assert_int_equal(ask("a", 1), 2 * FRAME);
	blocks = blocks_used();
	assert_int_equal(blocks, 2 * PAYLOAD_FRAME_BLOCKS);
	ticket = open_at("a", 1, 2 * FRAME, TOTAL);
	put(ticket, 2 * FRAME, TOTAL);
	check_stored(store_it(ticket, &content_digest, false));
	assert_int_equal(ask("a", 1), 0);
}

static void
it_goes_on_after_a_restart(void **state)
{
	uint64_t ticket = open_at("a", 1, 0, TOTAL);

	(void)state;
	put(ticket, 0, 4 * FRAME);
	assert_int_equal(ask("a", 1), 3 * FRAME); /* the last one is open */
	close_all();
	open_all();
	assert_int_equal(blocks_used(), 3 * PAYLOAD_FRAME_BLOCKS);
	assert_int_equal(ask("a", 1), 3 * FRAME);
	ticket = open_at("a", 1, 3 * FRAME, TOTAL);
	put(ticket, 3 * FRAME, TOTAL);
	check_stored(store_it(ticket, &content_digest, false));
}

static void
nobody_reads_a_partial(void **state)
{
	uint64_t ticket = open_at("a", 1, 0, TOTAL);
	struct store_partial partial = { 0 };
	struct payload payload = { 0 };
	struct error err = { 0 };

	(void)state;
	put(ticket, 0, 2 * FRAME + 1);
	assert_int_equal(ask("a", 1), 2 * FRAME);
	assert_int_equal(store_partial_next(fixture.store, 0, &partial, &err),
	    1);
	assert_int_equal(store_payload_find(fixture.store,
			     partial.payload.number, &payload, &err),
	    -1);
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	store_partial_free(&partial);
}

static void
the_newer_transfer_breaks_off_the_older_one(void **state)
{
	uint64_t old = open_at("a", 1, 0, TOTAL), ticket;
	struct error err = { 0 };

	(void)state;
	put(old, 0, 2 * FRAME + 1);
	assert_int_equal(ask("a", 1), 2 * FRAME);
	assert_int_equal(partials_put(fixture.partials, old, content, 1, &err),
	    -1);
	assert_string_equal(err.id, "E6222");
	ticket = open_at("a", 1, 2 * FRAME, TOTAL);
	partials_close(fixture.partials, old); /* it is gone: nothing happens */
	put(ticket, 2 * FRAME, TOTAL);
	assert_int_equal(partials_hold(fixture.partials, old, &err), -1);
	check_stored(store_it(ticket, &content_digest, false));
}

static void
another_offset_is_refused_and_changes_nothing(void **state)
{
	static const uint64_t wrong[] = { 1, FRAME, 2 * FRAME - 1,
		2 * FRAME + 1, TOTAL, TOTAL + 1 };
	uint64_t ticket = open_at("a", 1, 0, TOTAL);

	(void)state;
	put(ticket, 0, 2 * FRAME + 1);
	assert_int_equal(ask("a", 1), 2 * FRAME);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(open_at("a", 1, wrong[i], TOTAL), 0);
		assert_string_equal(fixture.failure.id, "E4105");
	}
	assert_int_equal(ask("a", 1), 2 * FRAME);
}

static void
hosts_and_objects_are_kept_apart(void **state)
{
	uint64_t ticket = open_at("a", 1, 0, TOTAL);

	(void)state;
	put(ticket, 0, 2 * FRAME + 1);
	assert_int_equal(ask("b", 1), 0);
	assert_int_equal(ask("a", 2), 0);
	assert_int_equal(open_at("b", 1, 2 * FRAME, TOTAL), 0);
	assert_string_equal(fixture.failure.id, "E4105");
	put(ticket, 2 * FRAME + 1, 3 * FRAME + 1); /* not broken off */
	assert_int_equal(ask("a", 1), 3 * FRAME);
}

static void
a_wrong_digest_throws_all_of_it_away(void **state)
{
	struct digest wrong = content_digest;
	uint64_t ticket = open_at("a", 1, 0, TOTAL);

	(void)state;
	put(ticket, 0, 2 * FRAME + 1);
	assert_int_equal(ask("a", 1), 2 * FRAME);
	ticket = open_at("a", 1, 2 * FRAME, TOTAL);
	put(ticket, 2 * FRAME, TOTAL);
	wrong.bytes[0] ^= 1;
	store_it(ticket, &wrong, false);
	assert_int_equal(fixture.failure.code, ERROR_UNTRUSTED);
	assert_int_equal(ask("a", 1), 0);
	assert_int_equal(blocks_used(), 0);
}

static void
a_change_that_fails_leaves_what_was_durable(void **state)
{
	uint64_t ticket = open_at("a", 1, 0, TOTAL);

	(void)state;
	put(ticket, 0, 2 * FRAME + 1);
	assert_int_equal(ask("a", 1), 2 * FRAME);
	ticket = open_at("a", 1, 2 * FRAME, TOTAL);
	put(ticket, 2 * FRAME, TOTAL);
	store_it(ticket, &content_digest, true);
	assert_int_equal(fixture.failure.code, ERROR_BUSY);
	assert_int_equal(ask("a", 1), 2 * FRAME);
	assert_int_equal(blocks_used(), 2 * PAYLOAD_FRAME_BLOCKS);
	ticket = open_at("a", 1, 2 * FRAME, TOTAL);
	put(ticket, 2 * FRAME, TOTAL);
	check_stored(store_it(ticket, &content_digest, false));
}

static void
more_than_announced_is_refused(void **state)
{
	uint64_t ticket = open_at("a", 1, 0, FRAME + 10);
	struct error err = { 0 };

	(void)state;
	put(ticket, 0, FRAME + 10);
	assert_int_equal(partials_put(fixture.partials, ticket, content, 1,
			     &err),
	    -1);
	assert_int_equal(partials_hold(fixture.partials, ticket, &err), -1);
}

static void
one_host_cannot_fill_all(void **state)
{
	(void)state;
	assert_true(open_at("a", 1, 0, TOTAL) != 0);
	assert_true(open_at("a", 2, 0, TOTAL) != 0);
	assert_int_equal(open_at("a", 3, 0, 1), 0);
	assert_string_equal(fixture.failure.id, "E6221");
	assert_true(open_at("b", 3, 0, TOTAL) != 0);
	assert_int_equal(open_at("b", 4, 0, 4000000), 0);
	assert_string_equal(fixture.failure.id, "E6221");
}

static void
what_is_refused_goes(void **state)
{
	struct digest name = name_of(1);
	uint64_t ticket = open_at("a", 1, 0, TOTAL);

	(void)state;
	put(ticket, 0, 3 * FRAME);
	assert_int_equal(ask("a", 1), 2 * FRAME);
	partials_drop(fixture.partials, "a", &name);
	assert_int_equal(ask("a", 1), 0);
	assert_int_equal(blocks_used(), 0);
	/* Also while it comes, and before anything of it is durable. */
	ticket = open_at("a", 1, 0, TOTAL);
	put(ticket, 0, FRAME + 1);
	partials_drop(fixture.partials, "a", &name);
	assert_int_equal(ask("a", 1), 0);
	assert_int_equal(blocks_used(), 0);
}

static void
the_first_byte_begins_afresh(void **state)
{
	uint64_t ticket = open_at("a", 1, 0, TOTAL);

	(void)state;
	put(ticket, 0, 2 * FRAME + 1);
	assert_int_equal(ask("a", 1), 2 * FRAME);
	ticket = open_at("a", 1, 0, TOTAL);
	put(ticket, 0, TOTAL);
	check_stored(store_it(ticket, &content_digest, false));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_is_cut_goes_on_behind_whole_frames, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_goes_on_after_a_restart,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_reads_a_partial, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    the_newer_transfer_breaks_off_the_older_one, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    another_offset_is_refused_and_changes_nothing, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    hosts_and_objects_are_kept_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_wrong_digest_throws_all_of_it_away, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_change_that_fails_leaves_what_was_durable, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(more_than_announced_is_refused,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_host_cannot_fill_all,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_refused_goes, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(the_first_byte_begins_afresh,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
