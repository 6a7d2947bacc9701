/*
 * Lines and pages by number: widths of markers, where lines may begin, what
 * stays together, what no font has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "document/pool.h"
#include "render/flow.h"

struct fixture {
	struct fonts *fonts;
	struct pool pool;
	struct render_report report;
	struct shaping shaping;
};

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct error err = { 0 };

	assert_non_null(fixture);
	assert_int_equal(fonts_open(NULL, 0, &fixture->fonts, &err), 0);
	assert_int_equal(shaping_begin(&fixture->shaping, fixture->fonts,
			     &fixture->pool, &fixture->report, &err),
	    0);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	shaping_end(&fixture->shaping);
	pool_free(&fixture->pool);
	fonts_close(fixture->fonts);
	free(fixture);
	return 0;
}

static float
marker_width(struct fixture *fixture, const char *text)
{
	struct paragraph marker;

	paragraph_shape(&fixture->shaping, text, PARAGRAPH_MARKER, &marker);
	return paragraph_width(&marker);
}

static void
markers_are_two_em_wide(void **state)
{
	static const char *const markers[] = { "一、", "十、", "(一)", "（二）",
		"1、", "９、", "12、", "(1)", "（2）", "(13)", "甲、", "(甲)" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(markers); i++)
		assert_float_equal(marker_width(fixture, markers[i]), 2.0F,
		    0.0001F);
	/* What cannot be: never squeezed. */
	assert_float_equal(marker_width(fixture, "十一、"), 3.0F, 0.0001F);
	assert_float_equal(marker_width(fixture, "(十一)"), 3.0F, 0.0001F);
}

static struct paragraph
broken(struct fixture *fixture, const char *text, float width)
{
	struct paragraph paragraph;

	paragraph_shape(&fixture->shaping, text, PARAGRAPH_TEXT, &paragraph);
	paragraph_break(&fixture->shaping, &paragraph, width, true);
	return paragraph;
}

/* The text of a line; the pool's. */
static const char *
line_text(struct fixture *fixture, const struct paragraph *paragraph,
    size_t line)
{
	size_t first = paragraph->lines[line].first;
	size_t end = paragraph->lines[line].end;
	size_t from = paragraph->glyphs[first].at;
	size_t to = end < paragraph->glyph_count ? paragraph->glyphs[end].at
						 : strlen(paragraph->text);

	return pool_text_len(&fixture->pool, paragraph->text + from, to - from);
}

