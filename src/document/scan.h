/*
 * A cursor over the bytes of one XML file that knows where it is, for the
 * pre-scan: it meets hostile bytes before libxml2 does.
 */
#ifndef DOCUMENT_SCAN_H
#define DOCUMENT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct findings;

struct scan {
	const char *file;    /* its name, for findings; not ours */
	const uint8_t *data; /* not ours */
	size_t len;
	size_t at;
	struct findings *findings; /* not ours */
};

/* A piece of the scanned bytes; no NUL at its end. */
struct scan_text {
	const char *text;
	size_t len;
};

bool scan_at(const struct scan *scan, const char *literal);

/* Move behind `literal` if it comes next. */
bool scan_skip(struct scan *scan, const char *literal);

/* Move behind the next `literal`, or to the end and return false. */
bool scan_skip_past(struct scan *scan, const char *literal);

/* Move behind white space; true if there was some. */
bool scan_skip_space(struct scan *scan);

/* Move behind white space, comments and processing instructions. */
bool scan_skip_misc(struct scan *scan);

/* Take a name, or a text in quotes (without them); false if none is there. */
bool scan_name(struct scan *scan, struct scan_text *ret_name);
bool scan_quoted(struct scan *scan, struct scan_text *ret_text);

bool scan_text_is(const struct scan_text *text, const char *literal);

/* Line, and column in characters, of an offset; both from 1. */
void scan_place(const struct scan *scan, size_t at, unsigned *ret_line,
    unsigned *ret_column);

/* Add a finding about the byte at `at`. */
void scan_report(const struct scan *scan, size_t at, const char *rule,
    struct scan_text argument);
struct scan_text scan_text_of(const char *text);

#endif
