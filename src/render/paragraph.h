/*
 * One paragraph: characters become glyphs, glyphs become lines by the Chinese
 * rules (no closing mark begins a line, no opening mark ends one, words and
 * numbers stay whole), lines get their widths.
 *
 * Measures are in parts of an em, so they do not depend on the size.
 */
#ifndef RENDER_PARAGRAPH_H
#define RENDER_PARAGRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "render/fonts.h"

struct error;
struct pool;
struct render_report;

struct glyph {
	uint32_t id;
	uint32_t at;  /* of its text, from the beginning of the paragraph's */
	uint16_t len; /* of its text; 0: belongs to the glyph before */
	uint8_t font;
	bool may_begin;  /* a line may begin here */
	bool must_begin; /* ... must */
	bool is_blank;
	bool is_wide; /* room may be put beside it when a line is spread */
	float advance;
	float dx, dy; /* up is positive */
};

struct line {
	size_t first, end; /* glyphs */
	size_t seen;       /* end of those without the blanks at the end */
	float width;       /* without blanks at its end */
	float spread;      /* room behind each glyph that may have it */
};

enum paragraph_kind { PARAGRAPH_TEXT, PARAGRAPH_MARKER };

struct paragraph {
	const char *text; /* what the glyphs show: UTF-8, boxes written out */
	struct glyph *glyphs;
	size_t glyph_count;
	size_t glyph_size; /* room */
	struct line *lines;
	size_t line_count;
};

/* What shaping needs; start it with paragraph_begin(). */
struct shaping {
	struct fonts *fonts; /* not ours */
	struct pool *pool;   /* not ours: what paragraphs are made of */
	struct render_report *report; /* not ours: characters not drawn */
	hb_buffer_t *buffer;
	size_t text_len; /* so far, against RENDER_TEXT_MAX */
	bool is_too_long;
	bool failed; /* memory ran out */
};

int shaping_begin(struct shaping *shaping, struct fonts *fonts,
    struct pool *pool, struct render_report *report,
    struct error *err) MUST_CHECK;
void shaping_end(struct shaping *shaping);
int shaping_failed(const struct shaping *shaping, struct error *err) MUST_CHECK;

/* The text as it can be shown, in the pool: what no font has as its number. */
const char *shaping_shown(struct shaping *shaping, const char *text);

/*
 * Shape `text`, without lines.  A marker of an item, such as "(一)", gets
 * brackets of half an em and a single digit of a whole one, so that it is two
 * em wide.
 */
void paragraph_shape(struct shaping *shaping, const char *text,
    enum paragraph_kind kind, struct paragraph *ret_paragraph);

float paragraph_width(const struct paragraph *paragraph);

/* Break it into lines of `width` em; with `is_even` full lines are spread. */
void paragraph_break(struct shaping *shaping, struct paragraph *paragraph,
    float width, bool is_even);

/* Spread a paragraph of one line to `width` em, from edge to edge. */
void paragraph_spread(struct paragraph *paragraph, float width);

/* What a glyph of the line takes, with the room behind it. */
float paragraph_advance(const struct paragraph *paragraph,
    const struct line *line, size_t glyph);

#endif
