/*
 * What the files store*.c share.
 */
#ifndef STORE_STORE_INTERNAL_H
#define STORE_STORE_INTERNAL_H

#include "store/store.h"

struct query;

/* A payload that the open group adds or removes. */
struct store_change {
	struct payload payload;
	uint64_t kept;  /* bytes that a durable row names as a partial one */
	bool is_undone; /* the change that added it failed */
};

struct payload_list {
	struct store_change *items;
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
	void *context;                /* of options.broken */
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

/* Append `payload`, which is the list's from then on. */
int store_list_add(struct payload_list *list, const struct payload *payload,
    uint64_t kept, struct error *err) MUST_CHECK;

/* store_payload.c: store_payload_add_known() and store_partial_finish(). */
int store_add(struct store *store, struct segment_writer *writer,
    const struct digest *wanted, bool is_partial, struct payload *ret_payload,
    struct error *err) MUST_CHECK;

/* store_partial.c: the row alone, in the open group; what is not there is gone. */
int store_partial_forget(struct store *store, uint64_t number,
    struct error *err) MUST_CHECK;

/* Read columns number, label, length, digest, extents. */
int store_payload_read(struct query *query, struct payload *payload,
    struct error *err) MUST_CHECK;

#endif
