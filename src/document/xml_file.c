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
#include "document/utf8.h"
#include "document/xml_internal.h"

enum { PATH_SIZE = FINDING_TEXT_MAX };

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
	if (!xml_is(xml_file_root(file), file->prolog.root)) {
		xml_report(file, xml_file_root(file), "E2023",
		    (const char *)xml_file_root(file)->name);
		return 0;
	}
	return put_declarations(file, err) < 0 ? -1 : 1;
}

static int
prescan_and_parse(struct xml_file *file, const uint8_t *data, size_t len,
    struct error *err)
{
	struct prescan_input input = { file->name, data, len };
	uint8_t *copy;

	if (!prescan(&input, file->pool, file->findings, &file->prolog))
		return file->pool->failed ? error_set_memory(err) : 0;
	copy = pool_alloc(file->pool, len, 1);
	if (copy == NULL)
		return error_set_memory(err);
	memcpy(copy, data, len);
	return parse(file, copy, len, err);
}

int
xml_file_open(const char *name, const uint8_t *data, size_t len, size_t max,
    struct pool *pool, struct findings *findings, struct xml_file *ret_file,
    struct error *err)
{
	struct xml_file *file = ret_file;

	*file = (struct xml_file){ .name = name,
		.prolog = { .root = "", .system_id = "" },
		.pool = pool,
		.findings = findings };
	if (len > max) {
		report_at(file, 0, 0, "E2001", "");
		return 0;
	}
	if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
		data += 3;
		len -= 3;
	}
	if (len == 0) {
		report_at(file, 0, 0, "E2002", "");
		return 0;
	}
	return prescan_and_parse(file, data, len, err);
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

struct _xmlNode *
xml_file_root(const struct xml_file *file)
{
	return xmlDocGetRootElement(file->doc);
}

static struct _xmlNode *
first_element(struct _xmlNode *node, const char *name)
{
	while (node != NULL &&
	    (node->type != XML_ELEMENT_NODE ||
		(name != NULL && !xml_is(node, name))))
		node = node->next;
	return node;
}

struct _xmlNode *
xml_child(const struct _xmlNode *node, const char *name)
{
	return node == NULL ? NULL : first_element(node->children, name);
}

struct _xmlNode *
xml_next(const struct _xmlNode *node, const char *name)
{
	return node == NULL ? NULL : first_element(node->next, name);
}

size_t
xml_count(const struct _xmlNode *node, const char *name)
{
	size_t count = 0;

	for (node = xml_child(node, name); node != NULL;
	     node = xml_next(node, name))
		count++;
	return count;
}

bool
xml_is(const struct _xmlNode *node, const char *name)
{
	return text_equal((const char *)node->name, name);
}

/* `text` without the blanks at its ends. */
static const char *
trimmed(struct pool *pool, const char *text)
{
	const char *begin = text;
	const char *end;
	const char *at;

	for (at = text; utf8_is_space(utf8_next(&at));)
		begin = at;
	end = at = begin;
	for (;;) {
		uint32_t point = utf8_next(&at);

		if (point == 0)
			break;
		if (!utf8_is_space(point))
			end = at;
	}
	return pool_text_len(pool, begin, (size_t)(end - begin));
}

/* A pool copy of a text of libxml2, which is freed; NULL is "". */
static const char *
taken(const struct xml_file *file, xmlChar *text)
{
	const char *copy;

	if (text == NULL)
		return "";
	copy = trimmed(file->pool, (const char *)text);
	xmlFree(text);
	return copy;
}

const char *
xml_text(const struct xml_file *file, const struct _xmlNode *node)
{
	return node == NULL ? "" : taken(file, xmlNodeGetContent(node));
}

const char *
xml_child_text(const struct xml_file *file, const struct _xmlNode *node,
    const char *name)
{
	return xml_text(file, xml_child(node, name));
}

const char *
xml_attribute(const struct xml_file *file, const struct _xmlNode *node,
    const char *name)
{
	return node == NULL ? ""
			    : taken(file, xmlGetProp(node, xml_chars(name)));
}

unsigned
xml_line(const struct _xmlNode *node)
{
	long line = xmlGetLineNo(node);

	return line > 0 ? (unsigned)line : 0;
}

/* Which of its parent's children of the same name it is; 0 if the only one. */
static unsigned
position_of(const struct _xmlNode *node)
{
	unsigned before = 0;
	bool is_alone = true;

	for (const struct _xmlNode *at = node->prev; at != NULL; at = at->prev)
		if (at->type == XML_ELEMENT_NODE &&
		    xmlStrEqual(at->name, node->name))
			before++;
	is_alone =
	    before == 0 && xml_next(node, (const char *)node->name) == NULL;
	return is_alone ? 0 : before + 1;
}

static void
put_path(struct bytes *to, const struct _xmlNode *node)
{
	const struct _xmlNode *chain[PRESCAN_DEPTH_MAX + 1];
	size_t depth = 0;

	while (node != NULL && node->type == XML_ELEMENT_NODE &&
	    depth < sizeof(chain) / sizeof(chain[0])) {
		chain[depth++] = node;
		node = node->parent;
	}
	while (depth > 0) {
		unsigned position = position_of(chain[--depth]);

		bytes_put_format(to, "/%s", (const char *)chain[depth]->name);
		if (position > 0)
			bytes_put_format(to, "[%u]", position);
	}
	bytes_put_u8(to, 0);
}

void
xml_report(const struct xml_file *file, const struct _xmlNode *node,
    const char *rule, const char *argument)
{
	struct finding_place place = { .file = file->name };
	struct bytes path = { 0 };

	if (findings_has_room(file->findings, rule)) {
		put_path(&path, node);
		place.line = xml_line(node);
		place.path = path.failed ? NULL : (const char *)path.data;
	}
	findings_add(file->findings, &place, rule, argument);
	bytes_free(&path);
}
