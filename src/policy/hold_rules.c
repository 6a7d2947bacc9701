#include "policy/hold_rules.h"

#include <string.h>

#include "base/text.h"
#include "model/id.h"
#include "model/org.h"

bool
hold_is_active(const struct hold *hold, int64_t now_ms)
{
	return now_ms < hold->until_ms;
}

/* Is one side of a delivery, its code and its host, what the hold names? */
static bool
names_side(const struct hold *hold, const char *code, const char *host)
{
	size_t len = strlen(hold->name);

	switch (hold->scope) {
	case HOLD_ORGANISATION:
		return len == ORG_LEN && strncmp(code, hold->name, len) == 0;
	case HOLD_UNIT:
		return text_equal(code, hold->name);
	case HOLD_HOST:
		return host[0] != '\0' && text_equal(host, hold->name);
	case HOLD_WAYBILL:
	case HOLD_SCOPE_COUNT:
		break;
	}
	return false;
}

static bool
names_waybill(const struct hold *hold, const struct hold_delivery *delivery)
{
	size_t len = strlen(delivery->waybill_id);
	const char *rest = hold->name + len;

	if (hold->scope != HOLD_WAYBILL || len == 0 ||
	    strncmp(hold->name, delivery->waybill_id, len) != 0)
		return false;
	return rest[0] == '\0' ||
	    (rest[0] == '/' && text_equal(rest + 1, delivery->recipient));
}

static bool
stops_sending(const struct hold *hold)
{
	return hold->direction != HOLD_RECEIVING;
}

static bool
stops_receiving(const struct hold *hold)
{
	return hold->direction != HOLD_SENDING;
}

/* Accepted after the hold began, by who did not know. */
static bool
is_late(const struct hold *hold, const struct hold_delivery *delivery)
{
	return delivery->accepted_ms != 0 &&
	    delivery->accepted_ms >= hold->from_ms;
}

bool
hold_stops_submission(const struct hold *hold,
    const struct hold_delivery *waybill, int64_t now_ms)
{
	return hold_is_active(hold, now_ms) && stops_sending(hold) &&
	    names_side(hold, waybill->sender, waybill->sender_host);
}

bool
hold_stops_relay(const struct hold *hold, const struct hold_delivery *delivery,
    int64_t now_ms)
{
	return hold_is_active(hold, now_ms) &&
	    (names_waybill(hold, delivery) ||
		((hold->waits || is_late(hold, delivery)) &&
		    stops_sending(hold) &&
		    names_side(hold, delivery->sender, delivery->sender_host)));
}

bool
hold_stops_delivery(const struct hold *hold,
    const struct hold_delivery *delivery, int64_t now_ms)
{
	return hold_stops_relay(hold, delivery, now_ms) ||
	    (hold_is_active(hold, now_ms) && stops_receiving(hold) &&
		names_side(hold, delivery->recipient,
		    delivery->recipient_host));
}

const struct hold *
hold_find_submission(const struct hold *holds, size_t count,
    const struct hold_delivery *waybill, int64_t now_ms)
{
	const struct hold *found = NULL;

	for (size_t i = 0; i < count; i++)
		if (hold_stops_submission(&holds[i], waybill, now_ms) &&
		    (found == NULL || holds[i].until_ms > found->until_ms))
			found = &holds[i];
	return found;
}

bool
hold_any_delivery(const struct hold *holds, size_t count,
    const struct hold_delivery *delivery, int64_t now_ms)
{
	for (size_t i = 0; i < count; i++)
		if (hold_stops_delivery(&holds[i], delivery, now_ms))
			return true;
	return false;
}

bool
hold_any_relay(const struct hold *holds, size_t count,
    const struct hold_delivery *delivery, int64_t now_ms)
{
	for (size_t i = 0; i < count; i++)
		if (hold_stops_relay(&holds[i], delivery, now_ms))
			return true;
	return false;
}

/* "waybill id" or "waybill id/recipient". */
static bool
is_waybill_name(const char *name)
{
	char text[ID_TEXT_SIZE];
	struct org_code code;
	struct id id;
	size_t len = strcspn(name, "/");

	return text_copy_len(text, sizeof(text), name, len) &&
	    id_parse(text, &id) &&
	    (name[len] == '\0' || org_code_parse(name + len + 1, &code));
}

/* Does the name have the form that its scope wants? */
static bool
has_form(const struct hold *hold)
{
	struct org_code code;

	switch (hold->scope) {
	case HOLD_ORGANISATION:
		return org_code_parse(hold->name, &code) &&
		    !org_code_is_unit(&code);
	case HOLD_UNIT:
		return org_code_parse(hold->name, &code) &&
		    org_code_is_unit(&code);
	case HOLD_HOST:
		return hold->name[0] != '\0';
	case HOLD_WAYBILL:
		return is_waybill_name(hold->name);
	case HOLD_SCOPE_COUNT:
		break;
	}
	return false;
}

struct verdict
hold_judge(const struct hold_request *request, int64_t now_ms)
{
	const struct hold *hold = request->hold;

	if (!has_form(hold))
		return verdict_of(VERDICT_REFUSE, "E4039", ERROR_MALFORMED,
		    "the name is none of its scope");
	if (request->is_authority)
		return verdict_of(VERDICT_REFUSE, "E4038", ERROR_DENIED,
		    "no center and no management is held");
	if (!request->is_known)
		return verdict_of(VERDICT_REFUSE, "E4039", ERROR_NOT_FOUND,
		    "nothing of that name is known here");
	if (hold->until_ms <= now_ms ||
	    hold->until_ms - now_ms > HOLD_LONGEST_MS)
		return verdict_of(VERDICT_REFUSE, "E4040", ERROR_DENIED,
		    "a hold ends after 72 hours at most");
	if (request->last_hour >= HOLD_PER_HOUR_MAX ||
	    request->active >= HOLD_ACTIVE_MAX)
		return verdict_of(VERDICT_REFUSE, "E4041", ERROR_BUSY,
		    "too many holds");
	return verdict_allow();
}
