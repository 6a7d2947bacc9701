#include "package/manifest_xml.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

int
manifest_xml_malformed(const struct xml *xml, const char *what,
    struct error *err)
{
	return error_set_id(err, "E3204", ERROR_MALFORMED,
	    "manifest, byte %zu: %s", xml->at, what);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

/* The character at the present place, NUL at the end. */
static char
peek(const struct xml *xml)
{
	return xml->at < xml->len ? xml->data[xml->at] : '\0';
}

static bool
skip_blanks(struct xml *xml)
{
	size_t from = xml->at;

	while (xml->at < xml->len && is_blank(xml->data[xml->at]))
		xml->at++;
	return xml->at > from;
}

static bool
accept(struct xml *xml, const char *text)
{
	size_t len = strlen(text);

	if (xml->len - xml->at < len ||
	    memcmp(xml->data + xml->at, text, len) != 0)
		return false;
	xml->at += len;
	return true;
}

/* One name without colon. */
static int
read_name(struct xml *xml, char to[XML_NAME_SIZE], struct error *err)
{
	size_t from = xml->at;

	while (is_name_character(peek(xml)))
		xml->at++;
	if (xml->at == from ||
	    !text_copy_len(to, XML_NAME_SIZE, xml->data + from, xml->at - from))
		return manifest_xml_malformed(xml,
		    "a name is missing or too long", err);
	return 0;
}

/* A name with or without prefix; the prefix is "" if there is none. */
static int
read_qualified(struct xml *xml, char prefix[XML_NAME_SIZE],
    char name[XML_NAME_SIZE], struct error *err)
{
	prefix[0] = '\0';
	if (read_name(xml, name, err) < 0)
		return -1;
	if (!accept(xml, ":"))
		return 0;
	memcpy(prefix, name, XML_NAME_SIZE);
	return read_name(xml, name, err);
}

/* The character that an entity stands for; NUL for none we know. */
static char
read_entity(struct xml *xml)
{
	static const struct {
		const char *text;
		char character;
	} entities[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
		{ "&quot;", '"' }, { "&apos;", '\'' } };

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (accept(xml, entities[i].text))
			return entities[i].character;
	return '\0';
}

static int
read_value(struct xml *xml, char to[XML_VALUE_SIZE], struct error *err)
{
	char quote = peek(xml);
	size_t len = 0;

	if (quote != '"' && quote != '\'')
		return manifest_xml_malformed(xml, "a value has no quotes",
		    err);
	xml->at++;
	while (peek(xml) != quote) {
		char c = peek(xml);

		if (c == '&')
			c = read_entity(xml);
		else
			xml->at++;
		if ((unsigned char)c < 0x20 || c == '<')
			return manifest_xml_malformed(xml,
			    "a character that may not be in a value", err);
		if (len + 1 >= XML_VALUE_SIZE)
			return manifest_xml_malformed(xml,
			    "a value is too long", err);
		to[len++] = c;
	}
	xml->at++;
	to[len] = '\0';
	return 0;
}

static int
read_assigned(struct xml *xml, char to[XML_VALUE_SIZE], struct error *err)
{
	skip_blanks(xml);
	if (!accept(xml, "="))
		return manifest_xml_malformed(xml, "an attribute has no value",
		    err);
	skip_blanks(xml);
	return read_value(xml, to, err);
}

static int
declare(struct xml *xml, const char *prefix, const char *uri, struct error *err)
{
	struct manifest_xml_prefix *new;
	enum manifest_xml_space space;

	if (text_equal(uri, "http://uri.etsi.org/02918/v1.2.1#"))
		space = XML_ASIC;
	else if (text_equal(uri, "http://www.w3.org/2000/09/xmldsig#"))
		space = XML_DSIG;
	else
		return manifest_xml_malformed(xml, "an unknown namespace", err);
	if (xml->prefix_count == XML_PREFIXES_MAX)
		return manifest_xml_malformed(xml, "too many namespaces", err);

	new = &xml->prefixes[xml->prefix_count++];
	text_copy(new->prefix, sizeof(new->prefix), prefix);
	new->space = space;
	new->depth = xml->depth;
	return 0;
}

/* One attribute of a start tag, or the declaration of a namespace. */
static int
read_attribute(struct xml *xml, struct error *err)
{
	struct manifest_xml_attribute attribute;
	char prefix[XML_NAME_SIZE];

	if (read_qualified(xml, prefix, attribute.name, err) < 0 ||
	    read_assigned(xml, attribute.value, err) < 0)
		return -1;
	if (text_equal(prefix, "xmlns"))
		return declare(xml, attribute.name, attribute.value, err);
	if (prefix[0] != '\0')
		return manifest_xml_malformed(xml, "an unknown attribute", err);
	if (text_equal(attribute.name, "xmlns"))
		return declare(xml, "", attribute.value, err);

	if (manifest_xml_attribute(xml, attribute.name) != NULL)
		return manifest_xml_malformed(xml, "an attribute twice", err);
	if (xml->tag.attribute_count == XML_ATTRIBUTES_MAX)
		return manifest_xml_malformed(xml, "too many attributes", err);
	xml->tag.attributes[xml->tag.attribute_count++] = attribute;
	return 0;
}

static int
resolve(struct xml *xml, const char *prefix, struct error *err)
{
	for (size_t i = xml->prefix_count; i-- > 0;) {
		if (text_equal(xml->prefixes[i].prefix, prefix)) {
			xml->tag.space = xml->prefixes[i].space;
			return 0;
		}
	}
	return manifest_xml_malformed(xml, "an undeclared prefix", err);
}

/* An element was left: forget what it declared. */
static void
leave(struct xml *xml)
{
	while (xml->prefix_count > 0 &&
	    xml->prefixes[xml->prefix_count - 1].depth >= xml->depth)
		xml->prefix_count--;
	xml->depth--;
}

static int
read_end_tag(struct xml *xml, struct error *err)
{
	char prefix[XML_NAME_SIZE];

	xml->tag.is_end = true;
	if (xml->depth == 0)
		return manifest_xml_malformed(xml, "an end tag too many", err);
	if (read_qualified(xml, prefix, xml->tag.name, err) < 0 ||
	    resolve(xml, prefix, err) < 0)
		return -1;
	skip_blanks(xml);
	if (!accept(xml, ">"))
		return manifest_xml_malformed(xml, "an end tag does not end",
		    err);
	leave(xml);
	return 0;
}

static int
read_start_tag(struct xml *xml, struct error *err)
{
	char prefix[XML_NAME_SIZE];

	if (xml->depth == XML_DEPTH_MAX)
		return manifest_xml_malformed(xml, "too deep", err);
	xml->depth++;
	if (read_qualified(xml, prefix, xml->tag.name, err) < 0)
		return -1;
	for (;;) {
		bool has_blank = skip_blanks(xml);

		if (accept(xml, "/>")) {
			xml->tag.is_empty = true;
			break;
		}
		if (accept(xml, ">"))
			break;
		if (!has_blank)
			return manifest_xml_malformed(xml, "a tag does not end",
			    err);
		if (read_attribute(xml, err) < 0)
			return -1;
	}
	if (resolve(xml, prefix, err) < 0)
		return -1;
	if (xml->tag.is_empty)
		leave(xml);
	return 0;
}

int
manifest_xml_next(struct xml *xml, struct error *err)
{
	memset(&xml->tag, 0, sizeof(xml->tag));
	skip_blanks(xml);
	if (accept(xml, "</"))
		return read_end_tag(xml, err);
	if (accept(xml, "<"))
		return read_start_tag(xml, err);
	return manifest_xml_malformed(xml, "a tag is missing", err);
}

static bool
is_utf8_label(const char *label)
{
	return (label[0] | 0x20) == 'u' && (label[1] | 0x20) == 't' &&
	    (label[2] | 0x20) == 'f' && text_equal(label + 3, "-8");
}

int
manifest_xml_begin(struct xml *xml, const void *data, size_t len,
    struct error *err)
{
	const char *version;
	const char *encoding;

