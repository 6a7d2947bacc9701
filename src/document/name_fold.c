#include "document/name_fold.h"

#include <stdint.h>

#include "document/utf8.h"

enum {
	FULL_WIDTH_FIRST = 0xff01, /* ！ */
	FULL_WIDTH_LAST = 0xff5e,  /* ～ */
	FULL_WIDTH_SHIFT = 0xfee0,
	TAI_SIMPLE = 0x53f0, /* 台 */
	TAI = 0x81fa,        /* 臺 */
};

static uint32_t
fold(uint32_t point)
{
	if (point >= FULL_WIDTH_FIRST && point <= FULL_WIDTH_LAST)
		point -= FULL_WIDTH_SHIFT;
	if (point >= 'A' && point <= 'Z')
		return point - 'A' + 'a';
	return point == TAI_SIMPLE ? TAI : point;
}

void
name_fold_put(struct bytes *to, const char *name)
{
	uint32_t point;

	while ((point = utf8_next(&name)) != 0)
		if (!utf8_is_space(point) && !utf8_is_hidden(point))
			utf8_put(to, fold(point));
}
