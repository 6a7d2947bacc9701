#include "document/big5.h"

#include <stdbool.h>

#include "base/attr.h"
#include "document/big5_internal.h"
#include "document/utf8.h"

enum {
	TRAIL_LOW_FIRST = 0x40,
	TRAIL_LOW_LAST = 0x7e,
	TRAIL_HIGH_FIRST = 0xa1,
	TRAIL_HIGH_LAST = 0xfe,
	TRAIL_LOW_COUNT = TRAIL_LOW_LAST - TRAIL_LOW_FIRST + 1,
	VARIANT_FIRST = 0xc6a1,
	VARIANT_LAST = 0xc8fe,
};

/* The user-defined areas of code page 950: whole rows, or from a cell on. */
static const struct {
	unsigned first; /* code of the first cell */
	unsigned last;
	uint32_t point; /* of the first cell */
} areas[] = {
	{ 0xfa40, 0xfefe, 0xe000 },
	{ 0x8e40, 0xa0fe, 0xe311 },
	{ 0x8140, 0x8dfe, 0xeeb8 },
	{ VARIANT_FIRST, VARIANT_LAST, 0xf6b1 },
};

/* Place of a trail byte in its row; -1 if it is none. */
static int
cell_of(unsigned trail)
{
	if (trail >= TRAIL_LOW_FIRST && trail <= TRAIL_LOW_LAST)
		return (int)trail - TRAIL_LOW_FIRST;
	if (trail >= TRAIL_HIGH_FIRST && trail <= TRAIL_HIGH_LAST)
		return (int)trail - TRAIL_HIGH_FIRST + TRAIL_LOW_COUNT;
	return -1;
}

/* Cells from the beginning of row 00 on. */
static uint32_t
index_of(unsigned code)
{
	return (code >> 8) * BIG5_CELLS + (uint32_t)cell_of(code & 0xff);
}

static uint32_t
private_point(unsigned code)
{
	for (size_t i = 0; i < ARRAY_LEN(areas); i++)
		if (code >= areas[i].first && code <= areas[i].last)
			return areas[i].point + index_of(code) -
			    index_of(areas[i].first);
	return 0;
}

static uint32_t
table_point(unsigned code)
{
	unsigned lead = code >> 8;

	if (lead < BIG5_LEAD_FIRST || lead > BIG5_LEAD_LAST)
		return 0;
	return big5_table[lead - BIG5_LEAD_FIRST][cell_of(code & 0xff)];
}

static struct big5_char
char_of_code(unsigned code)
{
	struct big5_char found = { BIG5_PLAIN, table_point(code), code, 2 };

	if (found.point != 0) {
		if (code >= VARIANT_FIRST && code <= VARIANT_LAST)
			found.kind = BIG5_VARIANT;
		return found;
	}
	found.kind = BIG5_PRIVATE;
	found.point = private_point(code);
	if (found.point == 0) {
		found.kind = BIG5_BROKEN;
		found.point = UTF8_BROKEN;
	}
	return found;
}

struct big5_char
big5_next(const uint8_t *data, size_t len)
{
	struct big5_char broken = { BIG5_BROKEN, UTF8_BROKEN, data[0], 1 };

	if (data[0] < 0x80)
		return (struct big5_char){ BIG5_PLAIN, data[0], data[0], 1 };
	if (data[0] == 0x80 || data[0] == 0xff || len < 2)
		return broken;
	/* A trail byte that is none may be markup: it is read on its own. */
	if (cell_of(data[1]) < 0)
		return broken;
	return char_of_code((unsigned)data[0] << 8 | data[1]);
}
