#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "role/message.h"
#include "role/peer.h"
#include "role/query/puller.h"
#include "sys/arena.h"
#include "sys/ipc.h"
#include "sys/loop.h"
#include "sys/process.h"

enum { SLOTS = 4, PAYLOAD = 77 };

/* A query with one payload, in which every byte tells its place. */
struct fixture {
	struct loop *loop;
	struct peer *to_query, *to_puller;
	struct puller *puller;
	struct arena *arena;  /* query's */
	uint64_t payload_len; /* what query has */
	size_t piece_max;     /* query gives no more at once */
	bool is_silent;       /* query keeps its answers */
	uint32_t asked[8];
	struct message_payload_read reads[8];
	int asked_count;
	int ready;
};

static uint8_t
byte_at(uint64_t place)
{
	return (uint8_t)(place * 11 >> 4);
}

static void
answer(struct fixture *fixture, uint32_t id,
    const struct message_payload_read *read)
{
	uint64_t rest = fixture->payload_len - read->offset;
	size_t len =
	    rest < fixture->piece_max ? (size_t)rest : fixture->piece_max;
	struct message_payload_data data = { .len = (uint32_t)len,
		.is_last = len == rest };
	struct error err = { 0 };

	if (read->payload != PAYLOAD || read->offset >= fixture->payload_len) {
		error_set(&err, ERROR_NOT_FOUND, "no such bytes");
		peer_refuse(fixture->to_puller, id, &err);
		return;
	}
	assert_true(arena_take(fixture->arena, &data.slot));
	for (size_t i = 0; i < len; i++)
		arena_slot(fixture->arena, data.slot)[i] =
		    byte_at(read->offset + i);
	peer_tell(fixture->to_puller, MESSAGE_PAYLOAD_DATA, id, &data, -1);
}

static void
on_read(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_payload_read read;
	struct error err = { 0 };

	(void)peer;
	assert_int_equal(message_read(message, MESSAGE_PAYLOAD_READ, &read,
			     &err),
	    0);
	if (!fixture->is_silent) {
		answer(fixture, message->id, &read);
		return;
	}
	fixture->reads[fixture->asked_count] = read;
	fixture->asked[fixture->asked_count++] = message->id;
}

static void
on_free(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_payload_free back;
	struct error err = { 0 };

	(void)peer;
	assert_int_equal(message_read(message, MESSAGE_PAYLOAD_FREE, &back,
			     &err),
	    0);
	arena_give(fixture->arena, back.slot);
}

static void
on_arena(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct error err = { 0 };

	(void)peer;
	assert_int_equal(puller_take_arena(fixture->puller, message, &err), 0);
}

static void
on_gone(void *ctx)
{
	(void)ctx;
}

static const struct peer_handler query_handlers[] = {
	{ MESSAGE_PAYLOAD_READ, on_read },
	{ MESSAGE_PAYLOAD_FREE, on_free },
	{ MESSAGE_NONE, NULL },
};

static const struct peer_handler puller_handlers[] = {
	{ MESSAGE_ARENA, on_arena },
	{ MESSAGE_NONE, NULL },
};

static void
turn(struct fixture *fixture)
{
	struct error err = { 0 };

	for (int i = 0; i < 8; i++)
		assert_int_equal(loop_run_once(fixture->loop, &err), 0);
}

static void
set_up(struct fixture *fixture, uint64_t payload_len)
{
	struct error err = { 0 };
	int fds[2];

	memset(fixture, 0, sizeof(*fixture));
	fixture->payload_len = payload_len;
	fixture->piece_max = ARENA_SLOT_LEN;
	assert_int_equal(loop_new(&fixture->loop, &err), 0);
	assert_int_equal(process_socketpair(fds, &err), 0);
	assert_int_equal(peer_open(fixture->loop, fds[0], "query",
			     puller_handlers, fixture, on_gone, NULL,
			     &fixture->to_query, &err),
	    0);
	assert_int_equal(peer_open(fixture->loop, fds[1], "listener",
			     query_handlers, fixture, on_gone, NULL,
			     &fixture->to_puller, &err),
	    0);
	assert_int_equal(puller_new(&fixture->puller, &err), 0);
	puller_set_query(fixture->puller, fixture->to_query);
	assert_int_equal(arena_create(SLOTS, &fixture->arena, &err), 0);
	peer_tell(fixture->to_puller, MESSAGE_ARENA, 0, NULL,
	    arena_fd(fixture->arena));
	turn(fixture);
}

static void
tear_down(struct fixture *fixture)
{
	peer_close(fixture->to_query);
	peer_close(fixture->to_puller);
	puller_free(fixture->puller);
	arena_free(fixture->arena);
	loop_free(fixture->loop);
}

