/*
 * What the log says of a hold: added, renewed or lifted (docs/protocol.md 5).
 * An entry of its own kind beside statements; no receipt is made of it.
 */
#ifndef ENVELOPE_HOLD_RECORD_H
#define ENVELOPE_HOLD_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "envelope/envelope_field.h"
#include "model/hold.h"

struct bytes;
struct error;

enum { HOLD_RECORD_MAX = 2048, HOLD_BY_SIZE = 24 };

struct hold_record {
	char environment[ENVELOPE_NAME_SIZE];
	char center[ENVELOPE_NAME_SIZE];
	enum hold_action action;
	struct hold hold;
	char reason[HOLD_REASON_SIZE];
	char by[HOLD_BY_SIZE]; /* "uid 0" */
	int64_t time_ms;
};

/* Append the one line of JSON that goes into the log. */
int hold_record_encode(const struct hold_record *record, struct bytes *to,
    struct error *err) MUST_CHECK;

/* ERROR_MALFORMED (E3110). */
int hold_record_decode(const void *json, size_t len,
    struct hold_record *ret_record, struct error *err) MUST_CHECK;

#endif
