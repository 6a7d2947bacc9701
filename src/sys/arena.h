/*
 * A block of memory that two roles share, in slots of equal size: the way of
 * bulk bytes between processes (architecture.md 4).  Messages carry slot
 * numbers; the bytes are never sent.
 *
 * The side that creates an arena fills slots and keeps the list of free ones.
 * The other side opens it by descriptor, copies a slot out, and says with a
 * message that the slot is free again.  It must copy before it looks: the
 * filling side can change a slot at any moment.
 */
#ifndef SYS_ARENA_H
#define SYS_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct error;
struct arena;

enum { ARENA_SLOT_LEN = 65536, ARENA_SLOTS_MAX = 1024 };

/* Make one of `slot_count` slots, all free. */
int arena_create(uint16_t slot_count, struct arena **ret_arena,
    struct error *err) MUST_CHECK;

/*
 * Map what another process created.  Closes `fd`, also on failure.  Fails with
 * ERROR_MALFORMED when it is not an arena whose size is sealed.
 */
int arena_open(int fd, struct arena **ret_arena, struct error *err) MUST_CHECK;
void arena_free(struct arena *arena);

/* The descriptor to hand to the other side; lives as long as the arena. */
int arena_fd(const struct arena *arena);

/* The slot's bytes; NULL when there is no such slot. */
uint8_t *arena_slot(const struct arena *arena, uint16_t slot);

/* Filling side: take a free slot, false when there is none; give it back. */
bool arena_take(struct arena *arena, uint16_t *ret_slot);
void arena_give(struct arena *arena, uint16_t slot);
uint16_t arena_free_count(const struct arena *arena);

#endif
