/*
 * Documents of tests/pictures and data/samples, printed as PDF, and what
 * poppler's programs read in it.  Helpers end the test when they cannot do
 * their work.
 */
#ifndef HARNESS_RENDER_FIXTURE_H
#define HARNESS_RENDER_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "document/document.h"
#include "render/render.h"

enum { RENDER_CASE_FILES = 3 };

/* A document, and how it is printed. */
struct render_case {
	const char *name;                     /* of its pictures */
	const char *files[RENDER_CASE_FILES]; /* from the top of the tree */
	struct render_options options;
	bool lists_only; /* without the letter */
};

extern const struct render_case render_cases[];
extern const size_t render_case_count;

const struct render_case *render_case_find(const char *name);

/* Both are the caller's to free. */
struct document_report *render_case_read(const struct render_case *render_case);
struct bytes render_case_print(struct renderer *renderer,
    const struct render_case *render_case, struct render_report *ret_report);

/* Start a program with the PDF as the file "-" reads, and take its output. */
struct bytes render_tool(const struct bytes *pdf, const char *const *argv);

/* Its text as pdftotext gives it with `option`, which may be NULL. */
char *render_text(const struct bytes *pdf, const char *option);

/* Without blanks and line ends, in place. */
void render_strip(char *text);

/* One page in grey. */
struct picture {
	unsigned width, height;
	unsigned char *dots; /* 0 is black */
};

struct picture render_picture(const struct bytes *pdf, unsigned page,
    unsigned dpi);

#endif
