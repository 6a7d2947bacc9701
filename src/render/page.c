#include "render/page.h"

#include <stdio.h>
#include <stdlib.h>

#include <cairo/cairo.h>
#include <qrencode.h>

#include "base/error.h"
#include "document/pool.h"

enum { TEXT_SIZE = 160, SEAM_LINES = 4 };

static const double point_per_cm = 72 / 2.54;

double
page_cm(double cm)
{
	return cm * point_per_cm;
}

struct page_format
page_format_of(enum render_profile profile)
{
	struct page_format format = { .width = page_cm(21.0),
		.height = page_cm(29.7),
		.top = page_cm(2.0),
		.right = page_cm(2.21),
		.bottom = page_cm(2.0),
		.left = page_cm(2.5),
		.binding = page_cm(1.5) };

	if (profile == RENDER_PROFILE_MANUAL) {
		format.top = format.right = format.bottom = page_cm(2.5);
	}
	return format;
}

enum side { SIDE_LEFT, SIDE_CENTER };

/* A line of text that is no part of the document. */
struct note {
	const char *text;
	double size;
	double most; /* width: what is wider is drawn smaller; 0: any */
	enum side side;
	double x, base;
	enum paint_as as;
};

static void
draw(const struct page_frame *frame, const struct note *note)
{
	struct paragraph paragraph;
	double size = note->size;
	double x = note->x;
	double width;

	paragraph_shape(frame->shaping, note->text, PARAGRAPH_TEXT, &paragraph);
	paragraph_break(frame->shaping, &paragraph, (float)RENDER_TEXT_MAX,
	    false);
	if (paragraph.line_count == 0)
		return;
	width = (double)paragraph.lines->width;
	if (note->most > 0 && width * size > note->most)
		size = note->most / width;
	if (note->side == SIDE_CENTER)
		x -= width * size / 2;
	paint_line(frame->paint, &paragraph, paragraph.lines, size, x,
	    note->base, note->as);
}

/* 裝 訂 線 on dots, at a quarter, a half and three quarters of the page. */
static void
draw_binding(const struct page_frame *frame)
{
	static const char *const words[] = { "裝", "訂", "線" };
	static const double dots[] = { 0, 3.6 };
	static const double size = 11;
	const struct page_format *format = &frame->format;
	cairo_t *cairo = frame->paint->cairo;
	double at = page_cm(1.0);

	cairo_save(cairo);
	cairo_set_line_width(cairo, 0.9);
	cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
	cairo_set_dash(cairo, dots, ARRAY_LEN(dots), 0);
	for (size_t i = 0; i <= ARRAY_LEN(words); i++) {
		double word = format->height * (double)(i + 1) / 4;
		double end = i < ARRAY_LEN(words)
		    ? word - size * 0.9
		    : format->height - page_cm(1.0);

		cairo_move_to(cairo, format->binding, at);
		cairo_line_to(cairo, format->binding, end);
		at = word + size * 0.9;
	}
	cairo_stroke(cairo);
	cairo_restore(cairo);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		draw(frame,
		    &(struct note){ .text = words[i],
			.size = size,
			.side = SIDE_CENTER,
			.x = format->binding,
			.base =
			    format->height * (double)(i + 1) / 4 + size * 0.3,
			.as = PAINT_MUTE });
}

static void
draw_number(const struct page_frame *frame, unsigned page)
{
	const struct page_format *format = &frame->format;
	char text[TEXT_SIZE];

	snprintf(text, sizeof(text), "第%u頁　共%u頁", page + 1,
	    frame->page_count);
	/* Without a tag: it is no part of the text that is read aloud. */
	draw(frame,
	    &(struct note){ .text = text,
		.size = 10,
		.side = SIDE_CENTER,
		.x = format->left +
		    (format->width - format->left - format->right) / 2,
		.base = format->height - page_cm(1.15) });
}

static void
round_box(cairo_t *cairo, double x, double y, double width, double height)
{
	static const double radius = 4;
	static const double quarter = 1.5707963267948966;

	cairo_new_sub_path(cairo);
	cairo_arc(cairo, x + width - radius, y + radius, radius, -quarter, 0);
	cairo_arc(cairo, x + width - radius, y + height - radius, radius, 0,
	    quarter);
	cairo_arc(cairo, x + radius, y + height - radius, radius, quarter,
	    2 * quarter);
	cairo_arc(cairo, x + radius, y + radius, radius, 2 * quarter,
	    3 * quarter);
	cairo_close_path(cairo);
}

/* 中華民國115年11月26日 10:08 as 115.11.26.10:08: the mark is small. */
static void
shorten_time(const char *time, char to[TEXT_SIZE])
{
	size_t len = 0;

	for (; *time != '\0' && len + 1 < TEXT_SIZE; time++) {
		bool is_kept = (*time >= '0' && *time <= '9') || *time == ':';

		if (is_kept)
			to[len++] = *time;
		else if (len > 0 && to[len - 1] != '.')
			to[len++] = '.';
	}
	while (len > 0 && to[len - 1] == '.')
		len--;
	to[len] = '\0';
}

/*
 * The seam mark of pages `page` and `page` + 1, whole, around `center`: what
 * each of the two pages shows of it is decided by the clip.
 */
