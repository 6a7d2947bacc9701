#include <string.h>

#include "base/text.h"
#include "document/doc_message.h"
#include "document/pool.h"
#include "document/roster.h"
#include "render/form_internal.h"
#include "render/page.h"

const char *
form_text(struct form *form, struct bytes *text)
{
	const char *kept = text->len == 0
	    ? ""
	    : pool_text_len(form->pool, (const char *)text->data, text->len);

	if (text->failed)
		form->pool->failed = true;
	bytes_free(text);
	return kept;
}

/* 地址 and 聯絡方式: the right half. */
static void
add_contacts(struct form *form)
{
	const struct document *document = form->document;
	struct block block = { .label = "地址：",
		.text = document->address,
		.x = form->flow->width / 2,
		.size = 12,
		.pitch = page_cm(0.6),
		.before = page_cm(0.3) };

	if (document->address[0] != '\0') {
		flow_add(form->flow, &block);
		block.before = 0;
	}
	for (size_t i = 0; i < document->contact_count; i++) {
		const char *line = document->contacts[i];
		const char *colon = strstr(line, "：");
		size_t len = colon != NULL ? (size_t)(colon - line) + 3 : 0;

		block.label = pool_text_len(form->pool, line, len);
		block.text = line + len;
		flow_add(form->flow, &block);
		block.before = 0;
	}
}

static void
compose_letter(struct form *form)
{
	const struct document *document = form->document;

	form_marks(form);
	form_title_line(form,
	    document->class_name[0] != '\0' ? document->class_name : "函");
	add_contacts(form);
	form_addressee(form);
	form_issue_fields(form);
	form_main_field(form, "主旨：", document->subject);
	form_sections(form);
	form_copies(form);
	form_signatures(form);
}

static void
compose_order(struct form *form)
{
	const struct document *document = form->document;

	form_marks(form);
	form_title_line(form,
	    document->class_name[0] != '\0' ? document->class_name : "令");
	add_contacts(form);
	form_addressee(form);
	form_issue_fields(form);
	if (document->subject[0] != '\0')
		form_main_field(form, "主旨：", document->subject);
	form_sections(form);
	form_copies(form);
	form_signatures(form);
}

static void
compose_notice(struct form *form)
{
	form_marks(form);
	form_title_line(form, "公告");
	add_contacts(form);
	form_addressee(form);
	form_issue_fields(form);
	form_main_field(form, "主旨：", form->document->subject);
	form_sections(form);
	form_copies(form);
	form_signatures(form);
}

static void
compose_document(struct form *form)
{
	switch (form->document->kind) {
	case DOC_KIND_MEMO:
		form_memo(form);
		break;
	case DOC_KIND_ORDER:
		compose_order(form);
		break;
	case DOC_KIND_NOTICE:
		compose_notice(form);
		break;
	case DOC_KIND_MEETING:
	case DOC_KIND_SURVEY:
		form_meeting(form);
		break;
	case DOC_KIND_LETTER:
	case DOC_KIND_ROSTER:
	case DOC_KIND_MESSAGE:
	case DOC_KIND_OTHER:
		compose_letter(form);
		break;
	}
}

void
form_compose(struct flow *flow, struct shaping *shaping,
    const struct render_input *input, const struct render_options *options)
{
	struct form form = { .flow = flow,
		.pool = shaping->pool,
		.shaping = shaping,
		.document = input->document != NULL ? input->document
						    : options->list_of,
		.options = options };
	size_t first;

	if (input->document != NULL)
		compose_document(&form);
	first = flow->block_count;
	if (input->message != NULL)
		form_message(&form, input->message);
	if (first > 0 && first < flow->block_count)
		flow->blocks[first].begins_page = true;
	first = flow->block_count;
	if (input->roster_count > 0)
		form_roster(&form, input->rosters, input->roster_count);
	if (first > 0 && first < flow->block_count)
		flow->blocks[first].begins_page = true;
}

const char *
form_title(struct pool *pool, const struct render_input *input)
{
	const struct document *document = input->document;
	struct form form = { .pool = pool };
	struct bytes text = { 0 };

	if (document == NULL)
		return input->message != NULL ? "文書訊息表單" : "交換表單";
	if (document->ref_no_count > 0) {
		bytes_put_text(&text, form_ref_no(pool, document->ref_nos));
		bytes_put_text(&text, "　");
	}
	bytes_put_text(&text, document->subject);
	return form_text(&form, &text);
}
