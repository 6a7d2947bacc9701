#include "document/roc_date.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "document/digit.h"
#include "document/utf8.h"
#include "model/times.h"

enum { YEAR_OF_ROC = 1911, DAYS_OF_WEEK = 7, WEEKDAY_OF_EPOCH = 4 };

static void
skip_space(const char **text)
{
	const char *at = *text;

	while (utf8_is_space(utf8_next(&at)))
		*text = at;
}

static bool
skip_word(const char **text, const char *word)
{
	skip_space(text);
	if (!text_starts(*text, word))
		return false;
	*text += strlen(word);
	return true;
}

/* One to four digits and the `unit` behind them. */
static bool
number_before(const char **text, const char *unit, int *ret_number)
{
	const char *at;
	int count = 0;
	int number = 0;

	skip_space(text);
	for (at = *text; count <= 4; count++) {
		int digit = digit_of(utf8_next(&at));

		if (digit < 0)
			break;
		number = number * 10 + digit;
		*text = at;
	}
	*ret_number = number;
	return count >= 1 && count <= 4 && skip_word(text, unit);
}

bool
roc_date_parse(const char *text, struct roc_date *ret_date)
{
	struct roc_date date;
	int64_t days;

	if (!skip_word(&text, "中華民國"))
		(void)skip_word(&text, "民國");
	if (!number_before(&text, "年", &date.year) ||
	    !number_before(&text, "月", &date.month) ||
	    !number_before(&text, "日", &date.day))
		return false;
	skip_space(&text);
	if (*text != '\0' || date.year < 1 || date.year > ROC_YEAR_MAX ||
	    !times_days_of_date(date.year + YEAR_OF_ROC, date.month, date.day,
		&days))
		return false;
	*ret_date = date;
	return true;
}

int
roc_date_weekday(const struct roc_date *date)
{
	int64_t days = 0;

	/* Of a date that exists: it cannot fail. */
	(void)times_days_of_date(date->year + YEAR_OF_ROC, date->month,
	    date->day, &days);
	return (int)(((days + WEEKDAY_OF_EPOCH) % DAYS_OF_WEEK + DAYS_OF_WEEK) %
	    DAYS_OF_WEEK);
}
