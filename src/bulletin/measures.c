#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/measures_internal.h"

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

int
measures_beyond(struct error *err, const char *what, const char *id)
{
	return error_set_id(err, "E7012", ERROR_DENIED, "hold %s: %s", id,
	    what);
}

const struct restoration *
measures_restoration(const struct measures *measures, const char *id)
{
	for (size_t i = 0; i < measures->restoration_count; i++)
		if (text_equal(measures->restorations[i].id, id))
			return &measures->restorations[i];
	return NULL;
}
