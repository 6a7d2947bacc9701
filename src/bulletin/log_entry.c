#include "bulletin/log_entry.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_decode.h"
#include "json/json_write.h"

static const char published_format[] = "yizhan-published-1";
static const char act_format[] = "yizhan-administration-1";

static int
decode(const void *json, size_t len, const struct json_field *fields,
    size_t count, void *out, struct error *err)
{
	struct error why = { 0 };

	if (json_decode(json, len, LOG_ENTRY_MAX, fields, count, out, &why) ==
	    0)
		return 0;
	*err = why;
	if (why.code == ERROR_MALFORMED)
		error_set_id(err, "E3610", ERROR_MALFORMED, "%s", why.text);
	return -1;
}

/* ---- bulletins ------------------------------------------------------- */

int
log_entry_put_published(const struct log_entry_published *published,
    struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", published_format);
	json_write_text(&writer, "environment", published->environment);
	json_write_text(&writer, "type", bulletin_type_name(published->type));
	json_write_text(&writer, "name", published->name);
	json_write_int(&writer, "serial", (int64_t)published->serial);
	json_write_digest(&writer, "sha256", &published->sha256);
	json_write_time(&writer, "time", published->time_ms);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static bool
parse_type(const char *text, void *field)
{
	return bulletin_type_parse(text, field);
}

static const struct json_field published_fields[] = {
	{ .name = "format",
	    .kind = JSON_FIELD_FORMAT,
	    .format = published_format },
	{ .name = "environment",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct log_entry_published, environment),
	    .size = BULLETIN_ENVIRONMENT_SIZE },
	{ .name = "type",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct log_entry_published, type),
	    .parse = parse_type },
	{ .name = "name",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct log_entry_published, name),
	    .size = BULLETIN_NAME_SIZE },
	{ .name = "serial",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct log_entry_published, serial),
	    .size = sizeof(uint64_t),
	    .min = 1,
	    .max = INT64_MAX },
	{ .name = "sha256",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct log_entry_published, sha256) },
	{ .name = "time",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct log_entry_published, time_ms) },
};

int
log_entry_read_published(const void *json, size_t len,
    struct log_entry_published *ret_published, struct error *err)
{
	struct log_entry_published published = { .serial = 0 };

	if (decode(json, len, published_fields, ARRAY_LEN(published_fields),
		&published, err) < 0)
		return -1;
	*ret_published = published;
	return 0;
}

/* ---- acts ------------------------------------------------------------ */

int
log_entry_put_act(const struct log_entry_act *act, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", act_format);
	json_write_text(&writer, "environment", act->environment);
	json_write_text(&writer, "host", act->host);
	json_write_text(&writer, "act", act->act);
	json_write_text(&writer, "by", act->by);
	json_write_text(&writer, "about", act->about);
	json_write_text(&writer, "detail", act->detail);
	json_write_time(&writer, "time", act->time_ms);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static const struct json_field act_fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = act_format },
	{ .name = "environment",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct log_entry_act, environment),
	    .size = BULLETIN_ENVIRONMENT_SIZE },
	{ .name = "host",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct log_entry_act, host),
	    .size = BULLETIN_NAME_SIZE },
	{ .name = "act",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct log_entry_act, act),
	    .size = LOG_ENTRY_WORD_SIZE },
	{ .name = "by",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct log_entry_act, by),
	    .size = LOG_ENTRY_WORD_SIZE },
	{ .name = "about",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct log_entry_act, about),
	    .size = LOG_ENTRY_WORD_SIZE },
	{ .name = "detail",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct log_entry_act, detail),
	    .size = LOG_ENTRY_DETAIL_SIZE },
	{ .name = "time",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct log_entry_act, time_ms) },
};

int
log_entry_read_act(const void *json, size_t len, struct log_entry_act *ret_act,
    struct error *err)
{
	struct log_entry_act act = { .time_ms = 0 };

	if (decode(json, len, act_fields, ARRAY_LEN(act_fields), &act, err) < 0)
		return -1;
	*ret_act = act;
	return 0;
}
