/*
 * What cairo has no call for: the language of the text, and that a window
 * shows the title, in the catalog of a PDF that cairo wrote.
 */
#ifndef RENDER_PDF_CATALOG_H
#define RENDER_PDF_CATALOG_H

#include <stddef.h>

#include "base/attr.h"

struct bytes;
struct error;

/*
 * Mend the PDF that begins at to->data[start] and ends with `to`.  Fails with
 * ERROR_SYSTEM if it is not laid out as cairo does.
 */
int pdf_catalog_mend(struct bytes *to, size_t start,
    struct error *err) MUST_CHECK;

#endif
