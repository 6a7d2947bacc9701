#include "render/fonts.h"

#include <stdlib.h>

#include <cairo/cairo-ft.h>
#include <ft2build.h>
#include <unictype.h>
#include FT_FREETYPE_H

#include "base/error.h"

/* What is known of a glyph's outline. */
enum ink { INK_UNKNOWN, INK_NONE, INK_SOME };

struct font {
	hb_blob_t *file; /* mapped; all below read from it */
	hb_face_t *face;
	hb_font_t *shaper;
	FT_Face outlines;
	cairo_font_face_t *drawer;
	uint32_t glyph_count;
	uint8_t *ink; /* enum ink of each glyph */
};

struct fonts {
	FT_Library library;
	struct font items[RENDER_FONTS_MAX];
	size_t count;
};

static const char *const default_paths[] = {
	"/usr/share/fonts/truetype/cns11643/TW-Kai-98_1.ttf",
	"/usr/share/fonts/truetype/cns11643/TW-Kai-Ext-B-98_1.ttf",
	"/usr/share/fonts/truetype/cns11643/TW-Kai-Plus-98_1.ttf",
};

static int
refuse(const char *path, const char *why, struct error *err)
{
	return error_set_id(err, "E1220", ERROR_SYSTEM, "font file %s: %s",
	    path, why);
}

static int
open_outlines(struct fonts *fonts, struct font *font, const char *path,
    struct error *err)
{
	unsigned len = 0;
	const char *data = hb_blob_get_data(font->file, &len);

	/* Glyphs of one file only: a collection would need a number. */
	if (FT_New_Memory_Face(fonts->library, (const FT_Byte *)data,
		(FT_Long)len, 0, &font->outlines) != 0)
		return refuse(path, "it is not a font", err);
	if (!FT_IS_SCALABLE(font->outlines))
		return refuse(path, "it has no outlines", err);
	font->drawer = cairo_ft_font_face_create_for_ft_face(font->outlines,
	    FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP);
	if (cairo_font_face_status(font->drawer) != CAIRO_STATUS_SUCCESS)
		return error_set_memory(err);
	return 0;
}

static int
open_font(struct fonts *fonts, const char *path, struct error *err)
{
	struct font *font = &fonts->items[fonts->count++];

	font->file = hb_blob_create_from_file_or_fail(path);
	if (font->file == NULL)
		return refuse(path, "it cannot be read", err);
	font->face = hb_face_create(font->file, 0);
	font->shaper = hb_font_create(font->face);
	font->glyph_count = hb_face_get_glyph_count(font->face);
	if (font->glyph_count == 0 || hb_face_get_upem(font->face) == 0)
		return refuse(path, "it has no glyphs", err);
	font->ink = calloc(font->glyph_count, 1);
	if (font->ink == NULL)
		return error_set_memory(err);
	return open_outlines(fonts, font, path, err);
}

int
fonts_open(const char *const *paths, size_t count, struct fonts **ret_fonts,
    struct error *err)
{
	struct fonts *fonts = calloc(1, sizeof(*fonts));

	if (fonts == NULL)
		return error_set_memory(err);
	if (paths == NULL) {
		paths = default_paths;
		count = ARRAY_LEN(default_paths);
	}
	if (count == 0 || count > RENDER_FONTS_MAX) {
		error_set_id(err, "E1220", ERROR_SYSTEM,
		    "%zu font files are named, 1 to %d can be used", count,
		    RENDER_FONTS_MAX);
		goto failed;
	}
	if (FT_Init_FreeType(&fonts->library) != 0) {
		error_set_memory(err);
		goto failed;
	}
	for (size_t i = 0; i < count; i++)
		if (open_font(fonts, paths[i], err) < 0)
			goto failed;
	*ret_fonts = fonts;
	return 0;
failed:
	fonts_close(fonts);
	return -1;
}

static void
close_font(struct font *font)
{
	cairo_font_face_destroy(font->drawer);
	if (font->outlines != NULL)
		FT_Done_Face(font->outlines);
	hb_font_destroy(font->shaper);
	hb_face_destroy(font->face);
	hb_blob_destroy(font->file);
	free(font->ink);
}

void
fonts_close(struct fonts *fonts)
{
	if (fonts == NULL)
		return;
	/* Scaled fonts that cairo keeps for later still use the outlines. */
	for (size_t i = 0; i < fonts->count; i++)
		close_font(&fonts->items[i]);
	if (fonts->library != NULL)
		FT_Done_FreeType(fonts->library);
	free(fonts);
}

size_t
fonts_count(const struct fonts *fonts)
{
	return fonts->count;
}

hb_font_t *
fonts_shaper(const struct fonts *fonts, unsigned font)
{
	return fonts->items[font].shaper;
}

double
fonts_units_per_em(const struct fonts *fonts, unsigned font)
{
	return hb_face_get_upem(fonts->items[font].face);
}

cairo_font_face_t *
fonts_face(const struct fonts *fonts, unsigned font)
{
	return fonts->items[font].drawer;
}

bool
fonts_has_ink(struct fonts *fonts, unsigned font, uint32_t glyph)
{
	struct font *at = &fonts->items[font];
	hb_glyph_extents_t box = { 0 };

	if (glyph == 0 || glyph >= at->glyph_count)
		return false;
	if (at->ink[glyph] == INK_UNKNOWN) {
		bool has = hb_font_get_glyph_extents(at->shaper, glyph, &box) &&
		    box.width != 0 && box.height != 0;

		at->ink[glyph] = has ? INK_SOME : INK_NONE;
	}
	return at->ink[glyph] == INK_SOME;
}

bool
fonts_find(struct fonts *fonts, uint32_t code, unsigned *ret_font)
{
	bool is_blank = uc_is_property_white_space(code);

	for (unsigned i = 0; i < fonts->count; i++) {
		hb_codepoint_t glyph = 0;

		if (!hb_font_get_nominal_glyph(fonts->items[i].shaper, code,
			&glyph) ||
		    glyph == 0)
			continue;
		if (is_blank || fonts_has_ink(fonts, i, glyph)) {
			*ret_font = i;
			return true;
		}
	}
	return false;
}

static hb_font_extents_t
extents(const struct fonts *fonts)
{
	hb_font_extents_t extents = { 0 };

	hb_font_get_h_extents(fonts->items[0].shaper, &extents);
	return extents;
}

double
fonts_ascent(const struct fonts *fonts)
{
	return extents(fonts).ascender / fonts_units_per_em(fonts, 0);
}

double
fonts_descent(const struct fonts *fonts)
{
	return -extents(fonts).descender / fonts_units_per_em(fonts, 0);
}
