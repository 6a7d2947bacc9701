/*
 * What was sent and is not signed for, whatever there is of it: how many
 * deliveries since when, in which state, and how many want somebody; and the
 * deliveries behind each of these numbers (R2.2, art. 7-6).
 */
#ifndef GATEWAY_OUTBOX_OVERVIEW_H
#define GATEWAY_OUTBOX_OVERVIEW_H

#include <stdbool.h>

#include "base/attr.h"
#include "gateway/outbox/outbox.h"

struct error;
struct json_writer;

struct outbox_overview_ask {
	const char *age;   /* of what has not ended: "hour" (sent less than one
			      ago), "day", "days" (one to three), "older", "any"; "" */
	const char *state; /* "": any but those that ended well */
	bool only_trouble; /* wants somebody, who has not looked at it since */
	const char *cursor;
	unsigned limit;
};

/*
 * Deliveries as JSON (docs/api.md), oldest first.  ERROR_MALFORMED (E6204) for
 * an age, a state or a cursor that there is none.
 */
int outbox_overview_list(const struct outbox_reading *reading,
    const struct outbox_overview_ask *ask, struct json_writer *writer,
    struct error *err) MUST_CHECK;

/* The members unconfirmed, sent, trouble and review of GET /v1/overview. */
int outbox_overview_sums(const struct outbox_reading *reading,
    struct json_writer *writer, struct error *err) MUST_CHECK;

#endif
