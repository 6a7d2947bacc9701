#include "envelope/act.h"

#include "base/error.h"
#include "base/text.h"
#include "json/json_decode.h"
#include "json/json_write.h"

static const char format[] = "yizhan-act-1";

static const char *const reason_names[ACT_REASON_COUNT] = {
	[ACT_REASON_NONE] = "",
	[ACT_REASON_MISDIRECTED] = "misdirected",
	[ACT_REASON_INCOMPLETE] = "incomplete",
	[ACT_REASON_ATTACHMENT_MISSING] = "attachment_missing",
	[ACT_REASON_UNREADABLE] = "unreadable",
	[ACT_REASON_KEY] = "key",
	[ACT_REASON_MALWARE] = "malware",
	[ACT_REASON_OTHER] = "other",
};

/* What each event's act must and must not say. */
static const struct {
	enum event event;
	bool of_organisation;
	bool has_package;
	bool has_reason;
} rules[] = {
	{ EVENT_FETCHED, false, false, false },
	{ EVENT_OPENED, false, true, false },
	{ EVENT_UNREADABLE, false, false, true },
	{ EVENT_CONFIRMED, true, true, false },
	{ EVENT_RETURNED, true, true, true },
	{ EVENT_NOTICE, true, true, true },
	{ EVENT_WITHDRAWN, false, false, false },
	{ EVENT_REWRAP, false, false, false },
};

const char *
act_reason_name(enum act_reason reason)
{
	return reason_names[reason];
}

bool
act_reason_parse(const char *name, enum act_reason *ret_reason)
{
	for (int i = 0; i < ACT_REASON_COUNT; i++) {
		if (text_equal(reason_names[i], name)) {
			*ret_reason = (enum act_reason)i;
			return true;
		}
	}
	return false;
}

bool
act_reason_is_of_notice(enum act_reason reason)
{
	return reason == ACT_REASON_MISDIRECTED ||
	    reason == ACT_REASON_INCOMPLETE ||
	    reason == ACT_REASON_ATTACHMENT_MISSING ||
	    reason == ACT_REASON_OTHER;
}

bool
act_event_is_possible(enum event event)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].event == event)
			return true;
	return false;
}

bool
act_is_of_organisation(enum event event)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].event == event)
			return rules[i].of_organisation;
	return false;
}

bool
act_is_of_sender(enum event event)
{
	return event == EVENT_WITHDRAWN;
}

static int
check_rules(const struct act *act, struct error *err)
{
	static const struct digest none;
	bool has_package = !digest_equal(&act->package, &none);
	bool has_reason = act->reason != ACT_REASON_NONE;
	bool has_words = !digest_equal(&act->words, &none);

	if (has_words != (act->sealed[0] != '\0') ||
	    (has_words && act->event != EVENT_RETURNED &&
		act->event != EVENT_NOTICE))
		return error_set_id(err, "E3104", ERROR_MALFORMED,
		    "act: words with event %s", event_name(act->event));

	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].event == act->event &&
		    rules[i].has_package == has_package &&
		    rules[i].has_reason == has_reason &&
		    (act->event != EVENT_NOTICE ||
			act_reason_is_of_notice(act->reason)))
			return 0;
	return error_set_id(err, "E3104", ERROR_MALFORMED,
	    "act: event %s with%s package and with%s reason",
	    event_name(act->event), has_package ? "" : "out",
	    has_reason ? "" : "out");
}

int
act_encode(const struct act *act, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	if (check_rules(act, err) < 0)
		return -1;
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_text(&writer, "environment", act->environment);
	json_write_text(&writer, "event", event_name(act->event));
	json_write_digest(&writer, "waybill", &act->waybill);
	json_write_id(&writer, "waybill_id", &act->waybill_id);
	json_write_digest(&writer, "leaf", &act->leaf);
	json_write_digest(&writer, "content", &act->content);
	json_write_org(&writer, "recipient", &act->recipient);
	envelope_field_write_digest(&writer, "package", &act->package);
	json_write_text(&writer, "reason", reason_names[act->reason]);
	if (act->sealed[0] != '\0') {
		json_write_digest(&writer, "words", &act->words);
		json_write_text(&writer, "sealed", act->sealed);
	}
	json_write_time(&writer, "time", act->time_at);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static bool
parse_reason(const char *text, void *field)
{
	return act_reason_parse(text, field);
}

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	{ .name = "environment",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct act, environment),
	    .parse = envelope_field_name },
	{ .name = "event",
	    .kind = JSON_FIELD_EVENT,
	    .offset = offsetof(struct act, event) },
	{ .name = "waybill",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct act, waybill) },
	{ .name = "waybill_id",
	    .kind = JSON_FIELD_ID,
	    .offset = offsetof(struct act, waybill_id) },
	{ .name = "leaf",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct act, leaf) },
	{ .name = "content",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct act, content) },
	{ .name = "recipient",
	    .kind = JSON_FIELD_ORG,
	    .offset = offsetof(struct act, recipient) },
	{ .name = "package",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct act, package),
	    .may_empty = true },
	{ .name = "reason",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct act, reason),
	    .parse = parse_reason },
	{ .name = "words",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct act, words),
	    .optional = true },
	{ .name = "sealed",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct act, sealed),
	    .size = ACT_SEALED_SIZE,
	    .optional = true },
	{ .name = "time",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct act, time_at) },
};

int
act_decode(const void *json, size_t len, struct act *ret_act, struct error *err)
{
	struct act act = { 0 };

	if (envelope_field_decode(json, len, ACT_MAX, fields, ARRAY_LEN(fields),
		"E3104", "act", &act, err) < 0 ||
	    check_rules(&act, err) < 0)
		return -1;
	*ret_act = act;
	return 0;
}
