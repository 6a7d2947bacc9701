#include "sys/loop.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

#include <event2/event.h>

#include "base/error.h"

/*
 * So many callbacks run before the kernel is asked again what is ready: work
 * that starts itself anew with loop_soon_start() must not shut out the rest.
 */
enum { CALLBACKS_PER_TURN = 256 };

struct loop {
	struct event_base *base;
	struct loop_soon *write_out;
	struct loop_writer *writers; /* that are started */
	bool is_in_turn;
};

struct loop_watch {
	struct event *event;
	struct event_base *base; /* not ours */
	int fd;                  /* not ours */
	unsigned events;
	loop_watch_fn fn;
	void *ctx;
};

/* The next three differ only in how their event is armed. */
struct once {
	struct event *event;
	loop_fn fn;
	void *ctx;
};

struct loop_timer {
	struct once once;
	uint64_t every_ms; /* 0: one instant */
};

struct loop_signal {
	struct once once;
};

struct loop_soon {
	struct once once;
};

struct loop_writer {
	struct loop *loop; /* not ours */
	struct loop_writer *next;
	loop_fn fn;
	void *ctx;
	bool is_started;
};

static void
write_all(void *ctx)
{
	loop_write_out(ctx);
}

int
loop_new(struct loop **ret_loop, struct error *err)
{
	struct event_config *config = event_config_new();
	struct loop *loop = calloc(1, sizeof(*loop));
	int rc = -1;

	if (config == NULL || loop == NULL) {
		error_set_memory(err);
		goto done;
	}
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	event_config_set_max_dispatch_interval(config, NULL, CALLBACKS_PER_TURN,
	    0);
	loop->base = event_base_new_with_config(config);
	if (loop->base == NULL) {
		error_set(err, ERROR_SYSTEM, "no event loop");
		goto done;
	}
	if (loop_soon_new(loop, write_all, loop, &loop->write_out, err) < 0) {
		event_base_free(loop->base);
		goto done;
	}

	*ret_loop = loop;
	loop = NULL;
	rc = 0;
done:
	if (config != NULL)
		event_config_free(config);
	free(loop);
	return rc;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	loop_soon_free(loop->write_out);
	event_base_free(loop->base);
	free(loop);
}

static int
run(struct loop *loop, int flags, struct error *err)
{
	int rc;

	loop->is_in_turn = true;
	rc = event_base_loop(loop->base, flags);
	loop->is_in_turn = false;
	return rc < 0 ? error_set(err, ERROR_SYSTEM, "event loop failed") : 0;
}

int
loop_run(struct loop *loop, struct error *err)
{
	return run(loop, 0, err);
}

int
loop_run_once(struct loop *loop, struct error *err)
{
	return run(loop, EVLOOP_NONBLOCK, err);
}

void
loop_stop(struct loop *loop)
{
	event_base_loopbreak(loop->base);
}