static void
on_ready(void *ctx)
{
	((struct fixture *)ctx)->ready++;
}

static struct pull *
begin(struct fixture *fixture, const char *text, uint64_t len)
{
	struct pull_range range = { .payload = PAYLOAD, .len = len };
	struct bytes head = { 0 };
	struct pull *pull = NULL;
	struct error err = { 0 };

	bytes_put_text(&head, text);
	assert_int_equal(pull_new(fixture->puller, &head, &range, on_ready,
			     fixture, &pull, &err),
	    0);
	assert_null(head.data);
	return pull;
}

/* Read to the end, or to the failure; returns how it ended. */
static enum http_pull
read_all(struct fixture *fixture, struct pull *pull, struct bytes *to)
{
	for (int i = 0; i < 1000; i++) {
		uint8_t room[10000];
		size_t len = 0;
		enum http_pull how = pull_read(pull, room, sizeof(room), &len);

		bytes_put(to, room, how == HTTP_PULL_FAIL ? 0 : len);
		if (how == HTTP_PULL_END || how == HTTP_PULL_FAIL)
			return how;
		if (how == HTTP_PULL_WAIT)
			turn(fixture);
	}
	fail_msg("never ends");
	return HTTP_PULL_FAIL;
}

static void
check_payload(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] != byte_at(i))
			fail_msg("byte %zu differs", i);
}

static void
head_and_payload_come_one_behind_the_other(void **state)
{
	const uint64_t len = 3 * ARENA_SLOT_LEN + 5;
	struct bytes got = { 0 };
	struct fixture fixture;
	struct pull *pull;

	(void)state;
	set_up(&fixture, len);
	pull = begin(&fixture, "head", len);
	assert_int_equal(pull_len(pull), len + 4);

	assert_int_equal(read_all(&fixture, pull, &got), HTTP_PULL_END);

	assert_int_equal(got.len, len + 4);
	assert_memory_equal(got.data, "head", 4);
	check_payload(got.data + 4, (size_t)len);
	pull_free(pull);
	turn(&fixture);
	assert_int_equal(arena_free_count(fixture.arena), SLOTS);
	bytes_free(&got);
	tear_down(&fixture);
}

static void
pieces_may_be_shorter_than_a_slot(void **state)
{
	const uint64_t len = 2 * ARENA_SLOT_LEN + 12345;
	struct bytes got = { 0 };
	struct fixture fixture;
	struct pull *pull;

	(void)state;
	set_up(&fixture, len);
	fixture.piece_max = 50001;
	pull = begin(&fixture, "", len);

	assert_int_equal(read_all(&fixture, pull, &got), HTTP_PULL_END);

	assert_int_equal(got.len, len);
	check_payload(got.data, (size_t)len);
	pull_free(pull);
	turn(&fixture);
	assert_int_equal(arena_free_count(fixture.arena), SLOTS);
	bytes_free(&got);
	tear_down(&fixture);
}

/* A file inside a package: bytes stand before and behind it. */
static void
a_range_begins_and_ends_inside_the_payload(void **state)
{
	struct pull_range range = { .payload = PAYLOAD,
		.offset = 777,
		.len = ARENA_SLOT_LEN + 100 };
	struct bytes got = { 0 };
	struct fixture fixture;
	struct pull *pull = NULL;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture, 5 * ARENA_SLOT_LEN);
	assert_int_equal(pull_new(fixture.puller, NULL, &range, on_ready,
			     &fixture, &pull, &err),
	    0);

	assert_int_equal(read_all(&fixture, pull, &got), HTTP_PULL_END);

	assert_int_equal(got.len, range.len);
	for (size_t i = 0; i < got.len; i++)
		if (got.data[i] != byte_at(range.offset + i))
			fail_msg("byte %zu differs", i);
	pull_free(pull);
	turn(&fixture);
	assert_int_equal(arena_free_count(fixture.arena), SLOTS);
	bytes_free(&got);
	tear_down(&fixture);
}

static void
a_payload_that_is_short_never_looks_complete(void **state)
{
	const uint64_t len = 2 * ARENA_SLOT_LEN;
	struct bytes got = { 0 };
	struct fixture fixture;
	struct pull *pull;

	(void)state;
	set_up(&fixture, len - 1);
	pull = begin(&fixture, "head", len);

	assert_int_equal(read_all(&fixture, pull, &got), HTTP_PULL_FAIL);

	pull_free(pull);
	turn(&fixture);
	assert_int_equal(arena_free_count(fixture.arena), SLOTS);
	bytes_free(&got);
	tear_down(&fixture);
}

