/*
 * What partials.c (opening, bytes, life) and partials_keep.c (what becomes
 * durable or goes) share.
 */
#ifndef ROLE_PARTIALS_INTERNAL_H
#define ROLE_PARTIALS_INTERNAL_H

#include <stdbool.h>

#include "role/spool/group.h"
#include "role/spool/partials.h"
#include "service/log.h"
#include "store/store_partial.h"

struct loop_timer;
struct segment_reader;
struct segment_writer;
struct sha256;

enum partial_state {
	PARTIAL_RESTING,
	PARTIAL_CHECKING, /* reads what is durable, for its hash */
	PARTIAL_OPEN,     /* bytes come under `ticket` */
	PARTIAL_CLOSING,  /* what came becomes durable */
	PARTIAL_STORING,  /* is a payload in the open group */
	PARTIAL_STORED,   /* that group ended: its row tells what is left */
	PARTIAL_REMOVING, /* its row goes */
};

/* One who wants the offset, or a ticket. */
struct partial_waiter {
	struct partial_waiter *next;
	partials_offset_fn on_offset; /* or NULL: on_open */
	partials_open_fn on_open;
	void *ctx;
	char host[STORE_PARTIAL_HOST_SIZE];
	struct partials_content content; /* its host is the above */
	uint64_t offset;
};

/*
 * 1. `row.payload` has number, label and the durable length alone;
 * 2. there is a writer while it is open, and until it is closed;
 * 3. `sha`, if it is not NULL, is over the durable bytes; not while it is open;
 * 4. one that rests has no change under way.
 */
struct partial {
	struct group_op op; /* first: the group hands it back */
	struct partial *next;
	struct partials *partials;
	struct store_partial row;
	enum partial_state state;
	struct sha256 *sha;
	struct segment_writer *writer;
	uint64_t ticket;      /* 0: nobody writes */
	uint64_t from;        /* where this transfer began */
	uint64_t came;        /* its bytes */
	uint64_t came_before; /* ... at the last look */
	uint64_t saving_len;  /* of the row in the open group */
	bool has_op;          /* `op` is with the group */
	bool is_unsettled;    /* its row is in the open group */
	bool is_held;         /* complete: it waits to be stored */
	bool is_broken;       /* writing failed: nothing more is saved */
	bool is_last_save;    /* closing: what came is saved or was */
	bool is_unwanted;     /* it goes once it rests */
	struct partial_waiter *waiters;
	struct loop_timer *timer;      /* of the check, or of silence */
	struct partial_waiter opening; /* while it is checked */
	struct store_partial checked;
	struct segment_reader *reader;
};

struct partials {
	struct role_env *env;
	struct store *store;
	struct group *group;
	struct partial *first;
	struct loop_timer *timer;
	uint64_t last_ticket;
};

/* ---- partials.c ------------------------------------------------------ */

/* Answer now, or later when the partial rests. */
void partials_serve(struct partials *partials,
    const struct partial_waiter *waiter);

/* ---- partials_keep.c ------------------------------------------------- */

int partial_add(struct partials *partials, struct partial **ret_partial,
    struct error *err) MUST_CHECK;

/* Off the list, and free; then who waits is served. */
void partial_vanish(struct partial *partial);
void partial_free(struct partial *partial);

/* Nothing is under way: who waits is served. */
void partial_rest(struct partial *partial);

/* Its turn comes when the partial rests or is gone. */
void partial_wait(struct partial *partial, const struct partial_waiter *waiter);

bool partial_is_busy(const struct partial *partial);

/* Make durable what came; nothing else of it may be with the group. */
void partial_save(struct partial *partial);

/* Of one that rests: its row and blocks go. */
void partial_remove(struct partial *partial);

/* No more comes; what came is made durable, unless it is unwanted. */
void partial_close(struct partial *partial);

/* Something ended: closing goes on, if that is under way. */
void partial_settle(struct partial *partial);

/* A store_done_fn for the group that stores it. */
void partial_on_stored(void *ctx, const struct error *why);

/* A loop_fn: the check goes on, or a transfer is looked at. */
void partial_on_timer(void *ctx);

void partial_log(const struct partial *partial, enum log_level level,
    const char *event, const struct error *why);

#endif
