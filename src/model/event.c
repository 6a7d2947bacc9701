#include "model/event.h"

#include <stddef.h>

#include "base/text.h"

static const char *const event_names[EVENT_COUNT] = {
	[EVENT_NONE] = "none",
	[EVENT_ACCEPTED] = "accepted",
	[EVENT_RELAYED] = "relayed",
	[EVENT_FETCHED] = "fetched",
	[EVENT_OPENED] = "opened",
	[EVENT_UNREADABLE] = "unreadable",
	[EVENT_CONFIRMED] = "confirmed",
	[EVENT_RETURNED] = "returned",
	[EVENT_EXPIRED] = "expired",
	[EVENT_WITHDRAWN] = "withdrawn",
	[EVENT_QUARANTINED] = "quarantined",
	[EVENT_SUSPENDED] = "suspended",
	[EVENT_RESUMED] = "resumed",
	[EVENT_NOTICE] = "notice",
	[EVENT_REWRAP] = "rewrap",
	[EVENT_REWRAPPED] = "rewrapped",
	[EVENT_MOVED] = "moved",
	[EVENT_TAKEN] = "taken",
	[EVENT_FLAGGED] = "flagged",
};

static const char *const state_names[DELIVERY_STATE_COUNT] = {
	[DELIVERY_QUEUED] = "queued",
	[DELIVERY_ACCEPTED] = "accepted",
	[DELIVERY_RELAYED] = "relayed",
	[DELIVERY_FETCHED] = "fetched",
	[DELIVERY_OPENED] = "opened",
	[DELIVERY_CONFIRMED] = "confirmed",
	[DELIVERY_RETURNED] = "returned",
	[DELIVERY_REFUSED] = "refused",
	[DELIVERY_EXPIRED] = "expired",
	[DELIVERY_WITHDRAWN] = "withdrawn",
	[DELIVERY_QUARANTINED] = "quarantined",
	[DELIVERY_PAPER] = "paper",
	[DELIVERY_PASSED_ON] = "passed-on",
};

static const char *const speed_names[SPEED_COUNT] = {
	[SPEED_NORMAL] = "normal",
	[SPEED_FAST] = "fast",
	[SPEED_FASTEST] = "fastest",
};

bool
event_is_note(enum event event)
{
	return event == EVENT_SUSPENDED || event == EVENT_RESUMED ||
	    event == EVENT_NOTICE || event == EVENT_MOVED ||
	    event == EVENT_FLAGGED;
}

bool
event_may_repeat(enum event event)
{
	return event == EVENT_SUSPENDED || event == EVENT_RESUMED ||
	    event == EVENT_MOVED || event == EVENT_TAKEN;
}

const char *
event_name(enum event event)
{
	return event_names[event];
}

bool
event_parse(const char *name, enum event *ret_event)
{
	int at = text_find(event_names, EVENT_COUNT, name);

	if (at <= EVENT_NONE)
		return false;
	*ret_event = (enum event)at;
	return true;
}

const char *
event_etsi(enum event event)
{
	static const char *const uris[EVENT_COUNT] = {
		[EVENT_NONE] = "",
		[EVENT_ACCEPTED] = "SubmissionAcceptance",
		[EVENT_RELAYED] = "RelayAcceptance",
		[EVENT_FETCHED] = "ContentConsignment",
		[EVENT_OPENED] = "ContentAccessTracking",
		[EVENT_UNREADABLE] = "ContentConsignmentFailure",
		[EVENT_CONFIRMED] = "ContentHandover",
		[EVENT_RETURNED] = "ConsignmentRejection",
		[EVENT_EXPIRED] = "AcceptanceRejectionExpiry",
		[EVENT_WITHDRAWN] = "RelayRejection",
		[EVENT_QUARANTINED] = "ContentHandoverFailure",
		[EVENT_SUSPENDED] = "yizhan:Suspension",
		[EVENT_RESUMED] = "yizhan:Resumption",
		[EVENT_NOTICE] = "yizhan:Notice",
		[EVENT_REWRAP] = "yizhan:Rewrap",
		[EVENT_REWRAPPED] = "yizhan:Rewrapped",
		[EVENT_MOVED] = "yizhan:Moved",
		[EVENT_TAKEN] = "RelayAcceptance",
		[EVENT_FLAGGED] = "yizhan:Flagged",
	};

	return uris[event];
}

const char *
delivery_state_name(enum delivery_state state)
{
	return state_names[state];
}

bool
delivery_state_parse(const char *name, enum delivery_state *ret_state)
{
	int at = text_find(state_names, DELIVERY_STATE_COUNT, name);

	if (at < 0)
		return false;
	*ret_state = (enum delivery_state)at;
	return true;
}

bool
delivery_state_is_terminal(enum delivery_state state)
{
	return state >= DELIVERY_CONFIRMED;
}

const char *
speed_name(enum speed speed)
{
	return speed_names[speed];
}

bool
speed_parse(const char *name, enum speed *ret_speed)
{
	int at = text_find(speed_names, SPEED_COUNT, name);

	if (at < 0)
		return false;
	*ret_speed = (enum speed)at;
	return true;
}
