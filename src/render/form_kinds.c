#include "base/text.h"
#include "document/doc_message.h"
#include "document/pool.h"
#include "document/roster.h"
#include "render/form_internal.h"
#include "render/page.h"
#include "render/render_text.h"

static const char *
person_text(struct form *form, const struct document_person *person)
{
	struct bytes text = { 0 };

	bytes_put_format(&text, "%s%s", person->name, person->title);
	if (person->phone[0] != '\0')
		bytes_put_format(&text, "%s%s", text.len > 0 ? "　" : "",
		    person->phone);
	return form_text(form, &text);
}

static const char *
people_text(struct form *form, const struct document_person *people,
    size_t count, const char *between)
{
	struct bytes text = { 0 };

	for (size_t i = 0; i < count; i++)
		bytes_put_format(&text, "%s%s", i > 0 ? between : "",
		    person_text(form, &people[i]));
	return form_text(form, &text);
}

static const char *
times_text(struct form *form)
{
	const struct document *document = form->document;
	struct bytes text = { 0 };

	for (size_t i = 0; i < document->time_count; i++) {
		const struct document_time *time = &document->times[i];

		bytes_put_format(&text, "%s%s", i > 0 ? "\n" : "", time->date);
		if (time->weekday[0] != '\0')
			bytes_put_format(&text, "（%s）", time->weekday);
		bytes_put_text(&text, time->clock);
	}
	return form_text(form, &text);
}

static void
add_readers(struct form *form, const char *label,
    const struct document_reader *readers, size_t count)
{
	form_main_field(form, label, form_readers(form, readers, count, false));
}

static void
add_meeting_fields(struct form *form, bool is_survey)
{
	const struct document *document = form->document;

	form_main_field(form, is_survey ? "會勘事由：" : "開會事由：",
	    document->subject);
	form_main_field(form, is_survey ? "會勘時間：" : "開會時間：",
	    times_text(form));
	form_main_field(form, is_survey ? "會勘地點：" : "開會地點：",
	    document->venue);
	form_main_field(form, "主持人：",
	    people_text(form, document->chairs, document->chair_count, "、"));
	form_main_field(form, "聯絡人及電話：",
	    people_text(form, document->callers, document->caller_count, "\n"));
	add_readers(form, "出席者：", document->attendees,
	    document->attendee_count);
	add_readers(form, "列席者：", document->observers,
	    document->observer_count);
	/* The form has no 正本; what a file has is shown. */
	if (document->original_count > 0)
		add_readers(form, "正本：", document->originals,
		    document->original_count);
	form_main_field(form, "副本：",
	    form_readers(form, document->copies, document->copy_count, true));
}

/* 備註 is the label of a section that has none of its own. */
static void
add_remarks(struct form *form)
{
	static const char label[] = "備註：";
	struct document_section remarks;

	if (form->document->remarks == NULL)
		return;
	remarks = *form->document->remarks;
	if (remarks.label[0] == '\0')
		remarks.label = label;
	else
		form_main_field(form, label, "");
	form_section(form, &remarks);
}

void
form_meeting(struct form *form)
{
	const struct document *document = form->document;
	bool is_survey = document->kind == DOC_KIND_SURVEY;

	form_marks(form);
	form_title_line(form, is_survey ? "會勘通知單" : "開會通知單");
	form_addressee(form);
	form_issue_fields(form);
	add_meeting_fields(form, is_survey);
	add_remarks(form);
	form_signatures(form);
}

/* 敬陳, whom it is put to, and who signs, at the end of a 簽. */
static void
add_memo_end(struct form *form)
{
	const struct document *document = form->document;
	struct block block = { .text = "敬陳",
		.x = 16 * 3,
		.size = 16,
		.pitch = page_cm(0.88),
		.before = page_cm(0.4),
		.with_next = true };

	if (document->superior_count > 0)
		flow_add(form->flow, &block);
	block.x = 0;
	for (size_t i = 0; i < document->superior_count; i++) {
		const struct document_person *person = &document->superiors[i];
		struct bytes text = { 0 };

		bytes_put_format(&text, "%s%s", person->title, person->name);
		block.text = form_text(form, &text);
		block.before = 0;
		flow_add(form->flow, &block);
	}
	block.before = page_cm(0.6);
	block.x = page_cm(6.5);
	for (size_t i = 0; i < document->signature_count; i++) {
		block.text = document->signatures[i];
		if (block.text[0] != '\0')
			flow_add(form->flow, &block);
		block.before = 0;
	}
	block.text = document->signed_text;
	block.with_next = false;
	if (block.text[0] != '\0')
		flow_add(form->flow, &block);
}

