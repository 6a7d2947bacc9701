/*
 * The recipients of the rosters against each other, and against 正本, 副本,
 * 出席者 and 列席者.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "document/document_internal.h"
#include "document/finding.h"
#include "document/name_fold.h"

/* A name as it is compared, and where it stands. */
struct folded {
	const char *key;
	const char *shown;
	const char *list; /* "正本", or NULL for an entry of a roster */
	struct finding_place place;
	enum reader_kind kind;
	unsigned position; /* among those of its kind; 0 for none */
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
    const struct folded *from)
{
	struct bytes key = { 0 };
	struct folded *to = &list->items[list->count];

	*to = *from;
	name_fold_put(&key, from->shown);
	if (key.failed)
		set->pool->failed = true;
	else
		to->key =
		    pool_text_len(set->pool, (const char *)key.data, key.len);
	bytes_free(&key);
	list->count++;
	return set->pool->failed ? -1 : 0;
}

static size_t
count_entries(const struct document_report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < report->roster_count; i++)
		count += report->rosters[i].count;
	return count;
}

static enum reader_kind
kind_of_entry(const struct roster_entry *entry)
{
	if (entry->is_person)
		return READER_PERSON;
	return entry->is_unit ? READER_UNIT : READER_ORG;
}

static struct folded
folded_of_entry(const struct roster_entry *entry)
{
	return (struct folded){ .shown = entry->name,
		.place = { entry->file, entry->line, entry->column, NULL },
		.kind = kind_of_entry(entry),
		.position = entry->position };
}

/* "/函/正本/全銜[2]", "/交換表單/全銜[1]": what the parsed file would say. */
static void
put_path(const struct document_set *set, const struct folded *item,
    struct bytes *to)
{
	const struct document *document = set->report->document;

	if (item->list != NULL)
		bytes_put_format(to, "/%s/%s",
		    document_kind_name(document->kind), item->list);
	else
		bytes_put_text(to, "/交換表單");
	bytes_put_format(to, "/%s", reader_kind_name(item->kind));
	if (item->position > 0)
		bytes_put_format(to, "[%u]", item->position);
	bytes_put_u8(to, 0);
}

static void
report_folded(const struct document_set *set, const struct folded *item,
    const char *rule, const char *argument)
{
	struct finding_place place = item->place;
	struct bytes path = { 0 };

	if (findings_has_room(set->findings, rule)) {
		put_path(set, item, &path);
		place.path = path.failed ? NULL : (const char *)path.data;
	}
	findings_add(set->findings, &place, rule, argument);
	bytes_free(&path);
}

static void
report_entry(const struct document_set *set, const struct roster_entry *entry,
    const char *rule, const char *argument)
{
	struct folded item = folded_of_entry(entry);

	report_folded(set, &item, rule, argument);
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

/* All entries of rosters, and the one recipient that a letter may name. */
static int
fold_rosters(const struct document_set *set, struct folded_list *list)
{
	const struct document_report *report = set->report;
	const struct roster_entry *alone = report->document->recipient;

	if (alone != NULL && !alone->is_person) {
		struct folded item = folded_of_entry(alone);

		item.list = "受文者";
		if (add_folded(set, list, &item) < 0)
			return -1;
	}

	for (size_t i = 0; i < report->roster_count; i++)
		for (size_t k = 0; k < report->rosters[i].count; k++) {
			struct folded item =
			    folded_of_entry(&report->rosters[i].entries[k]);

			if (item.kind != READER_PERSON &&
			    add_folded(set, list, &item) < 0)
				return -1;
		}
	return 0;
}

static int
fold_readers(const struct document_set *set, struct folded_list *list,
    const struct document_readers *readers)
{
	for (size_t i = 0; i < readers->count; i++) {
		const struct document_reader *reader = &readers->items[i];
		struct folded item = { .shown = reader->name,
			.list = readers->name,
			.place = { set->report->document->name, reader->line,
			    reader->column, NULL },
			.kind = reader->kind,
			.position = reader->position };

		if ((reader->kind == READER_ORG ||
			reader->kind == READER_UNIT) &&
		    add_folded(set, list, &item) < 0)
			return -1;
	}
	return 0;
}

static void
report_absent(const struct document_set *set, const struct folded_list *from,
    const struct folded_list *among, const char *rule)
{
	for (size_t i = 0; i < from->count; i++)
		if (bsearch(&from->items[i], among->items, among->count,
			sizeof(*among->items), compare_keys) == NULL)
			report_folded(set, &from->items[i], rule,
			    from->items[i].shown);
}

static bool
has_group(const struct document_readers *readers)
{
	for (size_t i = 0; i < readers->count; i++)
		if (readers->items[i].kind == READER_GROUP)
			return true;
	return false;
}

/*
 * Warnings only: a reader may get paper, and the list may be shortened to a
 * collective name, behind which any recipient may stand.
 */
static int
compare_names(const struct document_set *set, struct error *err)
{
	struct document_readers lists[DOCUMENT_READER_LISTS];
	size_t reader_count = 0;
	size_t entry_count = count_entries(set->report) + 1;
	bool is_notice = set->report->document->kind == DOC_KIND_NOTICE;
	struct folded_list listed = { 0 };
	struct folded_list lettered = { 0 };
	bool is_open = false;

	document_reader_lists(set->report->document, lists);
	for (size_t i = 0; i < DOCUMENT_READER_LISTS; i++) {
		reader_count += lists[i].count;
		is_open = is_open || has_group(&lists[i]);
	}
	listed.items =
	    pool_alloc(set->pool, entry_count, sizeof(*listed.items));
	lettered.items =
	    pool_alloc(set->pool, reader_count, sizeof(*lettered.items));
	if (listed.items == NULL || lettered.items == NULL ||
	    fold_rosters(set, &listed) < 0)
		return error_set_memory(err);
	for (size_t i = 0; i < DOCUMENT_READER_LISTS; i++)
		if (fold_readers(set, &lettered, &lists[i]) < 0)
			return error_set_memory(err);
	qsort(listed.items, listed.count, sizeof(*listed.items), compare_keys);
	qsort(lettered.items, lettered.count, sizeof(*lettered.items),
	    compare_keys);
	report_absent(set, &lettered, &listed, "E2133");
	/* A notice need not name its readers. */
	if (!is_open && (reader_count > 0 || !is_notice))
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
	/* A memo stays in its house. */
	if (document == NULL || document->kind == DOC_KIND_MEMO)
		return 0;
	/* A notice may hang on a wall alone. */
	if (!has_recipients(set))
		document_report_file(set, document->name,
		    document->kind == DOC_KIND_NOTICE ? "E2154" : "E2130", "");
	if (count == 0 && document->recipient == NULL)
		return 0;
	return compare_names(set, err);
}
