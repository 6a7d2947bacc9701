/*
 * What a letter says: subject, sections with their items, signatures.
 */
#include "base/bytes.h"
#include "base/text.h"
#include "document/letter_internal.h"
#include "document/pool.h"
#include "document/xml_file.h"

/* 條例 is a common slip of the pen, and the text is still the letter's. */
static bool
is_item(const struct _xmlNode *node)
{
	return xml_is(node, "條列") || xml_is(node, "條例");
}

static size_t
count_items(const struct _xmlNode *parent)
{
	size_t count = 0;

	for (const struct _xmlNode *at = xml_child(parent, NULL); at != NULL;
	     at = xml_next(at, NULL))
		count += is_item(at);
	return count;
}

/* Recursion ends with the pre-scan's limit on depth. */
static const struct document_item *
read_items(const struct xml_file *file, const struct _xmlNode *parent,
    size_t *ret_count)
{
	size_t room = count_items(parent);
	struct document_item *to = pool_alloc(file->pool, room, sizeof(*to));
	size_t count = 0;

	*ret_count = 0;
	if (to == NULL || room == 0)
		return NULL;
	for (const struct _xmlNode *at = xml_child(parent, NULL); at != NULL;
	     at = xml_next(at, NULL)) {
		if (!is_item(at))
			continue;
		to[count].number = xml_attribute(file, at, "序號");
		to[count].text = letter_text_of(file, at);
		to[count].items = read_items(file, at, &to[count].item_count);
		count++;
	}
	*ret_count = count;
	return to;
}

/* The name stands in 段名; some write 代碼. */
static const char *
label_of(const struct xml_file *file, const struct _xmlNode *node)
{
	const char *label = xml_attribute(file, node, "段名");

	return *label != '\0' ? label : xml_attribute(file, node, "代碼");
}

static struct document_section
section_of(const struct xml_file *file, const struct _xmlNode *node)
{
	struct document_section section = {
		.label = label_of(file, node),
		.text = letter_text_of(file, node),
	};

	section.items = read_items(file, node, &section.item_count);
	return section;
}

static const struct document_section *
read_sections(const struct xml_file *file, const struct _xmlNode *parent,
    size_t *ret_count)
{
	size_t count = xml_count(parent, "段落");
	const struct _xmlNode *node = xml_child(parent, "段落");
	struct document_section *to;

	*ret_count = 0;
	to = pool_alloc(file->pool, count, sizeof(*to));
	if (to == NULL || count == 0)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		to[i] = section_of(file, node);
		node = xml_next(node, "段落");
	}
	*ret_count = count;
	return to;
}

/* Several sections, which one has no room for: each becomes an item of one. */
static void
join_sections(const struct xml_file *file,
    const struct document_section *sections, size_t count,
    struct document_section *to)
{
	struct document_item *items =
	    pool_alloc(file->pool, count, sizeof(*items));

	if (items == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		items[i] =
		    (struct document_item){ sections[i].label, sections[i].text,
			    sections[i].items, sections[i].item_count };
	*to = (struct document_section){ "", "", items, count };
}

/* 備註 holds one section, or by mistake none, or several. */
static void
read_remarks(const struct xml_file *file, struct document *document)
{
	const struct _xmlNode *node = xml_child(xml_file_root(file), "備註");
	const struct document_section *sections;
	struct document_section *to;
	size_t count;

	if (node == NULL)
		return;
	to = pool_alloc(file->pool, 1, sizeof(*to));
	sections = read_sections(file, node, &count);
	if (to == NULL)
		return;
	if (count == 0)
		*to = section_of(file, node);
	else if (count == 1)
		*to = sections[0];
	else
		join_sections(file, sections, count, to);
	document->remarks = to;
}

static const char *
subject_name(enum doc_kind kind)
{
	if (kind == DOC_KIND_MEETING)
		return "開會事由";
	return kind == DOC_KIND_SURVEY ? "會勘事由" : "主旨";
}

/* An order may say all it has to say in its sections. */
static void
read_subject(const struct xml_file *file, struct document *document)
{
	const struct _xmlNode *root = xml_file_root(file);
	const char *name = subject_name(document->kind);
	const struct _xmlNode *node = xml_child(root, name);

	document->subject = letter_text_of(file, node);
	if (node != NULL && *document->subject == '\0')
		xml_report(file, node, "E2114", name);
	if (node == NULL &&
	    (document->kind != DOC_KIND_ORDER || document->section_count == 0))
		letter_report_missing(file, root, name);
}

void
letter_read_body(const struct xml_file *file, struct document *document)
{
	const struct _xmlNode *root = xml_file_root(file);

	document->sections =
	    read_sections(file, root, &document->section_count);
	read_subject(file, document);
	read_remarks(file, document);
	document->signatures =
	    letter_texts(file, root, "署名", &document->signature_count);
}
