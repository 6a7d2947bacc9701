/*
 * What xml_file.c and xml_validate.c share: catching the errors of libxml2.
 */
#ifndef DOCUMENT_XML_INTERNAL_H
#define DOCUMENT_XML_INTERNAL_H

#include <libxml/xmlerror.h>
#include <libxml/xmlversion.h>

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

#endif
