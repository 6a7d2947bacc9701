#include "document/clock_text.h"

#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "document/digit.h"
#include "document/utf8.h"

enum { HOURS_OF_DAY = 24, HOURS_HALF = 12, MINUTES_OF_HOUR = 60 };

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

static bool
skip_any(const char **text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (skip_word(text, words[i]))
			return true;
	return false;
}

bool
weekday_parse(const char *text, int *ret_weekday)
{
	static const char *const open[] = { "(", "（" };
	static const char *const close[] = { ")", "）" };
	static const char *const weeks[] = { "星期", "週", "禮拜" };
	static const char *const days[] = { "日", "一", "二", "三", "四", "五",
		"六", "天" };
	bool is_open = skip_any(&text, open, ARRAY_LEN(open));

	(void)skip_any(&text, weeks, ARRAY_LEN(weeks));
	for (size_t i = 0; i < ARRAY_LEN(days); i++) {
		if (!skip_word(&text, days[i]))
			continue;
		if (is_open && !skip_any(&text, close, ARRAY_LEN(close)))
			return false;
		skip_space(&text);
		*ret_weekday = (int)(i % (ARRAY_LEN(days) - 1));
		return *text == '\0';
	}
	return false;
}

/* One or two digits. */
static bool
read_number(const char **text, int *ret_number)
{
	const char *at;
	int count = 0;
	int number = 0;

	skip_space(text);
	for (at = *text; count < 3; count++) {
		int digit = digit_of(utf8_next(&at));

		if (digit < 0)
			break;
		number = number * 10 + digit;
		*text = at;
	}
	*ret_number = number;
	return count == 1 || count == 2;
}

/* What may follow 時: nothing, 整, 半, or minutes. */
static bool
read_minutes(const char **text, int *ret_minutes)
{
	*ret_minutes = 0;
	skip_space(text);
	if (**text == '\0' || skip_word(text, "整"))
		return true;
	if (skip_word(text, "半")) {
		*ret_minutes = MINUTES_OF_HOUR / 2;
		return true;
	}
	if (!read_number(text, ret_minutes))
		return false;
	(void)skip_word(text, "分");
	(void)skip_word(text, "整");
	return true;
}

bool
clock_text_parse(const char *text, int *ret_minutes)
{
	static const char *const mornings[] = { "上午", "早上", "凌晨" };
	static const char *const later[] = { "下午", "晚上", "中午" };
	static const char *const hours[] = { "時", "點", ":", "：" };
	bool is_later = skip_any(&text, later, ARRAY_LEN(later));
	int hour;
	int minute;

	if (!is_later)
		(void)skip_any(&text, mornings, ARRAY_LEN(mornings));
	if (!read_number(&text, &hour) ||
	    !skip_any(&text, hours, ARRAY_LEN(hours)) ||
	    !read_minutes(&text, &minute))
		return false;
	skip_space(&text);
	if (is_later && hour < HOURS_HALF)
		hour += HOURS_HALF;
	if (*text != '\0' || minute >= MINUTES_OF_HOUR || hour > HOURS_OF_DAY ||
	    (hour == HOURS_OF_DAY && minute > 0))
		return false;
	if (ret_minutes != NULL)
		*ret_minutes = hour * MINUTES_OF_HOUR + minute;
	return true;
}
