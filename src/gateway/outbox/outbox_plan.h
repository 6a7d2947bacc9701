/*
 * Which waybills a letter becomes, and which files each of them carries.  Pure.
 *
 * Every roster is a waybill of its own, and within a roster so are those who
 * get no attachments (不含附件): their package never has had the bytes.
 */
#ifndef GATEWAY_OUTBOX_PLAN_H
#define GATEWAY_OUTBOX_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "document/document.h"
#include "model/digest.h"
#include "model/org.h"
#include "role/message.h"

struct error;

/* One entry of a roster. */
struct outbox_recipient {
	struct org_code code;
	char name[MESSAGE_NAME_SIZE];
	uint16_t roster; /* position of the file that names it */
	bool with_attachments;
	bool is_copy;
	bool is_person; /* the name is somebody's in that organisation */
	uint32_t line;  /* where the roster names it; 0 if not known */
	uint32_t column;
};

/* One waybill to be. */
struct outbox_split {
	uint16_t roster;
	bool with_attachments;
	size_t *recipients; /* indices, in the order of the roster */
	size_t count;
};

struct outbox_plan {
	struct outbox_split *splits;
	size_t count;
	size_t *indices; /* what `recipients` point into */
};

/*
 * Split `recipients`; without attachments there is nothing to leave out, so a
 * roster stays whole.  Start the plan as `{ 0 }`; free it also after a failure.
 * A code named twice in one waybill is taken once.
 */
int outbox_plan_split(const struct outbox_recipient *recipients, size_t count,
    bool has_attachments, struct outbox_plan *ret_plan,
    struct error *err) MUST_CHECK;
void outbox_plan_free(struct outbox_plan *plan);

/* Whether a file of this kind, at `position` of the list, goes along. */
bool outbox_plan_takes(const struct outbox_split *split,
    enum document_input_kind kind, uint16_t position);

/* A letter that came under an Idempotency-Key that is known. */
enum outbox_key {
	OUTBOX_KEY_REPEAT, /* the first answer again */
	OUTBOX_KEY_BUSY,   /* the first is still being worked on */
	OUTBOX_KEY_CLASH   /* other files */
};
enum outbox_key outbox_plan_key(const struct digest *known, bool is_draft,
    const struct digest *arrived);

/* One of the files, for the digest of them all. */
struct outbox_named {
	const char *name;
	uint64_t len;
	struct digest digest;
};

/* Over names, lengths and digests; the order of the files does not matter. */
int outbox_plan_digest(const struct outbox_named *files, size_t count,
    struct digest *ret_digest, struct error *err) MUST_CHECK;

#endif
