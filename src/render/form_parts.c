#include "base/text.h"
#include "document/pool.h"
#include "render/form_internal.h"
#include "render/page.h"
#include "render/render_text.h"

enum { DEPTH_MOST = 10, MARKER_EM = 2 };

static const char *
or_empty(const char *text)
{
	return text != NULL ? text : "";
}

void
form_field(struct form *form, const char *label, const char *text)
{
	struct block block = { .label = label,
		.text = text,
		.size = 12,
		.pitch = page_cm(0.6) };

	flow_add(form->flow, &block);
}

void
form_main_field(struct form *form, const char *label, const char *text)
{
	struct block block = { .label = label,
		.text = text,
		.align = BLOCK_EVEN,
		.label_em = 3,
		.size = 16,
		.pitch = page_cm(0.88) };

	flow_add(form->flow, &block);
}

void
form_gap(struct form *form, double height)
{
	struct block block = { .size = 12, .pitch = height };

	flow_add(form->flow, &block);
}

const char *
form_ref_no(struct pool *pool, const struct ref_no *ref_no)
{
	struct form form = { .pool = pool };
	struct bytes text = { 0 };

	render_ref_no_put(ref_no, &text);
	return form_text(&form, &text);
}

void
form_addressee(struct form *form)
{
	struct block address = { .text = form->options->recipient_address,
		.width = page_cm(8.0),
		.size = 12,
		.pitch = page_cm(0.6),
		.before = page_cm(0.4) };

	const char *name = form->options->recipient != NULL
	    ? form->options->recipient
	    : form->document->addressee;
	struct block block = { .label = "受文者：",
		.text = name,
		.size = 16,
		.pitch = page_cm(0.88),
		.before = page_cm(0.4) };

	if (or_empty(address.text)[0] != '\0')
		flow_add(form->flow, &address);
	if (name[0] == '\0')
		form_gap(form, page_cm(0.4));
	else
		flow_add(form->flow, &block);
}

/* "如說明二", and on a received copy the names of the files. */
static const char *
attachment_text(struct form *form)
{
	const struct document *document = form->document;
	struct bytes text = { 0 };

	bytes_put_text(&text, document->attachment_note);
	if (form->options->received == NULL || document->attachment_count == 0)
		return form_text(form, &text);
	bytes_put_text(&text, "（");
	for (size_t i = 0; i < document->attachment_count; i++)
		bytes_put_format(&text, "%s%s", i > 0 ? "、" : "",
		    document->attachments[i].name);
	bytes_put_text(&text, "）");
	return form_text(form, &text);
}

static void
add_class_fields(struct form *form, const char *handling)
{
	const struct document *document = form->document;
	/* The form of 公告 has neither, so there only what is said. */
	bool has_all = document->kind != DOC_KIND_NOTICE;
	struct bytes text = { 0 };
	const char *secrecy;

	if (has_all || document->speed != LETTER_SPEED_NONE)
		form_field(form, "速別：", render_speed(document->speed));
	bytes_put_text(&text, document->secrecy);
	if (document->declassify[0] != '\0')
		bytes_put_format(&text, "%s%s",
		    document->secrecy[0] != '\0' ? "　" : "",
		    document->declassify);
	secrecy = form_text(form, &text);
	if (has_all || secrecy[0] != '\0')
		form_field(form, "密等及解密條件或保密期限：", secrecy);
	if (handling[0] != '\0')
		form_field(form, "擬辦方式：", handling);
	form_field(form, "附件：", attachment_text(form));
}

void
form_issue_fields(struct form *form)
{
	const struct document *document = form->document;
	struct bytes text = { 0 };

	form_field(form, "發文日期：", document->issued_text);
	for (size_t i = 0; i < document->ref_no_count; i++)
		bytes_put_format(&text, "%s%s", i > 0 ? "\n" : "",
		    form_ref_no(form->pool, &document->ref_nos[i]));
	form_field(form, "發文字號：", form_text(form, &text));
	add_class_fields(form, "");
	form_gap(form, page_cm(0.5));
}

