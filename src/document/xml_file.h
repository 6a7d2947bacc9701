/*
 * One XML file of a document, parsed and checked against its DTD.
 *
 * libxml2 sees it only after the pre-scan, and never its DOCTYPE: that is
 * blanked out, and the declarations that the pre-scan read are put into the
 * tree by hand.  So nothing is left to load or to expand, and a Chinese file
 * name is no "invalid URI".
 */
#ifndef DOCUMENT_XML_FILE_H
#define DOCUMENT_XML_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "document/prolog.h"

struct _xmlDoc;
struct _xmlDtd;
struct _xmlNode;
struct doc_form;
struct dtd_set;
struct error;
struct findings;
struct pool;

struct xml_file {
	const char *name;
	struct prolog prolog;
	struct pool *pool;         /* not ours */
	struct findings *findings; /* not ours */
	struct _xmlDoc *doc;
	struct _xmlDtd *dtd;
	struct _xmlDtd *own_dtd; /* the same, if it goes with the file */
	bool is_strict;          /* the official DTD is enforced */
	bool has_lists;          /* its code lists are those in force */
};

/* The bytes of a file, and what may be among them. */
struct xml_source {
	const char *name;
	const uint8_t *data;
	size_t len;
	size_t max;            /* a longer one is refused */
	bool may_lack_doctype; /* of kinds that have no DTD */
};

/*
 * Parse a file.  Returns 1, or 0 if it is refused (findings tell why), or -1
 * if memory ran out.  Close it in every case.  The source's name, `pool` and
 * `findings` must outlive `ret_file`.
 */
int xml_file_open(const struct xml_source *source, struct pool *pool,
    struct findings *findings, struct xml_file *ret_file,
    struct error *err) MUST_CHECK;
void xml_file_close(struct xml_file *file);

/*
 * Add a finding for each breach of the model of `form`, and keep that DTD for
 * attribute defaults.  Where it is not the official one, a breach is the
 * warning E2150, but for what the official tag sets settle anyway: values of
 * code lists, and names of files that are not declared.  `dtds` must outlive
 * the file; NULL: read the DTD for this file alone.  Fails only if memory ran
 * out.
 */
int xml_file_validate(struct xml_file *file, const struct dtd_set *dtds,
    const struct doc_form *form, struct error *err) MUST_CHECK;

struct _xmlNode *xml_file_root(const struct xml_file *file);

/* The first child element, of that name if `name` is not NULL; NULL if none. */
struct _xmlNode *xml_child(const struct _xmlNode *node, const char *name);

/* The next sibling element, of that name if `name` is not NULL. */
struct _xmlNode *xml_next(const struct _xmlNode *node, const char *name);

size_t xml_count(const struct _xmlNode *node, const char *name);
bool xml_is(const struct _xmlNode *node, const char *name);
const char *xml_name(const struct _xmlNode *node);

/* Text content without blanks at both ends; "" for a NULL node. */
const char *xml_text(const struct xml_file *file, const struct _xmlNode *node);

/* The same of what stands in the node itself, not in its children. */
const char *xml_own_text(const struct xml_file *file,
    const struct _xmlNode *node);

/* The text of the first child of that name, "" if there is none. */
const char *xml_child_text(const struct xml_file *file,
    const struct _xmlNode *node, const char *name);

/* An attribute's value, its default by the DTD, or "". */
const char *xml_attribute(const struct xml_file *file,
    const struct _xmlNode *node, const char *name);

/* Where its start tag begins, both from 1; 0 if that is not known. */
unsigned xml_line(const struct _xmlNode *node);
unsigned xml_column(const struct _xmlNode *node);

/* Add a finding about `node`, with its place and path. */
void xml_report(const struct xml_file *file, const struct _xmlNode *node,
    const char *rule, const char *argument);

#endif
