#include "render/render.h"

#include <stdlib.h>
#include <string.h>

#include <cairo/cairo-pdf.h>
#include <cairo/cairo.h>

#include "base/bytes.h"
#include "base/error.h"
#include "document/letter.h"
#include "document/pool.h"
#include "model/times.h"
#include "render/flow.h"
#include "render/fonts.h"
#include "render/form.h"
#include "render/page.h"
#include "render/paint.h"
#include "render/pdf_catalog.h"

struct renderer {
	struct fonts *fonts;
};

/* Where cairo writes to. */
struct sink {
	struct bytes *to;
	size_t start;
	bool is_full;
};

static cairo_status_t
write_sink(void *ctx, const unsigned char *data, unsigned len)
{
	struct sink *sink = ctx;

	if (len > RENDER_PDF_MAX - (sink->to->len - sink->start)) {
		sink->is_full = true;
		return CAIRO_STATUS_WRITE_ERROR;
	}
	bytes_put(sink->to, data, len);
	return sink->to->failed ? CAIRO_STATUS_WRITE_ERROR
				: CAIRO_STATUS_SUCCESS;
}

/* One document being drawn. */
struct work {
	struct renderer *renderer;
	const struct render_input *input;
	const struct render_options *options;
	struct pool pool;
	struct shaping shaping;
	struct flow flow;
	struct page_format format;
	struct sink sink;
	cairo_surface_t *surface;
	cairo_t *cairo;
};

static void
set_metadata(struct work *work)
{
	char at[TIMES_RFC3339_SIZE];
	const struct document *document = work->input->document;

	cairo_pdf_surface_set_metadata(work->surface, CAIRO_PDF_METADATA_TITLE,
	    shaping_shown(&work->shaping,
		form_title(&work->pool, work->input)));
	if (document != NULL && document->sender_count > 0)
		cairo_pdf_surface_set_metadata(work->surface,
		    CAIRO_PDF_METADATA_AUTHOR,
		    shaping_shown(&work->shaping, document->senders[0].name));
	cairo_pdf_surface_set_metadata(work->surface,
	    CAIRO_PDF_METADATA_CREATOR, "Yizhan " YIZHAN_VERSION);
	times_format(work->options->created_at_ms, at);
	/* Without the milliseconds, which cairo does not read. */
	at[strlen("2026-11-22T03:04:05")] = 'Z';
	at[strlen("2026-11-22T03:04:05Z")] = '\0';
	cairo_pdf_surface_set_metadata(work->surface,
	    CAIRO_PDF_METADATA_CREATE_DATE, at);
}

static int
cairo_error(const struct work *work, cairo_status_t status, struct error *err)
{
	if (work->sink.is_full)
		return error_set_id(err, "E2295", ERROR_MALFORMED,
		    "the PDF would be larger than %d bytes", RENDER_PDF_MAX);
	if (status == CAIRO_STATUS_NO_MEMORY || work->sink.to->failed)
		return error_set_memory(err);
	return error_set(err, ERROR_SYSTEM, "drawing the PDF: %s",
	    cairo_status_to_string(status));
}

static int
open_surface(struct work *work, struct error *err)
{
	cairo_font_options_t *options = cairo_font_options_create();

	work->surface = cairo_pdf_surface_create_for_stream(write_sink,
	    &work->sink, work->format.width, work->format.height);
	work->cairo = cairo_create(work->surface);
	/* Shapes and places as the font has them, not as a screen needs. */
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	cairo_set_font_options(work->cairo, options);
	cairo_font_options_destroy(options);
	if (cairo_status(work->cairo) != CAIRO_STATUS_SUCCESS)
		return cairo_error(work, cairo_status(work->cairo), err);
	set_metadata(work);
	return 0;
}

static int
draw_pages(struct work *work, struct error *err)
{
	const struct flow *flow = &work->flow;
	struct paint paint = { .cairo = work->cairo,
		.fonts = work->renderer->fonts,
		.left = work->format.left,
		.top = work->format.top,
		.width = flow->width };
	struct page_frame frame = { .format = work->format,
		.received = work->options->received,
		.stamp = work->options->stamp,
		.shaping = &work->shaping,
		.paint = &paint,
		.page_count = flow->page_count };
	size_t at = 0;

	cairo_tag_begin(work->cairo, "Document", NULL);
	for (unsigned page = 0; page < flow->page_count; page++) {
		size_t end = at;

		while (
		    end < flow->placed_count && flow->placed[end].page == page)
			end++;
		if (page_draw(&frame, page, err) < 0)
			return -1;
		paint_lines(&paint, flow->placed, at, end);
		if (page + 1 == flow->page_count) {
			paint_end(&paint);
			cairo_tag_end(work->cairo, "Document");
		}
		cairo_show_page(work->cairo);
		if (cairo_status(work->cairo) != CAIRO_STATUS_SUCCESS)
			return cairo_error(work, cairo_status(work->cairo),
			    err);
		at = end;
	}
	return 0;
}

