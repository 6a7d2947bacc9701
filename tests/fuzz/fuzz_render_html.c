/*
 * A letter as anybody may write it, through the check into a page: nothing of
 * it may become markup.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "document/document.h"
#include "render/render.h"
#include "render/render_html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Elements that the stylesheet never makes. */
static void
check(const struct bytes *page)
{
	static const char *const never[] = { "<script", "<img", "<iframe",
		"<object", "<a ", "<form", " style=", " onload=" };
	const char *text = (const char *)page->data;

	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		const char *found = strstr(text, never[i]);

		/* An attribute's name in a text has no tag around it. */
		while (found != NULL && never[i][0] == ' ') {
			const char *open = found;

			while (open > text && *open != '<' && *open != '>')
				open--;
			if (*open == '<')
				break;
			found = strstr(found + 1, never[i]);
		}
		if (found != NULL)
			abort();
	}
	if (strstr(strstr(text, "</style>") + 1, "</style>") != NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct render_options options = { .recipient = NULL };
	static struct render_html *html;
	struct document_input file = { "1.di", DOCUMENT_DI, data, len };
	struct document_report *report = NULL;
	struct bytes page = { 0 };
	struct error err = { 0 };

	if (html == NULL && render_html_new(&html, &err) < 0)
		abort();
	if (document_check(&file, 1, NULL, &report, &err) < 0)
		abort();
	if (report->document != NULL) {
		const struct render_input input = { .document =
							report->document };

		if (render_html_put(html, &input, &options, &page, &err) == 0) {
			bytes_put_u8(&page, '\0');
			check(&page);
		}
	}
	bytes_free(&page);
	document_report_free(report);
	return 0;
}
