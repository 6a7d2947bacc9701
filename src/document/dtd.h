/*
 * The official DTDs, each with the tag sets that it includes, compiled in: a
 * process that checks documents opens no file and looks for none.
 */
#ifndef DOCUMENT_DTD_H
#define DOCUMENT_DTD_H

#include <stddef.h>

#include "base/attr.h"

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
int dtd_open(const char *name, struct _xmlDtd **ret_dtd,
    struct error *err) MUST_CHECK;
void dtd_free(struct _xmlDtd *dtd);

/*
 * All of them read, with every content model compiled: for a process that
 * checks many documents, in its copies too.  Nothing writes to them any more.
 */
struct dtd_set;

int dtd_set_new(struct dtd_set **ret_set, struct error *err) MUST_CHECK;
void dtd_set_free(struct dtd_set *set);

/* The set's DTD of that name, or NULL. */
struct _xmlDtd *dtd_set_find(const struct dtd_set *set, const char *name);

#endif
