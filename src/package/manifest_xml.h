/*
 * Tags of the small XML that an ASiCManifest is: start and end tags with their
 * attributes and namespaces, nothing else.  Only manifest*.c include this.
 */
#ifndef PACKAGE_MANIFEST_XML_H
#define PACKAGE_MANIFEST_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct error;

enum {
	XML_ATTRIBUTES_MAX = 6,
	XML_PREFIXES_MAX = 12,
	XML_NAME_SIZE = 32,
	XML_VALUE_SIZE = 1024,
	XML_DEPTH_MAX = 3,
};

enum manifest_xml_space { XML_NO_SPACE, XML_ASIC, XML_DSIG };

struct manifest_xml_attribute {
	char name[XML_NAME_SIZE];
	char value[XML_VALUE_SIZE]; /* entities replaced */
};

struct manifest_xml_tag {
	enum manifest_xml_space space;
	char name[XML_NAME_SIZE]; /* without prefix */
	bool is_end;              /* </x> */
	bool is_empty;            /* <x/> */
	struct manifest_xml_attribute attributes[XML_ATTRIBUTES_MAX];
	size_t attribute_count; /* without declarations of namespaces */
};

/* What a prefix stands for, from its element inwards. */
struct manifest_xml_prefix {
	char prefix[XML_NAME_SIZE];
	enum manifest_xml_space space;
	int depth;
};

/* Borrows its text.  `tag` is the one read last. */
struct xml {
	const char *data;
	size_t len;
	size_t at;
	int depth; /* of open elements */
	struct manifest_xml_prefix prefixes[XML_PREFIXES_MAX];
	size_t prefix_count;
	struct manifest_xml_tag tag;
};

/* Begin; reads the declaration if there is one. */
int manifest_xml_begin(struct xml *xml, const void *data, size_t len,
    struct error *err) MUST_CHECK;

/* Read the next tag into xml->tag; only white space may stand before it. */
int manifest_xml_next(struct xml *xml, struct error *err) MUST_CHECK;

/* The text up to the next tag, borrowed. */
const char *manifest_xml_text(struct xml *xml, size_t *ret_len);

/* True if only white space is left and every element was closed. */
bool manifest_xml_is_over(struct xml *xml);

/* The value of an attribute of xml->tag; NULL if it is not there. */
const char *manifest_xml_attribute(const struct xml *xml, const char *name);

/* True if xml->tag begins this element. */
bool manifest_xml_begins(const struct xml *xml, enum manifest_xml_space space,
    const char *name);

/* True if xml->tag ends this element. */
bool manifest_xml_ends(const struct xml *xml, enum manifest_xml_space space,
    const char *name);

/* ERROR_MALFORMED E3204 at the present offset. */
int manifest_xml_malformed(const struct xml *xml, const char *what,
    struct error *err);

#endif