/* What cairo still holds goes to the sink. */
static int
finish(struct work *work, struct error *err)
{
	cairo_status_t status;

	cairo_destroy(work->cairo);
	work->cairo = NULL;
	cairo_surface_finish(work->surface);
	status = cairo_surface_status(work->surface);
	if (status != CAIRO_STATUS_SUCCESS)
		return cairo_error(work, status, err);
	return pdf_catalog_mend(work->sink.to, work->sink.start, err);
}

static int
draw(struct work *work, struct error *err)
{
	form_compose(&work->flow, &work->shaping, work->input, work->options);
	if (shaping_failed(&work->shaping, err) < 0 ||
	    flow_lay_out(&work->flow, &work->shaping, err) < 0 ||
	    open_surface(work, err) < 0 || draw_pages(work, err) < 0)
		return -1;
	return finish(work, err);
}

int
render_pdf(struct renderer *renderer, const struct render_input *input,
    const struct render_options *options, struct bytes *to,
    struct render_report *ret_report, struct error *err)
{
	struct render_report report = { 0 };
	struct work work = { .renderer = renderer,
		.input = input,
		.options = options,
		.format = page_format_of(options->profile),
		.sink = { .to = to, .start = to->len } };
	int rc;

	work.flow.width =
	    work.format.width - work.format.left - work.format.right;
	work.flow.height =
	    work.format.height - work.format.top - work.format.bottom;
	rc = shaping_begin(&work.shaping, renderer->fonts, &work.pool, &report,
	    err);
	if (rc == 0)
		rc = draw(&work, err);
	cairo_destroy(work.cairo);
	cairo_surface_destroy(work.surface);
	/* After cairo, which writes what it holds when it is destroyed. */
	if (rc == 0) {
		report.page_count = work.flow.page_count;
		*ret_report = report;
	} else {
		to->len = work.sink.start;
	}
	flow_free(&work.flow);
	shaping_end(&work.shaping);
	pool_free(&work.pool);
	return rc;
}

/*
 * Draw with every font once, so that whatever the libraries prepare at their
 * first use is there before the sandbox closes, and copies of this process
 * find it done.
 */
static int
warm_up(struct renderer *renderer, struct error *err)
{
	static const struct document_sender sender = { .name = "驛站" };
	static const struct render_receipt receipt = { "1", "1", "1" };
	static const struct render_options options = { .received = &receipt };
	/* 函 ext-B 𠀀 ext-C 𪜀: one of each of the default fonts. */
	static const struct document document = { .kind = DOC_KIND_LETTER,
		.name = "",
		.class_name = "",
		.senders = &sender,
		.sender_count = 1,
		.issued_text = "",
		.secrecy = "",
		.declassify = "",
		.subject = "A1（函）\xf0\xa0\x80\x80\xf0\xaa\x9c\x80",
		.address = "",
		.addressee = "",
		.attachment_note = "",
		.venue = "",
		.unit = "",
		.handling = "",
		.signed_text = "" };
	static const struct render_input input = { .document = &document };
	struct render_report report;
	struct bytes to = { 0 };
	int rc = render_pdf(renderer, &input, &options, &to, &report, err);

	bytes_free(&to);
	return rc;
}

int
renderer_new(const char *const *fonts, size_t count,
    struct renderer **ret_renderer, struct error *err)
{
	struct renderer *renderer = calloc(1, sizeof(*renderer));

	if (renderer == NULL)
		return error_set_memory(err);
	if (fonts_open(fonts, count, &renderer->fonts, err) < 0 ||
	    warm_up(renderer, err) < 0) {
		renderer_free(renderer);
		return -1;
	}
	*ret_renderer = renderer;
	return 0;
}

void
renderer_free(struct renderer *renderer)
{
	if (renderer == NULL)
		return;
	fonts_close(renderer->fonts);
	free(renderer);
}
