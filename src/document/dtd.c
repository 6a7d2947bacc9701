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

int
dtd_open(const char *name, struct _xmlDtd **ret_dtd, struct error *err)
{
	const struct dtd_text *text = dtd_find(name);
	xmlParserInputBufferPtr buffer;
	xmlDtdPtr dtd;

	if (text == NULL)
		return error_set(err, ERROR_NOT_FOUND, "no DTD %s", name);
	buffer = xmlParserInputBufferCreateMem((const char *)text->data,
	    (int)text->len, XML_CHAR_ENCODING_NONE);
	if (buffer == NULL)
		return error_set_memory(err);
	/* Takes the buffer, also on failure. */
	dtd = xmlIOParseDTD(NULL, buffer, XML_CHAR_ENCODING_NONE);
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
