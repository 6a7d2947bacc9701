/*
 * Checks a parsed file against a compiled DTD and turns what libxml2 says into
 * findings that name the very element at fault.
 */
#include <string.h>

#include <libxml/tree.h>
#include <libxml/valid.h>
#include <libxml/xmlregexp.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/doc_kind.h"
#include "document/dtd.h"
#include "document/finding.h"
#include "document/xml_file.h"
#include "document/xml_internal.h"

enum { EXPECTED_MAX = 24 };

void
xml_errors_catch(struct xml_errors *ret_before, xml_error_fn handler,
    void *data)
{
	ret_before->handler = xmlStructuredError;
	ret_before->data = xmlStructuredErrorContext;
	xmlSetStructuredErrorFunc(data, handler);
}

void
xml_errors_restore(const struct xml_errors *before)
{
	xmlSetStructuredErrorFunc(before->data, before->handler);
}

static const char *
rule_of_code(int code)
{
	switch (code) {
	case XML_DTD_UNKNOWN_ELEM:
		return "E2102";
	case XML_DTD_NOT_EMPTY:
	case XML_DTD_NOT_PCDATA:
	case XML_DTD_INVALID_CHILD:
	case XML_DTD_STANDALONE_WHITE_SPACE:
		return "E2103";
	case XML_DTD_UNKNOWN_ATTRIBUTE:
		return "E2104";
	case XML_DTD_ATTRIBUTE_VALUE:
	case XML_DTD_ATTRIBUTE_DEFAULT:
		return "E2105";
	case XML_DTD_MISSING_ATTRIBUTE:
		return "E2106";
	case XML_DTD_UNKNOWN_ENTITY:
	case XML_DTD_ENTITY_TYPE:
		return "E2107";
	default:
		return "E2109";
	}
}

/*
 * A model that is not official only warns.  Declared files and the values of
 * code lists are no matter of models: the tag sets themselves settle them.
 */
static const char *
rule_in_model(const struct xml_file *file, const char *rule)
{
	if (file->is_strict || text_equal(rule, "E2107") ||
	    (text_equal(rule, "E2105") && file->has_lists))
		return rule;
	return "E2150";
}

static void
report_breach(const struct xml_file *file, const struct _xmlNode *node,
    const char *rule, const char *argument)
{
	xml_report(file, node, rule_in_model(file, rule), argument);
}

static const struct _xmlElement *
declaration_of(const struct xml_file *file, const struct _xmlNode *node)
{
	return xmlGetDtdElementDesc(file->dtd, node->name);
}

/* "密等、附件、主旨": what the content model would accept. */
static void
put_expected(struct bytes *to, const xmlChar *const *names, int count)
{
	for (int i = 0; i < count; i++)
		bytes_put_format(to, "%s%s", i == 0 ? "" : "、",
		    (const char *)names[i]);
	bytes_put_u8(to, 0);
}

static bool
holds_text(const struct _xmlNode *node)
{
	for (const struct _xmlNode *at = node->children; at != NULL;
	     at = at->next)
		if (at->type == XML_TEXT_NODE && !xmlIsBlankNode(at))
			return true;
	return false;
}

/* Walk the content model: the first child that it refuses, or NULL. */
static const struct _xmlNode *
first_misplaced(xmlRegExecCtxtPtr exec, const struct _xmlNode *node)
{
	for (const struct _xmlNode *child = xml_child(node, NULL);
	     child != NULL; child = xml_next(child, NULL))
		if (xmlRegExecPushString(exec, child->name, NULL) < 0)
			return child;
	return NULL;
}

