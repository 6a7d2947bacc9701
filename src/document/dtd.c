#include "document/dtd.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "base/error.h"
#include "base/text.h"

const struct dtd_text *
dtd_find(const char *name)
{
	for (size_t i = 0; dtd_texts[i].name != NULL; i++)
		if (text_equal(dtd_texts[i].name, name))
			return &dtd_texts[i];
	return NULL;
}

static xmlParserInputBufferPtr
buffer_of(const struct dtd_text *text)
{
	return xmlParserInputBufferCreateMem((const char *)text->data,
	    (int)text->len, XML_CHAR_ENCODING_NONE);
}

/* Serves the compiled texts by their names and nothing else. */
static xmlParserInputPtr
load_compiled(const char *url, const char *id, xmlParserCtxtPtr parser)
{
	const struct dtd_text *text = url == NULL ? NULL : dtd_find(url);
	xmlParserInputBufferPtr buffer;
	xmlParserInputPtr input;

	(void)id;
	if (text == NULL || (buffer = buffer_of(text)) == NULL)
		return NULL;
	input = xmlNewIOInputStream(parser, buffer, XML_CHAR_ENCODING_NONE);
	if (input == NULL)
		xmlFreeParserInputBuffer(buffer);
	return input;
}

int
dtd_open(const char *name, struct _xmlDtd **ret_dtd, struct error *err)
{
	const struct dtd_text *text = dtd_find(name);
	xmlExternalEntityLoader before = xmlGetExternalEntityLoader();
	xmlParserInputBufferPtr buffer;
	xmlDtdPtr dtd = NULL;

	if (text == NULL)
		return error_set(err, ERROR_NOT_FOUND, "no DTD %s", name);
	/* libxml2 knows one loader for the whole process: borrow it. */
	xmlSetExternalEntityLoader(load_compiled);
	buffer = buffer_of(text);
	/* Takes the buffer, also on failure. */
	if (buffer != NULL)
		dtd = xmlIOParseDTD(NULL, buffer, XML_CHAR_ENCODING_NONE);
	xmlSetExternalEntityLoader(before);
	if (dtd == NULL)
		return error_set_memory(err);
	*ret_dtd = dtd;
	return 0;
}

void
dtd_free(struct _xmlDtd *dtd)
{
	if (dtd != NULL)
		xmlFreeDtd(dtd);
}
