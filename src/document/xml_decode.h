/*
 * What encoding a file is in, and Big5 made into UTF-8 before anything else
 * looks at it: so there is one parser, and one set of limits, for both.
 */
#ifndef DOCUMENT_XML_DECODE_H
#define DOCUMENT_XML_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct error;
struct findings;
struct pool;

/* The bytes of one file; `data` is replaced if it was Big5. */
struct xml_text {
	const char *file; /* its name */
	const uint8_t *data;
	size_t len;
	bool is_big5; /* it was */
};

/*
 * Skip a byte order mark; if the XML declaration names Big5, make UTF-8 of the
 * bytes, without the name of the encoding, in `pool`.  What has no Unicode
 * character is E2013, what is in the Private Use Area the warning E2014, what
 * differs between variants of Big5 the warning E2015, each with its offset in
 * the file; UTF-8 that calls itself Big5 is E2003.  Returns 1, or 0 if the file
 * is refused, or -1 if memory ran out.
 */
int xml_decode(struct xml_text *text, struct pool *pool,
    struct findings *findings, struct error *err) MUST_CHECK;

#endif
