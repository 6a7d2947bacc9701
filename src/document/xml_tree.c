/*
 * Moving about in a parsed file, and what stands there as plain text.
 */
#include <libxml/tree.h>

#include "base/bytes.h"
#include "base/text.h"
#include "document/finding.h"
#include "document/pool.h"
#include "document/prescan.h"
#include "document/utf8.h"
#include "document/xml_file.h"
#include "document/xml_internal.h"

static const xmlChar *
xml_chars(const char *text)
{
	return (const xmlChar *)text;
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

struct _xmlNode *
xml_following(struct _xmlNode *node)
{
	struct _xmlNode *next = xml_child(node, NULL);

	while (next == NULL && node != NULL && node->type == XML_ELEMENT_NODE) {
		next = xml_next(node, NULL);
		node = node->parent;
	}
	return next;
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

const char *
xml_name(const struct _xmlNode *node)
{
	return (const char *)node->name;
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

const char *
xml_own_text(const struct xml_file *file, const struct _xmlNode *node)
{
	struct bytes text = { 0 };
	const char *copy = "";

	for (const struct _xmlNode *at = node == NULL ? NULL : node->children;
	     at != NULL; at = at->next)
		if (at->type == XML_TEXT_NODE && at->content != NULL)
			bytes_put_text(&text, (const char *)at->content);
	bytes_put_u8(&text, 0);
	if (text.failed)
		file->pool->failed = true;
	else
		copy = trimmed(file->pool, (const char *)text.data);
	bytes_free(&text);
	return copy;
}

unsigned
xml_line(const struct _xmlNode *node)
{
	const struct xml_place *place = node == NULL ? NULL : node->_private;

	return place == NULL ? 0 : place->line;
}

unsigned
xml_column(const struct _xmlNode *node)
{
	const struct xml_place *place = node == NULL ? NULL : node->_private;

	return place == NULL ? 0 : place->column;
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
		place.column = xml_column(node);
		place.path = path.failed ? NULL : (const char *)path.data;
	}
	findings_add(file->findings, &place, rule, argument);
	bytes_free(&path);
}
