#define _GNU_SOURCE
#include "sys/arena.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

static const int size_seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

struct arena {
	int fd;
	uint8_t *memory;
	uint16_t slot_count;
	uint16_t free_count;
	uint16_t free_slots[ARENA_SLOTS_MAX]; /* filling side only */
	bool is_taken[ARENA_SLOTS_MAX];
};

static int
map(int fd, uint16_t slot_count, struct arena **ret_arena, struct error *err)
{
	struct arena *arena = calloc(1, sizeof(*arena));
	size_t len = (size_t)slot_count * ARENA_SLOT_LEN;
	void *memory;

	if (arena == NULL)
		return error_set_memory(err);
	memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		free(arena);
		return error_set_errno(err, "mapping an arena");
	}
	arena->fd = fd;
	arena->memory = memory;
	arena->slot_count = slot_count;
	*ret_arena = arena;
	return 0;
}

int
arena_create(uint16_t slot_count, struct arena **ret_arena, struct error *err)
{
	struct arena *arena = NULL;
	int fd;

	if (slot_count == 0 || slot_count > ARENA_SLOTS_MAX)
		return error_set(err, ERROR_SYSTEM, "arena of %u slots",
		    slot_count);
	fd = memfd_create("arena", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return error_set_errno(err, "creating an arena");
	if (ftruncate(fd, (off_t)slot_count * ARENA_SLOT_LEN) < 0 ||
	    fcntl(fd, F_ADD_SEALS, size_seals) < 0) {
		error_set_errno(err, "sizing an arena");
		goto done;
	}
	if (map(fd, slot_count, &arena, err) < 0)
		goto done;
	fd = -1;
	/* Slot 0 is taken first. */
	for (uint16_t slot = slot_count; slot > 0; slot--)
		arena->free_slots[arena->free_count++] = (uint16_t)(slot - 1);
	*ret_arena = arena;
done:
	if (fd >= 0)
		close(fd);
	return arena == NULL ? -1 : 0;
}

int
arena_open(int fd, struct arena **ret_arena, struct error *err)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);
	off_t slots;

	if (seals < 0 || (seals & size_seals) != size_seals ||
	    fstat(fd, &st) < 0) {
		close(fd);
		return error_set(err, ERROR_MALFORMED,
		    "descriptor is not an arena of sealed size");
	}
	slots = st.st_size / ARENA_SLOT_LEN;
	if (slots < 1 || slots > ARENA_SLOTS_MAX ||
	    st.st_size % ARENA_SLOT_LEN != 0) {
		close(fd);
		return error_set(err, ERROR_MALFORMED, "arena of %lld bytes",
		    (long long)st.st_size);
	}
	if (map(fd, (uint16_t)slots, ret_arena, err) < 0) {
		close(fd);
		return -1;
	}
	return 0;
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	munmap(arena->memory, (size_t)arena->slot_count * ARENA_SLOT_LEN);
	close(arena->fd);
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
	if (slot >= arena->slot_count)
		return NULL;
	return arena->memory + (size_t)slot * ARENA_SLOT_LEN;
}

bool
arena_take(struct arena *arena, uint16_t *ret_slot)
{
	if (arena->free_count == 0)
		return false;
	*ret_slot = arena->free_slots[--arena->free_count];
	arena->is_taken[*ret_slot] = true;
	return true;
}

void
arena_give(struct arena *arena, uint16_t slot)
{
	/* A peer that gives a slot twice must not make it free twice. */
	if (slot >= arena->slot_count || !arena->is_taken[slot])
		return;
	arena->is_taken[slot] = false;
	arena->free_slots[arena->free_count++] = slot;
}

uint16_t
arena_free_count(const struct arena *arena)
{
	return arena->free_count;
}
