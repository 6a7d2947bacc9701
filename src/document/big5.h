/*
 * Big5 as code page 950 has it (data/big5/SOURCES.md), character by character.
 */
#ifndef DOCUMENT_BIG5_H
#define DOCUMENT_BIG5_H

#include <stddef.h>
#include <stdint.h>

enum big5_kind {
	BIG5_PLAIN,   /* the same in every Big5 */
	BIG5_VARIANT, /* read as ETEN has it; others differ */
	BIG5_PRIVATE, /* user-defined: a code point of the Private Use Area */
	BIG5_BROKEN,  /* no character */
};

struct big5_char {
	enum big5_kind kind;
	uint32_t point; /* U+FFFD if it is broken */
	unsigned bytes; /* as in the file: 0x41, 0xa4a4 */
	size_t len;     /* 1 or 2, at most what was left; broken: 1 */
};

/* The character at `data`; `len` is at least 1. */
struct big5_char big5_next(const uint8_t *data, size_t len);

#endif
