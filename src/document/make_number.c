#include "document/make.h"

#include <stdint.h>

#include "base/bytes.h"

static const char *const digits[] = { "零", "一", "二", "三", "四", "五", "六",
	"七", "八", "九" };
static const char *const stems[MAKE_STEMS] = { "甲", "乙", "丙", "丁", "戊",
	"己", "庚", "辛", "壬", "癸" };

/* 一, 十, 十一, 二十, 一百, 一百零一, 一百一十. */
static void
put_chinese(size_t number, struct bytes *to)
{
	size_t hundreds = number / 100;
	size_t tens = number / 10 % 10;
	size_t ones = number % 10;

	if (hundreds > 0)
		bytes_put_format(to, "%s百", digits[hundreds]);
	if (tens > 0 && (tens > 1 || hundreds > 0))
		bytes_put_text(to, digits[tens]);
	if (tens > 0)
		bytes_put_text(to, "十");
	else if (hundreds > 0 && ones > 0)
		bytes_put_text(to, digits[0]);
	if (ones > 0)
		bytes_put_text(to, digits[ones]);
}

bool
make_item_number(size_t depth, size_t nth, struct bytes *to)
{
	/* Each style serves two levels: with 、 and in brackets. */
	size_t style = depth / 2;
	bool in_brackets = depth % 2 == 1;

	if (depth >= MAKE_ITEM_DEPTH_MAX || nth == 0 ||
	    nth > MAKE_ITEM_NUMBER_MAX || (style == 2 && nth > MAKE_STEMS))
		return false;
	if (in_brackets)
		bytes_put_u8(to, '(');
	if (style == 0)
		put_chinese(nth, to);
	else if (style == 1)
		bytes_put_format(to, "%zu", nth);
	else
		bytes_put_text(to, stems[nth - 1]);
	bytes_put_text(to, in_brackets ? ")" : "、");
	return true;
}
