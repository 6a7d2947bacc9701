#include "document/pool.h"
#include "render/form_internal.h"
#include "render/page.h"

static bool
is_empty(const char *text)
{
	return text == NULL || text[0] == '\0';
}

const char *
render_mark_name(enum render_mark mark)
{
	switch (mark) {
	case RENDER_MARK_NONE:
		break;
	case RENDER_MARK_ORIGINAL:
		return "正本";
	case RENDER_MARK_COPY:
		return "副本";
	case RENDER_MARK_TRANSCRIPT:
		return "抄本";
	}
	return "";
}

void
form_marks(struct form *form)
{
	const struct render_options *options = form->options;
	struct block left = { .text = render_mark_name(options->mark),
		.size = 14,
		.pitch = page_cm(0.6),
		.is_overlay = true };
	struct block right = { .label = "檔　　號：",
		.text = options->archive_number,
		.x = page_cm(9.0),
		.size = 10,
		.pitch = page_cm(0.5) };

	if (options->mark != RENDER_MARK_NONE)
		flow_add(form->flow, &left);
	if (!is_empty(options->dispatch)) {
		left.label = "發文方式：";
		left.text = options->dispatch;
		left.width = page_cm(5.5);
		left.size = 10;
		left.shift =
		    options->mark != RENDER_MARK_NONE ? page_cm(0.6) : 0;
		flow_add(form->flow, &left);
	}
	flow_add(form->flow, &right);
	right.label = "保存年限：";
	right.text = options->retention;
	flow_add(form->flow, &right);
}

/* The width of a text in points. */
static double
width_of(struct form *form, const char *text, double size)
{
	struct paragraph paragraph;

	paragraph_shape(form->shaping, text, PARAGRAPH_TEXT, &paragraph);
	return (double)paragraph_width(&paragraph) * size;
}

/*
 * Several senders stand below each other, all as wide as the widest, and the
 * 文別 beside them, half way down.
 */
static void
add_joint_title(struct form *form, const char *class_name)
{
	const struct document *document = form->document;
	size_t count = document->sender_count;
	double own = width_of(form, class_name, 20);
	struct block block = { .role = BLOCK_TITLE,
		.size = 20,
		.pitch = page_cm(1.0),
		.before = page_cm(0.4),
		.with_next = true };
	double most = form->flow->width - own - 20;
	double width = 0;

	for (size_t i = 0; i < count; i++) {
		double each = width_of(form, document->senders[i].name, 20);

		width = each > width ? each : width;
	}
	width = width < most ? width : most;
	block.x = (form->flow->width - width - own - 20) / 2;
	for (size_t i = 0; i < count; i++) {
		block.text = document->senders[i].name;
		block.width = width + 0.1;
		block.align = BLOCK_SPREAD;
		flow_add(form->flow, &block);
		block.before = 0;
	}
	/* Read last, though it stands beside them. */
	block.text = class_name;
	block.x += width + 20;
	block.width = own + 0.1;
	block.align = BLOCK_LEFT;
	block.shift = -block.pitch * (double)(count + 1) / 2;
	block.is_overlay = true;
	flow_add(form->flow, &block);
}

void
form_title_line(struct form *form, const char *class_name)
{
	const struct document *document = form->document;
	struct bytes text = { 0 };
	struct block block = { .role = BLOCK_TITLE,
		.align = BLOCK_CENTER,
		.size = 20,
		.pitch = page_cm(1.0),
		.before = page_cm(0.4),
		.with_next = true };

	if (document->sender_count > 1) {
		add_joint_title(form, class_name);
		return;
	}
	if (document->sender_count == 1) {
		/* 文別 goes to a line of its own when there is no room. */
		double width = width_of(form, document->senders[0].name, 20) +
		    20 + width_of(form, class_name, 20);

		bytes_put_format(&text, "%s%s", document->senders[0].name,
		    width > form->flow->width ? "\n" : "　");
	}
	bytes_put_text(&text, class_name);
	block.text = form_text(form, &text);
	flow_add(form->flow, &block);
}