static void
assert_lines(struct fixture *fixture, const char *text, float width,
    const char *const *lines)
{
	struct paragraph paragraph = broken(fixture, text, width);
	size_t count = 0;

	while (lines[count] != NULL)
		count++;
	assert_int_equal(paragraph.line_count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(line_text(fixture, &paragraph, i),
		    lines[i]);
}

static void
no_line_begins_with_a_closing_mark(void **state)
{
	static const char *const comma[] = { "甲乙丙", "丁，戊己", NULL };
	static const char *const quote[] = { "甲乙丙", "「丁」", NULL };
	static const char *const dots[] = { "甲乙", "丙……丁", NULL };

	assert_lines(*state, "甲乙丙丁，戊己", 4, comma);
	assert_lines(*state, "甲乙丙「丁」", 4, quote);
	assert_lines(*state, "甲乙丙……丁", 4, dots);
	assert_lines(*state, "甲乙丙丁", 4,
	    (const char *[]){ "甲乙丙丁", NULL });
}

static void
numbers_and_words_stay_whole(void **state)
{
	static const char *const number[] = { "文號第", "1150012345", "號",
		NULL };
	static const char *const word[] = { "見 ", "Exchange ", "一", NULL };
	static const char *const cut[] = { "WWWWW", "WWWWW", "W", NULL };

	assert_lines(*state, "文號第1150012345號", 5, number);
	assert_lines(*state, "見 Exchange 一", 4.2F, word);
	/* But a word longer than a line is cut. */
	assert_lines(*state, "WWWWWWWWWWW", 3.7F, cut);
}

static void
line_ends_of_the_text_are_kept(void **state)
{
	static const char *const lines[] = { "甲\n", "乙丙", NULL };

	assert_lines(*state, "甲\r\n乙丙", 9, lines);
}

/* A full line reaches the right edge; the last one does not. */
static void
full_lines_are_spread(void **state)
{
	struct paragraph paragraph =
	    broken(*state, "一二三四五六七八九十，一", 10.5F);
	float width = 0;

	assert_int_equal(paragraph.line_count, 2);
	for (size_t i = 0; i < paragraph.lines[0].end; i++)
		width += paragraph_advance(&paragraph, &paragraph.lines[0], i);
	assert_float_equal(width, 10.5F, 0.001F);
	assert_true(paragraph.lines[1].spread <= 0);
}

static void
what_no_font_has_becomes_its_number(void **state)
{
	struct fixture *fixture = *state;
	struct paragraph paragraph;

	/* Missing, missing on plane 2, twice; a mark that turns direction. */
	paragraph_shape(&fixture->shaping,
	    "\u9fc3甲\U00030ede\u9fc3\u202e乙\u200b丙", PARAGRAPH_TEXT,
	    &paragraph);
	assert_string_equal(paragraph.text,
	    "〔U+9FC3〕甲〔U+30EDE〕〔U+9FC3〕〔U+202E〕乙丙");
	assert_int_equal(fixture->report.missing_count, 3);
	assert_int_equal(fixture->report.missing[0], 0x9fc3);
	assert_int_equal(fixture->report.missing[1], 0x30ede);
	assert_int_equal(fixture->report.missing[2], 0x202e);
}

/* The font that Word would have taken has these without ink. */
static void
rare_characters_have_ink(void **state)
{
	struct fixture *fixture = *state;
	struct paragraph paragraph;

	paragraph_shape(&fixture->shaping, "䶮㖞㘎堃犇喆𠀀𪜀𨑨", PARAGRAPH_TEXT,
	    &paragraph);
	assert_int_equal(fixture->report.missing_count, 0);
	assert_int_equal(paragraph.glyph_count, 9);
	for (size_t i = 0; i < paragraph.glyph_count; i++)
		assert_true(fonts_has_ink(fixture->fonts,
		    paragraph.glyphs[i].font, paragraph.glyphs[i].id));
	assert_int_equal(paragraph.glyphs[0].font, 0);
	assert_int_equal(paragraph.glyphs[6].font, 1);
}

/* Glyphs of the third font that are there but empty count as missing. */
static void
a_glyph_without_ink_is_missing(void **state)
{
	struct fixture *fixture = *state;
	size_t empty = 0;
	unsigned font;

	for (uint32_t code = 0xf0000; code < 0xfffff; code++) {
		hb_codepoint_t glyph = 0;

		if (!hb_font_get_nominal_glyph(fonts_shaper(fixture->fonts, 2),
			code, &glyph) ||
		    fonts_has_ink(fixture->fonts, 2, glyph))
			continue;
		empty++;
		assert_false(fonts_find(fixture->fonts, code, &font));
	}
	assert_true(empty > 0);
	/* A blank is meant to be one. */
	assert_true(fonts_find(fixture->fonts, 0x3000, &font));
}

static void
broken_text_is_drawn_too(void **state)
{
	struct fixture *fixture = *state;
	struct paragraph paragraph;
	struct error err = { 0 };

	paragraph_shape(&fixture->shaping, "a\xff\xc3z\x01", PARAGRAPH_TEXT,
	    &paragraph);
	assert_int_equal(shaping_failed(&fixture->shaping, &err), 0);
	assert_string_equal(paragraph.text, "a\ufffd\ufffdz〔U+0001〕");
}

/* ---- pages ----------------------------------------------------------- */

enum { LINE = 20 };

static void
add(struct flow *flow, const char *label, const char *text, bool with_next)
{
	struct block block = { .label = label,
		.text = text,
		.size = 10,
		.pitch = LINE,
		.with_next = with_next };

	flow_add(flow, &block);
}

static void
lay_out(struct fixture *fixture, struct flow *flow)
{
	struct error err = { 0 };

	assert_int_equal(flow_lay_out(flow, &fixture->shaping, &err), 0);
}

static void
a_label_goes_with_what_follows(void **state)
{
	struct flow flow = { .width = 100, .height = 3 * LINE };

	add(&flow, "", "一", false);
	add(&flow, "", "二", false);
	add(&flow, "說明：", "", true);
	add(&flow, "一、", "三", false);
	lay_out(*state, &flow);
	assert_int_equal(flow.page_count, 2);
	assert_int_equal(flow.placed[1].page, 0);
	assert_int_equal(flow.placed[2].page, 1);
	assert_string_equal(flow.placed[2].block->label, "說明：");
	assert_int_equal(flow.placed[3].page, 1);
	flow_free(&flow);
}

/* Ten characters a line: 25 are three lines, 45 five. */
static const char text_25[] =
    "一二三四五六七八九十一二三四五六七八九十一二三四五";
static const char text_45[] =
    "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
    "一二三四五六七八九十一二三四五";

static void
no_line_stands_alone(void **state)
{
	struct flow flow = { .width = 100, .height = 4 * LINE };

	add(&flow, "", "甲", false);
	add(&flow, "", text_45, false);
	add(&flow, "", text_25, false);
	lay_out(*state, &flow);
	/* 甲 and three; two; the three cannot be cut, and fit no more. */
	assert_int_equal(flow.page_count, 3);
	assert_int_equal(flow.placed[3].page, 0);
	assert_int_equal(flow.placed[4].page, 1);
	assert_int_equal(flow.placed[5].page, 1);
	assert_int_equal(flow.placed[6].page, 2);
	assert_int_equal(flow.placed[8].page, 2);
	flow_free(&flow);
}

/* The rules at every height of page, and nothing lost or out of order. */
static void
the_rules_hold_at_every_height(void **state)
{
	for (int height = 4 * LINE; height < 30 * LINE; height += 7) {
		struct flow flow = { .width = 100, .height = height };
		size_t at = 0;

		for (int i = 0; i < 12; i++) {
			add(&flow, "說明：", "", true);
			add(&flow, "一、", i % 3 == 0 ? text_45 : "甲", false);
			add(&flow, "二、", text_25, false);
		}
		lay_out(*state, &flow);
		for (size_t i = 0; i < flow.block_count; i++) {
			const struct block *block = &flow.blocks[i];
			size_t count = block->body.line_count;
			const struct placed *placed = &flow.placed[at];

			count = count > 0 ? count : 1;
			for (size_t line = 0; line < count; line++, at++) {
				assert_ptr_equal(placed[line].block, block);
				assert_int_equal(placed[line].line, line);
				assert_true(
				    placed[line].top + LINE <= height + 0.1);
			}
			if (count > 1) {
				assert_int_equal(placed[0].page,
				    placed[1].page);
				assert_int_equal(placed[count - 1].page,
				    placed[count - 2].page);
			}
			if (block->with_next)
				assert_int_equal(placed[0].page,
				    placed[1].page);
		}
		assert_int_equal(at, flow.placed_count);
		flow_free(&flow);
	}
}

/* The label hangs; one as long as the line goes before the text. */
static void
text_stands_behind_its_label(void **state)
{
	struct flow flow = { .width = 200, .height = 30 * LINE };

	add(&flow, "主旨：", text_25, false);
	add(&flow, "一二三四五六七八九十一二：", text_25, false);
	add(&flow, "", text_25, false);
	flow.blocks[0].label_em = 4;
	lay_out(*state, &flow);
	assert_float_equal(flow.blocks[0].text_x, 40, 0.001);
	assert_float_equal(flow.blocks[0].text_width, 160, 0.001);
	assert_float_equal(flow.blocks[1].text_x, 0, 0.001);
	assert_true(strncmp(flow.blocks[1].body.text, "一二三", 9) == 0);
	assert_int_equal(flow.blocks[1].body.line_count, 2);
	assert_float_equal(flow.blocks[2].text_x, 0, 0.001);
	flow_free(&flow);
}

static void
what_cannot_stay_together_is_cut(void **state)
{
	struct flow flow = { .width = 100, .height = 2 * LINE };

	for (int i = 0; i < 9; i++)
		add(&flow, "說明：", "", true);
	lay_out(*state, &flow);
	assert_int_equal(flow.page_count, 5);
	flow_free(&flow);
}

static void
too_many_pages_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct flow flow = { .width = 100, .height = 2 * LINE };
	struct error err = { 0 };

	for (int i = 0; i < 2 * RENDER_PAGES_MAX + 1; i++)
		add(&flow, "", "甲", false);
	assert_int_equal(flow_lay_out(&flow, &fixture->shaping, &err), -1);
	assert_string_equal(err.id, "E2295");
	assert_int_equal(err.code, ERROR_MALFORMED);
	flow_free(&flow);
}

