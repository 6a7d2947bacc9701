/*
 * Stands in for sys/loop.c: timers and work for soon are events of the
 * simulation.  There are no descriptors to watch: sim_ipc.c and sim_http.c
 * stand in for those that would watch any.
 */
#include "simulate/sim.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "sys/loop.h"

struct loop {
	struct sim_role *role;
};

struct loop_timer {
	struct sim_role *role;
	struct sim_event *event; /* NULL: not running */
	uint64_t every_ms;
	loop_fn fn;
	void *ctx;
};

struct loop_soon {
	struct sim_role *role;
	struct sim_event *event;
	loop_fn fn;
	void *ctx;
};

int
loop_new(struct loop **ret_loop, struct error *err)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (loop == NULL)
		return error_set_memory(err);
	loop->role = sim.role;
	*ret_loop = loop;
	return 0;
}

void
loop_free(struct loop *loop)
{
	free(loop);
}

int
loop_run(struct loop *loop, struct error *err)
{
	(void)loop;
	(void)err;
	sim_role_wait();
	abort();
}

void
loop_stop(struct loop *loop)
{
	(void)loop;
}

int
loop_run_once(struct loop *loop, struct error *err)
{
	(void)loop;
	return error_set(err, ERROR_SYSTEM, "no loop runs in here");
}

uint64_t
loop_now_ms(const struct loop *loop)
{
	(void)loop;
	return 1000 + (uint64_t)(sim_time() / SIM_MS);
}

/* ---- timers ------------------------------------------------------------ */

int
loop_timer_new(struct loop *loop, loop_fn fn, void *ctx,
    struct loop_timer **ret_timer, struct error *err)
{
	struct loop_timer *timer = calloc(1, sizeof(*timer));

	if (timer == NULL)
		return error_set_memory(err);
	timer->role = loop->role;
	timer->fn = fn;
	timer->ctx = ctx;
	*ret_timer = timer;
	return 0;
}

void
loop_timer_free(struct loop_timer *timer)
{
	if (timer == NULL)
		return;
	sim_cancel(timer->event);
	free(timer);
}

static void timer_due(void *arg);

static void
arm(struct loop_timer *timer, uint64_t after_ms)
{
	sim_cancel(timer->event);
	timer->event = sim_at(sim_time() + (int64_t)after_ms * SIM_MS,
	    timer->role, timer_due, timer);
}

static void
timer_due(void *arg)
{
	struct loop_timer *timer = arg;

	timer->event = NULL;
	if (timer->every_ms > 0)
		arm(timer, timer->every_ms);
	timer->fn(timer->ctx);
}

void
loop_timer_start(struct loop_timer *timer, uint64_t after_ms)
{
	timer->every_ms = 0;
	arm(timer, after_ms);
}

void
loop_timer_repeat(struct loop_timer *timer, uint64_t every_ms)
{
	assert(every_ms > 0);
	timer->every_ms = every_ms;
	arm(timer, every_ms);
}

void
loop_timer_cancel(struct loop_timer *timer)
{
	sim_cancel(timer->event);
	timer->event = NULL;
}

bool
loop_timer_is_running(const struct loop_timer *timer)
{
	return timer->event != NULL;
}

/* ---- soon -------------------------------------------------------------- */

int
loop_soon_new(struct loop *loop, loop_fn fn, void *ctx,
    struct loop_soon **ret_soon, struct error *err)
{
	struct loop_soon *soon = calloc(1, sizeof(*soon));

	if (soon == NULL)
		return error_set_memory(err);
	soon->role = loop->role;
	soon->fn = fn;
	soon->ctx = ctx;
	*ret_soon = soon;
	return 0;
}

void
loop_soon_free(struct loop_soon *soon)
{
	if (soon == NULL)
		return;
	sim_cancel(soon->event);
	free(soon);
}

static void
soon_due(void *arg)
{
	struct loop_soon *soon = arg;

	soon->event = NULL;
	soon->fn(soon->ctx);
}

/* A turn of the loop may hold many callbacks: sometimes it is a long one. */
void
loop_soon_start(struct loop_soon *soon)
{
	int64_t after =
	    sim_chance(4) ? sim_between(0, 5 * SIM_MS) : sim_between(0, 50);

	if (soon->event == NULL)
		soon->event =
		    sim_at(sim_time() + after, soon->role, soon_due, soon);
}

void
loop_soon_cancel(struct loop_soon *soon)
{
	sim_cancel(soon->event);
	soon->event = NULL;
}

/* ---- writing out --------------------------------------------------------- */

/* Nothing gathers: sim_ipc.c takes each message at once. */
void
loop_write_out(struct loop *loop)
{
	(void)loop;
}
