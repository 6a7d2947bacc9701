#include "render/render_tree.h"

#include <stdbool.h>

#include <libxml/tree.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/document.h"
#include "document/utf8.h"
#include "render/render.h"
#include "render/render_text.h"

/* Goes on after a failure, and asks once at the end. */
struct tree {
	xmlDocPtr doc;
	struct bytes text; /* of the value at hand */
	bool failed;
};

/* ---- values ---------------------------------------------------------- */

/* `text` as it may be shown, lent until the next value. */
static const xmlChar *
shown(struct tree *tree, const char *text)
{
	uint32_t point;

	bytes_clear(&tree->text);
	while ((point = utf8_next(&text)) != 0) {
		if (utf8_is_hidden(point) && point != '\n' && point != '\t')
			bytes_put_format(&tree->text, "〔U+%04X〕", point);
		else
			utf8_put(&tree->text, point);
	}
	bytes_put_u8(&tree->text, '\0');
	if (!tree->text.failed)
		return tree->text.data;
	tree->failed = true;
	return (const xmlChar *)"";
}

static xmlNodePtr
put_element(struct tree *tree, xmlNodePtr parent, const char *name)
{
	xmlNodePtr node =
	    xmlNewDocRawNode(tree->doc, NULL, (const xmlChar *)name, NULL);

	if (node != NULL && parent != NULL)
		xmlAddChild(parent, node);
	if (node == NULL)
		tree->failed = true;
	return node;
}

static void
put_attribute(struct tree *tree, xmlNodePtr node, const char *name,
    const char *value)
{
	if (node != NULL && value != NULL && value[0] != '\0' &&
	    xmlNewProp(node, (const xmlChar *)name, shown(tree, value)) == NULL)
		tree->failed = true;
}

static void
put_text(struct tree *tree, xmlNodePtr node, const char *value)
{
	xmlNodePtr text;

	if (node == NULL || value == NULL || value[0] == '\0')
		return;
	text = xmlNewDocText(tree->doc, shown(tree, value));
	if (text == NULL)
		tree->failed = true;
	else
		xmlAddChild(node, text);
}

/* An element with a text; none for no text. */
static void
put_value(struct tree *tree, xmlNodePtr parent, const char *name,
    const char *value)
{
	if (value != NULL && value[0] != '\0')
		put_text(tree, put_element(tree, parent, name), value);
}

/* ---- parts of a letter ----------------------------------------------- */

/*
 * Depth is bounded: what is read has been through the pre-scan, what is made
 * through the same check.
 */
static void
put_items(struct tree *tree, xmlNodePtr parent,
    const struct document_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		xmlNodePtr node = put_element(tree, parent, "item");

		put_attribute(tree, node, "number", items[i].number);
		put_value(tree, node, "text", items[i].text);
		put_items(tree, node, items[i].items, items[i].item_count);
	}
}

static void
put_section(struct tree *tree, xmlNodePtr parent, const char *name,
    const struct document_section *section)
{
	xmlNodePtr node = put_element(tree, parent, name);

	put_attribute(tree, node, "label", section->label);
	put_value(tree, node, "text", section->text);
	put_items(tree, node, section->items, section->item_count);
}

static void
put_persons(struct tree *tree, xmlNodePtr parent, const char *name,
    const struct document_person *persons, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		xmlNodePtr node = put_element(tree, parent, name);

		put_attribute(tree, node, "name", persons[i].name);
		put_attribute(tree, node, "title", persons[i].title);
		put_attribute(tree, node, "phone", persons[i].phone);
	}
}

/* All others always get the attachments, which is why it is said of 副本 alone. */
static void
put_readers(struct tree *tree, xmlNodePtr parent, const char *name,
    const struct document_reader *readers, size_t count)
{
	bool are_copies = text_equal(name, "copies");
	xmlNodePtr list = count > 0 ? put_element(tree, parent, name) : NULL;

	for (size_t i = 0; list != NULL && i < count; i++) {
		xmlNodePtr node = put_element(tree, list, "reader");

		put_attribute(tree, node, "name", readers[i].name);
		put_attribute(tree, node, "title", readers[i].title);
		put_attribute(tree, node, "attachments",
		    readers[i].with_attachments && are_copies ? "yes" : "");
	}
}

