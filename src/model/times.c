#include "model/times.h"

#include <stdio.h>
#include <string.h>

static const int64_t day_ms = 86400000;
static const int64_t taipei_ms = 8 * 3600000;
static const int64_t last_ms = 253402300799999; /* end of year 9999 */

struct civil {
	int year, month, day, hour, minute, second, ms;
};

bool
times_days_of_date(int year, int month, int day, int64_t *ret_days)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era, of_era, of_year;

	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
	    day > lengths[month - 1] + (month == 2 && is_leap ? 1 : 0))
		return false;
	/* Years begin in March here, so that the leap day comes last. */
	era = y / 400;
	of_era = y - era * 400;
	of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	*ret_days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - 719468;
	return true;
}

static struct civil
civil_of(int64_t at_ms)
{
	struct civil civil;
	int64_t days = at_ms / day_ms + 719468;
	int64_t rest = at_ms % day_ms;
	int64_t era = days / 146097;
	int64_t of_era = days - era * 146097;
	int64_t year =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	civil.day = (int)(of_year - (153 * month + 2) / 5 + 1);
	civil.month = (int)(month < 10 ? month + 3 : month - 9);
	civil.year = (int)(year + era * 400 + (civil.month <= 2 ? 1 : 0));
	civil.hour = (int)(rest / 3600000);
	civil.minute = (int)(rest / 60000 % 60);
	civil.second = (int)(rest / 1000 % 60);
	civil.ms = (int)(rest % 1000);
	return civil;
}

static int64_t
within(int64_t at_ms)
{
	return at_ms < 0 ? 0 : at_ms > last_ms ? last_ms : at_ms;
}

/* `count` decimal digits of `value`, and no NUL. */
static void
put_digits(char *to, int value, int count)
{
	for (int i = count - 1; i >= 0; i--) {
		to[i] = (char)('0' + value % 10);
		value /= 10;
	}
}

void
times_format(int64_t at_ms, char to[TIMES_RFC3339_SIZE])
{
	struct civil civil = civil_of(within(at_ms));

	memcpy(to, "0000-00-00T00:00:00.000Z", TIMES_RFC3339_SIZE);
	put_digits(to, civil.year, 4);
	put_digits(to + 5, civil.month, 2);
	put_digits(to + 8, civil.day, 2);
	put_digits(to + 11, civil.hour, 2);
	put_digits(to + 14, civil.minute, 2);
	put_digits(to + 17, civil.second, 2);
	put_digits(to + 20, civil.ms, 3);
}

static int
number_at(const char *text, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++)
		value = value * 10 + (text[i] - '0');
	return value;
}

/* Whether `text` begins as `shape` has it, 0 being any digit. */
static bool
has_shape(const char *text, const char *shape)
{
	for (int i = 0; shape[i] != '\0'; i++)
		if (shape[i] == '0' ? text[i] < '0' || text[i] > '9'
				    : text[i] != shape[i])
			return false;
	return true;
}

static bool
read_seconds(const char *text, int64_t *ret_at_ms)
{
	int hour = number_at(text + 11, 2);
	int minute = number_at(text + 14, 2);
	int second = number_at(text + 17, 2);
	int64_t days;

	if (!times_days_of_date(number_at(text, 4), number_at(text + 5, 2),
		number_at(text + 8, 2), &days) ||
	    days < 0 || hour > 23 || minute > 59 || second > 59)
		return false;
	*ret_at_ms =
	    days * day_ms + hour * 3600000 + minute * 60000 + second * 1000;
	return true;
}

bool
times_parse(const char *text, int64_t *ret_at_ms)
{
	int64_t at;

	if (strlen(text) != TIMES_RFC3339_SIZE - 1 ||
	    !has_shape(text, "0000-00-00T00:00:00.000Z") ||
	    !read_seconds(text, &at))
		return false;
	*ret_at_ms = at + number_at(text + 20, 3);
	return true;
}

/* "Z", or how far its clock is ahead of UTC. */
static bool
read_offset(const char *text, int64_t *ret_ms)
{
	int hour, minute;

	*ret_ms = 0;
	if (strcmp(text, "Z") == 0)
		return true;
	if (strlen(text) != 6 ||
	    (!has_shape(text, "+00:00") && !has_shape(text, "-00:00")))
		return false;
	hour = number_at(text + 1, 2);
	minute = number_at(text + 4, 2);
	if (hour > 23 || minute > 59)
		return false;
	*ret_ms = (text[0] == '+' ? 1 : -1) *
	    (int64_t)(hour * 3600000 + minute * 60000);
	return true;
}

bool
times_read(const char *text, int64_t *ret_at_ms)
{
	int64_t at, offset;
	int ms = 0;

	if (!has_shape(text, "0000-00-00T00:00:00") || !read_seconds(text, &at))
		return false;
	text += 19;
	if (*text == '.') {
		int scale = 100;

		if (!has_shape(text, ".0"))
			return false;
		for (text++; *text >= '0' && *text <= '9'; text++) {
			ms += (*text - '0') * scale;
			scale /= 10;
		}
	}
	if (!read_offset(text, &offset) || at + ms - offset < 0)
		return false;
	*ret_at_ms = at + ms - offset;
	return true;
}

void
times_format_roc(int64_t at_ms, char to[TIMES_ROC_SIZE])
{
	struct civil civil = civil_of(within(at_ms) + taipei_ms);

	snprintf(to, TIMES_ROC_SIZE, "中華民國%d年%d月%d日 %02d:%02d:%02d",
	    civil.year - 1911, civil.month, civil.day, civil.hour, civil.minute,
	    civil.second);
}

int64_t
times_next_day(int64_t at_ms)
{
	return ((at_ms + taipei_ms) / day_ms + 1) * day_ms - taipei_ms;
}
