#include "document/letter.h"

#include <string.h>

#include "base/text.h"
#include "document/file_name.h"
#include "document/finding.h"
#include "document/letter_internal.h"
#include "document/pool.h"
#include "document/xml_file.h"

enum file_class { FILE_ATTACHMENT, FILE_ROSTER, FILE_MESSAGE };

/*
 * The names 表單 and 文書訊息表單 are convention, the extensions are too; a
 * memo declares its roster without ever referring to it.
 */
static enum file_class
class_of(const struct prolog_entity *entity)
{
	if (text_equal(entity->name, "表單") ||
	    file_name_has_extension(entity->file, ".sw"))
		return FILE_ROSTER;
	if (text_equal(entity->name, "文書訊息表單") ||
	    text_equal(entity->notation, "DM") ||
	    file_name_has_extension(entity->file, ".dm"))
		return FILE_MESSAGE;
	return FILE_ATTACHMENT;
}

static struct document_file
file_of(const struct prolog_entity *entity)
{
	return (struct document_file){ entity->name, entity->file, entity->line,
		entity->column };
}

static void
report_entity(const struct xml_file *file, const struct prolog_entity *entity,
    const char *rule, const char *argument)
{
	struct finding_place place = { file->name, entity->line, entity->column,
		NULL };

	findings_add(file->findings, &place, rule, argument);
}

static bool
has_file(const struct document_file *files, size_t count, const char *entity)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal(files[i].entity, entity))
			return true;
	return false;
}

/*
 * One name of 附件名.  Undeclared ones are the DTD's finding; those that are
 * no attachments would be delivered as one.
 */
static void
refer_to(const struct xml_file *file, const struct _xmlNode *node,
    const char *name, struct document_file *to, size_t *count)
{
	const struct prolog_entity *entity =
	    prolog_entity_find(&file->prolog, name);

	if (entity == NULL || has_file(to, *count, name))
		return;
	if (class_of(entity) != FILE_ATTACHMENT) {
		xml_report(file, node, "E2107", name);
		return;
	}
	to[(*count)++] = file_of(entity);
}

/* The names that an 附件檔名 gives, separated by blanks. */
static void
read_names(const struct xml_file *file, const struct _xmlNode *node,
    struct document_file *to, size_t *count)
{
	const char *at = xml_attribute(file, node, "附件名");

	while (*at != '\0') {
		size_t len = strcspn(at, " \t\r\n");

		if (len > 0)
			refer_to(file, node, pool_text_len(file->pool, at, len),
			    to, count);
		at += len;
		at += strspn(at, " \t\r\n");
	}
}

static void
read_attachments(const struct xml_file *file, struct document *document)
{
	const struct _xmlNode *list = xml_child(xml_file_root(file), "附件");
	const struct _xmlNode *node;
	struct document_file *to;

	document->attachment_note = xml_child_text(file, list, "文字");
	to = pool_alloc(file->pool, file->prolog.entity_count, sizeof(*to));
	if (to == NULL)
		return;
	document->attachments = to;
	for (node = xml_child(list, "附件檔名"); node != NULL;
	     node = xml_next(node, "附件檔名"))
		read_names(file, node, to, &document->attachment_count);
}

/* The roster that 受文者 names comes first; others follow as declared. */
static void
read_rosters(const struct xml_file *file, struct document *document)
{
	const struct prolog *prolog = &file->prolog;
	const struct _xmlNode *table =
	    xml_child(xml_child(xml_file_root(file), "受文者"), "交換表");
	const struct prolog_entity *named =
	    prolog_entity_find(prolog, xml_attribute(file, table, "交換表單"));
	struct document_file *to;

	to = pool_alloc(file->pool, prolog->entity_count, sizeof(*to));
	if (to == NULL)
		return;
	document->rosters = to;
	if (named != NULL)
		to[document->roster_count++] = file_of(named);
	for (size_t i = 0; i < prolog->entity_count; i++)
		if (&prolog->entities[i] != named &&
		    class_of(&prolog->entities[i]) == FILE_ROSTER)
			to[document->roster_count++] =
			    file_of(&prolog->entities[i]);
}

static void
read_message(const struct xml_file *file, struct document *document)
{
	for (size_t i = 0; i < file->prolog.entity_count; i++) {
		const struct prolog_entity *entity = &file->prolog.entities[i];
		struct document_file *to;

		if (class_of(entity) != FILE_MESSAGE)
			continue;
		if (document->message != NULL) {
			report_entity(file, entity, "E2122", entity->name);
			continue;
		}
		to = pool_alloc(file->pool, 1, sizeof(*to));
		if (to == NULL)
			return;
		*to = file_of(entity);
		document->message = to;
	}
}

static void
check_entities(const struct xml_file *file, const struct document *document)
{
	for (size_t i = 0; i < file->prolog.entity_count; i++) {
		const struct prolog_entity *entity = &file->prolog.entities[i];

		if (class_of(entity) == FILE_ATTACHMENT &&
		    !has_file(document->attachments, document->attachment_count,
			entity->name) &&
		    !has_file(document->rosters, document->roster_count,
			entity->name))
			report_entity(file, entity, "E2122", entity->name);
	}
}

void
letter_read_files(const struct xml_file *file, struct document *document)
{
	read_attachments(file, document);
	read_rosters(file, document);
	read_message(file, document);
	check_entities(file, document);
}
