/*
 * The event loop of a process: descriptors that become ready, timers, signals,
 * and work to do soon.  A thin face on libevent's event_base.
 *
 * Each of the five is an object that is made once and then started and
 * cancelled at will; freeing it cancels it.  Any of them may be freed inside
 * any callback, its own too.  Every object must be freed before its loop.
 */
#ifndef SYS_LOOP_H
#define SYS_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct error;

struct loop;
struct loop_watch;  /* a descriptor */
struct loop_timer;  /* one instant, or many at a distance */
struct loop_signal; /* a signal number */
struct loop_soon;   /* work for the end of this turn */
struct loop_writer; /* what has gathered and must be written */

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

typedef void (*loop_fn)(void *ctx);
typedef void (*loop_watch_fn)(void *ctx, unsigned events);

int loop_new(struct loop **ret_loop, struct error *err) MUST_CHECK;
void loop_free(struct loop *loop);

/*
 * Run until loop_stop(), or until nothing is left that could happen.  Fails
 * with ERROR_SYSTEM when the kernel refuses to wait.
 */
int loop_run(struct loop *loop, struct error *err) MUST_CHECK;

/* Leave loop_run() when the present callback returns. */
void loop_stop(struct loop *loop);

/* Do what is due now without waiting. */
int loop_run_once(struct loop *loop, struct error *err) MUST_CHECK;

/*
 * Milliseconds of a clock that never jumps; its zero means nothing.  Good for
 * deadlines, no good for dates.
 */
uint64_t loop_now_ms(const struct loop *loop);

/*
 * Watch `fd` for `events` (LOOP_READ, LOOP_WRITE, both or 0).  `fn` is called
 * in every turn in which it is ready, with what it is ready for.  Free the
 * watch before closing `fd`.
 */
int loop_watch_new(struct loop *loop, int fd, unsigned events, loop_watch_fn fn,
    void *ctx, struct loop_watch **ret_watch, struct error *err) MUST_CHECK;
void loop_watch_free(struct loop_watch *watch);

/* Watch for other events from now on; 0 pauses, which cannot fail. */
int loop_watch_set(struct loop_watch *watch, unsigned events,
    struct error *err) MUST_CHECK;

/*
 * A timer that is not running.  Starting a running one moves it.  One that
 * repeats skips what it missed: two calls never come at once.
 */
int loop_timer_new(struct loop *loop, loop_fn fn, void *ctx,
    struct loop_timer **ret_timer, struct error *err) MUST_CHECK;
void loop_timer_free(struct loop_timer *timer);
void loop_timer_start(struct loop_timer *timer, uint64_t after_ms);
void loop_timer_repeat(struct loop_timer *timer, uint64_t every_ms);
void loop_timer_cancel(struct loop_timer *timer);
bool loop_timer_is_running(const struct loop_timer *timer);

/* Call `fn` on the loop each time the process gets `signal_number`. */
int loop_signal_new(struct loop *loop, int signal_number, loop_fn fn, void *ctx,
    struct loop_signal **ret_signal, struct error *err) MUST_CHECK;
void loop_signal_free(struct loop_signal *signal);

/*
 * Once started, `fn` is called once, after the callbacks that are due already
 * and before the loop waits again.  Starting it twice is starting it once.
 * Cannot fail to start, so it suits clean-up and work in slices.
 */
int loop_soon_new(struct loop *loop, loop_fn fn, void *ctx,
    struct loop_soon **ret_soon, struct error *err) MUST_CHECK;
void loop_soon_free(struct loop_soon *soon);
void loop_soon_start(struct loop_soon *soon);
void loop_soon_cancel(struct loop_soon *soon);

/*
 * As loop_soon, for writing what has gathered in a turn.  Who is about to do
 * something long calls loop_write_out() first, so that others can go on
 * meanwhile.
 */
int loop_writer_new(struct loop *loop, loop_fn fn, void *ctx,
    struct loop_writer **ret_writer, struct error *err) MUST_CHECK;
void loop_writer_free(struct loop_writer *writer);
void loop_writer_start(struct loop_writer *writer);
void loop_write_out(struct loop *loop);

/* Whether callbacks are being called: a turn is under way. */
bool loop_is_in_turn(const struct loop *loop);

#endif
