/*
 * Has a host's checkpoints cosigned by the witnesses that the root names
 * (docs/protocol.md 5): each is sent the newest one with a proof that it
 * continues what that witness saw before.
 */
#ifndef ROLE_COSIGN_H
#define ROLE_COSIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct cosign;
struct error;
struct host_log;
struct json_writer;
struct rows;

/* A migration of the database of a host that keeps a log. */
extern const char cosign_schema[];

struct cosign_options {
	struct host_log *log; /* must outlive */
	uint64_t soon_ms;     /* from a checkpoint to asking for it */
	uint64_t retry_ms;    /* after a round in vain; it doubles */
	uint32_t timeout_ms;  /* for one witness */
	bool is_urgent; /* a round ends with the quorum, not with the last */
	/*
	 * Management, or all NULL: may this checkpoint be asked for; what is
	 * sent in place of the request; and, in the open group, that the note
	 * is cosigned by enough, and after it.
	 */
	bool (*may_begin)(void *ctx, uint64_t size);
	int (*wrap)(void *ctx, const struct bytes *note,
	    const struct bytes *request, struct bytes *to, struct error *err);
	int (*on_good)(void *ctx, uint64_t size, const struct bytes *note,
	    struct error *err);
	void (*on_end)(void *ctx);
	/* A witness says that it cosigned more than is here (E5027); or NULL. */
	void (*on_behind)(void *ctx);
	void *ctx;
};

int cosign_new(const struct cosign_options *options, struct cosign **ret_cosign,
    struct error *err) MUST_CHECK;

/* A checkpoint is newer: soon. */
void cosign_wake(struct cosign *cosign);

/* What was cosigned is of an earlier epoch: nothing is, of this one. */
int cosign_forget(struct rows *rows, struct error *err) MUST_CHECK;

/* Append the newest note that enough witnesses cosigned: 1, or 0 for none. */
int cosign_read(struct rows *rows, uint64_t *ret_size, struct bytes *note,
    struct error *err) MUST_CHECK;

/* In a word for people, such as "unwitnessed"; false is a warning. */
int cosign_state(struct rows *rows, int64_t now_ms, const char **ret_id,
    struct bytes *to, struct error *err) MUST_CHECK;

#endif
