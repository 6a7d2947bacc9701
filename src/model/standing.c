#include "model/standing.h"

#include "base/text.h"

static const char *const status_names[ORG_STATUS_COUNT] = {
	[ORG_ACTIVE] = "active",
	[ORG_PAPER] = "paper",
	[ORG_SUSPENDED] = "suspended",
	[ORG_DISSOLVED] = "dissolved",
};

static const char *const kind_names[ORG_KIND_COUNT] = {
	[ORG_AGENCY] = "agency",
	[ORG_SCHOOL] = "school",
	[ORG_ENTERPRISE] = "enterprise",
	[ORG_CORPORATION] = "corporation",
	[ORG_GROUP] = "group",
	[ORG_FIRM] = "firm",
};

static const char *const use_names[KEY_USE_COUNT] = {
	[KEY_SIGN] = "sign",
	[KEY_SEAL] = "seal",
	[KEY_MODULE] = "module",
};

static const char *const key_names[KEY_STATE_COUNT] = {
	[KEY_NEXT] = "next",
	[KEY_ACTIVE] = "active",
	[KEY_RETIRING] = "retiring",
	[KEY_REVOKED] = "revoked",
};

static const char *const center_names[CENTER_KIND_COUNT] = {
	[CENTER_SHARED] = "shared",
	[CENTER_SELF_MANAGED] = "self_managed",
	[CENTER_SELF_BUILT] = "self_built",
};

static const char *const conformance_names[CENTER_CONFORMANCE_COUNT] = {
	[CENTER_YIZHAN] = "yizhan",
	[CENTER_CONFORMANT] = "conformant",
	[CENTER_BRIDGED] = "bridged",
};

enum freshness
freshness_grade(int64_t issued_ms, int64_t now_ms)
{
	const int64_t minute = 60 * INT64_C(1000);
	const int64_t hour = 60 * minute;
	int64_t age = now_ms - issued_ms;

	if (age < -minute || age > FRESHNESS_STALE_MS)
		return FRESHNESS_EXPIRED;
	if (age <= 10 * minute)
		return FRESHNESS_FRESH;
	return age <= 24 * hour ? FRESHNESS_LATE : FRESHNESS_STALE;
}

const char *
freshness_name(enum freshness freshness)
{
	static const char *const names[] = {
		[FRESHNESS_FRESH] = "fresh",
		[FRESHNESS_LATE] = "late",
		[FRESHNESS_STALE] = "stale",
		[FRESHNESS_EXPIRED] = "expired",
	};

	return names[freshness];
}

const char *
org_status_name(enum org_status status)
{
	return status_names[status];
}

bool
org_status_parse(const char *name, enum org_status *ret_status)
{
	int at = text_find(status_names, ORG_STATUS_COUNT, name);

	if (at < 0)
		return false;
	*ret_status = (enum org_status)at;
	return true;
}

const char *
org_kind_name(enum org_kind kind)
{
	return kind_names[kind];
}

bool
org_kind_parse(const char *name, enum org_kind *ret_kind)
{
	int at = text_find(kind_names, ORG_KIND_COUNT, name);

	if (at < 0)
		return false;
	*ret_kind = (enum org_kind)at;
	return true;
}

const char *
key_use_name(enum key_use use)
{
	return use_names[use];
}

bool
key_use_parse(const char *name, enum key_use *ret_use)
{
	int at = text_find(use_names, KEY_USE_COUNT, name);

	if (at < 0)
		return false;
	*ret_use = (enum key_use)at;
	return true;
}

const char *
key_state_name(enum key_state state)
{
	return key_names[state];
}

bool
key_state_parse(const char *name, enum key_state *ret_state)
{
	int at = text_find(key_names, KEY_STATE_COUNT, name);

	if (at < 0)
		return false;
	*ret_state = (enum key_state)at;
	return true;
}

const char *
center_kind_name(enum center_kind kind)
{
	return center_names[kind];
}

bool
center_kind_parse(const char *name, enum center_kind *ret_kind)
{
	int at = text_find(center_names, CENTER_KIND_COUNT, name);

	if (at < 0)
		return false;
	*ret_kind = (enum center_kind)at;
	return true;
}

const char *
center_conformance_name(enum center_conformance conformance)
{
	return conformance_names[conformance];
}

bool
center_conformance_parse(const char *name,
    enum center_conformance *ret_conformance)
{
	int at = text_find(conformance_names, CENTER_CONFORMANCE_COUNT, name);

	if (at < 0)
		return false;
	*ret_conformance = (enum center_conformance)at;
	return true;
}

bool
key_state_is_usable(enum key_state state)
{
	return state == KEY_ACTIVE || state == KEY_NEXT;
}