void
form_memo_fields(struct form *form, const char *number, const char *handling)
{
	form_field(form, "文號：", number);
	add_class_fields(form, handling);
}

/*
 * The marker of depth 1 begins one em from the left edge, each deeper one an
 * em further; the text two em behind it.
 */
static void
add_items(struct form *form, const struct document_item *items, size_t count,
    unsigned depth)
{
	for (size_t i = 0; i < count; i++) {
		const struct document_item *item = &items[i];
		unsigned step = depth < DEPTH_MOST ? depth : DEPTH_MOST;
		struct block block = { .label = item->number,
			.text = item->text,
			.label_kind = PARAGRAPH_MARKER,
			.align = BLOCK_EVEN,
			.role = BLOCK_ITEM,
			.depth = depth,
			.x = 16.0 * step,
			.label_em = MARKER_EM,
			.size = 16,
			.pitch = page_cm(0.88),
			.with_next =
			    item->text[0] == '\0' && item->item_count > 0 };

		flow_add(form->flow, &block);
		add_items(form, item->items, item->item_count, depth + 1);
	}
}

void
form_section(struct form *form, const struct document_section *section)
{
	struct block block = { .label = section->label,
		.text = section->text,
		.align = BLOCK_EVEN,
		.label_em = section->label[0] != '\0' ? 3 : 0,
		.size = 16,
		.pitch = page_cm(0.88),
		.with_next =
		    section->text[0] == '\0' && section->item_count > 0 };

	if (section->label[0] != '\0' || section->text[0] != '\0')
		flow_add(form->flow, &block);
	add_items(form, section->items, section->item_count, 1);
}

void
form_sections(struct form *form)
{
	for (size_t i = 0; i < form->document->section_count; i++)
		form_section(form, &form->document->sections[i]);
}

const char *
form_readers(struct form *form, const struct document_reader *readers,
    size_t count, bool are_copies)
{
	struct bytes text = { 0 };

	for (size_t i = 0; i < count; i++)
		bytes_put_format(&text, "%s%s%s%s", i > 0 ? "、" : "",
		    readers[i].name, readers[i].title,
		    are_copies && readers[i].with_attachments ? "(含附件)"
							      : "");
	return form_text(form, &text);
}

void
form_copies(struct form *form)
{
	const struct document *document = form->document;
	struct block block = { .size = 12,
		.pitch = page_cm(0.6),
		.label_em = 3,
		.before = page_cm(0.6),
		.align = BLOCK_EVEN };

	block.with_next = document->signature_count > 0;
	if (document->original_count > 0) {
		block.label = "正本：";
		block.text = form_readers(form, document->originals,
		    document->original_count, false);
		flow_add(form->flow, &block);
		block.before = 0;
	}
	/* The form has both, also when one is empty. */
	if (document->copy_count == 0 && document->original_count == 0)
		return;
	block.label = "副本：";
	block.text =
	    form_readers(form, document->copies, document->copy_count, true);
	flow_add(form->flow, &block);
}

void
form_signatures(struct form *form)
{
	struct block line = { .text = form->options->delegation,
		.align = BLOCK_RIGHT,
		.size = 12,
		.pitch = page_cm(0.6) };
	struct block name = { .x = page_cm(6.5),
		.size = 20,
		.pitch = page_cm(1.1),
		.before = page_cm(2.6) };

	for (size_t i = 0; i < form->document->signature_count; i++) {
		name.text = form->document->signatures[i];
		if (name.text[0] == '\0')
			continue;
		name.with_next = i + 1 < form->document->signature_count ||
		    or_empty(line.text)[0] != '\0';
		flow_add(form->flow, &name);
		name.before = 0;
	}
	if (or_empty(line.text)[0] != '\0')
		flow_add(form->flow, &line);
}
