#include "policy/admission.h"

#include "base/text.h"

static struct verdict
refuse(const char *id, enum error_code code, const char *why)
{
	return verdict_of(VERDICT_REFUSE, id, code, why);
}

static struct verdict
deny(const char *id, const char *why)
{
	return refuse(id, ERROR_DENIED, why);
}

struct verdict
admission_judge_clock(int64_t theirs_ms, int64_t now_ms)
{
	/* Unsigned, since the clock of a hostile caller may be anything. */
	uint64_t skew = theirs_ms > now_ms
	    ? (uint64_t)theirs_ms - (uint64_t)now_ms
	    : (uint64_t)now_ms - (uint64_t)theirs_ms;

	if (skew >= ADMISSION_SKEW_REFUSE_MS)
		return deny("E4007", "clocks are 5 s apart or more (R5.1.5)");
	if (skew >= ADMISSION_SKEW_WARN_MS)
		return verdict_of(VERDICT_WARN, "E4008", ERROR_NONE,
		    "clocks are 1 s apart or more (R5.1.5)");
	return verdict_allow();
}

struct verdict
admission_judge_caller(const struct admission_caller *caller,
    enum host_kind wanted, int64_t now_ms)
{
	if (caller->kind == HOST_UNKNOWN)
		return refuse("E4001", ERROR_UNTRUSTED,
		    "the certificate is registered for no host (R5.3.5)");
	if (!caller->address_matches)
		return deny("E4002",
		    "calls from an address that is not its own (R5.3.4)");
	if (caller->kind != wanted)
		return deny("E4019",
		    "this kind of host may not make this request");
	if (caller->is_suspended)
		return deny("E4024", "the host is suspended");
	if (!caller->has_clock)
		return refuse("E4029", ERROR_MALFORMED,
		    "the request does not tell its clock (R5.1.5)");
	return admission_judge_clock(caller->clock_ms, now_ms);
}

/* What concerns submissions and relays alike. */
static struct verdict
judge_waybill(const struct admission_waybill *waybill, int64_t now_ms)
{
	if (!text_equal(waybill->environment, waybill->our_environment))
		return deny("E4004", "the waybill is of another environment");
	if (waybill->recipients == 0 ||
	    waybill->recipients > ADMISSION_RECIPIENTS_MAX)
		return refuse("E4028", ERROR_MALFORMED,
		    "a waybill has 1 to 5,000 recipients");
	if (waybill->not_after_ms <= waybill->created_ms ||
	    waybill->not_after_ms - waybill->created_ms >
		waybill->lifetime_max_ms ||
	    waybill->created_ms > now_ms + ADMISSION_AHEAD_MAX_MS)
		return refuse("E4025", ERROR_MALFORMED,
		    "the times of the waybill are impossible");
	if (waybill->not_after_ms <= now_ms)
		return deny("E4006", "the waybill's not_after has passed");
	return verdict_allow();
}

static struct verdict
judge_module(bool is_known, enum key_state state)
{
	if (!is_known)
		return refuse("E4009", ERROR_UNTRUSTED,
		    "the module is not registered for the sender");
	if (!key_state_is_usable(state))
		return refuse("E4009", ERROR_UNTRUSTED,
		    "the module's certificate is retired or revoked");
	return verdict_allow();
}

static struct verdict
judge_sender(const struct admission_submission *submission)
{
	if (!submission->sender_known ||
	    submission->sender_status == ORG_DISSOLVED)
		return deny("E4011", "the directory has no such sender");
	if (submission->sender_status == ORG_SUSPENDED)
		return deny("E4010", "the sender is suspended");
	if (!submission->sender_is_here)
		return deny("E4030", "the sender is served by another center");
	return verdict_allow();
}

static struct verdict
judge_freshness(enum freshness freshness)
{
	if (freshness == FRESHNESS_EXPIRED)
		return verdict_of(VERDICT_HOLD, "E4023", ERROR_BUSY,
		    "trust data are older than 72 hours");
	return verdict_allow();
}

/* The first of the gravest. */
static struct verdict
gravest(const struct verdict *verdicts, size_t count)
{
	struct verdict result = verdict_allow();

	for (size_t i = 0; i < count; i++)
		result = verdict_worse(result, verdicts[i]);
	return result;
}

struct verdict
admission_judge_submission(const struct admission_submission *submission,
    int64_t now_ms)
{
	struct verdict waybill = judge_waybill(&submission->waybill, now_ms);

	if (!submission->host_serves_sender)
		return deny("E4003",
		    "the sender's code is not among the host's (R5.3.5)");
	if (waybill.kind != VERDICT_ALLOW)
		return waybill;
	if (!text_equal(submission->waybill.origin,
		submission->waybill.our_name))
		return deny("E4005", "the waybill is for another center");

	return gravest(
	    (struct verdict[]){
		judge_sender(submission),
		judge_module(submission->module_known,
		    submission->module_state),
		judge_freshness(submission->freshness),
	    },
	    3);
}

