/*
 * What the files store*.c share.
 */
#ifndef STORE_STORE_INTERNAL_H
#define STORE_STORE_INTERNAL_H

#include "store/store.h"

struct query;

struct payload_list {
	struct payload *items;
	size_t count, size;
};

struct after {
	store_done_fn done;
	void *context;
};

struct after_list {
	struct after *items;
	size_t count, size;
};

struct store {
	struct store_options options; /* its pointers are not ours */
	int dir, segments_dir, lock_fd;
	struct rows *rows;
	struct segments *segments;
	struct leaves *leaves;
	uint64_t next_number;
	bool is_open_group;
	bool is_broken; /* what is durable is unknown: no more commits */

	/* Of the open group. */
	struct payload_list added, removed;
	struct after_list after;
};

/* -1 with ERROR_SYSTEM (E5003) once what is durable is unknown. */
int store_usable(const struct store *store, struct error *err) MUST_CHECK;

/* store_payload.c: free the payloads of a list, not their blocks. */
void store_list_clear(struct payload_list *list);

/* Read columns number, label, length, digest, extents. */
int store_payload_read(struct query *query, struct payload *payload,
    struct error *err) MUST_CHECK;

#endif
