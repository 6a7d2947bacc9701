#include "render/paragraph.h"

#include <stdlib.h>
#include <string.h>

#include <unictype.h>
#include <unilbrk.h>
#include <unistr.h>
#include <uniwidth.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/pool.h"

enum {
	/* Characters shaped at once; a glyph's text is shorter than 64 KiB. */
	RUN_MAX = 4096,
	BOX_SIZE = 24,
};

int
shaping_begin(struct shaping *shaping, struct fonts *fonts, struct pool *pool,
    struct render_report *report, struct error *err)
{
	*shaping = (struct shaping){ .fonts = fonts,
		.pool = pool,
		.report = report,
		.buffer = hb_buffer_create() };
	if (!hb_buffer_allocation_successful(shaping->buffer))
		return error_set_memory(err);
	return 0;
}

void
shaping_end(struct shaping *shaping)
{
	hb_buffer_destroy(shaping->buffer);
}

int
shaping_failed(const struct shaping *shaping, struct error *err)
{
	if (shaping->failed || shaping->pool->failed)
		return error_set_memory(err);
	if (shaping->is_too_long)
		return error_set_id(err, "E2295", ERROR_MALFORMED,
		    "the text to print is longer than %d bytes",
		    RENDER_TEXT_MAX);
	return 0;
}

static void
report_missing(struct render_report *report, uint32_t code)
{
	for (size_t i = 0; i < report->missing_count; i++)
		if (report->missing[i] == code)
			return;
	if (report->missing_count == RENDER_MISSING_MAX)
		report->missing_left_out++;
	else
		report->missing[report->missing_count++] = code;
}

/* Marks that turn the direction of reading; they have no place in a letter. */
static bool
turns_direction(uint32_t code)
{
	return (code >= 0x202a && code <= 0x202e) ||
	    (code >= 0x2066 && code <= 0x2069) || code == 0x061c;
}

/* Room in `to`: what stands on the paper for one character. */
static void
put_character(struct shaping *shaping, uint32_t code, struct bytes *to)
{
	uint8_t utf8[8];
	unsigned font;
	int len;

	if (code == '\r')
		return;
	if (code == '\t')
		code = ' ';
	if (code == 0x2028 || code == 0x2029)
		code = '\n';
	/* Joiners, selectors and the like show nothing by themselves. */
	if (!turns_direction(code) &&
	    uc_is_property_default_ignorable_code_point(code))
		return;
	if (turns_direction(code) ||
	    (code != '\n' && !fonts_find(shaping->fonts, code, &font))) {
		report_missing(shaping->report, code);
		bytes_put_format(to, "〔U+%04X〕", (unsigned)code);
		return;
	}
	len = u8_uctomb(utf8, code, sizeof(utf8));
	if (len > 0)
		bytes_put(to, utf8, (size_t)len);
}

/* The next character; broken UTF-8 reads as U+FFFD, one byte at a time. */
static uint32_t
next(const char **at, const char *end)
{
	ucs4_t code = 0;
	int len = u8_mbtouc(&code, (const uint8_t *)*at, (size_t)(end - *at));

	*at += len > 0 ? len : 1;
	return code;
}

const char *
shaping_shown(struct shaping *shaping, const char *text)
{
	const char *end = text + strlen(text);
	struct bytes to = { 0 };
	const char *shown;

	while (text < end && to.len <= RENDER_TEXT_MAX)
		put_character(shaping, next(&text, end), &to);
	shaping->text_len += to.len;
	if (shaping->text_len > RENDER_TEXT_MAX)
		shaping->is_too_long = true;
	shaping->failed = shaping->failed || to.failed;
	shown = shaping->failed || shaping->is_too_long
	    ? ""
	    : pool_text_len(shaping->pool, (const char *)to.data, to.len);
	bytes_free(&to);
	return shown;
}

/* The font of the character at `at`; line ends show as nothing. */
static unsigned
font_at(const struct shaping *shaping, uint32_t code)
{
	unsigned font = 0;

	return fonts_find(shaping->fonts, code, &font) ? font : 0;
}

/* A character's glyphs: infos[i, end) of the buffer. */
struct cluster {
	unsigned first, end;
	size_t at, len; /* of its text */
	uint32_t code;
};

static void
add_cluster(struct shaping *shaping, struct paragraph *paragraph,
    const struct cluster *cluster, unsigned font)
{
	float em = (float)fonts_units_per_em(shaping->fonts, font);
	const hb_glyph_info_t *infos =
	    hb_buffer_get_glyph_infos(shaping->buffer, NULL);
	const hb_glyph_position_t *places =
	    hb_buffer_get_glyph_positions(shaping->buffer, NULL);
	bool is_blank = uc_is_property_white_space(cluster->code);
	bool has_ink = false;

	for (unsigned i = cluster->first; i < cluster->end; i++) {
		struct glyph *glyph =
		    &paragraph->glyphs[paragraph->glyph_count++];

		*glyph = (struct glyph){ .id = infos[i].codepoint,
			.at = (uint32_t)cluster->at,
			.len = i == cluster->first ? (uint16_t)cluster->len : 0,
			.font = (uint8_t)font,
			.is_blank = is_blank,
			.is_wide = uc_width(cluster->code, "BIG5") == 2,
			.advance = (float)places[i].x_advance / em,
			.dx = (float)places[i].x_offset / em,
			.dy = (float)places[i].y_offset / em };
		if (cluster->code == '\n')
			glyph->advance = 0;
		has_ink =
		    has_ink || fonts_has_ink(shaping->fonts, font, glyph->id);
	}
	/* Shaping must not lose what the ink check found. */
	if (!is_blank && !has_ink)
		report_missing(shaping->report, cluster->code);
}

