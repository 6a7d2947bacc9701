#include "bulletin/measures.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "json/json_decode.h"

static const int64_t minute_ms = 60 * 1000;
static const int64_t hour_ms = 60 * 60 * 1000;

static const char *const subjects[MEASURE_SUBJECT_COUNT] = {
	[MEASURE_ORGANISATION] = "organisation",
	[MEASURE_UNIT] = "unit",
	[MEASURE_CARD] = "card",
	[MEASURE_MODULE] = "module",
	[MEASURE_HOST] = "host",
	[MEASURE_CENTER] = "center",
};

static const char *const directions[MEASURE_DIRECTION_COUNT] = {
	[MEASURE_SENDING] = "sending",
	[MEASURE_RECEIVING] = "receiving",
	[MEASURE_BOTH] = "both",
};

const char *
measure_subject_name(enum measure_subject subject)
{
	return subjects[subject];
}

bool
measure_subject_parse(const char *name, enum measure_subject *ret_subject)
{
	for (int i = 0; i < MEASURE_SUBJECT_COUNT; i++) {
		if (text_equal(subjects[i], name)) {
			*ret_subject = (enum measure_subject)i;
			return true;
		}
	}
	return false;
}

const char *
measure_direction_name(enum measure_direction direction)
{
	return directions[direction];
}

bool
measure_direction_parse(const char *name, enum measure_direction *ret_direction)
{
	for (int i = 0; i < MEASURE_DIRECTION_COUNT; i++) {
		if (text_equal(directions[i], name)) {
			*ret_direction = (enum measure_direction)i;
			return true;
		}
	}
	return false;
}

void
measures_free(struct measures *measures)
{
	free(measures->holds);
	free(measures->suspensions);
	free(measures->restorations);
	memset(measures, 0, sizeof(*measures));
}

/* ---- reading ---------------------------------------------------------- */

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