	memset(xml, 0, sizeof(*xml));
	xml->data = data;
	xml->len = len;
	if (!text_is_utf8(data, len) || memchr(data, '\0', len) != NULL)
		return manifest_xml_malformed(xml, "not UTF-8", err);
	if (!accept(xml, "<?xml"))
		return 0;

	while (skip_blanks(xml) && peek(xml) != '?')
		if (read_attribute(xml, err) < 0)
			return -1;
	version = manifest_xml_attribute(xml, "version");
	encoding = manifest_xml_attribute(xml, "encoding");
	if (!accept(xml, "?>") || version == NULL ||
	    !text_equal(version, "1.0") || xml->prefix_count > 0 ||
	    (encoding != NULL && !is_utf8_label(encoding)))
		return manifest_xml_malformed(xml, "declaration", err);
	return 0;
}

const char *
manifest_xml_text(struct xml *xml, size_t *ret_len)
{
	size_t from = xml->at;

	while (xml->at < xml->len && xml->data[xml->at] != '<')
		xml->at++;
	*ret_len = xml->at - from;
	return xml->data + from;
}

bool
manifest_xml_is_over(struct xml *xml)
{
	skip_blanks(xml);
	return xml->at == xml->len && xml->depth == 0;
}

const char *
manifest_xml_attribute(const struct xml *xml, const char *name)
{
	for (size_t i = 0; i < xml->tag.attribute_count; i++)
		if (text_equal(xml->tag.attributes[i].name, name))
			return xml->tag.attributes[i].value;
	return NULL;
}

bool
manifest_xml_begins(const struct xml *xml, enum manifest_xml_space space,
    const char *name)
{
	return !xml->tag.is_end && xml->tag.space == space &&
	    text_equal(xml->tag.name, name);
}

bool
manifest_xml_ends(const struct xml *xml, enum manifest_xml_space space,
    const char *name)
{
	return xml->tag.is_end && xml->tag.space == space &&
	    text_equal(xml->tag.name, name);
}
