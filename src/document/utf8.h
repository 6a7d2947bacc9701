/*
 * Code points of UTF-8 text, one after the other.
 */
#ifndef DOCUMENT_UTF8_H
#define DOCUMENT_UTF8_H

#include <stdbool.h>
#include <stdint.h>

struct bytes;

enum { UTF8_BROKEN = 0xfffd };

/*
 * The code point at `*text`, which moves behind it; 0 at the end, where it
 * stays.  A byte that begins no character is UTF8_BROKEN.
 */
uint32_t utf8_next(const char **text);

void utf8_put(struct bytes *to, uint32_t point);

/* White space of XML, and the blanks that people type between words. */
bool utf8_is_space(uint32_t point);

/*
 * Characters that make text look like another text: controls, bidirectional
 * controls, zero-width characters, line and paragraph separators.
 */
bool utf8_is_hidden(uint32_t point);

#endif
