/*
 * The head of a waybill: what identifies one sending (docs/protocol.md 3).  Its
 * digest binds content part and key parts to the waybill, so its bytes are
 * written once and then only copied.
 */
#ifndef ENVELOPE_HEAD_H
#define ENVELOPE_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "envelope/envelope_field.h"
#include "model/digest.h"
#include "model/event.h"
#include "model/id.h"
#include "model/org.h"

struct bytes;
struct error;

enum { HEAD_MAX = 1024, HEAD_MESSAGE_MAX = 6 };

struct head {
	char environment[ENVELOPE_NAME_SIZE];
	struct id waybill_id;
	struct id document_id;
	struct org_code sender;
	struct digest module;            /* of the module's certificate */
	char center[ENVELOPE_NAME_SIZE]; /* the origin center */
	int64_t created_at;
	int64_t not_after_at;
	enum speed speed;
	int message;       /* DM code 1 to 6, or 0 */
	struct id earlier; /* document replaced by a resend; nil: none */
};

/* Append the one line of JSON. */
int head_encode(const struct head *head, struct bytes *to,
    struct error *err) MUST_CHECK;

/* ERROR_MALFORMED (E3100). */
int head_decode(const void *json, size_t len, struct head *ret_head,
    struct error *err) MUST_CHECK;

#endif
