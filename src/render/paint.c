#include "render/paint.h"

#include <cairo/cairo-pdf.h>

enum { GLYPHS_AT_ONCE = 128 };

/* Glyphs of one font, about to be drawn. */
struct batch {
	cairo_glyph_t glyphs[GLYPHS_AT_ONCE];
	cairo_text_cluster_t clusters[GLYPHS_AT_ONCE];
	int glyph_count;
	int cluster_count;
	unsigned font;
	const char *text;
	int text_len;
};

double
paint_base(const struct fonts *fonts, double size, double pitch)
{
	double ascent = fonts_ascent(fonts) * size;
	double descent = fonts_descent(fonts) * size;

	return (pitch - ascent - descent) / 2 + ascent;
}

static void
flush(const struct paint *paint, struct batch *batch, double size,
    enum paint_as as)
{
	cairo_t *cairo = paint->cairo;

	if (batch->glyph_count == 0)
		return;
	cairo_set_font_face(cairo, fonts_face(paint->fonts, batch->font));
	cairo_set_font_size(cairo, size);
	if (as == PAINT_TEXT) {
		cairo_show_text_glyphs(cairo, batch->text, batch->text_len,
		    batch->glyphs, batch->glyph_count, batch->clusters,
		    batch->cluster_count, 0);
	} else {
		cairo_glyph_path(cairo, batch->glyphs, batch->glyph_count);
		cairo_fill(cairo);
	}
	batch->glyph_count = batch->cluster_count = batch->text_len = 0;
}

static void
add(struct batch *batch, const struct paragraph *paragraph,
    const struct glyph *glyph, double x, double y)
{
	if (batch->glyph_count == 0) {
		batch->font = glyph->font;
		batch->text = paragraph->text + glyph->at;
	}
	batch->glyphs[batch->glyph_count++] =
	    (cairo_glyph_t){ .index = glyph->id, .x = x, .y = y };
	if (glyph->len == 0 && batch->cluster_count > 0) {
		batch->clusters[batch->cluster_count - 1].num_glyphs++;
		return;
	}
	batch->clusters[batch->cluster_count++] =
	    (cairo_text_cluster_t){ .num_bytes = glyph->len, .num_glyphs = 1 };
	batch->text_len += glyph->len;
}

void
paint_line(const struct paint *paint, const struct paragraph *paragraph,
    const struct line *line, double size, double x, double base,
    enum paint_as as)
{
	struct batch batch = { .glyph_count = 0 };

	for (size_t i = line->first; i < line->end; i++) {
		const struct glyph *glyph = &paragraph->glyphs[i];

		if (paragraph->text[glyph->at] == '\n')
			break;
		if (batch.glyph_count > 0 &&
		    (glyph->font != batch.font ||
			(glyph->len > 0 &&
			    batch.glyph_count >= GLYPHS_AT_ONCE - 8) ||
			batch.glyph_count == GLYPHS_AT_ONCE))
			flush(paint, &batch, size, as);
		add(&batch, paragraph, glyph, x + (double)glyph->dx * size,
		    base - (double)glyph->dy * size);
		x += (double)paragraph_advance(paragraph, line, i) * size;
	}
	flush(paint, &batch, size, as);
}

/* The lists that are open on this page, and whether a paragraph is. */
struct tags {
	cairo_t *cairo;
	unsigned depth;
	const char *open; /* of the block at work, or NULL */
};

static void
close_block(struct tags *tags)
{
	if (tags->open != NULL)
		cairo_tag_end(tags->cairo, tags->open);
	tags->open = NULL;
}

static void
close_item(struct tags *tags)
{
	cairo_tag_end(tags->cairo, "LBody");
	cairo_tag_end(tags->cairo, "LI");
}

static void
close_lists(struct tags *tags, unsigned depth)
{
	while (tags->depth > depth) {
		close_item(tags);
		cairo_tag_end(tags->cairo, "L");
		tags->depth--;
	}
}

/* Up to an open LI; its body is opened when its label is drawn. */
static void
open_item(struct tags *tags, unsigned depth)
{
	close_lists(tags, depth);
	if (tags->depth == depth)
		close_item(tags);
	while (tags->depth < depth) {
		cairo_tag_begin(tags->cairo, "L", NULL);
		tags->depth++;
		if (tags->depth < depth) {
			cairo_tag_begin(tags->cairo, "LI", NULL);
			cairo_tag_begin(tags->cairo, "LBody", NULL);
		}
	}
	cairo_tag_begin(tags->cairo, "LI", NULL);
}

static void
draw_label(const struct paint *paint, const struct placed *at)
{
	const struct block *block = at->block;
	double base = paint->top + at->top +
	    paint_base(paint->fonts, block->size, block->pitch);

	if (block->label_glyphs.line_count > 0)
		paint_line(paint, &block->label_glyphs,
		    block->label_glyphs.lines, block->size,
		    paint->left + block->x, base, PAINT_TEXT);
}

static void
draw_text(const struct paint *paint, const struct placed *at)
{
	const struct block *block = at->block;
	const struct line *line;
	double x = paint->left + block->text_x;
	double free_room;

	if (at->line >= block->body.line_count)
		return;
	line = &block->body.lines[at->line];
	free_room = block->text_width - (double)line->width * block->size;
	if (block->align == BLOCK_CENTER)
		x += free_room / 2;
	if (block->align == BLOCK_RIGHT)
		x += free_room;
	paint_line(paint, &block->body, line, block->size, x,
	    paint->top + at->top +
		paint_base(paint->fonts, block->size, block->pitch),
	    PAINT_TEXT);
}

static void
begin_block(const struct paint *paint, struct tags *tags,
    const struct placed *at)
{
	const struct block *block = at->block;

	close_block(tags);
	if (block->role == BLOCK_ITEM) {
		open_item(tags, block->depth);
		cairo_tag_begin(tags->cairo, "Lbl", NULL);
		if (at->line == 0)
			draw_label(paint, at);
		cairo_tag_end(tags->cairo, "Lbl");
		cairo_tag_begin(tags->cairo, "LBody", NULL);
		return;
	}
	close_lists(tags, 0);
	tags->open = block->role == BLOCK_TITLE ? "H1" : "P";
	cairo_tag_begin(tags->cairo, tags->open, NULL);
	if (at->line == 0)
		draw_label(paint, at);
}

void
paint_lines(const struct paint *paint, const struct placed *placed,
    size_t first, size_t end)
{
	struct tags tags = { .cairo = paint->cairo };
	const struct block *block = NULL;

	for (size_t i = first; i < end; i++) {
		if (placed[i].block != block)
			begin_block(paint, &tags, &placed[i]);
		block = placed[i].block;
		draw_text(paint, &placed[i]);
	}
	close_block(&tags);
	close_lists(&tags, 0);
}
