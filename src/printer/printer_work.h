/*
 * What a copy of the printer does with one document: read the request's files
 * and append the page.  A pure function of bytes, called in a process that can
 * do nothing else; tests call it directly.
 */
#ifndef PRINTER_PRINTER_WORK_H
#define PRINTER_PRINTER_WORK_H

#include "base/attr.h"
#include "base/error.h"
#include "role/message.h"

struct bytes;
struct dtd_set;
struct render_html;
struct renderer;

/* Prepared before the sandbox closes, in every copy. */
struct printer_tools {
	struct dtd_set *dtds;
	struct render_html *html;
	struct renderer *paper; /* NULL: `no_paper` tells why */
	struct error no_paper;
};

/* Whatever is missing is made up for by `no_paper`, but memory. */
int printer_tools_open(struct printer_tools *tools,
    struct error *err) MUST_CHECK;
void printer_tools_close(struct printer_tools *tools);

/*
 * Append the body of a message_rendered.  What can be read is shown, findings
 * or not: whether a document may be sent is the reader's to say.  Fails with
 * the document's gravest finding when it cannot be read, and as render_pdf()
 * and render_html_put() do.
 */
int printer_render(const struct printer_tools *tools,
    const struct message_render *request, struct bytes *answer,
    struct error *err) MUST_CHECK;

#endif
