#include "envelope/statement.h"

#include "base/error.h"
#include "base/text.h"
#include "envelope/envelope_field.h"
#include "json/json_decode.h"
#include "json/json_write.h"

static const char format[] = "yizhan-statement-1";

static const char *const signer_names[STATEMENT_SIGNER_COUNT] = {
	[STATEMENT_CENTER] = "center",
	[STATEMENT_MODULE] = "module",
	[STATEMENT_ORGANISATION] = "organisation",
};

const char *
statement_signer_name(enum statement_signer signer)
{
	return signer_names[signer];
}

void
statement_free(struct statement *statement)
{
	bytes_free(&statement->act);
}

static void
write_serials(struct json_writer *writer,
    const struct statement_serials *serials)
{
	json_write_begin_object(writer, "serials");
	json_write_int(writer, "root", (int64_t)serials->root);
	json_write_int(writer, "directory", (int64_t)serials->directory);
	json_write_int(writer, "network", (int64_t)serials->network);
	json_write_int(writer, "timestamp", (int64_t)serials->timestamp);
	json_write_end(writer);
}

static void
write_fresh(struct json_writer *writer, int64_t fresh_ms)
{
	if (fresh_ms == 0)
		json_write_text(writer, "fresh", "");
	else
		json_write_time(writer, "fresh", fresh_ms);
}

int
statement_encode(const struct statement *statement, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_text(&writer, "environment", statement->environment);
	json_write_text(&writer, "center", statement->center);
	json_write_text(&writer, "event", event_name(statement->event));
	json_write_digest(&writer, "waybill", &statement->waybill);
	json_write_id(&writer, "waybill_id", &statement->waybill_id);
	json_write_org(&writer, "sender", &statement->sender);
	json_write_text(&writer, "recipient", statement->recipient.text);
	envelope_field_write_digest(&writer, "leaf", &statement->leaf);
	json_write_text(&writer, "at", statement->at);
	json_write_time(&writer, "time", statement->time_ms);
	json_write_text(&writer, "signer", signer_names[statement->signer]);
	write_serials(&writer, &statement->serials);
	write_fresh(&writer, statement->fresh_ms);
	envelope_field_write_digest(&writer, "status", &statement->status);
	json_write_base64(&writer, "act", statement->act.data,
	    statement->act.len);
	envelope_field_write_digest(&writer, "remote", &statement->remote);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static bool
parse_signer(const char *text, void *field)
{
	enum statement_signer *signer = field;

	for (int i = 0; i < STATEMENT_SIGNER_COUNT; i++) {
		if (text_equal(signer_names[i], text)) {
			*signer = (enum statement_signer)i;
			return true;
		}
	}
	return false;
}

static const struct json_field serial_fields[] = {
	{ .name = "root",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct statement_serials, root),
	    .size = sizeof(uint64_t),
	    .max = INT64_MAX },
	{ .name = "directory",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct statement_serials, directory),
	    .size = sizeof(uint64_t),
	    .max = INT64_MAX },
	{ .name = "network",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct statement_serials, network),
	    .size = sizeof(uint64_t),
	    .max = INT64_MAX },
	{ .name = "timestamp",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct statement_serials, timestamp),
	    .size = sizeof(uint64_t),
	    .max = INT64_MAX },
};

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	{ .name = "environment",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct statement, environment),
	    .parse = envelope_field_name },
	{ .name = "center",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct statement, center),
	    .parse = envelope_field_name },
	{ .name = "event",
	    .kind = JSON_FIELD_EVENT,
	    .offset = offsetof(struct statement, event) },
	{ .name = "waybill",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct statement, waybill) },
	{ .name = "waybill_id",
	    .kind = JSON_FIELD_ID,
	    .offset = offsetof(struct statement, waybill_id) },
	{ .name = "sender",
	    .kind = JSON_FIELD_ORG,
	    .offset = offsetof(struct statement, sender) },
	{ .name = "recipient",
	    .kind = JSON_FIELD_ORG,
	    .offset = offsetof(struct statement, recipient),
	    .may_empty = true },
	{ .name = "leaf",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct statement, leaf),
	    .may_empty = true },
	{ .name = "at",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct statement, at),
	    .parse = envelope_field_name },
	{ .name = "time",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct statement, time_ms) },
	{ .name = "signer",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct statement, signer),
	    .parse = parse_signer },
	{ .name = "serials",
	    .kind = JSON_FIELD_OBJECT,
	    .offset = offsetof(struct statement, serials),
	    .fields = serial_fields,
	    .field_count = ARRAY_LEN(serial_fields) },
	{ .name = "fresh",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct statement, fresh_ms),
	    .may_empty = true },
	{ .name = "status",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct statement, status),
	    .may_empty = true },
	{ .name = "act",
	    .kind = JSON_FIELD_BASE64,
	    .offset = offsetof(struct statement, act),
	    .max = STATEMENT_MAX },
	{ .name = "remote",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct statement, remote),
	    .may_empty = true },
};

/* `accepted` and `relayed` are of the whole waybill, all else of a delivery. */
static bool
speaks_of_what_it_must(const struct statement *statement)
{
	static const struct digest none;
	bool of_whole = statement->event == EVENT_ACCEPTED ||
	    statement->event == EVENT_RELAYED;
	bool has_recipient = statement->recipient.text[0] != '\0';
	bool has_leaf = !digest_equal(&statement->leaf, &none);

	return statement->event != EVENT_NONE && has_recipient == !of_whole &&
	    has_leaf == !of_whole;
}

int
statement_decode(const void *json, size_t len, struct statement *statement,
    struct error *err)
{
	if (envelope_field_decode(json, len, STATEMENT_MAX, fields,
		ARRAY_LEN(fields), "E3110", "statement", statement, err) < 0) {
		statement_free(statement);
		return -1;
	}
	if (!speaks_of_what_it_must(statement)) {
		statement_free(statement);
		return error_set_id(err, "E3110", ERROR_MALFORMED,
		    "statement: recipient and leaf do not go with event %s",
		    event_name(statement->event));
	}
	return 0;
}
