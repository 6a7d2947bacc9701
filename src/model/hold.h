/*
 * Holds: words for what an operator of a center may hold back (docs/protocol.md
 * 5).  Which delivery a hold concerns is decided by policy/hold_rules.h.
 */
#ifndef MODEL_HOLD_H
#define MODEL_HOLD_H

#include <stdbool.h>
#include <stdint.h>

enum hold_scope {
	HOLD_ORGANISATION, /* a code, and all of its units */
	HOLD_UNIT,         /* one code of a unit */
	HOLD_HOST,         /* whatever a gateway hands in or fetches */
	HOLD_WAYBILL,      /* "waybill id", or "waybill id/recipient" */
	HOLD_SCOPE_COUNT
};

enum hold_direction {
	HOLD_SENDING,
	HOLD_RECEIVING,
	HOLD_BOTH,
	HOLD_DIRECTION_COUNT
};

/* What was done about a hold: each is a record of the log. */
enum hold_action { HOLD_ADD, HOLD_RENEW, HOLD_LIFT, HOLD_ACTION_COUNT };

enum {
	HOLD_NAME_SIZE = 64,
	HOLD_REASON_SIZE = 256,
};

struct hold {
	int64_t id; /* 1 and up, within one center */
	enum hold_scope scope;
	char name[HOLD_NAME_SIZE];
	enum hold_direction direction;
	/* Sending: what was accepted and not fetched waits as well. */
	bool waits;
	int64_t from_ms;
	int64_t until_ms;
};

/* Lower-case names, as in objects and API: "organisation", "receiving". */
const char *hold_scope_name(enum hold_scope scope);
bool hold_scope_parse(const char *name, enum hold_scope *ret_scope);
const char *hold_direction_name(enum hold_direction direction);
bool hold_direction_parse(const char *name, enum hold_direction *ret_direction);
const char *hold_action_name(enum hold_action action);
bool hold_action_parse(const char *name, enum hold_action *ret_action);

#endif
