/*
 * The definitions that this program has (data/cases).
 */
#ifndef CASE_CASE_LIBRARY_H
#define CASE_CASE_LIBRARY_H

#include <stddef.h>

#include "base/attr.h"
#include "case/case_definition.h"

struct error;

/* A definition's text as it was built in. */
struct case_text {
	const char *file; /* "dissolve.ini" */
	const char *text;
	size_t len;
};

extern const struct case_text case_texts[];
extern const size_t case_text_count;

struct case_library;

/* Read them all; ERROR_MALFORMED names file, line and what is wrong. */
int case_library_new(struct case_library **ret_library,
    struct error *err) MUST_CHECK;
void case_library_free(struct case_library *library);

size_t case_library_count(const struct case_library *library);
const struct case_definition *case_library_at(const struct case_library
						  *library,
    size_t index);

/* NULL for none such. */
const struct case_definition *case_library_find(const struct case_library
						    *library,
    const char *name);

#endif
