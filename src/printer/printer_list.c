#include "printer/printer_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/csv.h"
#include "base/error.h"
#include "base/text.h"
#include "document/document.h"
#include "document/letter.h"
#include "document/name_fold.h"
#include "role/message.h"

const char *const printer_list_titles[PRINTER_LIST_PARTS] = { "電子交換",
	"非電子交換（紙本）" };

void
printer_list_free(struct printer_list *list)
{
	for (int i = 0; i < PRINTER_LIST_PARTS; i++)
		free(list->entries[i]);
	*list = (struct printer_list){ 0 };
}

static void
add(struct printer_list *list, int part, const struct roster_entry *entry)
{
	list->entries[part][list->parts[part].count++] = *entry;
}

/* Is its code one of the lines? */
static bool
is_paper(struct blob lines, const char *code)
{
	const char *at = (const char *)lines.data;
	size_t left = lines.len;
	size_t len = strlen(code);

	while (left > 0) {
		const char *end = memchr(at, '\n', left);
		size_t line = end != NULL ? (size_t)(end - at) : left;

		if (line == len && memcmp(at, code, len) == 0)
			return true;
		if (end == NULL)
			break;
		left -= line + 1;
		at = end + 1;
	}
	return false;
}

static bool
same_name(const char *a, const char *b)
{
	struct bytes left = { 0 };
	struct bytes right = { 0 };
	bool is_same;

	name_fold_put(&left, a);
	name_fold_put(&right, b);
	is_same = !left.failed && !right.failed && left.len == right.len &&
	    (left.len == 0 || memcmp(left.data, right.data, left.len) == 0);
	bytes_free(&left);
	bytes_free(&right);
	return is_same;
}

static bool
is_in_roster(const struct document_report *report, const char *name)
{
	for (size_t i = 0; i < report->roster_count; i++)
		for (size_t j = 0; j < report->rosters[i].count; j++)
			if (same_name(report->rosters[i].entries[j].name, name))
				return true;
	return report->document->recipient != NULL &&
	    same_name(report->document->recipient->name, name);
}

static void
add_readers(struct printer_list *list, const struct document_report *report,
    const struct document_reader *readers, size_t count, bool are_copies)
{
	for (size_t i = 0; i < count; i++) {
		struct roster_entry entry = { .name = readers[i].name,
			.with_attachments =
			    !are_copies || readers[i].with_attachments,
			.copy = are_copies ? "副本" : "正本",
			.body_file = "",
			.file = "" };

		if (!is_in_roster(report, readers[i].name))
			add(list, 1, &entry);
	}
}

static size_t
count_all(const struct document_report *report)
{
	const struct document *document = report->document;
	size_t count = 1 + document->original_count + document->copy_count +
	    document->attendee_count + document->observer_count;

	for (size_t i = 0; i < report->roster_count; i++)
		count += report->rosters[i].count;
	return count;
}

int
printer_list_make(const struct document_report *report,
    const struct message_render *request, struct printer_list *list,
    struct error *err)
{
	const struct document *document = report->document;
	size_t count;

	if (document == NULL)
		return error_set(err, ERROR_MALFORMED,
		    "a list of recipients without its letter");
	count = count_all(report);
	for (int i = 0; i < PRINTER_LIST_PARTS; i++) {
		list->entries[i] = calloc(count, sizeof(*list->entries[i]));
		if (list->entries[i] == NULL)
			return error_set_memory(err);
		list->parts[i].name = printer_list_titles[i];
		list->parts[i].entries = list->entries[i];
	}
	if (document->recipient != NULL)
		add(list,
		    is_paper(request->paper, document->recipient->code.text),
		    document->recipient);
	for (size_t i = 0; i < report->roster_count; i++)
		for (size_t j = 0; j < report->rosters[i].count; j++) {
			const struct roster_entry *entry =
			    &report->rosters[i].entries[j];

			add(list, is_paper(request->paper, entry->code.text),
			    entry);
		}
	add_readers(list, report, document->originals, document->original_count,
	    false);
	add_readers(list, report, document->attendees, document->attendee_count,
	    false);
	add_readers(list, report, document->observers, document->observer_count,
	    false);
	add_readers(list, report, document->copies, document->copy_count, true);
	return 0;
}

void
printer_list_put_csv(const struct printer_list *list, struct bytes *to)
{
	static const char *const heads[] = { "傳送方式", "受文者", "機關代碼",
		"本別", "附件" };

	bytes_put_text(to, "\xef\xbb\xbf");
	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		csv_put(to, i == 0, heads[i]);
	csv_put_end(to);
	for (int i = 0; i < PRINTER_LIST_PARTS; i++)
		for (size_t j = 0; j < list->parts[i].count; j++) {
			const struct roster_entry *entry = &list->entries[i][j];

			csv_put(to, true, printer_list_titles[i]);
			csv_put(to, false, entry->name);
			csv_put(to, false, entry->code.text);
			csv_put(to, false, entry->copy);
			csv_put(to, false,
			    entry->with_attachments ? "含附件" : "不含附件");
			csv_put_end(to);
		}
}
