/*
 * The files handed in against the files that the letter names.
 */
#include "base/text.h"
#include "document/document_internal.h"
#include "document/file_name.h"
#include "document/file_type.h"
#include "document/roster.h"

static bool
is_handed_in(const struct document_set *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (text_equal(set->files[i].name, name))
			return true;
	return false;
}

static bool
names_file(const struct document_file *files, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal(files[i].name, name))
			return true;
	return false;
}

/* The letter's own check has reported the names that it declares. */
static bool
is_declared(const struct document_set *set, const char *name)
{
	const struct document *document = set->report->document;

	return document != NULL &&
	    (names_file(document->attachments, document->attachment_count,
		 name) ||
		names_file(document->rosters, document->roster_count, name) ||
		(document->message != NULL &&
		    names_file(document->message, 1, name)));
}

static void
check_names(const struct document_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		const char *name = set->files[i].name;
		const char *rule = file_name_broken_rule(name);

		if (rule != NULL && !is_declared(set, name))
			document_report_file(set, name, rule, name);
		for (size_t k = 0; k < i; k++)
			if (file_name_equal(set->files[k].name, name)) {
				document_report_file(set, name, "E2127", name);
				break;
			}
	}
}

static void
check_contents(const struct document_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct document_input *file = &set->files[i];
		enum file_type type;

		if (file->kind != DOCUMENT_ATTACHMENT)
			continue;
		type = file_type_of(file->data, file->len);
		if (file_type_is_refused(type))
			document_report_file(set, file->name, "E2125",
			    file_type_name(type));
		else if (!file_type_fits_name(type, file->name))
			document_report_file(set, file->name, "E2126",
			    file_type_name(type));
	}
}

static void
check_present(const struct document_set *set, const struct document_file *files,
    size_t count, const char *rule)
{
	for (size_t i = 0; i < count; i++) {
		struct finding_place place = { set->report->document->name,
			files[i].line, files[i].column, NULL };

		if (!is_handed_in(set, files[i].name))
			findings_add(set->findings, &place, rule,
			    files[i].name);
	}
}

/* 內含本文與附件之可攜式文件檔名: one more way to name a file. */
static bool
is_body_file(const struct document_set *set, const char *name)
{
	const struct document_report *report = set->report;

	if (report->document->recipient != NULL &&
	    text_equal(report->document->recipient->body_file, name))
		return true;
	for (size_t i = 0; i < report->roster_count; i++)
		for (size_t k = 0; k < report->rosters[i].count; k++)
			if (text_equal(report->rosters[i].entries[k].body_file,
				name))
				return true;
	return false;
}

static void
check_body_file(const struct document_set *set,
    const struct roster_entry *entry)
{
	struct finding_place place = { .file = entry->file,
		.line = entry->line };
	const char *rule;

	if (*entry->body_file == '\0')
		return;
	rule = file_name_broken_rule(entry->body_file);
	if (rule == NULL && !is_handed_in(set, entry->body_file))
		rule = "E2123";
	if (rule != NULL)
		findings_add(set->findings, &place, rule, entry->body_file);
}

static void
check_body_files(const struct document_set *set)
{
	const struct document_report *report = set->report;

	if (report->document->recipient != NULL)
		check_body_file(set, report->document->recipient);
	for (size_t i = 0; i < report->roster_count; i++)
		for (size_t k = 0; k < report->rosters[i].count; k++)
			check_body_file(set, &report->rosters[i].entries[k]);
}

/*
 * Rosters beyond the one that the letter names belong to it, too: one letter
 * may go out in several lists.
 */
static bool
is_named(const struct document_set *set, const struct document_input *file)
{
	const struct document *document = set->report->document;

	switch (file->kind) {
	case DOCUMENT_DI:
	case DOCUMENT_SW:
		return true;
	case DOCUMENT_DM:
		return document->message != NULL &&
		    text_equal(document->message->name, file->name);
	case DOCUMENT_ENVELOPE:
		return false;
	case DOCUMENT_ATTACHMENT:
		break;
	}
	return names_file(document->attachments, document->attachment_count,
		   file->name) ||
	    is_body_file(set, file->name);
}

void
document_check_files(const struct document_set *set)
{
	const struct document *document = set->report->document;

	check_names(set);
	check_contents(set);
	/* Nothing is left over or missing if nobody knows what is named. */
	if (document == NULL)
		return;
	check_present(set, document->attachments, document->attachment_count,
	    "E2123");
	check_present(set, document->rosters, document->roster_count,
	    document->kind == DOC_KIND_MEMO ? "E2128" : "E2123");
	if (document->message != NULL)
		check_present(set, document->message, 1, "E2123");
	check_body_files(set);
	for (size_t i = 0; i < set->count; i++)
		if (!is_named(set, &set->files[i]))
			document_report_file(set, set->files[i].name, "E2124",
			    set->files[i].name);
}
