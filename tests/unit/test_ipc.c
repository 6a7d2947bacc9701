#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "sys/ipc.h"
#include "sys/loop.h"
#include "sys/process.h"

struct peer {
	struct ipc *ipc;
	struct bytes body; /* of the last message */
	uint16_t type;
	uint32_t id;
	int fd;
	int count;
	int closed;
	bool in_order; /* ids must be 1, 2, 3 ... */
	int close_at;  /* close the channel in the handler of this message */
};

static void
on_message(void *ctx, struct ipc *ipc, struct ipc_message *message)
{
	struct peer *peer = ctx;

	peer->count++;
	if (peer->in_order)
		assert_int_equal(message->id, peer->count);
	peer->type = message->type;
	peer->id = message->id;
	bytes_clear(&peer->body);
	bytes_put(&peer->body, message->body, message->len);
	peer->fd = ipc_take_fd(message);
	if (peer->count == peer->close_at) {
		peer->ipc = NULL;
		ipc_close(ipc);
	}
}

static void
on_closed(void *ctx, struct ipc *ipc)
{
	struct peer *peer = ctx;

	(void)ipc;
	peer->closed++;
}

static const struct ipc_events events = { on_message, on_closed };

struct fixture {
	struct loop *loop;
	struct peer a, b;
};

static void
set_up(struct fixture *fixture)
{
	struct error err = { 0 };
	int fds[2];

	memset(fixture, 0, sizeof(*fixture));
	assert_int_equal(loop_new(&fixture->loop, &err), 0);
	assert_int_equal(process_socketpair(fds, &err), 0);
	assert_int_equal(ipc_open(fixture->loop, fds[0], &events, &fixture->a,
			     &fixture->a.ipc, &err),
	    0);
	assert_int_equal(ipc_open(fixture->loop, fds[1], &events, &fixture->b,
			     &fixture->b.ipc, &err),
	    0);
}

static void
tear_down(struct fixture *fixture)
{
	ipc_close(fixture->a.ipc);
	ipc_close(fixture->b.ipc);
	bytes_free(&fixture->a.body);
	bytes_free(&fixture->b.body);
	loop_free(fixture->loop);
}

static void
turn(struct fixture *fixture, int times)
{
	struct error err = { 0 };

	while (times-- > 0)
		assert_int_equal(loop_run_once(fixture->loop, &err), 0);
}

static void
a_message_arrives_with_body_and_descriptor(void **state)
{
	struct fixture fixture;
	struct error err = { 0 };
	struct bytes body = { 0 };
	char buffer[8] = { 0 };
	int fds[2];

	(void)state;
	set_up(&fixture);
	assert_int_equal(pipe(fds), 0);
	bytes_put_text(&body, "statement");

	assert_int_equal(ipc_send(fixture.a.ipc, 7, 99, &body, fds[0], &err),
	    0);
	turn(&fixture, 1);

	assert_int_equal(fixture.b.type, 7);
	assert_int_equal(fixture.b.id, 99);
	assert_int_equal(fixture.b.body.len, 9);
	assert_true(fixture.b.fd >= 0 && fixture.b.fd != fds[0]);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(read(fixture.b.fd, buffer, 8), 1);
	close(fixture.b.fd);
	close(fds[0]);
	close(fds[1]);
	bytes_free(&body);
	tear_down(&fixture);
}

static void
long_bodies_and_empty_ones_arrive_whole(void **state)
{
	static const size_t lens[] = { 0, 1, IPC_PACKET_MAX, IPC_PACKET_MAX + 1,
		5000000 };
	struct fixture fixture;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct bytes body = { 0 };
		uint8_t *data = bytes_extend(&body, lens[i]);

		for (size_t j = 0; j < lens[i]; j++)
			data[j] = (uint8_t)(j * 7 + i);
		assert_int_equal(ipc_send(fixture.a.ipc, 1, 0, &body, -1, &err),
		    0);
		turn(&fixture, 1);
		assert_int_equal(fixture.b.body.len, lens[i]);
		if (lens[i] > 0)
			assert_memory_equal(fixture.b.body.data, data, lens[i]);
		bytes_free(&body);
	}
	tear_down(&fixture);
}

static void
what_does_not_fit_the_socket_waits_in_order(void **state)
{
	enum { COUNT = 200 };
	struct fixture fixture;
	struct error err = { 0 };
	struct bytes body = { 0 };

	(void)state;
	set_up(&fixture);
	assert_non_null(bytes_extend(&body, IPC_PACKET_MAX));
	memset(body.data, 1, body.len);
	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(ipc_send(fixture.a.ipc, 1, i, &body, -1, &err),
		    0);
	assert_true(ipc_queued(fixture.a.ipc) > 0);

	for (int i = 0; i < 1000 && fixture.b.count < COUNT; i++)
		turn(&fixture, 1);
	assert_int_equal(fixture.b.count, COUNT);
	assert_int_equal(fixture.b.id, COUNT - 1);
	assert_int_equal(ipc_queued(fixture.a.ipc), 0);
	bytes_free(&body);
	tear_down(&fixture);
}

