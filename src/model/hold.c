#include "model/hold.h"

#include "base/text.h"

static const char *const scope_names[HOLD_SCOPE_COUNT] = {
	[HOLD_ORGANISATION] = "organisation",
	[HOLD_UNIT] = "unit",
	[HOLD_HOST] = "host",
	[HOLD_WAYBILL] = "waybill",
};

static const char *const direction_names[HOLD_DIRECTION_COUNT] = {
	[HOLD_SENDING] = "sending",
	[HOLD_RECEIVING] = "receiving",
	[HOLD_BOTH] = "both",
};

static const char *const action_names[HOLD_ACTION_COUNT] = {
	[HOLD_ADD] = "add",
	[HOLD_RENEW] = "renew",
	[HOLD_LIFT] = "lift",
};

const char *
hold_scope_name(enum hold_scope scope)
{
	return scope_names[scope];
}

bool
hold_scope_parse(const char *name, enum hold_scope *ret_scope)
{
	int at = text_find(scope_names, HOLD_SCOPE_COUNT, name);

	if (at < 0)
		return false;
	*ret_scope = (enum hold_scope)at;
	return true;
}

const char *
hold_direction_name(enum hold_direction direction)
{
	return direction_names[direction];
}

bool
hold_direction_parse(const char *name, enum hold_direction *ret_direction)
{
	int at = text_find(direction_names, HOLD_DIRECTION_COUNT, name);

	if (at < 0)
		return false;
	*ret_direction = (enum hold_direction)at;
	return true;
}

const char *
hold_action_name(enum hold_action action)
{
	return action_names[action];
}

bool
hold_action_parse(const char *name, enum hold_action *ret_action)
{
	int at = text_find(action_names, HOLD_ACTION_COUNT, name);

	if (at < 0)
		return false;
	*ret_action = (enum hold_action)at;
	return true;
}
