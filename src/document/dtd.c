#include "document/dtd.h"

#include <stdlib.h>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/valid.h>

#include "base/error.h"
#include "base/text.h"

struct dtd_set {
	size_t count;
	struct _xmlDtd *dtds[]; /* in the order of dtd_texts */
};

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

static int
compile(struct _xmlDtd *dtd, struct error *err)
{
	xmlValidCtxtPtr context = xmlNewValidCtxt();

	if (context == NULL)
		return error_set_memory(err);
	for (xmlNodePtr at = dtd->children; at != NULL; at = at->next) {
		xmlElementPtr element = (xmlElementPtr)(void *)at;

		if (at->type == XML_ELEMENT_DECL &&
		    element->etype == XML_ELEMENT_TYPE_ELEMENT)
			xmlValidBuildContentModel(context, element);
	}
	xmlFreeValidCtxt(context);
	return 0;
}

int
dtd_set_new(struct dtd_set **ret_set, struct error *err)
{
	struct dtd_set *set;
	size_t count = 0;

	while (dtd_texts[count].name != NULL)
		count++;
	set = calloc(1, sizeof(*set) + count * sizeof(set->dtds[0]));
	if (set == NULL)
		return error_set_memory(err);
	for (; set->count < count; set->count++)
		if (dtd_open(dtd_texts[set->count].name, &set->dtds[set->count],
			err) < 0 ||
		    compile(set->dtds[set->count], err) < 0) {
			dtd_free(set->dtds[set->count]);
			dtd_set_free(set);
			return -1;
		}
	*ret_set = set;
	return 0;
}

void
dtd_set_free(struct dtd_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->count; i++)
		dtd_free(set->dtds[i]);
	free(set);
}

struct _xmlDtd *
dtd_set_find(const struct dtd_set *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (text_equal(dtd_texts[i].name, name))
			return set->dtds[i];
	return NULL;
}
