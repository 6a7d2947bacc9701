#include "policy/receive_times.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { MINUTE_MS = 60000, DAY_MINUTES = 1440, TAIPEI_MINUTES = 480 };

static bool
parse_one(const char *text, size_t len, uint16_t *ret_minutes)
{
	char hours[3] = { 0 };
	char minutes[3] = { 0 };
	uint64_t hour;
	uint64_t minute;

	if (len != 5 || text[2] != ':')
		return false;
	memcpy(hours, text, 2);
	memcpy(minutes, text + 3, 2);
	if (!text_parse_u64(hours, 23, &hour) ||
	    !text_parse_u64(minutes, 59, &minute))
		return false;
	*ret_minutes = (uint16_t)(hour * 60 + minute);
	return true;
}

int
receive_times_parse(const char *text, struct receive_times *ret_times,
    struct error *err)
{
	struct receive_times times = { .urgent_at_once =
					   ret_times->urgent_at_once };
	const char *at = text;

	while (*at != '\0') {
		size_t len = strcspn(at, ",");
		size_t count = times.count;

		if (count == RECEIVE_TIMES_MAX ||
		    !parse_one(at, len, &times.minutes[count]) ||
		    (count > 0 &&
			times.minutes[count] <= times.minutes[count - 1]) ||
		    (at[len] == ',' && at[len + 1] == '\0'))
			return error_set_id(err, "E6722", ERROR_MALFORMED,
			    "times are at most %d, from early to late, such as "
			    "09:00,13:30",
			    RECEIVE_TIMES_MAX);
		times.count++;
		at += len + (at[len] == ',');
	}
	*ret_times = times;
	return 0;
}

int64_t
receive_times_next(const struct receive_times *times, enum speed speed,
    int64_t at_ms)
{
	int64_t minute = at_ms / MINUTE_MS + TAIPEI_MINUTES;
	int64_t of_day = minute % DAY_MINUTES;
	int64_t day = minute - of_day;

	if (times->count == 0 ||
	    (times->urgent_at_once && speed == SPEED_FASTEST))
		return at_ms;
	for (size_t i = 0; i < times->count; i++)
		if (times->minutes[i] > of_day)
			return (day + times->minutes[i] - TAIPEI_MINUTES) *
			    MINUTE_MS;
	return (day + DAY_MINUTES + times->minutes[0] - TAIPEI_MINUTES) *
	    MINUTE_MS;
}
