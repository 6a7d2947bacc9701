/*
 * By which way a letter reaches a recipient, as directory and measures have it
 * now: what sending judges it by, and what a sender is told before.
 */
#ifndef GATEWAY_OUTBOX_WAY_H
#define GATEWAY_OUTBOX_WAY_H

#include <stdbool.h>
#include <stdint.h>

#include "directory/directory.h"
#include "model/org.h"
#include "policy/verdict.h"

struct measure;
struct spool;

struct outbox_way {
	bool is_known;
	struct directory_org org; /* of one that is known */
	bool has_heir;
	struct directory_org heir; /* who took over for one that is dissolved */
	const struct measure *center; /* that is suspended, or NULL */
	struct verdict verdict;       /* policy/sending.h */
};

/* `letter_bytes` 0: of a letter whose size is not known. */
void outbox_way_judge(const struct spool *spool, const struct org_code *code,
    uint64_t letter_bytes, struct outbox_way *ret_way);

enum outbox_way_kind {
	OUTBOX_WAY_ELECTRONIC,
	OUTBOX_WAY_PAPER,
	OUTBOX_WAY_SUSPENDED,
	OUTBOX_WAY_DISSOLVED,
	OUTBOX_WAY_UNKNOWN,
	OUTBOX_WAY_KIND_COUNT
};

/* What it amounts to; "electronic", "paper", "suspended" .... */
enum outbox_way_kind outbox_way_kind(const struct outbox_way *way);
const char *outbox_way_name(enum outbox_way_kind kind);

#endif