struct verdict
admission_judge_recipient(const struct admission_recipient *recipient)
{
	if (!recipient->is_known)
		return refuse("E4012", ERROR_NOT_FOUND,
		    "the directory has no such recipient");
	if (recipient->status == ORG_DISSOLVED)
		return deny("E4014", "the recipient is dissolved");
	if (!recipient->has_center)
		return deny("E4020",
		    "no center is registered for the recipient");
	if (!recipient->seal_matches || recipient->seal_state == KEY_REVOKED)
		return deny("E4021",
		    "the key part is for a key that is not registered");
	if (recipient->accepts_bytes != 0 &&
	    recipient->letter_bytes > recipient->accepts_bytes)
		return deny("E4015", "larger than the recipient accepts");
	if (recipient->status == ORG_SUSPENDED)
		return verdict_of(VERDICT_HOLD, "E4013", ERROR_BUSY,
		    "the recipient is suspended: the delivery waits");
	return verdict_allow();
}

struct verdict
admission_judge_relay(const struct admission_relay *relay, int64_t now_ms)
{
	struct verdict waybill = judge_waybill(&relay->waybill, now_ms);

	if (!text_equal(relay->caller_name, relay->waybill.origin))
		return deny("E4005",
		    "the waybill was not accepted by the calling center");
	if (!relay->leaves_are_ours)
		return deny("E4005", "a leaf is for another center");
	if (relay->origin_is_suspended)
		return deny("E4024", "the origin center is suspended");
	if (waybill.kind != VERDICT_ALLOW)
		return waybill;
	if (!relay->accepted_is_verified)
		return refuse("E4031", ERROR_UNTRUSTED,
		    "no receipt of acceptance that verifies");
	/* A module that retired since then was judged at acceptance. */
	if (!relay->module_known)
		return refuse("E4009", ERROR_UNTRUSTED,
		    "the module is not registered for the sender");
	return judge_freshness(relay->freshness);
}

struct verdict
admission_judge_fetch(bool host_serves_recipient)
{
	if (!host_serves_recipient)
		return deny("E4003",
		    "the recipient's code is not among the host's (R5.3.5)");
	return verdict_allow();
}

/* Which key may state this event. */
static bool
may_state(enum key_use use, enum event event)
{
	/* By a module alone it would read 簽收 in every list, and be none. */
	bool by_organisation = event == EVENT_CONFIRMED ||
	    event == EVENT_RETURNED || event == EVENT_NOTICE;
	bool by_module = event == EVENT_FETCHED || event == EVENT_OPENED ||
	    event == EVENT_UNREADABLE || event == EVENT_WITHDRAWN ||
	    event == EVENT_REWRAP;

	return (use == KEY_SIGN && by_organisation) ||
	    (use == KEY_MODULE && by_module);
}

struct verdict
admission_judge_act(const struct admission_act *act, int64_t now_ms)
{
	if (!act->host_serves_side)
		return deny("E4003",
		    "the host may not speak for that code (R5.3.5)");
	if (!text_equal(act->environment, act->our_environment))
		return deny("E4004", "the act is of another environment");
	if (!act->signer_known || !key_state_is_usable(act->signer_state) ||
	    !may_state(act->signer_use, act->event))
		return refuse("E4027", ERROR_UNTRUSTED,
		    "the signer may not state this of the delivery");
	if (!act->names_delivery)
		return refuse("E4032", ERROR_UNTRUSTED,
		    "the act is of another delivery");
	if (act->time_ms > now_ms + ADMISSION_AHEAD_MAX_MS)
		return refuse("E4025", ERROR_MALFORMED,
		    "the act's time is ahead");
	return verdict_allow();
}

struct verdict
admission_judge_rewrap(const struct admission_rewrap *rewrap, int64_t now_ms)
{
	if (!text_equal(rewrap->environment, rewrap->our_environment))
		return deny("E4004", "the addendum is of another environment");
	if (!rewrap->module_known || !key_state_is_usable(rewrap->module_state))
		return refuse("E4009", ERROR_UNTRUSTED,
		    "the addendum is not signed by a module of the sender");
	if (!rewrap->names_delivery)
		return refuse("E4032", ERROR_UNTRUSTED,
		    "the addendum is of another delivery");
	if (rewrap->serial <= rewrap->last)
		return deny("E4060",
		    "an addendum by this or a newer directory was there before");
	if (rewrap->serial > rewrap->our_serial)
		return refuse("E4061", ERROR_BUSY,
		    "the addendum is by a directory that is not here yet");
	if (!rewrap->key_is_known || !rewrap->key_is_receiver ||
	    rewrap->key_state == KEY_REVOKED)
		return refuse("E4021", ERROR_UNTRUSTED,
		    "the key part is for a key that is not registered for who "
		    "receives");
	if (rewrap->time_ms > now_ms + ADMISSION_AHEAD_MAX_MS)
		return refuse("E4025", ERROR_MALFORMED,
		    "the addendum's time is ahead");
	return verdict_allow();
}
