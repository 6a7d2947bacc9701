#include "document/xml_file.h"

#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/valid.h>
#include <libxml/xmlerror.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/dtd.h"
#include "document/finding.h"
#include "document/pool.h"
#include "document/prescan.h"
#include "document/xml_decode.h"
#include "document/xml_internal.h"

static const xmlChar *
xml_chars(const char *text)
{
	return (const xmlChar *)text;
}

static void
report_at(struct xml_file *file, unsigned line, unsigned column,
    const char *rule, const char *argument)
{
	struct finding_place place = { .file = file->name,
		.line = line,
		.column = column };

	findings_add(file->findings, &place, rule, argument);
}

/* The parser stops at its first fatal error; warnings do not count. */
static void
on_parse_error(void *data, XML_ERROR_CONST xmlError *error)
{
	struct xml_file *file = data;
	char text[FINDING_TEXT_MAX];
	size_t len;

	if (error->level < XML_ERR_ERROR || error->message == NULL)
		return;
	len = strcspn(error->message, "\n");
	/* A message quotes the file, but may cut a character in two. */
	if (!text_copy_len(text, sizeof(text), error->message, len) ||
	    !text_is_utf8(text, len))
		text[0] = '\0';
	report_at(file, error->line > 0 ? (unsigned)error->line : 0,
	    error->int2 > 0 ? (unsigned)error->int2 : 0, "E2005", text);
}

/* Blank what stands before the root; line breaks stay for the line numbers. */
static void
blank(uint8_t *data, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++)
		if (data[i] != '\n' && data[i] != '\r')
			data[i] = ' ';
}

static int
put_declarations(struct xml_file *file, struct error *err)
{
	const struct prolog *prolog = &file->prolog;
	xmlDtdPtr subset = xmlCreateIntSubset(file->doc,
	    xml_chars(prolog->root), NULL, xml_chars(prolog->system_id));

	if (subset == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < prolog->notation_count; i++)
		if (xmlAddNotationDecl(NULL, subset,
			xml_chars(prolog->notations[i]), NULL,
			xml_chars("")) == NULL)
			return error_set_memory(err);
	for (size_t i = 0; i < prolog->entity_count; i++) {
		const struct prolog_entity *entity = &prolog->entities[i];

		if (xmlAddDocEntity(file->doc, xml_chars(entity->name),
			XML_EXTERNAL_GENERAL_UNPARSED_ENTITY, NULL,
			xml_chars(entity->file),
			xml_chars(entity->notation)) == NULL)
			return error_set_memory(err);
	}
	return 0;
}

/* Parse bytes that passed the pre-scan; `data` is ours to change. */
static int
parse(struct xml_file *file, uint8_t *data, size_t len, struct error *err)
{
	size_t errors = file->findings->error_total;
	xmlParserCtxtPtr parser = xmlNewParserCtxt();
	struct xml_errors errors_before;

	if (parser == NULL)
		return error_set_memory(err);
	blank(data, file->prolog.doctype_begin, file->prolog.doctype_end);
	xml_errors_catch(&errors_before, on_parse_error, file);
	file->doc = xmlCtxtReadMemory(parser, (const char *)data, (int)len,
	    NULL, "UTF-8",
	    XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES |
		XML_PARSE_COMPACT);
	xml_errors_restore(&errors_before);
	xmlFreeParserCtxt(parser);
	if (file->findings->error_total > errors)
		return 0;
	if (file->doc == NULL)
		return error_set_memory(err);
	/* Without a DOCTYPE there is nothing that it would have to fit. */
	if (*file->prolog.root == '\0')
		file->prolog.root =
		    pool_text(file->pool, xml_name(xml_file_root(file)));
	if (!xml_is(xml_file_root(file), file->prolog.root)) {
		xml_report(file, xml_file_root(file), "E2023",
		    (const char *)xml_file_root(file)->name);
		return 0;
	}
	if (xml_places_set(file, data, len, err) < 0)
		return -1;
	return put_declarations(file, err) < 0 ? -1 : 1;
}

static int
prescan_and_parse(struct xml_file *file, const struct xml_text *text,
    bool may_lack_doctype, struct error *err)
{
	struct prescan_input input = { file->name, text->data, text->len,
		may_lack_doctype };
	uint8_t *copy;
	bool may_parse;

	may_parse = prescan(&input, file->pool, file->findings, &file->prolog);
	file->prolog.is_big5 = text->is_big5;
	if (!may_parse)
		return file->pool->failed ? error_set_memory(err) : 0;
	copy = pool_alloc(file->pool, text->len, 1);
	if (copy == NULL)
		return error_set_memory(err);
	memcpy(copy, text->data, text->len);
	return parse(file, copy, text->len, err);
}

int
xml_file_open(const struct xml_source *source, struct pool *pool,
    struct findings *findings, struct xml_file *ret_file, struct error *err)
{
	struct xml_text text = { .file = source->name,
		.data = source->data,
		.len = source->len };
	struct xml_file *file = ret_file;
	int rc;

	*file = (struct xml_file){ .name = source->name,
		.prolog = { .root = "", .system_id = "" },
		.pool = pool,
		.findings = findings };
	if (source->len > source->max) {
		report_at(file, 0, 0, "E2001", "");
		return 0;
	}
	rc = xml_decode(&text, pool, findings, err);
	if (rc <= 0)
		return rc;
	if (text.len == 0) {
		report_at(file, 0, 0, "E2002", "");
		return 0;
	}
	return prescan_and_parse(file, &text, source->may_lack_doctype, err);
}

void
xml_file_close(struct xml_file *file)
{
	if (file->doc != NULL) {
		file->doc->extSubset = NULL;
		xmlFreeDoc(file->doc);
		file->doc = NULL;
	}
	dtd_free(file->own_dtd);
	file->own_dtd = file->dtd = NULL;
}