static void
put_references(struct tree *tree, xmlNodePtr parent,
    const struct document *document)
{
	struct bytes text = { 0 };

	for (size_t i = 0; i < document->ref_no_count; i++) {
		bytes_clear(&text);
		if (document->kind == DOC_KIND_MEMO)
			render_memo_no_put(&document->ref_nos[i], &text);
		else
			render_ref_no_put(&document->ref_nos[i], &text);
		bytes_put_u8(&text, '\0');
		if (text.failed)
			tree->failed = true;
		else
			put_value(tree, parent, "reference",
			    (const char *)text.data);
	}
	bytes_free(&text);
}

/* What the stylesheet calls a kind. */
static const char *
kind_of(const struct document *document)
{
	switch (document->kind) {
	case DOC_KIND_LETTER:
		return "letter";
	case DOC_KIND_MEMO:
		return "memo";
	case DOC_KIND_ORDER:
		return "order";
	case DOC_KIND_NOTICE:
		return "notice";
	case DOC_KIND_MEETING:
		return "meeting";
	case DOC_KIND_SURVEY:
		return "survey";
	case DOC_KIND_ROSTER:
	case DOC_KIND_MESSAGE:
	case DOC_KIND_OTHER:
		break;
	}
	return "other";
}

static void
put_head(struct tree *tree, xmlNodePtr root, const struct document *document,
    const struct render_options *options)
{
	bool has_addressee =
	    options->recipient != NULL && options->recipient[0] != '\0';

	for (size_t i = 0; i < document->sender_count; i++)
		put_value(tree, root, "sender", document->senders[i].name);
	put_references(tree, root, document);
	put_value(tree, root, "issued", document->issued_text);
	put_value(tree, root, "secrecy", document->secrecy);
	put_value(tree, root, "declassify", document->declassify);
	put_value(tree, root, "unit", document->unit);
	put_value(tree, root, "handling", render_handling(document->handling));
	put_value(tree, root, "address", document->address);
	for (size_t i = 0; i < document->contact_count; i++)
		put_value(tree, root, "contact", document->contacts[i]);
	put_value(tree, root, "addressee",
	    has_addressee ? options->recipient : document->addressee);
	put_value(tree, root, "attachment-note", document->attachment_note);
	for (size_t i = 0; i < document->attachment_count; i++)
		put_value(tree, root, "attachment",
		    document->attachments[i].name);
}

static void
put_gathering(struct tree *tree, xmlNodePtr root,
    const struct document *document)
{
	for (size_t i = 0; i < document->time_count; i++) {
		xmlNodePtr node = put_element(tree, root, "time");

		put_attribute(tree, node, "date", document->times[i].date);
		put_attribute(tree, node, "weekday",
		    document->times[i].weekday);
		put_attribute(tree, node, "clock", document->times[i].clock);
	}
	put_value(tree, root, "venue", document->venue);
	put_persons(tree, root, "chair", document->chairs,
	    document->chair_count);
	put_persons(tree, root, "caller", document->callers,
	    document->caller_count);
	put_readers(tree, root, "attendees", document->attendees,
	    document->attendee_count);
	put_readers(tree, root, "observers", document->observers,
	    document->observer_count);
	if (document->remarks != NULL)
		put_section(tree, root, "remarks", document->remarks);
}