static int
beyond(struct error *err, const char *what, const char *id)
{
	return error_set_id(err, "E7012", ERROR_DENIED, "hold %s: %s", id,
	    what);
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
			return beyond(err, "against a center", hold->id);
		if (hold->until_ms - hold->from_ms > HOLD_TERM_MAX_H * hour_ms)
			return beyond(err, "of more than 72 hours", hold->id);
		if (count_in_hour(list, count, hold->from_ms) >
		    HOLDS_AN_HOUR_MAX)
			return beyond(err, "too many of them in an hour",
			    hold->id);
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
		return beyond(err, "more than an exchange authority may have",
		    authority);
	for (size_t i = 0; i < read->hold_count; i++) {
		struct measure *hold = &read->holds[i];

		if (!text_starts(hold->id, authority) || hold->id[len] != '-')
			return beyond(err,
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
		return beyond(err, "more than all authorities may have",
		    authority);
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

/* ---- which may follow which --------------------------------------------- */

static const struct measure *
find_measure(const struct measure *list, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal(list[i].id, id))
			return &list[i];
	return NULL;
}

static const struct restoration *
find_restoration(const struct measures *measures, const char *id)
{
	for (size_t i = 0; i < measures->restoration_count; i++)
		if (text_equal(measures->restorations[i].id, id))
			return &measures->restorations[i];
	return NULL;
}

static bool
is_same_measure(const struct measure *a, const struct measure *b)
{
	return a->subject == b->subject && text_equal(a->name, b->name) &&
	    a->direction == b->direction && a->ground == b->ground &&
	    a->stops_queued == b->stops_queued &&
	    text_equal(a->reason, b->reason) && a->from_ms == b->from_ms &&
	    a->until_ms == b->until_ms &&
	    text_equal(a->fallback, b->fallback) &&
	    a->paper_from_ms == b->paper_from_ms;
}

static int
lost(struct error *err, const char *id)
{
	return error_set_id(err, "E7013", ERROR_DENIED,
	    "case %s is left out or altered", id);
}

/* Each of `before` must stand in `after`; holds until they are 72 h old. */
static int
check_kept(const struct measure *before, size_t before_count,
    const struct measure *after, size_t after_count, int64_t old_ms,
    struct error *err)
{
	for (size_t i = 0; i < before_count; i++) {
		const struct measure *kept =
		    find_measure(after, after_count, before[i].id);

		if (kept != NULL ? !is_same_measure(kept, &before[i])
				 : before[i].from_ms > old_ms)
			return lost(err, before[i].id);
	}
	return 0;
}

static int
check_restorations_kept(const struct measures *before,
    const struct measures *after, struct error *err)
{
	for (size_t i = 0; i < before->restoration_count; i++) {
		const struct restoration *was = &before->restorations[i];
		const struct restoration *kept =
		    find_restoration(after, was->id);

		if (kept == NULL || kept->from_ms != was->from_ms ||
		    !text_equal(kept->reason, was->reason))
			return lost(err, was->id);
	}
	return 0;
}

/* A hold dated back could hide from the count of its hour. */
static int
check_new_holds(const struct measures *before, const struct measures *after,
    int64_t issued_ms, struct error *err)
{
	for (size_t i = 0; i < after->hold_count; i++) {
		const struct measure *hold = &after->holds[i];

		if (find_measure(before->holds, before->hold_count, hold->id) ==
			NULL &&
		    hold->from_ms <
			issued_ms - HOLD_BACKDATED_MAX_MIN * minute_ms)
			return beyond(err, "is dated back", hold->id);
	}
	return 0;
}

int
measures_check_successor(const struct bulletin *before,
    const struct bulletin *after, struct error *err)
{
	const int64_t term_ms = HOLD_TERM_MAX_H * hour_ms;
	struct measures old = { 0 };
	struct measures new = { 0 };
	int rc = -1;

	if (measures_read(&old, before, err) == 0 &&
	    measures_read(&new, after, err) == 0 &&
	    check_kept(old.holds, old.hold_count, new.holds, new.hold_count,
		after->issued_ms - term_ms, err) == 0 &&
	    check_kept(old.suspensions, old.suspension_count, new.suspensions,
		new.suspension_count, INT64_MIN, err) == 0 &&
	    check_restorations_kept(&old, &new, err) == 0)
		rc = check_new_holds(&old, &new, after->issued_ms, err);
	measures_free(&old);
	measures_free(&new);
	return rc;
}

/* ---- judging ------------------------------------------------------------ */

static bool
is_against(const struct measure *measure, enum measure_subject subject,
    const char *name, enum measure_direction direction)
{
	return measure->subject == subject && text_equal(measure->name, name) &&
	    (measure->direction == direction ||
		measure->direction == MEASURE_BOTH ||
		direction == MEASURE_BOTH);
}

static bool
is_restored(const struct measures *measures, const char *id, int64_t now_ms)
{
	const struct restoration *restoration = find_restoration(measures, id);

	return restoration != NULL && restoration->from_ms <= now_ms;
}

static void
judge(const struct measures *measures, const struct measure *measure,
    enum measure_state state, bool is_over, int64_t now_ms,
    struct measure_standing *standing)
{
	static const int grave[MEASURE_STATE_COUNT] = {
		[MEASURE_FREE] = 0,
		[MEASURE_RESTORED] = 1,
		[MEASURE_HELD] = 2,
		[MEASURE_SUSPENDED] = 3,
	};

	if (measure->from_ms > now_ms)
		return;
	if (is_over || is_restored(measures, measure->id, now_ms))
		state = MEASURE_RESTORED;
	if (grave[state] > grave[standing->state]) {
		standing->state = state;
		standing->measure = measure;
	}
}

struct measure_standing
measures_judge(const struct measures *measures, enum measure_subject subject,
    const char *name, enum measure_direction direction, int64_t now_ms)
{
	struct measure_standing standing = { .state = MEASURE_FREE };

	for (size_t i = 0; i < measures->suspension_count; i++) {
		const struct measure *measure = &measures->suspensions[i];

		if (is_against(measure, subject, name, direction))
			judge(measures, measure, MEASURE_SUSPENDED, false,
			    now_ms, &standing);
	}
	for (size_t i = 0; i < measures->hold_count; i++) {
		const struct measure *measure = &measures->holds[i];

		if (is_against(measure, subject, name, direction))
			judge(measures, measure, MEASURE_HELD,
			    measure->until_ms <= now_ms, now_ms, &standing);
	}
	return standing;
}

bool
measures_stop(const struct measures *measures, enum measure_subject subject,
    const char *name, enum measure_direction direction, int64_t now_ms)
{
	enum measure_state state =
	    measures_judge(measures, subject, name, direction, now_ms).state;

	return state == MEASURE_HELD || state == MEASURE_SUSPENDED;
}

/* ---- as holds ------------------------------------------------------------ */

static bool
scope_of(enum measure_subject subject, enum hold_scope *ret_scope)
{
	switch (subject) {
	case MEASURE_ORGANISATION:
		*ret_scope = HOLD_ORGANISATION;
		return true;
	case MEASURE_UNIT:
		*ret_scope = HOLD_UNIT;
		return true;
	case MEASURE_HOST:
		*ret_scope = HOLD_HOST;
		return true;
	case MEASURE_CARD:
	case MEASURE_MODULE:
	case MEASURE_CENTER:
	case MEASURE_SUBJECT_COUNT:
		break;
	}
	return false;
}

static enum hold_direction
hold_direction_of(enum measure_direction direction)
{
	return direction == MEASURE_SENDING  ? HOLD_SENDING
	    : direction == MEASURE_RECEIVING ? HOLD_RECEIVING
					     : HOLD_BOTH;
}

/*
 * One of them, if it is in force; else `*next_ms` is moved to when it begins,
 * if that is sooner.
 */
static bool
put_hold(const struct measures *measures, const struct measure *measure,
    int64_t until_ms, int64_t now_ms, struct hold *to, int64_t *next_ms)
{
	const struct restoration *restoration =
	    find_restoration(measures, measure->id);

	if (restoration != NULL && restoration->from_ms < until_ms)
		until_ms = restoration->from_ms;
	*to = (struct hold){ .direction = hold_direction_of(measure->direction),
		.waits = measure->stops_queued,
		.from_ms = measure->from_ms,
		.until_ms = until_ms };
	if (!scope_of(measure->subject, &to->scope) || until_ms <= now_ms ||
	    !text_copy(to->name, sizeof(to->name), measure->name))
		return false;
	if (measure->from_ms > now_ms) {
		if (measure->from_ms < *next_ms)
			*next_ms = measure->from_ms;
		return false;
	}
	return true;
}

size_t
measures_put_holds(const struct measures *measures, int64_t now_ms,
    struct hold *to, int64_t *ret_next_ms)
{
	size_t count = 0;

	*ret_next_ms = INT64_MAX;
	for (size_t i = 0; i < measures->suspension_count; i++)
		count += put_hold(measures, &measures->suspensions[i],
		    INT64_MAX, now_ms, &to[count], ret_next_ms);
	for (size_t i = 0; i < measures->hold_count; i++)
		count += put_hold(measures, &measures->holds[i],
		    measures->holds[i].until_ms, now_ms, &to[count],
		    ret_next_ms);
	return count;
}
