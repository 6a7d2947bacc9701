/*
 * The whole of an XML file looked over before libxml2 may see it: encoding,
 * prolog, depth, sizes and references (T-XML-01..06).  What passes holds
 * nothing that an XML parser could expand, load or drown in.
 */
#ifndef DOCUMENT_PRESCAN_H
#define DOCUMENT_PRESCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct findings;
struct pool;
struct prolog;

enum {
	PRESCAN_DEPTH_MAX = 64,
	PRESCAN_ATTRIBUTE_MAX = 65536, /* bytes of one value */
	PRESCAN_ATTRIBUTES_MAX = 32,   /* of one element */
};

/* What is left of a file once the byte order mark is skipped. */
struct prescan_input {
	const char *file;
	const uint8_t *data;
	size_t len;
	bool may_lack_doctype;
};

/*
 * True if the file may be parsed.  Otherwise at least one error was added to
 * `findings`, and `ret_prolog` holds what could be read.
 */
bool prescan(const struct prescan_input *input, struct pool *pool,
    struct findings *findings, struct prolog *ret_prolog);

#endif
