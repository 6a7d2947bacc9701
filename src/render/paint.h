/*
 * Draw the lines of a page, with the tags that tell a reading program what
 * they are.
 */
#ifndef RENDER_PAINT_H
#define RENDER_PAINT_H

#include <stdbool.h>
#include <stddef.h>

#include <cairo/cairo.h>

#include "render/flow.h"

struct fonts;

/* Goes from page to page; start it with what the first five say. */
struct paint {
	cairo_t *cairo;
	struct fonts *fonts;
	double left, top; /* of the text area */
	double width;
	/* Tags that are open, and the block they are open for. */
	const struct block *block;
	const char *leaf; /* "P" ..., or NULL */
	unsigned depth;   /* of lists */
	bool in_table, in_row;
};

/* Draws placed[first, end), which stand on one page. */
void paint_lines(struct paint *paint, const struct placed *placed, size_t first,
    size_t end);

/* Close what is open, at the end of the last page. */
void paint_end(struct paint *paint);

/* How a text is put on the page. */
enum paint_as {
	PAINT_TEXT, /* can be found and copied */
	PAINT_MUTE, /* seen only: marks that nobody reads aloud or copies */
};

/* Draw one line of a paragraph with its left edge and base line there. */
void paint_line(const struct paint *paint, const struct paragraph *paragraph,
    const struct line *line, double size, double x, double base,
    enum paint_as as);

/* The base line of a line of this pitch whose top is 0. */
double paint_base(const struct fonts *fonts, double size, double pitch);

#endif