static void
draw_seam(const struct page_frame *frame, unsigned page, double center)
{
	static const double size = 6.4;
	static const double pitch = 9;
	double half = page_cm(0.92);
	double height = pitch * SEAM_LINES + 6;
	double top = frame->format.height * 3 / 8 - height / 2;
	char lines[SEAM_LINES][TEXT_SIZE];

	snprintf(lines[0], TEXT_SIZE, "騎縫");
	snprintf(lines[1], TEXT_SIZE, "收文%s", frame->received->number);
	shorten_time(frame->received->time, lines[2]);
	snprintf(lines[3], TEXT_SIZE, "%u－%u頁", page + 1, page + 2);
	cairo_set_line_width(frame->paint->cairo, 0.8);
	round_box(frame->paint->cairo, center - half, top, 2 * half, height);
	cairo_stroke(frame->paint->cairo);
	for (int i = 0; i < SEAM_LINES; i++)
		draw(frame,
		    &(struct note){ .text = lines[i],
			.size = size,
			.most = 2 * half - 5,
			.side = SIDE_CENTER,
			.x = center,
			.base = top + 3 + pitch * (i + 0.78),
			.as = PAINT_MUTE });
}

/*
 * Half a seam mark.  It is cut a little inside the page, where printers reach:
 * pages folded or shifted to this line show the whole mark.
 */
static void
draw_half(const struct page_frame *frame, unsigned page, bool is_right_edge)
{
	cairo_t *cairo = frame->paint->cairo;
	double width = frame->format.width;
	double cut = is_right_edge ? width - page_cm(0.5) : page_cm(0.5);

	cairo_save(cairo);
	if (is_right_edge)
		cairo_rectangle(cairo, 0, 0, cut, frame->format.height);
	else
		cairo_rectangle(cairo, cut, 0, width - cut,
		    frame->format.height);
	cairo_clip(cairo);
	draw_seam(frame, page, cut);
	cairo_restore(cairo);
}

static int
draw_qr(const struct page_frame *frame, double x, double y, double side,
    struct error *err)
{
	cairo_t *cairo = frame->paint->cairo;
	QRcode *code =
	    QRcode_encodeString8bit(frame->received->qr_text, 0, QR_ECLEVEL_M);
	double dot;

	if (code == NULL)
		return error_set_id(err, "E2296", ERROR_MALFORMED,
		    "the text to verify the letter with has no QR code");
	dot = side / code->width;
	for (int row = 0; row < code->width; row++)
		for (int column = 0; column < code->width; column++)
			if ((code->data[row * code->width + column] & 1) != 0)
				cairo_rectangle(cairo, x + column * dot,
				    y + row * dot, dot, dot);
	cairo_fill(cairo);
	QRcode_free(code);
	return 0;
}

/* 電子公文, receive number and time, in the top margin of the first page. */
static int
draw_received(const struct page_frame *frame, struct error *err)
{
	const struct page_format *format = &frame->format;
	cairo_t *cairo = frame->paint->cairo;
	double x = format->left + page_cm(9.0);
	double most = format->width - format->right - x;
	char text[TEXT_SIZE];

	cairo_tag_begin(cairo, "P", NULL);
	round_box(cairo, format->left, page_cm(0.85), page_cm(2.3),
	    page_cm(0.75));
	cairo_set_line_width(cairo, 0.9);
	cairo_stroke(cairo);
	draw(frame,
	    &(struct note){ .text = "電子公文",
		.size = 13,
		.side = SIDE_CENTER,
		.x = format->left + page_cm(1.15),
		.base = page_cm(1.39) });
	snprintf(text, sizeof(text), "收文號：%s", frame->received->number);
	draw(frame,
	    &(struct note){ text, 10, most, SIDE_LEFT, x, page_cm(1.1),
		PAINT_TEXT });
	snprintf(text, sizeof(text), "收文時間：%s", frame->received->time);
	draw(frame,
	    &(struct note){ text, 10, most, SIDE_LEFT, x, page_cm(1.6),
		PAINT_TEXT });
	cairo_tag_end(cairo, "P");
	if (frame->received->qr_text[0] == '\0')
		return 0;
	return draw_qr(frame, format->left + page_cm(5.6), page_cm(0.8),
	    page_cm(2.1), err);
}

/* A stamp in a box, in the top margin of the first page. */
static void
draw_stamp(const struct page_frame *frame)
{
	cairo_t *cairo = frame->paint->cairo;
	double width = page_cm(5.2);
	double x = (frame->format.width - width) / 2;

	cairo_tag_begin(cairo, "P", NULL);
	round_box(cairo, x, page_cm(0.75), width, page_cm(0.95));
	cairo_set_line_width(cairo, 1.4);
	cairo_stroke(cairo);
	draw(frame,
	    &(struct note){ .text = frame->stamp,
		.size = 15,
		.most = width - page_cm(0.3),
		.side = SIDE_CENTER,
		.x = frame->format.width / 2,
		.base = page_cm(1.41) });
	cairo_tag_end(cairo, "P");
}

int
page_draw(const struct page_frame *frame, unsigned page, struct error *err)
{
	draw_binding(frame);
	if (frame->received != NULL) {
		if (page > 0)
			draw_half(frame, page - 1, false);
		if (page + 1 < frame->page_count)
			draw_half(frame, page, true);
	}
	draw_number(frame, page);
	if (frame->stamp != NULL && frame->stamp[0] != '\0' && page == 0)
		draw_stamp(frame);
	if (frame->received != NULL && page == 0 &&
	    draw_received(frame, err) < 0)
		return -1;
	return shaping_failed(frame->shaping, err);
}