static void
a_payload_that_is_not_there_fails(void **state)
{
	struct bytes got = { 0 };
	struct fixture fixture;
	struct pull *pull;

	(void)state;
	set_up(&fixture, 0);
	pull = begin(&fixture, "head", 10);

	assert_int_equal(read_all(&fixture, pull, &got), HTTP_PULL_FAIL);

	assert_int_equal(got.len, 4);
	pull_free(pull);
	bytes_free(&got);
	tear_down(&fixture);
}

static void
a_slow_consumer_has_two_pieces_at_most_and_no_slot(void **state)
{
	struct fixture fixture;
	struct pull *pull;

	(void)state;
	set_up(&fixture, 40 * ARENA_SLOT_LEN);
	fixture.is_silent = true;
	pull = begin(&fixture, "", 40 * ARENA_SLOT_LEN);
	turn(&fixture);
	assert_int_equal(fixture.asked_count, 2);

	answer(&fixture, fixture.asked[0], &fixture.reads[0]);
	answer(&fixture, fixture.asked[1], &fixture.reads[1]);
	turn(&fixture);

	assert_int_equal(fixture.asked_count, 2);
	assert_int_equal(arena_free_count(fixture.arena), SLOTS);
	pull_free(pull);
	tear_down(&fixture);
}

static void
who_waited_is_called_when_it_can_go_on(void **state)
{
	uint8_t room[16];
	struct fixture fixture;
	struct pull *pull;
	size_t len;

	(void)state;
	set_up(&fixture, 100);
	fixture.is_silent = true;
	pull = begin(&fixture, "", 100);
	turn(&fixture);
	assert_int_equal(pull_read(pull, room, 16, &len), HTTP_PULL_WAIT);
	assert_int_equal(fixture.ready, 0);

	answer(&fixture, fixture.asked[0], &fixture.reads[0]);
	turn(&fixture);

	assert_int_equal(fixture.ready, 1);
	assert_int_equal(pull_read(pull, room, 16, &len), HTTP_PULL_MORE);
	assert_int_equal(len, 16);
	pull_free(pull);
	tear_down(&fixture);
}

static void
a_slot_that_comes_after_the_end_is_given_back(void **state)
{
	struct fixture fixture;
	struct pull *pull;

	(void)state;
	set_up(&fixture, 3 * ARENA_SLOT_LEN);
	fixture.is_silent = true;
	pull = begin(&fixture, "", 3 * ARENA_SLOT_LEN);
	turn(&fixture);
	pull_free(pull);

	answer(&fixture, fixture.asked[0], &fixture.reads[0]);
	answer(&fixture, fixture.asked[1], &fixture.reads[1]);
	turn(&fixture);

	assert_int_equal(fixture.ready, 0);
	assert_int_equal(arena_free_count(fixture.arena), SLOTS);
	tear_down(&fixture);
}

/* More bodies than query has slots: all of them come through. */
static void
bodies_share_the_slots_of_query(void **state)
{
	enum { BODIES = 9 };
	const uint64_t len = 2 * ARENA_SLOT_LEN;
	struct pull *pulls[BODIES];
	struct fixture fixture;

	(void)state;
	set_up(&fixture, len);
	for (int i = 0; i < BODIES; i++)
		pulls[i] = begin(&fixture, "", len);
	pull_free(pulls[BODIES - 1]);

	for (int i = 0; i < BODIES - 1; i++) {
		struct bytes got = { 0 };

		assert_int_equal(read_all(&fixture, pulls[i], &got),
		    HTTP_PULL_END);
		assert_int_equal(got.len, len);
		check_payload(got.data, (size_t)len);
		pull_free(pulls[i]);
		bytes_free(&got);
	}

	turn(&fixture);
	assert_int_equal(arena_free_count(fixture.arena), SLOTS);
	tear_down(&fixture);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_and_payload_come_one_behind_the_other),
		cmocka_unit_test(pieces_may_be_shorter_than_a_slot),
		cmocka_unit_test(a_range_begins_and_ends_inside_the_payload),
		cmocka_unit_test(a_payload_that_is_short_never_looks_complete),
		cmocka_unit_test(a_payload_that_is_not_there_fails),
		cmocka_unit_test(
		    a_slow_consumer_has_two_pieces_at_most_and_no_slot),
		cmocka_unit_test(who_waited_is_called_when_it_can_go_on),
		cmocka_unit_test(bodies_share_the_slots_of_query),
		cmocka_unit_test(a_slot_that_comes_after_the_end_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
