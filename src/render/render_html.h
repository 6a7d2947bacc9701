/*
 * Official documents as an HTML page to read on screen and to print: without
 * scripts, readable at 320 px, with the numbers of the printed letter.
 *
 * The page is whole: its style stands in it, and its Content-Security-Policy
 * allows this style by digest and nothing else, so that it is the same served
 * or saved to a file.  libxslt makes it from data/xsl/letter.xsl and the tree
 * of render_tree.h, which was built from what document_check() read; libxslt
 * itself loads, reads and writes nothing (security.md 3.5, T-WEB-03..05).
 */
#ifndef RENDER_RENDER_HTML_H
#define RENDER_RENDER_HTML_H

#include "base/attr.h"

struct bytes;
struct error;
struct render_input;
struct render_options;

enum { RENDER_HTML_MAX = 64 * 1024 * 1024 };

struct render_html;

/*
 * Take the stylesheet in: once, before the sandbox closes.  It is then only
 * read, so it may be in many copies of a process.
 */
int render_html_new(struct render_html **ret_html,
    struct error *err) MUST_CHECK;
void render_html_free(struct render_html *html);

/*
 * Append the page.  Fails with E2297 when the document cannot be shown or the
 * page would be longer than RENDER_HTML_MAX, and with ERROR_BUSY when memory
 * ran out; then `to` holds nothing more than before.
 */
int render_html_put(const struct render_html *html,
    const struct render_input *input, const struct render_options *options,
    struct bytes *to, struct error *err) MUST_CHECK;

/* For the header Content-Security-Policy of who serves a page. */
extern const char render_html_policy[];

/* The one style that it allows, as a policy names it: 'sha256-...'. */
extern const char render_html_style[];

#endif