static void
put_body(struct tree *tree, xmlNodePtr root, const struct document *document)
{
	put_value(tree, root, "subject", document->subject);
	for (size_t i = 0; i < document->section_count; i++)
		put_section(tree, root, "section", &document->sections[i]);
	put_gathering(tree, root, document);
	put_readers(tree, root, "originals", document->originals,
	    document->original_count);
	put_readers(tree, root, "copies", document->copies,
	    document->copy_count);
	if (document->superior_count > 0)
		put_persons(tree, put_element(tree, root, "superiors"),
		    "person", document->superiors, document->superior_count);
	for (size_t i = 0; i < document->signature_count; i++)
		put_value(tree, root, "signature", document->signatures[i]);
	put_value(tree, root, "signed", document->signed_text);
}

/* ---- what stands beside it ------------------------------------------- */

static void
put_copy(struct tree *tree, xmlNodePtr root,
    const struct render_options *options)
{
	xmlNodePtr node = put_element(tree, root, "copy");

	put_attribute(tree, node, "mark", render_mark_name(options->mark));
	put_attribute(tree, node, "dispatch", options->dispatch);
	put_attribute(tree, node, "archive", options->archive_number);
	put_attribute(tree, node, "retention", options->retention);
	put_attribute(tree, node, "stamp", options->stamp);
	if (options->received == NULL)
		return;
	put_attribute(tree, node, "received", "yes");
	put_attribute(tree, node, "number", options->received->number);
	put_attribute(tree, node, "received-at", options->received->time);
}

static void
put_message(struct tree *tree, xmlNodePtr root,
    const struct doc_message *message)
{
	xmlNodePtr node = put_element(tree, root, "message");

	put_attribute(tree, node, "name", render_message(message->code));
	put_text(tree, node, message->remark);
}

static void
put_roster(struct tree *tree, xmlNodePtr root, const struct roster *roster)
{
	xmlNodePtr list = put_element(tree, root, "roster");

	put_attribute(tree, list, "file", roster->name);
	for (size_t i = 0; i < roster->count; i++) {
		const struct roster_entry *entry = &roster->entries[i];
		xmlNodePtr node = put_element(tree, list, "entry");

		put_attribute(tree, node, "name", entry->name);
		put_attribute(tree, node, "code", entry->code.text);
		put_attribute(tree, node, "copy", entry->copy);
		put_attribute(tree, node, "attachments",
		    entry->with_attachments ? "yes" : "");
	}
}

/* What is shown alone has no letter above it. */
static void
put_title(struct tree *tree, xmlNodePtr root, const struct render_input *input)
{
	const struct document *document = input->document;

	if (document != NULL) {
		put_attribute(tree, root, "kind", kind_of(document));
		put_attribute(tree, root, "title", render_title(document));
		put_attribute(tree, root, "speed",
		    render_speed(document->speed));
	} else {
		put_attribute(tree, root, "kind", "alone");
		put_attribute(tree, root, "title",
		    input->message != NULL ? "文書訊息表單" : "交換表單");
	}
}

static void
put_all(struct tree *tree, const struct render_input *input,
    const struct render_options *options)
{
	xmlNodePtr root = put_element(tree, NULL, "letter");

	if (root == NULL)
		return;
	xmlDocSetRootElement(tree->doc, root);
	put_title(tree, root, input);
	put_copy(tree, root, options);
	if (input->message != NULL)
		put_message(tree, root, input->message);
	if (input->document != NULL) {
		put_head(tree, root, input->document, options);
		put_body(tree, root, input->document);
	}
	for (size_t i = 0; i < input->roster_count; i++)
		put_roster(tree, root, &input->rosters[i]);
}

int
render_tree_new(const struct render_input *input,
    const struct render_options *options, struct _xmlDoc **ret_doc,
    struct error *err)
{
	struct tree tree = { .doc = xmlNewDoc((const xmlChar *)"1.0") };

	if (tree.doc == NULL)
		return error_set_memory(err);
	put_all(&tree, input, options);
	bytes_free(&tree.text);
	if (tree.failed) {
		xmlFreeDoc(tree.doc);
		return error_set_memory(err);
	}
	*ret_doc = tree.doc;
	return 0;
}
