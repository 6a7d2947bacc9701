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
	const cairo_text_cluster_t all = { .num_glyphs = batch->glyph_count };

	if (batch->glyph_count == 0)
		return;
	cairo_set_font_face(cairo, fonts_face(paint->fonts, batch->font));
	cairo_set_font_size(cairo, size);
	/* Glyphs that stand for no text get an empty ActualText. */
	if (as == PAINT_MUTE)
		cairo_show_text_glyphs(cairo, "", 0, batch->glyphs,
		    batch->glyph_count, &all, 1, 0);
	else
		cairo_show_text_glyphs(cairo, batch->text, batch->text_len,
		    batch->glyphs, batch->glyph_count, batch->clusters,
		    batch->cluster_count, 0);
	batch->glyph_count = batch->cluster_count = batch->text_len = 0;
}

static void
add(struct batch *batch, const struct paragraph *paragraph,
    const struct glyph *glyph, double x, double y)
{
	if (batch->glyph_count == 0) {
		batch->font = glyph->font;
		batch->text = "";
	}
	/* A batch may begin inside a character, whose text the one before has. */
	if (batch->text_len == 0 && glyph->len > 0)
		batch->text = paragraph->text + glyph->at;
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
	/* One blank behind what is seen parts it from the next line. */
	size_t end = line->seen < line->end ? line->seen + 1 : line->end;
	struct batch batch = { .glyph_count = 0 };

	for (size_t i = line->first; i < end; i++) {
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

static void
open_leaf(struct paint *paint, const char *tag)
{
	cairo_tag_begin(paint->cairo, tag, NULL);
	paint->leaf = tag;
}

static void
close_leaf(struct paint *paint)
{
	if (paint->leaf != NULL)
		cairo_tag_end(paint->cairo, paint->leaf);
	paint->leaf = NULL;
}

static void
close_item(struct paint *paint)
{
	cairo_tag_end(paint->cairo, "LBody");
	cairo_tag_end(paint->cairo, "LI");
}

static void
close_lists(struct paint *paint, unsigned depth)
{
	for (; paint->depth > depth; paint->depth--) {
		close_item(paint);
		cairo_tag_end(paint->cairo, "L");
	}
}

static void
close_row(struct paint *paint)
{
	if (paint->in_row)
		cairo_tag_end(paint->cairo, "TR");
	paint->in_row = false;
}

static void
close_table(struct paint *paint)
{
	close_row(paint);
	if (paint->in_table)
		cairo_tag_end(paint->cairo, "Table");
	paint->in_table = false;
}

/* Up to an open LI. */
static void
open_item(struct paint *paint, unsigned depth)
{
	close_lists(paint, depth);
	if (paint->depth == depth)
		close_item(paint);
	for (; paint->depth < depth; paint->depth++) {
		cairo_tag_begin(paint->cairo, "L", NULL);
		if (paint->depth + 1 < depth) {
			cairo_tag_begin(paint->cairo, "LI", NULL);
			cairo_tag_begin(paint->cairo, "LBody", NULL);
		}
	}
	cairo_tag_begin(paint->cairo, "LI", NULL);
}

static double
base_of(const struct paint *paint, const struct placed *at)
{
	return paint->top + at->top +
	    paint_base(paint->fonts, at->block->size, at->block->pitch);
}

static void
draw_label(const struct paint *paint, const struct placed *at)
{
	const struct block *block = at->block;

	if (at->line == 0 && block->label_glyphs.line_count > 0)
		paint_line(paint, &block->label_glyphs,
		    block->label_glyphs.lines, block->size,
		    paint->left + block->x, base_of(paint, at), PAINT_TEXT);
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
	    base_of(paint, at), PAINT_TEXT);
}

/* A thin line below the row of a table. */
static void
draw_rule(const struct paint *paint, const struct placed *at)
{
	double y = paint->top + at->top + at->block->pitch;

	cairo_set_line_width(paint->cairo, 0.4);
	cairo_move_to(paint->cairo, paint->left, y);
	cairo_line_to(paint->cairo, paint->left + paint->width, y);
	cairo_stroke(paint->cairo);
}

static void
begin_item(struct paint *paint, const struct placed *at)
{
	close_table(paint);
	open_item(paint, at->block->depth);
	open_leaf(paint, "Lbl");
	draw_label(paint, at);
	close_leaf(paint);
	cairo_tag_begin(paint->cairo, "LBody", NULL);
}

static void
begin_cell(struct paint *paint, bool begins_row)
{
	if (!paint->in_table) {
		close_lists(paint, 0);
		cairo_tag_begin(paint->cairo, "Table", NULL);
		paint->in_table = true;
	}
	if (begins_row)
		close_row(paint);
	if (!paint->in_row)
		cairo_tag_begin(paint->cairo, "TR", NULL);
	paint->in_row = true;
}

static const char *
leaf_of(enum block_role role)
{
	switch (role) {
	case BLOCK_PARAGRAPH:
	case BLOCK_ITEM:
		break;
	case BLOCK_TITLE:
		return "H1";
	case BLOCK_CELL:
		return "TD";
	case BLOCK_HEAD:
		return "TH";
	}
	return "P";
}

/* Open what the block is to a reading program; a page's end closes a leaf. */
static void
begin_block(struct paint *paint, const struct placed *at)
{
	const struct block *block = at->block;
	bool goes_on = block == paint->block;

	close_leaf(paint);
	paint->block = block;
	if (block->label_glyphs.glyph_count == 0 &&
	    block->body.glyph_count == 0)
		return;
	if (block->role == BLOCK_ITEM) {
		if (!goes_on)
			begin_item(paint, at);
		open_leaf(paint, "P");
		return;
	}
	if (block->role == BLOCK_CELL || block->role == BLOCK_HEAD) {
		begin_cell(paint, block->x == 0);
	} else {
		close_lists(paint, 0);
		close_table(paint);
	}
	open_leaf(paint, leaf_of(block->role));
	draw_label(paint, at);
}

static bool
ends_row(const struct placed *at)
{
	return (at->block->role == BLOCK_CELL ||
		   at->block->role == BLOCK_HEAD) &&
	    !at->block->is_overlay &&
	    at->line + 1 >= at->block->body.line_count;
}

void
paint_lines(struct paint *paint, const struct placed *placed, size_t first,
    size_t end)
{
	for (size_t i = first; i < end; i++) {
		if (i == first || placed[i].block != paint->block)
			begin_block(paint, &placed[i]);
		draw_text(paint, &placed[i]);
	}
	close_leaf(paint);
	for (size_t i = first; i < end; i++)
		if (ends_row(&placed[i]))
			draw_rule(paint, &placed[i]);
}

void
paint_end(struct paint *paint)
{
	close_leaf(paint);
	close_lists(paint, 0);
	close_table(paint);
}
