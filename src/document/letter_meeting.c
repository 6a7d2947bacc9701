/*
 * When and where a meeting or a survey is, who chairs it and who can be asked.
 */
#include "base/text.h"
#include "document/clock_text.h"
#include "document/letter_internal.h"
#include "document/pool.h"
#include "document/xml_file.h"

/* ---- persons --------------------------------------------------------- */

static size_t
count_persons(const struct _xmlNode *root, const char *name)
{
	size_t count = 0;

	for (const struct _xmlNode *node = xml_child(root, name); node != NULL;
	     node = xml_next(node, name))
		count += xml_count(node, NULL) + 1;
	return count;
}

static void
read_person_part(const struct xml_file *file, const struct _xmlNode *node,
    struct document_person *to, size_t *count)
{
	if (xml_is(node, "姓名"))
		to[(*count)++] =
		    (struct document_person){ xml_text(file, node), "", "" };
	else if (*count > 0 && xml_is(node, "職稱"))
		to[*count - 1].title = xml_text(file, node);
	else if (*count > 0 && xml_is(node, "電話"))
		to[*count - 1].phone = xml_text(file, node);
}

/* (姓名, 職稱?, 電話?)+, in one element of that name or in several. */
static const struct document_person *
read_persons(const struct xml_file *file, const char *name, size_t *ret_count)
{
	const struct _xmlNode *root = xml_file_root(file);
	struct document_person *to;
	size_t count = 0;

	*ret_count = 0;
	to = pool_alloc(file->pool, count_persons(root, name), sizeof(*to));
	if (to == NULL)
		return NULL;
	for (const struct _xmlNode *node = xml_child(root, name); node != NULL;
	     node = xml_next(node, name)) {
		const char *bare = xml_own_text(file, node);

		if (*bare != '\0')
			to[count++] = (struct document_person){ bare, "", "" };
		for (const struct _xmlNode *at = xml_child(node, NULL);
		     at != NULL; at = xml_next(at, NULL))
			read_person_part(file, at, to, &count);
	}
	*ret_count = count;
	return to;
}

/* ---- times ----------------------------------------------------------- */

static void
check_time(const struct xml_file *file, const struct _xmlNode *node,
    const struct document_time *time)
{
	struct roc_date date;
	int weekday;

	if (!roc_date_parse(time->date, &date)) {
		xml_report(file, node, "E2112", time->date);
		return;
	}
	if (*time->weekday != '\0' &&
	    (!weekday_parse(time->weekday, &weekday) ||
		weekday != roc_date_weekday(&date)))
		xml_report(file, node, "E2152", time->weekday);
	if (*time->clock == '\0' || !clock_text_parse(time->clock, NULL))
		xml_report(file, node, "E2153", time->clock);
}

static void
read_times(const struct xml_file *file, const char *name,
    struct document *document)
{
	const struct _xmlNode *root = xml_file_root(file);
	const struct _xmlNode *node = xml_child(root, name);
	size_t count = xml_count(root, name);
	struct document_time *to;

	to = pool_alloc(file->pool, count, sizeof(*to));
	if (to == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		to[i].date = xml_child_text(file, node, "年月日");
		to[i].weekday = xml_child_text(file, node, "星期");
		to[i].clock = xml_child_text(file, node, "時分");
		check_time(file, node, &to[i]);
		node = xml_next(node, name);
	}
	document->times = to;
	document->time_count = count;
	if (count == 0)
		letter_report_missing(file, root, name);
}

void
letter_read_meeting(const struct xml_file *file, struct document *document)
{
	bool is_survey = document->kind == DOC_KIND_SURVEY;
	const char *venue = is_survey ? "會勘地點" : "開會地點";
	const struct _xmlNode *root = xml_file_root(file);
	const struct _xmlNode *node = xml_child(root, venue);

	read_times(file, is_survey ? "會勘時間" : "開會時間", document);
	document->venue = letter_text_of(file, node);
	if (node == NULL)
		letter_report_missing(file, root, venue);
	document->chairs = read_persons(file, "主持人", &document->chair_count);
	document->callers =
	    read_persons(file, "聯絡人及電話", &document->caller_count);
}
