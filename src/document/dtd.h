/*
 * The official DTDs, each with the tag sets that it includes, compiled in: a
 * process that checks documents opens no file and looks for none.
 */
#ifndef DOCUMENT_DTD_H
#define DOCUMENT_DTD_H

#include <stddef.h>

struct _xmlDtd;
struct error;

struct dtd_text {
	const char *name; /* "104_2_utf8.dtd" */
	const unsigned char *data;
	size_t len;
};

/* Generated from data/dtd; ends with a NULL name. */
extern const struct dtd_text dtd_texts[];

/* The text of that very name, or NULL. */
const struct dtd_text *dtd_find(const char *name);

/*
 * Read a DTD by name from the compiled texts alone.  Release it with
 * dtd_free().  Fails with ERROR_NOT_FOUND, or with ERROR_BUSY when memory ran
 * out.
 */
int dtd_open(const char *name, struct _xmlDtd **ret_dtd, struct error *err);
void dtd_free(struct _xmlDtd *dtd);

#endif
