/*
 * Whom a letter is for, as people read it: 受文者, 正本, 副本, 出席者, 列席者,
 * and 敬陳 of a memo.
 */
#include <string.h>

#include "base/text.h"
#include "document/letter_internal.h"
#include "document/pool.h"
#include "document/roster.h"
#include "document/xml_file.h"

static const char *const kind_names[] = {
	[READER_ORG] = "全銜",
	[READER_UNIT] = "單位名",
	[READER_PERSON] = "姓名",
	[READER_GROUP] = "總稱",
};

enum { KIND_COUNT = sizeof(kind_names) / sizeof(kind_names[0]) };

const char *
reader_kind_name(enum reader_kind kind)
{
	return kind_names[kind];
}

void
document_reader_lists(const struct document *document,
    struct document_readers ret_lists[DOCUMENT_READER_LISTS])
{
	ret_lists[0] = (struct document_readers){ "正本", document->originals,
		document->original_count };
	ret_lists[1] = (struct document_readers){ "副本", document->copies,
		document->copy_count };
	ret_lists[2] = (struct document_readers){ "出席者", document->attendees,
		document->attendee_count };
	ret_lists[3] = (struct document_readers){ "列席者", document->observers,
		document->observer_count };
}

static bool
reader_kind_of(const struct _xmlNode *node, enum reader_kind *ret_kind)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (xml_is(node, kind_names[i])) {
			*ret_kind = (enum reader_kind)i;
			return true;
		}
	return false;
}

/* ---- lists of readers ------------------------------------------------ */

/* One list while it is read. */
struct reading {
	const struct xml_file *file;
	const char *list; /* "正本" */
	bool with;        /* all get attachments */
	struct document_reader *to;
	size_t count;
	unsigned seen[KIND_COUNT];
};

static void
add_reader(struct reading *reading, const struct _xmlNode *node,
    enum reader_kind kind)
{
	struct document_reader *to = &reading->to[reading->count++];

	to->kind = kind;
	to->name = xml_text(reading->file, node);
	to->title = "";
	to->with_attachments = reading->with;
	to->line = xml_line(node);
	to->column = xml_column(node);
	to->position = ++reading->seen[kind];
	if (*to->name == '\0')
		xml_report(reading->file, node, "E2114", reading->list);
}

/* What stands behind a name belongs to it. */
static void
read_child(struct reading *reading, const struct _xmlNode *node)
{
	struct document_reader *last =
	    reading->count == 0 ? NULL : &reading->to[reading->count - 1];
	enum reader_kind kind;

	if (reader_kind_of(node, &kind))
		add_reader(reading, node, kind);
	else if (last != NULL && xml_is(node, "職稱"))
		last->title = xml_text(reading->file, node);
	else if (last != NULL && xml_is(node, "含附件"))
		last->with_attachments =
		    text_equal(xml_text(reading->file, node), "含附件");
}

/* Names without elements around them, as some programs write a list. */
static void
read_bare_text(struct reading *reading, const struct _xmlNode *parent)
{
	const char *text = xml_own_text(reading->file, parent);

	if (*text == '\0')
		return;
	reading->to[reading->count++] = (struct document_reader){
		.kind = READER_GROUP,
		.name = text,
		.title = "",
		.with_attachments = reading->with,
		.line = xml_line(parent),
		.column = xml_column(parent),
	};
}

static const struct document_reader *
read_list(const struct xml_file *file, const char *list, bool with,
    size_t *ret_count)
{
	const struct _xmlNode *parent = xml_child(xml_file_root(file), list);
	struct reading reading = { .file = file, .list = list, .with = with };

	*ret_count = 0;
	if (parent == NULL)
		return NULL;
	reading.to = pool_alloc(file->pool, xml_count(parent, NULL) + 1,
	    sizeof(*reading.to));
	if (reading.to == NULL)
		return NULL;
	for (const struct _xmlNode *at = xml_child(parent, NULL); at != NULL;
	     at = xml_next(at, NULL))
		read_child(&reading, at);
	read_bare_text(&reading, parent);
	*ret_count = reading.count;
	return reading.to;
}

/* ---- 受文者 ---------------------------------------------------------- */

static void
read_addressee(const struct xml_file *file, struct document *document)
{
	const struct _xmlNode *parent =
	    xml_child(xml_file_root(file), "受文者");
	const struct _xmlNode *node = xml_child(parent, NULL);
	struct roster_entry *entry;
	enum reader_kind kind;

	document->addressee =
	    node == NULL ? xml_own_text(file, parent) : xml_text(file, node);
	if (document->kind == DOC_KIND_MEMO || node == NULL ||
	    !reader_kind_of(node, &kind) || kind == READER_GROUP)
		return;
	entry = pool_alloc(file->pool, 1, sizeof(*entry));
	if (entry == NULL)
		return;
	roster_entry_read(file, node, entry);
	document->recipient = entry;
}

/* ---- 敬陳 ------------------------------------------------------------ */

/* (職稱, 姓名?)+: a new person begins with each title, or name without one. */
static void
read_superiors(const struct xml_file *file, struct document *document)
{
	const struct _xmlNode *parent = xml_child(xml_file_root(file), "敬陳");
	struct document_person *to;
	size_t count = 0;

	to = pool_alloc(file->pool, xml_count(parent, NULL), sizeof(*to));
	if (parent == NULL || to == NULL)
		return;
	for (const struct _xmlNode *at = xml_child(parent, NULL); at != NULL;
	     at = xml_next(at, NULL)) {
		bool is_name = xml_is(at, "姓名");

		if (!is_name && !xml_is(at, "職稱"))
			continue;
		if (!is_name || count == 0 || *to[count - 1].name != '\0')
			to[count++] = (struct document_person){ "", "", "" };
		if (is_name)
			to[count - 1].name = xml_text(file, at);
		else
			to[count - 1].title = xml_text(file, at);
	}
	document->superiors = to;
	document->superior_count = count;
}

void
letter_read_people(const struct xml_file *file, struct document *document)
{
	document->originals =
	    read_list(file, "正本", true, &document->original_count);
	document->copies =
	    read_list(file, "副本", false, &document->copy_count);
	document->attendees =
	    read_list(file, "出席者", true, &document->attendee_count);
	document->observers =
	    read_list(file, "列席者", true, &document->observer_count);
	read_addressee(file, document);
	read_superiors(file, document);
}