/* Asked in one turn, so that all go out in one packet, the long one between. */
static void
send_several(void *ctx)
{
	struct fixture *fixture = ctx;
	struct bytes small = { 0 };
	struct bytes large = { 0 };
	struct error err = { 0 };

	bytes_put_text(&small, "small");
	assert_non_null(bytes_extend(&large, IPC_PACKET_MAX + 1));
	memset(large.data, 1, large.len);
	for (uint32_t i = 1; i <= 9; i++)
		assert_int_equal(ipc_send(fixture->a.ipc, 1, i,
				     i == 5           ? &large
					 : i % 2 == 0 ? &small
						      : NULL,
				     -1, &err),
		    0);
	bytes_free(&small);
	bytes_free(&large);
}

static void
send_and_close(void *ctx)
{
	struct fixture *fixture = ctx;

	send_several(ctx);
	ipc_close(fixture->a.ipc);
	fixture->a.ipc = NULL;
}

static void
what_is_sent_in_one_turn_arrives_in_order(void **state)
{
	struct fixture fixture;
	struct loop_soon *soon = NULL;
	struct error err = { 0 };
	uint8_t packet[64];
	int fds[2];

	(void)state;
	set_up(&fixture);
	assert_int_equal(loop_soon_new(fixture.loop, send_several, &fixture,
			     &soon, &err),
	    0);
	fixture.b.in_order = true;
	loop_soon_start(soon);
	for (int i = 0; i < 10 && fixture.b.count < 9; i++)
		turn(&fixture, 1);
	assert_int_equal(fixture.b.count, 9);
	assert_int_equal(fixture.b.id, 9);
	loop_soon_free(soon);
	tear_down(&fixture);

	/* And in fewer packets: those before and behind the long one. */
	set_up(&fixture);
	ipc_close(fixture.a.ipc);
	assert_int_equal(process_socketpair(fds, &err), 0);
	assert_int_equal(ipc_open(fixture.loop, fds[0], &events, &fixture.a,
			     &fixture.a.ipc, &err),
	    0);
	assert_int_equal(loop_soon_new(fixture.loop, send_several, &fixture,
			     &soon, &err),
	    0);
	loop_soon_start(soon);
	turn(&fixture, 1);
	for (int i = 0; i < 3; i++)
		assert_true(
		    recv(fds[1], packet, sizeof(packet), MSG_DONTWAIT) > 0);
	assert_int_equal(recv(fds[1], packet, sizeof(packet), MSG_DONTWAIT),
	    -1);
	close(fds[1]);
	loop_soon_free(soon);
	tear_down(&fixture);
}

static void
what_was_sent_before_closing_arrives(void **state)
{
	struct fixture fixture;
	struct loop_soon *soon = NULL;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	assert_int_equal(loop_soon_new(fixture.loop, send_and_close, &fixture,
			     &soon, &err),
	    0);
	loop_soon_start(soon);
	turn(&fixture, 3);
	assert_int_equal(fixture.b.count, 9);
	assert_int_equal(fixture.b.closed, 1);
	loop_soon_free(soon);
	tear_down(&fixture);
}

static void
a_peer_that_is_gone_is_told_once(void **state)
{
	struct fixture fixture;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	ipc_close(fixture.a.ipc);
	fixture.a.ipc = NULL;
	turn(&fixture, 2);
	assert_int_equal(fixture.b.closed, 1);
	assert_int_equal(ipc_send(fixture.b.ipc, 1, 1, NULL, -1, &err), 0);
	tear_down(&fixture);
}

static void
a_handler_may_close_its_channel(void **state)
{
	struct fixture fixture;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	fixture.b.close_at = 2;
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(ipc_send(fixture.a.ipc, 1, i, NULL, -1, &err),
		    0);
	turn(&fixture, 3);
	assert_int_equal(fixture.b.count, 2);
	assert_int_equal(fixture.a.closed, 1);
	tear_down(&fixture);
}

/* A role that was taken over sends what it likes. */
static void
a_broken_packet_ends_the_channel(void **state)
{
	static const uint8_t broken[][16] = {
		{ 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 'x' }, /* short body */
		{ 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4 },      /* long, no fd */
		{ 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 4 },      /* fd promised */
		{ 0, 1, 0 },
		/* Behind a good one: bytes left over. */
		{ 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct peer peer = { 0 };
		struct error err = { 0 };
		struct loop *loop;
		int fds[2];

		assert_int_equal(loop_new(&loop, &err), 0);
		assert_int_equal(process_socketpair(fds, &err), 0);
		assert_int_equal(ipc_open(loop, fds[0], &events, &peer,
				     &peer.ipc, &err),
		    0);
		assert_true(send(fds[1], broken[i], i == 3 ? 3 : 13, 0) > 0);
		assert_int_equal(loop_run_once(loop, &err), 0);
		assert_int_equal(peer.count, i == 4 ? 1 : 0);
		assert_int_equal(peer.closed, 1);
		ipc_close(peer.ipc);
		close(fds[1]);
		bytes_free(&peer.body);
		loop_free(loop);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_arrives_with_body_and_descriptor),
		cmocka_unit_test(long_bodies_and_empty_ones_arrive_whole),
		cmocka_unit_test(what_does_not_fit_the_socket_waits_in_order),
		cmocka_unit_test(what_is_sent_in_one_turn_arrives_in_order),
		cmocka_unit_test(what_was_sent_before_closing_arrives),
		cmocka_unit_test(a_peer_that_is_gone_is_told_once),
		cmocka_unit_test(a_handler_may_close_its_channel),
		cmocka_unit_test(a_broken_packet_ends_the_channel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
