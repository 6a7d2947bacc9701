/*
 * The table that scripts/embed-big5 makes of data/big5/table.txt.
 */
#ifndef DOCUMENT_BIG5_INTERNAL_H
#define DOCUMENT_BIG5_INTERNAL_H

#include <stdint.h>

enum {
	BIG5_LEAD_FIRST = 0xa1,
	BIG5_LEAD_LAST = 0xf9,
	BIG5_ROWS = BIG5_LEAD_LAST - BIG5_LEAD_FIRST + 1,
	BIG5_CELLS = 157, /* trail bytes 40 to 7E, A1 to FE */
};

/* 0 where nothing is assigned. */
extern const uint16_t big5_table[BIG5_ROWS][BIG5_CELLS];

#endif
