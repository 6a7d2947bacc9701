#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "sys/loop.h"

/* What a callback did, and what it is told to do. */
struct trace {
	struct loop *loop;
	struct loop_watch *watch;
	struct loop_timer *timer;
	struct loop_soon *soon;
	int fd;
	int calls;
	int stop_at; /* stop the loop at this call */
	int order;   /* value of *clock when called */
	int *clock;
};

static void
count(void *ctx)
{
	struct trace *trace = ctx;

	if (trace->clock != NULL)
		trace->order = ++*trace->clock;
	if (++trace->calls == trace->stop_at)
		loop_stop(trace->loop);
}

static void
count_read(void *ctx, unsigned events)
{
	struct trace *trace = ctx;
	char byte;

	assert_int_equal(events, LOOP_READ);
	assert_int_equal(read(trace->fd, &byte, 1), 1);
	if (trace->soon != NULL)
		loop_soon_start(trace->soon);
	count(ctx);
}

static void
free_own_watch(void *ctx, unsigned events)
{
	struct trace *trace = ctx;

	(void)events;
	trace->calls++;
	loop_watch_free(trace->watch);
	trace->watch = NULL;
}

static void
free_own_timer(void *ctx)
{
	struct trace *trace = ctx;

	trace->calls++;
	loop_timer_free(trace->timer);
	trace->timer = NULL;
}

static void
start_again(void *ctx)
{
	struct trace *trace = ctx;

	trace->calls++;
	loop_soon_start(trace->soon);
}

static int
set_up(void **state)
{
	struct error err = { 0 };
	struct loop *loop;

	if (loop_new(&loop, &err) < 0)
		return -1;
	*state = loop;
	return 0;
}

static int
tear_down(void **state)
{
	loop_free(*state);
	return 0;
}

static void
a_watch_tells_when_its_descriptor_is_ready(void **state)
{
	struct trace trace = { .loop = *state, .stop_at = 1 };
	struct error err = { 0 };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	trace.fd = fds[0];
	assert_int_equal(loop_watch_new(*state, fds[0], LOOP_READ, count_read,
			     &trace, &trace.watch, &err),
	    0);

	assert_int_equal(loop_run_once(*state, &err), 0);
	assert_int_equal(trace.calls, 0);

	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(loop_run(*state, &err), 0);
	assert_int_equal(trace.calls, 1);

	loop_watch_free(trace.watch);
	close(fds[0]);
	close(fds[1]);
}

