/*
 * A document as blocks from top to bottom, cut into lines and pages: no label
 * stays alone at the end of a page, no single line of a paragraph at its end
 * or at the beginning of the next.  Measures are in points.
 */
#ifndef RENDER_FLOW_H
#define RENDER_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "render/paragraph.h"

struct error;

enum block_align {
	BLOCK_LEFT,
	BLOCK_EVEN, /* left, full lines spread to the right edge */
	BLOCK_CENTER,
	BLOCK_RIGHT,
	BLOCK_SPREAD, /* one line, from edge to edge */
};

/* What it is to a program that reads the page aloud. */
enum block_role {
	BLOCK_PARAGRAPH,
	BLOCK_TITLE,
	BLOCK_ITEM,
	BLOCK_CELL, /* of a table: the overlays before it are of its row */
	BLOCK_HEAD, /* ... of the row that each page of the table begins with */
};

struct block {
	const char *label; /* stands before the text, which never goes under */
	const char *text;
	enum paragraph_kind label_kind;
	enum block_align align;
	enum block_role role;
	unsigned depth;  /* of an item, from 1 */
	double x;        /* from the left margin */
	double width;    /* 0: to the right margin */
	double label_em; /* room of the label, at least */
	double size;     /* of an em */
	double pitch;    /* from line to line */
	double before;   /* free room above, but not at the top of a page */
	double shift;    /* draw so much lower than it stands */
	bool is_overlay; /* stands beside the block that follows */
	bool with_next;  /* its end and the next block's beginning: one page */
	bool begins_page;
	/* Filled in by flow_lay_out(). */
	struct paragraph label_glyphs;
	struct paragraph body;
	double text_x;
	double text_width;
};

/* One line where it stands. */
struct placed {
	const struct block *block;
	size_t line; /* of the block's text; the first also has the label */
	unsigned page;
	double top; /* from the top margin */
};

/* Start it as `{ 0 }` with width and height. */
struct flow {
	double width, height; /* between the margins */
	struct block *blocks;
	size_t block_count;
	size_t block_size;
	bool failed;           /* memory ran out */
	struct placed *placed; /* page by page, in the order of reading */
	size_t placed_count;
	unsigned page_count;
};

void flow_free(struct flow *flow);

/* Texts must outlive the flow; NULL is "". */
void flow_add(struct flow *flow, const struct block *block);

/*
 * Make lines and pages.  Fails with E2295 beyond RENDER_PAGES_MAX, and as
 * shaping_failed().
 */
int flow_lay_out(struct flow *flow, struct shaping *shaping,
    struct error *err) MUST_CHECK;

#endif
