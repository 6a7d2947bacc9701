/* Reading the bodies of hold, suspension and restoration, each by itself. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/measures_internal.h"
#include "json/json_decode.h"

static const int64_t hour_ms = 60 * 60 * 1000;

static bool
parse_subject(const char *text, void *field)
{
	return measure_subject_parse(text, field);
}

static bool
parse_direction(const char *text, void *field)
{
	return measure_direction_parse(text, field);
}

static int
malformed(struct error *err, const char *what, const char *id)
{
	return error_set_id(err, "E7001", ERROR_MALFORMED, "case %s: %s", id,
	    what);
}

/* Of letters and digits of one kind, `low` to `high` of them. */
static bool
is_word(const char *text, size_t low, size_t high, const char *letters)
{
	size_t len = strlen(text);

	return len >= low && len <= high && strspn(text, letters) == len;
}

#define DIGITS "0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"

static bool
id_fits(const char *id)
{
	return is_word(id, 1, MEASURE_CASE_SIZE - 1, DIGITS UPPER LOWER "-");
}

static bool
subject_fits(const struct measure *measure)
{
	switch (measure->subject) {
	case MEASURE_ORGANISATION:
		return is_word(measure->name, 10, 10, DIGITS UPPER);
	case MEASURE_UNIT:
		return is_word(measure->name, 17, 17, DIGITS UPPER);
	case MEASURE_CARD:
	case MEASURE_MODULE:
		return is_word(measure->name, 64, 64, DIGITS "abcdef");
	case MEASURE_HOST:
	case MEASURE_CENTER:
		return is_word(measure->name, 1, BULLETIN_NAME_SIZE - 1,
		    DIGITS LOWER "-");
	case MEASURE_SUBJECT_COUNT:
		break;
	}
	return false;
}

static int
check_measures(const struct measure *list, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (!id_fits(list[i].id))
			return malformed(err, "its name", "?");
		if (!subject_fits(&list[i]))
			return malformed(err, "its subject", list[i].id);
		for (size_t k = 0; k < i; k++)
			if (text_equal(list[k].id, list[i].id))
				return malformed(err, "twice", list[i].id);
	}
	return 0;
}

/* How many holds begin in the hour of the clock in which this one begins. */
static size_t
count_in_hour(const struct measure *list, size_t count, int64_t from_ms)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += list[i].from_ms / hour_ms == from_ms / hour_ms;
	return found;
}

static int
check_holds(const struct measure *list, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct measure *hold = &list[i];

		if (hold->until_ms <= hold->from_ms)
			return malformed(err, "ends before it begins",
			    hold->id);
		if (hold->subject == MEASURE_CENTER)
			return measures_beyond(err, "against a center",
			    hold->id);
		if (hold->until_ms - hold->from_ms > HOLD_TERM_MAX_H * hour_ms)
			return measures_beyond(err, "of more than 72 hours",
			    hold->id);
		if (count_in_hour(list, count, hold->from_ms) >
		    HOLDS_AN_HOUR_MAX)
			return measures_beyond(err,
			    "too many of them in an hour", hold->id);
	}
	return 0;
}

static int
check_restorations(const struct restoration *list, size_t count,
    struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (!id_fits(list[i].id))
			return malformed(err, "its name", "?");
		for (size_t k = 0; k < i; k++)
			if (text_equal(list[k].id, list[i].id))
				return malformed(err, "twice", list[i].id);
	}
	return 0;
}

/* What holds and suspensions have in common. */
static const struct json_field common_fields[] = {
	{ .name = "case",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct measure, id),
	    .size = MEASURE_CASE_SIZE },
	{ .name = "subject",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct measure, subject),
	    .parse = parse_subject },
	{ .name = "name",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct measure, name),
	    .size = MEASURE_NAME_SIZE },
	{ .name = "direction",
	    .kind = JSON_FIELD_PARSED,
	    .offset = offsetof(struct measure, direction),
	    .parse = parse_direction },
	{ .name = "ground",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct measure, ground),
	    .size = sizeof(uint32_t),
	    .max = MEASURE_GROUND_MAX },
	{ .name = "stops_queued",
	    .kind = JSON_FIELD_BOOL,
	    .offset = offsetof(struct measure, stops_queued) },
	{ .name = "reason",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct measure, reason),
	    .size = MEASURE_REASON_SIZE },
	{ .name = "from",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct measure, from_ms) },
};

static const struct json_field hold_fields[] = {
	{ .name = "until",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct measure, until_ms) },
};

static const struct json_field suspension_fields[] = {
	{ .name = "fallback",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct measure, fallback),
	    .size = BULLETIN_NAME_SIZE },
	{ .name = "paper_from",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct measure, paper_from_ms),
	    .may_empty = true },
};

static const struct json_field restoration_fields[] = {
	{ .name = "case",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct restoration, id),
	    .size = MEASURE_CASE_SIZE },
	{ .name = "reason",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct restoration, reason),
	    .size = MEASURE_REASON_SIZE },
	{ .name = "from",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct restoration, from_ms) },
};

