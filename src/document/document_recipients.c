/*
 * The recipients of the rosters against each other and against 正本 and 副本.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/document_internal.h"
#include "document/name_fold.h"

/* A name as it is compared, and where it stands. */
struct folded {
	const char *key;
	const char *shown;
	const char *file;
	unsigned line;
};

struct folded_list {
	struct folded *items;
	size_t count;
};

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(((const struct folded *)a)->key,
	    ((const struct folded *)b)->key);
}

static int
add_folded(const struct document_set *set, struct folded_list *list,
    const char *name, const char *file, unsigned line)
{
	struct bytes key = { 0 };

	name_fold_put(&key, name);
	if (key.failed) {
		set->pool->failed = true;
		bytes_free(&key);
		return -1;
	}
	list->items[list->count++] =
	    (struct folded){ pool_text_len(set->pool, (const char *)key.data,
				 key.len),
		    name, file, line };
	bytes_free(&key);
	return 0;
}

static size_t
count_entries(const struct document_report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < report->roster_count; i++)
		count += report->rosters[i].count;
	return count;
}

static void
report_entry(const struct document_set *set, const struct roster_entry *entry,
    const char *rule, const char *argument)
{
	struct finding_place place = { .file = entry->file,
		.line = entry->line };

	findings_add(set->findings, &place, rule, argument);
}

struct listed {
	const struct roster_entry *entry;
};

static int
compare_codes(const void *a, const void *b)
{
	const struct roster_entry *left = ((const struct listed *)a)->entry;
	const struct roster_entry *right = ((const struct listed *)b)->entry;
	int order = strcmp(left->code.text, right->code.text);

	if (order != 0)
		return order;
	/* The later one is the repetition, in whatever order they sort. */
	return left->line < right->line ? -1 : left->line > right->line;
}

/* One delivery per code: a second one would be dropped, or received twice. */
static int
check_codes(const struct document_set *set, struct error *err)
{
	const struct document_report *report = set->report;
	size_t count = count_entries(report);
	struct listed *listed;
	size_t filled = 0;

	listed = pool_alloc(set->pool, count, sizeof(*listed));
	if (listed == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < report->roster_count; i++)
		for (size_t k = 0; k < report->rosters[i].count; k++)
			listed[filled++].entry = &report->rosters[i].entries[k];
	qsort(listed, filled, sizeof(*listed), compare_codes);
	for (size_t i = 1; i < filled; i++) {
		const struct roster_entry *entry = listed[i].entry;

		if (*entry->code.text != '\0' &&
		    org_code_equal(&listed[i - 1].entry->code, &entry->code))
			report_entry(set, entry, "E2131", entry->code.text);
	}
	return 0;
}

static int
fold_rosters(const struct document_set *set, struct folded_list *list)
{
	const struct document_report *report = set->report;

	for (size_t i = 0; i < report->roster_count; i++)
		for (size_t k = 0; k < report->rosters[i].count; k++) {
			const struct roster_entry *entry =
			    &report->rosters[i].entries[k];

			if (!entry->is_person &&
			    add_folded(set, list, entry->name, entry->file,
				entry->line) < 0)
				return -1;
		}
	return 0;
}

static int
fold_readers(const struct document_set *set, struct folded_list *list,
    const struct document_reader *readers, size_t count)
{
	const char *file = set->report->document->name;

	for (size_t i = 0; i < count; i++)
		if ((readers[i].kind == READER_ORG ||
			readers[i].kind == READER_UNIT) &&
		    add_folded(set, list, readers[i].name, file,
			readers[i].line) < 0)
			return -1;
	return 0;
}

static void
report_absent(const struct document_set *set, const struct folded_list *from,
    const struct folded_list *among, const char *rule)
{
	for (size_t i = 0; i < from->count; i++) {
		struct finding_place place = { .file = from->items[i].file,
			.line = from->items[i].line };

		if (bsearch(&from->items[i], among->items, among->count,
			sizeof(*among->items), compare_keys) == NULL)
			findings_add(set->findings, &place, rule,
			    from->items[i].shown);
	}
}

static bool
has_group(const struct document_reader *readers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (readers[i].kind == READER_GROUP)
			return true;
	return false;
}

static int
fold_letter(const struct document_set *set, struct folded_list *list)
{
	const struct document *document = set->report->document;

	if (fold_readers(set, list, document->originals,
		document->original_count) < 0)
		return -1;
	return fold_readers(set, list, document->copies, document->copy_count);
}

/*
 * Warnings only: a reader may get paper, and the list may be shortened to a
 * collective name, behind which any recipient may stand.
 */
static int
compare_names(const struct document_set *set, struct error *err)
{
	const struct document *document = set->report->document;
	size_t entry_count = count_entries(set->report);
	size_t reader_count = document->original_count + document->copy_count;
	struct folded_list listed = { 0 };
	struct folded_list lettered = { 0 };

	listed.items =
	    pool_alloc(set->pool, entry_count, sizeof(*listed.items));
	lettered.items =
	    pool_alloc(set->pool, reader_count, sizeof(*lettered.items));
	if (listed.items == NULL || lettered.items == NULL ||
	    fold_rosters(set, &listed) < 0 || fold_letter(set, &lettered) < 0)
		return error_set_memory(err);
	qsort(listed.items, listed.count, sizeof(*listed.items), compare_keys);
	qsort(lettered.items, lettered.count, sizeof(*lettered.items),
	    compare_keys);
	report_absent(set, &lettered, &listed, "E2133");
	if (!has_group(document->originals, document->original_count) &&
	    !has_group(document->copies, document->copy_count))
		report_absent(set, &listed, &lettered, "E2134");
	return 0;
}

/* A roster that is missing or refused has a finding of its own. */
static bool
has_recipients(const struct document_set *set)
{
	const struct document *document = set->report->document;

	for (size_t i = 0; i < set->count; i++)
		if (set->files[i].kind == DOCUMENT_SW)
			return true;
	return document->recipient != NULL || document->roster_count > 0;
}

int
document_check_recipients(const struct document_set *set, struct error *err)
{
	const struct document_report *report = set->report;
	const struct document *document = report->document;
	size_t count = count_entries(report);

	if (count > ROSTER_RECIPIENTS_MAX)
		document_report_file(set, report->rosters[0].name, "E2135", "");
	if (check_codes(set, err) < 0)
		return -1;
	if (document == NULL || document->kind != DOC_KIND_LETTER)
		return 0;
	if (!has_recipients(set))
		document_report_file(set, document->name, "E2130", "");
	return count == 0 ? 0 : compare_names(set, err);
}
