#define _GNU_SOURCE
/*
 * Stands in for the small parts of sys/: the clock, the sandbox, arenas (in
 * this process's own memory, so that copies of it share nothing), and the
 * nursery, whose work is done at once and answered later.
 */
#include "simulate/sim.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "sys/arena.h"
#include "sys/clock.h"
#include "sys/nursery.h"
#include "sys/process.h"
#include "sys/sandbox.h"

/* ---- clock --------------------------------------------------------------- */

int64_t
clock_now_ms(void)
{
	const struct sim_host *host = sim_host_of(sim.role);

	return sim_day_ms() + (host != NULL ? host->clock_offset_ms : 0);
}

uint64_t
clock_steady_us(void)
{
	return (uint64_t)sim_time();
}

/* ---- sandbox ------------------------------------------------------------- */

int
sandbox_enter(const struct sandbox *sandbox, bool *ret_has_landlock,
    struct error *err)
{
	(void)sandbox;
	(void)err;
	*ret_has_landlock = true;
	return 0;
}

/* ---- arenas -------------------------------------------------------------- */

struct block {
	uint8_t *memory;
	uint16_t slot_count;
};

struct arena {
	struct block *block;
	uint16_t *free_slots; /* of the filling side */
	uint16_t free_count;
	int fd;
};

static void *
checked(void *memory)
{
	if (memory == NULL || memory == MAP_FAILED)
		abort();
	return memory;
}

/* The descriptor holds the block's address, good in this process alone. */
int
arena_create(uint16_t slot_count, struct arena **ret_arena, struct error *err)
{
	struct arena *arena = checked(calloc(1, sizeof(*arena)));
	size_t len = (size_t)slot_count * ARENA_SLOT_LEN;

	arena->block = checked(calloc(1, sizeof(*arena->block)));
	arena->block->slot_count = slot_count;
	arena->block->memory = checked(mmap(NULL, len, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
	arena->free_slots =
	    checked(calloc(slot_count, sizeof(*arena->free_slots)));
	for (uint16_t i = 0; i < slot_count; i++)
		arena->free_slots[i] = (uint16_t)(slot_count - 1 - i);
	arena->free_count = slot_count;
	if (process_seal(&arena->block, sizeof(struct block *), &arena->fd,
		err) < 0)
		return -1;
	*ret_arena = arena;
	return 0;
}

int
arena_open(int fd, struct arena **ret_arena, struct error *err)
{
	struct arena *arena = checked(calloc(1, sizeof(*arena)));
	ssize_t len = pread(fd, &arena->block, sizeof(struct block *), 0);

	close(fd);
	if (len != (ssize_t)sizeof(struct block *))
		return error_set(err, ERROR_MALFORMED, "no arena");
	arena->fd = -1;
	*ret_arena = arena;
	return 0;
}

/* The memory stays: the other side may look at it. */
void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	if (arena->fd >= 0)
		close(arena->fd);
	free(arena->free_slots);
	free(arena);
}

int
arena_fd(const struct arena *arena)
{
	return arena->fd;
}

uint8_t *
arena_slot(const struct arena *arena, uint16_t slot)
{
	if (slot >= arena->block->slot_count)
		return NULL;
	return arena->block->memory + (size_t)slot * ARENA_SLOT_LEN;
}

bool
arena_take(struct arena *arena, uint16_t *ret_slot)
{
	if (arena->free_count == 0)
		return false;
	*ret_slot = arena->free_slots[--arena->free_count];
	return true;
}

void
arena_give(struct arena *arena, uint16_t slot)
{
	assert(arena->free_count < arena->block->slot_count);
	arena->free_slots[arena->free_count++] = slot;
}

uint16_t
arena_free_count(const struct arena *arena)
{
	return arena->free_count;
}

/* ---- nursery ------------------------------------------------------------- */

struct nursery {
	size_t running;
	size_t most;
};

struct copy {
	struct nursery *nursery;
	struct bytes result;
	nursery_done_fn done;
	void *ctx;
};

int
nursery_new(struct loop *loop, size_t copies_max, struct nursery **ret_nursery,
    struct error *err)
{
	struct nursery *nursery = calloc(1, sizeof(*nursery));

	(void)loop;
	if (nursery == NULL)
		return error_set_memory(err);
	nursery->most = copies_max;
	*ret_nursery = nursery;
	return 0;
}

void
nursery_free(struct nursery *nursery)
{
	free(nursery);
}

static void
copy_ended(void *arg)
{
	struct copy *copy = arg;

	copy->nursery->running--;
	copy->done(copy->ctx, copy->result.data, copy->result.len, NULL);
	bytes_free(&copy->result);
	free(copy);
}

int
nursery_run(struct nursery *nursery, const struct nursery_limits *limits,
    nursery_work_fn work, void *work_ctx, int fd, nursery_done_fn done,
    void *done_ctx, struct error *err)
{
	struct copy *copy;

	(void)limits;
	if (nursery->running >= nursery->most)
		return error_set_id(err, "E2293", ERROR_BUSY,
		    "%zu copies run already", nursery->running);
	copy = checked(calloc(1, sizeof(*copy)));
	copy->nursery = nursery;
	copy->done = done;
	copy->ctx = done_ctx;
	nursery->running++;
	work(work_ctx, fd, &copy->result);
	sim_at(sim_time() + sim_between(500, 8 * SIM_MS), sim.role, copy_ended,
	    copy);
	return 0;
}

size_t
nursery_running(const struct nursery *nursery)
{
	return nursery->running;
}