/* Which child is out of place, or what is missing at the end of `node`. */
static void
explain_content(struct xml_file *file, const struct _xmlNode *node)
{
	const struct _xmlElement *declared = declaration_of(file, node);
	const struct _xmlNode *misplaced;
	struct bytes expected = { 0 };
	xmlRegExecCtxtPtr exec = NULL;
	xmlChar *names[EXPECTED_MAX];
	int count = EXPECTED_MAX;
	int negated = 0;
	int terminal = 0;

	if (holds_text(node)) {
		report_breach(file, node, "E2103", (const char *)node->name);
		return;
	}
	if (declared != NULL && declared->contModel != NULL)
		exec = xmlRegNewExecCtxt(declared->contModel, NULL, NULL);
	if (exec == NULL) {
		report_breach(file, node, "E2109", (const char *)node->name);
		return;
	}
	misplaced = first_misplaced(exec, node);
	if (misplaced == NULL)
		xmlRegExecNextValues(exec, &count, &negated, names, &terminal);
	else
		xmlRegExecErrInfo(exec, NULL, &count, &negated, names,
		    &terminal);
	put_expected(&expected, (const xmlChar *const *)names, count);
	report_breach(file, misplaced == NULL ? node : misplaced,
	    misplaced == NULL ? "E2108" : "E2101",
	    expected.failed ? "" : (const char *)expected.data);
	bytes_free(&expected);
	xmlRegFreeExecCtxt(exec);
}

/* The last of the names that an error gives is the most particular one. */
static const char *
argument_of(XML_ERROR_CONST xmlError *error)
{
	const char *name = error->str3;

	if (name == NULL)
		name = error->str2;
	if (name == NULL)
		name = error->str1;
	return name == NULL || !text_is_utf8(name, strlen(name)) ? "" : name;
}

static void
on_validity_error(void *data, XML_ERROR_CONST xmlError *error)
{
	struct xml_file *file = data;
	const struct _xmlNode *node = error->node;

	if (error->level < XML_ERR_ERROR)
		return;
	if (node == NULL || node->type != XML_ELEMENT_NODE)
		node = xml_file_root(file);
	if (error->code == XML_DTD_CONTENT_MODEL)
		explain_content(file, node);
	else
		report_breach(file, node, rule_of_code(error->code),
		    argument_of(error));
}

/*
 * XML 1.0, 3.3.3: blanks around a value that is not CDATA do not count.  A
 * parser that read the DTD first would have removed them.
 */
static void
normalize_attributes(struct xml_file *file, struct _xmlNode *node)
{
	for (xmlAttrPtr at = node->properties; at != NULL; at = at->next) {
		xmlChar *value =
		    xmlNodeListGetString(file->doc, at->children, 1);
		xmlChar *normal = NULL;

		if (value != NULL && at->ns == NULL)
			normal = xmlValidNormalizeAttributeValue(file->doc,
			    node, at->name, value);
		if (normal != NULL && !xmlStrEqual(normal, value))
			xmlSetProp(node, at->name, normal);
		xmlFree(normal);
		xmlFree(value);
	}
}

static int
take_dtd(struct xml_file *file, const struct dtd_set *dtds, const char *name,
    struct error *err)
{
	if (dtds != NULL)
		file->dtd = dtd_set_find(dtds, name);
	if (file->dtd != NULL)
		return 0;
	if (dtd_open(name, &file->own_dtd, err) < 0)
		return -1;
	file->dtd = file->own_dtd;
	return 0;
}

int
xml_file_validate(struct xml_file *file, const struct dtd_set *dtds,
    const struct doc_form *form, struct error *err)
{
	size_t errors = file->findings->error_total;
	struct xml_errors before;
	xmlValidCtxtPtr context;
	int is_valid;

	file->is_strict = form->model == DOC_MODEL_OFFICIAL;
	file->has_lists = form->is_current;
	if (take_dtd(file, dtds, form->info->model, err) < 0)
		return -1;
	context = xmlNewValidCtxt();
	if (context == NULL)
		return error_set_memory(err);
	file->doc->extSubset = file->dtd;
	for (struct _xmlNode *node = xml_file_root(file); node != NULL;
	     node = xml_following(node))
		normalize_attributes(file, node);
	xml_errors_catch(&before, on_validity_error, file);
	is_valid = xmlValidateDocument(context, file->doc);
	xml_errors_restore(&before);
	xmlFreeValidCtxt(context);
	/* Never accept in silence what libxml2 refuses without a word. */
	if (is_valid != 1 && file->is_strict &&
	    file->findings->error_total == errors)
		report_breach(file, xml_file_root(file), "E2109", "");
	return 0;
}
