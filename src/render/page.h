/*
 * What a page carries around its text: the binding line, page numbers, and on
 * received copies the seam marks, the receive number and the QR code.
 */
#ifndef RENDER_PAGE_H
#define RENDER_PAGE_H

#include "base/attr.h"
#include "render/paint.h"
#include "render/paragraph.h"
#include "render/render.h"

struct error;

/* In points. */
struct page_format {
	double width, height;
	double top, right, bottom, left; /* margins */
	double binding;                  /* of the line, from the left edge */
};

struct page_format page_format_of(enum render_profile profile);

double page_cm(double cm);

/* What stands around the text of every page. */
struct page_frame {
	struct page_format format;
	const struct render_receipt *received; /* or NULL */
	const char *stamp;                     /* or NULL */
	struct shaping *shaping;
	const struct paint *paint;
	unsigned page_count;
};

/* Fails with ERROR_BUSY, or E2296 if the text is too long for a QR code. */
int page_draw(const struct page_frame *frame, unsigned page,
    struct error *err) MUST_CHECK;

#endif