/* 簽　於 and the unit. */
static void
add_memo_title(struct form *form)
{
	const struct document *document = form->document;
	struct bytes text = { 0 };
	struct block block = { .label = document->class_name[0] != '\0'
		    ? document->class_name
		    : "簽",
		.role = BLOCK_TITLE,
		.size = 20,
		.pitch = page_cm(1.0),
		.before = page_cm(0.4),
		.with_next = true };

	/* "簽　於　民政司", "便簽　於　民政司" */
	bytes_put_text(&text, "　於　");
	if (document->unit[0] != '\0')
		bytes_put_text(&text, document->unit);
	else if (document->sender_count > 0)
		bytes_put_text(&text, document->senders[0].name);
	block.text = form_text(form, &text);
	flow_add(form->flow, &block);
}

void
form_memo(struct form *form)
{
	const struct document *document = form->document;
	struct bytes text = { 0 };

	form_marks(form);
	add_memo_title(form);
	form_addressee(form);
	if (document->ref_no_count > 0)
		render_memo_no_put(&document->ref_nos[0], &text);
	form_memo_fields(form, form_text(form, &text),
	    render_handling(document->handling));
	form_gap(form, page_cm(0.5));
	form_main_field(form, "主旨：", document->subject);
	form_sections(form);
	add_memo_end(form);
}

static void
add_list_title(struct form *form, const char *text)
{
	struct block block = { .text = text,
		.role = BLOCK_TITLE,
		.align = BLOCK_CENTER,
		.size = 20,
		.pitch = page_cm(1.4),
		.with_next = true };

	flow_add(form->flow, &block);
}

/* Which letter a list or a message belongs to. */
static void
add_letter_fields(struct form *form)
{
	const struct document *document = form->document;

	if (document == NULL)
		return;
	if (document->sender_count > 0)
		form_field(form, "發文機關：", document->senders[0].name);
	if (document->ref_no_count > 0)
		form_field(form, "發文字號：",
		    form_ref_no(form->pool, document->ref_nos));
	form_field(form, "主旨：", document->subject);
}

void
form_message(struct form *form, const struct doc_message *message)
{
	struct bytes text = { 0 };

	add_list_title(form, "文書訊息表單");
	add_letter_fields(form);
	bytes_put_format(&text, "%d　%s", (int)message->code,
	    render_message(message->code));
	form_main_field(form, "文書訊息：", form_text(form, &text));
	form_main_field(form, "訊息備註：", message->remark);
}

/* One row of the list; cells stand at these places, in cm. */
struct row_cells {
	const char *number, *name, *code, *copy, *attachments;
};

static void
add_cell(struct form *form, const char *text, double x_cm, double width_cm,
    enum block_role role, bool is_last)
{
	struct block block = { .text = text,
		.role = role,
		.x = page_cm(x_cm),
		.width = page_cm(width_cm),
		.size = 12,
		.pitch = page_cm(0.65),
		.is_overlay = !is_last };

	flow_add(form->flow, &block);
}

/* The name may take several lines, so it comes last and makes the height. */
static void
add_row(struct form *form, const struct row_cells *cells, enum block_role role)
{
	add_cell(form, cells->number, 0, 1.3, role, false);
	add_cell(form, cells->code, 8.4, 4.4, role, false);
	add_cell(form, cells->copy, 12.9, 1.4, role, false);
	add_cell(form, cells->attachments, 14.3, 1.9, role, false);
	add_cell(form, cells->name, 1.4, 6.8, role, true);
}

static void
add_entry(struct form *form, const struct roster_entry *entry, size_t number)
{
	struct bytes text = { 0 };
	struct row_cells cells = { .name = entry->name,
		.code = entry->code.text,
		.copy = entry->copy,
		.attachments =
		    entry->with_attachments ? "含附件" : "不含附件" };

	bytes_put_format(&text, "%zu", number);
	cells.number = form_text(form, &text);
	add_row(form, &cells, BLOCK_CELL);
}

/* "電子交換（3）", and the heads of its columns. */
static void
add_part(struct form *form, const char *title, size_t count)
{
	struct bytes text = { 0 };

	bytes_put_format(&text, "%s（%zu）", title, count);
	form_gap(form, page_cm(0.3));
	form_field(form, form_text(form, &text), "");
}

void
form_roster(struct form *form, const struct roster *rosters, size_t count)
{
	static const struct row_cells heads = { "序號", "受文者", "機關代碼",
		"本別", "附件" };
	const char *const *parts = form->options->parts;
	size_t number = 0;

	add_list_title(form, "受文者清單");
	add_letter_fields(form);
	form_gap(form, page_cm(0.3));
	if (parts == NULL)
		add_row(form, &heads, BLOCK_HEAD);
	for (size_t i = 0; i < count; i++) {
		if (parts != NULL) {
			number = 0;
			add_part(form, parts[i], rosters[i].count);
			add_row(form, &heads, BLOCK_CELL);
		}
		for (size_t j = 0; j < rosters[i].count; j++)
			add_entry(form, &rosters[i].entries[j], ++number);
	}
}