uint64_t
loop_now_ms(const struct loop *loop)
{
	struct timespec now;

	(void)loop;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void
watch_ready(evutil_socket_t fd, short what, void *arg)
{
	struct loop_watch *watch = arg;
	unsigned events = 0;

	(void)fd;
	if (what & EV_READ)
		events |= LOOP_READ;
	if (what & EV_WRITE)
		events |= LOOP_WRITE;
	watch->fn(watch->ctx, events);
}

int
loop_watch_new(struct loop *loop, int fd, unsigned events, loop_watch_fn fn,
    void *ctx, struct loop_watch **ret_watch, struct error *err)
{
	struct loop_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		return error_set_memory(err);
	watch->base = loop->base;
	watch->fd = fd;
	watch->fn = fn;
	watch->ctx = ctx;
	watch->event =
	    event_new(loop->base, fd, EV_READ | EV_PERSIST, watch_ready, watch);
	if (watch->event == NULL) {
		loop_watch_free(watch);
		return error_set_memory(err);
	}
	if (loop_watch_set(watch, events, err) < 0) {
		loop_watch_free(watch);
		return -1;
	}
	*ret_watch = watch;
	return 0;
}

void
loop_watch_free(struct loop_watch *watch)
{
	if (watch == NULL)
		return;
	if (watch->event != NULL)
		event_free(watch->event);
	free(watch);
}

int
loop_watch_set(struct loop_watch *watch, unsigned events, struct error *err)
{
	short what = EV_PERSIST;

	if (events == watch->events)
		return 0;
	if (events & LOOP_READ)
		what |= EV_READ;
	if (events & LOOP_WRITE)
		what |= EV_WRITE;
	event_del(watch->event);
	watch->events = 0;
	if (events == 0)
		return 0;
	if (event_assign(watch->event, watch->base, watch->fd, what,
		watch_ready, watch) < 0 ||
	    event_add(watch->event, NULL) < 0)
		return error_set(err, ERROR_BUSY,
		    "descriptor %d cannot be watched", watch->fd);
	watch->events = events;
	return 0;
}

static int
once_init(struct once *once, struct loop *loop, int fd, short what,
    event_callback_fn callback, loop_fn fn, void *ctx, struct error *err)
{
	once->fn = fn;
	once->ctx = ctx;
	once->event = event_new(loop->base, fd, what, callback, once);
	return once->event == NULL ? error_set_memory(err) : 0;
}

static void
once_due(evutil_socket_t fd, short what, void *arg)
{
	struct once *once = arg;

	(void)fd;
	(void)what;
	once->fn(once->ctx);
}

/*
 * Arming takes a few bytes in libevent's heap of timers.  A process that
 * cannot have them can keep none of its deadlines: it ends, and is restarted.
 */
static void
timer_arm(struct loop_timer *timer, uint64_t after_ms)
{
	struct timeval after = {
		.tv_sec = (time_t)(after_ms / 1000),
		.tv_usec = (suseconds_t)(after_ms % 1000 * 1000),
	};
	int rc = event_add(timer->once.event, &after);

	assert(rc == 0);
	(void)rc;
}

static void
timer_due(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer *timer = arg;

	(void)fd;
	(void)what;
	if (timer->every_ms > 0)
		timer_arm(timer, timer->every_ms);
	timer->once.fn(timer->once.ctx);
}

int
loop_timer_new(struct loop *loop, loop_fn fn, void *ctx,
    struct loop_timer **ret_timer, struct error *err)
{
	struct loop_timer *timer = calloc(1, sizeof(*timer));

	if (timer == NULL)
		return error_set_memory(err);
	if (once_init(&timer->once, loop, -1, 0, timer_due, fn, ctx, err) < 0) {
		free(timer);
		return -1;
	}
	*ret_timer = timer;
	return 0;
}

void
loop_timer_free(struct loop_timer *timer)
{
	if (timer == NULL)
		return;
	event_free(timer->once.event);
	free(timer);
}

void
loop_timer_start(struct loop_timer *timer, uint64_t after_ms)
{
	timer->every_ms = 0;
	timer_arm(timer, after_ms);
}

void
loop_timer_repeat(struct loop_timer *timer, uint64_t every_ms)
{
	assert(every_ms > 0);
	timer->every_ms = every_ms;
	timer_arm(timer, every_ms);
}

void
loop_timer_cancel(struct loop_timer *timer)
{
	event_del(timer->once.event);
}

bool
loop_timer_is_running(const struct loop_timer *timer)
{
	return event_pending(timer->once.event, EV_TIMEOUT, NULL) != 0;
}

int
loop_signal_new(struct loop *loop, int signal_number, loop_fn fn, void *ctx,
    struct loop_signal **ret_signal, struct error *err)
{
	struct loop_signal *signal = calloc(1, sizeof(*signal));

	if (signal == NULL)
		return error_set_memory(err);
	if (once_init(&signal->once, loop, signal_number,
		EV_SIGNAL | EV_PERSIST, once_due, fn, ctx, err) < 0) {
		free(signal);
		return -1;
	}
	if (event_add(signal->once.event, NULL) < 0) {
		loop_signal_free(signal);
		return error_set(err, ERROR_SYSTEM,
		    "signal %d cannot be caught", signal_number);
	}
	*ret_signal = signal;
	return 0;
}

void
loop_signal_free(struct loop_signal *signal)
{
	if (signal == NULL)
		return;
	event_free(signal->once.event);
	free(signal);
}

int
loop_soon_new(struct loop *loop, loop_fn fn, void *ctx,
    struct loop_soon **ret_soon, struct error *err)
{
	struct loop_soon *soon = calloc(1, sizeof(*soon));

	if (soon == NULL)
		return error_set_memory(err);
	if (once_init(&soon->once, loop, -1, 0, once_due, fn, ctx, err) < 0) {
		free(soon);
		return -1;
	}
	*ret_soon = soon;
	return 0;
}

void
loop_soon_free(struct loop_soon *soon)
{
	if (soon == NULL)
		return;
	event_free(soon->once.event);
	free(soon);
}

void
loop_soon_start(struct loop_soon *soon)
{
	event_active(soon->once.event, EV_TIMEOUT, 0);
}

void
loop_soon_cancel(struct loop_soon *soon)
{
	event_del(soon->once.event);
}

int
loop_writer_new(struct loop *loop, loop_fn fn, void *ctx,
    struct loop_writer **ret_writer, struct error *err)
{
	struct loop_writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL)
		return error_set_memory(err);
	writer->loop = loop;
	writer->fn = fn;
	writer->ctx = ctx;
	*ret_writer = writer;
	return 0;
}

void
loop_writer_free(struct loop_writer *writer)
{
	struct loop_writer **at;

	if (writer == NULL)
		return;
	at = &writer->loop->writers;
	while (writer->is_started && *at != writer)
		at = &(*at)->next;
	if (writer->is_started)
		*at = writer->next;
	free(writer);
}

void
loop_writer_start(struct loop_writer *writer)
{
	struct loop *loop = writer->loop;

	if (writer->is_started)
		return;
	writer->is_started = true;
	writer->next = loop->writers;
	if (loop->writers == NULL)
		loop_soon_start(loop->write_out);
	loop->writers = writer;
}

void
loop_write_out(struct loop *loop)
{
	while (loop->writers != NULL) {
		struct loop_writer *writer = loop->writers;

		loop->writers = writer->next;
		writer->is_started = false;
		writer->fn(writer->ctx);
	}
}

bool
loop_is_in_turn(const struct loop *loop)
{
	return loop->is_in_turn;
}
