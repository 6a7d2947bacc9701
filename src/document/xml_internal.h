/*
 * What the files xml_*.c share: catching the errors of libxml2, and places.
 */
#ifndef DOCUMENT_XML_INTERNAL_H
#define DOCUMENT_XML_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include <libxml/xmlerror.h>
#include <libxml/xmlversion.h>

#include "base/attr.h"

/* The handler's parameter became const in libxml2 2.12. */
#if LIBXML_VERSION >= 21200
#define XML_ERROR_CONST const
#else
#define XML_ERROR_CONST
#endif

typedef void (*xml_error_fn)(void *data, XML_ERROR_CONST xmlError *error);

struct xml_errors {
	xmlStructuredErrorFunc handler;
	void *data;
};

/* libxml2 knows one handler for all: put ours in, and the former back. */
void xml_errors_catch(struct xml_errors *ret_before, xml_error_fn handler,
    void *data);
void xml_errors_restore(const struct xml_errors *before);

/* Hangs on each element, as its _private. */
struct xml_place {
	unsigned line;
	unsigned column;
};

struct error;
struct xml_file;

/* Find the place of every element in the bytes that were parsed. */
int xml_places_set(struct xml_file *file, const uint8_t *data, size_t len,
    struct error *err) MUST_CHECK;

/* The element that follows in document order; NULL behind the last. */
struct _xmlNode *xml_following(struct _xmlNode *node);

#endif