static int
decode_measures(const struct bulletin *bulletin, struct measures *read,
    struct error *err)
{
	const bool is_hold = bulletin->type == BULLETIN_HOLD;
	struct json_field
	    fields[ARRAY_LEN(common_fields) + ARRAY_LEN(suspension_fields)];
	size_t count = ARRAY_LEN(common_fields);
	struct json_field list = { .kind = JSON_FIELD_LIST,
		.size = sizeof(struct measure),
		.max = MEASURES_MAX,
		.fields = fields };

	memcpy(fields, common_fields, sizeof(common_fields));
	if (is_hold) {
		memcpy(fields + count, hold_fields, sizeof(hold_fields));
		count += ARRAY_LEN(hold_fields);
		list.name = "holds";
		list.offset = offsetof(struct measures, holds);
		list.count_offset = offsetof(struct measures, hold_count);
	} else {
		memcpy(fields + count, suspension_fields,
		    sizeof(suspension_fields));
		count += ARRAY_LEN(suspension_fields);
		list.name = "suspensions";
		list.offset = offsetof(struct measures, suspensions);
		list.count_offset = offsetof(struct measures, suspension_count);
	}
	list.field_count = count;
	return json_decode_value(bulletin->body, &list, 1, read, err);
}

static int
decode_restorations(const struct bulletin *bulletin, struct measures *read,
    struct error *err)
{
	static const struct json_field list = { .name = "restorations",
		.kind = JSON_FIELD_LIST,
		.offset = offsetof(struct measures, restorations),
		.count_offset = offsetof(struct measures, restoration_count),
		.size = sizeof(struct restoration),
		.max = MEASURES_MAX,
		.fields = restoration_fields,
		.field_count = ARRAY_LEN(restoration_fields) };

	return json_decode_value(bulletin->body, &list, 1, read, err);
}

/* Whose they are; and that they are named as theirs. */
static int
take_authority(struct measures *read, const char *authority, struct error *err)
{
	size_t len = strlen(authority);

	if (authority[0] == '\0')
		return 0;
	if (read->hold_count > MEASURES_AUTHORITY_MAX)
		return measures_beyond(err,
		    "more than an exchange authority may have", authority);
	for (size_t i = 0; i < read->hold_count; i++) {
		struct measure *hold = &read->holds[i];

		if (!text_starts(hold->id, authority) || hold->id[len] != '-')
			return measures_beyond(err,
			    "its case does not begin with the center's name",
			    hold->id);
		text_copy(hold->authority, sizeof(hold->authority), authority);
	}
	return 0;
}

static int
read_body(struct measures *read, const struct bulletin *bulletin,
    struct error *err)
{
	int rc = bulletin->type == BULLETIN_RESTORATION
	    ? decode_restorations(bulletin, read, err)
	    : decode_measures(bulletin, read, err);

	if (rc < 0) {
		if (err->code == ERROR_MALFORMED)
			text_copy(err->id, sizeof(err->id), "E7001");
		return error_prefix(err, "%s",
		    bulletin_type_name(bulletin->type));
	}
	if (check_measures(read->holds, read->hold_count, err) < 0 ||
	    check_measures(read->suspensions, read->suspension_count, err) <
		0 ||
	    check_restorations(read->restorations, read->restoration_count,
		err) < 0)
		return -1;
	if (bulletin->type == BULLETIN_HOLD &&
	    take_authority(read, bulletin->name, err) < 0)
		return -1;
	return check_holds(read->holds, read->hold_count, err);
}

/* Those of one authority in place of its former ones. */
static int
merge_holds(struct measures *measures, const struct measures *read,
    const char *authority, struct error *err)
{
	size_t count = 0;
	struct measure *holds =
	    calloc(measures->hold_count + read->hold_count + 1, sizeof(*holds));

	if (holds == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < measures->hold_count; i++)
		if (!text_equal(measures->holds[i].authority, authority))
			holds[count++] = measures->holds[i];
	if (count + read->hold_count > MEASURES_MAX) {
		free(holds);
		return measures_beyond(err,
		    "more than all authorities may have", authority);
	}
	if (read->hold_count > 0)
		memcpy(holds + count, read->holds,
		    read->hold_count * sizeof(*holds));
	free(measures->holds);
	measures->holds = holds;
	measures->hold_count = count + read->hold_count;
	return 0;
}

int
measures_read(struct measures *measures, const struct bulletin *bulletin,
    struct error *err)
{
	struct measures read = { 0 };

	if (read_body(&read, bulletin, err) < 0) {
		measures_free(&read);
		return -1;
	}
	if (bulletin->type == BULLETIN_HOLD) {
		int rc = merge_holds(measures, &read, bulletin->name, err);

		measures_free(&read);
		return rc;
	} else if (bulletin->type == BULLETIN_SUSPENSION) {
		free(measures->suspensions);
		measures->suspensions = read.suspensions;
		measures->suspension_count = read.suspension_count;
	} else {
		free(measures->restorations);
		measures->restorations = read.restorations;
		measures->restoration_count = read.restoration_count;
	}
	return 0;
}
