#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "role/filler.h"
#include "role/message.h"
#include "role/peer.h"
#include "sys/arena.h"
#include "sys/ipc.h"
#include "sys/loop.h"
#include "sys/process.h"

enum { SLOTS = 4, NUMBERS = 128 };

/* A listener's side (filler) and a spooler that copies when it is told to. */
struct fixture {
	struct loop *loop;
	struct peer *to_spooler, *to_filler;
	struct filler *filler;
	struct arena *arena; /* as the spooler sees it */
	bool is_slow;        /* the spooler keeps its slots */
	uint16_t held[4 * SLOTS];
	size_t held_count;
	struct bytes got[NUMBERS]; /* by number of upload */
	bool is_begun[NUMBERS];
	bool is_aborted[NUMBERS];
	int data_count;
	uint64_t order[256]; /* whose slots came, one after another */
};

/* What the filler told the source of an upload. */
struct source {
	size_t taken;
	int sent;
};

static void
on_arena(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct error err = { 0 };

	(void)peer;
	assert_int_equal(arena_open(ipc_take_fd(message), &fixture->arena,
			     &err),
	    0);
}

static void
on_begin(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_upload_begin begin;
	struct error err = { 0 };

	(void)peer;
	assert_int_equal(message_read(message, MESSAGE_UPLOAD_BEGIN, &begin,
			     &err),
	    0);
	fixture->is_begun[begin.upload] = true;
}

static void
give_back(struct fixture *fixture, uint16_t slot)
{
	struct message_upload_free back = { .slot = slot };

	peer_tell(fixture->to_filler, MESSAGE_UPLOAD_FREE, 0, &back, -1);
}

static void
on_data(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_upload_data data;
	struct error err = { 0 };

	(void)peer;
	assert_int_equal(message_read(message, MESSAGE_UPLOAD_DATA, &data,
			     &err),
	    0);
	assert_true(fixture->is_begun[data.upload]);
	bytes_put(&fixture->got[data.upload],
	    arena_slot(fixture->arena, data.slot), data.len);
	fixture->order[fixture->data_count++] = data.upload;
	if (fixture->is_slow)
		fixture->held[fixture->held_count++] = data.slot;
	else
		give_back(fixture, data.slot);
}

static void
on_abort(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_upload_abort aborted;
	struct error err = { 0 };

	(void)peer;
	assert_int_equal(message_read(message, MESSAGE_UPLOAD_ABORT, &aborted,
			     &err),
	    0);
	fixture->is_aborted[aborted.upload] = true;
}

static void
on_free(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;

	(void)peer;
	filler_take_back(fixture->filler, message);
}

static void
on_gone(void *ctx)
{
	(void)ctx;
}

static const struct peer_handler filler_handlers[] = {
	{ MESSAGE_UPLOAD_FREE, on_free },
	{ MESSAGE_NONE, NULL },
};

static const struct peer_handler spooler_handlers[] = {
	{ MESSAGE_ARENA, on_arena },
	{ MESSAGE_UPLOAD_BEGIN, on_begin },
	{ MESSAGE_UPLOAD_DATA, on_data },
	{ MESSAGE_UPLOAD_ABORT, on_abort },
	{ MESSAGE_NONE, NULL },
};

static void
turn(struct fixture *fixture)
{
	struct error err = { 0 };

	for (int i = 0; i < 20; i++)
		assert_int_equal(loop_run_once(fixture->loop, &err), 0);
}

static void
set_up(struct fixture *fixture)
{
	struct error err = { 0 };
	int fds[2];

	memset(fixture, 0, sizeof(*fixture));
	assert_int_equal(loop_new(&fixture->loop, &err), 0);
	assert_int_equal(process_socketpair(fds, &err), 0);
	assert_int_equal(peer_open(fixture->loop, fds[0], "spooler",
			     filler_handlers, fixture, on_gone, NULL,
			     &fixture->to_spooler, &err),
	    0);
	assert_int_equal(peer_open(fixture->loop, fds[1], "listener",
			     spooler_handlers, fixture, on_gone, NULL,
			     &fixture->to_filler, &err),
	    0);
	assert_int_equal(filler_new(SLOTS, fixture->to_spooler,
			     &fixture->filler, &err),
	    0);
	turn(fixture);
	assert_non_null(fixture->arena);
}

static void
tear_down(struct fixture *fixture)
{
	filler_free(fixture->filler);
	peer_close(fixture->to_spooler);
	peer_close(fixture->to_filler);
	arena_free(fixture->arena);
	for (int i = 0; i < NUMBERS; i++)
		bytes_free(&fixture->got[i]);
	loop_free(fixture->loop);
}

