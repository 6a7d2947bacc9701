#include "render/render.h"

#include <libxslt/documents.h>
#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/xsltInternals.h>
#include <libxslt/xsltutils.h>
#include <stdlib.h>

#include <libxml/parser.h>

#include "base/bytes.h"
#include "base/error.h"
#include "render/render_html_internal.h"
#include "render/render_tree.h"

struct render_html {
	xsltStylesheetPtr sheet;
	xsltSecurityPrefsPtr nothing; /* is allowed */
};

/* No file is ever an answer: not to document(), include or import. */
static xmlDocPtr
refuse_load(const xmlChar *uri, xmlDictPtr dict, int options, void *ctx,
    xsltLoadType type)
{
	(void)uri;
	(void)dict;
	(void)options;
	(void)ctx;
	(void)type;
	return NULL;
}

PRINTF_LIKE(2, 3)
static void
say_nothing(void *ctx, const char *fmt, ...)
{
	(void)ctx;
	(void)fmt;
}

static xsltSecurityPrefsPtr
forbid_all(void)
{
	static const xsltSecurityOption options[] = { XSLT_SECPREF_READ_FILE,
		XSLT_SECPREF_WRITE_FILE, XSLT_SECPREF_CREATE_DIRECTORY,
		XSLT_SECPREF_READ_NETWORK, XSLT_SECPREF_WRITE_NETWORK };
	xsltSecurityPrefsPtr prefs = xsltNewSecurityPrefs();

	for (size_t i = 0;
	     prefs != NULL && i < sizeof(options) / sizeof(options[0]); i++) {
		if (xsltSetSecurityPrefs(prefs, options[i],
			xsltSecurityForbid) < 0) {
			xsltFreeSecurityPrefs(prefs);
			return NULL;
		}
	}
	return prefs;
}

int
render_html_new(struct render_html **ret_html, struct error *err)
{
	struct render_html *html = calloc(1, sizeof(*html));
	xmlDocPtr doc;

	if (html == NULL)
		return error_set_memory(err);
	xsltSetLoaderFunc(refuse_load);
	xsltSetGenericErrorFunc(NULL, say_nothing);
	html->nothing = forbid_all();
	doc = xmlReadMemory((const char *)render_html_sheet,
	    (int)render_html_sheet_len, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR);
	/* The stylesheet keeps the document, unless it refuses it. */
	if (doc != NULL)
		html->sheet = xsltParseStylesheetDoc(doc);
	if (doc != NULL && html->sheet == NULL)
		xmlFreeDoc(doc);
	if (html->nothing == NULL || html->sheet == NULL) {
		render_html_free(html);
		return error_set(err, ERROR_SYSTEM,
		    "the stylesheet of the reading view is broken");
	}
	*ret_html = html;
	return 0;
}

void
render_html_free(struct render_html *html)
{
	if (html == NULL)
		return;
	if (html->sheet != NULL)
		xsltFreeStylesheet(html->sheet);
	if (html->nothing != NULL)
		xsltFreeSecurityPrefs(html->nothing);
	free(html);
}

/* The page as a tree; NULL if it cannot be made. */
static xmlDocPtr
transform(const struct render_html *html, xmlDocPtr source, struct error *err)
{
	xsltTransformContextPtr ctxt =
	    xsltNewTransformContext(html->sheet, source);
	xmlDocPtr page = NULL;

	if (ctxt == NULL || xsltSetCtxtSecurityPrefs(html->nothing, ctxt) < 0) {
		error_set_memory(err);
	} else {
		xsltSetTransformErrorFunc(ctxt, NULL, say_nothing);
		page = xsltApplyStylesheetUser(html->sheet, source, NULL, NULL,
		    NULL, ctxt);
		if (page != NULL && ctxt->state != XSLT_STATE_OK) {
			xmlFreeDoc(page);
			page = NULL;
		}
		if (page == NULL)
			error_set_id(err, "E2297", ERROR_MALFORMED,
			    "the reading view could not be made");
	}
	if (ctxt != NULL)
		xsltFreeTransformContext(ctxt);
	return page;
}

static int
put_page(const struct render_html *html, xmlDocPtr page, struct bytes *to,
    struct error *err)
{
	xmlChar *text = NULL;
	int len = 0;

	if (xsltSaveResultToString(&text, &len, page, html->sheet) < 0 ||
	    text == NULL)
		return error_set_memory(err);
	if (len > RENDER_HTML_MAX) {
		xmlFree(text);
		return error_set_id(err, "E2297", ERROR_MALFORMED,
		    "the reading view has %d bytes, more than %d", len,
		    RENDER_HTML_MAX);
	}
	/* libxslt knows only the document types of HTML 4. */
	bytes_put_text(to, "<!DOCTYPE html>\n");
	bytes_put(to, text, (size_t)len);
	xmlFree(text);
	return bytes_failed(to, err);
}

int
render_html_put(const struct render_html *html,
    const struct render_input *input, const struct render_options *options,
    struct bytes *to, struct error *err)
{
	xmlDocPtr source = NULL;
	xmlDocPtr page = NULL;
	int rc = -1;

	if (render_tree_new(input, options, &source, err) < 0)
		return -1;
	page = transform(html, source, err);
	if (page != NULL)
		rc = put_page(html, page, to, err);
	if (page != NULL)
		xmlFreeDoc(page);
	xmlFreeDoc(source);
	return rc;
}
