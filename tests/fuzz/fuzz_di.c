#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "document/document.h"
#include "fuzz_dtds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static size_t
walk_items(const struct document_item *items, size_t count)
{
	size_t len = 0;

	for (size_t i = 0; i < count; i++)
		len += strlen(items[i].number) + strlen(items[i].text) +
		    walk_items(items[i].items, items[i].item_count);
	return len;
}

/* Every text is there, and ends: ASan tells if not. */
static size_t
walk(const struct document *document)
{
	struct document_readers lists[DOCUMENT_READER_LISTS];
	size_t len = strlen(document->subject) + strlen(document->venue) +
	    strlen(document->addressee) + strlen(document->signed_text) +
	    strlen(document->class_name);

	document_reader_lists(document, lists);
	for (size_t i = 0; i < DOCUMENT_READER_LISTS; i++)
		for (size_t k = 0; k < lists[i].count; k++)
			len += strlen(lists[i].items[k].name) +
			    strlen(lists[i].items[k].title);
	for (size_t i = 0; i < document->section_count; i++)
		len += strlen(document->sections[i].label) +
		    strlen(document->sections[i].text) +
		    walk_items(document->sections[i].items,
			document->sections[i].item_count);
	if (document->remarks != NULL)
		len += walk_items(document->remarks->items,
		    document->remarks->item_count);
	for (size_t i = 0; i < document->time_count; i++)
		len += strlen(document->times[i].clock);
	for (size_t i = 0; i < document->caller_count; i++)
		len += strlen(document->callers[i].phone);
	for (size_t i = 0; i < document->superior_count; i++)
		len += strlen(document->superiors[i].title);
	return len;
}

/* A letter of any kind, and behind a NUL a roster that goes with it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *end = len == 0 ? NULL : memchr(data, 0, len);
	size_t first = end == NULL ? len : (size_t)(end - data);
	struct document_input files[] = { { "1.di", DOCUMENT_DI, data, first },
		{ "1.sw", DOCUMENT_SW, end == NULL ? NULL : end + 1,
		    end == NULL ? 0 : len - first - 1 } };
	struct document_report *report = NULL;
	struct error err = { 0 };

	if (document_check(files, end == NULL ? 1 : 2, fuzz_dtds(), &report,
		&err) < 0)
		abort();
	if (report->accepted != (document_report_refusal(report, &err) == 0))
		abort();
	if (report->accepted && report->document == NULL)
		abort();
	if (report->document != NULL && walk(report->document) > 8 * len + 4096)
		abort();
	document_report_free(report);
	return 0;
}