static void
on_taken(void *ctx, size_t len)
{
	((struct source *)ctx)->taken += len;
}

static void
on_sent(void *ctx)
{
	((struct source *)ctx)->sent++;
}

static const struct filler_events events = { on_taken, on_sent };

static struct filler_upload *
begin(struct fixture *fixture, struct source *source,
    struct filler_group *group)
{
	struct filler_upload *upload = NULL;
	struct error err = { 0 };

	*source = (struct source){ 0 };
	assert_int_equal(filler_begin(fixture->filler, UINT64_MAX, group,
			     &events, source, &upload, &err),
	    0);
	return upload;
}

/* `len` bytes, each of which tells its place. */
static void
put(struct filler_upload *upload, size_t len)
{
	static uint8_t data[8 * ARENA_SLOT_LEN];
	struct error err = { 0 };

	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)((filler_len(upload) + i) * 7 >> 3);
	assert_int_equal(filler_put(upload, data, len, &err), 0);
}

static void
check_got(const struct fixture *fixture, uint64_t number, size_t len)
{
	const struct bytes *got = &fixture->got[number];

	assert_int_equal(got->len, len);
	for (size_t i = 0; i < len; i++)
		if (got->data[i] != (uint8_t)(i * 7 >> 3))
			fail_msg("byte %zu differs", i);
}

static void
a_small_upload_is_one_slot_once_it_is_complete(void **state)
{
	struct filler_upload *upload;
	struct fixture fixture;
	struct source source;

	(void)state;
	set_up(&fixture);
	upload = begin(&fixture, &source, NULL);
	put(upload, 9000);
	put(upload, 7000);
	turn(&fixture);
	assert_int_equal(fixture.data_count, 0);
	assert_int_equal(filler_open_count(fixture.filler), 0);

	filler_finish(upload);
	turn(&fixture);

	assert_int_equal(fixture.data_count, 1);
	assert_int_equal(source.taken, 16000);
	assert_int_equal(source.sent, 1);
	assert_true(filler_is_sent(upload));
	check_got(&fixture, filler_number(upload), 16000);
	filler_release(upload);
	assert_int_equal(filler_free_slots(fixture.filler), SLOTS);
	assert_int_equal(filler_open_count(fixture.filler), 0);
	tear_down(&fixture);
}

static void
an_empty_upload_is_begun_and_sent(void **state)
{
	struct filler_upload *upload;
	struct fixture fixture;
	struct source source;

	(void)state;
	set_up(&fixture);
	upload = begin(&fixture, &source, NULL);

	filler_finish(upload);
	turn(&fixture);

	assert_true(fixture.is_begun[filler_number(upload)]);
	assert_int_equal(fixture.data_count, 0);
	assert_int_equal(source.sent, 1);
	filler_release(upload);
	tear_down(&fixture);
}

static void
a_long_upload_waits_for_slots_and_arrives_whole(void **state)
{
	const size_t len = 7 * ARENA_SLOT_LEN + 11;
	struct filler_upload *upload;
	struct fixture fixture;
	struct source source;

	(void)state;
	set_up(&fixture);
	fixture.is_slow = true;
	upload = begin(&fixture, &source, NULL);
	put(upload, len);
	turn(&fixture);
	assert_int_equal(filler_free_slots(fixture.filler), 0);
	assert_int_equal(source.taken, SLOTS * ARENA_SLOT_LEN);

	give_back(&fixture, fixture.held[0]);
	turn(&fixture);
	assert_int_equal(source.taken, (SLOTS + 1) * ARENA_SLOT_LEN);
	fixture.is_slow = false;
	for (size_t i = 1; i < SLOTS + 1; i++)
		give_back(&fixture, fixture.held[i]);
	filler_finish(upload);
	turn(&fixture);

	assert_int_equal(source.taken, len);
	assert_int_equal(source.sent, 1);
	check_got(&fixture, filler_number(upload), len);
	filler_release(upload);
	tear_down(&fixture);
}

static void
slots_go_round_among_uploads(void **state)
{
	struct filler_upload *greedy, *modest;
	struct source sources[2];
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	fixture.is_slow = true;
	greedy = begin(&fixture, &sources[0], NULL);
	modest = begin(&fixture, &sources[1], NULL);
	put(greedy, 8 * ARENA_SLOT_LEN);
	put(modest, 100);
	filler_finish(modest);
	turn(&fixture);
	assert_int_equal(sources[1].sent, 0);

	give_back(&fixture, fixture.held[0]);
	give_back(&fixture, fixture.held[1]);
	turn(&fixture);

	assert_int_equal(sources[1].sent, 1);
	assert_int_equal(fixture.data_count, SLOTS + 2);
	filler_abort(greedy);
	filler_release(modest);
	tear_down(&fixture);
}

