#include "render/paragraph.h"

#include "document/pool.h"

/* Beyond this a line would read as if it had blanks in it. */
static const float spread_max = 0.25F;

/* Rounding must not push the last character of a full line to the next. */
static const float slack = 0.001F;

float
paragraph_width(const struct paragraph *paragraph)
{
	float width = 0;

	for (size_t i = 0; i < paragraph->glyph_count; i++)
		width += paragraph->glyphs[i].advance;
	return width;
}

/*
 * Where to cut a word that is longer than the line, which glyph `at` is too
 * much for: before its character, or inside a character of endless marks.
 */
static size_t
cut(const struct paragraph *paragraph, size_t first, size_t at)
{
	size_t start = at;

	while (start > first && paragraph->glyphs[start].len == 0)
		start--;
	if (start > first)
		return start;
	return at > first ? at : first + 1;
}

/* The end of the line that begins at `first`; `*ret_is_full` if it went on. */
static size_t
line_end(const struct paragraph *paragraph, size_t first, float width,
    bool *ret_is_full)
{
	size_t last_break = first;
	float taken = 0;

	*ret_is_full = false;
	for (size_t i = first; i < paragraph->glyph_count; i++) {
		const struct glyph *glyph = &paragraph->glyphs[i];

		if (i > first && glyph->must_begin)
			return i;
		if (i > first && glyph->may_begin)
			last_break = i;
		taken += glyph->advance;
		/* Blanks at the end of a line take no room. */
		if (taken <= width + slack || glyph->is_blank)
			continue;
		*ret_is_full = true;
		if (last_break > first)
			return last_break;
		return cut(paragraph, first, i);
	}
	return paragraph->glyph_count;
}

/* The end of what is seen of the line. */
static size_t
seen_end(const struct paragraph *paragraph, const struct line *line)
{
	size_t end = line->end;

	while (end > line->first && paragraph->glyphs[end - 1].is_blank)
		end--;
	return end;
}

/* True if room may be put behind the glyph. */
static bool
may_spread(const struct paragraph *paragraph, size_t i, size_t end)
{
	const struct glyph *glyph = &paragraph->glyphs[i];

	return i + 1 < end && glyph[1].len != 0 &&
	    (glyph->is_wide || glyph[1].is_wide);
}

static void
spread(const struct paragraph *paragraph, struct line *line, float width,
    float most)
{
	size_t end = line->seen;
	size_t places = 0;
	float each;

	for (size_t i = line->first; i < end; i++)
		places += may_spread(paragraph, i, end);
	if (places == 0 || line->width >= width)
		return;
	each = (width - line->width) / (float)places;
	if (each <= most)
		line->spread = each;
}

static void
measure(const struct paragraph *paragraph, struct line *line)
{
	line->seen = seen_end(paragraph, line);
	line->width = 0;
	for (size_t i = line->first; i < line->seen; i++)
		line->width += paragraph->glyphs[i].advance;
}

/* Both passes: counts lines while `lines` is NULL, then fills them in. */
static size_t
walk(const struct paragraph *paragraph, float width, bool is_even,
    struct line *lines)
{
	size_t count = 0;
	size_t at = 0;

	while (at < paragraph->glyph_count) {
		struct line line = { .first = at };
		bool is_full;

		at = line.end = line_end(paragraph, at, width, &is_full);
		if (lines != NULL) {
			measure(paragraph, &line);
			if (is_even && is_full)
				spread(paragraph, &line, width, spread_max);
			lines[count] = line;
		}
		count++;
	}
	return count;
}

void
paragraph_break(struct shaping *shaping, struct paragraph *paragraph,
    float width, bool is_even)
{
	size_t count = walk(paragraph, width, is_even, NULL);

	paragraph->lines =
	    pool_alloc(shaping->pool, count + 1, sizeof(struct line));
	if (paragraph->lines == NULL)
		return;
	paragraph->line_count =
	    walk(paragraph, width, is_even, paragraph->lines);
}

void
paragraph_spread(struct paragraph *paragraph, float width)
{
	if (paragraph->line_count == 1)
		spread(paragraph, paragraph->lines, width, width);
}

float
paragraph_advance(const struct paragraph *paragraph, const struct line *line,
    size_t glyph)
{
	return paragraph->glyphs[glyph].advance +
	    (may_spread(paragraph, glyph, line->seen) ? line->spread : 0);
}