static void
a_paused_watch_is_silent_until_it_is_set_again(void **state)
{
	struct trace trace = { .loop = *state };
	struct error err = { 0 };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	trace.fd = fds[0];
	assert_int_equal(loop_watch_new(*state, fds[0], 0, count_read, &trace,
			     &trace.watch, &err),
	    0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(loop_run_once(*state, &err), 0);
	assert_int_equal(trace.calls, 0);

	assert_int_equal(loop_watch_set(trace.watch, LOOP_READ, &err), 0);
	assert_int_equal(loop_run_once(*state, &err), 0);
	assert_int_equal(trace.calls, 1);

	loop_watch_free(trace.watch);
	close(fds[0]);
	close(fds[1]);
}

static void
a_callback_may_free_its_own_object(void **state)
{
	struct trace trace = { .loop = *state };
	struct error err = { 0 };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(loop_watch_new(*state, fds[0], LOOP_WRITE,
			     free_own_watch, &trace, &trace.watch, &err),
	    0);
	assert_int_equal(loop_timer_new(*state, free_own_timer, &trace,
			     &trace.timer, &err),
	    0);
	loop_timer_repeat(trace.timer, 1);

	assert_int_equal(loop_run(*state, &err), 0);
	assert_int_equal(trace.calls, 2);
	assert_null(trace.watch);
	assert_null(trace.timer);

	close(fds[0]);
	close(fds[1]);
}

static void
timers_come_in_the_order_of_their_instants(void **state)
{
	int clock = 0;
	struct trace early = { .loop = *state, .clock = &clock };
	struct trace late = { .loop = *state, .clock = &clock };
	struct error err = { 0 };
	uint64_t began_ms = loop_now_ms(*state);

	assert_int_equal(loop_timer_new(*state, count, &late, &late.timer,
			     &err),
	    0);
	assert_int_equal(loop_timer_new(*state, count, &early, &early.timer,
			     &err),
	    0);
	loop_timer_start(late.timer, 6);
	loop_timer_start(early.timer, 2);
	assert_true(loop_timer_is_running(early.timer));

	assert_int_equal(loop_run(*state, &err), 0);
	assert_int_equal(early.order, 1);
	assert_int_equal(late.order, 2);
	assert_false(loop_timer_is_running(early.timer));
	assert_true(loop_now_ms(*state) - began_ms >= 5);

	loop_timer_free(early.timer);
	loop_timer_free(late.timer);
}

static void
a_repeating_timer_comes_again_until_cancelled(void **state)
{
	struct trace trace = { .loop = *state, .stop_at = 3 };
	struct error err = { 0 };

	assert_int_equal(loop_timer_new(*state, count, &trace, &trace.timer,
			     &err),
	    0);
	loop_timer_repeat(trace.timer, 1);
	assert_int_equal(loop_run(*state, &err), 0);
	assert_int_equal(trace.calls, 3);

	loop_timer_cancel(trace.timer);
	assert_int_equal(loop_run(*state, &err), 0);
	assert_int_equal(trace.calls, 3);

	/* One that was repeating can be used once. */
	trace.stop_at = 0;
	loop_timer_start(trace.timer, 1);
	assert_int_equal(loop_run(*state, &err), 0);
	assert_int_equal(trace.calls, 4);
	loop_timer_free(trace.timer);
}

static void
a_signal_arrives_on_the_loop(void **state)
{
	struct trace trace = { .loop = *state, .stop_at = 1 };
	struct loop_signal *signal;
	struct error err = { 0 };

	assert_int_equal(loop_signal_new(*state, SIGUSR1, count, &trace,
			     &signal, &err),
	    0);
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	assert_int_equal(loop_run(*state, &err), 0);
	assert_int_equal(trace.calls, 1);
	loop_signal_free(signal);
}

static void
soon_comes_once_after_what_is_due_already(void **state)
{
	int clock = 0;
	struct trace soon = { .loop = *state, .clock = &clock };
	struct trace reads[2];
	struct error err = { 0 };
	int fds[2][2];

	assert_int_equal(loop_soon_new(*state, count, &soon, &soon.soon, &err),
	    0);
	for (int i = 0; i < 2; i++) {
		reads[i] = (struct trace){ .loop = *state, .clock = &clock };
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds[i]),
		    0);
		reads[i].fd = fds[i][0];
		reads[i].soon = soon.soon;
		assert_int_equal(write(fds[i][1], "x", 1), 1);
		assert_int_equal(loop_watch_new(*state, fds[i][0], LOOP_READ,
				     count_read, &reads[i], &reads[i].watch,
				     &err),
		    0);
	}

	assert_int_equal(loop_run_once(*state, &err), 0);
	assert_int_equal(soon.calls, 1);
	assert_int_equal(soon.order, 3);

	for (int i = 0; i < 2; i++) {
		loop_watch_free(reads[i].watch);
		close(fds[i][0]);
		close(fds[i][1]);
	}
	loop_soon_free(soon.soon);
}

static void
a_cancelled_soon_does_not_come(void **state)
{
	struct trace trace = { .loop = *state };
	struct error err = { 0 };

	assert_int_equal(loop_soon_new(*state, count, &trace, &trace.soon,
			     &err),
	    0);
	loop_soon_start(trace.soon);
	loop_soon_cancel(trace.soon);
	assert_int_equal(loop_run_once(*state, &err), 0);
	assert_int_equal(trace.calls, 0);
	loop_soon_free(trace.soon);
}

static void
endless_soon_does_not_shut_out_timers(void **state)
{
	struct trace busy = { .loop = *state };
	struct trace timer = { .loop = *state, .stop_at = 1 };
	struct error err = { 0 };

	assert_int_equal(loop_soon_new(*state, start_again, &busy, &busy.soon,
			     &err),
	    0);
	assert_int_equal(loop_timer_new(*state, count, &timer, &timer.timer,
			     &err),
	    0);
	loop_soon_start(busy.soon);
	loop_timer_start(timer.timer, 2);

	assert_int_equal(loop_run(*state, &err), 0);
	assert_int_equal(timer.calls, 1);
	assert_true(busy.calls > 0);

	loop_soon_free(busy.soon);
	loop_timer_free(timer.timer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_watch_tells_when_its_descriptor_is_ready, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_paused_watch_is_silent_until_it_is_set_again, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_callback_may_free_its_own_object, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    timers_come_in_the_order_of_their_instants, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_repeating_timer_comes_again_until_cancelled, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(a_signal_arrives_on_the_loop,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    soon_comes_once_after_what_is_due_already, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(a_cancelled_soon_does_not_come,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    endless_soon_does_not_shut_out_timers, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
