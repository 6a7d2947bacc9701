/*
 * What the directory says of organisations, hosts and keys, as values: the
 * vocabulary that bulletins, directory and policy share.
 */
#ifndef MODEL_STANDING_H
#define MODEL_STANDING_H

#include <stdbool.h>
#include <stdint.h>

enum org_status {
	ORG_ACTIVE,
	ORG_PAPER,     /* listed, and not connected: paper alone */
	ORG_SUSPENDED, /* 中止服務: for a time */
	ORG_DISSOLVED,
	ORG_STATUS_COUNT
};

enum org_kind {
	ORG_AGENCY,
	ORG_SCHOOL,
	ORG_ENTERPRISE,
	ORG_CORPORATION,
	ORG_GROUP,
	ORG_FIRM,
	ORG_KIND_COUNT
};

/* What a key is registered for (docs/protocol.md 2). */
enum key_use { KEY_SIGN, KEY_SEAL, KEY_MODULE, KEY_USE_COUNT };

enum key_state {
	KEY_NEXT, /* will be active; already admitted */
	KEY_ACTIVE,
	KEY_RETIRING, /* opens and is recognised, signs nothing new */
	KEY_REVOKED,
	KEY_STATE_COUNT
};

enum center_kind {
	CENTER_SHARED,       /* 共用 */
	CENTER_SELF_MANAGED, /* 自管 */
	CENTER_SELF_BUILT,   /* 自建 */
	CENTER_KIND_COUNT
};

enum center_conformance {
	CENTER_YIZHAN,
	CENTER_CONFORMANT,
	CENTER_BRIDGED,
	CENTER_CONFORMANCE_COUNT
};

/* What a host is to the one that it calls. */
enum host_kind {
	HOST_UNKNOWN, /* its certificate is registered nowhere */
	HOST_GATEWAY,
	HOST_CENTER,
	HOST_MANAGEMENT
};

/*
 * How old the newest timestamp bulletin is (design: up to 10 minutes, 24
 * hours, 72 hours, more).  Stale is not void: work goes on by steps.
 */
enum freshness {
	FRESHNESS_FRESH,
	FRESHNESS_LATE,    /* all goes on; receipts carry the age */
	FRESHNESS_STALE,   /* no installs, no new privileges */
	FRESHNESS_EXPIRED, /* accept and hold, do not relay */
};

/* At this age it is no more than stale. */
enum { FRESHNESS_STALE_MS = 72 * 3600 * 1000 };

/*
 * Grade at `now_ms` of a timestamp issued at `issued_ms`.  One from the future
 * by more than a minute is no better than none: FRESHNESS_EXPIRED.
 */
enum freshness freshness_grade(int64_t issued_ms, int64_t now_ms);
const char *freshness_name(enum freshness freshness);

/* Lower-case names as in bulletins: "active", "self_managed". */
const char *org_status_name(enum org_status status);
bool org_status_parse(const char *name, enum org_status *ret_status);
const char *org_kind_name(enum org_kind kind);
bool org_kind_parse(const char *name, enum org_kind *ret_kind);
const char *key_use_name(enum key_use use);
bool key_use_parse(const char *name, enum key_use *ret_use);
const char *key_state_name(enum key_state state);
bool key_state_parse(const char *name, enum key_state *ret_state);
const char *center_kind_name(enum center_kind kind);
bool center_kind_parse(const char *name, enum center_kind *ret_kind);
const char *center_conformance_name(enum center_conformance conformance);
bool center_conformance_parse(const char *name,
    enum center_conformance *ret_conformance);

/* May the key sign something new at this moment, or be encrypted to? */
bool key_state_is_usable(enum key_state state);

#endif
