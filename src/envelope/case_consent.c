#include "envelope/case_consent.h"

#include "base/bytes.h"
#include "base/error.h"
#include "json/json_decode.h"
#include "json/json_write.h"

static const char consent_format[] = "yizhan-case-consent-1";
static const char record_format[] = "yizhan-case-step-1";

int
case_consent_encode(const struct case_consent *consent, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", consent_format);
	json_write_text(&writer, "environment", consent->environment);
	json_write_text(&writer, "case", consent->id);
	json_write_digest(&writer, "after", &consent->after);
	json_write_text(&writer, "move", consent->move);
	json_write_text(&writer, "note", consent->note);
	json_write_time(&writer, "time", consent->time_ms);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static const struct json_field fields[] = {
	{ .name = "format",
	    .kind = JSON_FIELD_FORMAT,
	    .format = consent_format },
	{ .name = "environment",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct case_consent, environment),
	    .parse = envelope_field_name },
	{ .name = "case",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct case_consent, id),
	    .size = CASE_CONSENT_ID_SIZE },
	{ .name = "after",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct case_consent, after) },
	{ .name = "move",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct case_consent, move),
	    .size = CASE_CONSENT_MOVE_SIZE },
	{ .name = "note",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct case_consent, note),
	    .size = CASE_CONSENT_NOTE_SIZE },
	{ .name = "time",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct case_consent, time_ms) },
};

int
case_consent_decode(const void *json, size_t len,
    struct case_consent *ret_consent, struct error *err)
{
	struct case_consent consent = { .time_ms = 0 };

	if (envelope_field_decode(json, len, CASE_CONSENT_MAX, fields,
		ARRAY_LEN(fields), "E7116", "consent", &consent, err) < 0)
		return -1;
	*ret_consent = consent;
	return 0;
}

int
case_record_encode(const struct case_record *record, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", record_format);
	json_write_text(&writer, "environment", record->environment);
	json_write_text(&writer, "case", record->id);
	json_write_text(&writer, "definition", record->definition);
	json_write_int(&writer, "sequence", record->sequence);
	json_write_text(&writer, "kind", record->kind);
	json_write_text(&writer, "move", record->move);
	json_write_text(&writer, "state", record->state);
	json_write_text(&writer, "evidence", record->evidence);
	json_write_text(&writer, "by", record->person);
	envelope_field_write_digest(&writer, "content", &record->content);
	envelope_field_write_digest(&writer, "note", &record->note);
	envelope_field_write_digest(&writer, "consent", &record->consent);
	json_write_time(&writer, "time", record->time_ms);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}