/* Blanks, marks without end: no more work than for other text. */
static void
long_runs_of_anything_are_laid_out(void **state)
{
	static const char *const runs[] = { " ", "　", "a", "\u0301", "、",
		"（", "甲", "\n", "1" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		size_t len = strlen(runs[i]);
		size_t count = 100000;
		char *text = malloc(len * count + 7);
		struct paragraph paragraph;
		size_t covered = 0;

		assert_non_null(text);
		memcpy(text, "甲", 3);
		for (size_t j = 0; j < count; j++)
			memcpy(text + 3 + j * len, runs[i], len);
		memcpy(text + 3 + count * len, "乙", 4);
		paragraph = broken(fixture, text, 25);
		for (size_t j = 0; j < paragraph.line_count; j++) {
			const struct line *line = &paragraph.lines[j];

			assert_int_equal(line->first, covered);
			assert_true(line->end > line->first);
			assert_true(line->width <= 26);
			covered = line->end;
		}
		assert_int_equal(covered, paragraph.glyph_count);
		free(text);
	}
}

static void
too_much_text_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct error err = { 0 };
	size_t len = RENDER_TEXT_MAX / 4 + 1;
	char *text = malloc(len + 1);
	struct paragraph paragraph;

	assert_non_null(text);
	memset(text, 'a', len);
	text[len] = '\0';
	for (int i = 0; i < 3; i++)
		paragraph_shape(&fixture->shaping, text, PARAGRAPH_TEXT,
		    &paragraph);
	assert_int_equal(shaping_failed(&fixture->shaping, &err), 0);
	paragraph_shape(&fixture->shaping, text, PARAGRAPH_TEXT, &paragraph);
	assert_int_equal(shaping_failed(&fixture->shaping, &err), -1);
	assert_string_equal(err.id, "E2295");
	free(text);
}