static void
an_abort_in_the_middle_frees_its_slots(void **state)
{
	struct filler_upload *first, *second;
	struct source sources[2];
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	fixture.is_slow = true;
	first = begin(&fixture, &sources[0], NULL);
	second = begin(&fixture, &sources[1], NULL);
	put(first, 6 * ARENA_SLOT_LEN);
	put(second, 2 * ARENA_SLOT_LEN);
	turn(&fixture);

	filler_abort(first);
	turn(&fixture);
	assert_true(fixture.is_aborted[1]);
	fixture.is_slow = false;
	for (size_t i = 0; i < SLOTS; i++)
		give_back(&fixture, fixture.held[i]);
	filler_finish(second);
	turn(&fixture);

	assert_int_equal(sources[1].sent, 1);
	check_got(&fixture, 2, 2 * ARENA_SLOT_LEN);
	assert_int_equal(filler_free_slots(fixture.filler), SLOTS);
	filler_release(second);
	assert_int_equal(filler_open_count(fixture.filler), 0);
	tear_down(&fixture);
}

static void
an_upload_that_never_began_is_not_aborted_aloud(void **state)
{
	struct filler_upload *upload;
	struct fixture fixture;
	struct source source;

	(void)state;
	set_up(&fixture);
	upload = begin(&fixture, &source, NULL);
	put(upload, 100);

	filler_abort(upload);
	turn(&fixture);

	assert_false(fixture.is_begun[1]);
	assert_false(fixture.is_aborted[1]);
	tear_down(&fixture);
}

static void
more_uploads_than_the_spooler_has_room_for_wait(void **state)
{
	struct filler_upload *uploads[FILLER_OPEN_MAX + 1];
	struct source sources[FILLER_OPEN_MAX + 1];
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	for (int i = 0; i <= FILLER_OPEN_MAX; i++) {
		uploads[i] = begin(&fixture, &sources[i], NULL);
		put(uploads[i], 10);
		filler_finish(uploads[i]);
		turn(&fixture);
	}
	assert_int_equal(filler_open_count(fixture.filler), FILLER_OPEN_MAX);
	assert_int_equal(sources[FILLER_OPEN_MAX].sent, 0);

	filler_release(uploads[0]);
	turn(&fixture);

	assert_int_equal(sources[FILLER_OPEN_MAX].sent, 1);
	for (int i = 1; i <= FILLER_OPEN_MAX; i++)
		filler_release(uploads[i]);
	tear_down(&fixture);
}

/* Two groups that together want more than there is must not wait forever. */
static void
the_oldest_group_always_gets_its_places(void **state)
{
	struct filler_upload *uploads[2][FILLER_GROUP_MAX];
	struct source sources[2][FILLER_GROUP_MAX];
	struct filler_group groups[2] = { { 0 }, { 0 } };
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	for (int i = 0; i < FILLER_GROUP_MAX; i++) {
		for (int g = 0; g < 2; g++) {
			uploads[g][i] =
			    begin(&fixture, &sources[g][i], &groups[g]);
			put(uploads[g][i], 10);
			filler_finish(uploads[g][i]);
		}
		turn(&fixture);
	}

	for (int i = 0; i < FILLER_GROUP_MAX; i++)
		assert_int_equal(sources[0][i].sent, 1);
	assert_int_equal(sources[1][FILLER_GROUP_MAX - 1].sent, 0);
	for (int i = 0; i < FILLER_GROUP_MAX; i++)
		filler_release(uploads[0][i]);
	turn(&fixture);
	for (int i = 0; i < FILLER_GROUP_MAX; i++) {
		assert_int_equal(sources[1][i].sent, 1);
		filler_release(uploads[1][i]);
	}
	assert_int_equal(filler_open_count(fixture.filler), 0);
	tear_down(&fixture);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_small_upload_is_one_slot_once_it_is_complete),
		cmocka_unit_test(an_empty_upload_is_begun_and_sent),
		cmocka_unit_test(
		    a_long_upload_waits_for_slots_and_arrives_whole),
		cmocka_unit_test(slots_go_round_among_uploads),
		cmocka_unit_test(an_abort_in_the_middle_frees_its_slots),
		cmocka_unit_test(
		    an_upload_that_never_began_is_not_aborted_aloud),
		cmocka_unit_test(
		    more_uploads_than_the_spooler_has_room_for_wait),
		cmocka_unit_test(the_oldest_group_always_gets_its_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
