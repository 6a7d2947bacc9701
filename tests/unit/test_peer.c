#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "role/message.h"
#include "role/peer.h"
#include "sys/ipc.h"
#include "sys/loop.h"
#include "sys/process.h"

/* One asks (a), the other answers (b), on one loop. */
struct fixture {
	struct loop *loop;
	struct peer *a, *b;
	uint32_t asked[4]; /* ids, as they came to b */
	int asked_count;
	int answers;
	uint64_t newest;     /* of the last good answer */
	struct error failed; /* of the last bad one */
	int gone;
};

static void
on_watch(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct fixture *fixture = ctx;

	(void)peer;
	fixture->asked[fixture->asked_count++] = message->id;
}

static void
on_answer(void *ctx, struct ipc_message *message)
{
	struct fixture *fixture = ctx;
	struct message_watched watched;

	fixture->answers++;
	if (message_read(message, MESSAGE_WATCHED, &watched,
		&fixture->failed) == 0)
		fixture->newest = watched.newest;
}

static void
on_gone(void *ctx)
{
	struct fixture *fixture = ctx;

	fixture->gone++;
}

static const struct peer_handler a_handlers[] = { { MESSAGE_NONE, NULL } };
static const struct peer_handler b_handlers[] = {
	{ MESSAGE_WATCH, on_watch },
	{ MESSAGE_NONE, NULL },
};

static void
set_up(struct fixture *fixture)
{
	struct error err = { 0 };
	int fds[2];

	memset(fixture, 0, sizeof(*fixture));
	assert_int_equal(loop_new(&fixture->loop, &err), 0);
	assert_int_equal(process_socketpair(fds, &err), 0);
	assert_int_equal(peer_open(fixture->loop, fds[0], "b", a_handlers,
			     fixture, on_gone, NULL, &fixture->a, &err),
	    0);
	assert_int_equal(peer_open(fixture->loop, fds[1], "a", b_handlers,
			     fixture, on_gone, NULL, &fixture->b, &err),
	    0);
}

static void
tear_down(struct fixture *fixture)
{
	peer_close(fixture->a);
	peer_close(fixture->b);
	loop_free(fixture->loop);
}

static void
turn(struct fixture *fixture)
{
	struct error err = { 0 };

	for (int i = 0; i < 4; i++)
		assert_int_equal(loop_run_once(fixture->loop, &err), 0);
}

static uint32_t
ask(struct fixture *fixture, uint64_t after)
{
	struct message_watch watch = { .host = "gateway", .after = after };
	struct error err = { 0 };
	uint32_t id = 0;

	assert_int_equal(peer_ask(fixture->a, MESSAGE_WATCH, &watch, -1,
			     on_answer, fixture, &id, &err),
	    0);
	return id;
}

static void
an_answer_finds_its_request_in_any_order(void **state)
{
	struct message_watched watched = { .newest = 70 };
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	ask(&fixture, 1);
	ask(&fixture, 2);
	turn(&fixture);
	assert_int_equal(fixture.asked_count, 2);
	assert_int_equal(peer_pending(fixture.a), 2);

	peer_tell(fixture.b, MESSAGE_WATCHED, fixture.asked[1], &watched, -1);
	turn(&fixture);
	assert_int_equal(fixture.answers, 1);
	assert_int_equal(fixture.newest, 70);
	watched.newest = 80;
	peer_tell(fixture.b, MESSAGE_WATCHED, fixture.asked[0], &watched, -1);
	turn(&fixture);
	assert_int_equal(fixture.answers, 2);
	assert_int_equal(fixture.newest, 80);
	assert_int_equal(peer_pending(fixture.a), 0);
	tear_down(&fixture);
}

static void
without_the_other_one_the_loop_ends(void **state)
{
	struct error err = { 0 };
	struct loop *loop;
	struct peer *peer;
	int fds[2];

	(void)state;
	assert_int_equal(loop_new(&loop, &err), 0);
	assert_int_equal(process_socketpair(fds, &err), 0);
	assert_int_equal(peer_open(loop, fds[0], "b", a_handlers, NULL, NULL,
			     NULL, &peer, &err),
	    0);
	close(fds[1]);
	assert_int_equal(loop_run(loop, &err), 0);
	peer_close(peer);
	loop_free(loop);
}

static void
an_answer_is_given_once(void **state)
{
	struct message_watched watched = { .newest = 70 };
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	ask(&fixture, 1);
	turn(&fixture);

	peer_tell(fixture.b, MESSAGE_WATCHED, fixture.asked[0], &watched, -1);
	peer_tell(fixture.b, MESSAGE_WATCHED, fixture.asked[0], &watched, -1);
	turn(&fixture);

	assert_int_equal(fixture.answers, 1);
	tear_down(&fixture);
}

static void
a_refusal_arrives_as_the_error_it_was(void **state)
{
	struct error refusal = { 0 };
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	ask(&fixture, 1);
	turn(&fixture);

	error_set_id(&refusal, "E3307", ERROR_DENIED, "not with this key");
	peer_refuse(fixture.b, fixture.asked[0], &refusal);
	turn(&fixture);

	assert_int_equal(fixture.answers, 1);
	assert_int_equal(fixture.failed.code, ERROR_DENIED);
	assert_string_equal(fixture.failed.id, "E3307");
	assert_string_equal(fixture.failed.text, "not with this key");
	tear_down(&fixture);
}

static void
a_forgotten_request_is_never_answered(void **state)
{
	struct message_watched watched = { .newest = 70 };
	struct fixture fixture;
	uint32_t id;

	(void)state;
	set_up(&fixture);
	id = ask(&fixture, 1);
	turn(&fixture);
	peer_forget(fixture.a, id);

	peer_tell(fixture.b, MESSAGE_WATCHED, fixture.asked[0], &watched, -1);
	turn(&fixture);

	assert_int_equal(fixture.answers, 0);
	assert_int_equal(peer_pending(fixture.a), 0);
	tear_down(&fixture);
}

static void
a_request_without_handler_is_refused(void **state)
{
	struct message_payload_read read = { .payload = 1 };
	struct error err = { 0 };
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	assert_int_equal(peer_ask(fixture.a, MESSAGE_PAYLOAD_READ, &read, -1,
			     on_answer, &fixture, NULL, &err),
	    0);
	turn(&fixture);

	assert_int_equal(fixture.answers, 1);
	assert_int_equal(fixture.failed.code, ERROR_MALFORMED);
	tear_down(&fixture);
}

static void
an_answer_of_the_wrong_kind_is_malformed(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	ask(&fixture, 1);
	turn(&fixture);

	peer_tell(fixture.b, MESSAGE_DONE, fixture.asked[0], NULL, -1);
	turn(&fixture);

	assert_int_equal(fixture.answers, 1);
	assert_int_equal(fixture.failed.code, ERROR_MALFORMED);
	tear_down(&fixture);
}

static void
a_role_that_goes_is_noticed(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	peer_close(fixture.b);
	fixture.b = NULL;
	turn(&fixture);

	assert_int_equal(fixture.gone, 1);
	tear_down(&fixture);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_finds_its_request_in_any_order),
		cmocka_unit_test(an_answer_is_given_once),
		cmocka_unit_test(a_refusal_arrives_as_the_error_it_was),
		cmocka_unit_test(a_forgotten_request_is_never_answered),
		cmocka_unit_test(a_request_without_handler_is_refused),
		cmocka_unit_test(an_answer_of_the_wrong_kind_is_malformed),
		cmocka_unit_test(a_role_that_goes_is_noticed),
		cmocka_unit_test(without_the_other_one_the_loop_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
