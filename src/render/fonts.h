/*
 * The font files of a renderer: which of them draws a character, its shapes
 * and widths.  Whole files are mapped at the start; nothing is opened later.
 */
#ifndef RENDER_FONTS_H
#define RENDER_FONTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cairo/cairo.h>
#include <hb.h>

#include "base/attr.h"
#include "render/render.h"

struct error;

struct fonts;

int fonts_open(const char *const *paths, size_t count, struct fonts **ret_fonts,
    struct error *err) MUST_CHECK;
void fonts_close(struct fonts *fonts);

size_t fonts_count(const struct fonts *fonts);

/*
 * The first font that has the character, with ink on the paper unless Unicode
 * says that it is blank.  False if none has: the ink check.
 */
bool fonts_find(struct fonts *fonts, uint32_t code, unsigned *ret_font);

/* Lent; its scale is font units. */
hb_font_t *fonts_shaper(const struct fonts *fonts, unsigned font);
double fonts_units_per_em(const struct fonts *fonts, unsigned font);
cairo_font_face_t *fonts_face(const struct fonts *fonts, unsigned font);

/* True if the glyph exists and has an outline. */
bool fonts_has_ink(struct fonts *fonts, unsigned font, uint32_t glyph);

/* Parts of an em above and below the base line, of the first font. */
double fonts_ascent(const struct fonts *fonts);
double fonts_descent(const struct fonts *fonts);

#endif
