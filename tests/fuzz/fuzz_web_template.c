/*
 * Data of anybody in a template of ours: whatever a text holds, no markup comes
 * of it.  The input is the text; behind the first NUL of it, a template, which
 * must be filled or refused.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/listener/web_template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct json_document *
document_of(const char *text, size_t len)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct json_document *document = NULL;
	struct error err = { 0 };

	json_write_begin_object(&writer, NULL);
	json_write_text_len(&writer, "text", text, len);
	json_write_begin_array(&writer, "list");
	json_write_begin_object(&writer, NULL);
	json_write_text_len(&writer, "item", text, len);
	json_write_end(&writer);
	json_write_end(&writer);
	json_write_end(&writer);
	if (json_write_done(&writer, &err) < 0 ||
	    json_read(json.data, json.len, 1 << 24, &document, &err) < 0)
		document = NULL;
	bytes_free(&json);
	return document;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char template[] =
	    "[[#text]]\"[[text]]\"[[/]][[#list]]([[item]])[[/]][[^text]]-[[/]]";
	const uint8_t *nul = len > 0 ? memchr(data, 0, len) : NULL;
	size_t text_len = nul != NULL ? (size_t)(nul - data) : len;
	struct json_document *document;
	struct bytes page = { 0 };
	struct error err = { 0 };

	if (!text_is_utf8(data, text_len))
		return 0;
	document = document_of((const char *)data, text_len);
	if (document == NULL)
		return 0;
	if (web_template_fill(template, sizeof(template) - 1,
		json_root(document), &page, &err) < 0)
		abort();
	if (page.len > 0 &&
	    (memchr(page.data, '<', page.len) != NULL ||
		memchr(page.data, '>', page.len) != NULL))
		abort();
	bytes_clear(&page);
	if (nul != NULL &&
	    web_template_fill(nul + 1, len - text_len - 1, json_root(document),
		&page, &err) < 0 &&
	    err.code != ERROR_SYSTEM)
		abort();
	bytes_free(&page);
	json_document_free(document);
	return 0;
}