/* Append the glyphs of text[from, to), which is all of one font. */
static void
shape_run(struct shaping *shaping, struct paragraph *paragraph, size_t from,
    size_t to, unsigned font)
{
	const char *end = paragraph->text + to;
	hb_buffer_t *buffer = shaping->buffer;
	const hb_glyph_info_t *infos;
	unsigned count = 0;

	hb_buffer_clear_contents(buffer);
	hb_buffer_add_utf8(buffer, paragraph->text, (int)to, (unsigned)from,
	    (int)(to - from));
	hb_buffer_set_direction(buffer, HB_DIRECTION_LTR);
	hb_buffer_set_script(buffer, HB_SCRIPT_HAN);
	hb_shape(fonts_shaper(shaping->fonts, font), buffer, NULL, 0);
	infos = hb_buffer_get_glyph_infos(buffer, &count);
	if (!hb_buffer_allocation_successful(buffer) ||
	    count > paragraph->glyph_size - paragraph->glyph_count) {
		shaping->failed = true;
		return;
	}
	for (unsigned i = 0; i < count;) {
		struct cluster cluster = { .first = i, .at = infos[i].cluster };
		const char *at = paragraph->text + cluster.at;

		while (i < count && infos[i].cluster == cluster.at)
			i++;
		cluster.end = i;
		cluster.len = (i < count ? infos[i].cluster : to) - cluster.at;
		cluster.code = next(&at, end);
		add_cluster(shaping, paragraph, &cluster, font);
	}
}

static void
shape_all(struct shaping *shaping, struct paragraph *paragraph)
{
	const char *text = paragraph->text;
	const char *end = text + strlen(text);
	const char *at = text;
	const char *from = text;
	unsigned font = 0;
	size_t characters = 0;

	while (at < end) {
		const char *before = at;
		uint32_t code = next(&at, end);
		unsigned wanted = code == '\n' ? font : font_at(shaping, code);

		if (before > from &&
		    (wanted != font ||
			(characters >= RUN_MAX && code > 0xff))) {
			shape_run(shaping, paragraph, (size_t)(from - text),
			    (size_t)(before - text), font);
			from = before;
			characters = 0;
		}
		font = wanted;
		characters++;
	}
	if (end > from)
		shape_run(shaping, paragraph, (size_t)(from - text),
		    (size_t)(end - text), font);
}

/* Where lines may begin and must begin, by Unicode's rules in Chinese text. */
static void
mark_breaks(struct shaping *shaping, struct paragraph *paragraph)
{
	size_t len = strlen(paragraph->text);
	char *breaks = malloc(len + 1);

	if (breaks == NULL) {
		shaping->failed = true;
		return;
	}
	u8_possible_linebreaks((const uint8_t *)paragraph->text, len, "BIG5",
	    breaks);
	for (size_t i = 0; i < paragraph->glyph_count; i++) {
		struct glyph *glyph = &paragraph->glyphs[i];
		char is = breaks[glyph->at];

		if (glyph->len == 0)
			continue;
		glyph->may_begin =
		    is == UC_BREAK_POSSIBLE || is == UC_BREAK_MANDATORY;
		glyph->must_begin = i > 0 &&
		    paragraph->text[paragraph->glyphs[i - 1].at] == '\n';
	}
	free(breaks);
}

/* Cells of a marker: brackets half an em, a digit alone a whole one. */
static void
set_marker_cells(struct paragraph *paragraph)
{
	for (size_t i = 0; i < paragraph->glyph_count; i++) {
		struct glyph *glyph = &paragraph->glyphs[i];
		char c = paragraph->text[glyph->at];

		if (c != '(' && c != ')')
			continue;
		if (c == '(')
			glyph->dx += 0.5F - glyph->advance;
		glyph->advance = 0.5F;
	}
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The marker as the form wants it: （一） is (一), 1、 is １、. */
static const char *
marker_text(struct pool *pool, const char *text)
{
	struct bytes to = { 0 };
	const char *shown;
	char before = ' ';

	for (const char *at = text; *at != '\0'; at++) {
		if (text_starts(at, "（") || text_starts(at, "）")) {
			bytes_put_u8(&to, text_starts(at, "（") ? '(' : ')');
			at += strlen("（") - 1;
		} else if (is_digit(*at) && !is_digit(before) &&
		    !is_digit(at[1])) {
			static const char wide[] = "０１２３４５６７８９";

			bytes_put(&to, wide + 3 * (*at - '0'), 3);
		} else {
			bytes_put_u8(&to, (uint8_t)*at);
		}
		before = *at;
	}
	if (to.failed)
		pool->failed = true;
	shown = to.len == 0 || to.failed
	    ? ""
	    : pool_text_len(pool, (const char *)to.data, to.len);
	bytes_free(&to);
	return shown;
}

void
paragraph_shape(struct shaping *shaping, const char *text,
    enum paragraph_kind kind, struct paragraph *ret_paragraph)
{
	*ret_paragraph = (struct paragraph){ 0 };
	if (kind == PARAGRAPH_MARKER)
		text = marker_text(shaping->pool, text);
	ret_paragraph->text = shaping_shown(shaping, text);
	/* Few characters come apart into more than one glyph. */
	ret_paragraph->glyph_size = 2 *
		u8_mbsnlen((const uint8_t *)ret_paragraph->text,
		    strlen(ret_paragraph->text)) +
	    8;
	ret_paragraph->glyphs = pool_alloc(shaping->pool,
	    ret_paragraph->glyph_size, sizeof(struct glyph));
	if (ret_paragraph->glyphs == NULL)
		return;
	shape_all(shaping, ret_paragraph);
	mark_breaks(shaping, ret_paragraph);
	if (kind == PARAGRAPH_MARKER)
		set_marker_cells(ret_paragraph);
}
