/*
 * Digits as they are typed in letters, half-width or full-width.
 */
#ifndef DOCUMENT_DIGIT_H
#define DOCUMENT_DIGIT_H

#include <stdint.h>

/* The digit that a code point is; -1 if it is none. */
static inline int
digit_of(uint32_t point)
{
	enum { FULL_WIDTH_ZERO = 0xff10 };

	if (point >= '0' && point <= '9')
		return (int)point - '0';
	if (point >= FULL_WIDTH_ZERO && point <= FULL_WIDTH_ZERO + 9)
		return (int)point - FULL_WIDTH_ZERO;
	return -1;
}

#endif
