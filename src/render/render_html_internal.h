/*
 * What scripts/embed-xsl makes of data/xsl/.
 */
#ifndef RENDER_RENDER_HTML_INTERNAL_H
#define RENDER_RENDER_HTML_INTERNAL_H

#include <stddef.h>

#include "render/render_html.h"

extern const unsigned char render_html_sheet[];
extern const size_t render_html_sheet_len;

#endif
