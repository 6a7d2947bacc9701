/*
 * The files that a letter declares: attachments, rosters, the message form.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "document/file_name.h"
#include "document/letter.h"
#include "document/make_internal.h"
#include "document/prolog.h"

enum { ENTITY_SIZE = 256 };

void
make_entity(const struct document_file *file, enum make_file_kind kind,
    size_t index, char *to, size_t size)
{
	if (*file->entity != '\0')
		text_copy(to, size, file->entity);
	else if (kind == MAKE_ATTACHMENT)
		snprintf(to, size, "ATTCH%zu", index + 1);
	else if (kind == MAKE_MESSAGE)
		snprintf(to, size, "文書訊息表單");
	else if (index == 0)
		snprintf(to, size, "表單");
	else
		snprintf(to, size, "表單%zu", index + 1);
}

/* It stands in the DOCTYPE as it is: nothing that could end the declaration. */
static bool
is_entity_name(const char *name)
{
	static const char inner[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
	size_t len = strlen(name);

	if (len == 0 || len >= ENTITY_SIZE || !text_is_utf8(name, len) ||
	    strchr("0123456789-.", name[0]) != NULL)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] < 0x80 &&
		    strchr(inner, name[i]) == NULL)
			return false;
	return true;
}

/* Kinds are told apart by name when the letter is read again. */
static bool
fits_kind(const char *name, enum make_file_kind kind)
{
	bool is_roster = file_name_has_extension(name, ".sw");
	bool is_message = file_name_has_extension(name, ".dm");

	switch (kind) {
	case MAKE_ROSTER:
		return is_roster;
	case MAKE_MESSAGE:
		return is_message;
	case MAKE_ATTACHMENT:
		break;
	}
	return !is_roster && !is_message &&
	    !file_name_has_extension(name, ".di");
}

static void
declare(struct maker *maker, const struct document_file *file,
    enum make_file_kind kind, size_t index)
{
	static const char *const notations[] = { "_X", "DI", "DM" };
	const char *rule = file_name_broken_rule(file->name);
	char entity[ENTITY_SIZE];

	make_entity(file, kind, index, entity, sizeof(entity));
	if (rule == NULL && !fits_kind(file->name, kind))
		rule = "E2120";
	if (rule != NULL)
		make_report(maker, rule, file->name);
	if (!is_entity_name(entity))
		make_report(maker, "E2012", file->entity);
	bytes_put_format(maker->out, "<!ENTITY %s SYSTEM \"%s\" NDATA %s>\n",
	    entity, file->name, notations[kind]);
}

/* Files, and with them entities, of one letter are all different. */
static void
check_names(struct maker *maker, const struct document *document)
{
	const struct document_file *files = document->attachments;

	for (size_t i = 0; i < document->attachment_count; i++)
		for (size_t k = 0; k < i; k++)
			if (file_name_equal(files[i].name, files[k].name)) {
				make_report(maker, "E2127", files[i].name);
				break;
			}
}

void
make_subset(struct maker *maker, const struct document *document)
{
	size_t count = document->attachment_count + document->roster_count +
	    (document->message != NULL);

	bytes_put_text(maker->out, " [\n");
	if (count > PROLOG_ENTITIES_MAX)
		make_report(maker, "E2012", "");
	for (size_t i = 0; i < document->attachment_count; i++)
		declare(maker, &document->attachments[i], MAKE_ATTACHMENT, i);
	for (size_t i = 0; i < document->roster_count; i++)
		declare(maker, &document->rosters[i], MAKE_ROSTER, i);
	if (document->message != NULL)
		declare(maker, document->message, MAKE_MESSAGE, 0);
	if (count <= PROLOG_ENTITIES_MAX)
		check_names(maker, document);
	if (document->roster_count > 0)
		bytes_put_text(maker->out, "<!NOTATION DI SYSTEM \"\">\n");
	if (document->attachment_count > 0)
		bytes_put_text(maker->out, "<!NOTATION _X SYSTEM \"\">\n");
	if (document->message != NULL)
		bytes_put_text(maker->out, "<!NOTATION DM SYSTEM \"\">\n");
	bytes_put_text(maker->out, "]>\n");
}