static void
a_missing_font_is_named(void **state)
{
	static const char *const missing[] = { "/nowhere/kai.ttf" };
	static const char *const no_font[] = { "/proc/self/status" };
	struct fonts *fonts = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(fonts_open(missing, 1, &fonts, &err), -1);
	assert_string_equal(err.id, "E1220");
	assert_non_null(strstr(err.text, "/nowhere/kai.ttf"));
	assert_int_equal(fonts_open(no_font, 1, &fonts, &err), -1);
	assert_string_equal(err.id, "E1220");
	assert_int_equal(fonts_open(missing, 0, &fonts, &err), -1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(markers_are_two_em_wide),
		TEST(no_line_begins_with_a_closing_mark),
		TEST(numbers_and_words_stay_whole),
		TEST(line_ends_of_the_text_are_kept),
		TEST(full_lines_are_spread),
		TEST(what_no_font_has_becomes_its_number),
		TEST(rare_characters_have_ink),
		TEST(a_glyph_without_ink_is_missing),
		TEST(broken_text_is_drawn_too),
		TEST(a_label_goes_with_what_follows),
		TEST(no_line_stands_alone),
		TEST(the_rules_hold_at_every_height),
		TEST(text_stands_behind_its_label),
		TEST(what_cannot_stay_together_is_cut),
		TEST(too_many_pages_are_refused),
		TEST(long_runs_of_anything_are_laid_out),
		TEST(too_much_text_is_refused),
		TEST(a_missing_font_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
